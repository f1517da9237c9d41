//! Who owns a file, who may read it, and what makes it durable.
//!
//! [`Folder`] is the same on every system: `unix` holds the folder open and does everything relative to it, so that what
//! was checked is what is used; `other` leaves access to the access lists of the user's profile folder.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::Folder;

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::Folder;

/// Files larger than this are not ours: a key and a certificate have some hundred bytes.
const MAX_FILE: u64 = 64 << 10;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its owner alone, from the moment it is created.
    Private,
    /// Anyone who gets into the folder; only its owner may write.
    Public,
}
