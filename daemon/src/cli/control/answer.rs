//! What the daemon answers, and why it does not do what it was asked.

use crate::cli::report::{Exit, Report};
use http::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt, io};

/// What an answer of the daemon's says.
///
/// # Errors
/// [`odd`].
pub fn understood<T: DeserializeOwned>(answer: &Value) -> Result<T, Report> {
    T::deserialize(answer).map_err(odd)
}

/// The daemon has said something that is not understood.
pub fn odd(why: impl fmt::Display) -> Report {
    ControlError::Malformed(why.to_string()).into()
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(|error| ControlError::Malformed(error.to_string()))
}

pub(super) fn refusal(status: StatusCode, body: &[u8]) -> ControlError {
    match serde_json::from_slice::<Refusals>(body) {
        Ok(Refusals { error: Refusal { message, hint, json_path } }) => {
            let place = json_path.map(|path| format!(" (at {path})")).unwrap_or_default();
            let message = if place.is_empty() { message } else { message.trim_end_matches('.').to_owned() + &place };
            ControlError::Refused { status: status.as_u16(), message, hint }
        }
        Err(_) => ControlError::Malformed(format!("it answered {status}")),
    }
}

#[derive(Deserialize)]
struct Refusals {
    error: Refusal,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
    #[serde(default)]
    hint: Option<String>,
    /// Where in a file it is.
    #[serde(default)]
    json_path: Option<String>,
}

/// Why the daemon did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nothing listens where it should.
    #[error("the daemon cannot be reached: {0}")]
    Unreachable(io::Error),
    /// It listens but does not answer.
    #[error("the daemon does not answer")]
    Silent,
    /// The connection broke.
    #[error("the connection to the daemon broke: {0}")]
    Broken(#[from] hyper::Error),
    /// What it said is not understood.
    #[error("the daemon's answer is not understood: {0}")]
    Malformed(String),
    /// It said no.
    #[error("{message}")]
    Refused {
        /// HTTP status of the answer.
        status: u16,
        /// What happened.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl From<ControlError> for Report {
    fn from(error: ControlError) -> Self {
        let exit = match &error {
            ControlError::Refused { status: 404, .. } => Exit::NOT_FOUND,
            ControlError::Refused { status: 400..=499, .. } => Exit::USAGE,
            ControlError::Refused { .. } => Exit::IO,
            _ => Exit::NO_DAEMON,
        };
        let report = Self::new(exit, &error);
        match error {
            ControlError::Refused { hint: Some(hint), .. } => report.advise(hint),
            ControlError::Refused { .. } => report,
            ControlError::Malformed(_) => {
                report.advise("It may be another version: `waylay stop`, then `waylay start`.")
            }
            other => {
                report.advise("See `waylay status`; if it hangs, end it and type `waylay start`.").caused_by(other)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_keep_their_words() {
        let body = br#"{"error":{"code":"not_found","message":"there is no exchange 7.1","hint":"See `waylay ls`."}}"#;
        let report = Report::from(refusal(StatusCode::NOT_FOUND, body));
        assert_eq!(report.exit(), Exit::NOT_FOUND);
        let mut line = Vec::new();
        report.write(true, &mut line).unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), "waylay: there is no exchange 7.1. See `waylay ls`.\n");
        assert_eq!(Report::from(refusal(StatusCode::BAD_GATEWAY, b"<html>")).exit(), Exit::NO_DAEMON);
    }
}
