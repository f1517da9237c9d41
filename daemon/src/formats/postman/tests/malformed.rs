//! What is refused, and what is read all the same.

use super::*;
use crate::{
    collection::ExampleBody,
    request::{Auth, Body, Field, draft::Language},
};
use serde_json::json;

#[track_caller]
fn refused(bytes: &[u8]) -> (String, String) {
    let Refused { message, json_path, hint } = read(bytes).unwrap_err();
    assert!(!hint.is_empty() && hint.ends_with('.') && message.ends_with('.'), "{message} {hint}");
    (json_path, message)
}

#[test]
fn hostile_and_broken_files_are_refused_where_they_are_broken() {
    let schema = |version: &str| format!("https://schema.getpostman.com/json/collection/{version}/collection.json");
    let deep = (0..33).fold(json!([]), |inner, _| json!([{"name": "f", "item": inner}]));
    let wide: Vec<_> = (0..20_001).map(|_| json!({"request": "h"})).collect();
    for (file, path, says) in [
        (json!({"info": {"schema": schema("v999")}, "item": []}), "$.info.schema", "of version 999;"),
        (json!({"info": {"schema": schema("v2.2.0")}, "item": []}), "$.info.schema", "of version 2.2.0;"),
        (json!({"info": {"schema": schema("v2.1.0")}}), "$", "no array \"item\""),
        (json!({"item": {"a": 1}}), "$", "no array \"item\""),
        (json!({"item": [{"name": "x"}]}), "$.item[0]", "neither \"item\" nor \"request\""),
        (json!({"item": [{"request": null}]}), "$.item[0]", "neither \"item\" nor \"request\""),
        (
            json!({"item": [{"request": "h"}, {"request": "h", "item": []}]}),
            "$.item[1]",
            "both \"item\" and \"request\"",
        ),
        (json!({"item": [{"item": [{"request": 7}]}]}), "$.item[0].item[0].request", "should be an object"),
        (json!({"item": [{"item": {"a": 1}}]}), "$.item[0].item", "should be an array"),
        (json!({"item": ["x"]}), "$.item[0]", "should be an object"),
        (json!({"collection": {"info": {"schema": schema("v999")}, "item": []}}), "$.collection.info.schema", "999"),
        (json!({"info": {}, "item": deep}), &format!("${}", ".item[0]".repeat(33)), "more than 32 deep"),
        (json!({"item": wide}), "$.item[20000]", "more than 20000 folders, requests and examples"),
        (json!({"requests": [5], "id": "a"}), "$.requests[0]", "should be an object"),
        (json!({"v": 1, "name": "h", "requests": []}), "$", "of Hoppscotch"),
        (json!({"version": 1, "collections": [{"item": 1}]}), "$.collections[0]", "no array \"item\""),
        (json!({"log": {"entries": []}}), "$", "HAR"),
        (json!({"openapi": "3.0.3"}), "$", "API description"),
        (json!({"collection": {"id": true}}), "$", "index of a data dump"),
        (json!({}), "$", "no file of Postman"),
        (json!([1]), "$", "no file of Postman"),
    ] {
        let (at, message) = refused(file.to_string().as_bytes());
        assert!(message.contains(says) && at == path, "{at} {message} should be {path} {says}");
    }
    let nested = format!("{{\"item\":{}", "[".repeat(100_000));
    let many = format!("{{\"item\":[],\"x\":[{}0]}}", "0,".repeat(2_000_000));
    let long = format!("{{\"item\":[],\"x\":\"{}\"}}", "\\\"".repeat(9 << 20));
    let large = vec![b' '; (64 << 20) + 1];
    let markdown = b"# API\n```json\n{\"info\":{},\"item\":[]}\n```\n";
    for (bytes, says) in [
        (&b""[..], "no JSON: EOF while parsing a value"),
        (b"{\"item\":[", "no JSON: EOF while parsing a list (line 1, column 9)"),
        (b"{\"info\":{\"schema\":\"x\"},\n \"item\":[],}", "no JSON: trailing comma (line 2, column 12)"),
        (b"{\"item\":[{\"request\":\"\xff\"}]}", "no UTF-8: byte 21 does not fit"),
        (b"\xff\xfe{\0\0", "no UTF-16: byte 4 does not fit"),
        (markdown, "no JSON: expected value (line 1, column 1)"),
        (nested.as_bytes(), "nested more than 127 deep"),
        (many.as_bytes(), "2000004 values"),
        (long.as_bytes(), "A text in the file is 18874369 bytes long"),
        (&large, "has 67108865 bytes"),
    ] {
        let (_, message) = refused(bytes);
        assert!(message.contains(says), "{message} should say {says}");
    }
}

