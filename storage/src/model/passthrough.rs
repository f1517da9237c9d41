//! Tunnels that are relayed unread although they could have been read.

use serde::{Deserialize, Serialize};

words! {
    /// Who put a pattern on the passthrough list.
    PassthroughOrigin {
        /// The command line or the settings the daemon was started with.
        Flag = "flag",
        /// The user, while it ran.
        User = "user",
        /// Waylay, after a client had rejected its certificate again and again.
        Automatic = "automatic",
    }
}

/// Why a tunnel was relayed unread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passthrough {
    /// The pattern of the passthrough list that matched.
    pub pattern: String,
    /// Who put it there.
    pub origin: PassthroughOrigin,
    /// The server name in the client's TLS hello; `None` if there was none, or no hello.
    pub sni: Option<String>,
}
