//! The signs of mitmproxy's filters that have a meaning here.

use super::{
    FilterError,
    expression::{Column, Expression, Property},
    lexer::{Span, Value},
    terms::{self, Budget},
};
use crate::model::Part;

/// `~u` and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Url,
    Method,
    Code,
    Domain,
    Body,
    /// In both heads, or in one.
    Header(Option<Part>),
    Type,
    Unanswered,
    Answered,
    Error,
}

const SIGNS: &[(&str, Sign)] = &[
    ("u", Sign::Url),
    ("m", Sign::Method),
    ("c", Sign::Code),
    ("d", Sign::Domain),
    ("b", Sign::Body),
    ("h", Sign::Header(None)),
    ("hq", Sign::Header(Some(Part::Request))),
    ("hs", Sign::Header(Some(Part::Response))),
    ("t", Sign::Type),
    ("q", Sign::Unanswered),
    ("s", Sign::Answered),
    ("e", Sign::Error),
];

impl Sign {
    /// The sign with these letters; `span` is where it stands.
    pub(super) fn find(letters: &str, span: Span) -> Result<Self, FilterError> {
        SIGNS.iter().find(|(known, _)| *known == letters).map(|(_, sign)| *sign).ok_or_else(|| {
            let all: Vec<_> = SIGNS.iter().map(|(letters, _)| format!("~{letters}")).collect();
            span.error(format!(
                "'~{letters}' is not known; there are {}; to search for '~', put it in quotes",
                all.join(" ")
            ))
        })
    }

    pub(super) fn takes_argument(self) -> bool {
        !matches!(self, Self::Unanswered | Self::Answered | Self::Error)
    }

    /// What it means; arguments are regular expressions that ignore case, as in mitmproxy.
    pub(super) fn expression(
        self,
        argument: Option<&Value>,
        span: Span,
        budget: &mut Budget<'_>,
    ) -> Result<Expression, FilterError> {
        let answered = Expression::Status(100, 999);
        let argument = || argument.ok_or_else(|| span.error("a word is missing behind it, like ~u example"));
        match self {
            Self::Url => pattern(Column::Url, argument()?, budget),
            Self::Domain => pattern(Column::Host, argument()?, budget),
            Self::Type => pattern(Column::ContentType, argument()?, budget),
            Self::Method => method(argument()?),
            Self::Code => terms::status(argument()?),
            Self::Body => terms::words(argument()?).map(Expression::Body),
            Self::Header(part) => {
                let argument = argument()?;
                Ok(Expression::Fields(part, budget.regex(&argument.text, true, argument.span)?))
            }
            Self::Unanswered => Ok(Expression::Not(Box::new(answered))),
            Self::Answered => Ok(answered),
            Self::Error => Ok(Expression::Is(Property::Failed)),
        }
    }
}

/// Text without a sign of regular expressions is text, which is found faster; a dot between letters is a dot.
fn pattern(column: Column, argument: &Value, budget: &mut Budget<'_>) -> Result<Expression, FilterError> {
    let text = &argument.text;
    if !text.contains(['\\', '^', '$', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|']) {
        return Ok(Expression::Contains(column, text.clone()));
    }
    Ok(Expression::Matches(column, budget.regex(text, true, argument.span)?))
}

/// `GET`, or `GET|POST`.
fn method(argument: &Value) -> Result<Expression, FilterError> {
    let names: Vec<_> = argument.text.split('|').collect();
    if !names.iter().all(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')) {
        return Err(argument.span.error("'~m' takes methods, like GET or \"GET|POST\""));
    }
    Ok(terms::one_of(names.into_iter().map(|name| Expression::Method(name.into())).collect()))
}
