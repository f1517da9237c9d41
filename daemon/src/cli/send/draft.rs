//! The request that all flags make.

use super::{
    SendArgs,
    data::{data, read, unreadable},
    how::settings,
    uploads::place,
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
        Auth, Body, Draft, Field,
        draft::{Language, Part},
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A request, and the files it is made of, which the daemon does not have yet.
pub(in crate::cli) struct Drafted {
    pub(in crate::cli) draft: Draft,
    pub(in crate::cli) files: Vec<PathBuf>,
}

/// All flags together.
pub(in crate::cli) fn draft(args: &SendArgs) -> Result<Drafted, Report> {
    let mut files = Vec::new();
    let mut file = |path: &Path| {
        files.push(path.to_owned());
        place(files.len() - 1)
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
            Some(path) => Body::File { src: file(&path) },
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
                    made.src = Some(vec![file(path)]);
                }
            }
            Ok::<_, Report>(made)
        });
        draft.body = Body::Formdata { formdata: parts.collect::<Result<_, _>>()? };
    } else if let Some(path) = &args.upload_file {
        usual = "PUT";
        draft.body = Body::File { src: file(path) };
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
