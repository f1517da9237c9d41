//! The answer as it comes: lines of JSON, and bytes that one of them announces.

use crate::cli::{
    control::odd,
    report::{Exit, Report},
};
use bytes::{Buf, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::Value;

/// Longest line, bytes: the last one holds all that is known of an exchange.
const LINE: usize = 64 << 20;

/// What has been said.
#[derive(Debug)]
pub(super) enum Event {
    Head(ResponseHead),
    Chunk(Bytes),
    Progress { sent: u64, received: u64 },
    Done(Value),
    Other,
}

/// The head of a response.
#[derive(Debug, Deserialize)]
pub(super) struct ResponseHead {
    pub(super) status: u16,
    pub(super) version: String,
    pub(super) headers: Vec<(String, String)>,
}

/// Cuts it into events.
#[derive(Debug, Default)]
pub(super) struct Frames {
    buffer: BytesMut,
    /// Bytes of a chunk that are still to come, its line end included.
    chunk: Option<usize>,
}

impl Frames {
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.buffer.extend_from_slice(&bytes);
    }

    /// The next event, if all of it has come.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Report> {
        loop {
            if let Some(left) = self.chunk {
                if left == 1 {
                    if self.buffer.is_empty() {
                        return Ok(None);
                    }
                    self.buffer.advance(1);
                    self.chunk = None;
                    continue;
                }
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                let now = self.buffer.len().min(left - 1);
                self.chunk = Some(left - now);
                return Ok(Some(Event::Chunk(self.buffer.split_to(now).freeze())));
            }
            let Some(end) = self.buffer.iter().position(|b| *b == b'\n') else {
                return if self.buffer.len() > LINE { Err(odd("a line without an end")) } else { Ok(None) };
            };
            let line = self.buffer.split_to(end + 1);
            let value: Value = serde_json::from_slice(&line).map_err(odd)?;
            if let Some(length) = value["chunk"].as_u64() {
                self.chunk = Some(usize::try_from(length).map_err(odd)? + 1);
                continue;
            }
            return event(value).map(Some);
        }
    }
}

fn event(value: Value) -> Result<Event, Report> {
    Ok(match value["event"].as_str().unwrap_or_default() {
        "head" => Event::Head(serde_json::from_value(value).map_err(odd)?),
        "progress" => Event::Progress {
            sent: value["sent"].as_u64().unwrap_or(0),
            received: value["received"].as_u64().unwrap_or(0),
        },
        "done" => Event::Done(value),
        "error" => {
            let words = |key: &str| value["error"][key].as_str().map(str::to_owned);
            let report = Report::new(Exit::IO, words("message").unwrap_or("the daemon could not send".to_owned()));
            return Err(words("hint").into_iter().fold(report, Report::advise));
        }
        _ => Event::Other,
    })
}
