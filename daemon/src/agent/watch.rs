//! What can be seen of a send while it is under way, and how it is cancelled.

use super::Hop;
use crate::exchange::Near;
use bytes::Bytes;
use std::{
    sync::{Arc, OnceLock, atomic::AtomicU64},
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use waylay_storage::model::ExchangeId;

/// How far a send is, to be looked at now and then.
#[derive(Debug, Default)]
pub struct Meter {
    /// Bytes of request bodies that have been handed over, those of all hops.
    pub sent: AtomicU64,
    /// Bytes of response bodies that have come, as transferred.
    pub received: AtomicU64,
    /// Why the body could not be read from where it is.
    pub(super) trouble: OnceLock<String>,
}

/// News of a send.
#[derive(Debug)]
pub enum News {
    /// It has a number in the history.
    Begun(i64),
    /// A request goes out.
    Hop {
        /// Its row.
        id: ExchangeId,
        /// Its method.
        method: String,
        /// Where to.
        url: String,
    },
    /// The head of a response has come.
    Head {
        /// What came of the request.
        hop: Hop,
        /// `HTTP/1.1`, for instance.
        version: &'static str,
        /// In order.
        headers: Vec<(String, String)>,
    },
    /// Bytes of the body of the last response.
    Chunk(Bytes),
}

/// Whoever watches.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Gets the news; waited for, so that a slow reader slows the origin rather than fill the memory.
    pub news: Option<mpsc::Sender<News>>,
    /// Whether [`News::Chunk`] is wanted.
    pub body: bool,
    /// To be looked at.
    pub meter: Arc<Meter>,
    /// Ends the send.
    pub cancel: CancellationToken,
    /// What is asked for goes on for as long as it likes.
    pub lasting: Option<Lasting>,
}

/// An answer that has no end of its own: an event stream, or another protocol.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// How long each hop may take until the head of its response has come; the only limit there is.
    pub head_within: Duration,
    /// What becomes of the connection after a 101.
    pub near: Option<Near>,
}

impl Watch {
    /// Tells the news, if anybody wants them.
    pub(super) async fn tell(&self, news: impl FnOnce() -> News) {
        if let Some(sender) = &self.news {
            // One that has gone away cancels in its own time.
            let _ = sender.send(news()).await;
        }
    }
}
