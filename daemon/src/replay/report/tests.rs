use super::*;
use crate::compare::{Change, Comparison};
use crate::replay::pair::{Compared, Info};
use serde_json::{Value, json};
use waylay_storage::{
    NewSession, Options, Store,
    model::{ExchangeId, NewReplay, RecordingRules, ReplayState, Replayed, SessionId, Source, Verdict},
};

fn difference(part: Part, path: &str, a: &str, b: &str) -> Difference {
    Difference { part, path: path.into(), kind: Change::Changed, a: Some(a.into()), b: Some(b.into()) }
}

/// A replay with one result of each verdict.
fn store(dir: &std::path::Path) -> (Store, Replay) {
    let store = Store::open(Options { min_free: 0, ..Options::new(dir) }).unwrap();
    let rules = RecordingRules::default();
    let new = NewSession { name: "a <b> & \"c\"\u{1}".into(), source: Source::Replay, command: None, rules };
    let session = store.open_session(new).unwrap().id;
    let new = NewReplay { session, started_us: 1_790_000_000_000_000, total: 5, what: json!({"session": 7}) };
    let id = store.begin_replay(&new).unwrap();
    let differences = vec![
        difference(Part::Status, "status", "200", "500"),
        difference(Part::Json, "$.items[3].price", "10", "12"),
        difference(Part::Json, "$.user.access_token", "\"s3cret\"", "\"geheim\""),
        difference(Part::Json, "$.tokens[0]['api_key']", "\"s3cret\"", "\"geheim\""),
        difference(Part::Header, "set-cookie", "sid=s3cret", "sid=geheim"),
        difference(Part::Header, "set-cookie sid", "sid=…; secure", "sid=…"),
        difference(Part::Text, "line 2", "<p>\u{7}a</p>", "]]>"),
    ];
    let comparison = Comparison { total: 7, differences, ..Comparison::default() };
    let compared = serde_json::to_string(&Compared { comparison, info: Info::default() }).unwrap();
    let row = |position: i64, verdict, comparison: Option<&String>, error: Option<Value>| Replayed {
        position,
        original: Some(ExchangeId { session: SessionId(7), number: position }),
        item: None,
        name: None,
        method: "GET".into(),
        url: format!("http://a.test/items?n={position}&<x>"),
        status: Some(200),
        result: Some(ExchangeId { session, number: position }),
        result_status: Some(500),
        duration_us: Some(12_345),
        verdict,
        comparison: comparison.cloned(),
        error: error.map(|error| error.to_string()),
    };
    let refused = json!({"stage": "connect", "reason": "refused", "message": "Nobody <listens>.", "hint": ""});
    let rows = vec![
        row(1, Verdict::Same, None, None),
        row(2, Verdict::Changed, Some(&compared), None),
        row(3, Verdict::Failed, None, Some(refused)),
        row(4, Verdict::Skipped, None, Some(json!({"message": "It was not sent."}))),
        Replayed { name: Some("named".into()), original: None, item: Some(3), ..row(5, Verdict::Sent, None, None) },
    ];
    store.add_replayed(id, rows).unwrap();
    store.end_replay(id, ReplayState::Done, 1_790_000_001_500_000, None).unwrap();
    let replay = store.reader().unwrap().replay(id).unwrap().unwrap();
    (store, replay)
}

#[test]
fn a_report_has_every_request_and_no_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let (store, replay) = store(dir.path());
    let reader = store.reader().unwrap();
    let mut out = Vec::new();
    json(&reader, &replay, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains("s3cret") && !text.contains("geheim"), "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&report["replay"]["changed"], &report["replay"]["what"]), (&json!(1), &json!({"session": 7})));
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    assert_eq!(results[1]["summary"][1], "$.items[3].price");
    assert_eq!(results[1]["summary"][5], "and 2 more");
    assert_eq!(results[1]["comparison"]["differences"][1]["b"], "12");
    assert_eq!(results[1]["comparison"]["differences"][5]["a"], "sid=…; secure");
    assert_eq!(results[2]["error"]["reason"], "refused");
}

#[test]
fn junit_says_it_in_xml() {
    let dir = tempfile::tempdir().unwrap();
    let (store, replay) = store(dir.path());
    let mut out = Vec::new();
    junit(&store.reader().unwrap(), &replay, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains("s3cret") && !text.contains("geheim"), "{text}");
    for part in [
        "<testsuite name=\"a &lt;b&gt; &amp; &quot;c&quot;\\u{1}\" tests=\"5\" failures=\"1\" errors=\"1\" skipped=\"1\" time=\"1.500\" timestamp=\"2026-09-21T14:13:20Z\">",
        "<testcase name=\"1 GET /items?n=1&amp;%3Cx%3E\" classname=\"a.test\" time=\"0.012\"/>",
        "<failure type=\"changed\" message=\"status 200 → 500, $.items[3].price,",
        "$.items[3].price: 10 → 12\n",
        "line 2: &lt;p&gt;\\u{7}a&lt;/p&gt; → ]]&gt;",
        "<error type=\"refused\" message=\"Nobody &lt;listens&gt;.\"/>",
        "<skipped message=\"It was not sent.\"/>",
        "<testcase name=\"5 named\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