#[test]
fn what_is_merely_odd_is_read() {
    let file = json!({"info": {"name": "ä日😀"}, "item": [
        null,
        {"name": null, "request": "http://h/a?b"},
        {"name": "r", "request": {"method": "   ", "url": null, "header": null, "body": null, "auth": null}},
    ]});
    let text = file.to_string();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let wrapped = json!({"collection": file}).to_string();
    for bytes in [text.as_bytes(), &[b"\xef\xbb\xbf", text.as_bytes()].concat(), &utf16, wrapped.as_bytes()] {
        let read = read(bytes).unwrap();
        assert_eq!((read.collections[0].name.as_str(), read.collections[0].items.len()), ("ä日😀", 2));
        assert_eq!(read.notes.len(), 1);
        assert!(read.notes[0].ends_with(".item[0]: it is null and was left out."), "{:?}", read.notes);
        let Item::Request(saved) = &read.collections[0].items[0] else { panic!() };
        assert_eq!((saved.request.url.as_str(), saved.request.query.as_ref()), ("http://h/a?b", None));
        let Item::Request(saved) = &read.collections[0].items[1] else { panic!() };
        assert_eq!(saved.request, Default::default());
    }
    for schema in ["https://schema.getpostman.com/collection/v2.1.0/collection.json", "", "v2.0", "https://x/#2.0.0"] {
        one(&json!({"info": {"name": "n", "schema": schema}, "item": []}));
    }
}

#[test]
fn urls_are_what_is_sent_for_them() {
    let url = |url: Value| {
        let draft = request(json!({"url": url}));
        (
            draft.url,
            draft.query.map(|q| q.iter().map(|f| (f.key.clone(), f.value.clone(), f.disabled)).collect::<Vec<_>>()),
        )
    };
    let host = json!(["api", "example", "com"]);
    for (parts, expected) in [
        (
            json!({"raw": "shown", "protocol": "https", "host": host, "path": ["a", "b", ""]}),
            "https://api.example.com/a/b/",
        ),
        (json!({"protocol": "http://", "host": "h", "port": "8080", "path": "/a/b"}), "http://h:8080/a/b"),
        (json!({"host": "h", "port": 81, "path": "a"}), "h:81/a"),
        (json!({"host": ["{{baseUrl}}"], "path": [":id"]}), "{{baseUrl}}/:id"),
        (json!({"host": ["h"], "path": []}), "h"),
        (json!({"host": ["h"], "path": [""]}), "h/"),
        (json!({"host": ["h"], "path": ["", "a"]}), "h//a"),
        (json!({"host": ["h"], "path": [{"type": "string", "value": "x"}]}), "h/x"),
        (json!({"host": ["h"], "query": [{"key": "a", "value": null}, {"key": "a", "value": ""}]}), "h?a&a="),
        (json!({"host": ["h"], "query": [{"key": null, "value": "x"}, {"key": "b", "value": "%20"}]}), "h?=x&b=%20"),
        (json!({"host": ["h"], "query": "a=1&b", "hash": "top"}), "h?a=1&b#top"),
        (json!({"host": ["h"], "auth": {"user": "u", "password": "p"}}), "u:p@h"),
        (json!({"raw": "http://only/raw?x=1"}), "http://only/raw?x=1"),
        (json!("{{base}}/x"), "{{base}}/x"),
    ] {
        assert_eq!(url(parts.clone()).0, expected, "{parts}");
    }
    // Only what the text cannot say has a list.
    let off =
        json!({"host": ["h"], "query": [{"key": "a", "value": "1"}, {"key": "b", "value": "2", "disabled": true}]});
    let pair = |key: &str, value: &str, disabled| (key.to_owned(), value.to_owned(), disabled);
    assert_eq!(url(off), ("h?a=1".into(), Some(vec![pair("a", "1", false), pair("b", "2", true)])));
    assert_eq!(url(json!({"host": ["h"], "query": [{"key": "a", "value": "1"}]})).1, None);
    let variables = request(json!({"url": {"host": ["h"], "path": [":a", ":b"], "variable": [
        {"key": "a", "value": "1"}, {"id": "b", "value": 2}]}}));
    let names: Vec<_> = variables.path_variables.iter().map(|f| (f.key.as_str(), f.value.as_str())).collect();
    assert_eq!(names, [("a", "1"), ("b", "2")]);
    for (parts, notes) in [
        (
            json!({"raw": "h?a=1&b=2", "host": ["h"], "query": [{"key": "a", "value": "1"}, {"key": "b", "value": "2", "disabled": true}]}),
            0,
        ),
        (json!({"raw": "other", "host": ["h"]}), 1),
    ] {
        let file = with_item(json!({"request": {"url": parts}}));
        assert_eq!(read(file.to_string().as_bytes()).unwrap().notes.len(), notes, "{parts}");
    }
}

