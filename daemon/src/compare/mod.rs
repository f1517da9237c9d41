//! What differs between two answers. Pure: heads and decoded bodies in, a list of differences out.
//!
//! Both answers are hostile. Bodies are looked into up to [`LONGEST`] bytes each, so that work and memory are bounded; what is longer is
//! told apart by its length and its SHA-256.
//!
//! - [`answer`]: what is compared
//! - [`difference`]: what comes out
//! - [`rules`]: what does not count
//! - `fields`: header fields and trailers; `cookies`: those of them that set cookies
//! - `body`: in which way bodies are compared; `json`: by path; `lines`: text, line by line

pub mod answer;
mod body;
mod cookies;
pub mod difference;
mod fields;
mod json;
mod lines;
pub mod rules;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Content};
pub use difference::{Change, Comparison, Difference, Part};
pub use rules::{BadRule, NOISE, Rules};

use difference::Found;

/// So much of a decoded body is looked into, bytes.
pub const LONGEST: usize = 4 << 20;

/// What differs in `b` from what was in `a`.
pub fn compare(a: &Answer<'_>, b: &Answer<'_>, rules: &Rules) -> Comparison {
    let mut found = Found::default();
    let status = |status: Option<u16>| status.map(|status| status.to_string());
    found.pair(Part::Status, "status", status(a.status), status(b.status), rules.ignores_status());
    fields::compare(Part::Header, a.fields, b.fields, rules, &mut found);
    body::compare(a, b, rules, &mut found);
    fields::compare(Part::Trailer, a.trailers, b.trailers, rules, &mut found);
    found.comparison()
}
