//! What is exported and imported is the same.

use super::*;
use crate::{
    collection::{Example, ExampleBody, Folder, Saved, Variable},
    request::{
        Auth, Body, Draft, Extra, Field, Settings,
        draft::{KeyPlace, Language, Part},
        settings::{HttpVersion, TlsVersion},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::{collection::vec, option::of, prelude::*};
use serde_json::json;

/// What anybody might write: plain words, variables, marks that mean something somewhere, other scripts.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z]{1,6}",
        Just("{{base}}".to_owned()),
        Just("GET".to_owned()),
        "[ -~äß日😀\\n]{0,12}",
        "(http://|https://|)[a-z.{}:@\\[\\]]{0,8}[/a-z:?&=#{}%. ]{0,16}",
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from)
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-z_]{1,4}", inner), 0..3).prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
        ]
    })
}

/// What a file may have said besides: by names that are not known, and by those of the parts of the model.
fn extra(parts: &'static [&'static str]) -> BoxedStrategy<Extra> {
    let name = prop_oneof![
        "x_[a-z]{1,3}",
        Just("id".to_owned()),
        Just("type".to_owned()),
        Just("description".to_owned()),
        proptest::sample::select(parts).prop_map(str::to_owned)
    ];
    prop_oneof![
        3 => Just(Extra::new()),
        1 => vec((name, json_value()), 0..3).prop_map(|pairs| pairs.into_iter().collect())
    ]
    .boxed()
}

fn field() -> impl Strategy<Value = Field> {
    let bytes =
        prop_oneof![4 => Just(None), 1 => vec(any::<u8>(), 0..6).prop_map(Some), 1 => Just(Some(b"{{x}}".to_vec()))];
    (text(), text(), bytes, any::<bool>(), of(text()), extra(&["value", "key"])).prop_map(
        |(key, value, bytes, disabled, description, extra)| {
            let value = bytes.as_ref().map_or(value, |bytes| String::from_utf8_lossy(bytes).into_owned());
            Field { key, value, bytes: bytes.map(|bytes| STANDARD.encode(bytes)), disabled, description, extra }
        },
    )
}

fn part() -> impl Strategy<Value = Part> {
    let src = of(vec(text(), 0..3));
    ((text(), text(), src, text()), (text(), any::<bool>(), of(text()), extra(&["src"]))).prop_map(
        |((key, value, src, content_type), (file_name, disabled, description, extra))| Part {
            key,
            value,
            src,
            content_type,
            file_name,
            disabled,
            description,
            extra,
        },
    )
}

fn body() -> BoxedStrategy<Body> {
    let language = proptest::sample::select(&[Language::Text, Language::Json, Language::Xml][..]);
    prop_oneof![
        Just(Body::None),
        (text(), language).prop_map(|(raw, language)| Body::Raw { raw, language }),
        vec(any::<u8>(), 0..8).prop_map(|bytes| Body::Bytes { base64: STANDARD.encode(bytes) }),
        text().prop_map(|text| Body::Bytes { base64: STANDARD.encode(text) }),
        vec(field(), 0..3).prop_map(|urlencoded| Body::Urlencoded { urlencoded }),
        vec(part(), 0..3).prop_map(|formdata| Body::Formdata { formdata }),
        text().prop_map(|src| Body::File { src }),
        (text(), text(), text()).prop_map(|(query, variables, operation_name)| Body::Graphql {
            query,
            variables,
            operation_name
        }),
    ]
    .boxed()
}

