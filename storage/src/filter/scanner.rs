//! A place in the text of a filter, and how far the word there goes.

use super::{
    FilterError,
    lexer::{Form, Operator, Span, Value},
};

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn since(&self, start: usize) -> Span {
        Span { offset: start, length: self.at - start }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes to the next token; `false` at the end.
    pub(super) fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.at < self.text.len()
    }

    pub(super) fn starts_with(&self, what: &str) -> bool {
        self.rest().starts_with(what)
    }

    pub(super) fn eat(&mut self, what: &str) -> bool {
        let found = self.starts_with(what);
        self.at += if found { what.len() } else { 0 };
        found
    }

    /// Passes over a word if it is this one, as a whole.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let whole = self.rest().strip_prefix(word).is_some_and(is_end);
        whole && self.eat(word)
    }

    pub(super) fn at_end_of_word(&self) -> bool {
        is_end(self.rest())
    }

    /// The letters of `~u`.
    pub(super) fn tilde(&mut self) -> Option<&'a str> {
        let rest = self.rest().strip_prefix('~')?;
        let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        self.at += 1 + length;
        Some(&rest[..length])
    }

    /// A key with the operator behind it. `http://` begins a URL, not a key; and `a=b` and `a~b` are text as they are
    /// common in URLs, unless a key stands there.
    pub(super) fn key(&mut self) -> Option<(&'a str, Operator)> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'))?;
        let (name, behind) = rest.split_at(length);
        if name.is_empty() || behind.starts_with("://") {
            return None;
        }
        let operators = [
            (":", Operator::Is),
            (">=", Operator::GreaterOrEqual),
            (">", Operator::Greater),
            ("<=", Operator::LessOrEqual),
            ("<", Operator::Less),
            ("~", Operator::Matches),
        ];
        let (sign, operator) = operators.into_iter().find(|(sign, _)| behind.starts_with(sign))?;
        if operator != Operator::Is && super::keys::Key::find(name).is_none() {
            return None;
        }
        self.at += length + sign.len();
        Some((name, operator))
    }

    /// `/re/` or `/re/i`, if that is what stands here: the last slash is the first one that no backslash stands before
    /// and that ends the value. No white space is in it.
    pub(super) fn regex(&mut self, is_list: bool) -> Option<Value> {
        let start = self.at;
        let rest = self.rest();
        let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
        let inner = word.strip_prefix('/').filter(|inner| !inner.starts_with('/'))?;
        let is_end = |rest: &str| is_end(rest) || (is_list && rest.starts_with(','));
        let mut escaped = false;
        for (at, c) in inner.char_indices() {
            if c == '/' && !escaped {
                let behind = &inner[at + 1..];
                let any_case = behind.strip_prefix('i').is_some_and(is_end);
                if any_case || is_end(behind) {
                    self.at += 1 + at + 1 + usize::from(any_case);
                    let form = Form::Regex { any_case };
                    return Some(Value { text: inner[..at].to_owned(), span: self.since(start), form });
                }
            }
            escaped = c == '\\' && !escaped;
        }
        None
    }

    /// Text up to white space, to a `)` that closes nothing in it, or to a comma if commas part values. Some or all of
    /// it may be in quotes.
    pub(super) fn text(&mut self, is_list: bool) -> Result<Value, FilterError> {
        let start = self.at;
        let (mut text, mut quoted, mut starred, mut depth) = (String::new(), false, false, 0);
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' => {
                    quoted = true;
                    self.quoted(&mut text)?;
                    starred = false;
                    continue;
                }
                ',' if is_list => break,
                ')' if depth == 0 => break,
                c if c.is_whitespace() => break,
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            starred = c == '*';
            text.push(c);
            self.at += c.len_utf8();
        }
        Ok(Value { text, span: self.since(start), form: Form::Text { quoted, starred } })
    }

    /// Quoted text; a backslash stands before a quote or a backslash that is meant as such.
    fn quoted(&mut self, text: &mut String) -> Result<(), FilterError> {
        let start = self.at;
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(());
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
}

/// Whether a word ends before this text.
fn is_end(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| c.is_whitespace() || c == ')')
}
