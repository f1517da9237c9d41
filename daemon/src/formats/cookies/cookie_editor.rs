//! The lists of the browser extensions Cookie-Editor and EditThisCookie.

use super::{NotCookies, Read, Written, fields, json};
use crate::cookies::{Cookie, SameSite};
use serde_json::{Map, Value, json};

/// Reads a file; `now_us` is when its cookies came.
///
/// # Errors
/// If it is no JSON, or no list.
pub fn read(bytes: &[u8], now_us: i64) -> Result<Read, NotCookies> {
    let Value::Array(cookies) = json(bytes)? else {
        return Err(NotCookies::OtherJson("it is no list, as Cookie-Editor writes"));
    };
    let mut read = Read::default();
    for (number, value) in cookies.iter().enumerate() {
        let members = value.as_object().ok_or_else(|| "It is no object.".to_owned());
        read.take(|| format!("$[{number}]"), members.and_then(|members| cookie(members, now_us)));
    }
    Ok(read)
}

fn cookie(members: &Map<String, Value>, now_us: i64) -> Result<Cookie, String> {
    let same_site = match members.get("sameSite") {
        None | Some(Value::Null) => SameSite::Unset,
        Some(value) => match value.as_str().unwrap_or("?").to_ascii_lowercase().as_str() {
            "unspecified" | "" => SameSite::Unset,
            "no_restriction" | "none" => SameSite::None,
            "lax" => SameSite::Lax,
            "strict" => SameSite::Strict,
            _ => return Err("Its \"sameSite\" is neither strict nor lax nor no_restriction nor unspecified.".into()),
        },
    };
    let session = fields::flag(members, "session")?.unwrap_or(false);
    let expires_us = fields::end(members, "expirationDate")?.filter(|_| !session);
    let cookie = fields::cookie(members, now_us)?;
    let host_only = fields::flag(members, "hostOnly")?.unwrap_or(cookie.host_only);
    Ok(Cookie { same_site, expires_us, host_only, ..cookie })
}

/// Writes a file that Cookie-Editor reads.
pub fn write<'a>(cookies: impl IntoIterator<Item = &'a Cookie>) -> Written {
    let mut written = Written::default();
    let mut list = Vec::new();
    for cookie in cookies {
        if cookie.partition.is_some() {
            written.leave_out(cookie, "is partitioned, which this form cannot say: it would be sent everywhere");
            continue;
        }
        let Some((name, value)) = fields::texts(cookie, &mut written) else { continue };
        let mut object = json!({
            "domain": fields::domain(cookie),
            "hostOnly": cookie.host_only,
            "httpOnly": cookie.http_only,
            "name": name,
            "path": cookie.path,
            "sameSite": match cookie.same_site {
                SameSite::Unset => "unspecified",
                SameSite::None => "no_restriction",
                SameSite::Lax => "lax",
                SameSite::Strict => "strict",
            },
            "secure": cookie.secure,
            "session": cookie.expires_us.is_none(),
            "storeId": null,
            "value": value,
        });
        if let Some(at) = cookie.expires_us {
            object["expirationDate"] = fields::seconds(at);
        }
        list.push(object);
    }
    written.bytes = format!("{:#}\n", Value::Array(list)).into_bytes();
    written
}
