//! Answers as they are compared.

use crate::{
    collection::{Example, ExampleBody},
    compare::{Answer, Content},
    content::{Codings, Decoder},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::io;
use waylay_storage::{
    Reader, StoreError,
    model::{BodyEnd, Exchange, ExchangeId, Field, Head, Part},
};

/// So much of a body is decoded, bytes.
const DECODED: u64 = 64 << 20;

/// An answer that was captured, or is kept as an example.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Its status.
    pub status: Option<u16>,
    fields: Vec<Field>,
    trailers: Vec<Field>,
    body: Content,
    /// Bytes of the body as transferred.
    pub size: u64,
    /// How long the exchange took, microseconds.
    pub duration_us: Option<i64>,
}

impl Expected {
    /// What came back in an exchange; `None` if it is not there. May block.
    ///
    /// # Errors
    /// Those of the store.
    pub fn captured(reader: &Reader, id: ExchangeId) -> Result<Option<Self>, StoreError> {
        let Some((exchange, _)) = reader.exchange(id)? else { return Ok(None) };
        let head = Head::parse(&exchange.response_head);
        let trailers = Head::parse_trailers(&exchange.response_trailers).fields;
        let body = match missing(&exchange) {
            Some(why) => Content::missing(why),
            None => content(reader, id, &head)?,
        };
        Ok(Some(Self {
            status: exchange.status,
            // HTTP/2 has fields that begin with a colon: they are the status.
            fields: head.fields.into_iter().filter(|field| !field.name.starts_with(b":")).collect(),
            trailers,
            body,
            size: exchange.response.size,
            duration_us: exchange.timings.end_us,
        }))
    }

    /// What is kept of an answer.
    pub fn example(example: &Example) -> Self {
        let field = |field: &crate::request::Field| {
            let bytes = field.bytes.as_ref().and_then(|bytes| STANDARD.decode(bytes).ok());
            Field { name: field.key.clone().into(), value: bytes.unwrap_or_else(|| field.value.clone().into()).into() }
        };
        let body = match &example.body {
            ExampleBody::Text { text } => Content::whole(text.as_bytes()),
            ExampleBody::Bytes { base64 } => {
                STANDARD.decode(base64).map_or_else(|_| Content::missing("it is no Base64"), Content::whole)
            }
            _ => Content::missing("the example has none"),
        };
        Self {
            status: example.status,
            fields: example.headers.iter().filter(|field| !field.disabled).map(field).collect(),
            size: body.length,
            body,
            ..Self::default()
        }
    }

    /// As it is compared.
    pub fn answer(&self) -> Answer<'_> {
        Answer { status: self.status, fields: &self.fields, trailers: &self.trailers, body: &self.body }
    }
}

/// Why the body of a response is not all there.
fn missing(exchange: &Exchange) -> Option<&'static str> {
    let body = &exchange.response;
    match () {
        () if exchange.omitted.media => Some("its session stores no images, audio or video"),
        () if exchange.omitted.response => Some("its session stores no bodies of responses"),
        () if exchange.status.is_some() && body.end != BodyEnd::Complete => Some("it broke off"),
        () if !body.gaps.is_empty() => Some("not all of it was kept"),
        () => None,
    }
}

fn content(reader: &Reader, id: ExchangeId, head: &Head) -> Result<Content, StoreError> {
    let stored = || reader.body(id, Part::Response)?.ok_or(StoreError::NoExchange(id));
    let body = stored()?;
    if body.stored < body.size {
        return Ok(Content::missing("not all of it was kept"));
    }
    let codings = Codings::parse(head.values("content-encoding").map(|value| &value[..]));
    if let Ok(codings) = codings
        && let Ok(content) = decoded(body, &codings)
    {
        return Ok(content);
    }
    // What cannot be decoded is compared as it is.
    let content = decoded(stored()?, &Codings::default());
    Ok(content.unwrap_or_else(|error| Content::missing(format!("it could not be read: {error}"))))
}

fn decoded(body: waylay_storage::Body, codings: &Codings) -> io::Result<Content> {
    let mut decoder = Decoder::new(body, codings, DECODED);
    let content = Content::read(&mut decoder)?;
    if decoder.truncated() {
        return Ok(Content::missing(format!("it is longer than {} MiB", DECODED >> 20)));
    }
    Ok(content)
}
