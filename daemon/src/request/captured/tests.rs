use super::*;
use crate::request::{
    Body,
    draft::{Language, Part},
    headers::lines,
    variables::{counted, resolve_draft},
};
use proptest::prelude::*;
use waylay_storage::model::Head;

const URL: &str = "http://h:8080/p?q=1";

fn request<'a>(head: &'a Head, body: &'a [u8]) -> Captured<'a> {
    Captured { exchange: "7.42", method: "POST", url: URL, head, body: Some(body), size: body.len() as u64 }
}

fn head(text: &str) -> Head {
    let fields: String = text
        .lines()
        .map(|line| {
            format!(
                "{line}
"
            )
        })
        .collect();
    Head::parse(
        &format!(
            "POST / HTTP/1.1
{fields}
"
        )
        .into_bytes()
        .into(),
    )
}

/// Names and values.
type Fields = Vec<(String, Vec<u8>)>;

/// The fields that are sent for it, in lower case and sorted, framing aside; and its body.
fn sent_again(draft: &Draft) -> (Fields, Option<Vec<u8>>) {
    let plan = plan(draft, "unused").unwrap();
    let bytes = plan.bytes().map(|bytes| bytes.to_vec());
    let length = bytes.as_ref().map(|bytes| bytes.len() as u64).filter(|length| *length > 0);
    let facts = BodyFacts { content_type: plan.content_type, length };
    let target = target(draft, draft.settings.encode_url.unwrap_or(true)).unwrap();
    let lines = lines(draft, &target, &facts, &draft.settings).unwrap();
    let fields = lines.into_iter().map(|line| (line.key.to_ascii_lowercase(), line.value));
    let mut fields: Vec<_> = fields.filter(|(name, _)| name != "transfer-encoding").collect();
    fields.sort();
    (fields, bytes)
}

fn body(content_type: &str, bytes: &[u8]) -> Body {
    draft(&request(&head(&format!("Content-Type: {content_type}")), bytes)).body
}

#[test]
fn the_same_fields_are_sent_and_none_besides() {
    for text in [
        "",
        "Host: h:8080",
        "Host: other",
        "Host: h:8080\nUser-Agent: x\nAccept: a\nAccept: b\nX: \nx: {{v}}\nCookie: c=1",
        "Host: h:8080\nContent-Type: text/plain\nContent-Length: 2\nAccept-Encoding: br\nCache-Control: no-cache",
        "Host: h:8080\nConnection: keep-alive\nAuthorization: Bearer t",
        "Host: h:8080\nAuthorization: Basic dTpw",
        "Host: h:8080\nAuthorization: Basic dTpw\nAuthorization: Bearer t",
        "Host: h:8080\nAuthorization: basic dTpw\nX: \u{e4}",
    ] {
        let head = &self::head(text);
        let fields = &head.fields;
        for bytes in [&b""[..], b"ab"] {
            let draft = draft(&request(head, bytes));
            let had = fields
                .iter()
                .map(|field| (String::from_utf8_lossy(&field.name).to_ascii_lowercase(), field.value.to_vec()));
            let mut had: Vec<_> = had.collect();
            if !had.iter().any(|(name, _)| name == "host") {
                had.push(("host".into(), b"h:8080".into()));
            }
            had.retain(|(name, value)| name != "content-length" || *value == bytes.len().to_string().into_bytes());
            let (mut again, body) = sent_again(&draft);
            if !fields.iter().any(|field| field.name == "Content-Length") {
                assert!(!again.iter().any(|(name, _)| name == "content-length"), "{text}");
            } else if bytes.is_empty() {
                again.retain(|(name, _)| name != "content-length");
            }
            had.sort();
            assert_eq!((again, body.as_deref()), (had, Some(bytes)), "{text}");
        }
    }
}

