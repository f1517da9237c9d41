//! The one page, as it is for this visitor: a document that needs nothing else.

use super::{
    systems,
    visit::{Visit, Way},
};
use crate::exchange::page::escape;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use waylay_ca::Certificate;

const DOCUMENT: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What is the same for all visitors.
#[derive(Debug)]
pub(super) struct Page {
    name: String,
    fingerprint: String,
    /// Its Content-Security-Policy: what is written into it, and requests to ourselves.
    pub(super) policy: HeaderValue,
}

impl Page {
    pub(super) fn new(certificate: &Certificate) -> Self {
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; \
             connect-src http://waylay.internal https://waylay.internal https://*.waylay.internal; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        Self {
            name: escape(certificate.name()),
            fingerprint: certificate.sha256(),
            // Letters, digits and punctuation of our own.
            policy: HeaderValue::from_str(&policy).unwrap_or(super::NOTHING_LOADS),
        }
    }

    pub(super) fn render(&self, visit: &Visit<'_>, password: bool) -> String {
        let proxy = visit.proxy();
        let (base, ip, port) = (format!("http://{proxy}"), proxy.ip().to_string(), proxy.port().to_string());
        let came = match visit.way {
            Way::Direct => "This page came from Waylay's own address, not through the proxy.",
            Way::Proxied => "This page came through Waylay, over HTTP.",
            Way::Tls => "This page came through Waylay, over HTTPS.",
        };
        let password = if password { PASSWORD } else { "" };
        let values = [
            ("base", base.as_str()),
            ("proxy", &base),
            ("proxy_host", &ip),
            ("proxy_port", &port),
            ("name", &self.name),
            ("fingerprint", &self.fingerprint),
            ("password", password),
            ("state", "known"),
            ("result", came),
        ];
        let steps = fill(&steps(visit.user_agent()), &values);
        let page = fill(DOCUMENT, &values);
        page.replace("{{steps}}", &steps).replace("{{style}}", STYLE).replace("{{script}}", SCRIPT)
    }
}

const PASSWORD: &str = "<p>Other machines are asked for a user name and a password: any name, and the password that \
                        Waylay was started with.</p>\n";

fn steps(user_agent: &str) -> String {
    let (systems, own) = systems::for_visitor(user_agent);
    let mut all = String::new();
    for (at, system) in systems.into_iter().enumerate() {
        let open = if at < own { " open" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(all, "<details{open}>\n<summary>{}</summary>\n{}</details>\n", system.title(), system.steps());
    }
    all
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// As a source of a Content-Security-Policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
