//! A cookie as an object of JSON: what the forms that have it so agree about.

use super::Written;
use crate::cookies::{Cookie, SameSite, site};
use serde_json::{Map, Value};

/// The members that all of them have. Which domain is for subdomains too, when it ends and with what it is sent differs.
pub(super) fn cookie(members: &Map<String, Value>, now_us: i64) -> Result<Cookie, String> {
    let text = |name: &str| match members.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        None | Some(Value::Null) => Err(format!("It has no {name:?}.")),
        Some(_) => Err(format!("Its {name:?} is no text.")),
    };
    let domain = text("domain")?;
    let path = if members.contains_key("path") { text("path")? } else { "/" };
    if !path.starts_with('/') {
        return Err("Its \"path\" does not begin with a slash.".into());
    }
    Ok(Cookie {
        name: text("name")?.into(),
        value: text("value")?.into(),
        domain: site::host(domain).ok_or("Its \"domain\" is none.")?,
        host_only: !domain.starts_with('.'),
        path: path.into(),
        secure: flag(members, "secure")?.unwrap_or(false),
        http_only: flag(members, "httpOnly")?.unwrap_or(false),
        same_site: SameSite::Unset,
        partition: None,
        expires_us: None,
        created_us: now_us,
        guessed: false,
    })
}

/// A member that is true or false.
pub(super) fn flag(members: &Map<String, Value>, name: &str) -> Result<Option<bool>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(set)) => Ok(Some(*set)),
        Some(_) => Err(format!("Its {name:?} is neither true nor false.")),
    }
}

/// A member in seconds since 1970, also fractions, as microseconds.
pub(super) fn end(members: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        // The conversion keeps to what there is room for.
        Some(Value::Number(seconds)) => Ok(seconds.as_f64().map(|seconds| (seconds * 1e6).round() as i64)),
        Some(_) => Err(format!("Its {name:?} is no number of seconds since 1970.")),
    }
}

/// Seconds since 1970.
pub(super) fn seconds(expires_us: i64) -> Value {
    if expires_us % 1_000_000 == 0 { (expires_us / 1_000_000).into() } else { (expires_us as f64 / 1e6).into() }
}

/// Name and value as text. Where they are none, the cookie is left out.
pub(super) fn texts<'a>(cookie: &'a Cookie, written: &mut Written) -> Option<(&'a str, &'a str)> {
    let texts = std::str::from_utf8(&cookie.name).ok().zip(std::str::from_utf8(&cookie.value).ok());
    if texts.is_none() {
        written.leave_out(cookie, "has bytes that are no UTF-8, which JSON cannot hold");
    }
    texts
}

/// The domain as it is in these forms: with a leading dot, if it is for subdomains too.
pub(super) fn domain(cookie: &Cookie) -> String {
    format!("{}{}", if cookie.host_only { "" } else { "." }, cookie.domain)
}
