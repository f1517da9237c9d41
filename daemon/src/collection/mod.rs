//! Collections: requests that are kept, in folders, with examples of what came back.
//!
//! - [`model`]: what a collection is; [`node`]: what stands in one, one by one
//! - [`around`]: what a request gets from what it is in
//! - [`captured`]: captured exchanges as requests and examples
//! - [`endpoints`]: which captured requests belong together
//! - [`gather`]: from captured exchanges to a collection
//! - [`stored`]: collections as the store has them

pub mod around;
pub mod captured;
pub mod endpoints;
pub mod gather;
pub mod model;
pub mod node;
pub mod stored;

pub use around::{Around, InScope, Place};
pub use model::{Collection, Example, ExampleBody, Folder, Item, Saved, Variable};
pub use node::{Node, Unreadable};
pub use stored::ReadError;
