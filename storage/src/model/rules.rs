//! What a session records of the traffic that passes.

use serde::{Deserialize, Serialize};

/// "What to record". It never changes what passes. Within a list any value will do; all lists must agree; an empty list
/// asks for nothing. Source: Postman, "Control the proxy session".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordingRules {
    /// Methods, without regard to case.
    pub methods: Vec<String>,
    /// Statuses like `404`, classes like `5xx`, and `failed` for requests that had no answer.
    pub status: Vec<String>,
    /// Hosts as the passthrough list writes them: `example.com`, `*.example.com`, each with or without a port.
    pub hosts: Vec<String>,
    /// Text the URL contains, without regard to case, or `/a regular expression/`, with `i` behind it to ignore case.
    pub url_contains: Vec<String>,
    /// Likewise, none of which it may contain.
    pub url_excludes: Vec<String>,
    /// Parts of the response's media type: `json`, `text/html`; and `none` for responses that name none.
    pub content_types: Vec<String>,
    /// Whether bodies of responses are stored.
    pub save_responses: bool,
    /// Whether cookies are looked at.
    pub capture_cookies: bool,
    /// Whether bodies of images, audio and video are stored.
    pub media: bool,
}

impl Default for RecordingRules {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            status: Vec::new(),
            hosts: Vec::new(),
            url_contains: Vec::new(),
            url_excludes: Vec::new(),
            content_types: Vec::new(),
            save_responses: true,
            capture_cookies: true,
            media: false,
        }
    }
}
