//! Entries into the store, in the events a recorder would send, and no faster than the store takes them: what is captured
//! meanwhile has most of the room.

use super::{
    ImportError,
    body::Source,
    entry::{Parsed, Upstream},
};
use crate::{
    formats::har::extra::{MessageRow, Socket},
    messages::{Found, sse::Splitter},
};
use bytes::Bytes;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    net::{IpAddr, SocketAddr},
    thread,
    time::{Duration, Instant},
};
use waylay_storage::{
    Event, INLINE, Store,
    model::{BodyRecord, Connection, Exchange, Kind, Message, MessageKind, MessageState, Part, Role, Session},
};

/// How much of a body is handed over at a time, bytes.
const PIECE: usize = 128 << 10;
/// How long the store may take nothing at all.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause before looking again whether there is room.
const BREATH: Duration = Duration::from_micros(500);
/// So many connections are remembered.
const REMEMBERED: usize = 10_000;

/// Hands entries over to the store.
pub(super) struct Pusher<'a> {
    store: &'a Store,
    file: &'a File,
    session: &'a Session,
    taken: u64,
    shed: (u64, u64),
    /// By role and number in the file.
    ours: HashMap<(Role, i64), i64>,
    named: HashMap<(String, IpAddr, u16), i64>,
}

impl<'a> Pusher<'a> {
    pub(super) fn new(store: &'a Store, file: &'a File, session: &'a Session) -> Self {
        let health = store.health();
        let shed = (health.shed, health.shed_bytes);
        Self { store, file, session, taken: 0, shed, ours: HashMap::new(), named: HashMap::new() }
    }

    /// Hands an entry over.
    pub(super) fn push(&mut self, parsed: Parsed) -> Result<(), ImportError> {
        let Parsed { exchange: mut x, bodies, messages, client, upstream, .. } = parsed;
        (x.seq, x.id) = (self.store.ids().next_seq(), self.store.ids().next_exchange(self.session.id));
        x.client_connection = client.map(|socket| self.socket(socket, Role::Client));
        x.upstream_connection = self.upstream(upstream, &x);
        if x.kind == Kind::Websocket {
            self.conversation(&mut x, messages)?;
        } else {
            let uncut = x.kind == Kind::Sse && messages.is_empty();
            let cut = if uncut { events(&bodies[1]) } else { Vec::new() };
            let rows: Vec<MessageRow> = messages.into_iter().map(|(row, _)| row).chain(cut).collect();
            for (part, source) in [Part::Request, Part::Response].into_iter().zip(bodies) {
                if let Some(source) = source {
                    self.body(&mut x, part, source, !rows.is_empty())?;
                }
            }
            for row in rows {
                self.message(&mut x, row, None)?;
            }
        }
        self.wait(0)?;
        self.store.queue().push(Event::Done(Box::new(x)));
        self.taken += 1;
        Ok(())
    }

    /// Waits until all of it is stored. Answers how many entries there were.
    pub(super) fn finish(self) -> Result<u64, ImportError> {
        self.store.flush()?;
        self.check()?;
        Ok(self.taken)
    }

    /// Nothing may have been given up: it could have been ours.
    fn check(&self) -> Result<(), ImportError> {
        let health = self.store.health();
        if let Some(low) = &health.low_disk {
            return Err(ImportError::Stalled(format!("the disk is nearly full ({low:?})")));
        }
        if (health.shed, health.shed_bytes) != self.shed {
            let why = health.last_error.unwrap_or_else(|| "it could not write fast enough".to_owned());
            return Err(ImportError::Stalled(why));
        }
        Ok(())
    }