fn auth() -> impl Strategy<Value = Auth> {
    let kind = proptest::sample::select(&["hawk", "oauth2", "jwt", "smoke"][..]);
    let place = prop_oneof![Just(KeyPlace::Header), Just(KeyPlace::Query)];
    prop_oneof![
        Just(Auth::Inherit),
        Just(Auth::None),
        (text(), text()).prop_map(|(username, password)| Auth::Basic { username, password }),
        (text(), text()).prop_map(|(username, password)| Auth::Digest { username, password }),
        text().prop_map(|token| Auth::Bearer { token }),
        (text(), text(), place).prop_map(|(key, value, place)| Auth::Apikey { key, value, place }),
        (kind, vec(("[a-z]{1,4}", json_value()), 0..3)).prop_map(|(kind, pairs)| {
            let mut fields: std::collections::BTreeMap<_, _> = pairs.into_iter().collect();
            fields.insert("type".into(), kind.into());
            Auth::Other(fields)
        }),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    let flag = || of(any::<bool>());
    let version = proptest::sample::select(&[HttpVersion::Auto, HttpVersion::Http10, HttpVersion::Http2][..]);
    let tls = || of(prop_oneof![Just(TlsVersion::Tls12), Just(TlsVersion::Tls13)]);
    let some = (
        (flag(), flag(), flag()),
        (flag(), of(any::<u32>()), of(version)),
        (tls(), tls()),
        of(vec(text(), 0..2)),
        of(any::<u64>()),
    )
        .prop_map(
            |(
                (verify_chain, verify_name, encode_url),
                (cookie_jar, max_redirects, http_version),
                (tls_min, tls_max),
                cipher_suites,
                timeout_ms,
            )| {
                Settings {
                    verify_chain,
                    verify_name,
                    encode_url,
                    cookie_jar,
                    max_redirects,
                    http_version,
                    tls_min,
                    tls_max,
                    cipher_suites,
                    timeout_ms,
                    ..Settings::default()
                }
            },
        );
    prop_oneof![2 => Just(Settings::default()), 1 => some]
}

const PARTS: &[&str] = &["request", "url", "body", "auth", "protocolProfileBehavior", "body_not_sent", "info", "event"];

fn draft() -> BoxedStrategy<Draft> {
    let fields = || vec(field(), 0..3);
    let method = prop_oneof![Just("GET".to_owned()), Just("POST".to_owned()), text()];
    let without = vec(prop_oneof![Just("accept".to_owned()), Just("cookie".to_owned())], 0..2);
    ((method, text(), of(fields()), fields()), (fields(), without, body(), auth()), (settings(), extra(PARTS)))
        .prop_map(|((method, url, query, path_variables), (headers, without, body, auth), (settings, extra))| Draft {
            written_by: (!method.is_empty()).then(|| "https://client.example".to_owned()),
            method,
            url,
            query,
            path_variables,
            headers,
            without,
            body,
            auth,
            settings,
            extra,
        })
        .boxed()
}

fn variable() -> impl Strategy<Value = Variable> {
    (text(), text(), any::<bool>(), any::<bool>(), of(text()), extra(&["value"])).prop_map(
        |(key, value, secret, disabled, description, extra)| Variable {
            key,
            value,
            secret,
            disabled,
            description,
            extra,
        },
    )
}

fn scripts() -> impl Strategy<Value = Vec<Value>> {
    let script = json!({"listen": "test", "script": {"exec": ["a", "b"], "type": "text/javascript"}});
    prop_oneof![2 => Just(Vec::new()), 1 => Just(vec![script]), 1 => vec(json_value(), 0..2)]
}

fn example() -> BoxedStrategy<Example> {
    let body = prop_oneof![
        Just(ExampleBody::None),
        text().prop_map(|text| ExampleBody::Text { text }),
        vec(any::<u8>(), 0..6).prop_map(|bytes| ExampleBody::Bytes { base64: STANDARD.encode(bytes) })
    ];
    let time = of((0u32..100_000).prop_map(|n| f64::from(n) / 8.0));
    (
        (text(), of(draft()), of(any::<u16>()), text()),
        (vec(field(), 0..2), body, text(), time),
        (of(text()), extra(&["cookie", "code"])),
    )
        .prop_map(|((name, request, status, reason), (headers, body, language, time_ms), (from, extra))| Example {
            name,
            request,
            status,
            reason,
            headers,
            body,
            language,
            time_ms,
            from,
            extra,
        })
        .boxed()
}

fn saved() -> BoxedStrategy<Item> {
    let examples = vec(example(), 0..2);
    (
        (text(), of(text()), draft(), vec(variable(), 0..2)),
        (scripts(), of(Just("7.42".to_owned())), examples, extra(PARTS)),
    )
        .prop_map(|((name, description, request, variables), (scripts, from, examples, extra))| {
            Item::Request(Saved { name, description, request, variables, scripts, from, examples, extra })
        })
        .boxed()
}

fn items() -> BoxedStrategy<Vec<Item>> {
    let item = saved().prop_recursive(2, 4, 2, |inner| {
        let own = (text(), of(text()), auth(), vec(variable(), 0..2), scripts(), settings(), extra(PARTS));
        (own, vec(inner, 0..3)).prop_map(|((name, description, auth, variables, scripts, settings, extra), items)| {
            Item::Folder(Folder { name, description, auth, variables, scripts, settings, items, extra })
        })
    });
    vec(item, 0..3).boxed()
}

fn collection() -> impl Strategy<Value = Collection> {
    let own = (text(), of(text()), auth(), vec(variable(), 0..2), scripts(), settings(), extra(PARTS));
    (own, items()).prop_map(|((name, description, auth, variables, scripts, settings, extra), items)| Collection {
        name,
        description,
        auth,
        variables,
        scripts,
        settings,
        items,
        extra,
    })
}

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V21), Just(Version::V20)]
}

