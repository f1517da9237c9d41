//! What a segment of a path looks like: a name, or a value.

use percent_encoding::percent_decode_str;

/// A kind of value. One of it is enough to see that a segment is a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A number, a UUID, a ULID, hexadecimal digits, random letters and digits.
    Id,
    /// A day, with or without a time (ISO 8601).
    Date,
    /// An address.
    Email,
    /// The name of a file with a hash in it.
    File,
}

/// Names that are never values, however many stand beside them.
const NAMES: [&str; 38] = [
    "me", "self", "search", "new", "latest", "current", "all", "count", "list", "login", "logout", "signin", "signup",
    "register", "edit", "create", "update", "delete", "import", "export", "upload", "download", "health", "status",
    "ping", "info", "config", "settings", "profile", "batch", "bulk", "stats", "summary", "default", "recent",
    "popular", "index", "api",
];

/// Languages that stand in paths.
const LANGUAGES: [&str; 30] = [
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko",
    "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "vi", "zh",
];

/// The kind of value a segment is, if it is one without doubt.
pub fn class(segment: &str) -> Option<Class> {
    if segment.is_empty() || is_name(segment) {
        return None;
    }
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    let text = decoded.as_ref();
    if is_date(text) {
        return Some(Class::Date);
    }
    if is_number(text) || is_uuid(text) || is_ulid(text) || is_hex(text) || is_random(text) {
        return Some(Class::Id);
    }
    if is_email(text) {
        return Some(Class::Email);
    }
    is_hashed_file(text).then_some(Class::File)
}

/// Whether it is a word that names something wherever it stands: `me`, `search`, `v1`, `en-US`; nothing, too, as behind a
/// slash at the end.
pub fn is_name(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    lower.is_empty() || NAMES.contains(&lower.as_str()) || is_version(&lower) || is_locale(&lower)
}

/// `v1`, `v2.1`, `1.2`.
fn is_version(text: &str) -> bool {
    let (number, marked) = text.strip_prefix('v').map_or((text, false), |rest| (rest, true));
    let parts: Vec<&str> = number.split('.').collect();
    let digits =
        parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()));
    digits && (marked || parts.len() > 1) && parts.len() <= 4
}

/// `en`, `en-us`, `zh_cn`.
fn is_locale(text: &str) -> bool {
    let (language, region) = text.split_once(['-', '_']).map_or((text, None), |(l, r)| (l, Some(r)));
    let known = LANGUAGES.contains(&language);
    known && region.is_none_or(|r| (2..=4).contains(&r.len()) && r.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    let text = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    lengths && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// 26 digits of Crockford's base 32, the first up to 7.
fn is_ulid(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || (b.is_ascii_alphabetic() && !b"ilouILOU".contains(&b));
    text.len() == 26 && (b'0'..=b'7').contains(&text.as_bytes()[0]) && text.bytes().all(digit)
}

/// At least 8 hexadecimal digits, one of them a digit: `facade` is a word.
fn is_hex(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_hexdigit()) && digits.bytes().any(|b| b.is_ascii_digit())
}

/// At least 16 characters of base64url that change between kinds of letters and digits as words do not.
fn is_random(text: &str) -> bool {
    let kind = |b: u8| match b {
        b'0'..=b'9' => Some(0),
        b'A'..=b'Z' => Some(1),
        b'a'..=b'z' => Some(2),
        b'-' | b'_' | b'=' => Some(3),
        _ => None,
    };
    let Some(kinds) = text.bytes().map(kind).collect::<Option<Vec<u8>>>() else { return false };
    let signs = kinds.iter().filter(|kind| **kind == 3).count();
    let changes = kinds.windows(2).filter(|pair| pair[0] != pair[1] && pair[0] != 3 && pair[1] != 3).count();
    kinds.len() >= 16 && kinds.contains(&0) && changes * 4 >= kinds.len() && signs * 6 <= kinds.len()
}

/// `2024-05-31`, `2024-05-31T10:00:00Z`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let day =
        digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7) && bytes.get(7) == Some(&b'-') && digits(8..10);
    day && (bytes.len() == 10 || (bytes.get(10) == Some(&b'T') && digits(11..13)))
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty() && !host.contains('@') && host.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
}

/// `main.3f9a8c1b.js`, `logo-5f3c2a19.svg`.
fn is_hashed_file(text: &str) -> bool {
    let Some((stem, extension)) = text.rsplit_once('.') else { return false };
    let known = (1..=8).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    known && stem.split(['.', '-', '_']).any(|part| is_hex(part) || is_random(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_names() {
        let ids = [
            "7",
            "-1",
            "2024",
            "00123",
            "550e8400-e29b-41d4-a716-446655440000",
            "018f6b2e-7c1a-7000-8000-0123456789ab",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "deadbee5",
            "507f1f77bcf86cd799439011",
            "dQw4w9WgXcQ5aB7cD2",
            "cus_N4fb3Kz9Qx2Lm8",
            "0xdeadbeef1",
        ];
        let cases = [
            (Some(Class::Id), &ids[..]),
            (Some(Class::Date), &["2024-05-31", "2024-05-31T10:00:00Z"]),
            (Some(Class::Email), &["a@b.example", "a%40b.example"]),
            (Some(Class::File), &["main.3f9a8c1b.js", "logo-5f3c2a19.svg"]),
            (
                None,
                &[
                    "",
                    "users",
                    "me",
                    "search",
                    "v1",
                    "v2.1",
                    "1.2",
                    "en",
                    "en-US",
                    "zh_cn",
                    "facade",
                    "deadbeef",
                    "defaced",
                    "how-to-write-2024-posts-in-style",
                    "GetUserProfileInformation",
                    "app.js",
                    "user@",
                    "alice",
                    "a;v=1",
                    "%2F",
                    "2024-5-1",
                    "item-42",
                    "api",
                ],
            ),
        ];
        for (class, segments) in cases {
            for segment in segments {
                assert_eq!(super::class(segment), class, "{segment}");
            }
        }
    }
}
