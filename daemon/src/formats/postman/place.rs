//! Where in a file something is.

use std::fmt;

/// A place in a JSON file, written as a JSON path: `$.item[3].request.url`.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The whole of the file.
    pub const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    /// A member of the object here.
    pub fn member(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Member(name) }
    }

    /// An element of the array here, from 0.
    pub fn index(&'a self, number: usize) -> Place<'a> {
        Place { parent: Some(self), step: Step::Index(number) }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => f.write_str("$"),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Index(number) => write!(f, "[{number}]"),
        }
    }
}
