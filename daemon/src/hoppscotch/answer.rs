//! What a page is told of a request: JSON whose body is a list of numbers, written as it is read.

use crate::{
    agent::SendError,
    cookies::{SameSite, SetCookie},
};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::{self, Read, Write};

/// How much is read at a time, bytes.
const PIECE: usize = 16 << 10;
/// Bytes at which a body is looked at to tell what it is.
pub const SAMPLE: usize = 4096;
/// Fields that have one value; of several, the first counts.
const SINGLE: [&str; 11] = [
    "age",
    "content-length",
    "content-location",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
    "server",
];

/// What came of a request, but its body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The page's number for the request.
    pub id: i64,
    /// The last answer's status.
    pub status: u16,
    /// The version it came in, such as `HTTP/1.1`.
    pub version: String,
    /// The last answer's fields, in order.
    pub headers: Vec<(String, String)>,
    /// The values of `Set-Cookie` of the answers before it.
    pub earlier_cookies: Vec<String>,
    /// When it began and ended, milliseconds since the Unix epoch.
    pub time: (i64, i64),
}

/// A cookie, as the page's client keeps it.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cookie {
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    secure: bool,
    http_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<&'static str>,
}

impl Answer {
    /// One that says why there is none: by a status that gateways use, and in words.
    pub fn of_error(id: i64, error: &SendError, time: (i64, i64)) -> (Self, Vec<u8>) {
        let status = if error.reason == "timeout" { 504 } else { 502 };
        let mut words = format!("{}\n", error.message);
        if !error.hint.is_empty() {
            words.push_str(&format!("\nWhat to do: {}.\n", error.hint));
        }
        words.push_str(&format!(
            "\nThis is Waylay's own answer; there is none of the server ({}: {}).\n",
            error.stage, error.reason
        ));
        let headers = vec![
            ("content-type".to_owned(), "text/plain; charset=utf-8".to_owned()),
            ("x-waylay-error".to_owned(), format!("{}: {}", error.stage, error.reason)),
        ];
        let answer = Self { id, status, version: "HTTP/1.1".to_owned(), headers, time, ..Self::default() };
        (answer, words.into_bytes())
    }

    /// Writes it, with a body of `length` bytes that begins with `sample`.
    ///
    /// # Errors
    /// Those of reading and writing; [`io::ErrorKind::UnexpectedEof`] where the body is shorter.
    pub fn write(&self, (body, length): (&mut impl Read, u64), sample: &[u8], to: &mut impl Write) -> io::Result<()> {
        let (headers, set_cookies) = self.fields();
        let heads: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let reason = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let now = Timestamp::now().as_second();
        let head = json!({
            "id": self.id,
            "status": self.status,
            "statusText": reason.map_or_else(|| self.status.to_string(), |reason| format!("{} {reason}", self.status)),
            "version": self.version,
            "headers": headers,
            "cookies": set_cookies.iter().filter_map(|field| cookie(field, now)).collect::<Vec<_>>(),
            "meta": {
                "timing": { "start": self.time.0, "end": self.time.1 },
                "size": { "headers": heads, "body": length, "total": length.saturating_add(heads as u64) },
            },
        });
        let head = head.to_string();
        to.write_all(&head.as_bytes()[..head.len() - 1])?;
        to.write_all(b",\"body\":{\"body\":[")?;
        numbers(body, length, to)?;
        write!(to, "],\"mediaType\":{}}}}}", Value::from(self.media_type(sample)))
    }

    /// Fields by name, in the spelling that came first, and all values of `Set-Cookie`.
    fn fields(&self) -> (Map<String, Value>, Vec<&str>) {
        let mut fields: Vec<(&str, String)> = Vec::with_capacity(self.headers.len());
        let mut cookies: Vec<&str> = self.earlier_cookies.iter().map(String::as_str).collect();
        for (name, value) in &self.headers {
            if name.eq_ignore_ascii_case("set-cookie") {
                cookies.push(value);
            }
            let found = fields.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name));
            match found {
                None => fields.push((name, value.clone())),
                Some(_) if SINGLE.iter().any(|single| name.eq_ignore_ascii_case(single)) => {}
                // RFC 9110, 5.3; what is set is read below.
                Some((_, all)) => *all = format!("{all}, {value}"),
            }
        }
        let place = fields.iter().position(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        match place {
            Some(place) => fields[place].1 = cookies.join("\n"),
            None if cookies.is_empty() => {}
            None => fields.push(("set-cookie", cookies.join("\n"))),
        }
        (fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(), cookies)
    }

    /// As the answer says, or else as its first bytes look.
    fn media_type(&self, sample: &[u8]) -> String {
        let said = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some((_, said)) = said {
            return said.clone();
        }
        // A character may be cut off at the end.
        let text = match std::str::from_utf8(sample) {
            Ok(_) => true,
            Err(e) => e.error_len().is_none() && sample.len() == SAMPLE,
        };
        if text && !sample.contains(&0) { "text/plain" } else { "application/octet-stream" }.to_owned()
    }
}

