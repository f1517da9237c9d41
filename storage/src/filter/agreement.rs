//! Property: the SQL of a filter and its meaning in Rust pick the same rows.

use super::{Filter, FullText, Value, evaluate::Subject, functions};
use crate::model::{Kind, Scheme, Source};
use jiff::Zoned;
use proptest::{collection::vec, option, prelude::*, sample::select};
use rusqlite::{Connection, ToSql, named_params, params, params_from_iter};

/// When filters are read.
const NOW: &str = "2026-03-29T12:00:00+00:00[UTC]";
const NOW_US: i64 = 1_774_785_600_000_000;

/// The store's schema, and tables like those of the full-text index.
fn database() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../schema/0001_store.sql")).unwrap();
    db.execute_batch("ATTACH ':memory:' AS ix").unwrap();
    for (table, column) in [("body_words", "body"), ("head_words", "head")] {
        let options = "content='', contentless_delete=1, tokenize=\"unicode61 remove_diacritics 0\"";
        db.execute_batch(&format!("CREATE VIRTUAL TABLE ix.{table} USING fts5({column}, {options})")).unwrap();
    }
    functions::register(&db).unwrap();
    db
}

fn insert(db: &Connection, seq: i64, row: &Subject) {
    db.execute(
        "INSERT INTO connection (id, role, opened_us, peer, authority, process) VALUES (?, 'client', 0, '', '', ?)",
        params![seq, row.process],
    )
    .unwrap();
    let failure = row.reason.is_some().then_some("upstream");
    db.execute(
        "INSERT INTO exchange (seq, session, number, kind, source, done, started_us, end_us, client_connection, scheme, host, port,
         method, path, status, request_version, content_type, request_size, request_end, response_size, response_end,
         truncated, messages, omitted, passthrough, failure_side, failure_stage, failure_reason, failure_message,
         request_head, response_head)
         VALUES (:seq, :session, :seq, :kind, :source, :done, :started, :end, :seq, :scheme, :host, :port,
         :method, :path, :status, 11, :type, 0, 'complete', :size, 'complete',
         :truncated, 0, :omitted, :passthrough, :failure, :failure, :reason, :failure, :request, :response)",
        named_params! {
            ":seq": seq, ":session": row.session, ":kind": row.kind.word(), ":source": row.source.word(),
            ":done": row.done, ":started": row.started_us, ":end": row.end_us, ":scheme": row.scheme.word(),
            ":host": row.host, ":port": row.port, ":method": row.method, ":path": row.path, ":status": row.status,
            ":type": row.content_type, ":size": row.response_size, ":truncated": row.truncated,
            ":omitted": row.omitted.then_some("media"), ":passthrough": row.passthrough.then_some("{}"),
            ":failure": failure, ":reason": row.reason, ":request": row.request_head.as_bytes(),
            ":response": row.response_head.as_bytes(),
        },
    )
    .unwrap();
    for (table, column, text) in [("body_words", "body", &row.body_text), ("head_words", "head", &row.head_text)] {
        if let Some(text) = text {
            db.execute(&format!("INSERT INTO ix.{table} (rowid, {column}) VALUES (?, ?)"), params![seq, text]).unwrap();
        }
    }
}

/// Sessions 1 and 2 with all the rows there are.
fn insert_sessions(db: &Connection, rows: i64) {
    for id in [1, 2] {
        db.execute(
            "INSERT INTO session (id, name, source, state, started_us, changed_us, first_seq, last_seq) VALUES (?, '', 'proxy', 'open', 0, 0, 1, ?)",
            [id, rows],
        )
        .unwrap();
    }
}

/// The same rows, in whichever way the full text is asked.
fn pick(db: &Connection, filter: &Filter) -> Vec<i64> {
    let [all_at_once, row_by_row] = [FullText::Set, FullText::Row].map(|full_text| pick_by(db, filter, full_text));
    assert_eq!(all_at_once, row_by_row);
    all_at_once
}

fn pick_by(db: &Connection, filter: &Filter, full_text: FullText) -> Vec<i64> {
    let (condition, values) = filter.expression().sql(full_text);
    let sql = format!("SELECT seq FROM exchange_listed WHERE {condition} ORDER BY seq");
    let bound = values.iter().map(|value| match value {
        Value::Integer(n) => n as &dyn ToSql,
        Value::Text(text) => text as &dyn ToSql,
    });
    let mut statement = db.prepare(&sql).unwrap();
    let found = statement.query_map(params_from_iter(bound), |row| row.get(0)).unwrap();
    found.collect::<Result<_, _>>().unwrap()
}

