//! Paths with variables as the user says them.

use super::segments;
use serde::{Deserialize, Serialize};

/// A path with variables: segments that begin with a colon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The host it is for, with its port where that is not the scheme's own; empty for all.
    #[serde(default)]
    pub host: String,
    /// The path, such as `/users/:id`.
    pub template: String,
    /// Segments that no variable of it stands for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<String>,
}

/// One that is ready to be compared.
pub(super) struct Compiled<'a> {
    said: &'a Template,
    segments: Vec<&'a str>,
    variables: usize,
}

impl<'a> Compiled<'a> {
    /// Those with the fewest variables first; of a host before those of all.
    pub(super) fn all(said: &'a [Template]) -> Vec<Self> {
        let compile = |said: &'a Template| {
            let segments: Vec<&str> = segments(&said.template).collect();
            let variables = segments.iter().filter(|segment| is_variable(segment)).count();
            Self { said, segments, variables }
        };
        let mut all: Vec<Self> = said.iter().map(compile).collect();
        all.sort_by(|a, b| {
            let key = |one: &Self| (one.variables, one.said.host.is_empty());
            key(a).cmp(&key(b)).then_with(|| a.said.template.cmp(&b.said.template))
        });
        all
    }

    pub(super) fn text(&self) -> &'a str {
        &self.said.template
    }

    pub(super) fn fits(&self, host: &str, path: &str) -> bool {
        if !self.said.host.is_empty() && !self.said.host.eq_ignore_ascii_case(host) {
            return false;
        }
        let mut wanted = self.segments.iter();
        let all = segments(path).all(|segment| {
            wanted.next().is_some_and(|wanted| {
                if !is_variable(wanted) {
                    return *wanted == segment;
                }
                !segment.is_empty() && !self.said.exceptions.iter().any(|exception| exception == segment)
            })
        });
        all && wanted.next().is_none()
    }
}

/// Whether a segment of a template stands for others.
pub fn is_variable(segment: &str) -> bool {
    segment.len() > 1 && segment.starts_with(':')
}
