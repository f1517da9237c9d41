//! `waylay history show`.

use super::{ShowArgs, no_entry, number, reader};
use crate::{
    cli::{
        Context,
        escape::{escaped, escaped_lines},
        exchange::masked,
        output::Format,
        report::{Exit, Report},
        units::{duration, full_time, size},
    },
    request::{Auth, Body, Draft, Field},
    view::history::Entire,
};
use jiff::tz::TimeZone;
use std::fmt::Write;

/// How much of a body is shown, characters.
const SHOWN: usize = 2000;

pub(super) fn show(context: &Context, args: &ShowArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let id = number(&reader, &args.id)?;
    let found = reader.send(id)?.ok_or_else(|| no_entry(&args.id))?;
    let entire = Entire::new(found).map_err(|error| {
        Report::new(Exit::IO, format!("entry {id} of the history cannot be read: {error}"))
            .advise("It may have been written by another version of Waylay.")
    })?;
    match context.output.format {
        Format::Text => context.output.text(text(&entire, args.secrets))?,
        _ => context.output.document(&entire)?,
    }
    Ok(Exit::OK)
}

fn text(entire: &Entire, secrets: bool) -> String {
    let mut lines = facts(entire);
    let request = &entire.request;
    lines.push(("auth", auth(&request.auth)));
    lines.push(("body", body(&request.body)));
    lines.retain(|(_, value)| !value.is_empty());
    // Writing to a String cannot fail.
    let mut text = String::new();
    for (name, value) in lines {
        let _ = writeln!(text, "{name:<11} {value}");
    }
    fields(&mut text, "request headers, as written", &request.headers, secrets);
    for list in [form(request), request.query.as_deref().unwrap_or_default()] {
        fields(&mut text, "fields", list, secrets);
    }
    if let Some(raw) = raw(&request.body) {
        let shown: String = raw.chars().take(SHOWN).collect();
        let more = if shown.len() < raw.len() { "\n…" } else { "" };
        let _ = writeln!(text, "\nbody\n{}{more}", escaped_lines(&shown));
    }
    if !entire.hops.is_empty() {
        text.push_str("\nexchanges\n");
    }
    for hop in &entire.hops {
        let status = hop.status.map_or_else(|| "-".into(), |status| status.to_string());
        let _ = writeln!(text, "  {:<8} {status:<4} {} {}", hop.id, escaped(&hop.method), escaped(&hop.url));
    }
    text
}

fn facts(entire: &Entire) -> Vec<(&'static str, String)> {
    let entry = &entire.entry;
    let word = |name: &str| entry.error.as_ref().and_then(|error| error.get(name)?.as_str().map(str::to_owned));
    let mut lines = vec![
        ("entry", entry.id.to_string()),
        ("state", if entry.sent { entry.state.to_string() } else { "added from what was captured".into() }),
        ("request", format!("{} {}", escaped(&entry.method), escaped(&entry.url))),
        ("at", full_time(entry.at_us, &TimeZone::system())),
    ];
    lines.extend(entry.status.map(|status| ("status", status.to_string())));
    lines.extend(entry.duration_us.map(|us| ("duration", duration(us))));
    lines.push(("bytes", size(u64::try_from(entry.bytes).unwrap_or_default())));
    lines.extend(entry.exchange.map(|id| ("result", format!("{id} (`waylay show {id}`)"))));
    lines.extend(entry.environment.as_ref().map(|name| ("environment", escaped(name).into_owned())));
    lines.extend(entry.from.as_ref().map(|from| ("made from", escaped(from).into_owned())));
    if let Some(message) = word("message") {
        let stage = word("stage").unwrap_or_default();
        lines.push(("failed at", escaped(&format!("{stage}: {message}")).into_owned()));
        lines.extend(word("hint").filter(|hint| !hint.is_empty()).map(|hint| ("", escaped(&hint).into_owned())));
    }
    if entire.request.url != entry.url {
        lines.push(("written", escaped(&entire.request.url).into_owned()));
    }
    lines
}

fn fields(text: &mut String, title: &str, fields: &[Field], secrets: bool) {
    if fields.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for field in fields {
        let value = if secrets { field.value.clone() } else { masked(&field.key, &field.value) };
        let off = if field.disabled { "  (disabled)" } else { "" };
        let _ = writeln!(text, "  {}: {}{off}", escaped(&field.key), escaped(&value));
    }
}

fn form(request: &Draft) -> &[Field] {
    match &request.body {
        Body::Urlencoded { urlencoded } => urlencoded,
        _ => &[],
    }
}

fn raw(body: &Body) -> Option<&str> {
    match body {
        Body::Raw { raw, .. } => Some(raw),
        Body::Graphql { query, .. } => Some(query),
        _ => None,
    }
}

/// Which kind: what it holds is secret.
fn auth(auth: &Auth) -> String {
    match auth {
        Auth::Inherit | Auth::None => String::new(),
        Auth::Basic { username, .. } => format!("basic, user {}", escaped(username)),
        Auth::Bearer { .. } => "bearer".into(),
        Auth::Apikey { key, .. } => format!("API key {}", escaped(key)),
        Auth::Digest { username, .. } => format!("digest, user {}", escaped(username)),
        Auth::Other(fields) => {
            escaped(fields.get("type").and_then(|kind| kind.as_str()).unwrap_or("another kind")).into_owned()
        }
    }
}

fn body(body: &Body) -> String {
    match body {
        Body::None => String::new(),
        Body::Raw { raw, .. } => format!("text, {}", size(raw.len() as u64)),
        Body::Bytes { base64 } => format!("bytes, about {}", size(base64.len() as u64 / 4 * 3)),
        Body::Urlencoded { urlencoded } => format!("form, {} fields", urlencoded.len()),
        Body::Formdata { formdata } => format!("multipart form, {} parts", formdata.len()),
        Body::File { src } => format!("file {}", escaped(src)),
        Body::Graphql { .. } => "GraphQL".into(),
        Body::Captured { exchange, size: bytes } => format!("as captured in {}, {}", escaped(exchange), size(*bytes)),
    }
}
