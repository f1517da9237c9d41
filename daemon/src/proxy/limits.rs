//! Bounds on what clients may send.

/// More fields than this in a request are refused with 431. hyper clears a table of this size for every head it reads.
pub const MAX_FIELDS: usize = 256;
/// All fields of an HTTP/2 request together.
pub const MAX_HEADER_LIST: u32 = 512 << 10;
