//! Collections: requests that are kept, in folders, with examples of what came back. Pure: no store, no socket.
//!
//! - [`model`]: what a collection is

pub mod model;

pub use model::{Collection, Example, ExampleBody, Folder, Item, Saved, Variable};
