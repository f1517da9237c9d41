//! `protocolProfileBehavior`: how a request is sent.

use super::members::{Members, array, flag, object};
use crate::request::{
    Draft, Extra, Settings,
    settings::{HttpVersion, TlsVersion},
};
use serde_json::Value;

/// The member's name.
pub(in super::super) const PPB: &str = "protocolProfileBehavior";

/// The settings of a collection or a folder; what is not known goes to `extra`.
pub(super) fn general(from: &mut Members, extra: &mut Extra) -> Settings {
    let Some(mut said) = object(from, PPB) else { return Settings::default() };
    let settings = settings(&mut said);
    if !said.is_empty() {
        extra.insert(PPB.into(), Value::Object(said));
    }
    settings
}

/// The settings of a request.
pub(super) fn of_request(mut said: Members, draft: &mut Draft) {
    if let Some(mut headers) = object(&mut said, "disabledSystemHeaders") {
        let names: Vec<_> = headers.iter().filter(|(_, off)| **off == true).map(|(name, _)| name.clone()).collect();
        for name in &names {
            headers.shift_remove(name);
        }
        draft.without = names;
        if !headers.is_empty() {
            said.insert("disabledSystemHeaders".into(), Value::Object(headers));
        }
    }
    draft.settings = settings(&mut said);
    if !said.is_empty() {
        draft.extra.insert(PPB.into(), Value::Object(said));
    }
}

fn settings(said: &mut Members) -> Settings {
    let verify = flag(said, "strictSSL");
    let mut settings = Settings {
        verify_chain: verify,
        verify_name: verify,
        follow_redirects: flag(said, "followRedirects"),
        keep_method: flag(said, "followOriginalHttpMethod"),
        keep_authorization: flag(said, "followAuthorizationHeader"),
        strip_referer: flag(said, "removeRefererHeaderOnRedirect"),
        encode_url: flag(said, "disableUrlEncoding").map(|off| !off),
        cookie_jar: flag(said, "disableCookies").map(|off| !off),
        ..Settings::default()
    };
    let number = said.get("maxRedirects").and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    if number.is_some() {
        said.shift_remove("maxRedirects");
        settings.max_redirects = number;
    }
    let version = match said.get("protocolVersion").and_then(Value::as_str) {
        Some("auto") => Some(HttpVersion::Auto),
        Some("http1") => Some(HttpVersion::Http11),
        Some("http2") => Some(HttpVersion::Http2),
        _ => None,
    };
    if version.is_some() {
        said.shift_remove("protocolVersion");
        settings.http_version = version;
    }
    if let Some(ciphers) = said.get("tlsCipherSelection").and_then(Value::as_array)
        && let Some(names) = ciphers.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    {
        said.shift_remove("tlsCipherSelection");
        settings.cipher_suites = Some(names);
    }
    if let Some(mut off) = array(said, "tlsDisabledProtocols") {
        off.retain(|protocol| match protocol.as_str() {
            Some("TLSv1_2") => settings.tls_min.replace(TlsVersion::Tls13).is_some(),
            Some("TLSv1_3") => settings.tls_max.replace(TlsVersion::Tls12).is_some(),
            _ => true,
        });
        if !off.is_empty() {
            said.insert("tlsDisabledProtocols".into(), Value::Array(off));
        }
    }
    settings
}
