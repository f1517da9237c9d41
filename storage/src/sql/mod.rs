//! SQL over the documented views, for people and programs: reading only, one statement, with a deadline.
//!
//! - this file: [`Reader::sql`], its bounds and its errors
//! - [`guard`]: what a statement may do
//!
//! Three things keep a query from changing anything, each of them enough: the database is opened for reading, `query_only`
//! is set, and an authorizer lets nothing through but reading. The last also keeps other files and extensions out.

mod guard;
#[cfg(test)]
mod tests;

use crate::{Reader, StoreError, schema};
use rusqlite::{Connection, Error, ErrorCode, types::ValueRef};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Longest query, bytes.
const LONGEST: usize = 64 << 10;

/// SQLite looks at the clock after so many of its steps.
const STEPS: i32 = 1000;

/// How far a query may go.
#[derive(Clone, Copy, Debug)]
pub struct SqlLimits {
    /// How long it may take; what the receiver of its rows takes is not counted.
    pub time: Duration,
    /// Rows at most.
    pub rows: usize,
    /// Bytes of texts, blobs and numbers at most.
    pub bytes: usize,
}

/// A value of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// Text; bytes that are no UTF-8 are replaced.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// Takes what a query finds, as it is found.
pub trait SqlRows {
    /// The names of the columns, before any row.
    fn columns(&mut self, names: Vec<String>);

    /// A row. `false` ends the query.
    fn row(&mut self, values: Vec<SqlValue>) -> bool;
}

/// Why a query has no result.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// It is wrong, or does what a query may not.
    #[error("{message}")]
    Bad {
        /// What is wrong.
        message: String,
        /// Where, in bytes, if that is known.
        offset: Option<usize>,
    },
    /// It took too long.
    #[error("the query was ended: it took longer than {} s", .0.as_secs_f32())]
    Deadline(Duration),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reader {
    /// Runs a query over the views `v_exchanges`, `v_headers`, `v_cookies`, `v_messages` and `v_sessions`. Gives back
    /// whether there were more rows than the limits allow.
    ///
    /// # Errors
    /// See [`SqlError`]; rows may have been given out before.
    pub fn sql(&self, query: &str, limits: &SqlLimits, rows: &mut impl SqlRows) -> Result<bool, SqlError> {
        if query.len() > LONGEST {
            return Err(bad(format!("the query has {} bytes; {LONGEST} are allowed", query.len())));
        }
        let db = schema::open_for_reading(&self.dir)?;
        let refused = guard::protect(&db).map_err(StoreError::from)?;
        let waited = deadline(&db, limits.time).map_err(StoreError::from)?;
        run(&db, query, limits, rows, &waited).map_err(|e| match refused.take() {
            Some(message) => bad(message),
            None => explain(e, limits),
        })
    }
}

fn run(
    db: &Connection,
    query: &str,
    limits: &SqlLimits,
    to: &mut impl SqlRows,
    waited: &AtomicU64,
) -> Result<bool, Failure> {
    let mut statement = db.prepare(query)?;
    let columns = statement.column_count();
    if columns == 0 {
        return Err(Failure::Other("the query is empty: it takes a SELECT".into()));
    }
    to.columns(statement.column_names().into_iter().map(String::from).collect());
    let mut rows = statement.raw_query();
    let (mut count, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        let values: Vec<SqlValue> = (0..columns).map(|at| row.get_ref(at).map(value)).collect::<Result<_, _>>()?;
        bytes += values.iter().map(weight).sum::<usize>();
        if count == limits.rows || (bytes > limits.bytes && count > 0) {
            return Ok(true);
        }
        if bytes > limits.bytes {
            return Err(Failure::Other(format!("a row has {bytes} bytes; {} are allowed", limits.bytes)));
        }
        count += 1;
        let begun = Instant::now();
        if !to.row(values) {
            return Ok(false);
        }
        waited.fetch_add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
    Ok(false)
}

/// Ends what takes longer. Gives back where to add the microseconds that do not count.
fn deadline(db: &Connection, time: Duration) -> Result<Arc<AtomicU64>, Error> {
    let (begun, waited) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let not_counted = Arc::clone(&waited);
    let late = move || begun.elapsed() > time + Duration::from_micros(not_counted.load(Ordering::Relaxed));
    db.progress_handler(STEPS, Some(late))?;
    Ok(waited)
}

enum Failure {
    Sqlite(Error),
    Other(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

fn explain(failure: Failure, limits: &SqlLimits) -> SqlError {
    let error = match failure {
        Failure::Other(message) => return bad(message),
        Failure::Sqlite(error) => error,
    };
    match error {
        Error::SqlInputError { msg, offset, .. } => {
            SqlError::Bad { message: msg, offset: usize::try_from(offset).ok() }
        }
        Error::MultipleStatement => bad("one statement at a time".into()),
        Error::NulError(_) => bad("the query holds a NUL".into()),
        other => match other.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => SqlError::Deadline(limits.time),
            Some(
                ErrorCode::Unknown
                | ErrorCode::TooBig
                | ErrorCode::ReadOnly
                | ErrorCode::AuthorizationForStatementDenied
                | ErrorCode::TypeMismatch
                | ErrorCode::OutOfMemory,
            ) => bad(other.to_string()),
            _ => SqlError::Store(other.into()),
        },
    }
}

fn bad(message: String) -> SqlError {
    SqlError::Bad { message, offset: None }
}

fn value(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(n) => SqlValue::Integer(n),
        ValueRef::Real(n) => SqlValue::Real(n),
        ValueRef::Text(text) => SqlValue::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_vec()),
    }
}

fn weight(value: &SqlValue) -> usize {
    match value {
        SqlValue::Text(text) => text.len(),
        SqlValue::Blob(bytes) => bytes.len(),
        _ => 8,
    }
}