/// Words from which rows and filters are made, so that filters often match.
const WORDS: &[&str] = &[
    "a", "ab", "API", "api", "x-id", "sid", "Über", "über", "1", "10", "100%_x", "json", "b;c", "=", "é", "中文", "\\",
    "'", "*",
];

fn word() -> impl Strategy<Value = String> {
    select(WORDS).prop_map(str::to_owned)
}

fn words(most: usize) -> impl Strategy<Value = String> {
    vec((word(), select(&["", " ", "-", "/", ", "][..])), 0..most)
        .prop_map(|parts| parts.into_iter().map(|(word, gap)| word + gap).collect())
}

fn head(first: &'static str, cookie: &'static str) -> impl Strategy<Value = String> {
    let name = prop_oneof![select(&["X-ID", "x-id", "Sid", "A", "", " folded"][..]), Just(cookie)];
    let pair = (select(&["sid", "a", "SID", ""][..]), words(2)).prop_map(|(name, value)| format!("{name}={value}"));
    let value = prop_oneof![words(3), vec(pair, 0..3).prop_map(|pairs| pairs.join("; "))];
    let line = (name, select(&[":", ": ", ""][..]), value, select(&["\r\n", "\n"][..]));
    let lines =
        vec(line, 0..4).prop_map(|lines| lines.into_iter().map(|(n, c, v, e)| n.to_owned() + c + &v + e).collect());
    (lines, any::<bool>()).prop_map(
        move |(lines, no_head): (String, bool)| if no_head { String::new() } else { format!("{first}\r\n{lines}\r\n") },
    )
}

fn subject() -> impl Strategy<Value = Subject> {
    let kinds = [Kind::Http, Kind::Websocket, Kind::Sse, Kind::Grpc, Kind::Tunnel, Kind::Pinned, Kind::TlsFailure];
    let sources = [Source::Proxy, Source::Run, Source::Send, Source::Replay, Source::Agent, Source::Import];
    let what = (1..3_i64, select(kinds.to_vec()), select(sources.to_vec()), any::<[bool; 4]>());
    let when = (-5_000_i64..5_000, option::of(0..3_000_000_i64));
    let target = (
        select(vec![Scheme::Http, Scheme::Https, Scheme::Tcp]),
        prop_oneof![words(3), Just("::1".to_owned())],
        select(vec![80_u16, 443, 8080]),
        select(&["GET", "POST", "get"][..]),
        words(4),
    );
    let answer = (option::of(prop_oneof![Just(404_u16), 100..=999_u16]), option::of(words(2)), 0..30_000_i64);
    let texts = (option::of(words(2)), option::of(words(2)), option::of(words(6)), option::of(words(6)));
    let heads = (head("GET / HTTP/1.1", "Cookie"), head("HTTP/1.1 200 OK", "Set-Cookie"));
    (what, when, target, answer, texts, heads).prop_map(|(what, when, target, answer, texts, heads)| {
        let [done, truncated, omitted, passthrough] = what.3;
        Subject {
            session: what.0,
            number: 0,
            kind: what.1,
            source: what.2,
            done,
            started_us: NOW_US + when.0 * 1_000_000,
            end_us: when.1,
            scheme: target.0,
            host: target.1,
            port: target.2,
            method: target.3.to_owned(),
            path: target.4,
            status: answer.0,
            content_type: answer.1,
            process: texts.0,
            response_size: answer.2,
            truncated,
            omitted,
            passthrough,
            reason: texts.1,
            request_head: heads.0,
            response_head: heads.1,
            body_text: texts.2,
            head_text: texts.3,
        }
    })
}

