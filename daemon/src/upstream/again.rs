//! A request made from the bytes of its head: one that is to be sent once more, or one that is made here.
//!
//! Keeping a copy of every request in case its connection turns out to be closed would cost more than all that is
//! done with the copy: what was written to the wire is known already. And only hyper's own reader keeps the letters of
//! names in a way that its writer understands.

use super::http1::MAX_FIELDS;
use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Empty;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io::Cursor, sync::Mutex};

/// The head of a request without a body, read as hyper's own server reads it, so that the names keep their case.
/// `None` if it is none, or has more than 256 fields.
pub async fn parts(head: Bytes) -> Option<Parts> {
    let found = Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        if let Ok(mut found) = found.lock() {
            *found = Some(request.into_parts().0);
        }
        async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
    });
    let wire = tokio::io::join(Cursor::new(head), tokio::io::sink());
    let mut server = http1::Builder::new();
    server.preserve_header_case(true).max_headers(MAX_FIELDS);
    // It ends with the bytes; how is of no interest.
    let _ = server.serve_connection(TokioIo::new(wire), service).await;
    found.into_inner().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_head_is_read_back() {
        let head = Bytes::from_static(b"GET /a?b HTTP/1.1\r\nHoSt: x.test\r\nX-a: 1\r\nx-A: 2\r\n\r\n");
        let parts = parts(head).await.unwrap();
        assert_eq!((parts.method.as_str(), parts.uri.to_string().as_str()), ("GET", "/a?b"));
        assert_eq!(parts.headers.get_all("x-a").iter().count(), 2);
        assert!(super::parts(Bytes::from_static(b"no head")).await.is_none());
    }
}
