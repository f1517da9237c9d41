//! What is compared.

use sha2::{Digest, Sha256};
use std::io::{self, Read};
use waylay_storage::model::Field;

/// An answer: what an origin said.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its status, if it has one.
    pub status: Option<u16>,
    /// The fields of its head, in order.
    pub fields: &'a [Field],
    /// The fields behind its body.
    pub trailers: &'a [Field],
    /// Its body.
    pub body: &'a Content,
}

/// A body with its codings undone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its beginning: all of it, unless it is longer than [`LONGEST`](super::LONGEST).
    pub bytes: Vec<u8>,
    /// How long it is, bytes.
    pub length: u64,
    /// SHA-256 of all of it, where `bytes` is not.
    pub digest: Option<[u8; 32]>,
    /// Why it cannot be compared: not all of it is kept, or it cannot be decoded. A clause that follows "because".
    pub missing: Option<String>,
}

impl Content {
    /// A body that is whole.
    pub fn whole(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self { length: bytes.len() as u64, bytes, ..Self::default() }
    }

    /// A body that cannot be compared.
    pub fn missing(why: impl Into<String>) -> Self {
        Self { missing: Some(why.into()), ..Self::default() }
    }

    /// Reads one that has no codings any more.
    ///
    /// # Errors
    /// Those of `source`.
    pub fn read(mut source: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        source.by_ref().take(super::LONGEST as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() <= super::LONGEST {
            return Ok(Self::whole(bytes));
        }
        let mut hasher = Sha256::new_with_prefix(&bytes);
        let rest = io::copy(&mut source, &mut hasher)?;
        let length = bytes.len() as u64 + rest;
        bytes.truncate(super::LONGEST);
        Ok(Self { bytes, length, digest: Some(hasher.finalize().into()), missing: None })
    }

    /// SHA-256 of all of it.
    pub(super) fn sha256(&self) -> [u8; 32] {
        self.digest.unwrap_or_else(|| Sha256::digest(&self.bytes).into())
    }

    /// Whether `bytes` is all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.digest.is_none()
    }
}
