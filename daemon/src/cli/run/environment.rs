//! The variables that lead programs to the proxy and make them trust its certificates.
//!
//! Inherited values are overwritten: machines that intercept traffic already set many of them.

use super::trust::Files;
use std::{
    ffi::{OsStr, OsString},
    net::SocketAddr,
    path::Path,
};

/// Variables with the proxy's URL, in lower case; all are set in capitals, too (curl wants `http_proxy` in lower case,
/// others read capitals only).
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"];
/// A proxy of their own, which these clients would prefer.
const RIVALS: [&str; 6] = [
    "grpc_proxy",
    "GRPC_PROXY",
    "npm_config_proxy",
    "npm_config_https_proxy",
    "NPM_CONFIG_PROXY",
    "NPM_CONFIG_HTTPS_PROXY",
];
/// Hosts that are not asked through the proxy.
const EXCEPTIONS: [&str; 6] =
    ["no_proxy", "NO_PROXY", "no_grpc_proxy", "NO_GRPC_PROXY", "npm_config_noproxy", "NPM_CONFIG_NOPROXY"];
/// Variables that name a file that *replaces* a client's trust store.
const BUNDLES: [&str; 18] = [
    "SSL_CERT_FILE",                      // OpenSSL, Go, Python's ssl, urllib and httpx, rustls
    "CURL_CA_BUNDLE",                     // curl
    "REQUESTS_CA_BUNDLE",                 // Python's requests
    "PIP_CERT",                           // pip
    "GIT_SSL_CAINFO",                     // git
    "CARGO_HTTP_CAINFO",                  // cargo
    "AWS_CA_BUNDLE",                      // AWS's command line and SDKs
    "DENO_CERT",                          // Deno
    "NIX_SSL_CERT_FILE",                  // Nix
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",   // gRPC
    "HTTPLIB2_CA_CERTS",                  // Python's httplib2
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", // Google Cloud's command line
    "BUNDLE_SSL_CA_CERT",                 // Ruby's bundler
    "COMPOSER_CAFILE",                    // PHP's composer
    "PERL_LWP_SSL_CA_FILE",               // Perl's LWP
    "HEX_CACERTS_PATH",                   // Elixir's hex
    "JULIA_SSL_CA_ROOTS_PATH",            // Julia
    "npm_config_cafile",                  // npm
];

/// Variables with a value of their own: certificates that Node.js appends to those it has built in, the switch that
/// makes it look at the proxies, settings of wget (GnuTLS) and of Java.
const OTHERS: [&str; 4] = ["NODE_EXTRA_CA_CERTS", "NODE_USE_ENV_PROXY", "WGETRC", "JAVA_TOOL_OPTIONS"];

/// The proxy that programs are led to.
#[derive(Clone, Copy, Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    /// Leave the exceptions as they are.
    pub keep_no_proxy: bool,
}

impl Proxy {
    /// As programs want it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Variables to set (`Some`) or to remove (`None`), in order.
#[derive(Debug)]
pub struct Environment(Vec<(&'static str, Option<OsString>)>);

impl Environment {
    /// What to change of the variables that `inherited` knows.
    pub fn new(proxy: &Proxy, files: &Files, inherited: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut all = Vec::new();
        let url = OsString::from(proxy.url());
        all.extend(both_cases(&PROXIES).map(|name| (name, Some(url.clone()))));
        all.extend(RIVALS.map(|name| (name, None)));
        if !proxy.keep_no_proxy {
            all.extend(EXCEPTIONS.map(|name| (name, None)));
        }
        all.extend(BUNDLES.map(|name| (name, Some(files.bundle.clone().into()))));
        let java = java(proxy, &files.java, inherited("JAVA_TOOL_OPTIONS"));
        let others = [files.certificate.clone().into(), "1".into(), files.wgetrc.clone().into(), java];
        all.extend(OTHERS.into_iter().zip(others.map(Some)));
        Self(all)
    }

    /// Every variable that may be changed.
    pub fn names() -> impl Iterator<Item = &'static str> {
        both_cases(&PROXIES).chain(RIVALS).chain(EXCEPTIONS).chain(BUNDLES).chain(OTHERS)
    }

    /// What a variable is set to.
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        self.variables().find(|(other, _)| *other == name)?.1
    }

    /// Names and values; no value means that the variable is removed.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, Option<&OsStr>)> {
        self.0.iter().map(|(name, value)| (*name, value.as_deref()))
    }
}

