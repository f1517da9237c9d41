//! What is hidden, and what is not.

use super::*;
use crate::fixtures;
use proptest::prelude::*;

/// Hides the secrets of one text, which was learned before.
fn hidden(text: &str) -> String {
    let mut redaction = Redaction::default();
    redaction.learn_body(text.as_bytes());
    redaction.ready();
    let hidden = redaction.message(text.as_bytes());
    hidden.map_or(text.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn secrets_are_hidden_where_they_are_known_by_name() {
    for (text, wanted) in [
        ("a=1&password=s3cret&b=2", "a=1&password=REDACTED-password-1&b=2"),
        ("/p?access_token=abc%2Fdef&x=1#f", "/p?access_token=REDACTED-token-1&x=1#f"),
        ("/p?key=0123456789abcdefg&key=short", "/p?key=REDACTED-key-1&key=short"),
        (r#"{"user":"u","password":"a\"b"}"#, r#"{"user":"u","password":"REDACTED-password-1"}"#),
        (r#"{"api_key" : "a\\" , "b":1}"#, r#"{"api_key" : "REDACTED-key-1" , "b":1}"#),
        (r#"{"pin":1234,"token":null,"otp":true}"#, r#"{"pin":REDACTED-password-1,"token":null,"otp":true}"#),
        (
            r#"{"session":{"id":"s1","n":[2,"x"]},"y":"z"}"#,
            r#"{"session":{"id":"REDACTED-session-1","n":[REDACTED-session-2,"REDACTED-session-3"]},"y":"z"}"#,
        ),
        (r#"{"body":"{\"token\":\"abc\",\"k\":\"v\"}"}"#, r#"{"body":"{\"token\":\"REDACTED-token-1\",\"k\":\"v\"}"}"#),
        ("data: {\"refresh_token\":\"r\"}\n\n", "data: {\"refresh_token\":\"REDACTED-token-1\"}\n\n"),
        (
            "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nREDACTED-password-1\r\n--b--",
        ),
        ("see https://u:pw@h.test/ and ://@", "see https://u:REDACTED-password-1@h.test/ and ://@"),
        ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl y", "x REDACTED-token-1 y"),
        (
            r#"{"token_type":"Bearer","expires_in":3600,"max_tokens":9}"#,
            r#"{"token_type":"Bearer","expires_in":3600,"max_tokens":9}"#,
        ),
        ("password=&token=", "password=&token="),
        ("password=REDACTED-password-7", "password=REDACTED-password-7"),
        ("", ""),
    ] {
        assert_eq!(hidden(text), wanted, "{text}");
    }
}

#[test]
fn a_secret_is_hidden_wherever_it_recurs() {
    assert_eq!(
        hidden("password=correct+horse&x=correct%20horse&y=correct horse&token=correct+horse"),
        "password=REDACTED-password-1&x=REDACTED-password-1&y=REDACTED-password-1&token=REDACTED-password-1"
    );
    assert_eq!(hidden("pwd=short&x=short"), "pwd=REDACTED-password-1&x=short", "what is short may be anything");
}

fn exchange(head: &str) -> Exchange {
    Exchange {
        path: "/?sid=abc".into(),
        status: None,
        response_version: None,
        request_head: Bytes::copy_from_slice(head.as_bytes()),
        ..fixtures::exchange()
    }
}

#[test]
fn a_secret_of_a_head_counts_once_though_the_head_was_also_sent() {
    let field = "Authorization: Bearer abcdefgh\r\n";
    for (received, sent, wanted) in [
        (format!("GET / HTTP/1.1\r\n{field}\r\n"), format!("GET / HTTP/1.1\r\n{field}\r\n"), 1),
        (format!("GET / HTTP/1.1\r\n{field}\r\n"), String::new(), 1),
        ("GET / HTTP/1.1\r\n\r\n".into(), format!("GET / HTTP/1.1\r\n{field}\r\n"), 1),
        (format!("GET / HTTP/1.1\r\n{field}\r\n"), format!("GET / HTTP/1.1\r\n{field}{field}\r\n"), 2),
    ] {
        let mut x = exchange(&received);
        x.sent_head = sent.into();
        let mut redaction = Redaction::default();
        redaction.learn(&x);
        redaction.ready();
        redaction.hide(&mut x);
        let of_heads: u64 = redaction.hidden().iter().filter(|h| h.place == "request head").map(|h| h.count).sum();
        assert_eq!(of_heads, wanted, "{received:?} {:?}", x.sent_head);
        assert!(!String::from_utf8_lossy(&x.sent_head).contains("abcdefgh"), "hidden in both");
    }
}

#[test]
fn heads_keep_everything_but_secrets() {
    let head = "GET http://a.test/?sid=abc HTTP/1.1\r\nAuthorization:  Basic dXNlcjpodW50ZXIyMg==\r\nHost: a.test\r\n\
        Cookie: a=1; long=0123456789 ;x\r\nX-Other: 0123456789-hunter22\r\nx-api-KEY: k\r\nReferer: https://a.test/?token=t&a=b\r\n\r\n";
    let mut x = exchange(head);
    let mut redaction = Redaction::default();
    redaction.learn(&x);
    redaction.ready();
    redaction.hide(&mut x);
    assert_eq!(x.path, "/?sid=REDACTED-session-1");
    assert_eq!(
        std::str::from_utf8(&x.request_head).unwrap(),
        "GET http://a.test/?sid=REDACTED-session-1 HTTP/1.1\r\nAuthorization:  Basic REDACTED-authorization-1\r\nHost: a.test\r\n\
        Cookie: a=REDACTED-cookie-1; long=REDACTED-cookie-2 ;REDACTED-cookie-3\r\nX-Other: REDACTED-cookie-2-REDACTED-authorization-2\r\n\
        x-api-KEY: REDACTED-key-1\r\nReferer: https://a.test/?token=REDACTED-token-1&a=b\r\n\r\n"
    );
    let report = serde_json::to_string(&redaction.hidden()).unwrap();
    assert!(report.contains(r#"{"where":"request head","kind":"cookie","count":4}"#), "{report}");
    for secret in ["hunter22", "0123456789", "abc"] {
        assert!(!report.contains(secret), "{report}");
    }
}

proptest! {
    #[test]
    fn the_same_secret_has_the_same_placeholder(secret in "[A-Za-z0-9._~/+!\" -]{8,40}", around in ".{0,40}") {
        let json = serde_json::json!({ "password": secret, "note": format!("{around}{secret}") }).to_string();
        let form: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", &secret).finish();
        let mut redaction = Redaction::default();
        for text in [&json, &form] {
            redaction.learn_body(text.as_bytes());
        }
        redaction.ready();
        let mut text = |text: &str| {
            let hidden = redaction.message(text.as_bytes()).unwrap_or_else(|| text.as_bytes().to_vec());
            String::from_utf8(hidden).unwrap()
        };
        let (json, form) = (text(&json), text(&form));
        prop_assert_eq!(&form, "token=REDACTED-password-1");
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(json["password"].as_str().unwrap(), "REDACTED-password-1");
        prop_assert!(!json["note"].as_str().unwrap().contains(&secret), "{}", json);
    }

    #[test]
    fn any_bytes_are_searched(bytes: Vec<u8>, text in "[\"\\\\:=&{}\\[\\]a-c,1 tokensi]{0,80}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            let found = places::text(bytes);
            let mut reached = 0;
            for one in &found {
                prop_assert!(one.range.start >= reached && one.range.end <= bytes.len());
                reached = one.range.end;
                one.values(bytes);
            }
            places::field(b"cookie", bytes);
            places::field(b"authorization", bytes);
            hidden(&String::from_utf8_lossy(bytes));
        }
    }
}
