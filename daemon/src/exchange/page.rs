//! What the client gets when there is no answer to pass on: the stage and the reason in plain words.

use super::ResponseBody;
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::Full;
use waylay_storage::model::{Failure, Side, Stage};

/// Who gets the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A person, by way of a browser.
    Browser,
    /// A program, or a person at a terminal.
    Program,
    /// The answer to HEAD has no body (RFC 9110, 9.3.2).
    Head,
}

impl Reader {
    /// Told by what was asked for.
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
        match (method, accept) {
            (&Method::HEAD, _) => Self::Head,
            (_, Some(accept)) if accept.contains("text/html") => Self::Browser,
            _ => Self::Program,
        }
    }
}

/// A page for people, a line of text for programs.
pub fn failure(failure: &Failure, reader: Reader) -> Response<ResponseBody> {
    let status = match (failure.stage, failure.reason.as_str()) {
        (Stage::Policy, "loop") => StatusCode::LOOP_DETECTED,
        (Stage::Policy, _) => StatusCode::FORBIDDEN,
        // What cannot be sent on is the client's doing.
        (Stage::Request, _) if failure.side == Side::Client => StatusCode::BAD_REQUEST,
        _ => StatusCode::BAD_GATEWAY,
    };
    let title = title(failure.stage);
    let (kind, text) = if reader == Reader::Browser {
        let (title, reason, message) = (escape(title), escape(&failure.reason), escape(&failure.message));
        (
            "text/html; charset=utf-8",
            format!(
                "<!doctype html><meta charset=utf-8><title>{title}</title>\
                 <h1>{title}</h1><p>{message}</p><p><small>Waylay · stage: {} · {reason}</small></p>\n",
                failure.stage
            ),
        )
    } else {
        (
            "text/plain; charset=utf-8",
            format!("{title}. {}\nWaylay, stage: {} ({})\n", failure.message, failure.stage, failure.reason),
        )
    };
    plain(status, kind, if reader == Reader::Head { String::new() } else { text })
}

/// A small answer of our own.
pub fn plain(status: StatusCode, content_type: &'static str, text: String) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Own(Full::new(Bytes::from(text))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert("x-waylay", header::HeaderValue::from_static("own-answer"));
    response
}

fn title(stage: Stage) -> &'static str {
    match stage {
        Stage::Dns => "The name could not be resolved",
        Stage::Connect => "The server could not be reached",
        Stage::Proxy => "The upstream proxy does not connect",
        Stage::Tls => "No secure connection to the server",
        Stage::Request => "The request could not be sent",
        Stage::Wait => "The server gave no answer",
        Stage::Response | Stage::Relay => "The answer broke off",
        Stage::Policy => "Not sent",
    }
}

/// Text for markup: host names and causes come from outside.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_tells_policy_from_trouble() {
        let f =
            |stage, reason: &str| Failure { side: Side::Upstream, stage, reason: reason.into(), message: "m".into() };
        let status = |stage, reason| failure(&f(stage, reason), Reader::Program).status().as_u16();
        assert_eq!(status(Stage::Dns, "dns"), 502);
        assert_eq!(status(Stage::Policy, "loop"), 508);
        assert_eq!(status(Stage::Policy, "own address"), 403);
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        assert_eq!(escape("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
    }
}
