//! What queries can do and what they cannot.

use super::*;
use crate::{
    Deleted, Event, Store,
    fixtures::{exchange, store},
    model::{Exchange, Head, Omitted, SessionId},
};
use bytes::Bytes;

#[derive(Default)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<SqlValue>>,
}

impl SqlRows for Table {
    fn columns(&mut self, names: Vec<String>) {
        self.columns = names;
    }

    fn row(&mut self, values: Vec<SqlValue>) -> bool {
        self.rows.push(values);
        true
    }
}

const LIMITS: SqlLimits = SqlLimits { time: Duration::from_secs(60), rows: 1000, bytes: 1 << 20 };

fn ask(reader: &Reader, query: &str, limits: SqlLimits) -> Result<(Table, bool), SqlError> {
    let mut table = Table::default();
    let more = reader.sql(query, &limits, &mut table)?;
    Ok((table, more))
}

fn texts(reader: &Reader, query: &str) -> Vec<Vec<String>> {
    let (table, _) = ask(reader, query, LIMITS).unwrap_or_else(|e| panic!("{query}: {e}"));
    let text = |v: SqlValue| match v {
        SqlValue::Text(text) => text,
        SqlValue::Integer(n) => n.to_string(),
        other => format!("{other:?}"),
    };
    table.rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}

fn refusal(reader: &Reader, query: &str) -> String {
    match ask(reader, query, LIMITS) {
        Err(SqlError::Bad { message, .. }) => message,
        Err(other) => panic!("{query}: {other:?}"),
        Ok((table, _)) => panic!("{query}: {:?}", table.rows),
    }
}

fn push(store: &Store, change: impl FnOnce(&mut Exchange)) -> Box<Exchange> {
    let mut x = exchange(store, SessionId::SENT);
    change(&mut x);
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    x
}

#[test]
fn nothing_but_reading_is_possible() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    push(&store, |_| {});
    let reader = store.reader().unwrap();
    let out = dir.path().join("out");
    let attach = format!("ATTACH '{}' AS other", out.display());
    let into = format!("VACUUM INTO '{}'", out.display());
    for query in [
        "INSERT INTO session (name, source, state, started_us) VALUES ('x', 'proxy', 'stopped', 0)",
        "UPDATE session SET name = 'x'",
        "DELETE FROM exchange",
        "REPLACE INTO counter VALUES ('seq', 0)",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "CREATE TEMP VIEW t AS SELECT 1",
        "CREATE VIRTUAL TABLE t USING fts5(a)",
        "DROP TABLE exchange",
        "ALTER TABLE session ADD COLUMN x",
        &attach,
        "ATTACH ':memory:' AS other",
        "DETACH main",
        &into,
        "VACUUM",
        "REINDEX",
        "ANALYZE",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA user_version = 7",
        "BEGIN IMMEDIATE",
        "SAVEPOINT a",
        "COMMIT",
        "SELECT load_extension('x')",
        "SELECT writefile('x', 'y')",
        "SELECT readfile('/etc/hostname')",
        "SELECT fts3_tokenizer('simple')",
        "EXPLAIN DELETE FROM exchange",
        "WITH a AS (SELECT 1) INSERT INTO counter SELECT 'x', 1",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM exchange",
        "SELECT request_body FROM exchange",
        "SELECT * FROM exchange_listed",
        "",
        " -- nothing",
        "SELECT \0",
    ] {
        let message = refusal(&reader, query);
        assert!(!message.is_empty() && !message.contains("database error"), "{query}: {message}");
    }
    assert!(!out.exists(), "no file is written");
    for allowed in ["SELECT 1;", "SELECT 1 -- yes", "PRAGMA table_info(v_exchanges)", "EXPLAIN SELECT 1", "VALUES (1)"]
    {
        assert!(ask(&reader, allowed, LIMITS).is_ok_and(|(t, _)| !t.rows.is_empty()), "{allowed}");
    }
    assert_eq!(texts(&reader, "SELECT count(*) FROM v_exchanges"), [["1"]]);
    assert_eq!(refusal(&reader, "DELETE FROM exchange"), "DELETE is refused: a query only reads");
}

