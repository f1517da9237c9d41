//! `/sql`: queries over the documented views, which can do nothing but read.

use super::{
    Shared,
    error::ApiError,
    input::{Payload, page, within},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use waylay_storage::{Reader, SqlError, SqlLimits, SqlRows, SqlValue};

/// Rows of an answer, unless told otherwise.
const USUAL: usize = 1000;
/// Most rows of an answer.
const MOST: usize = 10_000;
/// Longest query, bytes.
const QUERY: usize = 64 << 10;
/// Most bytes of an answer's values.
const BYTES: usize = 8 << 20;
/// Seconds a query may take, unless told otherwise.
const TIME: u64 = 10;
/// Most seconds a query may take.
const LONGEST: u64 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// One statement.
    query: String,
    /// Most rows to answer with.
    limit: Option<usize>,
    /// Seconds it may take.
    timeout: Option<u64>,
}

/// What a query found.
#[derive(Default, Serialize)]
pub(crate) struct Found {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    /// There are more rows.
    truncated: bool,
}

impl SqlRows for Found {
    fn columns(&mut self, names: Vec<String>) {
        self.columns = names;
    }

    fn row(&mut self, values: Vec<SqlValue>) -> bool {
        self.rows.push(values.into_iter().map(value).collect());
        true
    }
}

/// A value as JSON. Bytes are `{"base64": …}`; infinity, which JSON does not have, is a text.
pub(crate) fn value(value: SqlValue) -> Value {
    match value {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(n) => n.into(),
        SqlValue::Real(n) if n.is_finite() => n.into(),
        SqlValue::Real(n) => n.to_string().into(),
        SqlValue::Text(text) => text.into(),
        SqlValue::Blob(bytes) => json!({ "base64": BASE64_STANDARD.encode(bytes) }),
    }
}

pub(crate) async fn run(
    State(shared): State<Shared>,
    Payload(query): Payload<Query>,
) -> Result<impl IntoResponse, ApiError> {
    within("query", &query.query, QUERY)?;
    let (rows, time) = (page(query.limit, USUAL, MOST)?, query.timeout.unwrap_or(TIME));
    if !(1..=LONGEST).contains(&time) {
        return Err(ApiError::bad_request(format!("timeout is {time}; it can be 1 to {LONGEST} seconds")));
    }
    let limits = SqlLimits { time: Duration::from_secs(time), rows, bytes: BYTES };
    let read = move |reader: &Reader| {
        let mut found = Found::default();
        found.truncated = reader.sql(&query.query, &limits, &mut found)?;
        Ok::<_, SqlError>(found)
    };
    Ok(Json(shared.readers.with(read).await?))
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        let bad = |message: String| Self::new(StatusCode::BAD_REQUEST, "bad_sql", message);
        match error {
            SqlError::Bad { message, offset: Some(offset) } => bad(message).at(offset, 1),
            SqlError::Bad { message, .. } => bad(message),
            SqlError::Deadline(_) => bad(error.to_string()).hint("narrow it down, or give it more time with `timeout`"),
            SqlError::Store(error) => error.into(),
        }
    }
}
