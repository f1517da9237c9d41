//! Every kind of everything, mapped.

use super::*;
use crate::{
    platform::At,
    request::draft::{Body, Language},
};
use serde_json::{Value, json};
use std::io::{Read, Write};

fn mapped(call: &Value) -> Result<Mapped, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(call.to_string().as_bytes()).unwrap();
    let call = Call::read(&file).map_err(|e| e.to_string())?;
    order(call, &Arc::new(file), folder.path()).map_err(|e| e.to_string())
}

/// A call with these members besides those that are needed.
fn with(members: Value) -> Value {
    let mut call = json!({ "id": 1, "url": "https://a.test/x?k=1", "method": "POST", "version": "HTTP/1.1" });
    call.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    call
}

fn bytes(lent: &Lent) -> Vec<u8> {
    let Lent::Part(file, from, length) = lent else { panic!("{lent:?}") };
    let mut bytes = Vec::new();
    At { file: &**file, position: *from }.take(*length).read_to_end(&mut bytes).unwrap();
    bytes
}

fn content_type(mapped: &Mapped) -> Option<&str> {
    mapped.draft.headers.iter().find(|f| f.key.eq_ignore_ascii_case("content-type")).map(|f| f.value.as_str())
}

#[test]
fn bodies_of_every_kind() {
    for (content, body, typed) in [
        (json!({ "kind": "text", "content": "{{a}}é", "mediaType": "text/html" }), "{{a}}é", "text/html"),
        (json!({ "kind": "text", "content": "a", "mediaType": null }), "a", "text/plain"),
        (json!({ "kind": "text", "content": "a", "mediaType": "" }), "a", "text/plain"),
        (
            json!({ "kind": "json", "content": { "b": 1, "a": [null] }, "mediaType": "application/json" }),
            r#"{"b":1,"a":[null]}"#,
            "application/json",
        ),
        (json!({ "kind": "json", "content": [1, 300] }), "[1,300]", "application/json"),
        (json!({ "kind": "xml", "content": "<a/>" }), "<a/>", "application/xml"),
        (json!({ "kind": "urlencoded", "content": "a=%20" }), "a=%20", "application/x-www-form-urlencoded"),
        (json!({ "kind": "binary", "content": [104, 105], "filename": "x" }), "hi", "application/octet-stream"),
        (json!({ "kind": "binary", "content": "hi", "mediaType": "image/png" }), "hi", "image/png"),
    ] {
        let mapped = mapped(&with(json!({ "content": content }))).unwrap();
        assert_eq!(mapped.draft.body, Body::Raw { raw: body.into(), language: Language::Text }, "{content}");
        assert_eq!(content_type(&mapped), Some(typed), "{content}");
        assert!(mapped.brought.literal);
    }
    let bytes = mapped(&with(json!({ "content": { "kind": "binary", "content": [255, 0] } }))).unwrap();
    assert_eq!(bytes.draft.body, Body::Bytes { base64: "/wA=".into() });
    let own = json!({ "headers": { "Content-Type": "a/b" }, "content": { "kind": "text", "content": "" } });
    let own = mapped(&with(own)).unwrap();
    assert_eq!((content_type(&own), own.draft.headers.len()), (Some("a/b"), 1), "what is written wins");
    for bad in [
        json!({ "kind": "binary", "content": [256] }),
        json!({ "kind": "text", "content": 7 }),
        json!({ "kind": "multipart", "content": [["a"]] }),
        json!({ "kind": "multipart", "content": [["a", [{ "kind": "file", "data": {} }]]] }),
    ] {
        let error = mapped(&with(json!({ "content": bad }))).err().unwrap();
        assert!(error.contains("'content'"), "{bad}: {error}");
    }
}

#[test]
fn large_bodies_stay_out_of_the_memory() {
    let long: Vec<u8> = (0..400_000_u32).map(|n| (n % 256) as u8).collect();
    let text = "é\n\"".repeat(200_000);
    let file = |m: &Mapped| {
        assert_eq!(m.draft.body, Body::File { src: ".page:body".into() });
        bytes(&m.files[".page:body"])
    };
    let binary = mapped(&with(json!({ "content": { "kind": "binary", "content": long } }))).unwrap();
    assert!(file(&binary) == long);
    let texts = mapped(&with(json!({ "content": { "kind": "text", "content": text } }))).unwrap();
    assert!(file(&texts) == text.as_bytes());
    let value = json!({ "a": text });
    let values = mapped(&with(json!({ "content": { "kind": "json", "content": value } }))).unwrap();
    assert!(file(&values) == value.to_string().as_bytes());
}

