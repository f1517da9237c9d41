//! HTTP Archive 1.2, and what tools have added to it since (fields whose names begin with `_`).
//!
//! - [`mod@export`]: exchanges of the store, written in one stream
//! - [`mod@import`]: a file of any tool, read one entry at a time into a session of its own
//! - [`extra`]: what HAR cannot say, so that an export read again is what was exported
//! - [`head`]: message heads as HAR's lists of fields, and back
//!
//! Source: <http://www.softwareishard.com/blog/har-12-spec/>, Chrome's and Playwright's own fields.

pub mod export;
pub mod extra;
pub mod head;
pub mod import;

pub use export::{ExportError, Exported, Scope, export};
pub use import::{ImportError, Imported, Refused, import};

#[cfg(test)]
mod tests;