/// Text in quotes, or some of it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A term of any kind.
fn term() -> impl Strategy<Value = String> {
    let regexes = ["^http", "api$", "A+b?", "[0-9]{2}", ".", "(?:a|b)/", "sid:\\s.*a", "\\\\", "Ü", "x.{0,20}y"];
    let regex =
        (select(regexes.to_vec()), any::<bool>()).prop_map(|(re, i)| format!("/{re}/{}", if i { "i" } else { "" }));
    let column = select(&["host", "path", "url", "type", "process", "reason"][..]);
    let sized = (select(&[">", "<", ">=", "<=", ":", ":10..", ":..", ":5.."][..]), 0..40_u32);
    let fixed = [
        "session:1",
        "session:2",
        "session:9",
        "id:1.1",
        "id:1.2,2.2,2.3",
        "method:get",
        "method:POST,x",
        "status:4xx",
        "status:404",
        "status:200..499",
        "status>=404",
        "status<300",
        "scheme:http",
        "scheme:tcp,https",
        "port:8080",
        "port:80,443",
        "is:failed",
        "is:pending",
        "is:http,ws,sse",
        "is:grpc",
        "is:tunnel",
        "is:passthrough",
        "is:pinned",
        "is:replayed",
        "is:sent",
        "is:imported",
        "is:truncated",
        "is:omitted",
        "since:10m",
        "since:2026-03-29T11:30",
        "before:1m",
        "before:12:10",
        "source:run,send,agent",
        "~m GET",
        "~m \"get|POST\"",
        "~c 404",
        "~q",
        "~s",
        "~e",
        "~u api",
        "~d \"^a\"",
        "~t json",
        "~h \"X-ID: .*1\"",
        "~hq sid",
        "~hs a",
        "cookie:sid",
        "cookie:SID",
        "cookie:\"\\\\\"",
    ];
    prop_oneof![
        3 => select(fixed.to_vec()).prop_map(str::to_owned),
        1 => word().prop_map(|w| quoted(&w)),
        1 => regex.clone(),
        2 => (column.clone(), words(3)).prop_filter("a value", |(_, w)| !w.is_empty()).prop_map(|(key, w)| format!("{key}:{}", quoted(&w))),
        1 => (column, regex.clone()).prop_map(|(key, re)| format!("{key}~{re}")),
        1 => sized.clone().prop_map(|(sign, n)| format!("size{sign}{n}k")),
        1 => sized.prop_map(|(sign, n)| format!("dur{sign}{n}s")),
        1 => word().prop_filter("a name", |w| w != "=").prop_map(|w| format!("header:{}", quoted(&w))),
        1 => (select(&["x-id", "Sid", "a", "cookie", "set-cookie"][..]), words(2)).prop_map(|(n, v)| format!("header:{n}={}", quoted(&v))),
        1 => regex.prop_map(|re| format!("header:{re}")),
        1 => words(2).prop_map(|v| format!("cookie:sid={}", quoted(&v))),
        3 => (select(&["body:", "text:", "~b "][..]), word(), words(3), any::<bool>()).prop_map(|(key, w, more, star)| {
            format!("{key}{}{}", quoted(&format!("a{w} {more}")[usize::from(w.is_ascii())..]), if star { "*" } else { "" })
        }),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    let negated = |text: String, no: bool| if no { format!("-{text}") } else { text };
    let leaf = (term(), any::<bool>()).prop_map(move |(text, no)| negated(text, no));
    leaf.prop_recursive(3, 12, 3, move |inner| {
        (vec(inner, 1..4), select(&[" ", " AND ", " OR "][..]), any::<bool>())
            .prop_map(move |(parts, between, no)| negated(format!("({})", parts.join(between)), no))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn sql_picks_what_the_meaning_says(mut rows in vec(subject(), 1..8), filters in vec(filter(), 1..8)) {
        let db = database();
        for (row, seq) in rows.iter_mut().zip(1..) {
            row.number = seq;
            insert(&db, seq, row);
        }
        insert_sessions(&db, rows.len() as i64);
        let now: Zoned = NOW.parse().unwrap();
        for text in filters {
            let filter = match Filter::parse_at(&text, &now) {
                Ok(filter) => filter,
                // Words without a letter or a digit.
                Err(error) => {
                    prop_assert!(error.message.contains("full text"), "{}: {}", text, error);
                    continue;
                }
            };
            let expected = rows.iter().zip(1_i64..).filter(|(row, _)| filter.expression().matches(row));
            let expected: Vec<_> = expected.map(|(_, seq)| seq).collect();
            prop_assert_eq!(pick(&db, &filter), expected, "{}", text);
        }
    }
}
