//! The header fields of a request: those that are written, and those that are sent by themselves.

use super::{Draft, Field, Problem, Settings, auth, problem::shown, settings::HttpVersion, url::Target};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::borrow::Cow;

/// What is sent as `User-Agent`.
pub const USER_AGENT: &str = concat!("Waylay/", env!("CARGO_PKG_VERSION"));

/// What the fields say about a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyFacts {
    /// Its media type, if it has one by itself.
    pub content_type: Option<String>,
    /// Its length, bytes; `None` if there is no body.
    pub length: Option<u64>,
}

/// A field that is sent by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automatic {
    /// Its name.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// Whether HTTP allows to leave it out.
    pub removable: bool,
}

/// A field as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name, as written.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Whether it is sent by itself, or made of what the draft says about who asks.
    pub automatic: bool,
    /// Whether it can be left out.
    pub removable: bool,
}

/// Everything that is sent for a draft whose variables are resolved: first what is sent by itself, then what the draft
/// says about who asks, then its own fields in their order. In HTTP/2, `Host` is among them only if it is written.
///
/// # Errors
/// If a field cannot be sent.
pub fn lines(draft: &Draft, target: &Target, body: &BodyFacts, settings: &Settings) -> Result<Vec<Line>, Problem> {
    let automatic = automatic(draft, target, body, settings).into_iter();
    let mut lines: Vec<_> = automatic
        .map(|Automatic { key, value, removable }| Line {
            key: key.into(),
            value: value.into_bytes(),
            automatic: true,
            removable,
        })
        .collect();
    let credentials = match auth::field(&draft.auth)? {
        None => target.userinfo.as_ref().map(|user| auth::basic(&user.username, &user.password)).transpose()?,
        some => some,
    };
    if let Some(Field { key, value, .. }) =
        credentials.filter(|field| !has(draft, &field.key) && !is_left_out(draft, &field.key))
    {
        lines.push(Line { key, value: value.into_bytes(), automatic: true, removable: true });
    }
    for field in own(draft) {
        let value = match &body.content_type {
            Some(made) if field.key.eq_ignore_ascii_case("content-type") => with_boundary(&field.value, made),
            _ => Cow::Borrowed(field.value.as_str()),
        };
        let value = bytes(field)?.unwrap_or_else(|| value.into_owned().into_bytes());
        lines.push(Line { key: field.key.clone(), value, automatic: false, removable: true });
    }
    lines.iter().try_for_each(check)?;
    Ok(lines)
}

/// What is sent by itself: nothing that the draft has a field for, and nothing it wants to be without, as far as HTTP
/// allows that.
pub fn automatic(draft: &Draft, target: &Target, body: &BodyFacts, settings: &Settings) -> Vec<Automatic> {
    let version = settings.http_version.unwrap_or_default();
    let (old, new) = (version == HttpVersion::Http10, version == HttpVersion::Http2);
    let mut fields = Vec::with_capacity(8);
    let mut add = |key: &'static str, value: String, removable: bool| {
        let left_out = removable && is_left_out(draft, key);
        if !left_out && !has(draft, key) {
            fields.push(Automatic { key, value, removable });
        }
        left_out
    };
    if !new {
        add("Host", target.authority(), old);
    }
    if let Some(content_type) = &body.content_type {
        add("Content-Type", content_type.clone(), true);
    }
    // Where it is left out, HTTP/1.1 needs another way to tell where the body ends, and HTTP/1.0 has none.
    let length = body.length.or_else(|| expects_body(&draft.method).then_some(0));
    if let Some(length) = length.filter(|_| !has(draft, "transfer-encoding")) {
        let left_out = add("Content-Length", length.to_string(), !old || length == 0);
        if left_out && length > 0 && !new && !has(draft, "content-length") {
            add("Transfer-Encoding", "chunked".into(), false);
        }
    }
    add("User-Agent", USER_AGENT.into(), true);
    add("Accept", "*/*".into(), true);
    add("Accept-Encoding", "gzip, deflate, br".into(), true);
    if !new {
        add("Connection", "keep-alive".into(), true);
    }
    if settings.no_cache.unwrap_or(true) {
        add("Cache-Control", "no-cache".into(), true);
    }
    fields
}

/// The fields of the draft that are sent.
pub(crate) fn own(draft: &Draft) -> impl Iterator<Item = &Field> {
    draft.headers.iter().filter(|field| !field.disabled && !field.key.is_empty())
}

/// The bytes of a value that is no text.
fn bytes(field: &Field) -> Result<Option<Vec<u8>>, Problem> {
    let Some(bytes) = &field.bytes else { return Ok(None) };
    let decoded = STANDARD.decode(bytes).map_err(|e| {
        let message = format!("The bytes of the header field {} are no Base64: {e}.", shown(&field.key));
        Problem::new("headers", message, "Leave out `bytes` and write the value as text.")
    })?;
    Ok(Some(decoded))
}

