//! Messages for WebSockets that are kept.

words! {
    /// What a saved message is written in.
    MessageFormat {
        /// Plain text.
        Text = "text",
        /// JSON; sent as text.
        Json = "json",
        /// XML; sent as text.
        Xml = "xml",
        /// HTML; sent as text.
        Html = "html",
        /// Bytes in Base64; sent as binary.
        Base64 = "base64",
        /// Bytes in hexadecimal digits; sent as binary.
        Hex = "hex",
    }
}

/// A message as somebody keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSavedMessage {
    /// Its name.
    pub name: String,
    /// The URL it is kept for, as the request has it: with variables, without the query.
    pub url: String,
    /// What the content is written in.
    pub format: MessageFormat,
    /// What is sent; text may hold variables.
    pub content: String,
}

/// A message that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMessage {
    /// Its number, never reused.
    pub id: i64,
    /// What it is.
    pub message: NewSavedMessage,
    /// When it was last changed, microseconds since the Unix epoch.
    pub changed_us: i64,
}
