//! Terms to expressions.

use super::{
    FilterError,
    expression::{Column, Expression, Property},
    keys::{self, Key},
    lexer::{Form, Operator, Span, Value},
    numbers,
    pattern::Pattern,
    time,
    words::Words,
};
use crate::model::{ExchangeId, Scheme, SessionId, Source};
use jiff::Zoned;

/// Most terms, and values between commas, of a filter.
const TERMS: usize = 256;

/// Most regular expressions of a filter.
const REGEXES: usize = 16;

/// What `is:` knows.
const PROPERTIES: &[(&str, Property)] = &[
    ("failed", Property::Failed),
    ("pending", Property::Pending),
    ("http", Property::Http),
    ("ws", Property::WebSocket),
    ("sse", Property::Sse),
    ("grpc", Property::Grpc),
    ("tunnel", Property::Tunnel),
    ("passthrough", Property::Passthrough),
    ("pinned", Property::Pinned),
    ("replayed", Property::Replayed),
    ("sent", Property::Sent),
    ("imported", Property::Imported),
    ("truncated", Property::Truncated),
    ("omitted", Property::Omitted),
    ("websocket", Property::WebSocket),
];

const SCHEMES: &[(&str, Scheme)] = &[("http", Scheme::Http), ("https", Scheme::Https), ("tcp", Scheme::Tcp)];

const SOURCES: &[(&str, Source)] = &[
    ("proxy", Source::Proxy),
    ("run", Source::Run),
    ("send", Source::Send),
    ("replay", Source::Replay),
    ("agent", Source::Agent),
    ("import", Source::Import),
];

/// What is left of what a filter may ask for, and when it is read.
pub(super) struct Budget<'a> {
    now: &'a Zoned,
    terms: usize,
    regexes: usize,
}

impl<'a> Budget<'a> {
    pub(super) fn new(now: &'a Zoned) -> Self {
        Self { now, terms: TERMS, regexes: REGEXES }
    }

    /// Takes one term.
    pub(super) fn term(&mut self, span: Span) -> Result<(), FilterError> {
        let too_many = || span.error(format!("a filter can have {TERMS} terms, values between commas included"));
        self.terms = self.terms.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }

    /// Compiles a regular expression, and takes one.
    pub(super) fn regex(&mut self, text: &str, any_case: bool, span: Span) -> Result<Pattern, FilterError> {
        let too_many = || span.error(format!("a filter can have {REGEXES} regular expressions"));
        self.regexes = self.regexes.checked_sub(1).ok_or_else(too_many)?;
        let text = if any_case { format!("(?i){text}") } else { text.to_owned() };
        Pattern::new(text).map_err(|error| span.error(format!("the regular expression is not understood: {error}")))
    }
}

/// A word, quoted text or a regular expression alone: the URL.
pub(super) fn bare(value: &Value, budget: &mut Budget<'_>) -> Result<Expression, FilterError> {
    budget.term(value.span)?;
    text(Column::Url, value, budget)
}

/// One expression for each value.
pub(super) fn keyed(
    key: Key,
    operator: Operator,
    values: &[Value],
    budget: &mut Budget<'_>,
) -> Result<Expression, FilterError> {
    let one = |value: &Value| {
        budget.term(value.span)?;
        property(key, operator, value, budget)
    };
    Ok(one_of(values.iter().map(one).collect::<Result<_, _>>()?))
}

/// At least one of them.
pub(super) fn one_of(mut choices: Vec<Expression>) -> Expression {
    if choices.len() == 1 { choices.remove(0) } else { Expression::Any(choices) }
}

