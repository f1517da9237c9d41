//! Expressions to SQL. Texts and numbers are always parameters of the statement.

use super::expression::{Column, Expression, Property, Range};
use crate::model::{Part, Source};

/// A parameter of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Integer(i64),
    Text(String),
}

impl Expression {
    /// A condition on rows of `exchange_listed`, and its parameters in order. It needs the functions of
    /// [`functions`](super::functions) and, for words, the index attached as `ix`.
    pub(crate) fn sql(&self, full_text: FullText) -> (String, Vec<Value>) {
        let mut statement = Statement { sql: String::new(), values: Vec::new(), full_text };
        statement.write(self);
        (statement.sql, statement.values)
    }
}

/// How the full-text index is asked about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FullText {
    /// For all rows at once: best where many are looked at.
    Set,
    /// Row by row: best for few.
    Row,
    /// Not at all, for rows it does not hold yet.
    Unread,
}

struct Statement {
    sql: String,
    values: Vec<Value>,
    full_text: FullText,
}

impl Statement {
    fn write(&mut self, expression: &Expression) {
        match expression {
            Expression::All(parts) => self.join(parts, " AND ", "1"),
            Expression::Any(parts) => self.join(parts, " OR ", "0"),
            Expression::Not(inner) => {
                self.push("((");
                self.write(inner);
                self.push(") IS NOT TRUE)");
            }
            // The range lets SQLite go through the primary key, newest first, and stop early.
            Expression::Session(id) => self
                .push(
                    "(+session = ? AND seq >= (SELECT first_seq FROM session WHERE id = ?) \
                     AND seq <= (SELECT last_seq FROM session WHERE id = ?))",
                )
                .integers([*id, *id, *id]),
            Expression::Exchange(session, number) => {
                self.push("(session = ? AND number = ?)").integers([*session, *number]);
            }
            Expression::Method(method) => self.push("method = ? COLLATE NOCASE").text(method),
            Expression::Status(from, to) => self.push("status BETWEEN ? AND ?").integers([*from, *to]),
            Expression::Contains(column, text) => {
                self.push(column.name()).push(" LIKE ? ESCAPE '\\'").text(like(text));
            }
            Expression::Matches(column, pattern) => {
                self.push("wl_regex(?, ").push(column.name()).push(")").text(pattern.as_str());
            }
            Expression::Size(range) => self.range("response_size", *range),
            Expression::Duration(range) => self.range("end_us", *range),
            Expression::Started(range) => self.range("started_us", *range),
            Expression::Port(port) => self.push("port = ?").integers([*port]),
            Expression::Scheme(scheme) => self.push("scheme = ?").text(scheme.word()),
            Expression::Source(source) => self.push("source = ?").text(source.word()),
            Expression::Header { name, value } => self.named("wl_field", name, value.as_deref()),
            Expression::Fields(part, pattern) => {
                self.push("wl_fields(?, ").push(match part {
                    None => "request_head, response_head)",
                    Some(Part::Request) => "request_head, NULL)",
                    Some(Part::Response) => "NULL, response_head)",
                });
                self.text(pattern.as_str());
            }
            Expression::Cookie { name, value } => self.named("wl_cookie", name, value.as_deref()),
            Expression::Body(words) => self.words("body_words", &words.query()),
            Expression::Text(words) => {
                self.push("(url LIKE ? ESCAPE '\\' OR ").text(like(&words.text));
                self.words("head_words", &words.query());
                self.push(" OR ");
                self.words("body_words", &words.query());
                self.push(")");
            }
            Expression::Is(property) => property.write(self),
        }
    }

    fn join(&mut self, parts: &[Expression], operator: &str, none: &str) {
        if parts.is_empty() {
            self.push(none);
            return;
        }
        self.push("(");
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.push(operator);
            }
            self.write(part);
        }
        self.push(")");
    }

    fn range(&mut self, column: &str, range: Range) {
        self.push(column).push(" BETWEEN ? AND ?").integers([range.from, range.to]);
    }

    /// A function over heads that looks for a name and, perhaps, a part of a value.
    fn named(&mut self, function: &str, name: &str, value: Option<&str>) {
        self.push(function).push("(?, ").text(name);
        match value {
            Some(value) => self.push("?, ").text(value),
            None => drop(self.push("NULL, ")),
        }
        self.push("request_head, response_head)");
    }

    fn words(&mut self, table: &str, query: &str) {
        let sql = match self.full_text {
            FullText::Set => format!("seq IN (SELECT rowid FROM ix.{table} WHERE {table} MATCH ?)"),
            FullText::Row => format!("EXISTS (SELECT 1 FROM ix.{table} WHERE {table} MATCH ? AND rowid = seq)"),
            FullText::Unread => {
                self.push("0");
                return;
            }
        };
        self.push(&sql).text(query);
    }

    fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    fn text(&mut self, value: impl Into<String>) {
        self.values.push(Value::Text(value.into()));
    }

    fn integers(&mut self, values: impl IntoIterator<Item = i64>) {
        self.values.extend(values.into_iter().map(Value::Integer));
    }
}

/// Matches text that contains this one; `LIKE` ignores the case of ASCII letters.
pub(crate) fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Host => "host",
            Self::Path => "path",
            Self::ContentType => "content_type",
            Self::Process => "(SELECT process FROM connection WHERE id = client_connection)",
            Self::Reason => "failure_reason",
        }
    }
}

impl Property {
    fn write(self, statement: &mut Statement) {
        let condition = match self {
            Self::Failed => "failure_side IS NOT NULL",
            Self::Pending => "done = 0",
            Self::Http => "kind = 'http'",
            Self::WebSocket => "kind = 'websocket'",
            Self::Sse => "kind = 'sse'",
            Self::Grpc => "kind = 'grpc'",
            Self::Tunnel => "kind = 'tunnel'",
            Self::Passthrough => "passthrough IS NOT NULL",
            Self::Pinned => "kind = 'pinned'",
            Self::Replayed => return statement.write(&Expression::Source(Source::Replay)),
            Self::Sent => return statement.write(&Expression::Source(Source::Send)),
            Self::Imported => return statement.write(&Expression::Source(Source::Import)),
            Self::Truncated => "truncated <> 0",
            Self::Omitted => "omitted IS NOT NULL",
        };
        statement.push(condition);
    }
}
