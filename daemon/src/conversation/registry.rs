//! The conversations there are: those under way, and the last that are over.

use super::{Conversation, ConversationKind, ConversationSettings, live::Held, run::run};
use crate::agent::{Agent, Order};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Conversations under way at once.
pub const UNDER_WAY: usize = 32;
/// Conversations that are over and still shown.
const OVER: usize = 100;

/// All conversations.
pub struct Conversations {
    agent: Arc<Agent>,
    stopping: CancellationToken,
    all: Mutex<All>,
    held: Arc<Held>,
    tell: Arc<OnceLock<Box<dyn Fn(i64) + Send + Sync>>>,
}

#[derive(Default)]
struct All {
    last: i64,
    known: BTreeMap<i64, Arc<Conversation>>,
}

/// What is to be begun.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What it is held by.
    pub kind: ConversationKind,
    /// The request that begins it.
    pub order: Order,
    /// Subprotocols to offer, the best first.
    pub protocols: Vec<String>,
    /// How it is held.
    pub settings: ConversationSettings,
    /// The pairing whose page asks; `None` for the user.
    pub owner: Option<String>,
}

/// As many conversations are under way as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{UNDER_WAY} conversations are under way, which is as many as can be")]
pub struct TooMany;

impl Conversations {
    /// By `agent`, until `stopping`.
    pub fn new(agent: Arc<Agent>, stopping: CancellationToken) -> Self {
        Self { agent, stopping, all: Mutex::default(), held: Arc::default(), tell: Arc::default() }
    }

    /// Calls `f` with the number of a conversation that has begun, stands differently, or is forgotten. Once.
    pub fn on_change(&self, f: impl Fn(i64) + Send + Sync + 'static) {
        let _ = self.tell.set(Box::new(f));
    }

    /// Begins one.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn open(&self, opening: Opening) -> Result<Arc<Conversation>, TooMany> {
        let Opening { kind, order, protocols, settings, owner } = opening;
        let conversation = {
            let mut all = self.lock();
            if all.known.values().filter(|c| !c.view().state.is_over()).count() >= UNDER_WAY {
                return Err(TooMany);
            }
            all.forget_oldest();
            all.last += 1;
            let (id, tell) = (all.last, Arc::clone(&self.tell));
            let tell = Arc::new(move |id| {
                if let Some(tell) = tell.get() {
                    tell(id);
                }
            });
            let until = (self.stopping.child_token(), Arc::clone(&self.held));
            let new = Conversation::new((id, kind), (order, protocols, settings), owner, until, tell);
            let new = Arc::new(new);
            all.known.insert(id, Arc::clone(&new));
            new
        };
        self.agent.asker.tasks.spawn(run(Arc::clone(&conversation), Arc::clone(&self.agent)));
        Ok(conversation)
    }

    /// One of an owner's.
    pub fn get(&self, id: i64, owner: Option<&str>) -> Option<Arc<Conversation>> {
        self.lock().known.get(&id).filter(|c| c.owner.as_deref() == owner).cloned()
    }

    /// One, whoever's it is.
    pub fn find(&self, id: i64) -> Option<Arc<Conversation>> {
        self.lock().known.get(&id).cloned()
    }

    /// All of them, the newest first.
    pub fn all(&self) -> Vec<Arc<Conversation>> {
        self.lock().known.values().rev().cloned().collect()
    }

    /// Ends one if it is under way, and forgets it; whether there was one. Its exchanges stay.
    pub fn forget(&self, id: i64) -> bool {
        let Some(found) = self.lock().known.remove(&id) else { return false };
        found.end.cancel();
        if let Some(tell) = self.tell.get() {
            tell(id);
        }
        true
    }

    /// Ends and forgets all of an owner, whose pairing is no more.
    pub fn forget_all_of(&self, owner: &str) {
        let theirs: Vec<i64> = {
            let all = self.lock();
            all.known.iter().filter(|(_, c)| c.owner.as_deref() == Some(owner)).map(|(id, _)| *id).collect()
        };
        for id in theirs {
            self.forget(id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn forget_oldest(&mut self) {
        let over: Vec<i64> = self.known.iter().filter(|(_, c)| c.view().state.is_over()).map(|(id, _)| *id).collect();
        for id in over.iter().take((over.len() + 1).saturating_sub(OVER)) {
            self.known.remove(id);
        }
    }
}
