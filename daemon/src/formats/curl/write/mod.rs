//! A request as a command of curl that sends the same bytes.
//!
//! - `quote`: words of a shell, whatever is in them

pub(super) mod quote;

use crate::request::{
    Auth, Body, Draft, Field,
    body::{Piece, plan},
    draft::{KeyPlace, Part},
    settings::{HttpVersion, TlsVersion},
    url::{encode, target},
    variables::has_reference,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use quote::word;
use serde::{Deserialize, Serialize};

/// Longest data that stands in the command, bytes: systems bound what one argument may hold.
const ARGUMENT: usize = 100 << 10;

/// Longest data that the command prints by itself, bytes; longer data comes from the store.
const PRINTED: usize = 1 << 20;

/// Which shell the command is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// Bash, zsh and their relatives.
    #[default]
    Bash,
    /// The command prompt of Windows.
    Cmd,
}

/// A command, and what should be known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// To be pasted into the shell.
    pub command: String,
    /// What curl does not do as Waylay would, and what is to be done first.
    pub notes: Vec<String>,
}

/// The command for a request. `captured` gives the body of the request of an exchange, where it is at hand and not too long to be
/// written. Variables stay as they are.
pub fn write(draft: &Draft, captured: impl Fn(&str) -> Option<Bytes>, shell: Shell) -> Written {
    let mut command = Command { shell, options: Vec::new(), notes: Vec::new(), before: None };
    let url = url(draft, &mut command.notes);
    if url.contains(['[', ']', '{', '}']) {
        command.option("--globoff", None);
    }
    if dotted(&url) {
        command.option("--path-as-is", None);
    }
    let mut data = Command { options: Vec::new(), notes: Vec::new(), ..command.clone() };
    let content = body(draft, &mut data, captured);
    method(draft, &data, &mut command);
    headers(draft, &content, &data, &mut command);
    auth(draft, &mut command);
    settings(draft, &mut command);
    command.options.append(&mut data.options);
    command.notes.append(&mut data.notes);
    command.before = data.before;
    let between = if shell == Shell::Bash { " \\\n  " } else { " ^\n  " };
    let words = [format!("curl {}", word(url.as_bytes(), shell))].into_iter().chain(command.options);
    let line = words.collect::<Vec<_>>().join(between);
    let command_line = command.before.map_or_else(|| line.clone(), |before| format!("{before} | {line}"));
    let mut notes = command.notes;
    if has_reference(&command_line) {
        notes.push("Variables stand in it as {{name}}: put their values in.".to_owned());
    }
    if shell == Shell::Cmd && command_line.len() > 8191 {
        notes.push("The command prompt takes 8191 characters; this command has more.".to_owned());
    }
    notes.dedup();
    Written { command: command_line, notes }
}

/// A command in the making.
#[derive(Clone)]
struct Command {
    shell: Shell,
    options: Vec<String>,
    notes: Vec<String>,
    /// What prints its standard input.
    before: Option<String>,
}

impl Command {
    fn option(&mut self, name: &str, value: Option<&[u8]>) {
        self.options.push(match value {
            None => name.to_owned(),
            Some(value) => format!("{name} {}", word(value, self.shell)),
        });
    }
}

/// Where it goes, with the query that is sent.
fn url(draft: &Draft, notes: &mut Vec<String>) -> String {
    let encode = draft.settings.encode_url.unwrap_or(true);
    let typed = draft.query.iter().flatten().any(|field| has_reference(&field.key) || has_reference(&field.value));
    if !typed
        && !has_reference(&draft.url)
        && let Ok(target) = target(draft, encode)
    {
        if let Some(socket) = &target.unix {
            notes.push(format!("It goes to the Unix socket {}: add --unix-socket with its path.", socket.display()));
        }
        let Some(user) = &target.userinfo else { return target.url() };
        let encoded = |text: &str| encode::encoded(text, encode::USERINFO).into_owned();
        let user = format!("{}:{}@", encoded(&user.username), encoded(&user.password));
        return target.url().replacen("://", &format!("://{user}"), 1);
    }
    let listed = draft.query.iter().flatten().filter(|field| field.is_sent());
    let mut listed: Vec<_> = listed.map(|field| format!("{}={}", field.key, field.value)).collect();
    let base = match &draft.query {
        Some(_) => draft.url.split(['?', '#']).next().unwrap_or_default(),
        None => draft.url.split('#').next().unwrap_or_default(),
    };
    if let Auth::Apikey { key, value, place: KeyPlace::Query } = &draft.auth {
        listed.push(format!("{key}={value}"));
    }
    let between = if base.contains('?') { '&' } else { '?' };
    if listed.is_empty() { base.trim().to_owned() } else { format!("{}{between}{}", base.trim(), listed.join("&")) }
}

/// Whether curl would shorten its path.
fn dotted(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(3).any(|segment| matches!(segment, "." | ".."))
}

