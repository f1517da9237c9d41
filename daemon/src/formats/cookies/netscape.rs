//! cookies.txt: a line for each cookie, with the fields domain, whether it is for subdomains too, path, whether it is Secure,
//! end in seconds since 1970 or 0, name, value, between tabs. A line of an HttpOnly cookie begins with `#HttpOnly_`.

use super::{NotCookies, Read, Written};
use crate::cookies::{Cookie, SameSite, site};

const HEADER: &[u8] = b"# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n";

/// First lines by which others know such a file.
const TITLES: [&[u8]; 2] = [b"# Netscape HTTP Cookie File", b"# HTTP Cookie File"];

/// What begins the line of an HttpOnly cookie, though it looks like a comment.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";

/// Reads a file; `now_us` is when its cookies came.
///
/// # Errors
/// If it has lines, none of them is a cookie, and it does not say that it is such a file.
pub fn read(bytes: &[u8], now_us: i64) -> Result<Read, NotCookies> {
    let mut read = Read::default();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let http_only = line.starts_with(HTTP_ONLY);
        if line.trim_ascii().is_empty() || (line.starts_with(b"#") && !http_only) {
            continue;
        }
        let fields = line.strip_prefix(HTTP_ONLY).unwrap_or(line);
        let cookie = cookie(fields, now_us).map(|cookie| Cookie { http_only, ..cookie });
        read.take(|| format!("line {number}"), cookie);
    }
    let titled = TITLES.iter().any(|title| bytes.starts_with(title));
    match read.bad.first() {
        Some(bad) if read.cookies.is_empty() && !titled => {
            Err(NotCookies::NoLine { place: bad.place.clone(), reason: bad.reason.clone() })
        }
        _ => Ok(read),
    }
}

fn cookie(line: &[u8], now_us: i64) -> Result<Cookie, String> {
    let fields: Vec<_> = line.split(|byte| *byte == b'\t').take(9).collect();
    let [domain, subdomains, path, secure, expires, name, value] = fields[..] else {
        let count = if fields.len() > 8 { "more than 8".to_owned() } else { fields.len().to_string() };
        return Err(format!(
            "It has {count} fields between tabs, and should have 7: domain, TRUE or FALSE for subdomains, path, TRUE or FALSE for Secure, end, name, value."
        ));
    };
    let domain = std::str::from_utf8(domain).ok().and_then(site::host).ok_or("Its domain is none.")?;
    let path = match path {
        b"" => "/",
        _ => std::str::from_utf8(path)
            .ok()
            .filter(|path| path.starts_with('/'))
            .ok_or("Its path does not begin with a slash.")?,
    };
    Ok(Cookie {
        name: name.into(),
        value: value.into(),
        domain,
        host_only: !flag(subdomains).ok_or("Its second field is neither TRUE nor FALSE.")?,
        path: path.into(),
        secure: flag(secure).ok_or("Its fourth field is neither TRUE nor FALSE.")?,
        http_only: false,
        same_site: SameSite::Unset,
        partition: None,
        expires_us: end(expires).ok_or("Its end is no number of seconds since 1970.")?,
        created_us: now_us,
        guessed: false,
    })
}

fn flag(field: &[u8]) -> Option<bool> {
    match field.to_ascii_uppercase().as_slice() {
        b"TRUE" => Some(true),
        b"FALSE" => Some(false),
        _ => None,
    }
}

/// Seconds, of which some write fractions; 0, -1 and nothing stand for the end of the session.
fn end(field: &[u8]) -> Option<Option<i64>> {
    let text = std::str::from_utf8(field).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole {
        "" | "0" | "-1" if fraction.is_empty() => Some(None),
        _ if !fraction.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => {
            Some(Some(whole.parse::<u64>().ok()?.try_into().unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000)))
        }
    }
}

/// Writes a file that curl (`-b`), wget and Python read. What it cannot say of a cookie is lost: `SameSite` and when it came.
pub fn write<'a>(cookies: impl IntoIterator<Item = &'a Cookie>) -> Written {
    let mut written = Written { bytes: HEADER.to_vec(), left_out: Vec::new() };
    for cookie in cookies {
        if cookie.partition.is_some() {
            written.leave_out(cookie, "is partitioned, which cookies.txt cannot say: it would be sent everywhere");
            continue;
        }
        if cookie.name.contains(&b'\t') || cookie.value.contains(&b'\t') || cookie.path.contains(['\t', '\n', '\r']) {
            written.leave_out(cookie, "has a tab, which ends a field in cookies.txt");
            continue;
        }
        let flag = |set: bool| if set { "TRUE" } else { "FALSE" };
        let http_only = if cookie.http_only { "#HttpOnly_" } else { "" };
        let dot = if cookie.host_only { "" } else { "." };
        // Less than a second is not the end of the session.
        let end = cookie.expires_us.map_or(0, |at| (at / 1_000_000).max(1));
        let (domain, subdomains, path, secure) =
            (&cookie.domain, flag(!cookie.host_only), &cookie.path, flag(cookie.secure));
        let line = format!("{http_only}{dot}{domain}\t{subdomains}\t{path}\t{secure}\t{end}\t");
        written.bytes.extend_from_slice(line.as_bytes());
        written.bytes.extend_from_slice(&cookie.name);
        written.bytes.push(b'\t');
        written.bytes.extend_from_slice(&cookie.value);
        written.bytes.push(b'\n');
    }
    written
}
