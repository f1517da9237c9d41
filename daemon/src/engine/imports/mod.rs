//! Files and texts of other tools: looked at first, and kept only when somebody who has seen what is in them says so.
//!
//! - [`summary`]: what is in them, as it is told
//! - [`check`](mod@check): any file, recognised and read
//! - [`inventory`]: hosts, scripts and secrets of what was read
//! - [`keep`](mod@keep): into the store; `requests`: those of commands, as a collection has them
//! - [`shelf`]: what was looked at and may still be kept

pub mod check;
pub mod inventory;
pub mod keep;
mod requests;
pub mod shelf;
pub mod summary;
#[cfg(test)]
mod tests;

pub use check::{Checked, Refusal, check};
pub use keep::{Choice, KeepError, Made, keep};
pub use summary::{Kind, Summary};
