//! What is asked of the agent, and what comes of it.

use super::{Guest, SendError};
use crate::{collection::Around, request::Draft};
use serde::Serialize;
use std::sync::Arc;
use waylay_storage::model::{ExchangeId, Source};

/// A request to send.
#[derive(Clone, Debug)]
pub struct Order {
    /// As it is written. One that somebody else wrote is refused ([`super::consent`]).
    pub draft: Draft,
    /// Where its variables come from, beside the globals.
    pub environment: Choice,
    /// Variables for this send alone.
    pub variables: Vec<(String, String)>,
    /// Variables of the row of data it is sent for.
    pub data: Vec<(String, String)>,
    /// Which jar its cookies come from, and those of its answers go to.
    pub jar: JarChoice,
    /// Has cookies be those of an earlier time: with a jar that is named, as it was when this exchange began; without, those of
    /// the session of this exchange, as its client had them then. What answers set then holds for this send alone.
    pub as_of: Option<ExchangeId>,
    /// What it gets from the collection it is in, if it is in one.
    pub around: Around,
    /// The exchange it was made from, such as `7.42`, the send, such as `send:12`, or the request of a collection, such as
    /// `item:12`.
    pub made_from: Option<String>,
    /// Who asks.
    pub source: Source,
    /// The page it is sent for, if it is sent for one.
    pub guest: Option<Arc<Guest>>,
}

impl Order {
    /// What a page asks for: with values of its own alone, and the jar that its rights say.
    pub fn of_page(draft: Draft, variables: impl IntoIterator<Item = (String, String)>, guest: Arc<Guest>) -> Self {
        Self {
            // Sent for the page, it needs nobody's word; what the history has of it names the page.
            draft: Draft { written_by: None, ..draft },
            environment: Choice::None,
            variables: variables.into_iter().collect(),
            data: Vec::new(),
            jar: JarChoice::Default,
            as_of: None,
            around: Around::default(),
            made_from: Some(guest.made_from()),
            source: Source::Agent,
            guest: Some(guest),
        }
    }
}

/// Which environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The one that is active, if any.
    #[default]
    Active,
    /// None.
    None,
    /// The one with this number.
    Number(i64),
}

/// Which jar. The setting `cookie_jar` turned off means none in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JarChoice {
    /// The usual one.
    #[default]
    Default,
    /// None: no cookies but those written by hand are sent, and none are kept.
    None,
    /// The one with this number.
    Number(i64),
    /// One of its own, empty at first: for what one hop sets and the next needs.
    Fresh,
}

/// What came of it. An attempt that failed has one as well.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its number in the history.
    pub send: i64,
    /// The exchanges, in order: redirects, and requests that were answered by asking who one is.
    pub hops: Vec<Hop>,
    /// Why it failed, if it did.
    pub error: Option<SendError>,
    /// What should be known although it did not stand in the way.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// The last exchange, which has the answer.
    pub fn exchange(&self) -> Option<ExchangeId> {
        self.hops.last().map(|hop| hop.id)
    }
}

/// One exchange of a send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// Its row.
    pub id: ExchangeId,
    /// Its method.
    pub method: String,
    /// Its URL.
    pub url: String,
    /// Its status, if there was an answer.
    pub status: Option<u16>,
}
