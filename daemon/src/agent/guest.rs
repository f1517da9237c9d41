//! Whoever asks without being the user: a paired web page, and what the user has allowed it.

use super::{SendError, outflow::Source};
use crate::{
    platform::At,
    request::{Draft, draft::Body},
    upstream::{Way, guard::Reach, identity::Identity, via::UpstreamProxy, way},
};
use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fs::File, sync::Arc};

/// What the requests of a page may beyond going to public addresses. By itself nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rights {
    /// Whose cookies they have.
    pub jar: JarRight,
    /// Whether they are made with the user's client certificates.
    pub client_certificates: bool,
    /// Whether they reach this machine and private networks.
    pub private_addresses: bool,
    /// Whether they reach addresses at which clouds tell machines their credentials.
    pub metadata_addresses: bool,
}

/// Whose cookies requests of a page have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JarRight {
    /// Those of the page's own jar.
    #[default]
    Own,
    /// The user's.
    Default,
}

/// A page for which a request is sent. It has no environment, no globals, no files of the user and nothing that was captured.
#[derive(Debug)]
pub struct Guest {
    /// The number of its pairing.
    pub pairing: u64,
    /// Its origin, such as `https://client.example`.
    pub origin: String,
    /// What it may.
    pub rights: Rights,
    /// Files it has handed over with the request, by the names the request has for them.
    pub files: HashMap<String, Lent>,
    /// What else came with the request.
    pub brought: Brought,
}

/// What the client of a page says beside a request about how it is to be sent.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// The proxy on the way. It has to be where the page may send to, too.
    pub proxy: way::Choice<Arc<UpstreamProxy>>,
    /// A certificate for the origin of the request; redirects to others go without.
    pub identity: way::Choice<Identity>,
    /// Issuers to trust besides the usual ones.
    pub issuers: Vec<CertificateDer<'static>>,
    /// The client has put values in place of its variables: what looks like one is none.
    pub literal: bool,
    /// Why it cannot be sent as the client wants it.
    pub problem: Option<SendError>,
}

/// A file that was handed over for one request.
#[derive(Clone, Debug)]
pub enum Lent {
    /// A small one.
    Bytes(Bytes),
    /// One of any size, which has no name, and its length.
    File(Arc<File>, u64),
    /// Part of such a file: where it begins, and its length.
    Part(Arc<File>, u64, u64),
}

impl Rights {
    /// The addresses requests may go to.
    pub fn reach(self) -> Reach {
        Reach { private: self.private_addresses, metadata: self.metadata_addresses }
    }
}

impl Guest {
    /// How the history names it as what a request was made from.
    pub fn made_from(&self) -> String {
        format!("page:{}", self.origin)
    }

    /// What of a request is not for pages, if anything.
    pub(super) fn problem(&self, draft: &Draft) -> Option<SendError> {
        let not = |what: &str, hint: &str| {
            Some(SendError::new("policy", "not for pages", format!("The request was not sent: {what}."), hint))
        };
        if draft.settings.key_log.as_deref().is_some_and(|name| !name.is_empty()) {
            return not(
                "a page may not have the keys of TLS sessions written down",
                "leave the setting \"key_log\" out",
            );
        }
        if matches!(draft.body, Body::Captured { .. }) {
            return not("a page may not send what was captured", "send the bytes themselves");
        }
        self.brought.problem.clone()
    }

    /// A file that came with the request.
    pub(super) fn open(&self, src: &str) -> Result<Source, SendError> {
        let lent = self.files.get(src).ok_or_else(|| {
            let message = format!("No file was handed over for '{}'.", src.escape_debug());
            SendError::new("body", "no file", message, "send it as a part of that name, beside the part \"request\"")
        })?;
        let part = |file: &Arc<File>, position, length| {
            Source::Read(Box::new(At { file: Arc::clone(file), position }), length)
        };
        Ok(match lent {
            Lent::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Lent::File(file, length) => part(file, 0, *length),
            Lent::Part(file, from, length) => part(file, *from, *length),
        })
    }

    /// The way of a request as the page may and wants to go it; `left` once a redirect has led to another origin.
    pub(super) fn way(&self, way: Way, left: bool) -> Way {
        let identity = match (&self.brought.identity, way.identity) {
            (way::Choice::This(_), _) if left => way::Choice::None,
            (way::Choice::Usual, way::Choice::Usual) if !self.rights.client_certificates => way::Choice::None,
            (way::Choice::Usual, other) => other,
            (own, _) => own.clone(),
        };
        let (proxy, issuers) = (self.brought.proxy.clone(), self.brought.issuers.clone());
        Way { reach: self.rights.reach(), identity, proxy, issuers, ..way }
    }

    /// The same error, with what the user can do about it.
    pub(super) fn told(&self, error: SendError) -> SendError {
        let right = match (error.stage.as_str(), error.reason.as_str()) {
            ("policy", "not public") => "--private-addresses",
            ("policy", "metadata address") => "--metadata-addresses",
            _ => return error,
        };
        let hint = format!("the user can allow it: `waylay agent rights {} {right}`", self.pairing);
        SendError { hint, ..error }
    }
}
