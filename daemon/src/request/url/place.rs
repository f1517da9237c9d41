//! The part of a URL that says where to connect.

use super::{Problem, Scheme, Target, Userinfo, bad, shown};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;

/// The scheme, `http` if none is written, and what follows `://`. Backslashes pass for slashes.
pub(super) fn scheme(text: &str) -> Result<(Scheme, &str), Problem> {
    let Some(at) = text.find("://").or_else(|| text.find(":\\\\")) else {
        return Ok((Scheme::Http, text.strip_prefix("//").unwrap_or(text)));
    };
    let (scheme, rest) = (&text[..at], &text[at + 3..]);
    if scheme.contains(['/', '\\', '@']) {
        return Ok((Scheme::Http, text));
    }
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other if other.contains("{{") => return Err(unresolved("scheme", scheme)),
        "ws" | "wss" => {
            let message = format!("A URL with the scheme {} is not sent, but connected to.", shown(scheme));
            return Err(bad(message, "Use `waylay connect`, or Connect in the editor."));
        }
        _ => {
            let message = format!("The scheme {} cannot be sent.", shown(scheme));
            return Err(bad(message, "Use http:// or https://."));
        }
    };
    Ok((scheme, rest.trim_start_matches(['/', '\\'])))
}

/// Takes `rest` apart: where to connect, and the path as it is written.
pub(super) fn place(scheme: Scheme, rest: &str) -> Result<(Target, &str), Problem> {
    let to = |host: String, port, unix, userinfo| Target { scheme, host, port, path: String::new(), unix, userinfo };
    if let Some(socket) = rest.strip_prefix("unix:").filter(|rest| rest.starts_with('/')) {
        let (socket, path) = socket.split_once(':').unwrap_or((socket, ""));
        if socket.contains('\0') || socket.ends_with('/') {
            let message = format!("{} is not the path of a Unix socket.", shown(socket));
            return Err(bad(message, "Write http://unix:/path/of.sock:/resource."));
        }
        return Ok((to("localhost".into(), scheme.port(), Some(PathBuf::from(socket)), None), path));
    }
    let end = rest.find(['/', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (userinfo, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let (host, port) = host_and_port(host)?;
    let port = port.unwrap_or(scheme.port());
    Ok((to(ascii_host(host)?, port, None, userinfo.map(self::userinfo)), path))
}

fn host_and_port(text: &str) -> Result<(&str, Option<u16>), Problem> {
    let colon = text.rfind(':').filter(|&colon| !text[colon..].contains(']'));
    let Some((host, port)) = colon.map(|colon| (&text[..colon], &text[colon + 1..])) else { return Ok((text, None)) };
    if port.is_empty() {
        return Ok((host, None));
    }
    let number = port.bytes().all(|b| b.is_ascii_digit()).then(|| port.parse().ok()).flatten();
    match number {
        Some(number @ 1..) => Ok((host, Some(number))),
        _ if port.contains("}}") || host.contains("{{") => Err(unresolved("port", text)),
        _ if host.contains(':') && !host.starts_with('[') => {
            let message = format!("{} is no host.", shown(text));
            Err(bad(message, "Write an IPv6 address in brackets, such as http://[::1]:8080/."))
        }
        _ => {
            let message = format!("{} is no port.", shown(port));
            Err(bad(message, "A port is a number from 1 to 65535 behind the host, such as http://localhost:8080/."))
        }
    }
}

/// The host as DNS and `Host` have it: lower case, in Punycode, an address in its usual spelling.
fn ascii_host(text: &str) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(bad("The URL has no host.".into(), "Write where it goes, such as https://example.org/path."));
    }
    if text.contains("{{") {
        return Err(unresolved("host", text));
    }
    let named = |c: u8| c.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&c);
    match ::url::Host::parse(text) {
        Ok(::url::Host::Domain(name)) if name.bytes().all(named) && name.len() <= 254 => Ok(name),
        Ok(::url::Host::Ipv4(address)) => Ok(address.to_string()),
        Ok(::url::Host::Ipv6(address)) => Ok(address.to_string()),
        _ => {
            let hint = "A host is a name, an IPv4 address, or an IPv6 address in brackets.";
            Err(bad(format!("{} is no host.", shown(text)), hint))
        }
    }
}

fn userinfo(text: &str) -> Userinfo {
    let (username, password) = text.split_once(':').unwrap_or((text, ""));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Userinfo { username: decoded(username), password: decoded(password) }
}

fn unresolved(what: &str, text: &str) -> Problem {
    let message = format!("The {what} {} holds a variable without a value.", shown(text));
    bad(message, "Give the variable a value, or choose the environment that has it.")
}
