//! Heads in the stored form where no HTTP/1 bytes exist: HTTP/2, and requests hudsucker's own server has read.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, Version, header, response};
use waylay_storage::model::{Field, Head};

/// A request head. The authority of an HTTP/2 request, which has no Host field, is written as one.
pub fn request(method: &Method, uri: &Uri, http: Version, headers: &HeaderMap) -> Bytes {
    let target = match (http, uri.path_and_query()) {
        (Version::HTTP_2, Some(path)) => path.as_str().to_owned(),
        _ => uri.to_string(),
    };
    let mut out = Vec::with_capacity(64 + target.len() + weight(headers));
    for piece in [method.as_str(), " ", &target, " ", version(http), "\r\n"] {
        out.extend_from_slice(piece.as_bytes());
    }
    if let (Version::HTTP_2, Some(authority), false) = (http, uri.authority(), headers.contains_key(header::HOST)) {
        field(&mut out, b"host", authority.as_str().as_bytes());
    }
    fields(&mut out, headers);
    out.extend_from_slice(b"\r\n");
    out.into()
}

/// The request head `packed`, with the names of its fields in the letters they have in `wire`, the same head as it went
/// on: hyper's server keeps them for whoever sends the request further, and shows them to nobody else.
pub fn lettered_as(packed: &Bytes, wire: &Bytes) -> Bytes {
    let (ours, mut theirs) = (Head::parse(packed), Head::parse(wire).fields);
    let mut out = Vec::with_capacity(packed.len());
    out.extend_from_slice(&ours.line);
    out.extend_from_slice(b"\r\n");
    for ours in &ours.fields {
        let same = |theirs: &Field| theirs.value == ours.value && theirs.name.eq_ignore_ascii_case(&ours.name);
        let name = match theirs.iter().position(same) {
            Some(at) => theirs.remove(at).name,
            None => ours.name.clone(),
        };
        field(&mut out, &name, &ours.value);
    }
    out.extend_from_slice(b"\r\n");
    out.into()
}

/// A response head.
pub fn response(parts: &response::Parts) -> Bytes {
    let mut out = Vec::with_capacity(32 + weight(&parts.headers));
    out.extend_from_slice(version(parts.version).as_bytes());
    out.push(b' ');
    out.extend_from_slice(parts.status.as_str().as_bytes());
    if let (true, Some(reason)) = (parts.version != Version::HTTP_2, StatusCode::canonical_reason(&parts.status)) {
        out.push(b' ');
        out.extend_from_slice(reason.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    fields(&mut out, &parts.headers);
    out.extend_from_slice(b"\r\n");
    out.into()
}

/// A trailer section.
pub fn trailers(map: &HeaderMap) -> Bytes {
    let mut out = Vec::with_capacity(weight(map));
    fields(&mut out, map);
    out.into()
}

fn fields(out: &mut Vec<u8>, map: &HeaderMap) {
    for (name, value) in map {
        field(out, name.as_str().as_bytes(), value.as_bytes());
    }
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    for piece in [name, b": ", value, b"\r\n"] {
        out.extend_from_slice(piece);
    }
}

fn weight(map: &HeaderMap) -> usize {
    map.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Request, Response};

    #[test]
    fn names_get_the_letters_they_went_on_with() {
        let packed = Bytes::from_static(
            b"GET http://a.test/ HTTP/1.1\r\nhost: a.test\r\nx-a: 1\r\nx-a: 2\r\nproxy-connection: keep-alive\r\n\r\n",
        );
        let wire = Bytes::from_static(b"GET / HTTP/1.1\r\nHoSt: a.test\r\nX-a: 2\r\nx-A: 1\r\n\r\n");
        assert_eq!(
            lettered_as(&packed, &wire),
            "GET http://a.test/ HTTP/1.1\r\nHoSt: a.test\r\nx-A: 1\r\nX-a: 2\r\nproxy-connection: keep-alive\r\n\r\n"
        );
    }

    #[test]
    fn http_2_heads_are_written_like_http_1() {
        let (parts, ()) = Request::get("https://a.test/x?y=1")
            .version(Version::HTTP_2)
            .header("x-a", "1")
            .header("x-a", "2")
            .body(())
            .unwrap()
            .into_parts();
        assert_eq!(
            request(&parts.method, &parts.uri, parts.version, &parts.headers),
            "GET /x?y=1 HTTP/2\r\nhost: a.test\r\nx-a: 1\r\nx-a: 2\r\n\r\n"
        );
        let (parts, ()) = Response::builder().version(Version::HTTP_2).status(404).body(()).unwrap().into_parts();
        assert_eq!(response(&parts), "HTTP/2 404\r\n\r\n");
    }
}
