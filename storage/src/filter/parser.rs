//! Terms to an expression.

use super::{
    FilterError,
    expression::{Column, Expression, Property},
    lexer::{self, Span, Term, Word},
};

/// The keys, as they are offered when one is not known.
const KEYS: &[&str] = &["session", "method", "status", "host", "path", "type", "is"];

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
];

/// Reads a filter.
pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    let terms = lexer::terms(text)?;
    Ok(Expression::All(terms.into_iter().map(term).collect::<Result<_, _>>()?))
}

fn term(term: Term) -> Result<Expression, FilterError> {
    let Term { negated, key, value, span } = term;
    let expression = match key {
        Some(key) => property(&key, &value, span)?,
        None => Expression::Contains(Column::Url, value.text),
    };
    Ok(if negated { Expression::Not(Box::new(expression)) } else { expression })
}

fn property(key: &Word, value: &Word, span: Span) -> Result<Expression, FilterError> {
    let name = key.text.to_ascii_lowercase();
    if value.text.is_empty() && KEYS.contains(&&name[..]) {
        return Err(span.error(format!("'{name}:' needs a value")));
    }
    match &name[..] {
        "session" => any(value, session),
        "method" => any(value, |w| Ok(Expression::Method(w.text))),
        "status" => any(value, status),
        "host" => any(value, |w| Ok(Expression::Contains(Column::Host, w.text))),
        "path" => Ok(Expression::Contains(Column::Path, value.text.clone())),
        "type" => any(value, |w| Ok(Expression::Contains(Column::ContentType, w.text))),
        "is" => any(value, is),
        _ => Err(unknown_key(key)),
    }
}

/// One expression for each value between commas. Quoted text is a single value.
fn any(value: &Word, one: impl Fn(Word) -> Result<Expression, FilterError>) -> Result<Expression, FilterError> {
    if value.quoted || !value.text.contains(',') {
        return one(value.clone());
    }
    let mut offset = value.span.offset;
    let mut choices = Vec::new();
    for text in value.text.split(',') {
        let span = Span { offset, length: text.len() };
        if text.is_empty() {
            return Err(value.span.error("a value is missing beside a comma"));
        }
        choices.push(one(Word { text: text.to_owned(), span, quoted: false })?);
        offset += text.len() + 1;
    }
    Ok(Expression::Any(choices))
}

fn session(word: Word) -> Result<Expression, FilterError> {
    let id: Result<crate::model::SessionId, _> = word.text.parse();
    match id {
        Ok(id) => Ok(Expression::Session(id.0)),
        Err(_) => Err(word.span.error(format!("'{}' is not a session: sessions are numbers, like 7", word.text))),
    }
}

fn status(word: Word) -> Result<Expression, FilterError> {
    let [hundreds, rest @ ..] = word.text.as_bytes() else { return Err(bad_status(&word)) };
    if rest.eq_ignore_ascii_case(b"xx") && (b'1'..=b'9').contains(hundreds) {
        let from = i64::from(hundreds - b'0') * 100;
        return Ok(Expression::Status(from, from + 99));
    }
    let digits = word.text.len() == 3 && word.text.bytes().all(|b| b.is_ascii_digit());
    match word.text.parse() {
        Ok(status @ 100..) if digits => Ok(Expression::Status(status, status)),
        _ => Err(bad_status(&word)),
    }
}

fn bad_status(word: &Word) -> FilterError {
    word.span.error(format!("'{}' is not a status: write one like 404, or a class like 5xx", word.text))
}

fn is(word: Word) -> Result<Expression, FilterError> {
    let found = PROPERTIES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word.text));
    found.map(|(_, property)| Expression::Is(*property)).ok_or_else(|| {
        let names: Vec<_> = PROPERTIES.iter().map(|(name, _)| *name).collect();
        let hint = match nearest(&word.text, &names) {
            Some(name) => format!("did you mean 'is:{name}'?"),
            None => format!("there are {}", names.join(", ")),
        };
        word.span.error(format!("'is:{}' is not known; {hint}", word.text))
    })
}

fn unknown_key(key: &Word) -> FilterError {
    let hint = match nearest(&key.text, KEYS) {
        Some(name) => format!("did you mean '{name}:'?"),
        None => format!("there are {}", KEYS.iter().map(|k| format!("{k}:")).collect::<Vec<_>>().join(", ")),
    };
    key.span.error(format!("'{}:' is not known; {hint} To search for text with a colon, put it in quotes.", key.text))
}

/// The known word that is most like this one, if any is like it.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let rated = known.iter().map(|name| (strsim::damerau_levenshtein(&word, name), *name));
    rated.min().filter(|(distance, name)| *distance <= name.len() / 2).map(|(_, name)| name)
}
