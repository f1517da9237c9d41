//! Which captured requests are of the same endpoint: their paths, with what differs from call to call as variables.
//!
//! The paths of a host make a tree. A segment that is a value by its looks is a variable; of other names that stand side
//! by side, eight or more that look alike below them and were answered alike. What the user has said wins over both. The
//! outcome does not depend on the order in which requests came.
//!
//! - [`segment`]: names and values
//! - [`template`]: what the user says
//! - `tree`: the tree

pub mod segment;
pub mod template;
mod tree;

pub use template::Template;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use template::Compiled;
use tree::Tree;

/// Longest path that is looked at, bytes; what is behind counts for nothing.
const PATH: usize = 2048;
/// Most segments that are told apart; the last one holds the rest.
pub(crate) const SEGMENTS: usize = 32;

/// A request, as far as its endpoint goes.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Host, with its port where that is not the scheme's own.
    pub host: &'a str,
    /// Method.
    pub method: &'a str,
    /// Path without query, as on the wire.
    pub path: &'a str,
    /// Media type of the response.
    pub media: &'a str,
}

/// A path with variables, of one host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// The host, with its port where that is not the scheme's own.
    pub host: String,
    /// The path; variables are segments that begin with a colon.
    pub template: String,
    /// Whether it was found here, and not said by the user.
    pub inferred: bool,
}

/// Endpoints, and which request is of which.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// In order.
    pub all: Vec<Endpoint>,
    /// For each request the place of its endpoint in `all`.
    pub of: Vec<usize>,
}

/// Finds the endpoints. `shape` tells what a request was answered with: equal numbers for answers that are made alike, nothing
/// if that is not known. It is asked about few, and must answer the same whenever it is asked.
pub fn infer(seen: &[Seen<'_>], said: &[Template], shape: &mut dyn FnMut(usize) -> Option<u64>) -> Endpoints {
    let said = Compiled::all(said);
    let mut found: BTreeMap<Endpoint, Vec<usize>> = BTreeMap::new();
    let mut hosts: BTreeMap<&str, Tree<'_>> = BTreeMap::new();
    for (at, one) in seen.iter().enumerate() {
        let path = cut(one.path);
        match said.iter().find(|template| template.fits(one.host, path)) {
            Some(template) => {
                let (host, template) = (one.host.to_owned(), template.text().to_owned());
                found.entry(Endpoint { host, template, inferred: false }).or_default().push(at);
            }
            None => hosts.entry(one.host).or_default().add(at, path),
        }
    }
    for (host, tree) in hosts {
        tree.endpoints(seen, shape, &mut |template, of| {
            found.entry(Endpoint { host: host.to_owned(), template, inferred: true }).or_default().extend(of);
        });
    }
    let mut endpoints = Endpoints { all: Vec::with_capacity(found.len()), of: vec![0; seen.len()] };
    for (endpoint, of) in found {
        for at in of {
            endpoints.of[at] = endpoints.all.len();
        }
        endpoints.all.push(endpoint);
    }
    endpoints
}

/// The beginning of a path, on a boundary of characters.
fn cut(path: &str) -> &str {
    &path[..path.floor_char_boundary(PATH)]
}

/// The segments of a path.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).splitn(SEGMENTS, '/')
}

#[cfg(test)]
mod tests;
