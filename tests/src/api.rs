//! A client of the control API that can be as wrong as a test wants it to be.

use crate::{
    client::{Answer, full, raw},
    wait,
};
use http::{Method, Request};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;

/// The API at one address, with or without a token.
#[derive(Clone)]
pub struct Api {
    address: SocketAddr,
    token: Option<String>,
}

impl Api {
    /// A client with the token of the data folder.
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: Some(token.to_owned()) }
    }

    /// The same without any credential.
    pub fn anonymous(&self) -> Self {
        Self { address: self.address, token: None }
    }

    /// Gets JSON from `/api/v1{path}`; panics unless it is a 200.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, &[], "").await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text());
        answer.json()
    }

    /// Posts JSON to `/api/v1{path}`.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, &[("content-type", "application/json")], &body.to_string()).await
    }

    /// Any request to `/api/v1{path}`: `Host` is the address and the token is sent, unless `headers` have their own
    /// `host` or `authorization`.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.request(method, &format!("/api/v1{path}"), headers, body).await
    }

    /// [`Api::ask`] for any path of the listener.
    pub async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let what = format!("an answer to {method} {path}");
        let own = |name: &str| headers.iter().any(|(n, _)| *n == name);
        let mut request = Request::builder().method(method).uri(path);
        if !own("host") {
            request = request.header("host", self.address.to_string());
        }
        if let Some(token) = self.token.as_ref().filter(|_| !own("authorization")) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(full(body.to_owned())).expect("a request");
        wait::within(&what, async {
            let socket = raw::connect(self.address).await;
            let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.expect("a connection");
            tokio::spawn(connection);
            let response = sender.send_request(request).await.unwrap_or_else(|e| panic!("{what}: {e}"));
            Answer::read(response).await.unwrap_or_else(|e| panic!("{what}: {e}"))
        })
        .await
    }
}
