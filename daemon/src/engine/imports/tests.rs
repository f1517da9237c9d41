//! Files of every kind, and hostile ones.

use super::{
    check::{Checked, Refusal, check},
    keep::{Choice, Made, keep},
    summary::{Counts, Kind},
};
use crate::{collection::stored, formats::archive};
use serde_json::{Value, json};
use std::{fs::File, io::Write};
use tempfile::TempDir;
use waylay_storage::{Options, Store};

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn looked(bytes: &[u8]) -> Result<Checked, Refusal> {
    let scratch = TempDir::new().unwrap();
    check(&file(bytes), "a file", scratch.path(), |_| true)
}

fn collection(name: &str) -> Value {
    json!({
        "info": { "name": name, "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        "event": [{ "listen": "test", "script": { "exec": ["x"] } }],
        "variable": [{ "key": "apiKey", "value": "k-1" }, { "key": "host", "value": "h" }],
        "item": [{
            "name": "F",
            "item": [{
                "name": "R",
                "request": {
                    "method": "POST",
                    "url": "https://api.test/a?token=t-1",
                    "header": [{ "key": "Authorization", "value": "Bearer b-1" }, { "key": "X-Api-Key", "value": "{{apiKey}}" }],
                    "auth": { "type": "basic", "basic": [{ "key": "username", "value": "u" }, { "key": "password", "value": "p-1" }] },
                    "body": { "mode": "raw", "raw": "{\"password\":\"p-2\"}" }
                },
                "response": [{ "name": "E", "code": 200, "header": [{ "key": "Set-Cookie", "value": "sid=c-1" }], "body": "{}" }]
            }]
        }, { "name": "Q", "request": "{{host}}/b" }]
    })
}

fn environment(name: &str) -> Value {
    json!({ "name": name, "values": [{ "key": "k", "value": "s-1", "type": "secret" }, { "key": "n", "value": "1" }] })
}

fn har() -> Value {
    let entry = |url: &str| {
        json!({ "request": { "method": "GET", "url": url, "headers": [{ "name": "Cookie", "value": "a=c-2" }] },
            "response": { "status": 200 } })
    };
    json!({ "log": { "entries": [entry("http://a.test/x?password=q-1"), entry("http://b.test/"), entry("file:///x")] } })
}

/// What every secret of these files ends with.
fn leaks(text: &str) -> bool {
    ["k-1", "t-1", "b-1", "p-1", "p-2", "c-1", "c-2", "s-1", "q-1"].iter().any(|secret| text.contains(secret))
}

#[test]
fn what_is_in_a_file_is_told_and_secrets_are_not() {
    let checked = looked(collection("C").to_string().as_bytes()).unwrap();
    let summary = &checked.summary;
    assert_eq!((summary.kind, &summary.name[..], summary.scripts), (Kind::Collection, "C", 1));
    let counts = Counts { collections: 1, requests: 2, folders: 1, examples: 1, variables: 2, ..Counts::default() };
    assert_eq!(summary.counts, counts);
    assert_eq!(summary.hosts, ["api.test", "{{host}}"]);
    let secrets: Vec<_> = summary.secrets.iter().map(|s| (&s.place[..], &s.name[..])).collect();
    let expected = [
        ("C", "apiKey"),
        ("C / F / R", "Authorization"),
        ("C / F / R", "password in the body"),
        ("C / F / R", "password of Basic"),
        ("C / F / R", "token in the URL"),
        ("C / F / R / E", "Set-Cookie"),
    ];
    assert_eq!(secrets, expected);
    assert!(!leaks(&serde_json::to_string(summary).unwrap()));

    let checked = looked(har().to_string().as_bytes()).unwrap();
    let summary = &checked.summary;
    assert_eq!((summary.kind, summary.counts.exchanges), (Kind::Har, 2));
    assert_eq!(summary.hosts, ["a.test", "b.test"]);
    assert_eq!((&summary.refused[0].place[..], summary.refused.len()), ("entry 2", 1));
    assert!(summary.secrets.iter().any(|s| s.place == "a.test" && s.name == "password in the URL"));
    assert!(summary.secrets.iter().any(|s| s.place == "b.test" && s.name == "cookie"));
    assert!(!leaks(&serde_json::to_string(summary).unwrap()));

    let checked = looked(environment("E").to_string().as_bytes()).unwrap();
    assert_eq!((checked.summary.kind, checked.summary.counts.variables), (Kind::Environment, 2));
    assert_eq!(checked.summary.secrets.iter().map(|s| &s.name[..]).collect::<Vec<_>>(), ["k"]);

    let checked = looked(b"curl https://a.test/ -u u:p-1\ncurl ftp://b.test/").unwrap();
    assert_eq!((checked.summary.kind, checked.summary.counts.requests), (Kind::Curl, 1));
    assert_eq!((&checked.summary.refused[0].place[..], checked.drafts().len()), ("line 2", 1));
    assert_eq!(checked.summary.hosts, ["a.test"]);
    assert_eq!(checked.summary.secrets.len(), 1);
}

/// A HAR file that says so late, and files of UTF-16.
#[test]
fn files_are_recognised_by_what_is_in_them() {
    let late = format!("{{\"_made_by\":\"{}\",\"log\":{{\"entries\":[]}}}}", "x".repeat(500));
    assert_eq!(looked(late.as_bytes()).unwrap().summary.kind, Kind::Har);
    let utf16 = |text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(looked(&utf16(&collection("C").to_string())).unwrap().summary.kind, Kind::Collection);
    assert_eq!(looked(&utf16("curl http://h/")).unwrap().summary.kind, Kind::Curl);
    let dump = json!({ "version": 1, "collections": [], "environments": [environment("E")], "globals": [{ "key": "g", "value": "1" }] });
    let checked = looked(dump.to_string().as_bytes()).unwrap();
    assert_eq!(checked.summary.kind, Kind::Several);
    assert_eq!(
        checked.summary.parts.iter().map(|part| part.kind).collect::<Vec<_>>(),
        [Kind::Environment, Kind::Globals]
    );
}

#[test]
fn archives_hold_any_of_them() {
    let (har, collection, environment) = (har().to_string(), collection("C").to_string(), environment("E").to_string());
    let index = r#"{"collection":{"1":true},"environment":{"2":true}}"#;
    let zip = archive::write([
        ("dump/archive.json", index.as_bytes()),
        ("dump/collection/1.json", collection.as_bytes()),
        ("dump/environment/2.json", environment.as_bytes()),
        ("a.har", har.as_bytes()),
        ("run.sh", b"#!/bin/sh\ncurl http://c.test/"),
        ("picture.png", b"\x89PNG"),
        ("README.md", b"curl http://d.test/"),
        ("broken.json", b"{\"info\":{\"schema\":\"x/v999\"},\"item\":[]}"),
    ]);
    let checked = looked(&zip.unwrap()).unwrap();
    let summary = &checked.summary;
    let mut kinds: Vec<_> = summary.parts.iter().map(|part| (part.kind, part.name.clone())).collect();
    kinds.sort_by_key(|(_, name)| name.clone());
    let expected = [(Kind::Collection, "C"), (Kind::Environment, "E"), (Kind::Har, "a"), (Kind::Curl, "run")];
    assert_eq!(kinds, expected.map(|(kind, name)| (kind, name.to_owned())));
    assert!(summary.refused.iter().any(|refused| refused.place.starts_with("broken.json: $")), "{:?}", summary.refused);
    assert!(summary.notes.iter().any(|note| note.starts_with("2 files in the archive")), "{:?}", summary.notes);

    let dir = TempDir::new().unwrap();
    let store = Store::open(Options::new(dir.path())).unwrap();
    let made = keep(&store, checked, &Choice::default(), |_| true).unwrap();
    assert_eq!((made.sessions.len(), made.environments.len()), (1, 1));
    let names: Vec<_> = made.collections.iter().map(|made| (&made.name[..], made.new)).collect();
    assert_eq!(names, [("C", true), ("run", true)]);
    store.close().unwrap();
}

#[test]
fn what_is_chosen_is_kept_where_it_is_wanted() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(Options::new(dir.path())).unwrap();
    let curl = || looked(b"curl http://h/users/1 --next -X PUT http://h/users/2 -d a=1").unwrap();
    let first: Made =
        keep(&store, curl(), &Choice { name: Some("mine".into()), ..Choice::default() }, |_| true).unwrap();
    assert_eq!((&first.collections[0].name[..], first.collections[0].new), ("mine", true));
    let id = first.collections[0].id;
    let second = keep(&store, curl(), &Choice { collection: Some(id), ..Choice::default() }, |_| true).unwrap();
    assert_eq!((&second.collections[0].name[..], second.collections[0].new), ("mine", false));
    let whole = stored::whole(&store.reader().unwrap(), id).unwrap();
    let names: Vec<_> = whole.items.iter().map(|item| item.name()).collect();
    assert_eq!(names, ["GET /users/1", "PUT /users/2", "GET /users/1", "PUT /users/2"]);

    let both = archive::write([
        ("c.json", collection("C").to_string().as_bytes()),
        ("e.json", environment("E").to_string().as_bytes()),
    ]);
    let both = both.unwrap();
    let choice = |parts: Vec<usize>| Choice { parts: Some(parts), name: Some("renamed".into()), ..Choice::default() };
    let made = keep(&store, looked(&both).unwrap(), &choice(vec![1]), |_| true).unwrap();
    assert_eq!((made.collections.len(), made.environments.len()), (0, 1));
    let before = store.reader().unwrap().collections().unwrap().len();
    assert!(keep(&store, looked(&both).unwrap(), &choice(vec![0, 2]), |_| true).is_err());
    assert_eq!(store.reader().unwrap().collections().unwrap().len(), before, "nothing by halves");
    store.close().unwrap();
}