#[test]
fn errors_have_a_place_and_queries_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    push(&store, |_| {});
    let reader = store.reader().unwrap();
    let offset = |query: &str| match ask(&reader, query, LIMITS) {
        Err(SqlError::Bad { offset, .. }) => offset,
        _ => panic!("{query} is wrong"),
    };
    assert_eq!(offset("SELECT nothing FROM v_exchanges"), Some(7));
    assert_eq!(offset("SELEC 1"), Some(0));
    assert_eq!(offset("SELECT 'é', nowhere()"), Some(13), "in bytes");

    let counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let soon = SqlLimits { time: Duration::from_millis(50), ..LIMITS };
    let late = ask(&reader, &format!("{counting} SELECT count(*) FROM n"), soon);
    assert!(matches!(late, Err(SqlError::Deadline(_))));
    let few = SqlLimits { rows: 3, ..LIMITS };
    let (table, more) = ask(&reader, &format!("{counting} SELECT i FROM n"), few).unwrap();
    assert!(table.rows.len() == 3 && more);
    let (table, more) = ask(&reader, "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3", few).unwrap();
    assert!(table.rows.len() == 3 && !more, "exactly as many as allowed");
    let small = SqlLimits { bytes: 1000, ..LIMITS };
    let (table, more) = ask(&reader, &format!("{counting} SELECT zeroblob(400) FROM n"), small).unwrap();
    assert!(table.rows.len() == 2 && more);
    assert!(ask(&reader, "SELECT zeroblob(2000)", small).is_err());
    assert!(refusal(&reader, "SELECT zeroblob(100000000)").contains("too big"));
    let wide = format!("SELECT {}", vec!["1"; 201].join(", "));
    assert!(refusal(&reader, &wide).contains("too many columns"));
}

#[test]
fn headers_are_read_as_the_store_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let heads: [&'static [u8]; 6] = [
        b"GET / HTTP/1.1\r\nHoSt:  x \r\nX-A: 1\r\n folded: y\r\nnocolon\nx-a:\t2\r\n\r\nbody: no",
        b"GET / HTTP/1.1\r\nA: \"quoted\" \\ {}[] 'x'\r\n:path: /\r\nB:\r\n\r\n",
        b"\r\nA: after an empty line",
        b"no line end",
        b"HTTP/1.1 200\nA: \xc3\xa9",
        b"",
    ];
    for head in heads {
        let head = Bytes::from_static(head);
        let x = push(&store, |x| (x.request_head, x.response_trailers) = (head.clone(), head.clone()));
        let reader = store.reader().unwrap();
        let read = |side: &str| {
            let query = format!(
                "SELECT name, value FROM v_headers WHERE seq = {} AND side = '{side}' ORDER BY position",
                x.seq
            );
            texts(&reader, &query)
        };
        let expected = |head: Head| -> Vec<Vec<String>> {
            let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
            head.fields.iter().map(|f| vec![text(&f.name), text(&f.value)]).collect()
        };
        assert_eq!(read("request"), expected(Head::parse(&head)), "{head:?}");
        assert_eq!(read("response_trailers"), expected(Head::parse_trailers(&head)), "{head:?}");
    }
}

#[test]
fn cookies_are_taken_apart_unless_the_rules_kept_them_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let heads = |x: &mut Exchange| {
        x.request_head = Bytes::from_static(b"GET / HTTP/1.1\r\nCookie: a=1; b = 2 ;c; =d;;\r\n\r\n");
        let set = b"HTTP/1.1 200\r\nSet-Cookie: s=v=1; Path=/; Secure; Max-Age = 3\r\nset-cookie: t\r\n\r\n";
        x.response_head = Bytes::from_static(set);
    };
    push(&store, heads);
    push(&store, |x| {
        heads(x);
        x.omitted = Omitted { cookies: true, ..Omitted::default() };
    });
    let reader = store.reader().unwrap();
    let query = "SELECT exchange, direction, name, value, raw, ifnull(attributes, '-') FROM v_cookies";
    let found = texts(&reader, query);
    assert_eq!(
        found,
        [
            ["0.1", "sent", "a", "1", "a=1", "-"],
            ["0.1", "sent", "b", "2", "b = 2", "-"],
            ["0.1", "sent", "", "c", "c", "-"],
            ["0.1", "sent", "", "d", "=d", "-"],
            [
                "0.1",
                "set",
                "s",
                "v=1",
                "s=v=1; Path=/; Secure; Max-Age = 3",
                r#"{"path":"/","secure":true,"max-age":"3"}"#
            ],
            ["0.1", "set", "", "t", "t", "{}"],
        ]
    );
}

#[test]
fn what_was_deleted_is_in_no_view() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = push(&store, |_| {});
    let reader = store.reader().unwrap();
    let counts = || {
        ["v_exchanges", "v_headers"].map(|v| texts(&reader, &format!("SELECT count(*) FROM {v}")).remove(0).remove(0))
    };
    assert_eq!(counts(), ["1", "2"]);
    store.delete(Deleted::Exchanges(vec![x.id])).unwrap();
    assert_eq!(counts(), ["0", "0"]);
    assert_eq!(texts(&reader, "SELECT id, exchanges, duration_us >= 0 FROM v_sessions"), [["0", "0", "1"]]);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn no_query_breaks_anything(query: String) {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let reader = store.reader().unwrap();
        let _ = ask(&reader, &query, SqlLimits { time: Duration::from_millis(200), ..LIMITS });
    }
}
