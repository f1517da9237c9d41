//! Requests that are made here take the same path as everybody's.

use super::{Engine, blocking};
use crate::exchange::{
    Asker,
    run::{Answered, run_noting, target},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use std::sync::Arc;
use waylay_storage::{
    StoreError,
    model::{ExchangeId, Source},
};

/// A request to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Any token.
    pub method: String,
    /// `http://` or `https://`; without a scheme `http://` is meant.
    pub url: String,
    /// In order. `Content-Length` and `Transfer-Encoding` follow from the body and are left out.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body as it is to be sent.
    pub body: Bytes,
    /// Who asks.
    pub source: Source,
}

/// Why a request was not even tried. What fails on the way is a row instead.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Engine {
    /// Sends a request, reads the whole answer, and returns its row once that is stored.
    pub async fn send(&self, out: Outgoing) -> Result<ExchangeId, SendError> {
        let request = build(&out)?;
        let asker = Asker {
            source: out.source,
            recording: Arc::clone(&self.sender.recording),
            connection: None,
            origin: None,
            heads: None,
            pool: Arc::clone(&self.sender.pool),
            tasks: self.tasks.clone(),
            stopping: self.stopping.clone(),
        };
        let origin = target(&asker, request.uri()).ok_or_else(|| bad_url(&out.url))?;
        let Answered { response, row, finished } = run_noting(&asker, origin, request).await;
        let mut body = response.into_body();
        // The recorder sees what passes, and how it ends; nobody else reads it here.
        while let Some(Ok(_)) = body.frame().await {}
        drop(body);
        if let Some(finished) = finished {
            let _ = finished.await;
        }
        let store = Arc::clone(&self.store);
        let stored = |e: StoreError| SendError {
            message: format!("the request was sent, but its row could not be stored: {e}"),
            hint: "look at the disk's free space and at `waylay status`".to_owned(),
        };
        blocking(move || store.flush()).await.map_err(stored)?;
        // What is sent is always recorded: session 0 cannot be switched off.
        row.ok_or_else(|| stored(StoreError::Closed))
    }
}

fn build(out: &Outgoing) -> Result<Request<Full<Bytes>>, SendError> {
    let method = Method::from_bytes(out.method.as_bytes()).map_err(|_| SendError {
        message: format!("'{}' is not a method", out.method),
        hint: "a method is a word without spaces, such as GET".to_owned(),
    })?;
    if method == Method::CONNECT {
        return Err(SendError {
            message: "CONNECT opens a tunnel and cannot be sent as a request".to_owned(),
            hint: "send the request that went through the tunnel instead".to_owned(),
        });
    }
    let mut request = Request::new(Full::new(out.body.clone()));
    *request.method_mut() = method;
    *request.uri_mut() = url(&out.url)?;
    for (name, value) in &out.headers {
        let bad = |what: &str| SendError {
            message: format!("the header '{}' has {what}", name.escape_debug()),
            hint: "names are words without spaces or colons; values hold no line breaks".to_owned(),
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("an impossible name"))?;
        if name == header::CONTENT_LENGTH || name == header::TRANSFER_ENCODING {
            continue;
        }
        let value = HeaderValue::from_bytes(value).map_err(|_| bad("a value that cannot be sent"))?;
        request.headers_mut().append(name, value);
    }
    Ok(request)
}

fn url(text: &str) -> Result<Uri, SendError> {
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    // A fragment stays with whoever asks (RFC 9110, 4.2.5).
    let sent = full.split_once('#').map_or(full.as_str(), |(before, _)| before);
    let uri: Uri = sent.parse().map_err(|_| bad_url(text))?;
    let known = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty());
    if known { Ok(uri) } else { Err(bad_url(text)) }
}

fn bad_url(text: &str) -> SendError {
    SendError {
        message: format!("'{}' is not a URL that can be sent to", text.escape_debug()),
        hint: "write http://host/path or https://host/path; spaces and non-ASCII letters percent-encoded".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(method: &str, url: &str, headers: &[(&str, &str)]) -> Outgoing {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec())).collect();
        Outgoing { method: method.into(), url: url.into(), headers, body: Bytes::new(), source: Source::Send }
    }

    #[test]
    fn urls_are_completed_but_not_guessed() {
        assert_eq!(url("a.test/x").unwrap(), "http://a.test/x");
        assert_eq!(url(" https://a.test:8443/x?y#z ").unwrap(), "https://a.test:8443/x?y");
        for bad in ["", "ftp://a.test/", "http://", "http://a b/", "/path", "http://\u{e9}.test/"] {
            assert!(url(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_cannot_be_sent_says_so() {
        for (request, word) in [
            (out("GE T", "http://a.test", &[]), "method"),
            (out("CONNECT", "http://a.test", &[]), "tunnel"),
            (out("GET", "http://a.test", &[("a b", "1")]), "name"),
            (out("GET", "http://a.test", &[("a", "1\r\nb: 2")]), "value"),
        ] {
            let error = build(&request).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        let request =
            build(&out("PURGE", "http://a.test/", &[("X-A", "1"), ("Content-Length", "9"), ("x-a", "2")])).unwrap();
        assert_eq!(request.headers().get_all("x-a").iter().count(), 2);
        assert!(!request.headers().contains_key("content-length"));
    }
}
