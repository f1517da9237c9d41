//! Why a request as it is written cannot be sent.

use serde::Serialize;

/// Why a request cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Which part of it is at fault: `variables`, `url`, `headers`, `body`, `auth`.
    pub stage: &'static str,
    /// What is wrong, in a sentence that names it.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    /// A problem of a stage.
    pub fn new(stage: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { stage, message: message.into(), hint: hint.into() }
    }
}

/// What was written, for a message: quoted, and not longer than a line.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(80) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}