/// Puts a member that nobody knows into every object, and answers where.
fn mark(value: &mut Value, path: &str, unknown: &Value, marked: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            for (number, element) in elements.iter_mut().enumerate() {
                mark(element, &format!("{path}/{number}"), unknown, marked);
            }
        }
        Value::Object(members) => {
            members.shift_remove("_waylay");
            for (name, value) in members.iter_mut() {
                // Attributes of who asks are names and values, whatever their form; system fields are names.
                if name != "auth" && name != "disabledSystemHeaders" {
                    mark(value, &format!("{path}/{name}"), unknown, marked);
                }
            }
            members.insert("zz_unknown".into(), unknown.clone());
            marked.push(format!("{path}/zz_unknown"));
        }
        _ => {}
    }
}

/// Runs a test where there is room for the values that proptest makes, which are large in debug builds.
fn with_room(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(32 << 20).spawn(test).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 192, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

#[test]
fn an_export_that_is_imported_is_the_same_collection() {
    with_room(|| {
        proptest!(cases(), |(collection in collection(), version in version(), beside: bool)| {
            let mut files = SideFiles::default();
            let written = write(&collection, version, beside.then_some(&mut files));
            prop_assert_eq!(schema::wrong(&written.file), None, "{}", written.file);
            let text = serde_json::to_vec(&written.file).unwrap();
            let mut read = read_with(&text, &files).unwrap();
            prop_assert_eq!(read.collections.remove(0), collection, "{}", written.file);
            prop_assert!(beside || files.is_empty());
        });
    });
}

#[test]
fn what_nobody_knows_survives() {
    with_room(|| {
        proptest!(cases(), |(collection in collection(), version in version(), unknown in json_value())| {
            let mut file = write(&collection, version, None).file;
            let mut marked = Vec::new();
            mark(&mut file, "", &unknown, &mut marked);
            let read = read(&serde_json::to_vec(&file).unwrap()).unwrap();
            let again = write(&read.collections[0], version, None).file;
            for place in marked {
                prop_assert_eq!(again.pointer(&place), Some(&unknown), "{} in {}", place, again);
            }
        });
    });
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, value in json_value(), item in json_value()) {
        let _ = read(&bytes);
        let _ = sniff(&bytes);
        for file in [value.clone(), json!({"info": value, "item": [item]}), json!({"requests": [item], "folders": [value]})] {
            let _ = read(file.to_string().as_bytes());
        }
    }
}

#[test]
fn the_deepest_collection_goes_out_and_in() {
    let folder = |inner| vec![Item::Folder(Folder { items: inner, ..Folder::default() })];
    let items = (0..32).fold(vec![Item::Request(Saved::default())], |inner, _| folder(inner));
    let collection = Collection { items, ..Collection::default() };
    assert_eq!(one(&write(&collection, Version::V21, None).file), collection);
}

#[test]
fn what_was_changed_since_it_was_exported_counts() {
    let from = Some("7.42".to_owned());
    let request = Draft {
        url: "http://h/".into(),
        settings: Settings { timeout_ms: Some(5), ..Settings::default() },
        ..Draft::default()
    };
    let saved = Saved { name: "R".into(), from, request, ..Saved::default() };
    let collection = Collection { items: vec![Item::Request(saved)], ..Collection::default() };
    let file = write(&collection, Version::V21, None).file;
    let read_back = |file: &Value| {
        let read = read(file.to_string().as_bytes()).unwrap();
        let Item::Request(saved) = read.collections[0].items[0].clone() else { panic!() };
        (saved.from, saved.request.settings.timeout_ms, read.notes)
    };
    assert_eq!(read_back(&file), (Some("7.42".into()), Some(5), vec![]));
    // Another order of the members is no change.
    let mut turned = file.clone();
    let request = turned.pointer_mut("/item/0/request").unwrap().as_object_mut().unwrap();
    *request = request.clone().into_iter().rev().collect();
    assert_eq!(read_back(&turned), (Some("7.42".into()), Some(5), vec![]));
    let mut changed = file.clone();
    changed["item"][0]["request"]["method"] = "PUT".into();
    let (from, timeout, notes) = read_back(&changed);
    assert_eq!((from.as_deref(), timeout), (Some("7.42"), None), "the item is as it was, the request is not");
    assert_eq!(notes, ["$.item[0].request: it was changed since it was exported; _waylay was left out."]);
}