fn method(draft: &Draft, data: &Command, command: &mut Command) {
    let method = if draft.method.is_empty() { "GET" } else { &draft.method };
    let usual = if data.options.is_empty() { "GET" } else { "POST" };
    if method == "HEAD" && data.options.is_empty() {
        command.option("--head", None);
    } else if method != usual {
        command.option("-X", Some(method.as_bytes()));
    }
    let left_out = draft.without.iter().any(|name| name == "content-length");
    if matches!(method, "POST" | "PUT" | "PATCH") && data.options.is_empty() && !left_out {
        command.option("-H", Some(b"Content-Length: 0"));
    }
}

/// What is known about the body besides its bytes.
#[derive(Default)]
struct Content {
    /// Its media type, where it has one by itself.
    media_type: Option<String>,
    /// curl says what it is.
    form: bool,
}

fn body(draft: &Draft, data: &mut Command, captured: impl Fn(&str) -> Option<Bytes>) -> Content {
    let own_type = own(draft).any(|field| field.key.eq_ignore_ascii_case("content-type"));
    match &draft.body {
        Body::None => return Content::default(),
        Body::File { src } => {
            data.option("--data-binary", Some(format!("@{src}").as_bytes()));
            return Content::default();
        }
        Body::Formdata { formdata } if !own_type || has_files(formdata) => {
            formdata.iter().filter(|part| !part.disabled).for_each(|part| form(part, data));
            return Content { form: true, media_type: None };
        }
        Body::Captured { exchange, .. } => {
            match captured(exchange) {
                Some(bytes) => raw(&bytes, Some(exchange), data),
                None => of_exchange(exchange, data),
            }
            return Content::default();
        }
        _ => {}
    }
    match plan(draft, "waylay") {
        Ok(plan) => {
            let bytes = plan.pieces.iter().filter_map(|piece| match piece {
                Piece::Bytes(bytes) => Some(&bytes[..]),
                _ => None,
            });
            let bytes = bytes.collect::<Vec<_>>().concat();
            if !bytes.is_empty() {
                raw(&bytes, None, data);
            }
            Content { media_type: plan.content_type, form: false }
        }
        Err(problem) => {
            data.notes.push(format!("The body was left out: {}", problem.message));
            Content::default()
        }
    }
}

fn has_files(parts: &[Part]) -> bool {
    parts.iter().any(|part| !part.disabled && part.src.is_some())
}

fn form(part: &Part, data: &mut Command) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut more = String::new();
    if !part.content_type.is_empty() {
        more.push_str(&format!(";type={}", part.content_type));
    }
    if !part.file_name.is_empty() {
        more.push_str(&format!(";filename={}", quoted(&part.file_name)));
    }
    match &part.src {
        None if more.is_empty() => {
            data.option("--form-string", Some(format!("{}={}", part.key, part.value).as_bytes()))
        }
        None => data.option("-F", Some(format!("{}={}{more}", part.key, quoted(&part.value)).as_bytes())),
        Some(files) => {
            for file in files {
                data.option("-F", Some(format!("{}=@{}{more}", part.key, quoted(file)).as_bytes()));
            }
        }
    }
}

/// Bytes as they are.
fn raw(bytes: &[u8], exchange: Option<&str>, data: &mut Command) {
    let is_argument = !bytes.contains(&0) && bytes.len() <= ARGUMENT;
    let shown = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(|c: char| c.is_control() && c != '\n'));
    match (data.shell, exchange) {
        (Shell::Bash, _) if is_argument => data.option("--data-raw", Some(bytes)),
        (Shell::Cmd, _) if is_argument && shown => data.option("--data-raw", Some(bytes)),
        (Shell::Bash, Some(exchange)) if bytes.len() > PRINTED => of_exchange(exchange, data),
        (Shell::Bash, _) => {
            data.before = Some(format!("printf {}", quote::printf(bytes)));
            data.option("--data-binary", Some(b"@-"));
        }
        (Shell::Cmd, exchange) => {
            let exchange = exchange.unwrap_or("ID");
            data.notes.push(format!(
                "The body cannot stand in a command of this shell. Save it first: \
                 waylay body {exchange} --request --raw > body.bin"
            ));
            data.option("--data-binary", Some(b"@body.bin"));
        }
    }
}

/// The body of the request of an exchange, from the store.
fn of_exchange(exchange: &str, data: &mut Command) {
    data.before = Some(format!("waylay body {} --request --raw", word(exchange.as_bytes(), data.shell)));
    data.option("--data-binary", Some(b"@-"));
    data.notes.push("The body comes from the store: `waylay` must be found, with the same data folder.".to_owned());
}

/// The fields of the draft that are sent.
fn own(draft: &Draft) -> impl Iterator<Item = &Field> {
    draft.headers.iter().filter(|field| !field.disabled && !field.key.is_empty())
}

