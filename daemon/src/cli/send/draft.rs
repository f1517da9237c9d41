//! The request that all flags make.

use super::{
    SendArgs,
    data::{data, read, unreadable},
};
use crate::{
    cli::{
        control::Control,
        exchange::HeaderChange,
        report::{Exit, Report},
        secret,
    },
    formats::curl::form::PartValue,
    request::{
        Auth, Body, Draft, Field, Settings,
        draft::{Language, Part},
        settings::{HttpVersion, TlsVersion},
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use clap::Args;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

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

/// A request, and the files it is made of, which the daemon does not have yet.
pub(in crate::cli) struct Drafted {
    pub(in crate::cli) draft: Draft,
    pub(in crate::cli) files: Vec<PathBuf>,
}

/// A file that is still to be handed over, in a draft: its number between these.
const PLACE: (&str, &str) = ("\0file ", "\0");

/// All flags together.
pub(in crate::cli) fn draft(args: &SendArgs) -> Result<Drafted, Report> {
    let mut files = Vec::new();
    let mut place = |path: &Path| {
        files.push(path.to_owned());
        format!("{}{}{}", PLACE.0, files.len() - 1, PLACE.1)
    };
    let data = data(args)?;
    let (named, url) = match &args.target[..] {
        [method, url] => (Some(method.clone()), url.clone()),
        [url] => (None, url.clone()),
        _ => return Err(Report::new(Exit::USAGE, "the URL is missing")),
    };
    let mut draft = Draft { url, settings: settings(&args.how)?, ..Draft::default() };
    let mut headers = Headers::default();
    let mut usual = "GET";
    if args.get {
        let query = String::from_utf8(data.bytes)
            .map_err(|_| Report::new(Exit::USAGE, "the data is no text, and cannot go into the URL"))?;
        if !query.is_empty() {
            let between = if draft.url.contains('?') { '&' } else { '?' };
            draft.url = format!("{}{between}{query}", draft.url);
        }
    } else if data.given {
        usual = "POST";
        let content_type = if data.json { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.usual("Content-Type", content_type);
        if data.json {
            headers.usual("Accept", "application/json");
        }
        draft.body = match data.file {
            Some(path) => Body::File { src: place(&path) },
            None => bytes(data.bytes),
        };
    } else if !args.form.is_empty() {
        usual = "POST";
        let parts = args.form.iter().map(|part| {
            let mut made = Part {
                key: part.name.clone(),
                content_type: part.content_type.clone(),
                file_name: part.file_name.clone(),
                ..Part::default()
            };
            match &part.value {
                PartValue::Text(text) => made.value.clone_from(text),
                PartValue::Content(path) => {
                    made.value = String::from_utf8(read(&path.to_string_lossy())?).map_err(|_| {
                        Report::new(Exit::USAGE, format!("{} is no text", path.display()))
                            .advise("Send it as a file: NAME=@FILE.")
                    })?;
                }
                PartValue::File(path) => {
                    if made.file_name.is_empty() {
                        made.file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    }
                    made.src = Some(vec![place(path)]);
                }
            }
            Ok::<_, Report>(made)
        });
        draft.body = Body::Formdata { formdata: parts.collect::<Result<_, _>>()? };
    } else if let Some(path) = &args.upload_file {
        usual = "PUT";
        draft.body = Body::File { src: place(path) };
    }
    if args.head {
        usual = "HEAD";
    }
    draft.method = args.method.clone().or(named).unwrap_or_else(|| usual.to_owned());
    draft.auth = auth(args)?;
    for (name, value) in [("Cookie", &args.cookie), ("User-Agent", &args.user_agent), ("Referer", &args.referer)] {
        if let Some(value) = value {
            headers.usual(name, value);
        }
    }
    if let Some(socket) = &args.how.unix_socket {
        through_socket(&mut draft, &mut headers, socket)?;
    }
    headers.changed(&args.headers);
    if !args.compressed {
        headers.without.push("accept-encoding".to_owned());
    }
    headers.without.push("connection".to_owned());
    (draft.headers, draft.without) = (headers.fields, headers.without);
    Ok(Drafted { draft, files })
}

/// Fields in the making.
#[derive(Default)]
struct Headers {
    fields: Vec<Field>,
    without: Vec<String>,
}

impl Headers {
    fn usual(&mut self, name: &str, value: &str) {
        self.fields.push(Field::new(name, value));
    }

    /// What is written by `-H` takes the place of what follows from other flags, and may itself be repeated.
    fn changed(&mut self, changes: &[HeaderChange]) {
        for change in changes {
            let name = change.name();
            self.fields.retain(|field| !field.key.eq_ignore_ascii_case(name));
        }
        for change in changes {
            match change {
                HeaderChange::Set(name, value) => self.fields.push(Field::new(name.as_str(), value.as_str())),
                HeaderChange::Remove(name) => self.without.push(name.to_ascii_lowercase()),
            }
        }
    }
}

fn bytes(bytes: Vec<u8>) -> Body {
    match String::from_utf8(bytes) {
        Ok(raw) => Body::Raw { raw, language: Language::Text },
        Err(e) => Body::Bytes { base64: BASE64_STANDARD.encode(e.as_bytes()) },
    }
}

fn auth(args: &SendArgs) -> Result<Auth, Report> {
    if let Some(token) = &args.bearer {
        return Ok(Auth::Bearer { token: secret::value(token)? });
    }
    let Some(user) = &args.user else { return Ok(Auth::None) };
    let (username, password) = secret::user(user)?;
    Ok(if args.digest { Auth::Digest { username, password } } else { Auth::Basic { username, password } })
}

/// The URL in the form that leads to a socket; whom it named stays in `Host`.
fn through_socket(draft: &mut Draft, headers: &mut Headers, socket: &Path) -> Result<(), Report> {
    let rest = draft.url.split_once("://").map_or(draft.url.as_str(), |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let absolute = std::path::absolute(socket).map_err(|e| unreadable(socket, e))?;
    headers.usual("Host", host);
    draft.url = format!("http://unix:{}:{path}", absolute.display());
    Ok(())
}

fn settings(how: &HowArgs) -> Result<Settings, Report> {
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

/// `NAME=VALUE`, each.
pub(in crate::cli) fn variables(given: &[String]) -> Result<Map<String, Value>, Report> {
    let read = |text: &String| {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Report::new(Exit::USAGE, format!("'{text}' is no variable")).advise("Write NAME=VALUE."))?;
        Ok((name.to_owned(), Value::from(secret::value(value)?)))
    };
    given.iter().map(read).collect()
}

/// The number of the environment of a name, or that is one.
pub(in crate::cli) async fn environment(control: &Control, name: &str) -> Result<Value, Report> {
    #[derive(Deserialize)]
    struct Page {
        items: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        id: i64,
        name: String,
    }
    if name == "none" {
        return Ok(Value::Null);
    }
    let known: Page = control.get("/environments").await?;
    let named: Vec<i64> = known.items.iter().filter(|item| item.name == name).map(|item| item.id).collect();
    let numbered = name.parse::<i64>().ok().filter(|id| known.items.iter().any(|item| item.id == *id));
    match (&named[..], numbered) {
        ([one], _) => Ok(json!(one)),
        (_, Some(id)) => Ok(json!(id)),
        ([], None) => Err(Report::new(Exit::NOT_FOUND, format!("there is no environment '{name}'"))
            .advise("`waylay environment list` shows them.")),
        _ => Err(Report::new(Exit::USAGE, format!("{} environments are called '{name}'", named.len()))
            .advise("Name the number of one: `waylay environment list` shows them.")),
    }
}

/// Files that the daemon was given for this request.
pub(in crate::cli) struct Uploads<'a> {
    control: &'a Control,
    names: Vec<String>,
}

/// How much of a file is read at a time.
const PIECE: usize = 256 << 10;

impl<'a> Uploads<'a> {
    /// Hands them over.
    pub(in crate::cli) async fn new(control: &'a Control, files: Vec<PathBuf>) -> Result<Self, Report> {
        let mut uploads = Self { control, names: Vec::new() };
        for (number, path) in files.iter().enumerate() {
            let mut random = [0; 8];
            getrandom::fill(&mut random)
                .map_err(|e| Report::new(Exit::IO, format!("there are no random numbers: {e}")))?;
            let name = format!("send-{:016x}-{number}", u64::from_ne_bytes(random));
            if let Err(report) = upload(control, path, &name).await {
                uploads.remove().await;
                return Err(report);
            }
            uploads.names.push(name);
        }
        Ok(uploads)
    }

    /// The draft with their names in it.
    pub(in crate::cli) fn named(&self, mut draft: Draft) -> Draft {
        let name = |src: &mut String| {
            let number = src.strip_prefix(PLACE.0).and_then(|rest| rest.strip_suffix(PLACE.1)?.parse::<usize>().ok());
            if let Some(name) = number.and_then(|n| self.names.get(n)) {
                src.clone_from(name);
            }
        };
        match &mut draft.body {
            Body::File { src } => name(src),
            Body::Formdata { formdata } => formdata.iter_mut().filter_map(|p| p.src.as_mut()).flatten().for_each(name),
            _ => {}
        }
        draft
    }

    /// Takes them away again; what was sent of them is kept with the exchange.
    pub(in crate::cli) async fn remove(&self) {
        for name in &self.names {
            // A daemon that has gone took the request with it.
            let _ = self.control.order(http::Method::DELETE, &format!("/files/{name}")).await;
        }
    }
}

async fn upload(control: &Control, path: &Path, name: &str) -> Result<(), Report> {
    let file: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(|e| unreadable(path, e))?)
    };
    let pieces = stream::unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece) {
            Ok(0) => None,
            Ok(n) => {
                piece.truncate(n);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(e) => Some((Err(e), file)),
        }
    });
    let _: Value = control.put(&format!("/files/{name}"), pieces).await?;
    Ok(())
}
