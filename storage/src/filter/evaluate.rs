//! What an expression means, without SQL: for one row, and naively.

use super::{
    expression::{Column, Expression, Property, Range},
    words::{Words, tokens},
};
use crate::model::{Head, Kind, Part, Scheme, Source};
use bytes::Bytes;

/// What is known of an exchange.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) session: i64,
    pub(super) number: i64,
    pub(super) kind: Kind,
    pub(super) source: Source,
    pub(super) done: bool,
    pub(super) started_us: i64,
    pub(super) end_us: Option<i64>,
    pub(super) scheme: Scheme,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: Option<u16>,
    pub(super) content_type: Option<String>,
    pub(super) process: Option<String>,
    pub(super) response_size: i64,
    pub(super) truncated: bool,
    pub(super) omitted: bool,
    pub(super) passthrough: bool,
    pub(super) reason: Option<String>,
    pub(super) request_head: String,
    pub(super) response_head: String,
    /// What the full-text index has of its bodies and its heads; `None` if it has not come so far.
    pub(super) body_text: Option<String>,
    pub(super) head_text: Option<String>,
}

impl Subject {
    pub(super) fn url(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = match (self.scheme, self.port) {
            (Scheme::Https, 443) | (Scheme::Http, 80) => String::new(),
            (_, port) => format!(":{port}"),
        };
        format!("{}://{host}{port}{}", self.scheme, self.path)
    }

    fn column(&self, column: Column) -> Option<String> {
        match column {
            Column::Url => Some(self.url()),
            Column::Host => Some(self.host.clone()),
            Column::Path => Some(self.path.clone()),
            Column::ContentType => self.content_type.clone(),
            Column::Process => self.process.clone(),
            Column::Reason => self.reason.clone(),
        }
    }

    fn heads(&self) -> [(Part, Head); 2] {
        [(Part::Request, &self.request_head), (Part::Response, &self.response_head)]
            .map(|(part, head)| (part, Head::parse(&Bytes::from(head.clone()))))
    }
}

impl Expression {
    pub(super) fn matches(&self, row: &Subject) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(row)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(row)),
            Self::Not(inner) => !inner.matches(row),
            Self::Session(id) => row.session == *id,
            Self::Exchange(session, number) => row.session == *session && row.number == *number,
            Self::Method(method) => row.method.eq_ignore_ascii_case(method),
            Self::Status(from, to) => row.status.is_some_and(|status| (*from..=*to).contains(&status.into())),
            Self::Contains(column, part) => row.column(*column).is_some_and(|text| contains(&text, part)),
            Self::Matches(column, pattern) => row.column(*column).is_some_and(|text| pattern.is_match(text.as_bytes())),
            Self::Size(range) => within(*range, row.response_size),
            Self::Duration(range) => row.end_us.is_some_and(|end| within(*range, end)),
            Self::Started(range) => within(*range, row.started_us),
            Self::Port(port) => i64::from(row.port) == *port,
            Self::Scheme(scheme) => row.scheme == *scheme,
            Self::Source(source) => row.source == *source,
            Self::Header { name, value } => row.heads().iter().any(|(_, head)| {
                head.values(name).any(|found| value.as_ref().is_none_or(|part| contains(&lossy(found), part)))
            }),
            Self::Fields(part, pattern) => {
                let heads = row.heads();
                let mut fields = heads
                    .iter()
                    .filter(|(found, _)| part.is_none_or(|part| part == *found))
                    .flat_map(|(_, head)| &head.fields)
                    .filter(|field| !field.name.is_empty());
                fields.any(|field| pattern.is_match(&[&field.name[..], b": ", &field.value[..]].concat()))
            }
            Self::Cookie { name, value } => cookies(row)
                .iter()
                .any(|(found, text)| found == name && value.as_ref().is_none_or(|part| contains(text, part))),
            Self::Body(words) => has(row.body_text.as_deref(), words),
            Self::Text(words) => {
                contains(&row.url(), &words.text)
                    || has(row.head_text.as_deref(), words)
                    || has(row.body_text.as_deref(), words)
            }
            Self::Is(property) => property.holds(row),
        }
    }
}

impl Property {
    fn holds(self, row: &Subject) -> bool {
        match self {
            Self::Failed => row.reason.is_some(),
            Self::Pending => !row.done,
            Self::Http => row.kind == Kind::Http,
            Self::WebSocket => row.kind == Kind::Websocket,
            Self::Sse => row.kind == Kind::Sse,
            Self::Grpc => row.kind == Kind::Grpc,
            Self::Tunnel => row.kind == Kind::Tunnel,
            Self::Passthrough => row.passthrough,
            Self::Pinned => row.kind == Kind::Pinned,
            Self::Replayed => row.source == Source::Replay,
            Self::Sent => row.source == Source::Send,
            Self::Imported => row.source == Source::Import,
            Self::Truncated => row.truncated,
            Self::Omitted => row.omitted,
        }
    }
}

fn within(range: Range, n: i64) -> bool {
    (range.from..=range.to).contains(&n)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

fn cookies(row: &Subject) -> Vec<(String, String)> {
    let [(_, request), (_, response)] = row.heads();
    let brought = request.values("cookie").flat_map(|v| lossy(v).split(';').map(str::to_owned).collect::<Vec<_>>());
    let set = response.values("set-cookie").map(|v| lossy(v).split(';').next().unwrap_or_default().to_owned());
    let pair = |text: String| {
        let (name, value) = text.split_once('=').unwrap_or((&text, ""));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    brought.chain(set).map(pair).collect()
}

/// Whether the words stand in a text one behind the other.
fn has(text: Option<&str>, words: &Words) -> bool {
    let fold = |token: &str| token.to_lowercase();
    let found: Vec<String> = tokens(text.unwrap_or_default()).map(fold).collect();
    let wanted: Vec<String> = words.tokens.iter().map(|token| fold(token)).collect();
    found.windows(wanted.len()).any(|window| {
        let last = wanted.len() - 1;
        window[..last] == wanted[..last]
            && if words.prefix { window[last].starts_with(&wanted[last]) } else { window[last] == wanted[last] }
    })
}
