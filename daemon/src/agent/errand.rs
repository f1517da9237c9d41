//! A request that is sent as part of something larger: into a session of that, and without an entry of the history.

use super::{
    Agent, Hop, Order, SendError, Watch,
    cookies::Cookies,
    scopes::{Masks, Resolved, Within},
    send::Carried,
};
use crate::{capture::Recording, exchange::Asker, request::Draft};
use bytes::Bytes;
use std::sync::Arc;
use tokio::time::Instant;
use waylay_storage::{StoreError, model::Source};

/// What is to be sent.
pub struct Errand {
    /// The request.
    pub task: Task,
    /// How long it may take where the settings do not say, milliseconds.
    pub timeout_ms: u64,
    /// A last change, when variables have their values.
    pub adjust: Option<Adjust>,
}

/// A change of a request.
pub type Adjust = Box<dyn FnOnce(&mut Draft) + Send>;

/// A request.
#[derive(Clone, Debug)]
pub enum Task {
    /// One in which nothing is a variable, such as one that was captured.
    Plain(Box<Draft>),
    /// One with variables.
    Order(Box<Order>),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Returned {
    /// The exchanges, in order, with the heads of their responses; empty without one.
    pub hops: Vec<(Hop, Bytes)>,
    /// Why it failed, if it did.
    pub error: Option<SendError>,
}

impl Agent {
    /// Sends for `source`, with rows where `recording` says, and comes back when all of the answer has come and the rows are on
    /// their way to the store.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn run(
        self: &Arc<Self>,
        errand: Errand,
        (source, recording): (Source, Arc<Recording>),
        watch: &Watch,
    ) -> Result<Returned, StoreError> {
        let began = Instant::now();
        let mut resolved = match errand.task {
            Task::Order(order) => self.resolve(&order).await?,
            Task::Plain(draft) => self.plain(*draft).await?,
        };
        resolved.settings.timeout_ms.get_or_insert(errand.timeout_ms);
        if let Some(adjust) = errand.adjust {
            adjust(&mut resolved.draft);
        }
        let asker = Asker { source, recording, ..self.asker.clone() };
        let Carried { hops, mut heads, error, .. } = self.carry(&asker, resolved, watch, began).await;
        heads.resize(hops.len(), Bytes::new());
        Ok(Returned { hops: hops.into_iter().zip(heads).collect(), error })
    }

    async fn plain(self: &Arc<Self>, draft: Draft) -> Result<Resolved, StoreError> {
        let agent = Arc::clone(self);
        let general = self.stored(move |_| agent.general()).await?;
        let settings = draft.settings.clone().over(general);
        Ok(Resolved {
            draft: Draft { settings: settings.clone(), ..draft },
            settings,
            environment: None,
            used: Vec::new(),
            unresolved: Vec::new(),
            problem: None,
            masks: Masks::default(),
            cookies: Cookies::None,
            within: Within::default(),
        })
    }
}
