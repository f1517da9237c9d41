//! Collections: requests that are kept, in folders, with examples of what came back. Pure: no store, no socket.
//!
//! - [`model`]: what a collection is
//! - [`captured`]: captured exchanges as what is kept in one

pub mod captured;
pub mod model;

pub use model::{Collection, Example, ExampleBody, Folder, Item, Saved, Variable};
