//! Row 19: queries can do nothing but read, and end.

use serde_json::{Value, json};
use waylay_tests::{client, daemon::Daemon, origin::Origin, rows};

#[tokio::test]
async fn a_query_only_reads() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    client::get(&daemon, &origin.url("/json?a=1")).await;
    rows::done(&daemon, "path:/json", 1).await;
    let out = daemon.place().home().join("out");
    let attach = format!("ATTACH '{}' AS o", out.display());
    let into = format!("VACUUM INTO '{}'", out.display());
    let write = format!("SELECT writefile('{}', 'x')", out.display());
    for query in [
        "INSERT INTO counter VALUES ('x', 1)",
        "DELETE FROM exchange",
        "UPDATE session SET name = 'x'",
        "CREATE TEMP TABLE t (a)",
        "DROP VIEW v_exchanges",
        &attach,
        &into,
        &write,
        "SELECT load_extension('/tmp/x.so')",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = OFF",
        "BEGIN",
        "SELECT 1; DELETE FROM exchange",
        "SELECT * FROM exchange",
        "",
    ] {
        let answer = daemon.api().post("/sql", &json!({ "query": query })).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (400, &json!("bad_sql")), "{query}");
        daemon.waylay(&["sql", query]).await.expect(2);
    }
    assert!(!out.exists());
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let late = daemon.api().post("/sql", &json!({ "query": endless, "timeout": 1 })).await;
    assert!(late.status == 400 && late.text().contains("longer than 1 s"), "{}", late.text());
    let late = daemon.waylay(&["sql", endless, "--timeout", "1"]).await.expect(2).stderr;
    assert!(late.contains("--timeout"), "{late}");
    let wrong = daemon.api().post("/sql", &json!({ "query": "SELECT nothing FROM v_exchanges" })).await.json();
    assert_eq!(wrong["error"]["offset"], 7, "{wrong}");
    for (limits, _) in [(json!({ "limit": 0 }), 0), (json!({ "limit": 10_001 }), 0), (json!({ "timeout": 61 }), 0)] {
        let mut body = limits.clone();
        body["query"] = "SELECT 1".into();
        assert_eq!(daemon.api().post("/sql", &body).await.status, 400, "{limits}");
    }
    client::get(&daemon, &origin.url("/json?still")).await;
    rows::done(&daemon, "path:/json", 2).await;
}

#[tokio::test]
async fn what_it_finds_comes_in_four_forms() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    client::get(&daemon, &origin.url("/cookies")).await;
    rows::done(&daemon, "path:/cookies", 1).await;
    let query = "SELECT path, status, NULL AS absent, x'00ff' AS bytes FROM v_exchanges";
    let found = daemon.api().post("/sql", &json!({ "query": query })).await.json();
    let expected = json!({
        "columns": ["path", "status", "absent", "bytes"],
        "rows": [["/cookies", 200, null, { "base64": "AP8=" }]],
        "truncated": false,
    });
    assert_eq!(found, expected);
    assert_eq!(daemon.waylay(&["sql", query, "--json"]).await.expect(0).json(), expected);
    let line = &daemon.waylay(&["sql", query, "--jsonl"]).await.expect(0).json_lines()[0];
    assert_eq!((&line["path"], &line["absent"]), (&json!("/cookies"), &Value::Null));
    let csv = daemon.waylay(&["sql", query, "--csv"]).await.expect(0).stdout;
    assert_eq!(csv, "path,status,absent,bytes\r\n/cookies,200,,X'00FF'\r\n");
    let table = daemon.waylay(&["sql", query]).await.expect(0).stdout;
    assert_eq!(table, "path      status  absent  bytes\n/cookies     200          <2 bytes>\n");
    let more = daemon.api().post("/sql", &json!({ "query": "VALUES (1), (2), (3)", "limit": 2 })).await.json();
    assert_eq!((more["rows"].as_array().map(Vec::len), &more["truncated"]), (Some(2), &json!(true)));

    // The views work in plain SQLite as well.
    let plain = rusqlite::Connection::open(daemon.data().join("waylay.db")).unwrap();
    let count = |sql: &str| plain.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM v_headers WHERE side = 'request' AND name LIKE 'host'"), 1);
    assert!(count("SELECT count(*) FROM v_cookies WHERE direction = 'set'") > 0);
    assert_eq!(count("SELECT sum(exchanges) FROM v_sessions"), 1);
}
