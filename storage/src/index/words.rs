//! The words of heads and bodies.

use super::Open;
use crate::{
    StoreError,
    model::{ExchangeId, Head, Part, SessionId},
};
use rusqlite::{OptionalExtension, params};
use std::{
    io::Read,
    time::{Duration, Instant},
};

/// Most exchanges of one transaction.
const BATCH: usize = 500;
/// A transaction ends after about so long.
const LONGEST: Duration = Duration::from_millis(200);

/// Makes text of bodies. Bodies are hostile.
pub trait Decode: Send + Sync {
    /// The text of a body with this head, its codings undone: as much of it as is worth searching. `None` if it is no
    /// text.
    fn text(&self, head: &Head, body: &mut dyn Read) -> Option<String>;
}

/// One exchange's words.
struct Text {
    seq: i64,
    head: String,
    body: String,
}

/// Reads the newest exchanges that have not been read; whether there are more.
pub(super) fn fill(open: &mut Open, decode: &dyn Decode) -> Result<bool, StoreError> {
    let unread: Vec<i64> = {
        let sql = format!("SELECT seq FROM unread ORDER BY seq DESC LIMIT {BATCH}");
        let mut unread = open.index.db.prepare_cached(&sql)?;
        unread.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?
    };
    let began = Instant::now();
    let tx = open.index.db.unchecked_transaction()?;
    let mut read = 0;
    for seq in &unread {
        if let Some(text) = text(open, decode, *seq)? {
            tx.prepare_cached("INSERT INTO head_words (rowid, head) VALUES (?1, ?2)")?
                .execute(params![text.seq, text.head])?;
            if !text.body.is_empty() {
                tx.prepare_cached("INSERT INTO body_words (rowid, body) VALUES (?1, ?2)")?
                    .execute(params![text.seq, text.body])?;
            }
        }
        tx.prepare_cached("DELETE FROM unread WHERE seq = ?1")?.execute([seq])?;
        read += 1;
        if began.elapsed() > LONGEST {
            break;
        }
    }
    tx.commit()?;
    Ok(read < unread.len() || unread.len() == BATCH)
}

fn text(open: &Open, decode: &dyn Decode, seq: i64) -> Result<Option<Text>, StoreError> {
    let sql = "SELECT session, number, request_head, request_trailers, response_head, response_trailers,
        request_size, response_size FROM exchange WHERE seq = ?1";
    type Row = (ExchangeId, [Option<Vec<u8>>; 4], [i64; 2]);
    let found: Option<Row> = open.store.snapshot(|db| {
        let mut statement = db.prepare_cached(sql)?;
        let row = statement.query_row([seq], |r| {
            let id = ExchangeId { session: SessionId(r.get(0)?), number: r.get(1)? };
            Ok((id, [r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?], [r.get(6)?, r.get(7)?]))
        });
        Ok(row.optional()?)
    })?;
    let Some((id, heads, sizes)) = found else { return Ok(None) };
    let mut head = String::new();
    for part in heads.iter().flatten() {
        head.push_str(&String::from_utf8_lossy(part));
        head.push('\n');
    }
    let mut body = String::new();
    for (part, at) in [(Part::Request, 0), (Part::Response, 1)] {
        if sizes[at] == 0 {
            continue;
        }
        let head = Head::parse(&heads[at * 2].clone().unwrap_or_default().into());
        // A body whose bytes have been lost since has no words.
        let stored = open.store.body(id, part)?;
        if let Some(text) = stored.and_then(|mut stored| decode.text(&head, &mut stored)) {
            body.push_str(&text);
            body.push('\n');
        }
    }
    Ok(Some(Text { seq, head, body }))
}
