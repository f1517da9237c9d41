//! What a daemon recorded, waited for with a deadline.

use crate::{daemon::Daemon, wait};
use serde_json::Value;

/// A filter for the rows of one URL.
pub fn of(url: &str) -> String {
    format!("\"{url}\"")
}

/// The rows a filter matches, oldest first, all pages.
pub async fn list(daemon: &Daemon, filter: &str) -> Vec<Value> {
    let api = daemon.api();
    let mut rows: Vec<Value> = Vec::new();
    let mut before = String::new();
    loop {
        let page = api.get(&format!("/exchanges?limit=1000&filter={}{before}", encode(filter))).await;
        let items = page["items"].as_array().expect("a list of rows").clone();
        rows.splice(0..0, items);
        match &page["before"] {
            Value::Null => return rows,
            cursor => before = format!("&before={}", cursor.to_string().trim_matches('"')),
        }
    }
}

/// Waits until `count` rows that match are over; panics if there are more.
pub async fn done(daemon: &Daemon, filter: &str, count: usize) -> Vec<Value> {
    let what = format!("{count} rows for {filter:?}");
    wait::until(&what, || async {
        let rows: Vec<Value> = list(daemon, filter).await.into_iter().filter(|r| r["done"] == true).collect();
        assert!(rows.len() <= count, "more rows than {count} for {filter:?}: {rows:#?}");
        (rows.len() == count).then_some(rows)
    })
    .await
}

/// Waits for the one row that matches to be over.
pub async fn one(daemon: &Daemon, filter: &str) -> Value {
    done(daemon, filter, 1).await.remove(0)
}

/// Everything known of a row.
pub async fn detail(daemon: &Daemon, row: &Value) -> Value {
    daemon.api().get(&format!("/exchanges/{}", id(row))).await
}

/// [`one`] with everything known of it.
pub async fn one_in_detail(daemon: &Daemon, filter: &str) -> Value {
    detail(daemon, &one(daemon, filter).await).await
}

/// The stored body of a row, byte for byte; `part` is `request` or `response`.
pub async fn body(daemon: &Daemon, row: &Value, part: &str) -> bytes::Bytes {
    let path = format!("/exchanges/{}/{part}/body", id(row));
    let answer = daemon.api().ask(http::Method::GET, &path, &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.body
}

/// The values of a field in a detail's message (`request`, `sent` or `response`), by name without regard to case.
pub fn values<'a>(detail: &'a Value, message: &str, name: &str) -> Vec<&'a str> {
    let fields = detail[message]["headers"].as_array().into_iter().flatten();
    let named = fields.filter(|f| f["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)));
    named.filter_map(|f| f["value"].as_str()).collect()
}

/// The id of a row, as people type it.
pub fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap_or_else(|| panic!("a row without an id: {row}"))
}

/// The `side stage reason` of a row's failure, or nothing.
pub fn failure(row: &Value) -> String {
    let failure = &row["failure"];
    let word = |key: &str| failure[key].as_str().unwrap_or("?").to_owned();
    if failure.is_null() { String::new() } else { format!("{} {} {}", word("side"), word("stage"), word("reason")) }
}

/// Percent-encodes what is not unreserved (RFC 3986, 2.3).
pub fn encode(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
