//! What is written.

use super::{write::captured, *};
use crate::{
    collection::{Example, ExampleBody, Saved, Variable},
    formats::redact::Redaction,
    request::{
        Auth, Body, Draft, Field, Settings,
        draft::{Language, Part},
    },
};
use serde_json::json;

fn saved(request: Draft, from: Option<&str>) -> Collection {
    let saved = Saved { name: "R".into(), request, from: from.map(Into::into), ..Saved::default() };
    Collection { name: "C".into(), items: vec![Item::Request(saved)], ..Collection::default() }
}

fn post(body: Body) -> Draft {
    let headers = vec![Field::new("Content-Type", "application/x-www-form-urlencoded")];
    Draft { method: "POST".into(), url: "http://h/".into(), headers, body, ..Draft::default() }
}

fn item(request: Draft, from: Option<&str>) -> Value {
    write(&saved(request, from), Version::V21, None).file["item"][0].clone()
}

#[test]
fn urls_are_taken_apart_as_postman_does() {
    for (url, parts) in [
        (
            "https://api.example.com:8443/a/b/?x=1&y&z=#top",
            json!({"protocol": "https", "host": ["api", "example", "com"], "port": "8443", "path": ["a", "b", ""], "query":
                [{"key": "x", "value": "1"}, {"key": "y", "value": null}, {"key": "z", "value": ""}], "hash": "top"}),
        ),
        ("{{base.url}}/x", json!({"host": ["{{base.url}}"], "path": ["x"]})),
        (
            "{{scheme}}://{{a.b}}.c:{{port}}/",
            json!({"protocol": "{{scheme}}", "host": ["{{a.b}}", "c"], "port": "{{port}}", "path": [""]}),
        ),
        ("http://[::1]:81/", json!({"protocol": "http", "host": ["[::1]"], "port": "81", "path": [""]})),
        ("http://127.0.0.1", json!({"protocol": "http", "host": ["127", "0", "0", "1"]})),
        ("u:p@h//x", json!({"host": ["h"], "auth": {"user": "u", "password": "p"}, "path": ["", "x"]})),
        ("h/{{a/b}}/http://c", json!({"host": ["h"], "path": ["{{a", "b}}", "http:", "", "c"]})),
    ] {
        let mut expected = parts;
        expected["raw"] = url.into();
        assert_eq!(item(Draft { url: url.into(), ..Draft::default() }, None)["request"]["url"], expected, "{url}");
    }
    for url in ["http://unix:/a.sock:/x", "", "/only/path", "http://h:"] {
        assert_eq!(item(Draft { url: url.into(), ..Draft::default() }, None)["request"]["url"], url, "as one text");
    }
    let query = Some(vec![Field::new("a", "1"), Field { disabled: true, ..Field::new("b", "2") }]);
    let draft = Draft { url: "http://h/?old=1#f".into(), query, ..Draft::default() };
    let url = &item(draft, None)["request"]["url"];
    assert_eq!((&url["raw"], &url["query"][1]["disabled"]), (&json!("http://h/?a=1#f"), &json!(true)));
}