    /// Waits for room for so many bytes: a quarter of what may be under way.
    fn wait(&self, bytes: usize) -> Result<(), ImportError> {
        let budget = self.store.queue().budget();
        let (begun, mut least) = (Instant::now(), usize::MAX);
        let mut since = begun;
        loop {
            let used = budget.used();
            if used == 0 || used + bytes <= budget.capacity() / 4 {
                return Ok(());
            }
            if used < least {
                (least, since) = (used, Instant::now());
            }
            if since.elapsed() > PATIENCE {
                self.check()?;
                let why = self.store.health().last_error;
                return Err(ImportError::Stalled(why.unwrap_or_else(|| "it takes nothing".to_owned())));
            }
            thread::sleep(BREATH);
        }
    }

    fn chunk(&self, x: &Exchange, part: Part, offset: u64, data: Bytes) -> Result<(), ImportError> {
        self.wait(data.len())?;
        let queue = self.store.queue();
        queue.budget().force(data.len());
        queue.push(Event::Chunk { seq: x.seq, part, offset, data });
        Ok(())
    }

    /// A body: a small one comes with its row, others before it. What was not kept lies between what is.
    fn body(&mut self, x: &mut Exchange, part: Part, source: Source, streamed: bool) -> Result<(), ImportError> {
        let gaps = x.body_mut(part).gaps.clone();
        let mut reader = source.open(self.file);
        let mut first = Vec::new();
        self.read(&mut reader, INLINE + 1, &mut first)?;
        if first.len() <= INLINE && !streamed {
            let size = first.len() as u64 + gaps.iter().map(|gap| gap.length).sum::<u64>();
            let record = x.body_mut(part);
            *record = BodyRecord { size, parts: vec![first.into()], streamed: false, gaps, end: record.end };
            return Ok(());
        }
        let (mut gaps, mut offset, mut piece) = (gaps.into_iter().peekable(), 0, first);
        let mut kept = Vec::new();
        while !piece.is_empty() {
            let mut bytes = Bytes::from(std::mem::take(&mut piece));
            while !bytes.is_empty() {
                while let Some(gap) = gaps.next_if(|gap| gap.offset <= offset) {
                    offset = gap.offset + gap.length;
                    kept.push(gap);
                }
                let room = gaps.peek().map_or(u64::MAX, |gap| gap.offset - offset);
                let length = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
                let data = bytes.split_to(length);
                self.chunk(x, part, offset, data)?;
                offset += length as u64;
            }
            self.read(&mut reader, PIECE, &mut piece)?;
        }
        kept.extend(gaps);
        let size = kept.last().map_or(offset, |gap| offset.max(gap.offset + gap.length));
        let record = x.body_mut(part);
        *record = BodyRecord { size, parts: Vec::new(), streamed: true, gaps: kept, end: record.end };
        Ok(())
    }