fn numbers(body: &mut impl Read, length: u64, to: &mut impl Write) -> io::Result<()> {
    let (mut left, mut buffer, mut text) = (length, vec![0; PIECE], String::with_capacity(4 * PIECE));
    while left > 0 {
        let n = match body.read(&mut buffer[..PIECE.min(usize::try_from(left).unwrap_or(PIECE))]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        text.clear();
        for byte in &buffer[..n] {
            text.push_str(NUMBERS[usize::from(*byte)]);
            text.push(',');
        }
        left -= n as u64;
        if left == 0 {
            text.pop();
        }
        to.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// One that a browser would not even read is none.
fn cookie(field: &str, now: i64) -> Option<Cookie> {
    let set = SetCookie::parse(field.as_bytes()).ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let expires = match set.max_age {
        Some(seconds) if seconds <= 0 => Some(0),
        Some(seconds) => Some(now.saturating_add(seconds)),
        None => set.expires,
    };
    Some(Cookie {
        name: text(set.name),
        value: text(set.value),
        domain: set.domain.filter(|domain| !domain.is_empty()).map(text),
        path: set.path.filter(|path| !path.is_empty()).map(text),
        // Later than any calendar is never.
        expires: expires.and_then(|at| Timestamp::from_second(at).ok()).map(|at| at.to_string()),
        secure: set.secure,
        http_only: set.http_only,
        same_site: match set.same_site {
            SameSite::Strict => Some("Strict"),
            SameSite::Lax => Some("Lax"),
            SameSite::None => Some("None"),
            SameSite::Unset => None,
        },
    })
}

/// All bytes in decimal.
#[rustfmt::skip]
const NUMBERS: [&str; 256] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15",
    "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
    "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47",
    "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63",
    "64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
    "80", "81", "82", "83", "84", "85", "86", "87", "88", "89", "90", "91", "92", "93", "94", "95",
    "96", "97", "98", "99", "100", "101", "102", "103", "104", "105", "106", "107", "108", "109", "110", "111",
    "112", "113", "114", "115", "116", "117", "118", "119", "120", "121", "122", "123", "124", "125", "126", "127",
    "128", "129", "130", "131", "132", "133", "134", "135", "136", "137", "138", "139", "140", "141", "142", "143",
    "144", "145", "146", "147", "148", "149", "150", "151", "152", "153", "154", "155", "156", "157", "158", "159",
    "160", "161", "162", "163", "164", "165", "166", "167", "168", "169", "170", "171", "172", "173", "174", "175",
    "176", "177", "178", "179", "180", "181", "182", "183", "184", "185", "186", "187", "188", "189", "190", "191",
    "192", "193", "194", "195", "196", "197", "198", "199", "200", "201", "202", "203", "204", "205", "206", "207",
    "208", "209", "210", "211", "212", "213", "214", "215", "216", "217", "218", "219", "220", "221", "222", "223",
    "224", "225", "226", "227", "228", "229", "230", "231", "232", "233", "234", "235", "236", "237", "238", "239",
    "240", "241", "242", "243", "244", "245", "246", "247", "248", "249", "250", "251", "252", "253", "254", "255",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn written(answer: &Answer, body: &[u8]) -> Value {
        let mut out = Vec::new();
        answer.write((&mut &body[..], body.len() as u64), &body[..body.len().min(SAMPLE)], &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    fn with(headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Answer { id: 7, status: 200, version: "HTTP/1.1".into(), headers, time: (5, 9), ..Answer::default() }
    }

    #[test]
    fn all_of_an_answer_is_told() {
        let body: Vec<u8> = (0..50_000_u32).map(|n| (n % 256) as u8).collect();
        let found = written(&with(&[("Content-Type", "image/png"), ("X", "\u{fffd}")]), &body);
        assert_eq!((&found["id"], &found["status"], &found["statusText"]), (&json!(7), &json!(200), &json!("200 OK")));
        assert_eq!(found["headers"], json!({ "Content-Type": "image/png", "X": "\u{fffd}" }));
        assert_eq!(found["body"]["body"], json!(body));
        assert_eq!((&found["body"]["mediaType"], &found["cookies"]), (&json!("image/png"), &json!([])));
        assert_eq!(found["meta"]["timing"], json!({ "start": 5, "end": 9 }));
        assert_eq!(found["meta"]["size"], json!({ "headers": 33, "body": 50_000, "total": 50_033 }));
        let empty = written(&Answer { status: 299, ..with(&[]) }, b"");
        assert_eq!((&empty["body"]["body"], &empty["statusText"]), (&json!([]), &json!("299")));
        let mut short = Vec::new();
        assert!(with(&[]).write((&mut &b"x"[..], 2), b"x", &mut short).is_err());
    }

    #[test]
    fn fields_of_one_name_are_one() {
        let mut answer = with(&[
            ("Vary", "a"),
            ("Location", "/1"),
            ("set-cookie", "b=2; Path=/"),
            ("VARY", "b"),
            ("location", "/2"),
            ("Set-Cookie", "c=3"),
        ]);
        answer.earlier_cookies = vec!["a=1".into()];
        let found = written(&answer, b"");
        let expected = json!({ "Vary": "a, b", "Location": "/1", "set-cookie": "a=1\nb=2; Path=/\nc=3" });
        assert_eq!(found["headers"], expected);
        assert_eq!(found["cookies"].as_array().unwrap().len(), 3);
        let earlier = written(&Answer { headers: Vec::new(), ..answer }, b"");
        assert_eq!(earlier["headers"], json!({ "set-cookie": "a=1" }));
    }

    #[test]
    fn cookies_are_told_attribute_by_attribute() {
        for (field, expected) in [
            ("a=b; Path=; Domain=", json!({ "name": "a", "value": "b", "secure": false, "httpOnly": false })),
            (
                "a=b; SameSite=Lax",
                json!({ "name": "a", "value": "b", "secure": false, "httpOnly": false, "sameSite": "Lax" }),
            ),
            (
                "a=b; Domain=.E.test; Path=/x; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure; HttpOnly; SameSite=strict",
                json!({ "name": "a", "value": "b", "domain": "E.test", "path": "/x", "expires": "2015-10-21T07:28:00Z",
                        "secure": true, "httpOnly": true, "sameSite": "Strict" }),
            ),
            (
                "a=b; Max-Age=60; Expires=Wed, 21 Oct 2015 07:28:00 GMT; SameSite=None",
                json!({ "name": "a", "value": "b", "expires": "1970-01-01T00:01:40Z", "secure": false, "httpOnly": false,
                        "sameSite": "None" }),
            ),
            (
                "a=; Max-Age=0",
                json!({ "name": "a", "value": "", "expires": "1970-01-01T00:00:00Z", "secure": false, "httpOnly": false }),
            ),
        ] {
            assert_eq!(serde_json::to_value(cookie(field, 40)).unwrap(), expected, "{field}");
        }
        assert_eq!(cookie("a=\u{1}", 0), None);
    }

    #[test]
    fn what_is_not_said_is_seen() {
        let long = ["a".repeat(SAMPLE - 1), "é".into()].concat();
        for (body, expected) in [
            (&b""[..], "text/plain"),
            ("é".as_bytes(), "text/plain"),
            (&long.as_bytes()[..SAMPLE], "text/plain"),
            (b"a\0", "application/octet-stream"),
            (b"\xff\xd8\xff", "application/octet-stream"),
            (b"\xc3", "application/octet-stream"),
        ] {
            assert_eq!(written(&with(&[]), body)["body"]["mediaType"], expected);
        }
    }

    #[test]
    fn an_error_is_an_answer_in_words() {
        let error = SendError::new("dns", "no address", "a.test has no address.", "check the spelling");
        let (answer, body) = Answer::of_error(3, &error, (1, 2));
        let (found, text) = (written(&answer, &body), String::from_utf8(body).unwrap());
        assert_eq!((&found["status"], &found["headers"]["x-waylay-error"]), (&json!(502), &json!("dns: no address")));
        assert!(text.contains("a.test has no address.") && text.contains("check the spelling"), "{text}");
        let late = SendError { reason: "timeout".into(), ..error };
        assert_eq!(Answer::of_error(3, &late, (1, 2)).0.status, 504);
    }
}