/// Methods that mean something by their body have a length even where it is 0 (RFC 9110, 8.6).
fn expects_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

fn has(draft: &Draft, key: &str) -> bool {
    own(draft).any(|field| field.key.eq_ignore_ascii_case(key))
}

fn is_left_out(draft: &Draft, key: &str) -> bool {
    draft.without.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// A form that is declared without its boundary could not be read.
fn with_boundary<'a>(own: &'a str, made: &str) -> Cow<'a, str> {
    let form =
        made.strip_prefix("multipart/form-data; ").filter(|_| own.trim().eq_ignore_ascii_case("multipart/form-data"));
    form.map_or(Cow::Borrowed(own), |boundary| format!("{}; {boundary}", own.trim()).into())
}

/// Names are tokens, values have no control characters but the tabulator (RFC 9110, 5.5 and 5.6.2).
fn check(line: &Line) -> Result<(), Problem> {
    let bad = |message, hint: &str| Err(Problem::new("headers", message, hint));
    if http::HeaderName::from_bytes(line.key.as_bytes()).is_err() {
        let hint = "Names have letters, digits and !#$%&'*+-.^_`|~ only.";
        return bad(format!("{} is no name of a header field.", shown(&line.key)), hint);
    }
    if http::HeaderValue::from_bytes(&line.value).is_err() {
        let message = format!("The header field {} holds a line break or another control character.", shown(&line.key));
        return bad(
            message,
            "Remove it, or send it percent-encoded or in Base64 if the receiver knows what to do with that.",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{draft::Auth, url::target};

    const AGENT: (&str, &str) = ("User-Agent", USER_AGENT);
    const ACCEPT: (&str, &str) = ("Accept", "*/*");
    const CODINGS: (&str, &str) = ("Accept-Encoding", "gzip, deflate, br");
    const KEEP: (&str, &str) = ("Connection", "keep-alive");
    const FRESH: (&str, &str) = ("Cache-Control", "no-cache");
    const HOST: (&str, &str) = ("Host", "h:8080");

    fn draft(method: &str) -> Draft {
        Draft { method: method.into(), url: "http://h:8080/".into(), ..Draft::default() }
    }

    fn facts(content_type: Option<&str>, length: Option<u64>) -> BodyFacts {
        BodyFacts { content_type: content_type.map(Into::into), length }
    }

    fn sent(draft: &Draft, body: &BodyFacts, settings: &Settings) -> Vec<(String, String)> {
        let lines = lines(draft, &target(draft, true).unwrap(), body, settings).unwrap();
        lines.into_iter().map(|line| (line.key, String::from_utf8(line.value).unwrap())).collect()
    }

    #[track_caller]
    fn assert_sent(draft: &Draft, body: &BodyFacts, settings: &Settings, expected: &[(&str, &str)]) {
        let sent = sent(draft, body, settings);
        let sent: Vec<_> = sent.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(sent, expected);
    }

    #[test]
    fn what_is_sent_by_itself_follows_from_method_body_and_version() {
        let usual = Settings::default();
        let json = facts(Some("application/json"), Some(7));
        let kind = ("Content-Type", "application/json");
        let general = [AGENT, ACCEPT, CODINGS, KEEP, FRESH];
        let all = |first: &[(&'static str, &'static str)]| [first, &general].concat();
        assert_sent(&draft(""), &facts(None, None), &usual, &all(&[HOST]));
        assert_sent(&draft("GET"), &json, &usual, &all(&[HOST, kind, ("Content-Length", "7")]));
        for method in ["POST", "PUT", "PATCH"] {
            assert_sent(&draft(method), &facts(None, None), &usual, &all(&[HOST, ("Content-Length", "0")]));
        }
        assert_sent(&draft("DELETE"), &facts(None, None), &usual, &all(&[HOST]));
        assert_sent(&draft("POST"), &facts(None, Some(7)), &usual, &all(&[HOST, ("Content-Length", "7")]));
        let cached = Settings { no_cache: Some(false), ..Settings::default() };
        assert_sent(&draft("GET"), &facts(None, None), &cached, &[HOST, AGENT, ACCEPT, CODINGS, KEEP]);
        let two = Settings { http_version: Some(HttpVersion::Http2), ..Settings::default() };
        assert_sent(&draft("PUT"), &json, &two, &[kind, ("Content-Length", "7"), AGENT, ACCEPT, CODINGS, FRESH]);
    }

    #[test]
    fn all_can_be_left_out_but_what_http_needs() {
        let without =
            ["Host", "content-type", "content-length", "user-agent", "accept", "accept-encoding", "connection"];
        let without: Vec<String> = without.into_iter().chain(["cache-control"]).map(Into::into).collect();
        let json = facts(Some("application/json"), Some(7));
        for (version, left) in [
            (HttpVersion::Auto, &[HOST, ("Transfer-Encoding", "chunked")][..]),
            (HttpVersion::Http11, &[HOST, ("Transfer-Encoding", "chunked")]),
            (HttpVersion::Http10, &[("Content-Length", "7")]),
            (HttpVersion::Http2, &[]),
        ] {
            let settings = Settings { http_version: Some(version), ..Settings::default() };
            let bare = Draft { without: without.clone(), ..draft("POST") };
            assert_sent(&bare, &json, &settings, left);
            let removable: Vec<_> = automatic(&draft("POST"), &target(&bare, true).unwrap(), &json, &settings)
                .into_iter()
                .filter(|field| !field.removable)
                .map(|field| field.key)
                .collect();
            let fixed = match version {
                HttpVersion::Http10 => &["Content-Length"][..],
                HttpVersion::Http2 => &[],
                _ => &["Host"],
            };
            assert_eq!(removable, fixed, "{version:?}");
        }
        let empty = Draft { without, ..draft("POST") };
        assert_sent(&empty, &facts(None, None), &Settings::default(), &[HOST]);
    }

    #[test]
    fn what_is_written_wins() {
        let mut own = draft("POST");
        own.headers = vec![
            Field::new("X", "1"),
            Field { disabled: true, ..Field::new("accept", "never") },
            Field::new("user-agent", ""),
            Field::new("", "nameless"),
            Field::new("HOST", "other"),
            Field::new("x", "2"),
            Field { bytes: Some("/w==".into()), ..Field::new("X", "?") },
            Field::new("Transfer-Encoding", "chunked"),
        ];
        let found = lines(&own, &target(&own, true).unwrap(), &facts(None, Some(7)), &Settings::default()).unwrap();
        let found: Vec<_> = found.iter().map(|line| (line.key.as_str(), &line.value[..], line.automatic)).collect();
        assert_eq!(
            found,
            [
                ("Accept", &b"*/*"[..], true),
                ("Accept-Encoding", b"gzip, deflate, br", true),
                ("Connection", b"keep-alive", true),
                ("Cache-Control", b"no-cache", true),
                ("X", b"1", false),
                ("user-agent", b"", false),
                ("HOST", b"other", false),
                ("x", b"2", false),
                ("X", b"\xff", false),
                ("Transfer-Encoding", b"chunked", false),
            ]
        );
    }

    #[test]
    fn who_asks_is_said_once() {
        let authorization = |draft: &Draft| {
            let sent = sent(draft, &BodyFacts::default(), &Settings::default());
            let values = sent.into_iter().filter(|(key, _)| key.eq_ignore_ascii_case("authorization"));
            values.map(|(_, value)| value).collect::<Vec<_>>()
        };
        let mut asked = Draft { url: "http://u:p@h/".into(), ..Draft::default() };
        assert_eq!(authorization(&asked), ["Basic dTpw"]);
        asked.auth = Auth::Bearer { token: "t".into() };
        assert_eq!(authorization(&asked), ["Bearer t"]);
        asked.headers = vec![Field::new("authorization", "own")];
        assert_eq!(authorization(&asked), ["own"]);
        asked.headers.clear();
        asked.without = vec!["authorization".into()];
        assert!(authorization(&asked).is_empty());
    }

    #[test]
    fn a_form_has_its_boundary() {
        let form = facts(Some("multipart/form-data; boundary=b"), Some(7));
        for (own, sent) in [
            ("multipart/form-data", "multipart/form-data; boundary=b"),
            ("multipart/form-data; boundary=own", "multipart/form-data; boundary=own"),
            ("text/plain", "text/plain"),
        ] {
            let draft = Draft { headers: vec![Field::new("Content-Type", own)], ..draft("POST") };
            assert_eq!(super::tests::sent(&draft, &form, &Settings::default()).last().unwrap().1, sent);
        }
    }

    #[test]
    fn fields_that_cannot_be_sent_are_named() {
        for (field, says) in [
            (Field::new("a b", "1"), "\"a b\" is no name"),
            (Field::new("ä", "1"), "\"ä\" is no name"),
            (Field::new("X", "1\r\nY: 2"), "\"X\" holds a line break"),
            (Field { bytes: Some("!".into()), ..Field::new("X", "") }, "\"X\" are no Base64"),
        ] {
            let draft = Draft { headers: vec![field], ..draft("GET") };
            let target = target(&draft, true).unwrap();
            let problem = lines(&draft, &target, &BodyFacts::default(), &Settings::default()).unwrap_err();
            assert!(problem.message.contains(says) && problem.stage == "headers", "{problem:?}");
        }
        let fine = Draft { headers: vec![Field::new("X", "ä\t{{x}}")], ..draft("GET") };
        assert_eq!(sent(&fine, &BodyFacts::default(), &Settings::default()).last().unwrap().1, "ä\t{{x}}");
    }
}
