//! How a conversation is held.

use serde::{Deserialize, Serialize};

/// Longest time of any kind, milliseconds.
const LONGEST_MS: u64 = 3_600_000;
/// Shortest time between attempts, milliseconds.
const SHORTEST_MS: u64 = 10;
/// Most attempts to reconnect.
const MOST_ATTEMPTS: u32 = 1000;

/// How to hold a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConversationSettings {
    /// How long the server may take to answer a request, milliseconds; anew for each redirect.
    pub handshake_timeout_ms: u64,
    /// How often to connect again, in all, after a connection could not be made, broke off, or was closed with a code that
    /// invites to it.
    pub reconnect_attempts: u32,
    /// How long to wait before that, milliseconds; an event stream may say otherwise.
    pub reconnect_interval_ms: u64,
    /// The longest message that is taken, bytes of its payload; 0 for any.
    pub max_message_bytes: u64,
    /// Whether compression is offered (permessage-deflate).
    pub compression: bool,
}

impl Default for ConversationSettings {
    fn default() -> Self {
        Self {
            handshake_timeout_ms: 30_000,
            reconnect_attempts: 0,
            reconnect_interval_ms: 5000,
            max_message_bytes: 5 << 20,
            compression: true,
        }
    }
}

/// A setting that is beyond its bounds: a sentence that names them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}; it can be {least} to {most}")]
pub struct BadSetting {
    name: &'static str,
    value: u64,
    least: u64,
    most: u64,
}

impl ConversationSettings {
    /// Holds them to their bounds.
    ///
    /// # Errors
    /// [`BadSetting`].
    pub fn check(&self) -> Result<(), BadSetting> {
        let within = |name, value, least, most| {
            if (least..=most).contains(&value) { Ok(()) } else { Err(BadSetting { name, value, least, most }) }
        };
        within("handshake_timeout_ms", self.handshake_timeout_ms, 1, LONGEST_MS)?;
        within("reconnect_attempts", self.reconnect_attempts.into(), 0, MOST_ATTEMPTS.into())?;
        within("reconnect_interval_ms", self.reconnect_interval_ms, SHORTEST_MS, LONGEST_MS)
    }
}

/// The time to wait that an event stream asks for, within the same bounds.
pub(super) fn retry(ms: u64) -> u64 {
    ms.clamp(SHORTEST_MS, LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_bounded() {
        let usual = ConversationSettings::default();
        assert_eq!(usual.check(), Ok(()));
        for (bad, says) in [
            (ConversationSettings { handshake_timeout_ms: 0, ..usual.clone() }, "handshake_timeout_ms is 0"),
            (ConversationSettings { handshake_timeout_ms: 3_600_001, ..usual.clone() }, "1 to 3600000"),
            (ConversationSettings { reconnect_attempts: 1001, ..usual.clone() }, "reconnect_attempts is 1001"),
            (ConversationSettings { reconnect_interval_ms: 9, ..usual.clone() }, "10 to 3600000"),
        ] {
            let said = bad.check().unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
        assert!(ConversationSettings { max_message_bytes: u64::MAX, ..usual }.check().is_ok());
        assert_eq!((retry(0), retry(3000), retry(u64::MAX)), (10, 3000, 3_600_000));
    }
}