/// What cannot be kept whole is taken back.
#[test]
fn a_part_that_cannot_be_kept_takes_the_others_with_it() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(Options::new(dir.path())).unwrap();
    let long = json!({ "name": "E", "values": [{ "key": "x".repeat(2000), "value": "1" }] });
    let zip = archive::write([
        ("a.har", har().to_string().as_bytes()),
        ("c.json", collection("C").to_string().as_bytes()),
        ("e.json", long.to_string().as_bytes()),
    ]);
    let checked = looked(&zip.unwrap()).unwrap();
    assert_eq!(checked.summary.parts.len(), 3);
    assert!(keep(&store, checked, &Choice::default(), |_| true).is_err());
    let reader = store.reader().unwrap();
    assert_eq!((reader.collections().unwrap().len(), reader.environments().unwrap().len()), (0, 0));
    assert!(reader.sessions().unwrap().iter().all(|session| session.source != waylay_storage::model::Source::Import));
    store.close().unwrap();
}

#[test]
fn hostile_files_are_refused_with_the_reason_and_its_place() {
    let nested = |depth: usize| {
        let mut item = json!({ "name": "x", "request": "http://h/" });
        for _ in 0..depth {
            item = json!({ "name": "f", "item": [item] });
        }
        json!({ "info": { "name": "n", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" }, "item": [item] })
    };
    let schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
    let with =
        |item: Value| json!({ "info": { "name": "n", "schema": schema }, "item": [item] }).to_string().into_bytes();
    let bomb = archive::write([("a.json", &[b' '; 8 << 20][..])]).unwrap();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let escape = {
        // The name of a good archive, changed where it stands.
        let mut zip = archive::write([("aa/b.json", &b"{}"[..])]).unwrap();
        while let Some(at) = memchr::memmem::find(&zip, b"aa/b.json") {
            zip[at..at + 9].copy_from_slice(b"../b.json");
        }
        zip
    };
    for (what, bytes, reason, path) in [
        ("no JSON", b"{\"info\":".to_vec(), "JSON", Some("$")),
        ("neither", with(json!({ "name": "x" })), "", Some("$.item[0]")),
        ("both", with(json!({ "name": "x", "request": {}, "item": [] })), "", Some("$.item[0]")),
        ("v999", b"{\"info\":{\"name\":\"n\",\"schema\":\"https://schema.getpostman.com/json/collection/v999/collection.json\"},\"item\":[]}".to_vec(), "999", Some("$.info.schema")),
        ("folders too deep", nested(40).to_string().into_bytes(), "", Some("$.item[0].item[0]")),
        ("brackets", deep.into_bytes(), "", Some("$")),
        ("another object", b"{\"a\":1}".to_vec(), "", Some("$")),
        ("Latin-1", b"{\"info\":{\"name\":\"\xe4\",\"schema\":\"x\"},\"item\":[]}".to_vec(), "UTF-8", Some("$")),
        ("a bomb", bomb, "bomb", None),
        ("a way out", escape, "not the name of a file within", None),
        ("a cut archive", b"PK\x03\x04cut".to_vec(), "zip archive", None),
        ("gzip", b"\x1f\x8b\x08\0".to_vec(), "gzip", None),
        ("nothing", Vec::new(), "empty", None),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec(), "none of those", None),
        ("text", b"hello".to_vec(), "none of those", None),
        ("a cut HAR", b"{\"log\":{\"entries\":[".to_vec(), "ends in the middle", None),
        ("curl to nowhere", b"curl -X POST".to_vec(), "names no URL", None),
        ("an empty archive", archive::write([]).unwrap(), "", None),
    ] {
        let refused = looked(&bytes).map(|checked| checked.summary).expect_err(what);
        let said = refused.to_string();
        assert!(said.contains(reason), "{what}: {said}");
        let place = match &refused {
            Refusal::File { json_path, .. } => json_path.as_deref(),
            _ => None,
        };
        match path {
            None => assert_eq!(place, None, "{what}: {said}"),
            Some(path) => assert!(place.is_some_and(|place| place.starts_with(path)), "{what}: {place:?} {said}"),
        }
    }
}