#[test]
fn a_captured_request_is_written_so_that_newman_sends_it() {
    let form = |pairs: &[(&str, &str)]| Body::Urlencoded {
        urlencoded: pairs.iter().map(|(key, value)| Field::new(*key, *value)).collect(),
    };
    let raw = |text: &str| json!({"mode": "raw", "raw": text, "options": {"raw": {"language": "text"}}});
    for (body, expected) in [
        (
            form(&[("a", "1"), ("b", "x-y.z_")]),
            json!({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"}, {"key": "b", "value": "x-y.z_"}]}),
        ),
        (form(&[("a", "1 2")]), raw("a=1+2")),
        (form(&[("a", "1"), ("b", "2"), ("a", "3")]), raw("a=1&b=2&a=3")),
    ] {
        let written = item(post(body.clone()), Some("7.42"));
        assert_eq!(written["request"]["body"], expected);
        // Of a request that was typed, the form is kept.
        assert_eq!(item(post(body), None)["request"]["body"]["mode"], "urlencoded");
    }
    let part = Part { key: "f".into(), value: "v".into(), ..Part::default() };
    let mut multipart = post(Body::Formdata { formdata: vec![part] });
    multipart.headers = vec![Field::new("Content-Type", "multipart/form-data; boundary=xyz")];
    let written = item(multipart, Some("7.42"));
    let sent = "--xyz\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nv\r\n--xyz--\r\n";
    assert_eq!(written["request"]["body"]["raw"], sent);

    let draft = Draft {
        method: "GET".into(),
        url: "http://h/a b".into(),
        headers: vec![
            Field::new("X-Latin", "\u{fc}"),
            Field::new("Content-Length", "3"),
            Field::new("connection", "close"),
            Field { bytes: Some("/w==".into()), ..Field::new("X-Bytes", "\u{fffd}") },
            Field { bytes: Some("e3t4fX0=".into()), ..Field::new("X-Literal", "{{x}}") },
        ],
        without: vec!["user-agent".into(), "accept".into()],
        body: Body::Raw { raw: "b".into(), language: Language::Json },
        settings: Settings { encode_url: Some(false), ..Settings::default() },
        ..Draft::default()
    };
    let collection = saved(draft.clone(), Some("7.42"));
    let file = write(&collection, Version::V21, None).file;
    let ppb = json!({"disableUrlEncoding": true, "disableBodyPruning": true, "disableCookies": true,
        "disabledSystemHeaders": {"user-agent": true, "accept": true, "postman-token": true}});
    assert_eq!(file["item"][0]["protocolProfileBehavior"], ppb);
    let headers = json!([{"key": "X-Latin", "value": "\u{c3}\u{bc}"}, {"key": "X-Bytes", "value": "\u{ff}"},
        {"key": "X-Literal", "value": "{{waylay-literal-1}}"}]);
    assert_eq!(file["item"][0]["request"]["header"], headers);
    assert_eq!(file["variable"][0]["value"], "{{x}}");
    assert_eq!(one(&file), collection);
}

#[test]
fn bytes_that_are_no_text_lie_beside_the_collection() {
    let mut collection = saved(post(Body::Captured { exchange: "7.42".into(), size: 3 }), Some("7.42"));
    let Item::Request(request) = &mut collection.items[0] else { panic!() };
    request.examples.push(Example { body: ExampleBody::Bytes { base64: "/wA=".into() }, ..Example::default() });
    let mut resolved = collection.clone();
    let lost = captured::resolve(&mut resolved, &mut |id| (id == "7.42").then(|| b"\xff\xfe{".to_vec()));
    assert!(lost.is_empty());

    let mut files = SideFiles::default();
    let written = write(&resolved, Version::V21, Some(&mut files));
    assert!(written.notes.is_empty());
    let name = written.file["item"][0]["request"]["body"]["file"]["src"].as_str().unwrap();
    assert_eq!(files.get(name), Some(&b"\xff\xfe{"[..]));
    assert_eq!(files.iter().count(), 2);
    let text = written.file.to_string();
    assert_eq!(read_with(text.as_bytes(), &files).unwrap().collections[0], resolved);
    assert!(!text.contains("_waylay\":{\"body"), "bytes are not there twice: {text}");

    let alone = write(&resolved, Version::V21, None);
    assert_eq!(alone.notes, ["R: its body is no text. newman sends it; for others, export a zip archive or a folder."]);
    assert_eq!(one(&alone.file), resolved);
    for (bytes, expected) in [
        (&b"plain"[..], Body::Raw { raw: "plain".into(), language: Language::Text }),
        (b"{{x}}", Body::Bytes { base64: "e3t4fX0=".into() }),
        (b"", Body::None),
    ] {
        let mut resolved = collection.clone();
        captured::resolve(&mut resolved, &mut |_| Some(bytes.to_vec()));
        let Item::Request(saved) = &resolved.items[0] else { panic!() };
        assert_eq!(saved.request.body, expected);
    }
    let mut unknown = collection;
    assert_eq!(captured::resolve(&mut unknown, &mut |_| None), ["7.42"]);
}

#[test]
fn what_the_format_has_no_word_for_is_told() {
    let jwt = Auth::Other([("type".to_owned(), json!("jwt"))].into());
    let collection = saved(Draft { url: "h".into(), auth: jwt, ..Draft::default() }, None);
    let written = write(&collection, Version::V21, None);
    assert_eq!(written.notes.len(), 1);
    assert_eq!(written.file["item"][0]["request"].get("auth"), None);
    assert_eq!(one(&written.file), collection);
    let basic = Auth::Basic { username: "u".into(), password: "p".into() };
    let collection = saved(Draft { url: "h".into(), auth: basic, ..Draft::default() }, None);
    let old = write(&collection, Version::V20, None).file;
    assert_eq!(
        old["item"][0]["request"]["auth"],
        json!({"type": "basic", "basic": {"username": "u", "password": "p"}})
    );
    assert_eq!(old["info"]["schema"], "https://schema.getpostman.com/json/collection/v2.0.0/collection.json");
}

#[test]
fn secrets_are_hidden_wherever_they_are() {
    let secret = "s3cr3t-0123456789";
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let mut draft = post(Body::Urlencoded { urlencoded: vec![Field::new("password", secret), Field::new("a", "b")] });
    draft.url = format!("https://u:{secret}@h/x?access_token={secret}&q=1");
    draft.query = Some(vec![Field::new("api_key", secret), Field::new("token", "{{token}}")]);
    draft.headers = vec![
        Field::new("Authorization", format!("Bearer {secret}")),
        Field::new("Authorization", "Bearer {{token}}"),
        Field::new("Cookie", "sid=abc; b=c"),
        Field { bytes: Some("/3MzY3IzdC0wMTIzNDU2Nzg5".into()), ..Field::new("X", "?") },
    ];
    draft.auth = Auth::Basic { username: "u".into(), password: secret.into() };
    let mut collection = saved(draft, None);
    collection.auth = Auth::Other([("type".to_owned(), json!("hawk")), ("authKey".to_owned(), json!(secret))].into());
    collection.variables = vec![
        Variable { key: "k".into(), value: secret.into(), secret: true, ..Variable::default() },
        Variable { key: "token".into(), value: "short".into(), ..Variable::default() },
        Variable { key: "base".into(), value: "http://h".into(), ..Variable::default() },
    ];
    collection.scripts = vec![json!({"listen": "test", "script": {"exec": [format!("var x = '{secret}'")]}})];
    collection.description = Some(format!("use {jwt}"));
    collection.extra.insert("x".into(), json!({"client_secret": "cs", "n": secret}));
    let Item::Request(request) = &mut collection.items[0] else { panic!() };
    request.examples.push(Example {
        headers: vec![Field::new("Set-Cookie", "id=cookie-value; Path=/")],
        body: ExampleBody::Text { text: format!("{{\"token\":\"{jwt}\",\"say\":\"{secret}\"}}") },
        extra: [("cookie".to_owned(), json!([{"name": "id", "value": "cookie-value"}]))].into_iter().collect(),
        ..Example::default()
    });
    let mut redaction = Redaction::default();
    redact::learn(&mut redaction, &collection);
    redaction.ready();
    redact::hide(&mut redaction, &mut collection);
    let text = write(&collection, Version::V21, None).file.to_string();
    for leak in [secret, jwt, "abc", "cookie-value", "short", "\"cs\"", "czNjcjN0"] {
        assert!(!text.contains(leak), "{leak} in {text}");
    }
    for kept in ["Bearer {{token}}", "http://h", "q=1", "\"value\":\"b\""] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    let report = redaction.hidden();
    for place in [
        "url",
        "request head",
        "request body",
        "response head",
        "response body",
        "auth",
        "variable",
        "script",
        "text",
        "extra",
    ] {
        assert!(report.iter().any(|hidden| hidden.place == place), "{place} in {report:?}");
    }
    let Item::Request(request) = &collection.items[0] else { panic!() };
    let Auth::Basic { password, .. } = &request.request.auth else { panic!() };
    let Body::Urlencoded { urlencoded } = &request.request.body else { panic!() };
    assert_eq!(*password, urlencoded[0].value, "the same secret has the same placeholder");
    assert_eq!(collection.variables[0].value, "");
}
