//! Reading captured bodies: content codings undone, text told from bytes. For viewing only; the wire is never decoded.
//!
//! Bodies are hostile. Memory is bounded by the window of a coding (at most 16 MiB each) plus what the caller keeps,
//! and work by the limit on output: no layer is fed more than twice that limit, so that neither a decompression bomb
//! nor an endless run of empty frames takes long.
//!
//! - [`coding`]: the `Content-Encoding` field
//! - [`decoder`]: a reader that undoes a list of codings up to a limit, and [`decode`], which collects it
//! - `layers`: one coding each
//! - [`searchable`]: the text of a body for the full-text index
//! - [`text`]: charsets, and what is not text at all; [`hex`]: digits for that
//!
//! Messages within bodies:
//!
//! - [`event`]: events of an event stream
//! - [`close`]: why a WebSocket was closed
//! - [`grpc`]: what a call ended with
//! - [`protobuf`]: messages without their schema

pub mod close;
pub mod coding;
pub mod decoder;
pub mod event;
pub mod grpc;
pub mod hex;
mod layers;
pub mod protobuf;
pub mod searchable;
pub mod text;

pub use close::Close;
pub use coding::{Coding, Codings};
pub use decoder::{Decoded, Decoder, decode};
pub use event::ServerEvent;
pub use hex::Hex;
pub use searchable::Searchable;
pub use text::{Charset, Text};

use std::io;

/// Why a body could not be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A coding nobody registered, or one not implemented.
    #[error("the content coding '{0}' is not known here (known: gzip, deflate, br, zstd, identity)")]
    Unknown(String),
    /// More codings than any sender has reason to apply.
    #[error("{count} content codings on one body; at most {} are undone", Codings::MAX)]
    TooMany {
        /// How many the field listed.
        count: usize,
    },
    /// The bytes are not what the field says, or end early.
    #[error("not valid {coding} data: {reason}")]
    Broken {
        /// The coding that could not go on.
        coding: Coding,
        /// What it met.
        reason: String,
    },
    /// The stored bytes could not be read.
    #[error("the stored body cannot be read: {0}")]
    Read(#[source] io::Error),
}

impl From<DecodeError> for io::Error {
    fn from(error: DecodeError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}
