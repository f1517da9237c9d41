//! Expressions: what a filter means.

use super::{pattern::Pattern, words::Words};
use crate::model::{Part, Scheme, Source};

/// A condition on exchanges. What is unknown (the status of a request without an answer) meets no condition, so the
/// negation of one is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// Every one of them; all exchanges if there are none.
    All(Vec<Expression>),
    /// At least one of them.
    Any(Vec<Expression>),
    /// The inner one is not met.
    Not(Box<Expression>),
    /// In this session.
    Session(i64),
    /// This very one, by its session and its number in it.
    Exchange(i64, i64),
    /// Equal, without regard to ASCII case.
    Method(String),
    /// From one status to another, both included.
    Status(i64, i64),
    /// Contains the text, without regard to ASCII case.
    Contains(Column, String),
    /// The regular expression matches some part.
    Matches(Column, Pattern),
    /// Of the response's body as transferred, bytes.
    Size(Range),
    /// From the start to the end, microseconds; exchanges under way have none.
    Duration(Range),
    /// When it began, microseconds since the Unix epoch.
    Started(Range),
    /// Of the target.
    Port(i64),
    /// Of the target.
    Scheme(Scheme),
    /// Who asked.
    Source(Source),
    /// The head of request or response has a field of this name (equal, without regard to ASCII case) whose value
    /// contains `value` (likewise).
    Header { name: String, value: Option<String> },
    /// The regular expression matches some part of a field, written `name: value`, of these heads; both for `None`.
    Fields(Option<Part>, Pattern),
    /// The request brings a cookie of this name (equal), or the response sets one, whose value contains `value` (without
    /// regard to ASCII case).
    Cookie { name: String, value: Option<String> },
    /// A body contains the words, as far as the full-text index has come.
    Body(Words),
    /// The URL contains the text, or a head or a body the words.
    Text(Words),
    /// What it is.
    Is(Property),
}

/// Text that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Url,
    Host,
    /// With the query.
    Path,
    /// Media type of the response.
    ContentType,
    /// Name of the client's process.
    Process,
    /// Why it failed.
    Reason,
}

/// Numbers from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// `i64::MIN` where there is no lower bound.
    pub(crate) from: i64,
    /// `i64::MAX` where there is no upper bound.
    pub(crate) to: i64,
}

/// What an exchange can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Failed,
    Pending,
    Http,
    WebSocket,
    Sse,
    Grpc,
    Tunnel,
    Passthrough,
    Pinned,
    /// Sent again by a replay.
    Replayed,
    /// Sent by the user.
    Sent,
    /// Read from a file.
    Imported,
    /// Some of a body was not kept.
    Truncated,
    /// Rules kept something out of the row.
    Omitted,
}

impl Default for Expression {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}
