//! Files that other tools write and read.
//!
//! - [`har`]: HTTP Archive 1.2, both ways
//! - [`redact`]: secrets hidden in what leaves this machine
//! - [`json`]: JSON written piece by piece

pub mod har;
pub mod json;
pub mod redact;
