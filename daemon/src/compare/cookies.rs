//! `Set-Cookie` where values and expiry are noise: which cookies are set, and with what attributes.

use super::{Part, difference::Found};
use std::collections::BTreeMap;

pub(super) fn compare(a: &[String], b: &[String], found: &mut Found) {
    let (a, b) = (cookies(a), cookies(b));
    let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
    for name in names {
        let (a, b) = (a.get(name), b.get(name));
        if let (Some(a), Some(b)) = (a, b)
            && a.lasting == b.lasting
        {
            found.ignore(u64::from(a.passing != b.passing));
            continue;
        }
        let shown = |cookie: Option<&Cookie>| cookie.map(|cookie| format!("{name}=…{}", cookie.lasting.concat()));
        found.add(Part::Header, || format!("set-cookie {name}"), shown(a), shown(b));
    }
}

#[derive(Default)]
struct Cookie {
    /// Attributes but for the expiry: `; secure`. In order.
    lasting: Vec<String>,
    /// Value and expiry.
    passing: Vec<String>,
}

/// By name; of several with one name, the last, as it wins.
fn cookies(fields: &[String]) -> BTreeMap<String, Cookie> {
    let mut cookies = BTreeMap::new();
    for field in fields {
        let mut pieces = field.split(';').map(str::trim);
        let pair = pieces.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let mut cookie = Cookie { lasting: Vec::new(), passing: vec![value.trim().to_owned()] };
        for attribute in pieces.filter(|piece| !piece.is_empty()) {
            let (key, value) = attribute.split_once('=').map_or((attribute, None), |(key, value)| (key, Some(value)));
            let key = key.trim().to_ascii_lowercase();
            match (key.as_str(), value) {
                ("expires" | "max-age", _) => cookie.passing.push(attribute.to_owned()),
                (_, None) => cookie.lasting.push(format!("; {key}")),
                (_, Some(value)) => cookie.lasting.push(format!("; {key}={}", value.trim())),
            }
        }
        cookie.lasting.sort_unstable();
        cookies.insert(name.trim().to_owned(), cookie);
    }
    cookies
}