#[test]
fn bodies_are_read_by_their_mode() {
    let body = |body: Value| request(json!({"method": "POST", "url": "h", "body": body})).body;
    let raw = |raw: &str, language| Body::Raw { raw: raw.into(), language };
    for (file, expected) in [
        (json!({"mode": "raw", "raw": "x"}), raw("x", Language::Text)),
        (json!({"raw": "x"}), raw("x", Language::Text)),
        (json!({"mode": "raw", "raw": "{}", "options": {"raw": {"language": "json"}}}), raw("{}", Language::Json)),
        (json!({"mode": "raw", "raw": {"a": 1}}), raw("{\"a\":1}", Language::Text)),
        (
            json!({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"}, null, {"key": "b"}]}),
            Body::Urlencoded { urlencoded: vec![Field::new("a", "1"), Field::new("b", "")] },
        ),
        (
            json!({"mode": "urlencoded", "urlencoded": "a=1+2&b"}),
            Body::Urlencoded { urlencoded: vec![Field::new("a", "1 2"), Field::new("b", "")] },
        ),
        (json!({"mode": "file", "file": {"src": "/C:/Users/x.png"}}), Body::File { src: "/C:/Users/x.png".into() }),
        (json!({"mode": "file"}), Body::File { src: String::new() }),
        (json!({"mode": "file", "file": {"src": null, "content": "aGk="}}), Body::Bytes { base64: "aGk=".into() }),
        (
            json!({"mode": "graphql", "graphql": {"query": "{a}", "variables": {"x": 1}, "operationName": "O"}}),
            Body::Graphql { query: "{a}".into(), variables: "{\n  \"x\": 1\n}".into(), operation_name: "O".into() },
        ),
        (json!({"mode": "none"}), Body::None),
        (json!(null), Body::None),
        (json!({"mode": "raw", "raw": "x", "disabled": true}), Body::None),
        (json!({"mode": "smoke", "smoke": 1}), Body::None),
    ] {
        assert_eq!(body(file.clone()), expected, "{file}");
    }
    let Body::Formdata { formdata } = body(json!({"mode": "formdata", "formdata": [
        {"key": "t", "value": "v", "type": "text", "contentType": "text/x"}, {"key": "d", "value": "v", "type": "default"},
        {"key": "f", "type": "file", "src": "a.png"}, {"key": "g", "type": "file", "src": ["a", "b"]},
        {"key": "h", "type": "file", "src": null, "disabled": true}]}))
    else {
        panic!("a form")
    };
    let parts: Vec<_> =
        formdata.iter().map(|p| (p.key.as_str(), p.value.as_str(), p.src.clone(), p.disabled)).collect();
    let src = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(
        parts,
        [
            ("t", "v", None, false),
            ("d", "v", None, false),
            ("f", "", src(&["a.png"]), false),
            ("g", "", src(&["a", "b"]), false),
            ("h", "", src(&[]), true),
        ]
    );
    // Postman sends no body with GET, unless it is told to.
    let get = |ppb: Value| {
        let file = with_item(json!({"request": {"method": "GET", "url": "h", "body": {"mode": "raw", "raw": "x"}},
            "protocolProfileBehavior": ppb}));
        let read = read(file.to_string().as_bytes()).unwrap();
        let Item::Request(saved) = &read.collections[0].items[0] else { panic!() };
        (saved.request.body.clone(), read.notes.len())
    };
    assert_eq!(get(json!({"disableBodyPruning": true})), (raw("x", Language::Text), 0));
    assert_eq!(get(json!({})), (Body::None, 1));
}

#[test]
fn who_asks_is_read_in_both_forms() {
    for (auth, expected) in [
        (json!(null), Auth::Inherit),
        (json!({"type": "noauth"}), Auth::None),
        (
            json!({"type": "basic", "basic": [{"key": "username", "value": "u"}, {"key": "password", "value": "p"}]}),
            Auth::Basic { username: "u".into(), password: "p".into() },
        ),
        (
            json!({"type": "basic", "basic": {"username": "u", "password": 5, "showPassword": false}}),
            Auth::Basic { username: "u".into(), password: "5".into() },
        ),
        (
            json!({"type": "bearer", "bearer": [{"key": "token", "value": "a"}, {"key": "token", "value": "b"}]}),
            Auth::Bearer { token: "b".into() },
        ),
        (
            json!({"type": "apikey", "apikey": {"key": "k", "value": "v", "in": "query"}}),
            Auth::Apikey { key: "k".into(), value: "v".into(), place: crate::request::draft::KeyPlace::Query },
        ),
        (json!({"type": 5}), Auth::Inherit),
    ] {
        assert_eq!(request(json!({"url": "h", "auth": auth})).auth, expected, "{auth}");
    }
    let other = request(json!({"url": "h", "auth": {"type": "hawk", "hawk": [{"key": "authId", "value": "i"}]}})).auth;
    assert!(matches!(other, Auth::Other(fields) if fields["type"] == "hawk" && fields["authId"] == "i"));
}

#[test]
fn old_collections_and_dumps_are_read() {
    let v1 = json!({"id": "c", "name": "Old", "order": ["2", "1"], "folders_order": ["f"],
        "folders": [{"id": "g", "name": "Inner", "folder": "f", "order": ["4"]}, {"id": "f", "name": "F", "order": ["3"]}],
        "requests": [
            {"id": "1", "name": "one", "method": "POST", "url": "h/a?x=1", "headers": "A: 1\n//B: 2\n\nC:3:4", "dataMode": "raw",
             "rawModeData": "{}", "tests": "a\nb", "currentHelper": "basicAuth", "helperAttributes": {"username": "u", "password": "p"},
             "responses": [{"name": "e", "responseCode": {"code": 201, "name": "Created"}, "text": "t", "headers": [{"key": "X", "value": "y"}]}]},
            {"id": "2", "name": "two", "method": "GET", "url": "h/:v", "pathVariables": {"v": "7"}, "data": [], "dataMode": "params",
             "queryParams": [{"key": "q", "value": "1", "enabled": false}]},
            {"id": "3", "name": "three", "dataMode": "params", "method": "PUT", "url": "h",
             "data": [{"key": "f", "value": "a.png", "type": "file"}, {"key": "t", "value": "v", "type": "text", "enabled": false}]},
            {"id": "4", "name": "four", "method": "PUT", "dataMode": "urlencoded", "data": [{"key": "a", "value": "b"}]},
            {"id": "5", "name": "five", "dataMode": "binary", "method": "PUT", "rawModeData": "/x"}]});
    let dump = json!({"version": 1, "collections": [v1, null], "environments": [{"name": "E", "values": [{"key": "k", "value": "v"}]}, {}],
        "globals": [{"key": "g", "value": "v"}], "headerPresets": [{}]});
    let read = read(dump.to_string().as_bytes()).unwrap();
    let names: Vec<_> = read.environments.iter().map(|e| (e.name.as_str(), e.globals, e.variables.len())).collect();
    assert_eq!(names, [("E", false, 1), ("Globals", true, 1)]);
    assert_eq!(read.notes.len(), 3, "{:?}", read.notes);
    let collection = &read.collections[0];
    let Item::Folder(folder) = &collection.items[0] else { panic!() };
    let of = |items: &[Item]| items.iter().map(|item| item.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(of(&collection.items), ["F", "two", "one", "five"]);
    assert_eq!(of(&folder.items), ["Inner", "three"]);
    let Item::Request(one) = &collection.items[2] else { panic!() };
    assert_eq!((one.request.url.as_str(), one.scripts.len(), one.examples.len()), ("h/a?x=1", 1, 1));
    assert_eq!(one.request.auth, Auth::Basic { username: "u".into(), password: "p".into() });
    let fields: Vec<_> = one.request.headers.iter().map(|f| (f.key.as_str(), f.value.as_str(), f.disabled)).collect();
    assert_eq!(fields, [("A", "1", false), ("B", "2", true), ("C", "3:4", false)]);
    let example = &one.examples[0];
    assert_eq!((example.status, example.reason.as_str(), example.headers.len()), (Some(201), "Created", 1));
    assert_eq!(example.body, ExampleBody::Text { text: "t".into() });
    let Item::Request(two) = &collection.items[1] else { panic!() };
    assert_eq!((two.request.url.as_str(), two.request.path_variables[0].value.as_str()), ("h/:v", "7"));
    assert!(two.request.query.as_ref().unwrap()[0].disabled);
    let Item::Request(three) = &folder.items[1] else { panic!() };
    let Body::Formdata { formdata } = &three.request.body else { panic!() };
    assert_eq!((formdata[0].src.as_deref(), formdata[1].disabled), (Some(&["a.png".to_owned()][..]), true));

    // Folders that are within each other.
    let cycle = json!({"id": "c", "folders": [{"id": "a", "folder": "b", "name": "A"}, {"id": "b", "folder": "a", "name": "B"}],
        "requests": [{"id": "1", "folder": "a", "url": "h"}]});
    assert_eq!(counted(&super::one(&cycle).items), (2, 1, 0));
}

#[test]
fn several_files_are_read_together() {
    let mut side = SideFiles::default();
    let name = side.add(b"\xff\0");
    let file = |v: Value| v.to_string().into_bytes();
    let body = json!({"mode": "file", "file": {"src": name}});
    let collection = with_item(json!({"request": {"method": "POST", "url": "h", "body": body}}));
    let files = || {
        vec![
            ("d/archive.json".to_owned(), file(json!({"collection": {"x": true}, "environment": {"y": true}}))),
            ("d/collection/x.json".to_owned(), file(collection.clone())),
            ("d/environment/y.json".to_owned(), file(json!({"name": "E", "values": []}))),
            (format!("d/{name}"), b"\xff\0".to_vec()),
            ("d/README.md".to_owned(), b"# hi".to_vec()),
        ]
    };
    let read = read_archive(files().into_iter()).unwrap();
    assert_eq!((read.collections.len(), read.environments.len()), (1, 1));
    assert_eq!(read.notes, ["d/README.md: it is no file of Postman and was left out."]);
    let Item::Request(saved) = &read.collections[0].items[0] else { panic!() };
    assert_eq!(saved.request.body, Body::Bytes { base64: "/wA=".into() });

    let mut broken = files();
    broken[1].1 = file(json!({"item": [{}]}));
    let refused = read_archive(broken.into_iter()).unwrap_err();
    assert_eq!(refused.message, "d/collection/x.json: An item has neither \"item\" nor \"request\".");
    assert_eq!(refused.json_path, "$.item[0]");
    // A file with the name of other bytes is not taken for them.
    let mut forged = files();
    forged[3].1 = b"other".to_vec();
    let read = read_archive(forged.into_iter()).unwrap();
    let Item::Request(saved) = &read.collections[0].items[0] else { panic!() };
    assert_eq!(saved.request.body, Body::File { src: name.clone() });
    assert!(read_archive(std::iter::empty()).is_err());
}

#[test]
fn files_are_known_by_their_outermost_members() {
    for (file, kind) in [
        (json!({"info": {}, "item": []}), Some(Kind::Collection)),
        (json!({"info": {"schema": "x"}}), Some(Kind::Collection)),
        (json!({"requests": []}), Some(Kind::Collection)),
        (json!({"collection": {"info": {}, "item": [1]}}), Some(Kind::Collection)),
        (json!({"collection": {"a": true}, "environment": {}}), Some(Kind::Index)),
        (json!({"environment": {"values": []}}), Some(Kind::Environment)),
        (json!({"values": []}), Some(Kind::Environment)),
        (json!({"version": 1, "collections": []}), Some(Kind::Dump)),
        (json!({"log": {"entries": []}}), None),
        (json!({"info": {"title": "x"}, "openapi": "3"}), None),
        (json!([]), None),
        (json!({}), None),
    ] {
        assert_eq!(sniff(file.to_string().as_bytes()), kind, "{file}");
    }
    assert_eq!(sniff(b"{\"info\":{},\"item\":[{]"), None, "what follows was not seen");
    assert_eq!(sniff(b"{\"info\":{\"schema\":\"x\"},\"item\":[{]"), Some(Kind::Collection), "broken further in");
    for other in [&b"curl http://x"[..], b"", b"PK\x03\x04", b"\xff\xff"] {
        assert_eq!(sniff(other), None);
    }
}
