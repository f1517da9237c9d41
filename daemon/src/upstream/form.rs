//! A request takes the form its connection's protocol wants.

use super::{Origin, connection::Forward};
use http::{
    HeaderMap, HeaderValue, Uri, Version,
    header::{self, HeaderName},
    request::Parts,
    uri::{PathAndQuery, Scheme},
};

/// Fields that mean something only to an HTTP/1 connection (RFC 9113, 8.2.2).
const CONNECTION_SPECIFIC: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Origin form with a Host field (RFC 9112, 3.2), unless the request is to stay as it was received.
pub(super) fn http1(parts: &mut Parts, origin: &Origin, as_received: bool) {
    let http2_client = parts.version == Version::HTTP_2;
    // An origin may answer an old client otherwise than a new one.
    parts.version = if parts.version == Version::HTTP_10 { Version::HTTP_10 } else { Version::HTTP_11 };
    if as_received {
        return;
    }
    let split_cookies = http2_client && parts.headers.get_all(header::COOKIE).iter().nth(1).is_some();
    let missing_host = !parts.headers.contains_key(header::HOST);
    if missing_host || split_cookies {
        let host = missing_host.then(|| authority(parts.uri.authority().map(|a| a.as_str()), origin)).flatten();
        parts.headers = with_host(&parts.headers, host, split_cookies);
    }
    if parts.uri.authority().is_some() {
        parts.uri = parts.uri.path_and_query().cloned().map_or(Uri::from_static("/"), Uri::from);
    }
}

/// Absolute form for a proxy that sends the request on (RFC 9112, 3.2.2), with who we are to it. Fields of the request that
/// would say the same are left as they are.
pub(super) fn forwarded(parts: &mut Parts, origin: &Origin, forward: &Forward) {
    if parts.uri.authority().is_none() {
        let mut target = http::uri::Parts::default();
        target.scheme = Some(Scheme::HTTP);
        let full = origin.authority();
        target.authority = full.strip_suffix(":80").unwrap_or(&full).parse().ok();
        target.path_and_query = parts.uri.path_and_query().cloned().or(Some(PathAndQuery::from_static("/")));
        if let Ok(uri) = Uri::from_parts(target) {
            parts.uri = uri;
        }
    }
    parts.headers.append(header::VIA, forward.via.clone());
    if let Some(authorization) = &forward.authorization
        && !parts.headers.contains_key(header::PROXY_AUTHORIZATION)
    {
        parts.headers.append(header::PROXY_AUTHORIZATION, authorization.clone());
    }
}

/// Takes what [`forwarded`] added out of a request that was read back: it may go another way the next time.
pub(super) fn back(parts: &mut Parts, forward: &Forward) {
    let ours = |name: &HeaderName, value: &HeaderValue| {
        (name == header::PROXY_AUTHORIZATION && forward.authorization.as_ref() == Some(value))
            || (name == header::VIA && *value == forward.via)
    };
    let mut kept = HeaderMap::with_capacity(parts.headers.len());
    for (name, value) in parts.headers.iter().filter(|(name, value)| !ours(name, value)) {
        kept.append(name.clone(), value.clone());
    }
    parts.headers = kept;
    if parts.headers.contains_key(header::HOST) {
        parts.uri = parts.uri.path_and_query().cloned().map_or(Uri::from_static("/"), Uri::from);
    }
}

/// Pseudo-fields from the target and the Host field; none of the connection's own fields.
pub(super) fn http2(parts: &mut Parts, origin: &Origin) {
    parts.version = Version::HTTP_2;
    let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok()).map(str::to_owned);
    let host = host.or_else(|| parts.uri.authority().map(|a| without_userinfo(a.as_str()).to_owned()));
    let drop = |name: &HeaderName| name == header::HOST || CONNECTION_SPECIFIC.contains(name);
    if parts.headers.keys().any(drop) {
        parts.headers = without(&parts.headers, drop);
    }
    let mut target = http::uri::Parts::default();
    target.scheme = Some(if origin.tls { Scheme::HTTPS } else { Scheme::HTTP });
    target.authority = host.and_then(|h| h.parse().ok()).or_else(|| origin.authority().parse().ok());
    target.path_and_query = parts.uri.path_and_query().cloned().or(Some(PathAndQuery::from_static("/")));
    if let Ok(uri) = Uri::from_parts(target) {
        parts.uri = uri;
    }
}

