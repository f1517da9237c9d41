//! What is sent behind the head.

mod comments;
pub(super) mod graphql;
pub(super) mod multipart;
#[cfg(test)]
mod tests;

use super::{
    Draft, Problem,
    draft::{Body, Language},
    headers,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use std::mem;

/// A body as it is to be sent: piece by piece, so that files need not be in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Its media type, if it has one by itself.
    pub content_type: Option<String>,
    /// One behind the other. None: there is no body.
    pub pieces: Vec<Piece>,
}

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Bytes),
    /// A file, as the draft names it.
    File(String),
    /// The body of the request of an exchange, as the draft names it.
    Captured(String),
}

/// The body of a draft whose variables are resolved. `boundary` separates the parts of a form, unless the draft's own
/// `Content-Type` says another; it must be made of random letters and digits. An empty text and an empty form are no
/// body.
///
/// # Errors
/// If the body cannot be made of what is written.
pub fn plan(draft: &Draft, boundary: &str) -> Result<Plan, Problem> {
    let (content_type, pieces) = match &draft.body {
        Body::None => (None, Pieces::default()),
        Body::Raw { raw, .. } if raw.is_empty() => (None, Pieces::default()),
        Body::Raw { raw, language: Language::Json } => {
            (Some(Language::Json.media_type().into()), Pieces::of(comments::stripped(raw).into_owned()))
        }
        Body::Raw { raw, language } => (Some(language.media_type().into()), Pieces::of(raw.clone())),
        Body::Bytes { base64 } => {
            let bytes = STANDARD.decode(base64).map_err(|e| {
                bad(
                    format!("The bytes of the body are no Base64: {e}."),
                    "Choose the file with the bytes as the body instead.",
                )
            })?;
            (None, Pieces::of(bytes))
        }
        Body::Urlencoded { urlencoded } => {
            let mut form = ::url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(
                urlencoded.iter().filter(|field| field.is_sent()).map(|field| (&field.key, &field.value)),
            );
            let form = form.finish();
            ((!form.is_empty()).then(|| "application/x-www-form-urlencoded".into()), Pieces::of(form))
        }
        Body::Formdata { formdata } => {
            let own = headers::own(draft).filter(|field| field.key.eq_ignore_ascii_case("content-type"));
            let own = own.filter_map(|field| multipart::boundary(&field.value)).last();
            multipart::plan(formdata, own.as_deref().unwrap_or(boundary))?
        }
        Body::File { src } if src.is_empty() => {
            return Err(bad("No file has been chosen as the body.".into(), "Choose a file, or send without a body."));
        }
        Body::File { src } => (None, Pieces(vec![Piece::File(src.clone())])),
        Body::Graphql { query, variables, operation_name } => {
            (Some(Language::Json.media_type().into()), Pieces::of(graphql::json(query, variables, operation_name)?))
        }
        Body::Captured { exchange, .. } => (None, Pieces(vec![Piece::Captured(exchange.clone())])),
    };
    Ok(Plan { content_type, pieces: pieces.0 })
}

impl Plan {
    /// How long the pieces are that are at hand, bytes: all of it but files and captured bodies.
    pub fn known(&self) -> u64 {
        let bytes = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Bytes(bytes) => Some(bytes.len() as u64),
            _ => None,
        });
        bytes.sum()
    }

    /// The whole body, if it is all at hand.
    pub fn bytes(&self) -> Option<Bytes> {
        match &self.pieces[..] {
            [] => Some(Bytes::new()),
            [Piece::Bytes(bytes)] => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl Language {
    /// The media type of what is written in it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Json => "application/json",
            Self::Javascript => "application/javascript",
            Self::Html => "text/html",
            Self::Xml => "application/xml",
        }
    }
}

/// Pieces in the making; neighbouring bytes are one piece.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(if bytes.is_empty() { Vec::new() } else { vec![Piece::Bytes(bytes)] })
    }

    /// Puts `bytes` into a piece of its own and leaves them empty.
    fn push(&mut self, bytes: &mut Vec<u8>) {
        if !bytes.is_empty() {
            self.0.push(Piece::Bytes(mem::take(bytes).into()));
        }
    }
}

fn bad(message: String, hint: &str) -> Problem {
    Problem::new("body", message, hint)
}
