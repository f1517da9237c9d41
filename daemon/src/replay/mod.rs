//! Requests that are sent again: one, some, a session in order, a collection; each by the sending path, into a session that the
//! replay has for itself, and each answer compared with the one that came the first time.
//!
//! - [`asked`]: what is asked for, and within which limits; `how`: when, how many at once, with which cookies
//! - [`steps`]: which requests, in which order
//! - [`original`]: a captured request as it is to be sent again; `target`: to another server
//! - [`pace`]: when each may begin
//! - [`evolving`]: cookies that change as the replay goes
//! - [`run`]: those under way; `sending`: from the first request to the last
//! - `judge`: what came of them, some at a time
//! - [`pair`]: two exchanges, compared; [`expected`]: what an answer is compared with
//! - [`results`]: what came of each, as it is shown; [`report`]: all of it in a document: JSON, JUnit
//! - [`rules`]: what does not count, as it is kept

pub mod asked;
pub mod evolving;
pub mod expected;
mod how;
mod judge;
pub mod original;
pub mod pace;
pub mod pair;
pub mod report;
pub mod results;
pub mod rules;
pub mod run;
mod sending;
pub mod steps;
mod target;

pub use asked::{Asked, BadAsked, Plan};
pub use run::Replayer;
pub use steps::Step;
