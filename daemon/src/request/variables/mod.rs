//! Variables: `{{name}}` in the texts of a request.
//!
//! - [`scopes`]: where their values come from
//! - [`dynamic`]: those that have another value each time, such as `{{$guid}}`
//! - [`draft`]: all texts of a request

mod draft;
pub mod dynamic;
pub mod scopes;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use dynamic::tests::counted;

pub use draft::{Resolved, resolve_draft};
pub use dynamic::{Dynamic, Random, SystemRandom};
pub use scopes::{Scope, Scopes};

use super::Problem;
use serde::Serialize;
use std::{borrow::Cow, collections::HashSet};

/// How deep variables may stand in the values of variables.
pub const MAX_DEPTH: usize = 10;

/// Longest name, bytes. What is longer, or has a line break, is text.
pub const MAX_NAME: usize = 256;

/// How much the values may add to a request, bytes.
pub const MAX_GROWTH: usize = 16 << 20;

/// Most entries in a list of what was used.
const MAX_USED: usize = 10_000;

/// A variable whose value went into a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Used {
    /// Its name.
    pub name: String,
    /// Its value, as it is kept: with the variables in it.
    pub value: String,
    /// Where the value came from.
    pub scope: Scope,
    /// Whether the value is not to be shown or logged.
    pub secret: bool,
}

/// A variable that could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Unresolved {
    /// Its name.
    pub name: String,
    /// Where it stands: `url`, `header "X"`, `body`, `auth` and so on.
    #[serde(rename = "where")]
    pub place: String,
    /// Why.
    pub reason: Reason,
}

/// Why a variable could not be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It has no value in any scope.
    Unknown,
    /// Its value leads back to itself, or through more than [`MAX_DEPTH`] others.
    TooDeep,
    /// The values together are more than [`MAX_GROWTH`].
    TooLong,
}

/// Puts values in place of variables, and notes which.
pub struct Resolver<'a> {
    scopes: &'a Scopes,
    dynamic: &'a mut Dynamic,
    room: usize,
    used: Vec<Used>,
    seen: HashSet<(String, Scope)>,
    unresolved: Vec<Unresolved>,
    noted: HashSet<Unresolved>,
}

impl<'a> Resolver<'a> {
    /// Takes values from `scopes`, and from `dynamic` where they have none.
    pub fn new(scopes: &'a Scopes, dynamic: &'a mut Dynamic) -> Self {
        let (seen, noted) = Default::default();
        Self { scopes, dynamic, room: MAX_GROWTH, used: Vec::new(), seen, unresolved: Vec::new(), noted }
    }

    /// `text` with values in place of its variables. Those without a value stay, and are noted to stand in `place`.
    pub fn resolve<'t>(&mut self, text: &'t str, place: &str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for _ in 0..MAX_DEPTH {
            match self.pass(&text) {
                Some(next) => text = Cow::Owned(next),
                None => break,
            }
            if self.room == 0 {
                break;
            }
        }
        for reference in references(&text) {
            let known = self.scopes.find(reference.name).is_some() || dynamic::is_known(reference.name.trim());
            let reason = match known {
                false => Reason::Unknown,
                true if self.room == 0 => Reason::TooLong,
                true => Reason::TooDeep,
            };
            let unresolved = Unresolved { name: reference.name.trim().to_owned(), place: place.to_owned(), reason };
            if self.unresolved.len() < MAX_USED && self.noted.insert(unresolved.clone()) {
                self.unresolved.push(unresolved);
            }
        }
        text
    }

    /// What was used, and what could not be resolved, in the order in which they were met.
    pub fn finish(self) -> (Vec<Used>, Vec<Unresolved>) {
        (self.used, self.unresolved)
    }

    /// `text` with values in place of the variables that have one; `None` if there is none such.
    fn pass(&mut self, text: &str) -> Option<String> {
        let mut resolved = None;
        let mut from = 0;
        for Reference { name, start, end } in references(text) {
            let Some(value) = self.value(name) else { continue };
            let resolved = resolved.get_or_insert_with(String::new);
            resolved.push_str(&text[from..start]);
            resolved.push_str(&value);
            from = end;
        }
        let mut resolved = resolved?;
        resolved.push_str(&text[from..]);
        Some(resolved)
    }

    fn value(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let (scope, value, secret) = match self.scopes.find(name) {
            Some((scope, variable)) => (scope, Cow::Borrowed(variable.value.as_str()), variable.secret),
            None => (Scope::Dynamic, Cow::Owned(self.dynamic.value(name.trim())?), false),
        };
        if value.len() > self.room {
            self.room = 0;
            return None;
        }
        self.room -= value.len();
        // A dynamic one has another value each time.
        let new = scope == Scope::Dynamic || self.seen.insert((name.trim().to_owned(), scope));
        if new && self.used.len() < MAX_USED {
            self.used.push(Used { name: name.trim().to_owned(), value: value.to_string(), scope, secret });
        }
        Some(value)
    }
}

/// The problem of a request with variables that cannot be resolved.
pub fn problem(unresolved: &[Unresolved]) -> Option<Problem> {
    let first = unresolved.first()?;
    let shown = unresolved.iter().take(5).map(|Unresolved { name, place, .. }| format!("{{{{{name}}}}} ({place})"));
    let more = unresolved.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = shown.collect::<Vec<_>>().join(", ") + &more;
    let (message, hint) = match first.reason {
        Reason::Unknown => (
            format!("No value for {names}."),
            "Give it a value, or choose the environment that has it. Names are case-sensitive.".to_owned(),
        ),
        Reason::TooDeep => (
            format!("The value of {names} leads back to itself, or through more than {MAX_DEPTH} variables."),
            "Look for the variable that stands in its own value.".to_owned(),
        ),
        Reason::TooLong => (
            format!("With the value of {names} the values are longer than {} MiB together.", MAX_GROWTH >> 20),
            "Send what is long as a file.".to_owned(),
        ),
    };
    Some(Problem::new("variables", message, hint))
}

/// A reference to a variable in a text.
struct Reference<'a> {
    /// What stands between the braces.
    name: &'a str,
    start: usize,
    end: usize,
}

/// The references in a text. In `{{a{{b}}}}` it is `b` alone: `a…` is one when `b` has been resolved.
fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find("{{")?;
            let name = start + 2;
            let end = name + text[name..].find(['{', '}'])?;
            if text[end..].starts_with("}}") {
                at = end + 2;
                let name = &text[name..end];
                if !name.trim().is_empty() && name.len() <= MAX_NAME && !name.contains(['\n', '\r']) {
                    return Some(Reference { name, start, end: at });
                }
            } else {
                at = start + 1;
            }
        }
    })
}

/// Whether a text holds what looks like a variable.
pub fn has_reference(text: &str) -> bool {
    references(text).next().is_some()
}
