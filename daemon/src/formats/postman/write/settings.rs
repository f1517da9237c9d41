//! `protocolProfileBehavior`: how a request is sent.

use super::{super::read::request::KEEP_BODY, Members};
use crate::request::{
    Draft, Extra, Settings,
    settings::{HttpVersion, TlsVersion},
};
use serde_json::{Value, json};

/// Of a collection or a folder.
pub(super) fn general(settings: &Settings, extra: &Extra) -> Members {
    let mut to = extra.get("protocolProfileBehavior").and_then(Value::as_object).cloned().unwrap_or_default();
    put(&mut to, settings);
    to
}

/// Of a request. One that was captured is sent with its own fields and cookies alone.
pub(super) fn of_request(draft: &Draft, keeps_body: bool, is_captured: bool) -> Members {
    let mut to = general(&draft.settings, &draft.extra);
    if keeps_body {
        to.insert(KEEP_BODY.into(), true.into());
    }
    let mut off = match to.shift_remove("disabledSystemHeaders") {
        Some(Value::Object(kept)) => kept,
        _ => Members::new(),
    };
    // A captured request has its own cookies, or none.
    let has = |name: &String| draft.headers.iter().any(|field| field.key.eq_ignore_ascii_case(name));
    for name in draft.without.iter().filter(|name| !is_captured || *name != "cookie" || !has(name)) {
        off.insert(name.clone(), true.into());
    }
    if is_captured {
        off.insert("postman-token".into(), true.into());
        to.insert("disableCookies".into(), true.into());
    }
    if !off.is_empty() {
        to.insert("disabledSystemHeaders".into(), Value::Object(off));
    }
    to
}

fn put(to: &mut Members, settings: &Settings) {
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            to.insert(name.into(), value);
        }
    };
    let both = match (settings.verify_chain, settings.verify_name) {
        (None, None) => None,
        (chain, name) => Some(chain.unwrap_or(true) && name.unwrap_or(true)),
    };
    put("strictSSL", both.map(Value::from));
    put("followRedirects", settings.follow_redirects.map(Value::from));
    put("followOriginalHttpMethod", settings.keep_method.map(Value::from));
    put("followAuthorizationHeader", settings.keep_authorization.map(Value::from));
    put("removeRefererHeaderOnRedirect", settings.strip_referer.map(Value::from));
    put("maxRedirects", settings.max_redirects.map(Value::from));
    put("disableUrlEncoding", settings.encode_url.map(|on| (!on).into()));
    put("disableCookies", settings.cookie_jar.map(|on| (!on).into()));
    put("tlsCipherSelection", settings.cipher_suites.as_ref().map(|names| json!(names)));
    let version = settings.http_version.and_then(|version| match version {
        HttpVersion::Auto => Some("auto"),
        HttpVersion::Http11 => Some("http1"),
        HttpVersion::Http2 => Some("http2"),
        HttpVersion::Http10 => None,
    });
    put("protocolVersion", version.map(Value::from));
    let mut off = Vec::new();
    if settings.tls_min == Some(TlsVersion::Tls13) {
        off.push("TLSv1_2");
    }
    if settings.tls_max == Some(TlsVersion::Tls12) {
        off.push("TLSv1_3");
    }
    if !off.is_empty() {
        let kept = match to.shift_remove("tlsDisabledProtocols") {
            Some(Value::Array(kept)) => kept,
            _ => Vec::new(),
        };
        let all: Vec<_> = kept.into_iter().chain(off.into_iter().map(Value::from)).collect();
        to.insert("tlsDisabledProtocols".into(), Value::Array(all));
    }
}
