//! What is on the disk for each exchange, bodies and full text apart.

use crate::Line;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

const GOAL: f64 = 1.2 * 1024.0;

pub(crate) fn metadata(dir: &Path) -> Line {
    let open = |name: &str| Connection::open_with_flags(dir.join(name), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let store = open("waylay.db");
    let number = |db: &Connection, sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    let pages = |db: &Connection| number(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    let bodies = number(
        &store,
        "SELECT sum(coalesce(length(request_body), 0) + coalesce(length(response_body), 0)) FROM exchange",
    );
    let count = number(&store, "SELECT count(*) FROM exchange");
    let index = open("index.db");
    let text = number(
        &index,
        "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND (name LIKE 'url_trigrams%' OR name LIKE 'head_words%' OR name LIKE 'body_words%')",
    );
    let [rows, columns] = [pages(&store) - bodies, pages(&index) - text].map(|n| n as f64 / count as f64);
    println!(
        "{rows:.0} bytes in waylay.db without bodies, {columns:.0} in the index without full text, {} of full text",
        text / count
    );
    let each = rows + columns;
    Line {
        what: "metadata of an exchange".into(),
        goal: format!("<= {GOAL:.0} bytes"),
        measured: format!("{each:.0} bytes"),
        met: each <= GOAL,
    }
}
