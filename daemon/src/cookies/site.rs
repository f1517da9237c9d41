//! Hosts and the sites they make up, by the Public Suffix List.

use std::net::Ipv4Addr;
use url::{Host, Url};

/// Whether the host is `domain` or lies below it (RFC 6265bis, section 5.1.3). Both in lower case and Punycode.
pub fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || !is_address(host)
            && host.strip_suffix(domain).is_some_and(|below| below.ends_with('.') && !domain.is_empty())
}

/// A host as cookies have it: in lower case and Punycode, addresses in their usual form, without a leading dot. None if it
/// is no host.
pub fn host(text: &str) -> Option<String> {
    let text = text.strip_prefix('.').unwrap_or(text);
    let bare_v6 = text.parse::<std::net::Ipv6Addr>().is_ok();
    let host = if bare_v6 { Host::parse(&format!("[{text}]")) } else { Host::parse(text) };
    host.ok().map(|host| host.to_string()).filter(|host| !host.is_empty())
}

/// Whether everybody may register names below this one (`com`, `co.uk`, `github.io`). A last label that the list does not
/// know is one too, as browsers have it.
pub fn is_public_suffix(domain: &str) -> bool {
    // `com.` is as public as `com`.
    let name = domain.strip_suffix('.').unwrap_or(domain);
    !is_address(domain) && !name.is_empty() && psl::suffix_str(name) == Some(name)
}

/// Whether the list itself names this one as a suffix; a last label that it does not know is none.
pub fn is_known_suffix(domain: &str) -> bool {
    is_public_suffix(domain) && psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// The part of a host under which one owner has everything: `example.co.uk` of `www.example.co.uk`. An address, a public
/// suffix and a name of one label are their own.
pub fn registrable(host: &str) -> &str {
    if is_address(host) { host } else { psl::domain_str(host).unwrap_or(host) }
}

/// Scheme and registrable host: what `SameSite` and `Partitioned` tell apart. WebSockets are as the pages they come from.
pub fn site(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(format!("{}://{}", web_scheme(url), registrable(host)))
}

/// Whether what is sent there cannot be read on its way: TLS, or it does not leave this machine.
pub fn is_safe(url: &Url) -> bool {
    web_scheme(url) == "https"
        || match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                name == "localhost" || name.ends_with(".localhost")
            }
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// Whether the host is an IP address: then it has no subdomains.
pub fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

fn web_scheme(url: &Url) -> &str {
    match url.scheme() {
        "ws" => "http",
        "wss" => "https",
        scheme => scheme,
    }
}
