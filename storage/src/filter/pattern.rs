//! Regular expressions: linear in the length of what they search, and bounded in size.

use regex::bytes::{Regex, RegexBuilder};

/// Bytes of a compiled expression, and of what it keeps while it searches. Large enough for a few dozen `\w`.
const COMPILED: usize = 512 << 10;

/// Deepest nesting of groups.
const DEPTH: u32 = 32;

/// A regular expression in the syntax of the `regex` crate: no look-around, no back references.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    /// In a few words what is wrong with it.
    pub(crate) fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        let built = RegexBuilder::new(&text).size_limit(COMPILED).dfa_size_limit(COMPILED).nest_limit(DEPTH).build();
        match built {
            Ok(regex) => Ok(Self { text, regex }),
            Err(error) => Err(in_few_words(&error)),
        }
    }

    /// The expression, with its flags in it: `(?i)cdn\.`.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether some part of the bytes matches.
    pub(crate) fn is_match(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(bytes)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// The errors of the crate are drawings; their last line says what is wrong.
fn in_few_words(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large: repeat fewer times".into(),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).into()
        }
    }
}
