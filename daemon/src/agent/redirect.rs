//! Where a response sends one on, and with what (RFC 9110, 15.4).

use super::SendError;
use crate::request::Settings;
use url::Url;

/// As many in a row, by themselves.
pub(super) const USUAL: u32 = 10;

/// A request that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Onward {
    /// Where to.
    pub url: Url,
    /// Whether GET takes the place of the method, and nothing that of the body.
    pub as_get: bool,
    /// Whether it is another origin: scheme, host or port differ.
    pub leaves: bool,
}

/// What a response with `status` and `location` to a request for `from` asks for; `None` if it is an answer.
pub(super) fn onward(
    settings: &Settings,
    method: &str,
    from: &Url,
    status: u16,
    location: Option<&[u8]>,
) -> Result<Option<Onward>, SendError> {
    if !settings.follow_redirects.unwrap_or(true) || !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = location else { return Ok(None) };
    let shown = String::from_utf8_lossy(location).into_owned();
    let stays = || {
        let message =
            format!("The redirect to '{}' was not followed: that is no http or https URL.", shown.escape_debug());
        SendError::new("redirect", "bad location", message, "look at the answer's Location, or turn redirects off")
    };
    let mut url = from.join(&shown).map_err(|_| stays())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(stays());
    }
    if url.fragment().is_none() {
        // RFC 9110, 10.2.2.
        url.set_fragment(from.fragment());
    }
    // RFC 9110, 15.4.2 to 15.4.4: what everybody does for POST alone, 303 for all but HEAD.
    let changes = match status {
        301 | 302 => method == "POST",
        303 => !matches!(method, "GET" | "HEAD"),
        _ => false,
    };
    let as_get = changes && !settings.keep_method.unwrap_or(false);
    Ok(Some(Onward { as_get, leaves: url.origin() != from.origin(), url }))
}

/// Whether a field stays when the request goes on.
pub(super) fn stays(settings: &Settings, onward: &Onward, name: &str, credential: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let of_body = name.starts_with("content-") || matches!(name.as_str(), "transfer-encoding" | "expect" | "trailer");
    let secret = matches!(name.as_str(), "authorization" | "cookie" | "proxy-authorization")
        || (!credential.is_empty() && name.eq_ignore_ascii_case(credential));
    let kept = settings.keep_authorization.unwrap_or(false) && name != "cookie";
    let here = !matches!(name.as_str(), "host" | "referer");
    here && !(onward.as_get && of_body) && !(onward.leaves && secret && !kept)
}

/// What `Referer` says of where the request came from (RFC 9110, 10.1.3): nothing to a place that others can listen to.
pub(super) fn referer(settings: &Settings, from: &Url, to: &Url) -> Option<String> {
    if settings.strip_referer.unwrap_or(false) || (from.scheme() == "https" && to.scheme() == "http") {
        return None;
    }
    let mut from = from.clone();
    from.set_fragment(None);
    // A URL with a host can always lose these.
    let _ = from.set_username("");
    let _ = from.set_password(None);
    Some(from.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn methods_are_kept_but_where_everybody_changes_them() {
        let from = url("http://a.test/x");
        for (status, method, keep, as_get) in [
            (301, "POST", false, Some(true)),
            (302, "POST", false, Some(true)),
            (301, "PUT", false, Some(false)),
            (302, "DELETE", false, Some(false)),
            (303, "PUT", false, Some(true)),
            (303, "HEAD", false, Some(false)),
            (303, "GET", false, Some(false)),
            (307, "POST", false, Some(false)),
            (308, "POST", false, Some(false)),
            (301, "POST", true, Some(false)),
            (303, "POST", true, Some(false)),
            (300, "GET", false, None),
            (304, "GET", false, None),
            (200, "GET", false, None),
        ] {
            let settings = Settings { keep_method: Some(keep), ..Settings::default() };
            let found = onward(&settings, method, &from, status, Some(b"/y")).unwrap();
            assert_eq!(found.as_ref().map(|o| o.as_get), as_get, "{status} {method}");
        }
        let off = Settings { follow_redirects: Some(false), ..Settings::default() };
        assert_eq!(onward(&off, "GET", &from, 302, Some(b"/y")).unwrap(), None);
        assert_eq!(onward(&Settings::default(), "GET", &from, 302, None).unwrap(), None);
    }

    #[test]
    fn locations_are_resolved_and_only_http_is_followed() {
        let from = url("https://a.test/x/y?z#f");
        let to = |location: &str| onward(&Settings::default(), "GET", &from, 302, Some(location.as_bytes()));
        for (location, expected, leaves) in [
            ("../w", "https://a.test/w#f", false),
            ("//b.test/", "https://b.test/#f", true),
            ("http://a.test/#g", "http://a.test/#g", true),
            ("https://a.test:443/", "https://a.test/#f", false),
            ("https://a.test:444/", "https://a.test:444/#f", true),
        ] {
            let found = to(location).unwrap().unwrap();
            assert_eq!((found.url.as_str(), found.leaves), (expected, leaves), "{location}");
        }
        for bad in ["file:///etc/passwd", "javascript:alert(1)", "http://", "https://a b/"] {
            assert_eq!(to(bad).unwrap_err().stage, "redirect", "{bad}");
        }
    }

    #[test]
    fn credentials_stay_with_their_origin_and_bodies_with_their_method() {
        let go = |as_get, leaves| Onward { url: url("http://b.test/"), as_get, leaves };
        let usual = Settings::default();
        let keep = Settings { keep_authorization: Some(true), ..Settings::default() };
        for (settings, onward, name, expected) in [
            (&usual, go(false, false), "Authorization", true),
            (&usual, go(false, true), "Authorization", false),
            (&usual, go(false, true), "cookie", false),
            (&usual, go(false, true), "X-Key", false),
            (&usual, go(false, true), "X-Other", true),
            (&keep, go(false, true), "Authorization", true),
            (&keep, go(false, true), "Cookie", false),
            (&usual, go(true, false), "Content-Type", false),
            (&usual, go(false, false), "Content-Type", true),
            (&usual, go(false, false), "Host", false),
        ] {
            assert_eq!(stays(settings, &onward, name, "x-key"), expected, "{name}");
        }
        let from = url("https://u:p@a.test/x#f");
        assert_eq!(referer(&usual, &from, &url("https://b.test/")).as_deref(), Some("https://a.test/x"));
        assert_eq!(referer(&usual, &from, &url("http://b.test/")), None);
        let strip = Settings { strip_referer: Some(true), ..Settings::default() };
        assert_eq!(referer(&strip, &from, &url("https://b.test/")), None);
    }
}
