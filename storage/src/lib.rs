//! Waylay's store.
//!
//! - [`model`]: the vocabulary every crate shares

pub mod model;
