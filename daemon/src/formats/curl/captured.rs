//! A captured request as a command of curl.

use super::write::{Shell, Written, write};
use crate::{
    collection::captured::{CapturedError, is_request, url},
    formats::redact::Redaction,
    request::{
        captured::{Captured, MAX_EDITED, draft},
        variables::has_reference,
    },
};
use bytes::Bytes;
use std::io::Read;
use waylay_storage::{
    Reader, StoreError,
    model::{Exchange, Head, Part},
};

/// An exchange whose request is wanted, with the body if that is not too long to be edited.
#[derive(Debug)]
pub struct Wanted {
    exchange: Exchange,
    body: Option<Vec<u8>>,
    size: u64,
}

impl Wanted {
    /// Reads the body of the request.
    ///
    /// # Errors
    /// [`CapturedError`].
    pub fn read(reader: &Reader, exchange: Exchange) -> Result<Self, CapturedError> {
        if !is_request(exchange.kind) {
            return Err(CapturedError::NoRequest(exchange.id, exchange.kind));
        }
        let mut body = reader.body(exchange.id, Part::Request)?.ok_or(StoreError::NoExchange(exchange.id))?;
        let (size, mut bytes) = (body.size, None);
        if body.stored == size && size <= MAX_EDITED as u64 {
            let mut read = Vec::new();
            body.read_to_end(&mut read)?;
            bytes = Some(read);
        }
        Ok(Self { exchange, body: bytes, size })
    }

    /// Learns its secrets, which are then hidden in others as well.
    pub fn learn(&self, redaction: &mut Redaction) {
        redaction.learn(&self.exchange);
        redaction.learn_body(self.body.as_deref().unwrap_or_default());
    }
}

/// The command that sends the same request once more, and follows no redirects: those are exchanges of their own. With
/// `redaction`, secrets are hidden that it has learnt; a body that is longer than can be looked at is read from the store when the
/// command is run.
pub fn command(wanted: Wanted, shell: Shell, redaction: Option<&mut Redaction>) -> Written {
    let Wanted { mut exchange, mut body, mut size } = wanted;
    let mut left_out = false;
    if let Some(redaction) = redaction {
        redaction.hide(&mut exchange);
        let coded = Head::parse(&exchange.request_head).value("content-encoding").is_some();
        if coded && size > 0 {
            (body, size, left_out) = (None, 0, true);
        } else if let Some(bytes) = &mut body
            && let Some(hidden) = redaction.body(Part::Request, bytes)
        {
            *bytes = hidden;
            size = bytes.len() as u64;
        }
    }
    let head = Head::parse(&exchange.request_head);
    let mut draft = draft(&Captured {
        exchange: &exchange.id.to_string(),
        method: &exchange.method,
        url: &url(&exchange),
        head: &head,
        size,
        body: body.as_deref(),
    });
    draft.settings.follow_redirects = Some(false);
    let body_has_reference = body.as_deref().is_some_and(|bytes| has_reference(&String::from_utf8_lossy(bytes)));
    let has_literal = body_has_reference || draft.headers.iter().any(|field| has_reference(&field.value));
    let mut written = write(&draft, |_| body.clone().map(Bytes::from), shell);
    if has_literal {
        written
            .notes
            .push("{{…}} in it is text, as it was captured: read back, it would be taken for a variable.".to_owned());
    }
    if left_out {
        written.notes.push("The body was left out: it is compressed, and may hold secrets.".to_owned());
    }
    written
}
