//! How a request is sent.

use super::Command;
use crate::request::{
    Draft,
    settings::{HttpVersion, TlsVersion},
};

pub(super) fn settings(draft: &Draft, command: &mut Command) {
    let settings = &draft.settings;
    if settings.verify_chain == Some(false) || settings.verify_name == Some(false) {
        command.option("--insecure", None);
    }
    if settings.follow_redirects.unwrap_or(true) {
        let trusted = settings.keep_authorization == Some(true);
        command.option(if trusted { "--location-trusted" } else { "--location" }, None);
    }
    if let Some(most) = settings.max_redirects {
        command.option("--max-redirs", Some(most.to_string().as_bytes()));
    }
    if settings.keep_method == Some(true) {
        ["--post301", "--post302", "--post303"].iter().for_each(|name| command.option(name, None));
    }
    match settings.http_version {
        None | Some(HttpVersion::Auto) => {}
        Some(HttpVersion::Http10) => command.option("--http1.0", None),
        Some(HttpVersion::Http11) => command.option("--http1.1", None),
        Some(HttpVersion::Http2) => command.option("--http2", None),
    }
    match settings.tls_min {
        None => {}
        Some(TlsVersion::Tls12) => command.option("--tlsv1.2", None),
        Some(TlsVersion::Tls13) => command.option("--tlsv1.3", None),
    }
    if settings.tls_max == Some(TlsVersion::Tls12) {
        command.option("--tls-max", Some(b"1.2"));
    }
    for entry in settings.resolve.iter().flatten() {
        command.option("--resolve", Some(entry.as_bytes()));
    }
    let seconds = |ms: u64| format!("{}", ms as f64 / 1000.0).into_bytes();
    if let Some(ms) = settings.timeout_ms.filter(|ms| *ms > 0) {
        command.option("--max-time", Some(&seconds(ms)));
    }
    if let Some(ms) = settings.connect_timeout_ms.filter(|ms| *ms > 0) {
        command.option("--connect-timeout", Some(&seconds(ms)));
    }
}
