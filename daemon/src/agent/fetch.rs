//! A file from the Internet: by the path of every request, into the history, and only from where anybody could get it.

use super::{
    Agent, Choice, JarChoice, Order, Outcome, SendError, Watch,
    scopes::{Resolved, Within},
};
use crate::{
    collection::Around,
    request::{Auth, Draft, Settings, settings::HttpVersion, variables::has_reference},
};
use std::sync::Arc;
use tokio::time::Instant;
use waylay_storage::{StoreError, model::Source};

/// Largest file, bytes as transferred.
pub const LARGEST: u64 = 10 << 20;
/// For the whole of it, redirects included, milliseconds.
const TIME_MS: u64 = 15_000;
/// Most redirects in a row.
const REDIRECTS: u32 = 5;
/// Longest URL, bytes.
const URL: usize = 8 << 10;

/// Holds a URL to what may be fetched: https, whole, without a user or variables.
///
/// # Errors
/// Why it may not.
pub fn check(url: &str) -> Result<(), SendError> {
    let refused = |reason: &str, message: String, hint: &str| Err(SendError::new("policy", reason, message, hint));
    let shown: String = url.chars().take(200).flat_map(char::escape_debug).collect();
    if url.len() > URL {
        return refused("too long", format!("The URL has {} bytes; {URL} are allowed.", url.len()), "");
    }
    if has_reference(url) {
        return refused("variables", format!("The URL '{shown}' holds a variable."), "put its value in");
    }
    let Ok(read) = url.parse::<::url::Url>() else {
        return refused("bad URL", format!("'{shown}' is no URL."), "give one such as https://example.org/file.json");
    };
    if read.scheme() != "https" {
        let hint = "save the file and import that, or give a URL that begins with https://";
        return refused("not https", format!("'{shown}' was not asked: only https is allowed here."), hint);
    }
    if !read.username().is_empty() || read.password().is_some() {
        return refused("user", "The URL holds a user name or a password.".to_owned(), "leave them out");
    }
    Ok(())
}

impl Agent {
    /// Asks for a file: by https at every hop, at public addresses only, with checked certificates, within 15 s and
    /// [`LARGEST`], without cookies, variables and what settings for all requests say. What came is the body of the outcome's
    /// last exchange.
    ///
    /// # Errors
    /// Those of the store. Why it could not be had stands in the outcome.
    pub async fn fetch(self: Arc<Self>, url: String, watch: Watch) -> Result<Outcome, StoreError> {
        let settings = Settings {
            http_version: Some(HttpVersion::Auto),
            verify_chain: Some(true),
            verify_name: Some(true),
            follow_redirects: Some(true),
            max_redirects: Some(REDIRECTS),
            keep_authorization: Some(false),
            timeout_ms: Some(TIME_MS),
            max_response_bytes: Some(LARGEST),
            encode_url: Some(true),
            no_cache: Some(true),
            cookie_jar: Some(false),
            cipher_suites: Some(Vec::new()),
            server_name: Some(String::new()),
            resolve: Some(Vec::new()),
            key_log: Some(String::new()),
            ..Settings::default()
        };
        let without = ["cookie", "accept-encoding"].map(str::to_owned).to_vec();
        let draft = Draft { url, auth: Auth::None, settings, without, ..Draft::default() };
        let order = Order {
            draft,
            environment: Choice::None,
            jar: JarChoice::None,
            as_of: None,
            variables: Vec::new(),
            data: Vec::new(),
            around: Around::default(),
            made_from: None,
            source: Source::Send,
            guest: None,
        };
        let began = Instant::now();
        let resolved = Resolved { within: Within::Public, ..self.resolve(&order).await? };
        self.send_resolved(order, resolved, watch, began).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_asked() {
        for good in ["https://example.org/c.json?x=1#f", "HTTPS://example.org:8443/"] {
            assert_eq!(check(good).map_err(|e| e.message), Ok(()), "{good}");
        }
        for (bad, reason) in [
            ("http://example.org/", "not https"),
            ("http://127.0.0.1/", "not https"),
            ("file:///etc/passwd", "not https"),
            ("data:text/plain,x", "not https"),
            ("example.org/c.json", "bad URL"),
            ("", "bad URL"),
            ("https://u:p@example.org/", "user"),
            ("https://{{host}}/", "variables"),
        ] {
            assert_eq!(check(bad).unwrap_err().reason, reason, "{bad}");
        }
        assert_eq!(check(&format!("https://e.org/{}", "x".repeat(URL))).unwrap_err().reason, "too long");
    }
}
