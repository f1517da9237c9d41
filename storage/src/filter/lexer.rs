//! Text to tokens, each with its place in the text.

use super::{
    FilterError,
    keys::{self, Key},
    mitmproxy::Sign,
    scanner::Scanner,
};

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

/// What a filter is made of.
#[derive(Debug)]
pub(super) enum Token {
    /// `(`, or `-(`
    Open {
        negated: bool,
    },
    Close,
    Or,
    And,
    Term {
        negated: bool,
        term: Term,
    },
}

#[derive(Debug)]
pub(super) enum Term {
    /// A word, quoted text or a regular expression alone.
    Bare(Value),
    Keyed {
        key: Key,
        operator: Operator,
        values: Vec<Value>,
    },
    /// mitmproxy's: a sign like `~u`, and the word behind it.
    Tilde {
        sign: Sign,
        argument: Option<Value>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    /// `~`
    Matches,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Text that is looked for.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Without its quotes or slashes.
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Some of it, at least, is quoted; `starred` if a `*` that is not quoted ends it.
    Text { quoted: bool, starred: bool },
    /// `/re/`, or `/re/i`
    Regex { any_case: bool },
}

impl Value {
    fn is_missing(&self) -> bool {
        self.text.is_empty() && self.form == Form::Text { quoted: false, starred: false }
    }
}

/// Splits a filter into its tokens, each with its place.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, FilterError> {
    if text.len() > LONGEST {
        let rest = text.floor_char_boundary(LONGEST);
        let span = Span { offset: rest, length: text.len() - rest };
        return Err(span.error(format!("the filter is longer than {LONGEST} bytes")));
    }
    if let Some(offset) = text.find('\0') {
        return Err(Span { offset, length: 1 }.error("a filter cannot contain the character NUL"));
    }
    let mut scanner = Scanner::new(text);
    let mut tokens = Vec::new();
    while scanner.skip_space() {
        let start = scanner.at();
        let token = token(&mut scanner)?;
        tokens.push((token, scanner.since(start)));
    }
    Ok(tokens)
}

fn token(scanner: &mut Scanner<'_>) -> Result<Token, FilterError> {
    let start = scanner.at();
    for (word, token) in [("OR", Token::Or), ("AND", Token::And)] {
        if scanner.eat_word(word) {
            return Ok(token);
        }
    }
    if scanner.eat(")") {
        return Ok(Token::Close);
    }
    other_languages(scanner)?;
    let negated = scanner.eat("-");
    if scanner.eat("(") {
        return Ok(Token::Open { negated });
    }
    if negated && scanner.at_end_of_word() {
        return Err(scanner
            .since(start)
            .error("'-' must be followed by what is not wanted; to search for it, write \"-\""));
    }
    Ok(Token::Term { negated, term: term(scanner, start)? })
}

/// What other languages write for "and", "or" and "not" is no text to search for.
fn other_languages(scanner: &mut Scanner<'_>) -> Result<(), FilterError> {
    let start = scanner.at();
    for (word, hint) in [
        ("NOT", "write - before a term for \"not\""),
        ("|", "write OR between the terms"),
        ("||", "write OR between the terms"),
        ("&", "terms side by side must all match: leave it out"),
        ("&&", "terms side by side must all match: leave it out"),
    ] {
        if scanner.eat_word(word) {
            return Err(scanner.since(start).error(format!("{hint}; to search for '{word}', put it in quotes")));
        }
    }
    if scanner.starts_with("!~") || scanner.starts_with("!(") {
        scanner.eat("!");
        return Err(scanner.since(start).error("write - instead of ! for \"not\""));
    }
    Ok(())
}

fn term(scanner: &mut Scanner<'_>, start: usize) -> Result<Term, FilterError> {
    if let Some(letters) = scanner.tilde() {
        let sign = Sign::find(letters, scanner.since(start))?;
        let argument = sign.takes_argument() && scanner.skip_space() && !scanner.starts_with(")");
        return Ok(Term::Tilde { sign, argument: argument.then(|| scanner.text(false)).transpose()? });
    }
    let begin = scanner.at();
    let Some((name, operator)) = scanner.key() else {
        return Ok(Term::Bare(match scanner.regex(false) {
            Some(regex) => regex,
            None => scanner.text(false)?,
        }));
    };
    let span = Span { offset: begin, length: name.len() };
    let key = Key::find(name).ok_or_else(|| keys::unknown(name, span))?;
    check_operator(key, operator, scanner.since(start))?;
    let values = values(scanner, key, operator, start)?;
    Ok(Term::Keyed { key, operator, values })
}

fn check_operator(key: Key, operator: Operator, span: Span) -> Result<(), FilterError> {
    let name = key.name();
    match operator {
        Operator::Is => Ok(()),
        Operator::Matches if key.is_text() => Ok(()),
        Operator::Matches => Err(span.error(format!("'{name}' takes no regular expression: write {name}:"))),
        _ if key.is_number() => Ok(()),
        _ => Err(span.error(format!("'{name}' cannot be greater or less: write {name}:"))),
    }
}

fn values(scanner: &mut Scanner<'_>, key: Key, operator: Operator, start: usize) -> Result<Vec<Value>, FilterError> {
    let first = scanner.at();
    let mut values = Vec::new();
    loop {
        values.push(value(scanner, key, operator, start)?);
        if !(key.is_list() && scanner.eat(",")) {
            break;
        }
    }
    match &values[..] {
        [one] if one.text.is_empty() => Err(scanner.since(start).error(format!("'{}:' needs a value", key.name()))),
        [_, _, ..] if values.iter().any(Value::is_missing) => {
            Err(scanner.since(first).error("a value is missing beside a comma"))
        }
        _ => Ok(values),
    }
}

fn value(scanner: &mut Scanner<'_>, key: Key, operator: Operator, start: usize) -> Result<Value, FilterError> {
    let name = key.name();
    // A path begins with a slash, so that its regular expressions need a sign of their own.
    let regex = operator == Operator::Matches || (key.is_text() && key != Key::Path);
    if regex && let Some(regex) = scanner.regex(key.is_list()) {
        return Ok(regex);
    }
    if scanner.starts_with("(") {
        scanner.eat("(");
        return Err(scanner.since(start).error(match key.is_list() {
            true => format!("'{name}:' takes no parentheses: write {name}:a,b, or put the value in quotes"),
            false => {
                format!("'{name}:' takes no parentheses: write ({name}:a OR {name}:b), or put the value in quotes")
            }
        }));
    }
    let slash = scanner.starts_with("/");
    let value = scanner.text(key.is_list())?;
    if operator == Operator::Matches {
        return Err(scanner.since(start).error(format!(
            "'{name}~' needs a regular expression in slashes, like {name}~/^a.*z$/i; a space in it is written \\s"
        )));
    }
    if slash && regex && key != Key::Url {
        return Err(value.span.error(
            "a regular expression ends with '/' or '/i', and a space in it is written \\s; put other text in quotes",
        ));
    }
    Ok(value)
}
