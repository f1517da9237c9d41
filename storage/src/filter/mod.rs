//! The filter language: `status:5xx -host:cdn (method:POST OR is:ws) "some text"`.
//!
//! Terms side by side must all match (`AND` between them may be left out). `OR` between terms, parentheses, and `-` before
//! a term or a group mean what they say; `OR` binds less than `AND`. A term is
//!
//! - a word or `"quoted text"`, which the URL must contain; a backslash in quotes stands before a quote or a backslash
//! - `/re/` or `/re/i`, a regular expression that must match some part of the URL; `i` ignores case. It has no white space
//!   in it (`\s` stands for that), no look-around and no back references.
//! - a key with a value:
//!
//! | key | matches |
//! |---|---|
//! | `session:7` | the session |
//! | `id:7.42,7.43` | these exchanges |
//! | `method:POST,PUT` | one of the methods |
//! | `status:404` `status:5xx` `status:400..499` `status>=400` | the status |
//! | `host:` `path:` `url:` `type:` `process:` `reason:` | part of the host, of path and query, of the URL, of the response's media type, of the name of the client's process, of the reason of a failure; `host:/re/i` |
//! | `scheme:https` `port:8080` | `http`, `https` or `tcp`; the port |
//! | `size>10k` `size:10k..20k` | bytes of the response's body as transferred; `k`, `M`, `G` are decimal |
//! | `dur>500` `dur<2s` | how long it took: milliseconds, or `us`, `ms`, `s`, `m`, `h` |
//! | `header:x-id` `header:x-id=1` `header:/re/` | a header field of request or response, part of its value, or `name: value` |
//! | `cookie:sid` `cookie:sid=v` | a cookie that is brought or set, part of its value |
//! | `body:word` `body:"two words"` `body:wor*` | words of a text body, as far as the full-text index has come |
//! | `text:word` | part of the URL, or words of a head or a body |
//! | `is:` | `failed`, `pending`, `http`, `ws`, `sse`, `grpc`, `tunnel`, `passthrough`, `pinned`, `replayed`, `sent`, `imported`, `truncated`, `omitted` |
//! | `since:10m` `before:2026-01-31` | began later or earlier: how long ago (`s`, `m`, `h`, `d`, `w`), a date, a date and a time, a time of today, `today`, `yesterday` |
//! | `source:` | `proxy`, `run`, `send`, `replay`, `agent`, `import` |
//! | `~u ~d ~t` | mitmproxy's, with a regular expression without slashes as the next word: URL, host, media type |
//! | `~m ~c ~b ~h ~hq ~hs ~q ~s ~e` | likewise: method, status, words of a body, fields of both heads, of one; without an answer, with one, failed |
//!
//! Values may be quoted, also in part. Commas between values mean "or", but in `path:`, `url:`, `header:`, `cookie:`, `body:`,
//! `text:`, `since:` and `before:` they are text. A path begins with a slash, so a regular expression for it takes another sign: `path~/re/`, which
//! works for all that may be searched so. Letters match without regard to ASCII case, except in regular expressions
//! without `i`, and in names of cookies.
//!
//! A filter has at most 4096 bytes, 256 terms, 16 regular expressions and 32 levels of parentheses. What is wrong with one
//! is told with its place.
//!
//! - `scanner`, `lexer`: text to tokens, with their places
//! - `parser`: tokens to an expression; `terms`, `keys`, `mitmproxy`, `numbers`, `time`: what single terms mean
//! - [`expression`]: what a filter means; [`pattern`], [`words`]: parts of it
//! - `sql`: expressions to SQL, values always as parameters; [`functions`]: the SQL functions it uses; `heads`: what they
//!   look into
//! - `evaluate`: the same in Rust, which tests compare with the SQL

pub(crate) mod expression;
pub(crate) mod functions;
pub(crate) mod heads;
mod keys;
mod lexer;
mod mitmproxy;
mod numbers;
mod parser;
pub(crate) mod pattern;
mod scanner;
mod sql;
mod terms;
mod time;
pub(crate) mod words;

pub(crate) use expression::Expression;
pub(crate) use sql::{FullText, Value, like};

use jiff::Zoned;

/// A condition on exchanges. The default matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    expression: Expression,
}

/// Why a text is no filter, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// What is wrong and what would be right.
    pub message: String,
    /// Where the wrong part begins, in bytes.
    pub offset: usize,
    /// How long it is, in bytes.
    pub length: usize,
}

impl Filter {
    /// Reads a filter now. Empty text is the filter that matches all.
    ///
    /// # Errors
    /// What is wrong, where, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Self::parse_at(text, &Zoned::now())
    }

    /// Reads a filter as if it were `now`, which is what `since:` and `before:` count from; dates and times of day are of
    /// its time zone.
    ///
    /// # Errors
    /// As of [`Filter::parse`].
    pub fn parse_at(text: &str, now: &Zoned) -> Result<Self, FilterError> {
        Ok(Self { expression: parser::parse(text, now)? })
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression == Expression::default()
    }

    /// What it means.
    pub(crate) fn expression(&self) -> &Expression {
        &self.expression
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod evaluate;
#[cfg(test)]
mod tests;
