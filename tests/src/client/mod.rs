//! Clients of the proxy.
//!
//! - [`raw`]: sockets, tunnels and TLS, for exact bytes
//! - [`link`]: one HTTP connection through the proxy to one origin, HTTP/1.1 or HTTP/2
//! - [`answer`]: a response read to its end
//! - [`ways`]: the ways exact bytes can take to an origin
//! - [`frames`]: HTTP/2 frame by frame

pub mod answer;
pub mod frames;
pub mod link;
pub mod raw;
pub mod ways;

pub use answer::Answer;
pub use link::{Link, Speak, empty, full};

use crate::{daemon::Daemon, wait};

/// Gets `url` through the daemon's proxy, over a connection of its own, speaking HTTP/1.1.
pub async fn get(daemon: &Daemon, url: &str) -> Answer {
    let request = http::Request::get(url).body(empty()).expect("a request");
    fetch(daemon, Speak::Http1, request).await
}

/// Sends one request, whose target is a whole URL, over a connection of its own.
pub async fn fetch(daemon: &Daemon, speak: Speak, request: http::Request<link::Body>) -> Answer {
    let what = format!("an answer to {} {}", request.method(), request.uri());
    wait::within(&what, async {
        let mut link = Link::open(daemon, &request.uri().to_string(), speak).await;
        let response = link.send(request).await.unwrap_or_else(|e| panic!("no answer: {e}"));
        Answer::read(response).await.unwrap_or_else(|e| panic!("the answer broke off: {e}"))
    })
    .await
}
