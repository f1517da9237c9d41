//! Bodies: decoded where they can be, as text where they are text, in base64 otherwise.

use super::ExportError;
use crate::{
    content::{Charset, Codings, Decoder, Text, decode},
    formats::{json::Json, redact::Redaction},
};
use std::io::{Read, Write};
use waylay_storage::{
    Reader,
    model::{Exchange, Head, Part},
};

/// Bodies up to this size, as stored and decoded, are held and written as text where they are text. Bytes.
pub const HELD: u64 = 8 << 20;

/// A larger body is decoded up to here: a few kilobytes can stand for as many gigabytes. Bytes.
const DECODED: u64 = 1 << 30;

/// What is looked at of a larger body to tell text from bytes.
const GLANCE: u64 = 4 << 10;

/// A body as it was found.
pub(super) enum Loaded {
    /// Nothing is stored.
    Nothing,
    /// All that is stored.
    Held {
        /// As transferred.
        raw: Vec<u8>,
        /// With its content codings undone, if it has any.
        decoded: Option<Vec<u8>>,
        /// Why they could not be undone.
        problem: Option<String>,
    },
    /// Too big to be held.
    Big {
        /// Those it has; `None` if they cannot be undone.
        codings: Option<Codings>,
        /// Whether it begins like text.
        text: bool,
    },
}

/// What was written, for the fields around it.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Bytes after decoding.
    pub(super) size: u64,
    /// Secrets were hidden, or all of it was left out because of them.
    pub(super) changed: bool,
}

/// Finds a body, and decodes it if it is not big.
pub(super) fn load(reader: &Reader, x: &Exchange, head: &Head, part: Part) -> Result<Loaded, ExportError> {
    let codings = Codings::parse(head.values("content-encoding").map(|value| &value[..]));
    let record = if part == Part::Request { &x.request } else { &x.response };
    let mut raw = record.parts.concat();
    if record.streamed {
        let Some(mut body) = reader.body(x.id, part)? else { return Ok(Loaded::Nothing) };
        if body.stored > HELD {
            let codings = codings.ok();
            let mut glance = Vec::new();
            let plain = codings.clone().unwrap_or_default();
            Decoder::new(body, &plain, GLANCE).read_to_end(&mut glance)?;
            let text = Text::of(&glance, content_type(head), true).is_some();
            return Ok(Loaded::Big { codings, text });
        }
        body.read_to_end(&mut raw)?;
    }
    if raw.is_empty() {
        return Ok(Loaded::Nothing);
    }
    let codings = match codings {
        Ok(codings) if codings.as_slice().is_empty() => return Ok(Loaded::Held { raw, decoded: None, problem: None }),
        Ok(codings) => codings,
        Err(error) => return Ok(Loaded::Held { raw, decoded: None, problem: Some(error.to_string()) }),
    };
    let found = decode(&raw[..], &codings, HELD);
    match found.error {
        Some(error) => Ok(Loaded::Held { raw, decoded: None, problem: Some(error.to_string()) }),
        None if found.truncated => {
            let text = Text::of(&found.bytes, content_type(head), true).is_some();
            Ok(Loaded::Big { codings: Some(codings), text })
        }
        None => Ok(Loaded::Held { raw, decoded: Some(found.bytes), problem: None }),
    }
}

/// Looks for secrets in both bodies of an exchange.
pub(super) fn learn(reader: &Reader, x: &Exchange, redaction: &mut Redaction) -> Result<(), ExportError> {
    for (part, head) in [(Part::Request, &x.request_head), (Part::Response, &x.response_head)] {
        let record = if part == Part::Request { &x.request } else { &x.response };
        if !record.streamed && record.parts.is_empty() {
            continue;
        }
        let head = Head::parse(head);
        if let Loaded::Held { raw, decoded, .. } = load(reader, x, &head, part)? {
            redaction.learn_body(&readable(decoded.unwrap_or(raw), content_type(&head)));
        }
    }
    Ok(())
}

