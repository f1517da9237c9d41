//! What the messages of one exchange say: payloads decoded for display, each within bounds.

use super::{Message, MessageDetail};
use crate::content::{
    Charset, Close, Codings, DecodeError, Hex, ServerEvent, Text, decode,
    protobuf::{self, Tree},
};
use std::borrow::Cow;
use waylay_storage::{
    Reader, StoreError,
    model::{self, ExchangeId, Head, MessageKind, MessageState, Part},
};

/// How much of a payload is decoded for a preview, bytes.
const GLANCE: u64 = 16 << 10;
/// Characters of a preview.
const PREVIEW: usize = 200;
/// How much of a payload is decoded to be shown, bytes.
const LONGEST: u64 = 1 << 20;
/// How much of what is no text is shown, bytes.
const HEX: usize = 4 << 10;

/// Reads the messages of one exchange.
pub struct Conversation<'r> {
    reader: &'r Reader,
    /// What the client's and the origin's head say about their gRPC messages.
    sides: [Side; 2],
}

struct Side {
    /// By `grpc-encoding`; or why there are none.
    codings: Result<Codings, String>,
    /// The messages are JSON, by the content type, rather than protobuf.
    json: bool,
}

impl Side {
    fn of(head: &Head) -> Self {
        let codings = match Codings::parse(head.values("grpc-encoding").map(|value| &value[..])) {
            Ok(codings) if codings.as_slice().is_empty() => {
                Err("it is compressed, but no grpc-encoding is named".into())
            }
            other => other.map_err(|error| error.to_string()),
        };
        let json = head.value("content-type").is_some_and(|value| value.to_ascii_lowercase().ends_with(b"+json"));
        Self { codings, json }
    }
}

/// The decoded bytes of a payload.
struct Taken {
    bytes: Vec<u8>,
    /// There are more.
    truncated: bool,
    /// Bytes of the payload that were not kept.
    missing: u64,
    /// Why it could not be decoded.
    problem: Option<String>,
}

/// What a payload is shown as.
enum Form<'a> {
    Text(Cow<'a, str>),
    Fields(Tree<'a>),
    Bytes(&'a [u8]),
}

impl<'r> Conversation<'r> {
    /// For the messages of this exchange.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(reader: &'r Reader, id: ExchangeId) -> Result<Self, StoreError> {
        let side = |part| reader.head(id, part).map(|head| Side::of(&head.unwrap_or_default()));
        Ok(Self { reader, sides: [side(Part::Request)?, side(Part::Response)?] })
    }

    /// A message as a list shows it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn summary(&self, message: &model::Message) -> Result<Message, StoreError> {
        let taken = self.take(message, GLANCE)?;
        let mut shown = Message { missing: taken.missing, ..Message::of(message) };
        let event = annotate(&mut shown, message, &taken);
        let text = match (event.and_then(|event| event.data), self.form(message, &taken)) {
            (Some(data), _) => one_line(&data),
            (None, Form::Text(text)) => one_line(&text),
            (None, Form::Fields(tree)) => one_line(&tree.to_string()),
            (None, Form::Bytes(bytes)) if message.kind == MessageKind::Close => one_line(&farewell(bytes)),
            (None, Form::Bytes(bytes)) => Hex::of(bytes, PREVIEW / 2).to_string(),
        };
        Ok(Message { preview: Some(text), ..shown })
    }

    /// The whole of a message.
    ///
    /// # Errors
    /// Those of the store.
    pub fn detail(&self, message: &model::Message) -> Result<MessageDetail, StoreError> {
        let taken = self.take(message, LONGEST)?;
        let mut shown = Message { missing: taken.missing, ..Message::of(message) };
        let event = annotate(&mut shown, message, &taken).unwrap_or_default();
        let close = (message.kind == MessageKind::Close).then(|| Close::parse(&taken.bytes));
        let (mut text, mut hex, mut fields, mut fields_truncated) = (None, None, None, false);
        match self.form(message, &taken) {
            Form::Text(whole) => text = Some(whole.into_owned()),
            Form::Fields(tree) => {
                // Strings and numbers under names: nothing in it can fail.
                fields = serde_json::to_value(&tree.nodes).ok();
                fields_truncated = tree.truncated;
                hex = Some(Hex::of(&taken.bytes, HEX).to_string());
            }
            Form::Bytes(bytes) => hex = Some(Hex::of(bytes, HEX).to_string()),
        }
        let close_problem = close.as_ref().and_then(|close| close.problem).map(str::to_owned);
        Ok(MessageDetail {
            message: shown,
            text,
            truncated: taken.truncated,
            hex,
            data: event.data,
            retry: event.retry,
            fields,
            fields_truncated,
            close_reason: close.map(|close| close.reason).filter(|reason| !reason.is_empty()),
            decode_error: taken.problem.or(close_problem),
        })
    }

    /// At most `limit` bytes of a payload, decompressed where that is still to be done.
    fn take(&self, message: &model::Message, limit: u64) -> Result<Taken, StoreError> {
        let plain = Codings::default();
        let compressed = message.kind == MessageKind::Grpc && message.compressed;
        let (codings, mut problem) = match &self.sides[message.part as usize].codings {
            _ if message.state == MessageState::Undecoded => (&plain, Some("it could not be decompressed".to_owned())),
            _ if !compressed => (&plain, None),
            Ok(codings) => (codings, None),
            Err(why) => (&plain, Some(why.clone())),
        };
        let payload = self.reader.payload(message)?;
        let missing = payload.length - payload.stored;
        let mut decoded = decode(payload, codings, limit);
        if let Some(error) = decoded.error.take() {
            if matches!(error, DecodeError::Broken { .. }) && decoded.bytes.is_empty() {
                decoded = decode(self.reader.payload(message)?, &plain, limit);
            }
            problem = Some(error.to_string());
        }
        Ok(Taken { bytes: decoded.bytes, truncated: decoded.truncated, missing, problem })
    }

    fn form<'a>(&self, message: &model::Message, taken: &'a Taken) -> Form<'a> {
        let Taken { bytes, truncated, missing, problem } = taken;
        let whole = !truncated && *missing == 0 && message.state == MessageState::Complete;
        let fields = || protobuf::decode(bytes).filter(|_| whole && !self.sides[message.part as usize].json);
        match message.kind {
            MessageKind::Close => Form::Bytes(bytes),
            _ if problem.is_some() => Form::Bytes(bytes),
            MessageKind::Text | MessageKind::Event | MessageKind::GrpcTrailers => {
                Form::Text(String::from_utf8_lossy(up_to_a_character(bytes, *truncated)))
            }
            MessageKind::Binary | MessageKind::Ping | MessageKind::Pong => text_or_bytes(bytes, *truncated),
            MessageKind::Grpc => fields().map_or_else(|| text_or_bytes(bytes, *truncated), Form::Fields),
        }
    }
}

