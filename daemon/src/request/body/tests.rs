use super::*;
use crate::request::{Field, draft::Part};

fn planned(body: Body) -> Result<Plan, Problem> {
    plan(&Draft { body, ..Draft::default() }, "XX")
}

fn sent(body: Body) -> (Option<String>, String) {
    let plan = planned(body).unwrap();
    let text = plan.pieces.iter().map(|piece| match piece {
        Piece::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Piece::File(file) => format!("[{file}]"),
        Piece::Captured(exchange) => format!("[{exchange}]"),
    });
    (plan.content_type.clone(), text.collect())
}

fn raw(raw: &str, language: Language) -> Body {
    Body::Raw { raw: raw.into(), language }
}

#[test]
fn each_kind_of_body_has_its_type() {
    let form = vec![Field::new("a b", "ä&=+*"), Field { disabled: true, ..Field::new("off", "") }, Field::new("", "")];
    let graphql = |variables: &str, operation: &str| Body::Graphql {
        query: "query Q { \"a\" }".into(),
        variables: variables.into(),
        operation_name: operation.into(),
    };
    for (body, content_type, text) in [
        (Body::None, None, ""),
        (raw("", Language::Json), None, ""),
        (raw("x", Language::Text), Some("text/plain"), "x"),
        (raw("x//y", Language::Javascript), Some("application/javascript"), "x//y"),
        (raw("<p>", Language::Html), Some("text/html"), "<p>"),
        (raw("<p/>", Language::Xml), Some("application/xml"), "<p/>"),
        (raw("{}// x", Language::Json), Some("application/json"), "{}"),
        (Body::Bytes { base64: "AAE=".into() }, None, "\0\u{1}"),
        (Body::Bytes { base64: "".into() }, None, ""),
        (Body::Urlencoded { urlencoded: form }, Some("application/x-www-form-urlencoded"), "a+b=%C3%A4%26%3D%2B*"),
        (Body::Urlencoded { urlencoded: vec![] }, None, ""),
        (Body::Formdata { formdata: vec![] }, None, ""),
        (Body::File { src: "a.png".into() }, None, "[a.png]"),
        (Body::Captured { exchange: "7.42".into(), size: 1 }, None, "[7.42]"),
        (graphql("", ""), Some("application/json"), r#"{"query":"query Q { \"a\" }"}"#),
        (
            graphql(" {\"x\": 1.10}\n", "Q"),
            Some("application/json"),
            r#"{"query":"query Q { \"a\" }","operationName":"Q","variables":{"x": 1.10}}"#,
        ),
    ] {
        assert_eq!(sent(body.clone()), (content_type.map(Into::into), text.into()), "{body:?}");
    }
}

#[test]
fn a_body_that_cannot_be_made_says_why() {
    let graphql = |variables: &str| Body::Graphql {
        query: String::new(),
        variables: variables.into(),
        operation_name: String::new(),
    };
    let part = |part| Body::Formdata { formdata: vec![part] };
    for (body, says) in [
        (Body::Bytes { base64: "A".into() }, "no Base64"),
        (Body::File { src: String::new() }, "No file"),
        (graphql("{"), "no JSON: EOF while parsing"),
        (graphql("[1]"), "no JSON object"),
        (
            part(Part { key: "f".into(), src: Some(vec![String::new()]), ..Part::default() }),
            "No file has been chosen for the field \"f\"",
        ),
        (part(Part { key: "f".into(), content_type: "a\r\nb".into(), ..Part::default() }), "media type \"a\\r\\nb\""),
    ] {
        let problem = planned(body).unwrap_err();
        assert!(problem.message.contains(says) && problem.stage == "body", "{problem:?}");
    }
}

#[test]
fn comments_of_json_are_not_sent() {
    for (written, sent) in [
        ("{}", "{}"),
        ("{ // a\n \"b\": 1 /* c */ }", "{ \n \"b\": 1  }"),
        ("// a\r\n{}", "\r\n{}"),
        ("{} // last", "{} "),
        ("{\"u\": \"http://x/*y*/\"}", "{\"u\": \"http://x/*y*/\"}"),
        ("{\"q\": \"a\\\"//b\\\\\"} //c", "{\"q\": \"a\\\"//b\\\\\"} "),
        ("/* \" // */\"/*\"/**/", "\"/*\""),
        ("1 / 2 /", "1 / 2 /"),
        ("{} /* open", "{} /* open"),
        ("\"open // string", "\"open // string"),
        ("/*/ x */1", "1"),
        ("\"ä\"//ö\n\"日\"/*本*/", "\"ä\"\n\"日\""),
    ] {
        assert_eq!(comments::stripped(written), sent, "{written}");
    }
}

#[test]
fn a_form_of_texts_and_files() {
    let formdata = vec![
        Part { key: "a\"\r\nb".into(), value: "ä\n".into(), ..Part::default() },
        Part { key: "off".into(), disabled: true, ..Part::default() },
        Part { key: "j".into(), value: "{}".into(), content_type: "application/json".into(), ..Part::default() },
        Part { key: "f".into(), src: Some(vec!["/x/a.png".into(), "b.unheard-of".into()]), ..Part::default() },
        Part {
            key: "g".into(),
            src: Some(vec!["c.txt".into()]),
            content_type: "text/csv".into(),
            file_name: "d.csv".into(),
            ..Part::default()
        },
        Part { key: "none".into(), src: Some(vec![]), ..Part::default() },
    ];
    let (content_type, text) = sent(Body::Formdata { formdata });
    assert_eq!(content_type.as_deref(), Some("multipart/form-data; boundary=XX"));
    assert_eq!(
        text,
        "--XX\r\nContent-Disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\nä\n\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{}\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n[/x/a.png]\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b.unheard-of\"\r\nContent-Type: application/octet-stream\
         \r\n\r\n[b.unheard-of]\r\n\
         --XX\r\nContent-Disposition: form-data; name=\"g\"; filename=\"d.csv\"\r\nContent-Type: text/csv\r\n\r\n[c.txt]\r\n\
         --XX--\r\n"
    );
}

#[test]
fn a_form_keeps_to_the_boundary_that_is_declared() {
    for (declared, used) in [
        ("multipart/form-data; boundary=own", "own"),
        ("Multipart/Form-Data; charset=x; boundary=\"o w:n\"", "o w:n"),
        ("multipart/form-data; boundary=\"\"", "XX"),
        ("multipart/form-data", "XX"),
        ("text/plain; boundary=own", "XX"),
        ("nonsense", "XX"),
    ] {
        let part = Part { key: "a".into(), ..Part::default() };
        let headers = vec![Field::new("content-TYPE", declared)];
        let draft = Draft { headers, body: Body::Formdata { formdata: vec![part] }, ..Draft::default() };
        let bytes = plan(&draft, "XX").unwrap().bytes().unwrap();
        assert!(bytes.starts_with(format!("--{used}\r\n").as_bytes()), "{declared}");
    }
}