/// Writes `text`, the name of the field that says it is base64 (if it is), `_raw` and the marks of what is missing.
pub(super) fn write(
    json: &mut Json<impl Write>,
    reader: &Reader,
    (x, head, part): (&Exchange, &Head, Part),
    encoding: &str,
    redaction: Option<&mut Redaction>,
) -> Result<Written, ExportError> {
    match load(reader, x, head, part)? {
        Loaded::Nothing => Ok(Written::default()),
        Loaded::Held { raw, decoded, problem } => {
            held(json, (raw, decoded, problem), (head, part), encoding, redaction)
        }
        Loaded::Big { codings, text } => big(json, reader, (x, part), (codings, text), encoding, redaction),
    }
}

fn held(
    json: &mut Json<impl Write>,
    (raw, decoded, problem): (Vec<u8>, Option<Vec<u8>>, Option<String>),
    (head, part): (&Head, Part),
    encoding: &str,
    redaction: Option<&mut Redaction>,
) -> Result<Written, ExportError> {
    if let Some(problem) = &problem {
        json.field("_decodeError", problem)?;
        if redaction.is_some() {
            // What cannot be read cannot be searched for secrets.
            json.field("_omitted", "it cannot be decoded, and so not be searched for secrets")?;
            return Ok(Written { changed: true, ..Written::default() });
        }
    }
    let (raw, mut bytes) = match decoded {
        Some(decoded) => (Some(raw), decoded),
        None => (None, raw),
    };
    let size = bytes.len() as u64;
    let mut changed = false;
    if let Some(redaction) = redaction
        && let Some(hidden) = redaction.body(part, &readable(bytes.clone(), content_type(head)))
    {
        (bytes, changed) = (hidden, true);
    }
    json.key("text")?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => json.value(text)?,
        Err(_) => {
            json.base64(&bytes[..])?;
            json.field(encoding, "base64")?;
        }
    }
    if let Some(raw) = raw.filter(|_| !changed) {
        json.key("_raw")?;
        json.base64(&raw[..])?;
    }
    if changed {
        json.field("_redacted", &true)?;
    }
    Ok(Written { size, changed })
}

fn big(
    json: &mut Json<impl Write>,
    reader: &Reader,
    (x, part): (&Exchange, Part),
    (codings, text): (Option<Codings>, bool),
    encoding: &str,
    redaction: Option<&mut Redaction>,
) -> Result<Written, ExportError> {
    if redaction.is_some() && (text || codings.is_none()) {
        json.field("_omitted", "it is too large to be searched for secrets")?;
        return Ok(Written { changed: true, ..Written::default() });
    }
    let coded = codings.as_ref().is_some_and(|codings| !codings.as_slice().is_empty());
    let Some(body) = reader.body(x.id, part)? else { return Ok(Written::default()) };
    let mut decoder =
        Decoder::new(body, codings.as_ref().unwrap_or(&Codings::default()), if coded { DECODED } else { u64::MAX });
    json.key("text")?;
    let whole = redaction.is_none();
    let size = match redaction {
        Some(redaction) => json.base64_by(|out| redaction.copy(part, &mut decoder, out))?,
        None => json.base64(&mut decoder)?,
    };
    json.field(encoding, "base64")?;
    if decoder.truncated() {
        json.field("_truncated", &true)?;
    }
    drop(decoder);
    if coded
        && whole
        && let Some(body) = reader.body(x.id, part)?
    {
        json.key("_raw")?;
        json.base64(body)?;
    }
    Ok(Written { size, changed: false })
}

/// Text in UTF-8, whatever it was in, so that it can be searched; other bytes as they are.
fn readable(bytes: Vec<u8>, content_type: Option<&[u8]>) -> Vec<u8> {
    match Text::of(&bytes, content_type, false) {
        Some(Text { text, charset }) if charset != Charset::Utf8 => text.into_bytes(),
        _ => bytes,
    }
}

fn content_type(head: &Head) -> Option<&[u8]> {
    head.value("content-type").map(|value| &value[..])
}
