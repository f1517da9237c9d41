//! How a request is sent: flags, and the settings that they make.

use crate::{
    cli::report::{Exit, Report},
    request::{
        Settings,
        settings::{HttpVersion, TlsVersion},
    },
};
use clap::Args;
use std::path::PathBuf;

/// How it is sent.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How it is sent")]
pub struct HowArgs {
    /// Accept any certificate.
    #[arg(short = 'k', long)]
    pub insecure: bool,

    /// Follow redirects.
    #[arg(short = 'L', long)]
    pub location: bool,

    /// As many in a row.
    #[arg(long, value_name = "N", alias = "max-redirs")]
    pub max_redirects: Option<u32>,

    /// Redirects by 301, 302 and 303 keep the method and the body.
    #[arg(long)]
    pub keep_method: bool,

    /// Follow redirects, with Authorization to other hosts as well.
    #[arg(long)]
    pub location_trusted: bool,

    /// Speak HTTP/1.0.
    #[arg(short = '0', long = "http1.0", group = "version")]
    pub http10: bool,

    /// Speak HTTP/1.1.
    #[arg(long = "http1.1", group = "version")]
    pub http11: bool,

    /// Speak HTTP/2, or fail.
    #[arg(long = "http2", group = "version")]
    pub http2: bool,

    /// TLS 1.2 or newer.
    #[arg(long = "tlsv1.2")]
    pub tls12: bool,

    /// TLS 1.3 or newer.
    #[arg(long = "tlsv1.3")]
    pub tls13: bool,

    /// TLS of this version at most: 1.2 or 1.3.
    #[arg(long, value_name = "VERSION")]
    pub tls_max: Option<String>,

    /// Only these cipher suites, joined by ':' or ','.
    #[arg(long, value_name = "LIST")]
    pub ciphers: Option<String>,

    /// HOST:PORT:ADDRESS: an address to use instead of looking the name up.
    #[arg(long, value_name = "ENTRY")]
    pub resolve: Vec<String>,

    /// The name to greet with in TLS.
    #[arg(long, value_name = "NAME")]
    pub server_name: Option<String>,

    /// Write the keys of the TLS session into this file of the folder for files.
    #[arg(long, value_name = "NAME")]
    pub key_log: Option<String>,

    /// Connect to this socket of this machine.
    #[arg(long, value_name = "PATH")]
    pub unix_socket: Option<PathBuf>,

    /// Seconds for the name, the connection and the TLS handshake, each.
    #[arg(long, value_name = "SECONDS")]
    pub connect_timeout: Option<f64>,

    /// Seconds for all of it.
    #[arg(short = 'm', long = "max-time", value_name = "SECONDS")]
    pub max_time: Option<f64>,

    /// Largest body of an answer, bytes.
    #[arg(long = "max-filesize", value_name = "BYTES")]
    pub max_filesize: Option<u64>,

    /// Send the URL as it is typed.
    #[arg(long, alias = "path-as-is")]
    pub as_is: bool,
}

/// The settings that they make.
pub(super) fn settings(how: &HowArgs) -> Result<Settings, Report> {
    let millis = |what: &str, seconds: Option<f64>| match seconds {
        Some(s) if s.is_finite() && (0.0..=1e9).contains(&s) => Ok(Some((s * 1000.0).ceil() as u64)),
        Some(s) => {
            Err(Report::new(Exit::USAGE, format!("{s} is no time for {what}")).advise("Give seconds, such as 2.5."))
        }
        None => Ok(None),
    };
    let version = match (how.http10, how.http11, how.http2) {
        (true, ..) => Some(HttpVersion::Http10),
        (_, true, _) => Some(HttpVersion::Http11),
        (.., true) => Some(HttpVersion::Http2),
        _ => None,
    };
    let tls_max = match how.tls_max.as_deref() {
        None | Some("default") => None,
        Some("1.2") => Some(TlsVersion::Tls12),
        Some("1.3") => Some(TlsVersion::Tls13),
        Some(other) => {
            return Err(Report::new(Exit::USAGE, format!("there is no TLS {other} here")).advise("Give 1.2 or 1.3."));
        }
    };
    let list = |text: &str| text.split([':', ',', ' ']).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    Ok(Settings {
        http_version: version,
        verify_chain: how.insecure.then_some(false),
        verify_name: how.insecure.then_some(false),
        follow_redirects: Some(how.location || how.location_trusted),
        max_redirects: how.max_redirects,
        keep_method: how.keep_method.then_some(true),
        keep_authorization: how.location_trusted.then_some(true),
        timeout_ms: millis("--max-time", how.max_time)?,
        connect_timeout_ms: millis("--connect-timeout", how.connect_timeout)?,
        max_response_bytes: how.max_filesize,
        encode_url: how.as_is.then_some(false),
        no_cache: Some(false),
        tls_min: if how.tls13 { Some(TlsVersion::Tls13) } else { how.tls12.then_some(TlsVersion::Tls12) },
        tls_max,
        cipher_suites: how.ciphers.as_deref().map(list),
        server_name: how.server_name.clone(),
        resolve: (!how.resolve.is_empty()).then(|| how.resolve.clone()),
        key_log: how.key_log.clone(),
        ..Settings::default()
    })
}
