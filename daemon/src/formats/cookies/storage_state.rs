//! Playwright's storage state: `{"cookies": [...], "origins": [...]}`.

use super::{NotCookies, Read, Written, fields, json};
use crate::cookies::{Cookie, SameSite, site};
use serde_json::{Map, Value, json};
use url::Url;

/// Reads a file; `now_us` is when its cookies came. What pages have kept besides (`origins`) is left out.
///
/// # Errors
/// If it is no JSON, or none with cookies.
pub fn read(bytes: &[u8], now_us: i64) -> Result<Read, NotCookies> {
    let file = json(bytes)?;
    let Some(Value::Array(cookies)) = file.get("cookies") else {
        return Err(NotCookies::OtherJson("it has no list \"cookies\", as Playwright's storage state has"));
    };
    let mut read = Read::default();
    for (number, value) in cookies.iter().enumerate() {
        let members = value.as_object().ok_or_else(|| "It is no object.".to_owned());
        read.take(|| format!("$.cookies[{number}]"), members.and_then(|members| cookie(members, now_us)));
    }
    let origins = file.get("origins").and_then(Value::as_array).map_or(0, Vec::len);
    if origins > 0 {
        read.notes.push(format!("What pages of {origins} origins keep besides cookies (\"origins\") was left out."));
    }
    Ok(read)
}

fn cookie(members: &Map<String, Value>, now_us: i64) -> Result<Cookie, String> {
    let same_site = match members.get("sameSite").map(|value| value.as_str().unwrap_or("?")) {
        None | Some("") => SameSite::Unset,
        Some("None") => SameSite::None,
        Some("Lax") => SameSite::Lax,
        Some("Strict") => SameSite::Strict,
        Some(_) => return Err("Its \"sameSite\" is neither Strict nor Lax nor None.".into()),
    };
    let partition = match members.get("partitionKey") {
        None | Some(Value::Null) => None,
        Some(key) => {
            let url = key.as_str().and_then(|key| Url::parse(key).ok());
            Some(url.as_ref().and_then(site::site).ok_or("Its \"partitionKey\" is no site (https://example.com).")?)
        }
    };
    let expires_us = fields::end(members, "expires")?.filter(|at| *at != -1_000_000);
    Ok(Cookie { same_site, partition, expires_us, ..fields::cookie(members, now_us)? })
}

/// Writes a file that Playwright reads, for which a cookie without `SameSite` is one with `Lax`.
pub fn write<'a>(cookies: impl IntoIterator<Item = &'a Cookie>) -> Written {
    let mut written = Written::default();
    let mut list = Vec::new();
    for cookie in cookies {
        let Some((name, value)) = fields::texts(cookie, &mut written) else { continue };
        let mut object = json!({
            "name": name,
            "value": value,
            "domain": fields::domain(cookie),
            "path": cookie.path,
            "expires": cookie.expires_us.map_or((-1).into(), fields::seconds),
            "httpOnly": cookie.http_only,
            "secure": cookie.secure,
            "sameSite": match cookie.same_site {
                SameSite::None => "None",
                SameSite::Unset | SameSite::Lax => "Lax",
                SameSite::Strict => "Strict",
            },
        });
        if let Some(partition) = &cookie.partition {
            object["partitionKey"] = partition.as_str().into();
        }
        list.push(object);
    }
    written.bytes = format!("{:#}\n", json!({ "cookies": list, "origins": [] })).into_bytes();
    written
}