#[test]
fn forms_keep_their_order_and_their_files() {
    for kind in ["multipart", "form"] {
        let file =
            |data: &[u8], name: Value| json!({ "kind": "file", "filename": name, "contentType": null, "data": data });
        let content = json!([
            ["a", [{ "kind": "text", "value": "1" }, file(b"x", json!("n\u{e9}.bin"))]],
            ["data", [{ "kind": "file", "filename": "p", "contentType": "Odd/Kind", "data": [255] }, file(b"", json!(null))]],
        ]);
        let mapped = mapped(&with(json!({ "content": { "kind": kind, "content": content } }))).unwrap();
        assert_eq!(content_type(&mapped), None, "the boundary is ours");
        let Body::Formdata { formdata } = &mapped.draft.body else { panic!("{:?}", mapped.draft.body) };
        let parts: Vec<_> = formdata
            .iter()
            .map(|p| (p.key.as_str(), p.value.as_str(), p.file_name.as_str(), p.content_type.as_str()))
            .collect();
        assert_eq!(
            parts,
            [
                ("a", "1", "", ""),
                ("a", "", "né.bin", "application/octet-stream"),
                ("data", "", "p", "Odd/Kind"),
                ("data", "", "blob", "application/octet-stream"),
            ]
        );
        let sent: Vec<_> = formdata.iter().filter_map(|p| Some(bytes(&mapped.files[&p.src.as_ref()?[0]]))).collect();
        assert_eq!(sent, [&b"x"[..], &[255], b""]);
    }
    let form = |parts: usize| {
        let part = json!(["a", [{ "kind": "text", "value": "1" }]]);
        mapped(&with(json!({ "content": { "kind": "multipart", "content": vec![part; parts] } })))
    };
    assert!(form(1000).is_ok() && form(1001).is_err_and(|error| error.contains("1000 parts")));
}

#[test]
fn who_asks_is_said_in_every_way() {
    use draft::Auth;
    let key = |place| Auth::Apikey { key: "q".into(), value: "v".into(), place };
    for (auth, expected) in [
        (json!({ "kind": "none" }), Auth::None),
        (
            json!({ "kind": "basic", "username": "u", "password": "p" }),
            Auth::Basic { username: "u".into(), password: "p".into() },
        ),
        (json!({ "kind": "bearer", "token": "t" }), Auth::Bearer { token: "t".into() }),
        (
            json!({ "kind": "digest", "username": "u", "password": "p", "realm": null, "nonce": "n", "algorithm": "SHA-256", "qop": "auth", "nc": null }),
            Auth::Digest { username: "u".into(), password: "p".into() },
        ),
        (
            json!({ "kind": "digest", "username": "u", "password": "p", "algorithm": "SHA256" }),
            Auth::Digest { username: "u".into(), password: "p".into() },
        ),
        (json!({ "kind": "apikey", "key": "q", "value": "v", "in": "header" }), key(KeyPlace::Header)),
        (json!({ "kind": "apikey", "key": "q", "value": "v", "in": "query" }), key(KeyPlace::Query)),
        (json!({ "kind": "apikey", "key": "k", "value": "1", "in": "query" }), Auth::None),
        (
            json!({ "kind": "oauth2", "grantType": { "kind": "implicit" }, "accessToken": "t" }),
            Auth::Bearer { token: "t".into() },
        ),
        (json!({ "kind": "oauth2", "grantType": { "kind": "password" }, "accessToken": null }), Auth::None),
        (json!({ "kind": "oauth2", "grantType": { "kind": "password" }, "accessToken": "" }), Auth::None),
        (json!({ "kind": "apikey", "key": "", "value": "v", "in": "header" }), Auth::None),
        (
            json!({ "kind": "aws", "accessKey": "a", "secretKey": "s", "region": "r", "service": "s", "in": "headers" }),
            Auth::None,
        ),
        (json!({ "kind": "hawk", "id": 7 }), Auth::None),
        (json!(null), Auth::None),
    ] {
        assert_eq!(mapped(&with(json!({ "auth": auth }))).unwrap().draft.auth, expected, "{auth}");
    }
}

