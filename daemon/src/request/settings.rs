//! How a request is to be sent. What is left out is as the settings for all requests say, or else as it is by itself.

use serde::{Deserialize, Serialize};

/// How to send. `None`: not said here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which HTTP; by itself [`HttpVersion::Auto`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_version: Option<HttpVersion>,
    /// Whether the certificate must come from an issuer that is trusted; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_chain: Option<bool>,
    /// Whether the certificate must name the host; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_name: Option<bool>,
    /// Whether 301, 302, 303, 307 and 308 are followed; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_redirects: Option<bool>,
    /// How many in a row; by itself 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_redirects: Option<u32>,
    /// Whether 301, 302 and 303 keep the method and the body; by itself no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_method: Option<bool>,
    /// Whether `Authorization` goes to another origin with a redirect; by itself no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_authorization: Option<bool>,
    /// Whether a redirect leaves `Referer` out; by itself no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strip_referer: Option<bool>,
    /// For the whole of it, redirects and bodies included, milliseconds; by itself 0, no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// For the name, the TCP and the TLS handshake, each, milliseconds; 0 or nothing for the daemon's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_timeout_ms: Option<u64>,
    /// Largest body of a response, bytes as transferred; by itself 0, no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_response_bytes: Option<u64>,
    /// Whether what cannot stand in a URL is percent-encoded; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encode_url: Option<bool>,
    /// Whether `Cache-Control: no-cache` is sent; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_cache: Option<bool>,
    /// Whether cookies of the jar are sent and kept; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie_jar: Option<bool>,
    /// Oldest TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_min: Option<TlsVersion>,
    /// Newest TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_max: Option<TlsVersion>,
    /// The only cipher suites to offer, by their names (IANA or OpenSSL). Those we do not have are kept and told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher_suites: Option<Vec<String>>,
    /// The name to greet with in TLS and to find in the certificate; empty for the host's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Addresses to use instead of looking names up: `host:port:address`, as curl's `--resolve`. `*` stands for any port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Vec<String>>,
    /// A file in the folder for files that gets the TLS session keys (`SSLKEYLOGFILE`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_log: Option<String>,
}

/// Which HTTP to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HttpVersion {
    /// HTTP/2 where it is offered, else HTTP/1.1.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// HTTP/1.0.
    #[serde(rename = "1.0")]
    Http10,
    /// HTTP/1.1.
    #[serde(rename = "1.1")]
    Http11,
    /// HTTP/2, or an error.
    #[serde(rename = "2")]
    Http2,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TlsVersion {
    /// RFC 5246.
    #[serde(rename = "1.2")]
    Tls12,
    /// RFC 8446.
    #[serde(rename = "1.3")]
    Tls13,
}

impl Settings {
    /// Whether nothing is said here.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// `self` where it says something, else `general`.
macro_rules! over {
    ($own:expr, $general:expr, $($name:ident)*) => { Settings { $($name: $own.$name.or($general.$name),)* } };
}

impl Settings {
    /// These, and where they say nothing those `general` ones.
    pub fn over(self, general: Self) -> Self {
        over!(self, general,
            http_version verify_chain verify_name follow_redirects max_redirects keep_method keep_authorization
            strip_referer timeout_ms connect_timeout_ms max_response_bytes encode_url no_cache cookie_jar tls_min tls_max
            cipher_suites server_name resolve key_log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_says_wins() {
        let general = Settings { max_redirects: Some(3), no_cache: Some(false), ..Settings::default() };
        let own = Settings { max_redirects: Some(0), http_version: Some(HttpVersion::Http2), ..Settings::default() };
        let both = own.over(general);
        assert_eq!((both.max_redirects, both.no_cache), (Some(0), Some(false)));
        assert_eq!(both.http_version, Some(HttpVersion::Http2));
    }
}
