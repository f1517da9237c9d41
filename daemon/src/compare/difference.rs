//! What comes out of a comparison.

use serde::{Deserialize, Serialize};

/// Most differences that are listed; the others are counted.
pub const LISTED: usize = 200;
/// Longest value that is shown, characters.
const SHOWN: usize = 500;

/// What of an answer differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The status.
    Status,
    /// A field of the head.
    Header,
    /// A value of a JSON body.
    Json,
    /// Lines of a text.
    Text,
    /// The body as a whole.
    Body,
    /// A field behind the body.
    Trailer,
}

/// How it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is another.
    Changed,
    /// Only the second answer has it.
    Added,
    /// Only the first answer has it.
    Removed,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What of the answer.
    pub part: Part,
    /// Where: a field's name in lower case, a JSON path such as `$.items[3].price`, `line 12`; empty for a body as a whole.
    pub path: String,
    /// How.
    pub kind: Change,
    /// As the first answer has it: of JSON its JSON; at most 500 characters. `None` if it does not have it.
    pub a: Option<String>,
    /// As the second answer has it.
    pub b: Option<String>,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Whether nothing differs that counts.
    pub same: bool,
    /// The first 200 of what differs.
    pub differences: Vec<Difference>,
    /// How many there are.
    pub total: u64,
    /// How many more there are that do not count.
    pub ignored: u64,
    /// What could not be compared, in sentences.
    pub notes: Vec<String>,
    /// Whether not all differences are listed, or a body was only compared as a whole because it is long.
    pub truncated: bool,
}

impl Difference {
    /// In a few words: `status 200 → 500`, `header content-type`, `$.items[3].price`.
    pub fn summary(&self) -> String {
        let sign = match self.kind {
            Change::Changed => "",
            Change::Added => " added",
            Change::Removed => " removed",
        };
        match (self.part, &self.a, &self.b) {
            (Part::Status, a, b) => {
                let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
                format!("status {} → {}", word(a), word(b))
            }
            (Part::Header, ..) => format!("header {}{sign}", self.path),
            (Part::Trailer, ..) => format!("trailer {}{sign}", self.path),
            (Part::Json, ..) => format!("{}{sign}", self.path),
            (Part::Text, ..) => format!("{}{sign}", self.path),
            (Part::Body, ..) => format!("body{sign}"),
        }
    }
}

/// Differences as they are found.
#[derive(Debug, Default)]
pub(super) struct Found {
    list: Vec<Difference>,
    total: u64,
    ignored: u64,
    notes: Vec<String>,
    truncated: bool,
}

impl Found {
    /// What the two have in one place, if it differs.
    pub(super) fn pair(&mut self, part: Part, path: &str, a: Option<String>, b: Option<String>, ignored: bool) {
        if a != b {
            if ignored {
                self.ignored += 1;
            } else {
                self.add(part, || path.to_owned(), a, b);
            }
        }
    }

    /// A difference. What only one of them has is `None` in the other.
    pub(super) fn add(&mut self, part: Part, path: impl FnOnce() -> String, a: Option<String>, b: Option<String>) {
        self.total += 1;
        if self.list.len() >= LISTED {
            self.truncated = true;
            return;
        }
        let kind = match (&a, &b) {
            (None, Some(_)) => Change::Added,
            (Some(_), None) => Change::Removed,
            _ => Change::Changed,
        };
        self.list.push(Difference { part, path: path(), kind, a: a.map(bounded), b: b.map(bounded) });
    }

    /// Whether one more would be listed.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= LISTED
    }

    /// So many differences do not count.
    pub(super) fn ignore(&mut self, count: u64) {
        self.ignored += count;
    }

    /// Something could not be compared.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// A body was too long to be looked into.
    pub(super) fn cut(&mut self) {
        self.truncated = true;
    }

    pub(super) fn comparison(self) -> Comparison {
        let Self { list: differences, total, ignored, notes, truncated } = self;
        Comparison { same: total == 0, differences, total, ignored, notes, truncated }
    }
}

/// The beginning of a long text.
fn bounded(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
