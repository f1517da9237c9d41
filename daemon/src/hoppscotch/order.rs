//! From what a page asks for to a request that the agent sends. `bodies` are its body's.

mod bodies;

use super::call::{Auth, BadCall, Call, ClientCertificate, Options, Proxy, Security};
use crate::{
    agent::{Brought, Lent, SendError},
    request::{
        Draft, Settings,
        draft::{self, Field, KeyPlace},
        settings::HttpVersion,
    },
    upstream::{
        identity::Identity,
        via::{UpstreamProxy, address::BadProxy},
        way::Choice,
    },
};
use bodies::Bodies;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{collections::HashMap, fs::File, io, path::Path, sync::Arc};
use url::Url;

/// Redirects in a row, whatever is asked.
const REDIRECTS: u32 = 10;

/// A request, and what came beside it.
pub struct Mapped {
    /// The request.
    pub draft: Draft,
    /// Bodies that are too large for it, by the names it has for them.
    pub files: HashMap<String, Lent>,
    /// How it is to be sent.
    pub brought: Brought,
    /// Whether codings of the answer are undone.
    pub decompress: bool,
    /// Whether cookies that one hop sets reach the next.
    pub cookies: bool,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// It is not what it should be.
    #[error(transparent)]
    Bad(#[from] BadCall),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads a call that is all of the file `json`. Large bodies are written to a file without a name in the folder `scratch`. May
/// block.
///
/// # Errors
/// [`MapError`]. What of a good call cannot be had stands in [`Brought::problem`].
pub fn order(call: Call, json: &Arc<File>, scratch: &Path) -> Result<Mapped, MapError> {
    let Call { url, method, version, headers, content, auth, security, proxy, options, .. } = call;
    let mut draft = Draft {
        method,
        headers: headers.into_iter().filter(|(name, _)| is_passed_on(name)).map(|(n, v)| Field::new(n, v)).collect(),
        auth: self::auth(auth, &url),
        settings: settings(&version, &security, &options)?,
        url,
        ..Draft::default()
    };
    let (decompress, cookies) = (options.decompress.unwrap_or(true), options.cookies.unwrap_or(false));
    if !decompress {
        draft.without.push("accept-encoding".to_owned());
    }
    let mut bodies = Bodies::new(json, scratch);
    if let Some(content) = content {
        bodies.put(&mut draft, content)?;
    }
    let mut brought = Brought { literal: true, ..Brought::default() };
    if let Err(problem) = certificates(&security, &mut brought).and_then(|()| by_proxy(proxy, &mut brought)) {
        brought.problem = Some(problem);
    }
    Ok(Mapped { draft, files: bodies.files(), brought, decompress, cookies })
}

/// How long a body is, and where its connection ends, is ours to say.
fn is_passed_on(name: &str) -> bool {
    let ours = ["content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade", "te"];
    !ours.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// What a kind means that is not here, its client has done already.
fn auth(auth: Auth, url: &str) -> draft::Auth {
    let Auth { kind, username, password, token, key, value, place, access_token } = auth;
    let text = Option::unwrap_or_default;
    match kind.as_deref().unwrap_or_default() {
        "basic" => draft::Auth::Basic { username: text(username), password: text(password) },
        "digest" => draft::Auth::Digest { username: text(username), password: text(password) },
        "bearer" => draft::Auth::Bearer { token: text(token) },
        "oauth2" => match access_token.filter(|token| !token.is_empty()) {
            Some(token) => draft::Auth::Bearer { token },
            None => draft::Auth::None,
        },
        "apikey" => {
            let (key, value) = (text(key), text(value));
            let stands = url.parse::<Url>().is_ok_and(|url| url.query_pairs().any(|(name, _)| name == key.as_str()));
            match place.as_deref() {
                _ if key.is_empty() => draft::Auth::None,
                Some("query") if stands => draft::Auth::None,
                Some("query") => draft::Auth::Apikey { key, value, place: KeyPlace::Query },
                _ => draft::Auth::Apikey { key, value, place: KeyPlace::Header },
            }
        }
        _ => draft::Auth::None,
    }
}

fn settings(version: &str, security: &Security, options: &Options) -> Result<Settings, BadCall> {
    let http_version = match version {
        "HTTP/1.0" => HttpVersion::Http10,
        "HTTP/1.1" => HttpVersion::Http11,
        "HTTP/2.0" | "HTTP/2" => HttpVersion::Http2,
        // The best there is.
        "HTTP/3.0" | "HTTP/3" => HttpVersion::Auto,
        other => {
            let shown: String = other.chars().take(40).flat_map(char::escape_debug).collect();
            return Err(BadCall(format!("The member 'version' of the request is no version of HTTP: '{shown}'.")));
        }
    };
    Ok(Settings {
        http_version: Some(http_version),
        verify_chain: Some(security.verify_peer.unwrap_or(true)),
        verify_name: Some(security.verify_host.unwrap_or(true)),
        follow_redirects: Some(options.follow_redirects.unwrap_or(false)),
        max_redirects: Some(options.max_redirects.unwrap_or(REDIRECTS).min(REDIRECTS)),
        keep_authorization: Some(false),
        timeout_ms: Some(options.timeout.unwrap_or(0)),
        no_cache: Some(false),
        cookie_jar: Some(options.cookies.unwrap_or(false)),
        ..Settings::default()
    })
}

/// Our certificate and issuers of theirs.
fn certificates(security: &Security, brought: &mut Brought) -> Result<(), SendError> {
    let Some(certificates) = &security.certificates else { return Ok(()) };
    if let Some(client) = &certificates.client {
        let read = match client {
            ClientCertificate::Pem { cert, key } => Identity::read(&[&cert.0, &key.0], None),
            ClientCertificate::Pfx { data, password } => Identity::read(&[&data.0], password.as_deref()),
        };
        let identity = read.map_err(|e| {
            let message = format!("The client certificate of the request cannot be used: {e}.");
            SendError::new("tls", "client certificate", message, e.hint())
        })?;
        brought.identity = Choice::This(identity);
    }
    for (number, pem) in certificates.ca.iter().flatten().enumerate() {
        let before = brought.issuers.len();
        let bad = |why: String| {
            let message = format!("Number {} of the request's CA certificates cannot be used: {why}.", number + 1);
            SendError::new("tls", "CA certificate", message, "give a PEM file with one or several certificates")
        };
        for certificate in CertificateDer::pem_slice_iter(&pem.0) {
            brought.issuers.push(certificate.map_err(|e| bad(e.to_string()))?);
        }
        if brought.issuers.len() == before {
            return Err(bad("there is no certificate in it".to_owned()));
        }
    }
    Ok(())
}

fn by_proxy(proxy: Option<Proxy>, brought: &mut Brought) -> Result<(), SendError> {
    let Some(Proxy { url, auth }) = proxy.filter(|proxy| !proxy.url.trim().is_empty()) else { return Ok(()) };
    let bad = |e: BadProxy| {
        SendError::new("proxy", "bad proxy", format!("The proxy of the request cannot be used: {e}."), BadProxy::HINT)
    };
    // Without a number, the newest is meant.
    let url = url.trim().strip_prefix("socks://").map_or(url.clone(), |rest| format!("socks5h://{rest}"));
    let mut proxy: UpstreamProxy = url.parse().map_err(bad)?;
    let auth = auth.unwrap_or_default();
    if let (Some(username), Some(password)) = (auth.username, auth.password)
        && !username.is_empty()
        && !password.is_empty()
    {
        proxy = proxy.with_credentials(username, password).map_err(bad)?;
    }
    brought.proxy = Choice::This(Arc::new(proxy));
    Ok(())
}

#[cfg(test)]
mod tests;
