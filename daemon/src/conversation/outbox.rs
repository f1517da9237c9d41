//! Messages that wait to be sent, so many at most.

use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};

/// Longest message, bytes.
pub const LONGEST: usize = 16 << 20;
/// Messages that wait.
const WAITING: usize = 64;
/// What they take together, in units of [`UNIT`].
const ROOM: usize = LONGEST / UNIT + WAITING;
/// Bytes.
const UNIT: usize = 1 << 10;
/// How long a message waits for room: as long as the server does not read.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// It is longer than [`LONGEST`].
    #[error("a message can have 16 MiB; this one has {0} bytes")]
    TooLong(usize),
    /// An event stream goes one way.
    #[error("nothing can be sent into an event stream")]
    OneWay,
    /// It is not open.
    #[error("the conversation is not open")]
    NotOpen,
    /// The server reads too slowly.
    #[error("the server has read nothing for 10 s, and as many messages wait as can")]
    Slow,
}

/// The way in.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    waiting: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    patience: Duration,
}

/// A message that waits; its room is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) payload: Payload,
    _room: OwnedSemaphorePermit,
}

impl Outbox {
    pub(super) fn new() -> (Self, mpsc::Receiver<Waiting>) {
        Self::patient(PATIENCE)
    }

    fn patient(patience: Duration) -> (Self, mpsc::Receiver<Waiting>) {
        let (waiting, out) = mpsc::channel(WAITING);
        (Self { waiting, room: Arc::new(Semaphore::new(ROOM)), patience }, out)
    }

    pub(super) async fn put(&self, payload: Payload) -> Result<(), NotSent> {
        let length = payload.bytes().len();
        if length > LONGEST {
            return Err(NotSent::TooLong(length));
        }
        let units = u32::try_from(1 + length / UNIT).unwrap_or(u32::MAX);
        let put = async {
            let room = Arc::clone(&self.room).acquire_many_owned(units).await;
            let room = room.map_err(|_| NotSent::NotOpen)?;
            self.waiting.send(Waiting { payload, _room: room }).await.map_err(|_| NotSent::NotOpen)
        };
        timeout(self.patience, put).await.unwrap_or(Err(NotSent::Slow))
    }
}

impl Payload {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_is_bounded_and_told() {
        let (outbox, mut out) = Outbox::patient(Duration::from_millis(20));
        let long = |n: usize| Payload::Binary(vec![0; n].into());
        assert_eq!(outbox.put(long(LONGEST + 1)).await, Err(NotSent::TooLong(LONGEST + 1)));
        outbox.put(long(LONGEST)).await.unwrap();
        for n in 1..WAITING {
            outbox.put(Payload::Text(n.to_string())).await.unwrap();
        }
        assert_eq!(outbox.put(Payload::Text("one more".into())).await, Err(NotSent::Slow));
        drop(out.recv().await);
        outbox.put(long(LONGEST)).await.unwrap();
        assert_eq!(outbox.put(Payload::Text("no room".into())).await, Err(NotSent::Slow));
        drop(out.recv().await);
        outbox.put(Payload::Text("now".into())).await.unwrap();
        drop(out);
        assert_eq!(outbox.put(Payload::Text("gone".into())).await, Err(NotSent::NotOpen));
    }
}
