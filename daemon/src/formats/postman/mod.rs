//! Collections of Postman: versions 2.1 and 2.0 both ways, version 1 and data dumps in.
//!
//! What is read may be of any age and somewhat malformed; what is written is valid by Postman's schemas, and newman sends
//! for it what was captured. What a file says beyond what is known here is kept in the `extra` of the model and goes back to
//! its place; what the model says beyond what Postman knows stands under `_waylay`, so that an export that is imported is
//! the same collection.
//!
//! - [`mod@read`]: files into the model
//! - [`mod@write`]: the model into files
//! - [`mod@export`]: a collection of the store as files
//! - [`side`]: bytes that cannot stand in JSON
//! - [`own`]: what stands under `_waylay`
//! - [`place`]: where in a file something is
//! - [`redact`]: collections without their secrets
//!
//! Source: <https://schema.postman.com>, `postman-collection` and `postman-runtime`.

pub mod export;
pub mod own;
pub mod place;
pub mod read;
pub mod redact;
pub mod side;
pub mod write;

#[cfg(test)]
mod tests;

pub use read::{Kind, Read, Refused, read, read_archive, read_with, sniff};
pub use side::SideFiles;
pub use write::{Version, Written, write};
