//! Expressions, and the SQL they stand for. Texts and numbers are always parameters of the statement.

/// A condition on exchanges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// Every one of them; all exchanges if there are none.
    All(Vec<Expression>),
    /// At least one of them.
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Session(i64),
    Method(String),
    /// From one status to another, both included.
    Status(i64, i64),
    Contains(Column, String),
    Is(Property),
}

/// Text that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Url,
    Host,
    Path,
    ContentType,
}

/// What an exchange can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    Failed,
    Pending,
    Http,
    WebSocket,
    Sse,
    Grpc,
    Tunnel,
    Passthrough,
    Pinned,
}

/// A parameter of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Integer(i64),
    Text(String),
}

impl Default for Expression {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Expression {
    /// A condition on rows of `exchange`, and its parameters in order.
    pub(super) fn sql(&self) -> (String, Vec<Value>) {
        let (mut sql, mut values) = (String::new(), Vec::new());
        self.write(&mut sql, &mut values);
        (sql, values)
    }

    fn write(&self, sql: &mut String, values: &mut Vec<Value>) {
        match self {
            Self::All(parts) => join(parts, " AND ", "1", sql, values),
            Self::Any(parts) => join(parts, " OR ", "0", sql, values),
            Self::Not(inner) => {
                // What is unknown (no status yet) is not the case, so its negation is.
                sql.push_str("((");
                inner.write(sql, values);
                sql.push_str(") IS NOT TRUE)");
            }
            Self::Session(id) => {
                // The range lets SQLite go through the primary key, newest first, and stop early.
                sql.push_str(
                    "(+session = ? AND seq >= (SELECT first_seq FROM session WHERE id = ?) \
                     AND seq <= (SELECT last_seq FROM session WHERE id = ?))",
                );
                values.extend([Value::Integer(*id), Value::Integer(*id), Value::Integer(*id)]);
            }
            Self::Method(method) => {
                sql.push_str("method = ? COLLATE NOCASE");
                values.push(Value::Text(method.clone()));
            }
            Self::Status(from, to) => {
                sql.push_str("status BETWEEN ? AND ?");
                values.extend([Value::Integer(*from), Value::Integer(*to)]);
            }
            Self::Contains(column, text) => {
                sql.push_str(column.name());
                sql.push_str(" LIKE ? ESCAPE '\\'");
                values.push(Value::Text(pattern(text)));
            }
            Self::Is(property) => sql.push_str(property.condition()),
        }
    }
}

fn join(parts: &[Expression], operator: &str, none: &str, sql: &mut String, values: &mut Vec<Value>) {
    if parts.is_empty() {
        return sql.push_str(none);
    }
    sql.push('(');
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            sql.push_str(operator);
        }
        part.write(sql, values);
    }
    sql.push(')');
}

/// Matches text that contains this one; `LIKE` ignores the case of ASCII letters.
fn pattern(text: &str) -> String {
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
        }
    }
}

impl Property {
    fn condition(self) -> &'static str {
        match self {
            Self::Failed => "failure_side IS NOT NULL",
            Self::Pending => "done = 0",
            Self::Http => "kind = 'http'",
            Self::WebSocket => "kind = 'websocket'",
            Self::Sse => "kind = 'sse'",
            Self::Grpc => "kind = 'grpc'",
            Self::Tunnel => "kind = 'tunnel'",
            Self::Passthrough => "passthrough IS NOT NULL",
            Self::Pinned => "kind = 'pinned'",
        }
    }
}
