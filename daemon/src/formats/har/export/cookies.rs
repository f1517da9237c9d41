//! `Cookie` and `Set-Cookie` fields as HAR's cookies.

use serde::Serialize;

/// A cookie. Source: RFC 6265, 4.1 and 4.2.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cookie<'a> {
    name: &'a str,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    http_only: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<&'a str>,
}

/// Those of a request's fields.
pub(super) fn sent(fields: &[(String, String)]) -> Vec<Cookie<'_>> {
    let values = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")).map(|(_, value)| value);
    values.flat_map(|value| value.split(';')).map(str::trim).filter(|pair| !pair.is_empty()).map(pair).collect()
}

/// Those that a response sets.
pub(super) fn set(fields: &[(String, String)]) -> Vec<Cookie<'_>> {
    fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| one(value)).collect()
}

fn pair(text: &str) -> Cookie<'_> {
    let (name, value) = text.split_once('=').unwrap_or(("", text));
    Cookie { name: name.trim(), value: value.trim(), ..Cookie::default() }
}

fn one(value: &str) -> Cookie<'_> {
    let mut parts = value.split(';');
    let mut cookie = pair(parts.next().unwrap_or_default());
    for attribute in parts {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "path" => cookie.path = Some(value),
            "domain" => cookie.domain = Some(value),
            "expires" => cookie.expires = date(value),
            "httponly" => cookie.http_only = true,
            "secure" => cookie.secure = true,
            "samesite" => cookie.same_site = Some(value),
            _ => {}
        }
    }
    cookie
}

/// HAR wants ISO 8601. Dates that RFC 9110, 5.6.7 does not know are left out; the field itself has them.
fn date(text: &str) -> Option<String> {
    let text = text.replace('-', " ");
    let time = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(&text).ok()?;
    Some(time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(cookies: Vec<Cookie<'_>>) -> String {
        serde_json::to_string(&cookies).unwrap()
    }

    #[test]
    fn cookies_are_read_from_their_fields() {
        let fields = [("COOKIE".to_owned(), "a=1; b=x=y ;c;".to_owned()), ("Accept".to_owned(), "d=4".to_owned())];
        assert_eq!(
            json(sent(&fields)),
            r#"[{"name":"a","value":"1"},{"name":"b","value":"x=y"},{"name":"","value":"c"}]"#
        );
        let fields = [
            "a=1; Path=/; Domain=x.test; Expires=Wed, 21 Oct 2015 07:28:00 GMT; HttpOnly",
            "b=2;secure;SameSite=Lax;expires=Wed, 21-Oct-2015 07:28:00 GMT",
            "c=3; expires=never",
        ]
        .map(|value| ("Set-Cookie".to_owned(), value.to_owned()));
        assert_eq!(
            json(set(&fields)),
            r#"[{"name":"a","value":"1","path":"/","domain":"x.test","expires":"2015-10-21T07:28:00Z","httpOnly":true},"#.to_owned()
                + r#"{"name":"b","value":"2","expires":"2015-10-21T07:28:00Z","secure":true,"sameSite":"Lax"},"#
                + r#"{"name":"c","value":"3"}]"#
        );
    }
}
