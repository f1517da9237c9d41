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
/// Of those, a page may have so many.
const OF_A_PAGE: usize = 8;
/// Conversations that are over and still shown.
const OVER: usize = 100;

/// Learns the numbers of conversations that have changed.
type Tell = Box<dyn Fn(i64) + Send + Sync>;

/// All conversations.
pub struct Conversations {
    agent: Arc<Agent>,
    stopping: CancellationToken,
    all: Mutex<All>,
    held: Arc<Held>,
    tell: Arc<OnceLock<Tell>>,
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
    /// The pairing whose page asks, and what is cancelled when it is no more; `None` for the user.
    pub owner: Option<(u64, CancellationToken)>,
}

/// As many conversations are under way as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many conversations are under way as can be: {UNDER_WAY}, of one page {OF_A_PAGE}")]
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
        let (owner, gone) = owner.map_or((None, CancellationToken::new()), |(owner, gone)| (Some(owner), gone));
        let conversation = {
            let mut all = self.lock();
            let under_way = || all.known.values().filter(|c| !c.view().state.is_over());
            let theirs = under_way().filter(|c| owner.is_some() && c.owner == owner).count();
            if under_way().count() >= UNDER_WAY || theirs >= OF_A_PAGE {
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
        self.agent.asker.tasks.spawn(run(Arc::clone(&conversation), Arc::clone(&self.agent), gone));
        Ok(conversation)
    }

    /// One of an owner's.
    pub fn get(&self, id: i64, owner: u64) -> Option<Arc<Conversation>> {
        self.find(id).filter(|c| c.owner == Some(owner))
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
