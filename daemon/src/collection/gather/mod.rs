//! From captured exchanges to a collection: which are taken, which belong together, and in which folders they stand.
//!
//! - this file: what can be chosen
//! - [`call`]: what is read of each exchange; [`operation`]: GraphQL, JSON-RPC and SOAP; [`shape`]: what requests and answers are
//!   made of
//! - [`plan`]: what becomes of them, without anything being made; [`preview`]: the same for people to look at
//! - [`names`]: variables for hosts and secrets
//! - [`make`]: the requests, folders and examples

pub mod call;
pub mod make;
pub mod names;
pub mod operation;
pub mod plan;
pub mod preview;
pub mod shape;

use super::{captured::CapturedError, endpoints::Template};
use serde::{Deserialize, Serialize};
use waylay_storage::{StoreError, model::ExchangeId};

/// Most exchanges that are looked at.
pub const MOST: usize = 200_000;

/// Most examples of one request that come from its being merged.
pub const EXAMPLES: usize = 10;

/// How captured requests become a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Which folders there are.
    pub folders: Folders,
    /// Requests of the same endpoint that are made alike become one, with an example for each answer that differs.
    pub merge: bool,
    /// Answers are kept as examples.
    pub examples: bool,
    /// Preflights of CORS are taken, too.
    pub preflights: bool,
    /// Requests that were answered with pictures, sound, video or fonts are taken, too.
    pub media: bool,
    /// What becomes of who asks.
    pub auth: AuthChoice,
    /// Scheme and host become a variable.
    pub base_url: bool,
    /// Paths with variables that the user has said.
    pub templates: Vec<Template>,
}

/// Which folders there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folders {
    /// None: requests stand in the order in which they were captured.
    #[default]
    None,
    /// One for each host.
    Domain,
    /// One for each endpoint.
    Endpoint,
    /// One for each host, and in these one for each endpoint.
    DomainEndpoint,
}

/// What becomes of who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthChoice {
    /// Fields stay as they were captured.
    #[default]
    Keep,
    /// `Basic` and `Bearer` are said as auth of the request.
    Helper,
    /// Likewise, with secret variables in place of tokens, passwords and API keys.
    Variable,
}

/// Why nothing could be gathered.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// There are more than can be looked at.
    #[error("more than {MOST} exchanges match")]
    TooMany,
    /// There is nothing to make a collection of.
    #[error("no exchange that could be kept matches")]
    Nothing,
    /// One that was named is gone since.
    #[error("exchange {0} is there no more")]
    Gone(ExchangeId),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An exchange could not be read.
    #[error(transparent)]
    Captured(#[from] CapturedError),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            folders: Folders::None,
            merge: false,
            examples: true,
            preflights: false,
            media: false,
            auth: AuthChoice::Keep,
            base_url: false,
            templates: Vec::new(),
        }
    }
}