#[test]
fn what_belongs_to_the_connection_is_left_out() {
    let head = "Host: h:8080\nConnection: close, X,HOST\nX: 1\nProxy-Connection: close\nTransfer-Encoding: chunked\nTE: x\nUpgrade: y\n:path: /\n nothing\nZ: 1";
    let draft = draft(&request(&self::head(head), b"x"));
    assert_eq!(draft.headers, [Field::new("Z", "1")]);
    let mut expected =
        ["content-length", "user-agent", "accept", "accept-encoding", "connection", "cache-control", "cookie"]
            .map(String::from)
            .to_vec();
    expected.insert(0, "content-type".into());
    assert_eq!(draft.without, expected);
}

#[test]
fn credentials_are_known_where_they_give_the_same_bytes() {
    let basic = |username: &str, password: &str| Auth::Basic { username: username.into(), password: password.into() };
    for (text, http2, auth) in [
        ("Authorization: Basic dTpwOnE=", false, Some(basic("u", "p:q"))),
        ("Authorization: Basic dTpw ", false, Some(basic("u", "p"))),
        ("authorization: Basic dTpw", true, Some(basic("u", "p"))),
        ("authorization: Basic dTpw", false, None),
        ("Authorization: BASIC dTpw", false, None),
        ("Authorization: Basic  dTpw", false, None),
        ("Authorization: Basic dTpwOnE", false, None),
        ("Authorization: Basic /zpw", false, None),
        ("Authorization: Basic dQ==", false, None),
        ("Authorization: Basic e3t1fX06cA==", false, None),
        ("Authorization: Bearer a b", false, Some(Auth::Bearer { token: "a b".into() })),
        ("Authorization: Bearer {{t}}", false, None),
        ("Authorization: Bearer", false, None),
        ("Authorization: Digest username=\"u\"", false, None),
    ] {
        let mut head = self::head(text);
        if http2 {
            head.line = "POST /p HTTP/2".into();
        }
        let draft = draft(&request(&head, b""));
        assert_eq!(draft.headers.len(), usize::from(auth.is_none()), "{text}");
        assert_eq!(draft.auth, auth.unwrap_or_default(), "{text}");
    }
}

#[test]
fn values_that_are_no_text_or_look_like_variables_are_kept_as_bytes() {
    let fields = [
        model::Field { name: "X".into(), value: b"\xff"[..].into() },
        model::Field { name: "Y".into(), value: "{{y}}".into() },
        model::Field { name: "Z".into(), value: "{z}".into() },
    ];
    let head = Head { line: "".into(), fields: fields.into() };
    let headers = draft(&request(&head, b"")).headers;
    let kept: Vec<_> = headers.iter().map(|field| (field.value.as_str(), field.bytes.as_deref())).collect();
    assert_eq!(kept, [("\u{fffd}", Some("/w==")), ("{{y}}", Some("e3t5fX0=")), ("{z}", None)]);
}

#[test]
fn the_url_is_sent_as_it_was() {
    for (path, encode) in [
        ("/a%20b?c=d+e", None),
        ("/{a}?'", Some(false)),
        ("/\"?x", Some(false)),
        ("/:id/a\\b", Some(false)),
        ("/?q=%7B%7Bx%7D%7D", None),
    ] {
        let url = format!("https://h{path}");
        let draft = draft(&Captured { url: &url, ..request(&Head::default(), b"") });
        assert_eq!(draft.settings.encode_url, encode, "{path}");
        assert_eq!(target(&draft, encode.unwrap_or(true)).unwrap().path, path);
    }
    assert_eq!(draft(&Captured { url: "http:///", ..request(&Head::default(), b"x") }).url, "http:///");
}

