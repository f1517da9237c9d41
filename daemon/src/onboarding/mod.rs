//! What a device needs before its HTTPS can be read: the CA certificate in every form, the steps for its system, and a
//! test. Served at `http://waylay.internal/` through the proxy, inside tunnels to that name, and where the proxy's own
//! address is opened in a browser.
//!
//! All of it is public: whoever reaches the proxy may see it, a page of another site in the user's browser included. No
//! key, no token and nothing captured is within reach of this module. What is asked for here is neither recorded nor
//! sent anywhere.
//!
//! - [`host`]: our own names, and the hosts we answer to
//! - [`visit`]: what is asked, and from where
//! - `page`: the one page, as it is for this visitor; `systems`: the steps, those for the visitor's system first
//! - [`files`]: the certificate in every form; [`profile`]: Apple's
//! - `pac`: the proxy, as a script for automatic configuration

pub mod files;
pub mod host;
mod pac;
mod page;
pub mod profile;
mod systems;
pub mod visit;

pub use host::is_own_host;
pub use visit::{Visit, Way};

use crate::exchange::ResponseBody;
use bytes::Bytes;
use files::Form;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use page::Page;
use serde_json::json;
use waylay_ca::Certificate;

/// The page and its files for one certificate authority.
#[derive(Debug)]
pub struct Onboarding {
    certificate: Certificate,
    page: Page,
    /// Whether other machines need a password for the proxy.
    password: bool,
}

const PLAIN: &str = "text/plain; charset=utf-8";
const NOTHING_LOADS: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (HeaderName::from_static("x-waylay"), HeaderValue::from_static("own-answer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

impl Onboarding {
    /// For `certificate`; `password` if other machines need one for the proxy.
    pub fn new(certificate: &Certificate, password: bool) -> Self {
        Self { certificate: certificate.clone(), page: Page::new(certificate), password }
    }

    /// Answers a visit: 421 where it was addressed to somebody else, 405 and 404 for what is not here.
    pub fn answer(&self, visit: &Visit<'_>) -> Response<ResponseBody> {
        if !visit.is_for_us() {
            let hint = "This is Waylay's proxy. Set it as the HTTP and HTTPS proxy of a program, or open it by its IP \
                        address, or http://waylay.internal/ through it.\n";
            return plain(StatusCode::MISDIRECTED_REQUEST, hint);
        }
        if !matches!(*visit.method, Method::GET | Method::HEAD) {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "This page can be read, and nothing else.\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        match visit.path {
            "/" => self.page(visit),
            "/test" => self.test(visit),
            "/proxy.pac" => answer(StatusCode::OK, pac::MEDIA_TYPE, pac::script(visit.proxy()).into()),
            path => match path.strip_prefix('/').and_then(Form::named) {
                Some(form) => self.file(form),
                None => plain(StatusCode::NOT_FOUND, "There is no such page here; http://waylay.internal/ has one.\n"),
            },
        }
    }

    fn page(&self, visit: &Visit<'_>) -> Response<ResponseBody> {
        let text = self.page.render(visit, self.password);
        let mut response = answer(StatusCode::OK, "text/html; charset=utf-8", text.into());
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.page.policy.clone());
        response
    }

    /// What the page asks for over HTTP and over HTTPS to see which of both come here. Only the page itself may read it.
    fn test(&self, visit: &Visit<'_>) -> Response<ResponseBody> {
        let text = json!({ "waylay": self.certificate.sha256(), "https": visit.way == Way::Tls });
        let mut response = answer(StatusCode::OK, "application/json", text.to_string().into());
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = visit.own_origin() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        response
    }

    fn file(&self, form: Form) -> Response<ResponseBody> {
        let mut response = answer(StatusCode::OK, form.media_type(), form.bytes(&self.certificate).into());
        response.headers_mut().insert(header::CONTENT_DISPOSITION, form.disposition());
        response
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    answer(status, PLAIN, Bytes::from_static(text.as_bytes()))
}

fn answer(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Own(Full::new(body)));
    *response.status_mut() = status;
    let mut headers = HeaderMap::from_iter(ALWAYS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, NOTHING_LOADS);
    *response.headers_mut() = headers;
    response
}

#[cfg(test)]
mod tests;
