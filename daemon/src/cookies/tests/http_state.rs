//! The cases of the IETF's http-state working group, of 2011. Where browsers do otherwise since, RFC 6265bis says so.

use super::*;
use crate::cookies::{Jar, date};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Noon of 1 January 2011, when the dates of the cases were before or behind as they expect; microseconds.
const THEN: i64 = 1_293_883_200_000_000;

#[derive(Deserialize)]
struct Case {
    test: String,
    received: Vec<String>,
    sent: Vec<Sent>,
    #[serde(rename = "sent-to")]
    sent_to: Option<String>,
}

#[derive(Deserialize)]
struct Sent {
    name: String,
    value: String,
}

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/cookies/http-state").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    // One of the files begins with its licence.
    text.lines().skip_while(|line| line.starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The cases that come out otherwise, and what is sent then, by the rule of RFC 6265bis that has changed.
const DEVIATIONS: [(&str, &[(&str, &str)]); 4] = [
    // Sections 5.6 and 5.8.3; RFC 6265 ignored such a cookie. Browsers keep and send it.
    (
        "What has no name, or nothing before its =, is a cookie of that value.",
        &[
            ("0004", "foo"),
            ("0021", "a=b; x; c=d"),
            ("0023", "foo"),
            ("0024", "foo"),
            ("0025", "foo"),
            ("0026", "foo"),
            ("0027", "bar"),
            ("0028", "foo"),
            ("CHROMIUM0009", "BLAHHH"),
            ("CHROMIUM0010", r#""BLA\"HHH""#),
            ("CHROMIUM0012", "ABC"),
            ("MOZILLA0012", r#"test="fubar! = foo; five"#),
            ("MOZILLA0014", "six"),
            ("MOZILLA0015", "seven"),
            ("MOZILLA0016", "eight"),
            ("MOZILLA0017", "eight; test=six"),
            ("NAME0017", "a=bar"),
            ("NAME0023", "foo"),
            ("NAME0025", "==a=bar"),
            ("NAME0028", "a"),
            ("NAME0031", r#""foo"#),
            ("NAME0032", r#""foo\"bar"#),
            ("NAME0033", "aaa"),
        ],
    ),
    // Section 5.6, step 1; the cases, which the working group has switched off, cut it there.
    (
        "A control character makes all of the field void.",
        &[("DISABLED_CHROMIUM0022", ""), ("DISABLED_CHROMIUM0023", "")],
    ),
    // Section 5.1.4: paths are the same byte for byte. Switched off too.
    ("A path is compared as it is written, without decoding %6F.", &[("DISABLED_PATH0029", "")]),
    // Section 5.7, step 7: the attribute is taken first, then asked whether it is empty. The case was optional.
    ("The last Domain counts, also if it is empty: then there is none.", &[("OPTIONAL_DOMAIN0042", "foo=bar")]),
];

#[test]
fn cases_of_the_working_group_come_out_as_they_say() {
    let cases: Vec<Case> = serde_json::from_str(&fixture("parser.json")).unwrap();
    assert_eq!(cases.len(), 222);
    let mut otherwise = BTreeMap::new();
    for case in &cases {
        let from = url(&format!("http://home.example.org:8888/cookie-parser?{}", case.test.to_lowercase()));
        let to = case.sent_to.clone().unwrap_or(format!("/cookie-parser-result?{}", case.test.to_lowercase()));
        let mut jar = Jar::new();
        for field in &case.received {
            jar.set(&from, field.as_bytes(), THEN);
        }
        let sent = jar.header(&from.join(&to).unwrap(), THEN).unwrap_or_default();
        let expected: Vec<_> = case.sent.iter().map(|sent| format!("{}={}", sent.name, sent.value)).collect();
        if sent != expected.join("; ") {
            otherwise.insert(case.test.as_str(), sent);
        }
    }
    let otherwise: BTreeMap<_, _> = otherwise.iter().map(|(test, sent)| (*test, sent.as_str())).collect();
    let listed = DEVIATIONS.iter().flat_map(|(_, cases)| cases.iter().copied());
    assert_eq!(otherwise, listed.collect());
}

#[test]
fn dates_are_read_as_they_say() {
    #[derive(Deserialize)]
    struct Date {
        test: String,
        expected: Option<String>,
    }
    for (file, count) in [("dates/examples.json", 15), ("dates/bsd-examples.json", 55)] {
        let cases: Vec<Date> = serde_json::from_str(&fixture(file)).unwrap();
        for case in &cases {
            let at = date::parse(case.test.as_bytes()).map(|at| jiff::Timestamp::from_second(at).unwrap());
            let at = at.map(|at| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
            assert_eq!(at, case.expected, "{}", case.test);
        }
        assert_eq!(cases.len(), count, "{file}");
    }
}