    fn read(&self, from: &mut impl Read, most: usize, to: &mut Vec<u8>) -> Result<(), ImportError> {
        match from.take(most as u64).read_to_end(to) {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                Err(ImportError::Broken { message: format!("a long body cannot be read: {e}"), index: None })
            }
            Err(e) => Err(e.into()),
        }
    }

    /// The messages of a WebSocket, whose bodies are their payloads one behind the other.
    fn conversation(
        &mut self,
        x: &mut Exchange,
        messages: Vec<(MessageRow, Option<Source>)>,
    ) -> Result<(), ImportError> {
        let mut ends = [0u64; 2];
        for (mut row, source) in messages {
            let control = matches!(row.kind, MessageKind::Ping | MessageKind::Pong | MessageKind::Close);
            let mut payload = None;
            let begin = ends[row.part as usize];
            if let Some(source) = source {
                let mut reader = source.open(self.file);
                let mut piece = Vec::new();
                if control {
                    self.read(&mut reader, 125, &mut piece)?;
                    row.length = piece.len() as u64;
                    payload = Some(Bytes::from(piece));
                } else {
                    self.read(&mut reader, PIECE, &mut piece)?;
                    while !piece.is_empty() {
                        let data = Bytes::from(std::mem::take(&mut piece));
                        let end = &mut ends[row.part as usize];
                        let offset = *end;
                        *end += data.len() as u64;
                        self.chunk(x, row.part, offset, data)?;
                        self.read(&mut reader, PIECE, &mut piece)?;
                    }
                    row.length = ends[row.part as usize] - begin;
                }
            } else {
                row.length = 0;
                payload = control.then(Bytes::new);
            }
            if !control {
                row.offset = begin;
            }
            if row.wire_length == 0 {
                row.wire_length = row.length;
            }
            self.message(x, row, payload)?;
        }
        for (part, size) in [Part::Request, Part::Response].into_iter().zip(ends) {
            let record = x.body_mut(part);
            *record = BodyRecord { size, parts: Vec::new(), streamed: size > 0, gaps: Vec::new(), end: record.end };
        }
        Ok(())
    }

    fn message(&mut self, x: &mut Exchange, row: MessageRow, payload: Option<Bytes>) -> Result<(), ImportError> {
        self.wait(0)?;
        x.messages = row.number;
        self.store.queue().push(Event::Message(Box::new(Message {
            seq: x.seq,
            number: row.number,
            part: row.part,
            kind: row.kind,
            at_us: row.at_us,
            offset: row.offset,
            length: row.length,
            wire_length: row.wire_length,
            fragments: row.fragments,
            compressed: row.compressed,
            state: row.state,
            payload,
        })));
        Ok(())
    }

    /// The number of a connection of an export of ours: a new one where it is told of in full.
    fn socket(&mut self, socket: Socket, role: Role) -> i64 {
        let Socket { id, facts } = socket;
        let Some(facts) = facts else {
            // Told of before; if not, nothing is known of it.
            return *self.ours.entry((role, id)).or_insert_with(|| self.store.ids().next_connection());
        };
        if self.ours.len() >= REMEMBERED {
            self.ours.clear();
        }
        let number = self.store.ids().next_connection();
        self.ours.insert((role, id), number);
        self.store.queue().push(Event::Connection(Box::new(facts.connection(number, role))));
        number
    }

    fn upstream(&mut self, upstream: Upstream, x: &Exchange) -> Option<i64> {
        let (name, address) = match upstream {
            Upstream::Unknown => return None,
            Upstream::Ours(socket) => return Some(self.socket(*socket, Role::Upstream)),
            Upstream::Named { name, address } => (name, address),
        };
        // Without a name nobody knows which requests shared a connection.
        let key = (name, address, x.port);
        if let Some(number) = self.named.get(&key).filter(|_| !key.0.is_empty()) {
            return Some(*number);
        }
        if self.named.len() >= REMEMBERED {
            self.named.clear();
        }
        let number = self.store.ids().next_connection();
        self.named.insert(key, number);
        let authority =
            if x.host.contains(':') { format!("[{}]:{}", x.host, x.port) } else { format!("{}:{}", x.host, x.port) };
        self.store.queue().push(Event::Connection(Box::new(Connection {
            id: number,
            role: Role::Upstream,
            opened_us: x.started_us,
            peer: SocketAddr::new(address, x.port),
            local: None,
            authority,
            dns_us: x.timings.dns_us,
            connect_us: x.timings.connect_us,
            tls_us: x.timings.tls_us,
            tls: None,
            via: None,
            via_us: None,
            process: None,
        })));
        Some(number)
    }
}

/// The events of a stream that is held and not encoded, where the file does not tell them apart.
fn events(body: &Option<Source>) -> Vec<MessageRow> {
    let Some(Source::Held(bytes)) = body else { return Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    let mut splitter = Splitter::new();
    splitter.feed(bytes, &mut found);
    splitter.finish(&mut found);
    let row = |(number, found): (i64, Found)| MessageRow {
        number,
        part: Part::Response,
        kind: MessageKind::Event,
        at_us: 0,
        offset: found.offset,
        length: found.length,
        wire_length: found.length,
        fragments: 1,
        compressed: false,
        state: MessageState::Complete,
    };
    (1..).zip(found).map(row).collect()
}