#[test]
fn nothing_in_what_was_captured_becomes_a_variable() {
    let fields = [("X-{{a}}", "1"), ("Y", "{{b}}"), ("Authorization", "Basic e3t1fX06cA==")];
    let field = |(name, value): (&'static str, &'static str)| model::Field { name: name.into(), value: value.into() };
    let head = Head { line: "".into(), fields: fields.map(field).to_vec() };
    for (method, url, body) in [
        ("GET", "http://h/{{c}}?{{d}}={{e{{f}}}}", &b""[..]),
        ("{{g}}", "http://{{h}}.test:80/", b"{{$guid}}"),
        ("POST", "http://h/?{{i}}", b"{\"j\":\"{{j}}\"}"),
    ] {
        let draft = draft(&Captured { method, url, ..request(&head, body) });
        let resolved = resolve_draft(&draft, &Default::default(), &mut counted());
        assert_eq!((&resolved.draft, resolved.used, resolved.unresolved), (&draft, Vec::new(), Vec::new()), "{url}");
    }
    let sent = draft(&Captured { url: "http://h/{{c}}/{x}?a={{d}}", ..request(&head, b"") });
    assert_eq!(sent.url, "http://h/%7B%7Bc%7D%7D/%7Bx%7D?a=%7B%7Bd%7D%7D", "as bytes that mean the same");
    assert_eq!(target(&sent, true).unwrap().path, "/%7B%7Bc%7D%7D/%7Bx%7D?a=%7B%7Bd%7D%7D");
}

