//! Text to terms, each with its place in the text.

use super::FilterError;

/// Longer filters are refused; it also keeps patterns below SQLite's limit of 50,000 bytes.
const LONGEST: usize = 4096;

/// A part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) offset: usize,
    pub(super) length: usize,
}

impl Span {
    pub(super) fn error(self, message: impl Into<String>) -> FilterError {
        FilterError { message: message.into(), offset: self.offset, length: self.length }
    }
}

/// Text that was written plainly or within quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) quoted: bool,
}

/// `-key:value`, `key:value`, or a word alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) key: Option<Word>,
    pub(super) value: Word,
    /// All of it.
    pub(super) span: Span,
}

/// Splits a filter into its terms.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterError> {
    if text.len() > LONGEST {
        let rest = text.floor_char_boundary(LONGEST);
        let span = Span { offset: rest, length: text.len() - rest };
        return Err(span.error(format!("the filter is longer than {LONGEST} bytes")));
    }
    if let Some(offset) = text.find('\0') {
        return Err(Span { offset, length: 1 }.error("a filter cannot contain the character NUL"));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut terms = Vec::new();
    while lexer.skip_space() {
        terms.push(lexer.term()?);
    }
    Ok(terms)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    /// Goes to the next term; `false` at the end.
    fn skip_space(&mut self) -> bool {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.at < self.text.len()
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let start = self.at;
        let negated = self.eat('-');
        let key = self.key();
        let value = self.word()?;
        let span = self.since(start);
        if negated && key.is_none() && !value.quoted && value.text.is_empty() {
            return Err(span.error("'-' must be followed by what is not wanted; to search for it, write \"-\""));
        }
        Ok(Term { negated, key, value, span })
    }

    /// A key with its colon. `http://` begins a URL, not a key.
    fn key(&mut self) -> Option<Word> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'))?;
        let after = rest[length..].strip_prefix(':')?;
        if length == 0 || after.starts_with("//") {
            return None;
        }
        let key = Word { text: rest[..length].to_owned(), span: Span { offset: self.at, length }, quoted: false };
        self.at += length + 1;
        Some(key)
    }

    fn word(&mut self) -> Result<Word, FilterError> {
        let start = self.at;
        if self.eat('"') {
            let text = self.quoted(start)?;
            return Ok(Word { text, span: self.since(start), quoted: true });
        }
        let rest = &self.text[start..];
        self.at += rest.find(char::is_whitespace).unwrap_or(rest.len());
        let span = self.since(start);
        Ok(Word { text: self.text[start..self.at].to_owned(), span, quoted: false })
    }

    /// The rest of quoted text; a backslash stands before a quote or a backslash that is meant as such.
    fn quoted(&mut self, start: usize) -> Result<String, FilterError> {
        let mut text = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, next @ ('"' | '\\'))) => text.push(next),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                c => text.push(c),
            }
        }
        let span = Span { offset: start, length: self.text.len() - start };
        Err(span.error("the quoted text has no end: add a '\"'"))
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.text[self.at..].starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }

    fn since(&self, start: usize) -> Span {
        Span { offset: start, length: self.at - start }
    }
}
