//! Who broke off is said rightly for every pair of protocols.

use bytes::Bytes;
use futures_util::StreamExt;
use http::Request;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::io;
use waylay_tests::{
    client::{Link, Speak},
    daemon::Daemon,
    origin::Origin,
    rows, wait,
};

#[tokio::test]
async fn a_client_that_breaks_off_its_own_upload_is_named() {
    let daemon = Daemon::start().await;
    for (speak, alpn) in
        [(Speak::Http1, "http/1.1"), (Speak::Http1, "h2"), (Speak::Http2, "http/1.1"), (Speak::Http2, "h2")]
    {
        let origin = Origin::tls(&[alpn]).await;
        let url = origin.url("/echo");
        let mut link = Link::open(&daemon, &url, speak).await;
        let (cut, is_cut) = tokio::sync::oneshot::channel::<()>();
        let first = futures_util::stream::iter([Ok(Frame::data(Bytes::from_static(b"only this")))]);
        let then = futures_util::stream::once(async move {
            let _ = is_cut.await;
            Err(io::Error::other("the client breaks off"))
        });
        let body = StreamBody::new(first.chain(then)).boxed_unsync();
        let request = Request::post(&url).body(body).unwrap();
        let sending = tokio::spawn(async move { link.send(request).await.map(|_| link) });
        wait::until("the origin to have some", || async { (origin.notes().received() == 9).then_some(()) }).await;
        cut.send(()).unwrap();
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert!(rows::failure(&row).starts_with("client request "), "{speak:?} to {alpn}: {row}");
        let _ = sending.await;
        let seen = wait::until("the origin to notice", || async { origin.notes().requests().pop() }).await;
        assert!(!seen.complete, "{speak:?} to {alpn}");
    }
}
