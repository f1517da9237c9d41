//! JSON by path.
//!
//! - [`node`]: values as they are compared; `node::parse` reads them
//! - [`path`]: which values do not count
//! - `walk`: what differs

pub(super) mod node;
pub(super) mod path;
mod strip;
mod walk;

pub(super) use node::{Node, parse};

use super::difference::Found;
use path::Pattern;

/// What differs between two documents, but for what the patterns match.
pub(super) fn compare(mut a: Node, mut b: Node, ignore: &[Pattern], found: &mut Found) {
    if !ignore.is_empty() {
        let (out_of_a, out_of_b) = (strip::strip(&mut a, ignore), strip::strip(&mut b, ignore));
        found.ignore(strip::differing(out_of_a, out_of_b));
    }
    walk::compare(&a, &b, found);
}