/// Adds what the payload of an event or a close frame says; gives back the event.
fn annotate(shown: &mut Message, message: &model::Message, taken: &Taken) -> Option<ServerEvent> {
    match message.kind {
        MessageKind::Event if taken.problem.is_none() => {
            let event = ServerEvent::parse(up_to_a_character(&taken.bytes, taken.truncated));
            (shown.event, shown.event_id) = (event.name.clone(), event.id.clone());
            Some(event)
        }
        MessageKind::Close => {
            shown.close_code = Close::parse(&taken.bytes).code;
            None
        }
        _ => None,
    }
}

/// `1000 normal closure: bye`
fn farewell(payload: &[u8]) -> String {
    let close = Close::parse(payload);
    let code = close.code.map(|code| code.to_string()).unwrap_or_default();
    let meaning = close.meaning().map(|meaning| format!(" {meaning}")).unwrap_or_default();
    let colon = if close.reason.is_empty() { "" } else { ": " };
    format!("{code}{meaning}{colon}{}", close.reason)
}

/// Text of any Unicode form; what only may be text in some other charset is not.
fn text_or_bytes(bytes: &[u8], cut: bool) -> Form<'_> {
    match Text::of(bytes, None, cut) {
        Some(Text { text, charset }) if charset != Charset::Windows1252 => Form::Text(Cow::Owned(text)),
        _ => Form::Bytes(bytes),
    }
}

/// Without the beginning of a character that a cut has left at the end.
fn up_to_a_character(bytes: &[u8], cut: bool) -> &[u8] {
    let Some(last) = bytes.utf8_chunks().last().filter(|_| cut) else { return bytes };
    match std::str::from_utf8(last.invalid()) {
        Err(error) if error.error_len().is_none() => &bytes[..bytes.len() - last.invalid().len()],
        _ => bytes,
    }
}

/// The first characters as they fit on one line: white space is one space, what cannot be seen is replaced.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    let words = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    for (i, word) in words.enumerate().take(PREVIEW) {
        line.extend((i > 0).then_some(' '));
        line.extend(word.chars().take(PREVIEW).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }));
    }
    line.chars().take(PREVIEW).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_are_one_short_line() {
        assert_eq!(one_line(" {\n\t\"a\":  1\r\n}\n"), "{ \"a\": 1 }");
        assert_eq!(one_line("a\x1b[2J\0b\u{9b}"), "a\u{fffd}[2J\u{fffd}b\u{fffd}");
        assert_eq!(one_line(&"é".repeat(1000)), "é".repeat(200));
        assert_eq!(one_line(&"a ".repeat(1000)).chars().count(), 200);
        assert_eq!(one_line(&" ".repeat(1000)), "");
    }

    #[test]
    fn a_cut_leaves_whole_characters() {
        let bytes = "aé€".as_bytes();
        for (end, kept) in [(1, 1), (2, 1), (3, 3), (4, 3), (5, 3), (6, 6)] {
            assert_eq!(up_to_a_character(&bytes[..end], true), &bytes[..kept], "{end}");
            assert_eq!(up_to_a_character(&bytes[..end], false), &bytes[..end], "{end}");
        }
        assert_eq!(up_to_a_character(b"a\xff", true), b"a\xff", "no beginning of anything");
        assert_eq!(up_to_a_character(b"", true), b"");
    }
}
