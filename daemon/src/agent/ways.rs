//! From settings to the way to an origin.

use super::SendError;
use crate::{
    request::{
        Settings,
        settings::{HttpVersion, TlsVersion},
    },
    upstream::{
        Alpn, Origin, Routes, Way,
        guard::Reach,
        way::{Choice, cipher_suites},
    },
};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// Most entries of `resolve` and of `cipher_suites`.
const ENTRIES: usize = 100;

/// The way to `host` and `port`, and what of the settings has no effect. Session keys go into files of the folder `files`.
pub(super) fn way(
    settings: &Settings,
    (host, port): (&str, u16),
    unix: Option<PathBuf>,
    files: &Path,
) -> Result<(Way, Vec<String>), SendError> {
    let mut warnings = Vec::new();
    let (min, max) = (settings.tls_min, settings.tls_max);
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(bad("the oldest TLS is newer than the newest", "turn tls_min and tls_max round"));
    }
    let way = Way {
        alpn: match settings.http_version.unwrap_or_default() {
            HttpVersion::Auto => Alpn::Any,
            HttpVersion::Http10 | HttpVersion::Http11 => Alpn::Http1,
            HttpVersion::Http2 => Alpn::Http2,
        },
        verify_chain: settings.verify_chain.unwrap_or(true),
        verify_name: settings.verify_name.unwrap_or(true),
        tls12: min != Some(TlsVersion::Tls13),
        tls13: max != Some(TlsVersion::Tls12),
        cipher_suites: suites(settings, &mut warnings)?,
        addresses: addresses(settings, host, port)?,
        proxy: Choice::Usual,
        identity: Choice::Usual,
        issuers: Vec::new(),
        unix,
        key_log: settings.key_log.as_deref().filter(|name| !name.is_empty()).map(|n| file(n, files)).transpose()?,
        reach: Reach::ALL,
        handshake_timeout: settings.connect_timeout_ms.filter(|ms| *ms > 0).map(Duration::from_millis),
    };
    Ok((way, warnings))
}

/// What is wrong with the certificate that would be presented to an origin, for people.
pub(super) fn doubt(routes: &Routes, origin: &Origin, now_us: i64) -> Option<String> {
    let facts = routes.identity(origin)?.facts;
    let trouble = facts.trouble(now_us / 1_000_000)?;
    Some(format!(
        "The client certificate for {} ({}) {trouble}: `waylay certificate list` shows since when.",
        origin.authority(),
        facts.subject
    ))
}

fn suites(settings: &Settings, warnings: &mut Vec<String>) -> Result<Vec<u16>, SendError> {
    let Some(wanted) = settings.cipher_suites.as_deref().filter(|wanted| !wanted.is_empty()) else {
        return Ok(Vec::new());
    };
    bounded("cipher_suites", wanted.len())?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in wanted {
        let known =
            cipher_suites().find(|(ours, _)| plain(ours) == plain(name) || plain(&openssl(ours)) == plain(name));
        match known {
            Some((_, number)) => found.push(number),
            None => missing.push(name.as_str()),
        }
    }
    if found.is_empty() {
        let ours: Vec<_> = cipher_suites().map(|(name, _)| name).collect();
        return Err(bad(
            &format!("none of the cipher suites asked for is one that Waylay has: {}", missing.join(", ")),
            &format!("choose among {}", ours.join(", ")),
        ));
    }
    if !missing.is_empty() {
        warnings.push(format!("Cipher suites that Waylay does not have were not offered: {}.", missing.join(", ")));
    }
    Ok(found)
}

/// How OpenSSL calls a suite of TLS 1.2: `ECDHE-RSA-AES128-GCM-SHA256` for `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
fn openssl(name: &str) -> String {
    let short = name.trim_start_matches("TLS_").replace("_WITH_", "-").replace("AES_", "AES");
    short.replace("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305").replace('_', "-")
}

