//! What tools write where HAR asks for something else.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;
use std::net::IpAddr;
use waylay_storage::model::HttpVersion;

/// Text, also where it is a number.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

/// A whole number, also where it is text; negative ones say that it is not known.
pub fn size(value: &Value) -> Option<u64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (0.0..9e15).contains(&number).then_some(number as u64)
}

/// Milliseconds as microseconds; negative ones say that it is not known.
pub fn milliseconds(value: &Value) -> Option<i64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (0.0..1e12).contains(&number).then_some((number * 1000.0).round() as i64)
}

/// Microseconds since the Unix epoch: ISO 8601 with or without a zone, or milliseconds.
pub fn time(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_f64() {
        return Timestamp::from_microsecond((number * 1000.0) as i64).ok().map(|t| t.as_microsecond());
    }
    let text = value.as_str()?.trim();
    let zoned = text.parse::<Timestamp>().ok();
    let bare = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    zoned.or_else(bare).map(|t| t.as_microsecond())
}

/// `HTTP/1.1`, `h2`, `http/2.0+quic/43`, `h3`: what is newer than HTTP/2 counts as it.
pub fn version(value: &Value) -> HttpVersion {
    let text = value.as_str().unwrap_or_default().to_ascii_lowercase();
    match text.trim_start_matches("http/").trim_start_matches('h') {
        number if number.starts_with(['2', '3']) || number.contains("quic") => HttpVersion::Http2,
        "1.0" => HttpVersion::Http10,
        _ => HttpVersion::Http11,
    }
}

/// An address, in brackets or not; some write an empty text.
pub fn address(value: &Value) -> Option<IpAddr> {
    let text = value.as_str()?.trim().trim_start_matches('[');
    text.split(']').next()?.split('%').next()?.parse().ok()
}

/// Header fields: a list of names and values, or an object of them. What HTTP/2 has in place of a first line is left out;
/// what Firefox has joined by line ends is taken apart.
pub fn headers(value: &Value) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut authority = None;
    let mut add = |name: &str, value: &Value| {
        let value = text(value).unwrap_or_default();
        if let Some(pseudo) = name.strip_prefix(':') {
            if pseudo == "authority" {
                authority = Some(value);
            }
        } else if !name.is_empty() {
            fields.extend(value.split('\n').map(|line| (name.to_owned(), line.trim().to_owned())));
        }
    };
    match value {
        Value::Array(list) => list.iter().for_each(|field| {
            if let Some(name) = field["name"].as_str() {
                add(name, &field["value"]);
            }
        }),
        Value::Object(map) => map.iter().for_each(|(name, value)| add(name, value)),
        _ => {}
    }
    if let Some(authority) = authority.filter(|_| first(&fields, "host").is_none()) {
        fields.insert(0, ("host".to_owned(), authority));
    }
    fields
}

/// The first field of a name.
pub fn first<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| &value[..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_tools_write_is_understood() {
        for (value, us) in [
            (json!("2020-05-01T10:00:00.123Z"), Some(1_588_327_200_123_000)),
            (json!("2020-05-01T12:00:00.123+02:00"), Some(1_588_327_200_123_000)),
            (json!("2020-05-01T10:00:00.1234567Z"), Some(1_588_327_200_123_456)),
            (json!("2020-05-01T10:00:00"), Some(1_588_327_200_000_000)),
            (json!(1_588_327_200_123.0), Some(1_588_327_200_123_000)),
            (json!("yesterday"), None),
            (json!(null), None),
        ] {
            assert_eq!(time(&value), us, "{value}");
        }
        for (value, wanted) in [
            ("HTTP/1.0", HttpVersion::Http10),
            ("http/1.1", HttpVersion::Http11),
            ("h2", HttpVersion::Http2),
            ("HTTP/2", HttpVersion::Http2),
            ("http/2.0", HttpVersion::Http2),
            ("h3", HttpVersion::Http2),
            ("http/2+quic/46", HttpVersion::Http2),
            ("unknown", HttpVersion::Http11),
            ("", HttpVersion::Http11),
        ] {
            assert_eq!(version(&json!(value)), wanted, "{value}");
        }
        for (value, wanted) in
            [("[::1]", Some("::1")), ("1.2.3.4", Some("1.2.3.4")), ("", None), ("fe80::1%eth0", Some("fe80::1"))]
        {
            assert_eq!(address(&json!(value)), wanted.map(|a| a.parse().unwrap()), "{value}");
        }
        assert_eq!((size(&json!(-1)), size(&json!("12")), size(&json!(3.0))), (None, Some(12), Some(3)));
        assert_eq!((milliseconds(&json!(-1)), milliseconds(&json!(1.5))), (None, Some(1500)));
        let fields = headers(&json!([
            { "name": ":method", "value": "GET" },
            { "name": ":authority", "value": "a.test" },
            { "name": "Set-Cookie", "value": "a=1\nb=2" },
            { "name": "n", "value": 5 },
            { "value": "nameless" },
            null
        ]));
        let wanted = [("host", "a.test"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("n", "5")];
        assert_eq!(fields, wanted.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(headers(&json!({ "a": "1" })), [("a".to_owned(), "1".to_owned())]);
    }
}