#[test]
fn how_it_is_sent() {
    let found = |members| mapped(&with(members)).map(|m| m.draft.settings);
    let usual = found(json!({})).unwrap();
    assert_eq!((usual.verify_chain, usual.verify_name), (Some(true), Some(true)));
    assert_eq!((usual.follow_redirects, usual.max_redirects), (Some(false), Some(10)));
    assert_eq!((usual.timeout_ms, usual.cookie_jar, usual.no_cache), (Some(0), Some(false), Some(false)));
    let options = json!({ "followRedirects": true, "maxRedirects": 50, "timeout": 7, "keepAlive": true });
    let other =
        found(json!({ "security": { "verifyHost": false, "verifyPeer": true }, "meta": { "options": options } }));
    let other = other.unwrap();
    assert_eq!((other.verify_chain, other.verify_name), (Some(true), Some(false)));
    assert_eq!((other.follow_redirects, other.max_redirects, other.timeout_ms), (Some(true), Some(10), Some(7)));
    for (version, expected) in [
        ("HTTP/1.0", Some(HttpVersion::Http10)),
        ("HTTP/1.1", Some(HttpVersion::Http11)),
        ("HTTP/2.0", Some(HttpVersion::Http2)),
        ("HTTP/2", Some(HttpVersion::Http2)),
        ("HTTP/3.0", Some(HttpVersion::Auto)),
        ("HTTP/4", None),
    ] {
        let found = found(json!({ "version": version })).map(|s| s.http_version);
        assert_eq!(found.ok().flatten(), expected, "{version}");
    }
    let plain = mapped(&with(json!({ "meta": { "options": { "decompress": false, "cookies": true } } }))).unwrap();
    assert!(
        !plain.decompress
            && plain.cookies
            && plain.draft.settings.cookie_jar == Some(true)
            && plain.draft.without == ["accept-encoding"]
    );
    let headers = json!({ "headers": { "Host": "b", "Content-Length": "5", "Transfer-Encoding": "chunked", "Connection": "x", "Keep-Alive": "1",
            "Proxy-Connection": "close", "Upgrade": "h2c", "TE": "gzip", "X": "1" } });
    let names: Vec<_> = mapped(&with(headers)).unwrap().draft.headers.into_iter().map(|f| f.key).collect();
    assert_eq!(names, ["Host", "X"]);
}

#[test]
fn proxies_with_and_without_credentials() {
    let proxy = |proxy: Value| {
        let brought = mapped(&with(json!({ "proxy": proxy }))).unwrap().brought;
        match (brought.proxy, brought.problem) {
            (Choice::This(proxy), None) => Ok((*proxy).clone()),
            (_, Some(problem)) => Err(problem),
            (other, None) => panic!("{other:?}"),
        }
    };
    for (given, shown, user) in [
        (json!({ "url": "http://p.test:3128" }), "http://p.test:3128", None),
        (
            json!({ "url": "http://p.test:3128", "auth": { "username": "u", "password": "w" } }),
            "http://p.test:3128",
            Some("u"),
        ),
        (
            json!({ "url": "http://p.test:3128", "auth": { "username": "u", "password": "" } }),
            "http://p.test:3128",
            None,
        ),
        (
            json!({ "url": "socks5://a:b@p.test", "auth": null, "certificates": null }),
            "socks5://p.test:1080",
            Some("a"),
        ),
        (json!({ "url": "socks://p.test:9" }), "socks5h://p.test:9", None),
        (json!({ "url": "socks4a://p.test:9" }), "socks4a://p.test:9", None),
    ] {
        let found = proxy(given.clone()).unwrap();
        assert_eq!(found.to_string(), shown);
        assert_eq!(found.credentials.map(|c| c.username).as_deref(), user, "{given}");
    }
    let error = proxy(json!({ "url": "https://u:s3cret@p.test" })).unwrap_err();
    assert!(error.stage == "proxy" && !error.message.contains("s3cret") && !error.hint.is_empty(), "{error:?}");
    for none in [json!(null), json!({ "url": "" })] {
        assert_eq!(mapped(&with(json!({ "proxy": none }))).unwrap().brought.proxy, Choice::Usual);
    }
}

#[test]
fn certificates_of_every_kind() {
    let file = |name: &str| {
        let path = format!("{}/../tests/fixtures/client-certificates/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    };
    let brought = |certificates: Value| {
        let security = json!({ "verifyHost": true, "verifyPeer": true, "certificates": certificates });
        mapped(&with(json!({ "security": security }))).unwrap().brought
    };
    let (cert, key) = (file("rsa.pem"), file("rsa-pkcs1.key"));
    let bundle = [&cert[..], &cert].concat();
    let pem = brought(json!({ "client": { "kind": "pem", "cert": cert, "key": key }, "ca": [cert, bundle] }));
    assert!(matches!(pem.identity, Choice::This(_)) && pem.problem.is_none());
    assert_eq!(pem.issuers.len(), 3);
    let text = String::from_utf8(cert.clone()).unwrap();
    let texts = brought(json!({ "client": { "kind": "pem", "cert": text, "key": String::from_utf8(key).unwrap() } }));
    assert_eq!(texts.identity, pem.identity, "texts are bytes");
    for (bad, says) in [
        (json!({ "client": { "kind": "pem", "cert": [1], "key": [2] } }), "client certificate"),
        (json!({ "client": { "kind": "pfx", "data": [48, 0], "password": "x" } }), "client certificate"),
        (json!({ "ca": [[1, 2]] }), "Number 1"),
    ] {
        let problem = brought(bad).problem.unwrap();
        assert!(problem.stage == "tls" && problem.message.contains(says) && !problem.hint.is_empty(), "{problem:?}");
    }
}
