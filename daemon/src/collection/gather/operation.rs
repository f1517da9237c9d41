//! What is called where all calls go to one path: GraphQL by its operation, JSON-RPC by its method, SOAP by its action.

use serde_json::Value;
use waylay_storage::model::Head;

/// Longest body that is looked into, bytes.
pub const LONGEST: u64 = 256 << 10;
/// Longest name, characters.
const NAME: usize = 100;

/// Whether the body of a request may say what is called.
pub fn is_candidate(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json") || media == "application/graphql"
}

/// What a request calls, for people; `None` for one of the usual kind.
pub fn operation(method: &str, query: &str, head: &Head, media: &str, body: Option<&Value>) -> Option<String> {
    soap(head, media).or_else(|| if method == "GET" { in_query(query) } else { in_body(body?) }).map(short)
}

/// `SOAPAction` of SOAP 1.1, or the parameter `action` of the media type in SOAP 1.2.
fn soap(head: &Head, media: &str) -> Option<String> {
    let text = |name: &str| head.value(name).map(|value| String::from_utf8_lossy(value).into_owned());
    let action = match media {
        "text/xml" => text("soapaction")?,
        "application/soap+xml" => {
            let content_type = text("content-type")?;
            content_type.split(';').find_map(|part| part.trim().strip_prefix("action=").map(str::to_owned))?
        }
        _ => return None,
    };
    let action = action.trim().trim_matches('"');
    let last = action.trim_end_matches('/').rsplit(['/', '#', ':']).next().unwrap_or_default();
    (!last.is_empty()).then(|| last.to_owned())
}

fn in_query(query: &str) -> Option<String> {
    let (mut document, mut name) = (None, None);
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "query" if value.contains('{') => document = Some(value.into_owned()),
            "operationName" if !value.is_empty() => name = Some(value.into_owned()),
            _ => {}
        }
    }
    match (document, name) {
        (Some(document), name) => Some(of_document(&document, name.as_deref())),
        (None, name) => name,
    }
}

fn in_body(body: &Value) -> Option<String> {
    match body {
        Value::Array(calls) => {
            let mut names: Vec<String> = calls.iter().take(20).filter_map(in_call).collect();
            names.dedup();
            (!names.is_empty()).then(|| names.join(", "))
        }
        one => in_call(one),
    }
}

fn in_call(call: &Value) -> Option<String> {
    let text = |name: &str| call.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let (Some(_), Some(method)) = (text("jsonrpc"), text("method")) {
        return Some(method.to_owned());
    }
    let name = text("operationName");
    match text("query") {
        Some(document) if document.contains('{') => Some(of_document(document, name)),
        // A query that the server knows already goes by its hash.
        _ => name.filter(|_| call.get("extensions").is_some() || call.get("variables").is_some()).map(str::to_owned),
    }
}

/// `query Users`: of a document the operation of that name, or the first.
fn of_document(document: &str, name: Option<&str>) -> String {
    let mut words = document.split(|c: char| c.is_whitespace() || "({@,".contains(c)).filter(|word| !word.is_empty());
    let mut kind = "query";
    let mut found = None;
    while let Some(word) = words.next() {
        if !matches!(word, "query" | "mutation" | "subscription") {
            // Of a document without a name, the first field tells what it is about.
            found.get_or_insert((kind, word.to_owned()));
            if name.is_none() {
                break;
            }
            continue;
        }
        kind = word;
        let next = words.next().unwrap_or_default();
        if name.is_none_or(|name| name == next) {
            return format!("{kind} {next}");
        }
    }
    match (name, found) {
        (Some(name), _) => format!("query {name}"),
        (None, Some((kind, field))) => format!("{kind} {}", field.trim_matches(|c: char| !c.is_alphanumeric())),
        (None, None) => "query".to_owned(),
    }
}

fn short(name: String) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn calls_are_told_by_what_they_call() {
        let head = |fields: &str| Head::parse(&Bytes::from(format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n")));
        let posted =
            |body: &str| operation("POST", "", &head(""), "application/json", serde_json::from_str(body).ok().as_ref());
        for (body, name) in [
            (r#"{"query":"query Users($n: Int) { users(n: $n) { id } }"}"#, Some("query Users")),
            (r#"{"query":"{ users { id } }"}"#, Some("query users")),
            (r#"{"query":"query A { a } mutation B { b }","operationName":"B"}"#, Some("mutation B")),
            (r#"{"operationName":"C","extensions":{"persistedQuery":{}}}"#, Some("C")),
            (r#"{"query":"shoes"}"#, None),
            (r#"{"jsonrpc":"2.0","method":"eth_call","id":1}"#, Some("eth_call")),
            (r#"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"}]"#, Some("a, b")),
            (r#"{"method":"x"}"#, None),
            ("[]", None),
            ("7", None),
            ("{", None),
        ] {
            assert_eq!(posted(body).as_deref(), name, "{body}");
        }
        let soap = operation("POST", "", &head("SOAPAction: \"urn:shop#GetPrice\""), "text/xml", None);
        assert_eq!(soap.as_deref(), Some("GetPrice"));
        let newer = head("Content-Type: application/soap+xml; charset=utf-8; action=\"http://e/GetOther\"");
        assert_eq!(operation("POST", "", &newer, "application/soap+xml", None).as_deref(), Some("GetOther"));
        assert_eq!(operation("POST", "", &head("A: b"), "text/xml", None), None);
        let get = |query: &str| operation("GET", query, &head(""), "", None);
        assert_eq!(get("query=query%20Q%20%7Ba%7D").as_deref(), Some("query Q"));
        assert_eq!((get("query=shoes"), get("")), (None, None));
    }
}
