//! The keys of the language.

use super::{FilterError, lexer::Span};

/// What stands before the colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Session,
    Id,
    Method,
    Status,
    Host,
    Path,
    Url,
    Type,
    Scheme,
    Port,
    Size,
    Duration,
    Header,
    Cookie,
    Body,
    Text,
    Is,
    Since,
    Before,
    Source,
    Process,
    Reason,
}

/// Every key by its name, in the order in which they are offered.
const KEYS: &[(&str, Key)] = &[
    ("session", Key::Session),
    ("id", Key::Id),
    ("method", Key::Method),
    ("status", Key::Status),
    ("host", Key::Host),
    ("path", Key::Path),
    ("url", Key::Url),
    ("type", Key::Type),
    ("scheme", Key::Scheme),
    ("port", Key::Port),
    ("size", Key::Size),
    ("dur", Key::Duration),
    ("header", Key::Header),
    ("cookie", Key::Cookie),
    ("body", Key::Body),
    ("text", Key::Text),
    ("is", Key::Is),
    ("since", Key::Since),
    ("before", Key::Before),
    ("source", Key::Source),
    ("process", Key::Process),
    ("reason", Key::Reason),
];

impl Key {
    /// The key of this name, in any case.
    pub(super) fn find(name: &str) -> Option<Self> {
        KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, key)| *key)
    }

    pub(super) fn name(self) -> &'static str {
        KEYS.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }

    /// Whether commas part values. They are text where what is searched may well contain them.
    pub(super) fn is_list(self) -> bool {
        !matches!(
            self,
            Self::Path | Self::Url | Self::Header | Self::Cookie | Self::Body | Self::Text | Self::Since | Self::Before
        )
    }

    /// Whether text in slashes may stand for a regular expression.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Host | Self::Path | Self::Url | Self::Type | Self::Header | Self::Process | Self::Reason)
    }

    /// Whether values can be greater or less.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Status | Self::Size | Self::Duration)
    }
}

/// What to say about a key that is not known.
pub(super) fn unknown(name: &str, span: Span) -> FilterError {
    let names: Vec<_> = KEYS.iter().map(|(name, _)| *name).collect();
    let hint = match nearest(name, &names) {
        Some(name) => format!("did you mean '{name}:'?"),
        None => format!("there are {}:.", names.join(":, ")),
    };
    span.error(format!("'{name}:' is not known; {hint} To search for text with a colon, put it in quotes."))
}

/// The one of some words that is meant, in any case.
pub(super) fn word<T: Copy>(key: Key, text: &str, span: Span, known: &[(&str, T)]) -> Result<T, FilterError> {
    if let Some((_, found)) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok(*found);
    }
    let key = key.name();
    let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
    let hint = match nearest(text, &names) {
        Some(name) => format!("did you mean '{key}:{name}'?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(span.error(format!("'{key}:{text}' is not known; {hint}")))
}

/// The known word that is most like this one, if any is like it.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let rated = known.iter().map(|name| (strsim::damerau_levenshtein(&word, name), *name));
    rated.min().filter(|(distance, name)| *distance <= name.len() / 2).map(|(_, name)| name)
}
