//! A request as a command of curl that sends the same bytes.
//!
//! - `body`: what is sent behind the head; `settings`: how it is sent
//! - `quote`: words of a shell, whatever is in them

mod body;
pub(super) mod quote;
mod settings;

use crate::request::{
    Auth, Draft, Field,
    draft::KeyPlace,
    url::{encode, target},
    variables::has_reference,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use body::{Content, body};
use bytes::Bytes;
use quote::word;
use serde::{Deserialize, Serialize};
use settings::settings;

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
