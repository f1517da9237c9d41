//! The proxy, as a script for automatic configuration.

use std::net::SocketAddr;

pub(super) const MEDIA_TYPE: &str = "application/x-ns-proxy-autoconfig";

/// Everything through the proxy at this address, and without it where it does not answer.
pub(super) fn script(proxy: SocketAddr) -> String {
    format!("function FindProxyForURL(url, host) {{\n  return \"PROXY {proxy}; DIRECT\";\n}}\n")
}