#[test]
fn bodies_are_what_they_can_be_edited_as() {
    let raw = |raw: &str, language| Body::Raw { raw: raw.into(), language };
    let kept = |size| Body::Captured { exchange: "7.42".into(), size };
    let form = |pairs: &[(&str, &str)]| Body::Urlencoded {
        urlencoded: pairs.iter().map(|(k, v)| Field::new(*k, *v)).collect(),
    };
    let graphql = |query: &str, variables: &str, operation_name: &str| Body::Graphql {
        query: query.into(),
        variables: variables.into(),
        operation_name: operation_name.into(),
    };
    const URLENCODED: &str = "application/x-www-form-urlencoded; charset=utf-8";
    for (content_type, bytes, expected) in [
        ("text/plain", "a", raw("a", Language::Text)),
        ("", "a", raw("a", Language::Text)),
        ("application/json", "{\"a\": 1}", raw("{\"a\": 1}", Language::Json)),
        ("application/problem+json; x=y", "{}", raw("{}", Language::Json)),
        ("application/json", "{} // c", raw("{} // c", Language::Text)),
        ("text/html", "<p>", raw("<p>", Language::Html)),
        ("image/svg+xml", "<p/>", raw("<p/>", Language::Xml)),
        ("Text/JavaScript", "1", raw("1", Language::Javascript)),
        ("text/plain", "{{a}}", kept(5)),
        ("text/plain", "{{$guid}}", kept(9)),
        ("text/plain", "a\0", kept(2)),
        (URLENCODED, "a=1&b=%C3%A4+x&c=", form(&[("a", "1"), ("b", "ä x"), ("c", "")])),
        (URLENCODED, "a=%20", raw("a=%20", Language::Text)),
        (URLENCODED, "a&b=1", raw("a&b=1", Language::Text)),
        (URLENCODED, "a=%7B%7Bx%7D%7D", raw("a=%7B%7Bx%7D%7D", Language::Text)),
        ("application/json", r#"{"query":"{ a }"}"#, graphql("{ a }", "", "")),
        (
            "application/json",
            r#"{"query":"{\n a }","operationName":"Q","variables":{"n": 1.0}}"#,
            graphql("{\n a }", "{\"n\": 1.0}", "Q"),
        ),
        (
            "application/json",
            r#"{"query":"a","variables":null}"#,
            raw(r#"{"query":"a","variables":null}"#, Language::Json),
        ),
        ("application/json", r#"{"query": "a"}"#, raw(r#"{"query": "a"}"#, Language::Json)),
        ("application/json", r#"{"query":"a","x":1}"#, raw(r#"{"query":"a","x":1}"#, Language::Json)),
    ] {
        assert_eq!(body(content_type, bytes.as_bytes()), expected, "{content_type}: {bytes}");
    }
    assert_eq!(body("text/plain", b""), Body::None);
    assert_eq!(body("text/plain", b"\xff"), kept(1));
    let long = vec![b'a'; MAX_EDITED + 1];
    assert_eq!(body("text/plain", &long), kept(long.len() as u64));
    let none = Head::default();
    let cut = Captured { size: 9, ..request(&none, b"cut") };
    assert_eq!(draft(&cut).body, kept(9));
    assert_eq!(draft(&Captured { body: None, ..cut }).body, kept(9));
}

#[test]
fn forms_are_taken_apart() {
    const FORM: &str = "multipart/form-data; boundary=\"x y\"";
    let text = "--x y\r\nContent-Disposition: form-data; name=\"a%22\"\r\n\r\n1\r\n2\r\n\
                --x y\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/csv\r\n\r\n\r\n--x y--\r\n";
    let Body::Formdata { formdata } = body(FORM, text.as_bytes()) else { panic!("no form") };
    assert_eq!(
        formdata,
        [
            Part { key: "a\"".into(), value: "1\r\n2".into(), ..Part::default() },
            Part { key: "f".into(), file_name: "n.txt".into(), content_type: "text/csv".into(), ..Part::default() },
        ]
    );
    for other in [
        text.replace("Content-D", "content-d"),
        text.replace("--\r\n", "--"),
        format!("pre{text}"),
        text.replace("x y", "z"),
    ] {
        assert_eq!(body(FORM, other.as_bytes()), Body::Raw { raw: other.clone(), language: Language::Text });
    }
    assert!(matches!(body(FORM, text.replace('2', "{{v}}").as_bytes()), Body::Captured { .. }));
}

/// Bodies of all kinds: as they are built, and as they never are.
fn any_body() -> impl Strategy<Value = (String, Vec<u8>)> {
    let text = "(\\{\\{|\\}\\}|//|/\\*|\\*/|\"|[ab=&%+\\\\]|\\r\\n|\\PC){0,12}";
    let types =
        "(text/plain|application/json|text/html|application/x-www-form-urlencoded|multipart/form-data; boundary=b)";
    let built = (prop::collection::vec((text, text), 1..4), 0..3).prop_map(|(pairs, kind)| {
        let (content_type, body) = match kind {
            0 => (
                "application/x-www-form-urlencoded",
                Body::Urlencoded { urlencoded: pairs.iter().map(|(k, v)| Field::new(k, v)).collect() },
            ),
            1 => {
                let part = |(key, value): &(String, String)| Part {
                    key: key.clone(),
                    value: value.clone(),
                    ..Part::default()
                };
                ("multipart/form-data; boundary=b", Body::Formdata { formdata: pairs.iter().map(part).collect() })
            }
            _ => (
                "application/json",
                Body::Graphql { query: pairs[0].0.clone(), variables: "{}".into(), operation_name: pairs[0].1.clone() },
            ),
        };
        (content_type.to_owned(), plan(&Draft { body, ..Draft::default() }, "b").unwrap().bytes().unwrap().to_vec())
    });
    prop_oneof![
        built,
        (types, text).prop_map(|(content_type, text)| (content_type, text.into_bytes())),
        (types, any::<Vec<u8>>()),
    ]
}

proptest! {
    #[test]
    fn the_same_bytes_are_sent_again((content_type, bytes) in any_body()) {
        let head = head(&format!("Content-Type: {content_type}"));
        let draft = draft(&request(&head, &bytes));
        match &draft.body {
            Body::Captured { size, .. } => prop_assert_eq!(*size, bytes.len() as u64),
            _ => {
                let resolved = resolve_draft(
                    &draft,
                    &Default::default(),
                    &mut counted(),
                );
                prop_assert_eq!(&resolved.draft, &draft);
                prop_assert!(resolved.unresolved.is_empty());
                prop_assert_eq!(sent_again(&draft).1, Some(bytes));
            }
        }
    }
}
