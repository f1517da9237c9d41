//! Binding the values of rows that are much like each other.
//!
//! Binding costs as much as half of what SQLite then does with the values. What a parameter was bound to stays bound
//! from one row to the next, so only what differs is bound anew.

use rusqlite::{CachedStatement, Error};

/// Texts longer than this are not remembered: they differ anyway.
const REMEMBERED: usize = 64;

/// An insertion, and what its parameters are bound to.
pub(super) struct Bound<'tx> {
    statement: CachedStatement<'tx>,
    /// One per parameter, in order.
    values: Vec<Value>,
    next: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Null,
    Integer(i64),
    Text(String),
    /// Something that is bound anew each time.
    Other,
}

impl<'tx> Bound<'tx> {
    /// A statement of which nothing is bound, as those from the cache are.
    pub(super) fn new(statement: CachedStatement<'tx>) -> Self {
        let values = vec![Value::Null; statement.parameter_count()];
        Self { statement, values, next: 0 }
    }

    /// Gives the next parameter an integer.
    pub(super) fn integer(&mut self, value: impl Into<Option<i64>>) -> Result<&mut Self, Error> {
        let Some(value) = value.into() else { return self.null() };
        let (bound, at) = self.turn();
        if *bound != Value::Integer(value) {
            *bound = Value::Other;
            self.statement.raw_bind_parameter(at, value)?;
            self.values[at - 1] = Value::Integer(value);
        }
        Ok(self)
    }

    /// Gives the next parameter a text.
    pub(super) fn text<'a>(&mut self, value: impl Into<Option<&'a str>>) -> Result<&mut Self, Error> {
        let Some(value) = value.into() else { return self.null() };
        let (bound, at) = self.turn();
        if !matches!(bound, Value::Text(text) if text == value) {
            let mut text = match std::mem::replace(bound, Value::Other) {
                Value::Text(text) => text,
                _ => String::new(),
            };
            self.statement.raw_bind_parameter(at, value)?;
            if value.len() <= REMEMBERED {
                value.clone_into(&mut text);
                self.values[at - 1] = Value::Text(text);
            }
        }
        Ok(self)
    }

    /// Gives the next parameter bytes.
    pub(super) fn blob(&mut self, value: Option<&[u8]>) -> Result<&mut Self, Error> {
        let Some(value) = value else { return self.null() };
        let (bound, at) = self.turn();
        *bound = Value::Other;
        self.statement.raw_bind_parameter(at, value)?;
        Ok(self)
    }

    /// Gives the next parameter nothing.
    pub(super) fn null(&mut self) -> Result<&mut Self, Error> {
        let (bound, at) = self.turn();
        if *bound != Value::Null {
            *bound = Value::Other;
            self.statement.raw_bind_parameter(at, rusqlite::types::Null)?;
            self.values[at - 1] = Value::Null;
        }
        Ok(self)
    }

    /// Carries the statement out once all parameters have their turn behind them, and begins anew; rows changed.
    pub(super) fn execute(&mut self) -> Result<usize, Error> {
        debug_assert_eq!(self.next, self.values.len(), "every parameter has a value of its own");
        self.next = 0;
        self.statement.raw_execute()
    }

    /// Begins anew with the first parameter.
    pub(super) fn begin(&mut self) -> &mut Self {
        self.next = 0;
        self
    }

    fn turn(&mut self) -> (&mut Value, usize) {
        self.next += 1;
        (&mut self.values[self.next - 1], self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    type Given = (Option<i64>, Option<&'static str>, Option<&'static [u8]>);
    type Found = (Option<i64>, Option<String>, Option<Vec<u8>>);

    #[test]
    fn every_row_has_its_own_values_whatever_the_row_before_had() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (i INTEGER, s TEXT, b BLOB)").unwrap();
        const LONG: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0";
        assert!(LONG.len() > REMEMBERED);
        let rows: [Given; 8] = [
            (Some(1), Some("a"), Some(b"x")),
            (Some(1), Some("a"), Some(b"x")),
            (None, None, None),
            (None, Some("a"), Some(b"y")),
            (Some(2), Some(LONG), None),
            (Some(1), Some(LONG), Some(b"")),
            (Some(0), Some(""), Some(b"x")),
            (Some(0), None, Some(b"x")),
        ];
        let mut bound = Bound::new(db.prepare_cached("INSERT INTO t VALUES (?, ?, ?)").unwrap());
        for (i, s, b) in rows {
            bound.begin().integer(i).unwrap().text(s).unwrap().blob(b).unwrap();
            assert_eq!(bound.execute().unwrap(), 1);
        }
        let mut statement = db.prepare("SELECT i, s, b FROM t ORDER BY rowid").unwrap();
        let read = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).unwrap();
        let read: Vec<Found> = read.map(Result::unwrap).collect();
        let expected = rows.map(|(i, s, b)| (i, s.map(str::to_owned), b.map(<[u8]>::to_vec)));
        assert_eq!(read, expected);
    }
}