fn both_cases(names: &[&'static str; 5]) -> impl Iterator<Item = &'static str> {
    const CAPITALS: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY", "WSS_PROXY"];
    // On Windows names are the same in either case.
    let capitals = if cfg!(windows) { &[][..] } else { &CAPITALS[..] };
    names.iter().chain(capitals).copied()
}

/// Options for every Java program, after those it has anyway. The trust store is PKCS#12 without a password.
fn java(proxy: &Proxy, store: &Path, inherited: Option<OsString>) -> OsString {
    let (host, port) = (proxy.address.ip(), proxy.address.port());
    let mut options = Vec::new();
    for scheme in ["http", "https"] {
        options.push(format!("-D{scheme}.proxyHost={host}"));
        options.push(format!("-D{scheme}.proxyPort={port}"));
    }
    if !proxy.keep_no_proxy {
        // By default Java asks localhost directly.
        options.push("-Dhttp.nonProxyHosts=".into());
    }
    options.push(format!("-Djavax.net.ssl.trustStore={}", store.display()));
    options.push("-Djavax.net.ssl.trustStoreType=PKCS12".into());
    let options = options.into_iter().map(|option| java_word(&option)).collect::<Vec<_>>().join(" ");
    let mut all = inherited.unwrap_or_default();
    if !all.to_string_lossy().ends_with(&options) {
        if !all.is_empty() {
            all.push(" ");
        }
        all.push(options);
    }
    all
}

/// An option as the Java launcher reads it: words end at white space, and quotes of either kind keep it.
fn java_word(option: &str) -> String {
    match (option.contains(char::is_whitespace), option.contains('"')) {
        (true, false) => format!("\"{option}\""),
        (true, true) => format!("'{option}'"),
        (false, _) => option.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn environment(keep_no_proxy: bool, java: Option<&str>) -> HashMap<&'static str, Option<String>> {
        let proxy = Proxy { address: "127.0.0.1:9".parse().unwrap(), keep_no_proxy };
        let files = Files {
            certificate: "/d d/ca.pem".into(),
            bundle: "/d d/bundle.pem".into(),
            wgetrc: "/d d/wgetrc".into(),
            java: "/d d/java.p12".into(),
        };
        let java = java.map(OsString::from);
        let environment = Environment::new(&proxy, &files, |name| java.clone().filter(|_| name == "JAVA_TOOL_OPTIONS"));
        let text = |value: &OsStr| value.to_str().unwrap().to_owned();
        environment.variables().map(|(name, value)| (name, value.map(text))).collect()
    }

    #[test]
    fn programs_are_led_to_the_proxy() {
        let all = environment(false, None);
        for name in ["http_proxy", "HTTPS_PROXY", "all_proxy", "WSS_PROXY"] {
            assert_eq!(all[name].as_deref(), Some("http://127.0.0.1:9"), "{name}");
        }
        assert_eq!((&all["no_proxy"], &all["NO_PROXY"]), (&None, &None));
        assert!(!environment(true, None).contains_key("NO_PROXY"));
        let names: Vec<_> = Environment::names().collect();
        assert!(all.keys().all(|name| names.contains(name)) && all.len() == names.len());
        assert_eq!(all["NODE_USE_ENV_PROXY"].as_deref(), Some("1"));
    }

    #[test]
    fn what_replaces_a_trust_store_gets_the_bundle_and_what_adds_to_it_the_certificate() {
        let all = environment(false, None);
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"] {
            assert_eq!(all[name].as_deref(), Some("/d d/bundle.pem"), "{name}");
        }
        assert_eq!(all["NODE_EXTRA_CA_CERTS"].as_deref(), Some("/d d/ca.pem"));
    }

    #[test]
    fn java_keeps_its_own_options_and_gets_ours_once() {
        let ours = environment(false, None)["JAVA_TOOL_OPTIONS"].clone().unwrap();
        assert!(ours.contains("-Dhttps.proxyPort=9") && ours.contains("\"-Djavax.net.ssl.trustStore=/d d/java.p12\""));
        let both = environment(false, Some("-Xmx1g"))["JAVA_TOOL_OPTIONS"].clone().unwrap();
        assert_eq!(both, format!("-Xmx1g {ours}"));
        assert_eq!(environment(false, Some(&both))["JAVA_TOOL_OPTIONS"].as_deref(), Some(both.as_str()));
    }
}