/// A copy in the same order. (`HeaderMap::remove` moves the last field into the hole.)
pub fn without(headers: &HeaderMap, drop: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !drop(name)) {
        kept.append(name.clone(), value.clone());
    }
    kept
}

/// HTTP/2 clients may split Cookie; HTTP/1 has it in one line (RFC 9113, 8.2.3).
fn with_host(headers: &HeaderMap, host: Option<HeaderValue>, join_cookies: bool) -> HeaderMap {
    let mut out = HeaderMap::with_capacity(headers.len() + 1);
    if let Some(host) = host {
        out.insert(header::HOST, host);
    }
    let pairs: Vec<_> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let joined = join_cookies.then(|| HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()).flatten();
    for (name, value) in headers {
        match (&joined, name == header::COOKIE) {
            (Some(joined), true) if !out.contains_key(header::COOKIE) => {
                out.insert(header::COOKIE, joined.clone());
            }
            (Some(_), true) => {}
            _ => {
                out.append(name.clone(), value.clone());
            }
        }
    }
    out
}

/// The authority of the target, or of the origin with the port only where it is not the scheme's own.
fn authority(target: Option<&str>, origin: &Origin) -> Option<HeaderValue> {
    if let Some(target) = target {
        return HeaderValue::from_str(without_userinfo(target)).ok();
    }
    let full = origin.authority();
    let default = if origin.tls { ":443" } else { ":80" };
    HeaderValue::from_str(full.strip_suffix(default).unwrap_or(&full)).ok()
}

/// `user:password@` belongs in no request (RFC 9110, 4.2.4; RFC 9113, 8.3.1).
fn without_userinfo(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(uri: &str, fields: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::get(uri).body(()).unwrap();
        for (name, value) in fields {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        request.into_parts().0
    }

    fn list(parts: &Parts) -> Vec<String> {
        list_of(&parts.headers)
    }

    fn list_of(headers: &HeaderMap) -> Vec<String> {
        headers.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect()
    }

    #[test]
    fn http_2_requests_get_one_host_and_one_cookie_on_http_1() {
        let mut p = parts("https://a.test/x?y", &[("cookie", "a=1"), ("x", "1"), ("cookie", "b=2")]);
        p.version = Version::HTTP_2;
        http1(&mut p, &Origin::new(true, "a.test", 443), false);
        assert_eq!(p.uri, "/x?y");
        assert_eq!(list(&p), ["host: a.test", "cookie: a=1; b=2", "x: 1"]);
    }

    #[test]
    fn host_is_kept_as_the_client_wrote_it() {
        let mut p = parts("http://a.test/", &[("accept", "*/*"), ("host", "b.test:80")]);
        http1(&mut p, &Origin::new(false, "a.test", 80), false);
        assert_eq!(list(&p), ["accept: */*", "host: b.test:80"]);
    }

    #[test]
    fn what_is_to_stay_as_it_was_received_stays() {
        let mut p = parts("http://a.test/x", &[("cookie", "a=1"), ("x", "1"), ("cookie", "b=2")]);
        p.version = Version::HTTP_10;
        let before = list(&p);
        http1(&mut p, &Origin::new(false, "b.test", 80), true);
        assert_eq!((p.version, list(&p)), (Version::HTTP_10, before));
        assert_eq!(p.uri, "http://a.test/x");
    }

    #[test]
    fn what_stands_before_the_host_of_a_url_goes_nowhere() {
        let mut p = parts("https://user:secret@a.test/x", &[]);
        http2(&mut p, &Origin::new(true, "a.test", 443));
        assert_eq!(p.uri, "https://a.test/x");
        let mut p = parts("http://user:secret@a.test:81/x", &[]);
        http1(&mut p, &Origin::new(false, "a.test", 81), false);
        assert_eq!((p.uri, list_of(&p.headers)), (Uri::from_static("/x"), vec!["host: a.test:81".to_owned()]));
    }

    #[test]
    fn http_1_requests_lose_connection_fields_on_http_2_and_keep_their_host_as_authority() {
        let fields = [("host", "B.test"), ("connection", "x"), ("te", "trailers"), ("transfer-encoding", "chunked")];
        let mut p = parts("/x", &fields);
        http2(&mut p, &Origin::new(true, "a.test", 8443));
        assert_eq!(p.uri, "https://B.test/x");
        assert_eq!(list(&p), ["te: trailers"]);
        let mut p = parts("/x", &[]);
        http2(&mut p, &Origin::new(true, "::1", 8443));
        assert_eq!(p.uri, "https://[::1]:8443/x");
    }
}
