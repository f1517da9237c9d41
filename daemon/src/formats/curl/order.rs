//! What the options of one request say together, in curl's way: the last word counts, lists grow, `--next` begins anew.

use super::{form::FormPart, options::Given};
use crate::request::{
    Settings,
    settings::{HttpVersion, TlsVersion},
};

/// The words about one request, or about several that differ in their URL alone.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) urls: Vec<Vec<u8>>,
    pub(super) method: Option<String>,
    pub(super) headers: Vec<Vec<u8>>,
    /// In the order in which they were given.
    pub(super) data: Vec<Datum>,
    pub(super) form: Vec<FormPart>,
    pub(super) upload: Option<String>,
    pub(super) get: bool,
    pub(super) head: bool,
    pub(super) compressed: bool,
    pub(super) globoff: bool,
    pub(super) user: Option<String>,
    pub(super) scheme: Scheme,
    pub(super) bearer: Option<String>,
    pub(super) aws: Option<String>,
    pub(super) cookies: Vec<Vec<u8>>,
    pub(super) user_agent: Option<Vec<u8>>,
    pub(super) referer: Option<Vec<u8>>,
    pub(super) range: Option<String>,
    pub(super) url_query: Vec<Vec<u8>>,
    pub(super) unix_socket: Option<String>,
    pub(super) settings: Settings,
}

/// A piece of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Datum {
    pub(super) kind: DataKind,
    pub(super) value: Vec<u8>,
}

/// How it is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DataKind {
    /// `@` names a file, whose line ends do not count.
    Lines,
    /// `@` means nothing.
    Raw,
    /// `@` names a file, as it is.
    Binary,
    /// It is percent-encoded.
    Encoded,
    /// It is JSON; `@` names a file, as it is.
    Json,
}

/// How a user says who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scheme {
    #[default]
    Basic,
    Digest,
    /// Kept, not sent.
    Ntlm,
    /// Kept, not sent.
    Negotiate,
}

/// Puts options together.
///
/// # Errors
/// If one of them says what cannot be.
pub(super) fn orders(given: Vec<Given>, notes: &mut Vec<String>) -> Result<Vec<Order>, String> {
    let mut orders = vec![Order::default()];
    for given in given {
        let last = orders.len() - 1;
        let order = &mut orders[last];
        match given {
            Given::Url(url) => order.urls.push(url),
            Given::Option { name: "next", .. } if !order.urls.is_empty() => orders.push(Order::default()),
            Given::Option { name, value, on } => option(order, name, value, on, notes)?,
            Given::Ignored(name) => {
                notes.push(format!("--{name} was left out: nothing here does the same for one request."));
            }
            Given::Unknown(name) => {
                notes.push(format!("{} was left out: curl has no such option.", name.escape_debug()))
            }
        }
    }
    if orders.len() > 1 && orders.last().is_some_and(|order| order.urls.is_empty()) {
        orders.pop();
    }
    Ok(orders)
}

fn option(order: &mut Order, name: &str, value: Vec<u8>, on: bool, notes: &mut Vec<String>) -> Result<(), String> {
    let text = || String::from_utf8_lossy(&value).into_owned();
    let settings = &mut order.settings;
    let mut datum = |kind, value| order.data.push(Datum { kind, value });
    match name {
        "url" => order.urls.push(value),
        "request" => order.method = Some(text()).filter(|method| !method.trim().is_empty()),
        "header" => order.headers.push(value),
        "data" | "data-ascii" => datum(DataKind::Lines, value),
        "data-raw" => datum(DataKind::Raw, value),
        "data-binary" => datum(DataKind::Binary, value),
        "data-urlencode" => datum(DataKind::Encoded, value),
        "json" => datum(DataKind::Json, value),
        "form" => order.form.push(text().parse()?),
        "form-string" => {
            let text = text();
            let (name, value) = text.split_once('=').ok_or("a part of its form is not NAME=VALUE")?;
            let value = super::form::PartValue::Text(value.to_owned());
            order.form.push(FormPart { name: name.to_owned(), value, ..FormPart::default() });
        }
        "upload-file" => order.upload = Some(text()),
        "get" => order.get = on,
        "head" => order.head = on,
        "compressed" => order.compressed = on,
        "globoff" => order.globoff = on,
        "user" => order.user = Some(text()),
        "basic" if on => order.scheme = Scheme::Basic,
        "digest" if on => order.scheme = Scheme::Digest,
        "ntlm" if on => order.scheme = Scheme::Ntlm,
        "negotiate" if on => order.scheme = Scheme::Negotiate,
        "anyauth" if on => {
            order.scheme = Scheme::Digest;
            notes.push("--anyauth was taken as --digest: that answers what the server asks.".to_owned());
        }
        "oauth2-bearer" => order.bearer = Some(text()),
        "aws-sigv4" => order.aws = Some(text()),
        "cookie" if value.contains(&b'=') || memchr::memmem::find(&value, b"{{").is_some() => order.cookies.push(value),
        "cookie" if value.is_empty() => {}
        "cookie" => {
            notes.push(format!("The cookies of the file {:?} were left out: no file is read.", text()));
        }
        "user-agent" => order.user_agent = Some(value),
        "referer" => {
            let plain = value.strip_suffix(b";auto").unwrap_or(&value);
            order.referer = Some(plain.to_vec()).filter(|referer| !referer.is_empty());
        }
        "range" => order.range = Some(text()),
        "url-query" => order.url_query.push(value),
        "unix-socket" => order.unix_socket = Some(text()),
        "config" => notes.push(format!("The options in the file {:?} were left out: no file is read.", text())),
        "insecure" => (settings.verify_chain, settings.verify_name) = (on.then_some(false), on.then_some(false)),
        "location" => settings.follow_redirects = Some(on),
        "location-trusted" => {
            settings.follow_redirects = Some(on);
            settings.keep_authorization = on.then_some(true);
        }
        "max-redirs" => settings.max_redirects = text().trim().parse().ok(),
        "post301" | "post302" | "post303" => settings.keep_method = on.then_some(true),
        "http1.0" => settings.http_version = Some(HttpVersion::Http10),
        "http1.1" => settings.http_version = Some(HttpVersion::Http11),
        "http2-prior-knowledge" => settings.http_version = Some(HttpVersion::Http2),
        "tlsv1.2" => settings.tls_min = Some(TlsVersion::Tls12),
        "tlsv1.3" => settings.tls_min = Some(TlsVersion::Tls13),
        "tls-max" if value == b"1.2" => settings.tls_max = Some(TlsVersion::Tls12),
        "tls-max" if value == b"1.3" => settings.tls_max = Some(TlsVersion::Tls13),
        "ciphers" | "tls13-ciphers" => {
            let names = text();
            let names = names.split([':', ',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned);
            settings.cipher_suites.get_or_insert_default().extend(names);
        }
        "resolve" => settings.resolve.get_or_insert_default().push(text()),
        "max-time" => settings.timeout_ms = milliseconds(&text()),
        "connect-timeout" => settings.connect_timeout_ms = milliseconds(&text()),
        "max-filesize" => settings.max_response_bytes = text().trim().parse().ok(),
        "path-as-is" => settings.encode_url = on.then_some(false),
        // Versions that the usual choice would take anyway, and what is turned off that is not on.
        _ => {}
    }
    Ok(())
}

fn milliseconds(text: &str) -> Option<u64> {
    let seconds: f64 = text.trim().parse().ok()?;
    (seconds.is_finite() && (0.0..=1e9).contains(&seconds)).then_some((seconds * 1000.0).ceil() as u64)
}
