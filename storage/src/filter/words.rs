//! Words for the full-text index.

/// Words that stand one behind the other. The index takes words as runs of letters and digits, without regard to case
/// (the tokenizer `unicode61` of SQLite's FTS5, with diacritics kept).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// As written, without the `*` behind it.
    pub(crate) text: String,
    /// At least one, in order; not empty, letters and digits only.
    pub(crate) tokens: Vec<String>,
    /// The last token may be the beginning of a word.
    pub(crate) prefix: bool,
}

impl Words {
    /// `None` if there is no letter or digit in the text.
    pub(crate) fn new(text: impl Into<String>, prefix: bool) -> Option<Self> {
        let text = text.into();
        let tokens: Vec<_> = tokens(&text).map(str::to_owned).collect();
        (!tokens.is_empty()).then_some(Self { text, tokens, prefix })
    }

    /// A query of FTS5: a phrase. Tokens have no quotes, so nothing can end the quoted text early.
    pub(crate) fn query(&self) -> String {
        format!("\"{}\"{}", self.tokens.join(" "), if self.prefix { " *" } else { "" })
    }
}

/// Runs of letters and digits.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty())
}