/// Without what people write in different ways.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What `resolve` says of a host, in curl's form: `host:port:address[,address]`.
fn addresses(settings: &Settings, host: &str, port: u16) -> Result<Vec<IpAddr>, SendError> {
    let entries = settings.resolve.as_deref().unwrap_or_default();
    bounded("resolve", entries.len())?;
    let mut found = Vec::new();
    for entry in entries {
        let not =
            || bad(&format!("'{entry}' in resolve is not host:port:address"), "write it as in api.test:443:127.0.0.1");
        let (name, rest) = match entry.strip_prefix('[').and_then(|e| e.split_once("]:")) {
            Some(bracketed) => bracketed,
            None => entry.split_once(':').ok_or_else(not)?,
        };
        let (at, list) = rest.split_once(':').ok_or_else(not)?;
        let any_port = at == "*";
        let number: u16 = if any_port { 0 } else { at.parse().map_err(|_| not())? };
        let list = list.split(',').map(|a| a.trim().trim_matches(['[', ']']).parse::<IpAddr>().map_err(|_| not()));
        let list = list.collect::<Result<Vec<_>, _>>()?;
        if (name == "*" || name.eq_ignore_ascii_case(host)) && (any_port || number == port) {
            found.extend(list);
        }
    }
    Ok(found)
}

/// A file in the folder for files: a name, without a way to elsewhere.
fn file(name: &str, files: &Path) -> Result<PathBuf, SendError> {
    let alone = !name.contains(['/', '\\', '\0']) && !name.starts_with('.') && name.len() <= 200;
    if alone {
        return Ok(files.join(name));
    }
    Err(bad(
        &format!("'{name}' is no name for the file of session keys"),
        "give a plain name: it is put into the folder for files",
    ))
}

fn bounded(what: &str, n: usize) -> Result<(), SendError> {
    if n <= ENTRIES {
        return Ok(());
    }
    Err(bad(&format!("{what} has {n} entries; {ENTRIES} are allowed"), "leave some out"))
}

fn bad(message: &str, hint: &str) -> SendError {
    SendError::new("settings", "not sent", format!("The request was not sent: {message}."), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(settings: &Settings) -> Result<(Way, Vec<String>), SendError> {
        way(settings, ("api.test", 443), None, Path::new("/files"))
    }

    #[test]
    fn suites_go_by_either_name_and_those_we_lack_are_told_of() {
        let names =
            ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256", "RC4-MD5", "ECDHE-ECDSA-CHACHA20-POLY1305"];
        let settings = Settings { cipher_suites: Some(names.map(str::to_owned).to_vec()), ..Settings::default() };
        let (way, warnings) = found(&settings).unwrap();
        assert_eq!(way.cipher_suites, [0xC02F, 0x1301, 0xCCA9]);
        assert!(warnings.len() == 1 && warnings[0].contains("RC4-MD5"), "{warnings:?}");
        let settings = Settings { cipher_suites: Some(vec!["RC4-MD5".into()]), ..Settings::default() };
        assert!(found(&settings).unwrap_err().hint.contains("TLS_AES_128_GCM_SHA256"));
    }

    #[test]
    fn addresses_are_given_per_host_and_port() {
        for (entry, expected) in [
            ("api.test:443:127.0.0.1", Ok(vec!["127.0.0.1"])),
            ("API.test:*:127.0.0.1,[::1]", Ok(vec!["127.0.0.1", "::1"])),
            ("api.test:443:::1", Ok(vec!["::1"])),
            ("*:443:192.0.2.1", Ok(vec!["192.0.2.1"])),
            ("api.test:80:127.0.0.1", Ok(vec![])),
            ("b.test:443:127.0.0.1", Ok(vec![])),
            ("api.test:443", Err(())),
            ("api.test:x:127.0.0.1", Err(())),
            ("api.test:443:localhost", Err(())),
        ] {
            let settings = Settings { resolve: Some(vec![entry.to_owned()]), ..Settings::default() };
            let addresses =
                found(&settings).map(|(way, _)| way.addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>());
            assert_eq!(
                addresses.map_err(drop),
                expected.map(|e| e.into_iter().map(str::to_owned).collect()),
                "{entry}"
            );
        }
    }

    #[test]
    fn tls_and_http_are_chosen() {
        let settings = Settings {
            tls_min: Some(TlsVersion::Tls13),
            http_version: Some(HttpVersion::Http2),
            key_log: Some("keys.txt".into()),
            ..Settings::default()
        };
        let (way, _) = found(&settings).unwrap();
        assert_eq!((way.tls12, way.tls13, way.alpn), (false, true, Alpn::Http2));
        assert_eq!(way.key_log.as_deref(), Some(Path::new("/files/keys.txt")));
        assert_eq!(found(&Settings::default()).unwrap().0, Way::default());
        let turned = Settings { tls_max: Some(TlsVersion::Tls12), ..settings.clone() };
        assert!(found(&turned).is_err());
        assert!(found(&Settings { key_log: Some("../keys".into()), ..settings }).is_err());
    }
}
