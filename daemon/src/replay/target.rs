//! Another server for what was captured.

use super::{BadAsked, asked::bad};
use url::Url;

/// Scheme, host and port that take the place of the captured ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// Of `https://staging.example.com` or `http://localhost:3000`; a path there is none of.
    ///
    /// # Errors
    /// [`BadAsked`]
    pub(super) fn parse(text: &str) -> Result<Self, BadAsked> {
        let hint = "write it as http://localhost:3000 or https://staging.example.com";
        let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
        let url = Url::parse(text.trim()).map_err(|e| bad(format!("the target '{shown}' is no URL: {e}"), hint))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(bad(format!("the target '{shown}' is no http or https URL"), hint));
        }
        if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(bad(format!("the target '{shown}' has more than a scheme, a host and a port"), hint));
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// A URL as it is sent there: path and query stay byte for byte. `None` for what is no http URL.
    pub(super) fn instead(&self, url: &str) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let path = rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]);
        Some(format!("{}{path}", self.0))
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_are_replaced_and_nothing_else() {
        let target = |text| Target::parse(text).unwrap();
        for (to, url, expected) in [
            ("http://localhost:3000", "https://api.example.com/a%2Fb?x=%zz#f", "http://localhost:3000/a%2Fb?x=%zz#f"),
            ("https://B.test/", "http://a.test:8080", "https://b.test"),
            ("http://[::1]:80", "HTTPS://u:p@a.test?x", "http://[::1]?x"),
        ] {
            assert_eq!(target(to).instead(url).as_deref(), Some(expected));
        }
        assert_eq!(target("http://a").instead("{{base}}/x"), None);
        for bad in ["", "a.test", "ftp://a", "http://a/b", "http://a?b", "http://u@a", "http://", "mailto:x"] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
