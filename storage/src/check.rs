//! Looking for damage: in the database, and where it and the files of bodies do not agree.

use crate::{DATABASE, Reader, SEGMENTS, StoreError, segments::path};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fs, io};

/// So many problems of one kind are told of.
const MOST: usize = 100;

/// What was looked at and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Nothing is wrong.
    pub ok: bool,
    /// Exchanges there are.
    pub exchanges: i64,
    /// Runs of bytes of bodies there are.
    pub extents: i64,
    /// Messages there are.
    pub messages: i64,
    /// What is wrong, at most a hundred of each kind.
    pub problems: Vec<Problem>,
    /// There are more.
    pub truncated: bool,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: a file, an exchange.
    pub place: String,
    /// What.
    pub problem: String,
}

impl Reader {
    /// Reads everything and looks for damage. It takes as long as reading the database does.
    pub fn check(&self) -> Result<Check, StoreError> {
        let mut check = Check::default();
        self.check_database(&mut check)?;
        if check.problems.is_empty() {
            self.snapshot(|_| {
                self.check_rows(&mut check)?;
                self.check_extents(&mut check)?;
                self.check_messages(&mut check)
            })?;
        }
        check.ok = check.problems.is_empty();
        Ok(check)
    }

    fn check_database(&self, check: &mut Check) -> Result<(), StoreError> {
        let mut statement = self.db.prepare(&format!("PRAGMA main.integrity_check({MOST})"))?;
        let mut rows = statement.query([])?;
        loop {
            let problem = match rows.next() {
                Ok(None) => return Ok(()),
                Ok(Some(row)) => row.get::<_, String>(0)?,
                // Damage can be such that the search for it stops.
                Err(e) => {
                    check.add(DATABASE, e.to_string());
                    return Ok(());
                }
            };
            if problem != "ok" {
                check.add(DATABASE, problem);
            }
        }
    }

    fn check_rows(&self, check: &mut Check) -> Result<(), StoreError> {
        let number = |sql: &str| self.db.query_row(sql, [], |r| r.get::<_, i64>(0));
        check.exchanges = number("SELECT count(*) FROM exchange")?;
        check.extents = number("SELECT count(*) FROM extent")?;
        check.messages = number("SELECT count(*) FROM message")?;
        let lost = "SELECT session, number FROM exchange WHERE session NOT IN (SELECT id FROM session) LIMIT ?1";
        let mut statement = self.db.prepare(lost)?;
        let mut rows = statement.query([MOST as i64 + 1])?;
        let mut kind = 0;
        while let Some(row) = rows.next()? {
            let id = format!("{}.{}", row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
            check.one(&mut kind, || (format!("exchange {id}"), "its session is missing".into()));
        }
        Ok(())
    }

    /// Every run lies within its file and within its body, and no byte of a file belongs to two.
    fn check_extents(&self, check: &mut Check) -> Result<(), StoreError> {
        let mut statement = self.db.prepare(
            "SELECT e.seq, e.part, e.offset, e.segment, e.position, e.length, x.session || '.' || x.number,
               iif(x.done, iif(e.part = 0, x.request_size, x.response_size), NULL)
             FROM extent AS e LEFT JOIN exchange AS x ON x.seq = e.seq ORDER BY e.segment, e.position",
        )?;
        let mut rows = statement.query([])?;
        let (mut lengths, mut kinds, mut reached) = (HashMap::new(), [0; 3], (0, 0));
        while let Some(row) = rows.next()? {
            let [part, offset, segment, position, length] = read::<5>(row, 1)?;
            let id: Option<String> = row.get(6)?;
            let place = || {
                let side = if part == 0 { "request" } else { "response" };
                let whose = id.clone().unwrap_or_else(|| "under way".into());
                format!("{side} body of exchange {whose}, {length} bytes from {offset}")
            };
            let held = match lengths.get(&segment) {
                Some(held) => *held,
                None => *lengths.entry(segment).or_insert(self.segment_length(segment)?),
            };
            let end = position.saturating_add(length);
            let file = format!("{SEGMENTS}/{segment:04}");
            match held {
                None => check.one(&mut kinds[0], || (place(), format!("{file} is missing"))),
                Some(held) if position < 0 || end > held => check.one(&mut kinds[0], || {
                    (place(), format!("{file} has {held} bytes, they are to stand at {position}"))
                }),
                Some(_) => {}
            }
            if let Some(size) = row.get::<_, Option<i64>>(7)?
                && offset.saturating_add(length) > size
            {
                check.one(&mut kinds[1], || (place(), format!("the body has {size} bytes")));
            }
            if reached.0 == segment && position < reached.1 {
                check.one(&mut kinds[2], || (place(), format!("{file} holds another body's bytes at {position}")));
            }
            reached = if reached.0 == segment { (segment, reached.1.max(end)) } else { (segment, end) };
        }
        Ok(())
    }

    fn segment_length(&self, number: i64) -> Result<Option<i64>, StoreError> {
        let path = path(&self.dir.join(SEGMENTS), number);
        match fs::symlink_metadata(&path) {
            Ok(found) => Ok(Some(found.len().cast_signed())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StoreError::io(path)(e)),
        }
    }

    /// Every payload lies within its body.
    fn check_messages(&self, check: &mut Check) -> Result<(), StoreError> {
        let mut statement = self.db.prepare(
            "SELECT x.session || '.' || x.number, m.number, m.offset + m.length,
               iif(m.part = 0, x.request_size, x.response_size)
             FROM message AS m JOIN exchange AS x USING (seq)
             WHERE x.done AND m.payload IS NULL
               AND m.offset + m.length > iif(m.part = 0, x.request_size, x.response_size) LIMIT ?1",
        )?;
        let mut rows = statement.query(params![MOST as i64 + 1])?;
        let mut kind = 0;
        while let Some(row) = rows.next()? {
            let (id, [number, end, size]) = (row.get::<_, String>(0)?, read::<3>(row, 1)?);
            check.one(&mut kind, || {
                let problem = format!("its payload ends at {end}, the body has {size} bytes");
                (format!("message {number} of exchange {id}"), problem)
            });
        }
        Ok(())
    }
}

impl Check {
    fn add(&mut self, place: &str, problem: String) {
        self.problems.push(Problem { place: place.into(), problem });
    }