fn headers(draft: &Draft, content: &Content, data: &Command, command: &mut Command) {
    let has = |name: &str| own(draft).any(|field| field.key.eq_ignore_ascii_case(name));
    let without = |name: &str| draft.without.iter().any(|left_out| left_out.eq_ignore_ascii_case(name));
    for field in own(draft) {
        let own_boundary = field.value.contains("boundary=");
        if content.form && field.key.eq_ignore_ascii_case("content-type") && !own_boundary {
            continue;
        }
        let value = field.bytes.as_ref().and_then(|bytes| BASE64_STANDARD.decode(bytes).ok());
        let value = value.unwrap_or_else(|| field.value.clone().into_bytes());
        if command.shell == Shell::Cmd && std::str::from_utf8(&value).is_err() {
            command.notes.push(format!("The header {} holds bytes that this shell cannot write.", field.key));
        }
        let line = if value.is_empty() {
            format!("{};", field.key).into_bytes()
        } else {
            [field.key.as_bytes(), b": ", &value[..]].concat()
        };
        command.option("-H", Some(&line));
    }
    // What curl sends by itself.
    for (name, key) in [("user-agent", "User-Agent"), ("accept", "Accept")] {
        if without(name) && !has(name) {
            command.option("-H", Some(format!("{key}:").as_bytes()));
        }
    }
    let has_data = data.options.iter().any(|option| option.starts_with("--data"));
    if has_data && !has("content-type") {
        let media_type = content.media_type.as_deref().filter(|_| !without("content-type"));
        match media_type {
            Some("application/x-www-form-urlencoded") => {}
            Some(media_type) => command.option("-H", Some(format!("Content-Type: {media_type}").as_bytes())),
            None => command.option("-H", Some(b"Content-Type:")),
        }
    }
    // curl then decodes what comes.
    let coded = own(draft).any(|field| field.key.eq_ignore_ascii_case("accept-encoding"));
    if coded || !without("accept-encoding") {
        command.option("--compressed", None);
    }
}

fn auth(draft: &Draft, command: &mut Command) {
    match &draft.auth {
        Auth::Inherit | Auth::None | Auth::Apikey { place: KeyPlace::Query, .. } => {}
        Auth::Basic { username, password } => {
            command.option("-u", Some(format!("{username}:{password}").as_bytes()));
        }
        Auth::Digest { username, password } => {
            command.option("--digest", None);
            command.option("-u", Some(format!("{username}:{password}").as_bytes()));
        }
        Auth::Bearer { token } => command.option("-H", Some(format!("Authorization: Bearer {token}").as_bytes())),
        Auth::Apikey { key, value, .. } => command.option("-H", Some(format!("{key}: {value}").as_bytes())),
        Auth::Other(fields) => {
            let kind = fields.get("type").and_then(|kind| kind.as_str()).unwrap_or("unknown");
            command.notes.push(format!("Who asks was left out: authentication by {kind:?} is not written for curl."));
        }
    }
}

fn settings(draft: &Draft, command: &mut Command) {
    let settings = &draft.settings;
    if settings.verify_chain == Some(false) || settings.verify_name == Some(false) {
        command.option("--insecure", None);
    }
    if settings.follow_redirects.unwrap_or(true) {
        let trusted = settings.keep_authorization == Some(true);
        command.option(if trusted { "--location-trusted" } else { "--location" }, None);
    }
    if let Some(most) = settings.max_redirects {
        command.option("--max-redirs", Some(most.to_string().as_bytes()));
    }
    if settings.keep_method == Some(true) {
        ["--post301", "--post302", "--post303"].iter().for_each(|name| command.option(name, None));
    }
    match settings.http_version {
        None | Some(HttpVersion::Auto) => {}
        Some(HttpVersion::Http10) => command.option("--http1.0", None),
        Some(HttpVersion::Http11) => command.option("--http1.1", None),
        Some(HttpVersion::Http2) => command.option("--http2", None),
    }
    match settings.tls_min {
        None => {}
        Some(TlsVersion::Tls12) => command.option("--tlsv1.2", None),
        Some(TlsVersion::Tls13) => command.option("--tlsv1.3", None),
    }
    if settings.tls_max == Some(TlsVersion::Tls12) {
        command.option("--tls-max", Some(b"1.2"));
    }
    for entry in settings.resolve.iter().flatten() {
        command.option("--resolve", Some(entry.as_bytes()));
    }
    let seconds = |ms: u64| format!("{}", ms as f64 / 1000.0).into_bytes();
    if let Some(ms) = settings.timeout_ms.filter(|ms| *ms > 0) {
        command.option("--max-time", Some(&seconds(ms)));
    }
    if let Some(ms) = settings.connect_timeout_ms.filter(|ms| *ms > 0) {
        command.option("--connect-timeout", Some(&seconds(ms)));
    }
}
