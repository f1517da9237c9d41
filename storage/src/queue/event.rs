//! What producers hand to the writer.

use crate::{
    model::{BodyRecord, Connection, Exchange, ExchangeId, Failure, Message, Part, SessionId},
    segments::spill::Placed,
};
use bytes::Bytes;

/// Bodies up to this size come whole in [`BodyRecord::parts`]; larger ones as [`Event::Chunk`]s, with
/// [`BodyRecord::streamed`] set.
pub const INLINE: usize = 16 << 10;

/// One thing to be stored. For one exchange they must be pushed in the order in which they happened.
#[derive(Debug)]
pub enum Event {
    /// A connection, or what more has become known of one.
    Connection(Box<Connection>),
    /// Bytes of a body too big to come whole. They arrive before the row they belong to.
    Chunk {
        /// Of the exchange.
        seq: i64,
        /// Whose body.
        part: Part,
        /// Where they stand in the body.
        offset: u64,
        /// The bytes.
        data: Bytes,
    },
    /// Bytes of a body that [`Spill::keep`](crate::Spill::keep) has written.
    Placed(Placed),
    /// A message of an exchange under way. Its bytes were pushed before.
    Message(Box<Message>),
    /// What an exchange looks like that is still under way.
    Open(Box<Exchange>),
    /// An exchange that is over. Its row does not change any more.
    Done(Box<Exchange>),
    /// An exchange that the rules keep out after all: what there is of it goes, and it is counted. Nothing comes after.
    Withdrawn {
        /// Its place in the order of all exchanges.
        seq: i64,
        /// What it was called.
        id: ExchangeId,
    },
    /// Exchanges that the rules kept out from the beginning.
    LeftOut {
        /// The session they are counted in.
        session: SessionId,
        /// How many more there are.
        count: u64,
    },
}

/// What an event keeps in memory, roughly; exactly the data for a chunk.
pub(crate) fn weight(event: &Event) -> usize {
    match event {
        Event::Chunk { data, .. } => data.len(),
        Event::Placed(_) | Event::Withdrawn { .. } | Event::LeftOut { .. } => size_of::<Event>(),
        Event::Open(x) | Event::Done(x) => exchange(x),
        // There may be a great many: with their place in the queue, and what the allocator adds.
        Event::Message(m) => size_of::<(Message, Event, [usize; 4])>() + m.payload.as_ref().map_or(0, Bytes::len),
        Event::Connection(c) => {
            let chain = c.tls.as_ref().map_or(0, |t| t.chain.iter().map(Bytes::len).sum());
            size_of::<Connection>() + c.authority.len() + chain
        }
    }
}

fn exchange(x: &Exchange) -> usize {
    let heads = [&x.request_head, &x.sent_head, &x.response_head, &x.request_trailers, &x.response_trailers];
    let failure = |f: &Failure| f.reason.len() + f.message.len();
    size_of::<Exchange>()
        + heads.iter().map(|h| h.len()).sum::<usize>()
        + x.host.len()
        + x.method.len()
        + x.path.len()
        + x.failure.as_ref().map_or(0, failure)
        + body(&x.request)
        + body(&x.response)
}

fn body(body: &BodyRecord) -> usize {
    body.parts.iter().map(|p| p.len() + size_of::<Bytes>()).sum::<usize>() + size_of_val(&body.gaps[..])
}