fn property(key: Key, operator: Operator, value: &Value, budget: &mut Budget<'_>) -> Result<Expression, FilterError> {
    match key {
        Key::Session => session(value),
        Key::Id => id(value),
        Key::Method => Ok(Expression::Method(value.text.clone())),
        Key::Status if operator == Operator::Is => status(value),
        Key::Status => numbers::statuses(operator, value).map(|range| Expression::Status(range.from, range.to)),
        Key::Host => text(Column::Host, value, budget),
        Key::Path => text(Column::Path, value, budget),
        Key::Url => text(Column::Url, value, budget),
        Key::Type => text(Column::ContentType, value, budget),
        Key::Process => text(Column::Process, value, budget),
        Key::Reason => text(Column::Reason, value, budget),
        Key::Scheme => keys::word(key, &value.text, value.span, SCHEMES).map(Expression::Scheme),
        Key::Port => port(value),
        Key::Size => numbers::sizes(operator, value).map(Expression::Size),
        Key::Duration => numbers::durations(operator, value).map(Expression::Duration),
        Key::Header => header(value, budget),
        Key::Cookie => {
            let (name, value) = named(value, "cookie")?;
            Ok(Expression::Cookie { name, value })
        }
        Key::Body => words(value).map(Expression::Body),
        Key::Text => words(value).map(Expression::Text),
        Key::Is => keys::word(key, &value.text, value.span, PROPERTIES).map(Expression::Is),
        Key::Since => time::since(value, budget.now).map(Expression::Started),
        Key::Before => time::before(value, budget.now).map(Expression::Started),
        Key::Source => keys::word(key, &value.text, value.span, SOURCES).map(Expression::Source),
    }
}

fn text(column: Column, value: &Value, budget: &mut Budget<'_>) -> Result<Expression, FilterError> {
    match value.form {
        Form::Text { .. } => Ok(Expression::Contains(column, value.text.clone())),
        Form::Regex { any_case } => Ok(Expression::Matches(column, budget.regex(&value.text, any_case, value.span)?)),
    }
}

fn session(value: &Value) -> Result<Expression, FilterError> {
    let id: Result<SessionId, _> = value.text.parse();
    id.map(|id| Expression::Session(id.0))
        .map_err(|_| value.span.error(format!("'{}' is not a session: sessions are numbers, like 7", value.text)))
}

fn id(value: &Value) -> Result<Expression, FilterError> {
    let id: Result<ExchangeId, _> = value.text.parse();
    id.map(|id| Expression::Exchange(id.session.0, id.number))
        .map_err(|_| value.span.error(format!("'{}' is not the id of an exchange: they are like 7.42", value.text)))
}

/// `404`, `5xx`, `400..499`
pub(super) fn status(value: &Value) -> Result<Expression, FilterError> {
    if let [hundreds @ b'1'..=b'9', rest @ ..] = value.text.as_bytes()
        && rest.eq_ignore_ascii_case(b"xx")
    {
        let from = i64::from(hundreds - b'0') * 100;
        return Ok(Expression::Status(from, from + 99));
    }
    numbers::statuses(Operator::Is, value).map(|range| Expression::Status(range.from, range.to))
}

fn port(value: &Value) -> Result<Expression, FilterError> {
    let digits = value.text.bytes().all(|b| b.is_ascii_digit());
    match value.text.parse::<u16>() {
        Ok(port) if digits => Ok(Expression::Port(port.into())),
        _ => Err(value.span.error(format!("'{}' is not a port: ports are numbers from 0 to 65535", value.text))),
    }
}

fn header(value: &Value, budget: &mut Budget<'_>) -> Result<Expression, FilterError> {
    if let Form::Regex { any_case } = value.form {
        return Ok(Expression::Fields(None, budget.regex(&value.text, any_case, value.span)?));
    }
    let (name, text) = named(value, "header")?;
    if name.contains(':') {
        return Err(value.span.error("between a header's name and value stands '=': header:x-id=1"));
    }
    Ok(Expression::Header { name, value: text })
}

/// `name`, or `name=value`
fn named(value: &Value, key: &str) -> Result<(String, Option<String>), FilterError> {
    let (name, part) = match value.text.split_once('=') {
        Some((name, part)) => (name, Some(part.to_owned())),
        None => (&value.text[..], None),
    };
    if name.trim().is_empty() {
        return Err(value.span.error(format!("a name must stand first: {key}:name, or {key}:name=value")));
    }
    Ok((name.trim().to_owned(), part))
}

/// Words of the full-text index, the last of which may end with `*`.
pub(super) fn words(value: &Value) -> Result<Words, FilterError> {
    let starred = matches!(value.form, Form::Text { starred: true, .. });
    let text = if starred { value.text.trim_end_matches('*') } else { &value.text };
    Words::new(text, starred).ok_or_else(|| {
        value.span.error("full text is searched by words, and there is no letter or digit here; url:, path: and header: find any text")
    })
}
