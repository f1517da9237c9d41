//! Why a send came to nothing: what happened, at which stage, and what to do.

use crate::request::Problem;
use serde::{Deserialize, Serialize};
use waylay_storage::model::{Failure, Side, Stage};

/// Kept in the history as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// How far it came: `variables`, `url`, `headers`, `body`, `auth`, `settings`, `redirect`, `cancelled`, `store`, or a
    /// stage of exchanges: `dns`, `connect`, `proxy`, `tls`, `request`, `wait`, `response`, `policy`.
    pub stage: String,
    /// A word or two.
    pub reason: String,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do; empty where nobody can know.
    pub hint: String,
}

impl SendError {
    pub(crate) fn new(stage: &str, reason: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { stage: stage.to_owned(), reason: reason.to_owned(), message: message.into(), hint: hint.into() }
    }

    pub(crate) fn cancelled() -> Self {
        Self::new("cancelled", "cancelled", "The request was cancelled before it was over.", "")
    }

    /// Whether the network, or whoever was at its other end, stood in the way.
    pub fn is_network(&self) -> bool {
        matches!(
            self.stage.as_str(),
            "dns" | "connect" | "proxy" | "tls" | "request" | "wait" | "response" | "relay" | "redirect"
        )
    }

    /// As the row of the exchange that is broken off for it tells it.
    pub(super) fn failure(&self, stage: Stage) -> Failure {
        Failure { side: Side::Waylay, stage, reason: self.reason.clone(), message: self.message.clone() }
    }
}

impl From<Problem> for SendError {
    fn from(problem: Problem) -> Self {
        Self::new(problem.stage, "not sent", problem.message, problem.hint)
    }
}

impl From<Failure> for SendError {
    fn from(failure: Failure) -> Self {
        let hint = match (failure.stage, failure.reason.as_str()) {
            (Stage::Dns, _) => "check the spelling of the host, or give its address by the setting \"resolve\"",
            (Stage::Connect, "refused") => "start the server, or check the port",
            (Stage::Connect, "timeout") | (Stage::Tls, "timeout") => {
                "check host and port, or give it more time by the setting \"connect_timeout_ms\""
            }
            (Stage::Connect, _) => "check host, port and network",
            (Stage::Tls, "no HTTP/2") => "send it with the setting \"http_version\" on \"auto\"",
            (Stage::Tls, "client certificate") => {
                "give the certificate that it wants: `waylay certificate add HOST FILE`"
            }
            (Stage::Proxy, "407" | "credentials") => {
                "set the proxy again with its user name and password: `waylay upstream set URL`"
            }
            (Stage::Proxy, "403" | "forbidden") => {
                "ask whoever runs the proxy, or leave the host out: `waylay upstream set --bypass HOST`"
            }
            (Stage::Proxy, _) => {
                "look at `waylay upstream show`; `waylay upstream set --bypass HOST` reaches a host directly"
            }
            (Stage::Policy, "not public") => "save the file where you can reach it, and import that",
            (Stage::Policy, "metadata address") => "ask another address",
            (Stage::Policy, "loop") => "look at `waylay upstream show`: a proxy must not lead back to Waylay",
            (Stage::Tls, _) => {
                "trust its issuer by `waylay start --upstream-ca FILE`, or send without checks: the settings \
                 \"verify_chain\" and \"verify_name\", `waylay send -k`"
            }
            (Stage::Policy, _) => "Waylay's own ports are no targets; send to another",
            _ => "",
        };
        Self {
            stage: failure.stage.to_string(),
            reason: failure.reason,
            message: failure.message,
            hint: hint.to_owned(),
        }
    }
}