    /// Adds a problem unless there are too many of its kind.
    fn one(&mut self, kind: &mut usize, problem: impl FnOnce() -> (String, String)) {
        *kind += 1;
        if *kind > MOST {
            self.truncated = true;
            return;
        }
        let (place, problem) = problem();
        self.add(&place, problem);
    }
}

fn read<const N: usize>(row: &rusqlite::Row<'_>, from: usize) -> Result<[i64; N], rusqlite::Error> {
    let mut values = [0; N];
    for (at, value) in values.iter_mut().enumerate() {
        *value = row.get(from + at)?;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use crate::{
        Event, Store,
        fixtures::{exchange, pattern, store, stream},
        model::{Part, SessionId},
    };
    use std::fs::File;

    fn problems(store: &Store) -> Vec<String> {
        let check = store.reader().unwrap().check().unwrap();
        assert_eq!(check.ok, check.problems.is_empty());
        check.problems.into_iter().map(|p| format!("{}: {}", p.place, p.problem)).collect()
    }

    #[test]
    fn planted_damage_is_found_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        for _ in 0..3 {
            let mut x = exchange(&store, SessionId::SENT);
            x.response = stream(store.queue(), x.seq, Part::Response, &pattern(20_000));
            store.queue().push(Event::Done(x));
        }
        store.flush().unwrap();
        assert_eq!(problems(&store), [""; 0]);
        let change = |sql: &'static str| assert!(store.cleaner.within(move |tx| tx.execute(sql, [])).is_ok());

        let segment = File::options().write(true).open(dir.path().join("segments/0001")).unwrap();
        segment.set_len(50_000).unwrap();
        let short = "response body of exchange 0.3, 20000 bytes from 0: segments/0001 has 50000 bytes, they are to stand at 40000";
        assert_eq!(problems(&store), [short]);
        segment.set_len(60_000).unwrap();

        change("UPDATE extent SET position = 10000 WHERE seq = 2");
        let twice =
            "response body of exchange 0.2, 20000 bytes from 0: segments/0001 holds another body's bytes at 10000";
        assert_eq!(problems(&store), [twice]);
        change("UPDATE extent SET position = 20000 WHERE seq = 2");
        change("UPDATE exchange SET response_size = 7 WHERE seq = 1");
        assert_eq!(problems(&store), ["response body of exchange 0.1, 20000 bytes from 0: the body has 7 bytes"]);
        change("UPDATE exchange SET response_size = 20000 WHERE seq = 1");
        change("INSERT INTO message VALUES (1, 4, 1, 'text', 0, 19990, 11, 11, 1, 0, 'complete', NULL)");
        assert_eq!(
            problems(&store),
            ["message 4 of exchange 0.1: its payload ends at 20001, the body has 20000 bytes"]
        );
        change("DELETE FROM message");
        change("UPDATE extent SET segment = 9 WHERE seq = 3");
        assert_eq!(problems(&store), ["response body of exchange 0.3, 20000 bytes from 0: segments/0009 is missing"]);
        change("UPDATE extent SET segment = 1 WHERE seq = 3");
        change("UPDATE exchange SET session = 77 WHERE seq = 3");
        assert_eq!(problems(&store), ["exchange 77.3: its session is missing"]);
    }
}
