//! `waylay console`: what has been sent, step by step, as the daemon remembers it.

use super::{
    Context, block_on,
    control::Control,
    escape::escaped,
    output::Format,
    report::{Exit, Report},
    units::{duration, short_time},
};
use clap::{Args, ValueEnum};
use jiff::Zoned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt::Write as _, time::Duration};

/// How often the daemon is asked for what is new.
const INTERVAL: Duration = Duration::from_millis(250);
/// Entries of one answer.
const PAGE: usize = 500;

/// Arguments of `waylay console`.
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    /// Show what comes, until Ctrl-C.
    #[arg(short, long)]
    pub follow: bool,

    /// As many of the last.
    #[arg(short = 'n', default_value_t = 20, value_name = "N")]
    pub newest: usize,

    /// Only what is as bad as this, or worse.
    #[arg(long, value_enum, default_value_t)]
    pub level: Level,

    /// Only entries with this text in their title, warnings or error.
    #[arg(long, value_name = "TEXT")]
    pub grep: Option<String>,

    /// Forget all.
    #[arg(long, conflicts_with_all = ["follow", "grep"])]
    pub clear: bool,
}

/// How bad.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Level {
    /// Everything.
    #[default]
    Log,
    /// Warnings and errors.
    Warn,
    /// Errors.
    Error,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Entry>,
}

/// One send. What is only passed on as JSON stays as it is.
#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    id: i64,
    at_us: i64,
    title: String,
    duration_us: i64,
    warnings: Vec<String>,
    error: Option<Trouble>,
    variables: Vec<Used>,
    hops: Vec<Hop>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Trouble {
    stage: String,
    reason: String,
    message: String,
    hint: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Used {
    name: String,
    value: String,
    scope: String,
    secret: bool,
}

#[derive(Debug, Deserialize, Serialize)]
struct Hop {
    id: String,
    method: String,
    url: String,
    status: Option<u16>,
    #[serde(default)]
    local: Option<String>,
    #[serde(default)]
    remote: Option<String>,
    #[serde(default)]
    tls: Option<Tls>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Tls {
    version: String,
    cipher: String,
    #[serde(default)]
    doubt: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Shows it, or forgets it.
pub(super) fn console(context: &Context, args: &ConsoleArgs) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    block_on(async {
        if args.clear {
            control.order(http::Method::DELETE, "/console").await?;
            return Ok(Exit::OK);
        }
        let mut last = 0;
        let first = fetch(&control, args, None).await?;
        if context.output.format == Format::Json && !args.follow {
            context.output.document(&first)?;
            return Ok(Exit::OK);
        }
        let mut page = first;
        loop {
            for entry in &page {
                last = last.max(entry.id);
                show(context, entry)?;
            }
            if !args.follow {
                return Ok(Exit::OK);
            }
            tokio::time::sleep(INTERVAL).await;
            page = fetch(&control, args, Some(last)).await?;
        }
    })
}

async fn fetch(control: &Control, args: &ConsoleArgs, after: Option<i64>) -> Result<Vec<Entry>, Report> {
    let level = match args.level {
        Level::Log => "log",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("level", level);
    query.append_pair("limit", &if after.is_some() { PAGE } else { args.newest.clamp(1, PAGE) }.to_string());
    if let Some(after) = after {
        query.append_pair("after", &after.to_string());
    }
    if let Some(text) = &args.grep {
        query.append_pair("filter", text);
    }
    let page: Page = control.get(&format!("/console?{}", query.finish())).await?;
    Ok(page.items)
}

fn show(context: &Context, entry: &Entry) -> Result<(), Report> {
    if context.output.format != Format::Text {
        return context.output.line(entry);
    }
    context.output.text(text(entry, &Zoned::now(), context.global.verbose))
}

/// A line for the send and one for each thing that should be known; the steps if `verbose`.
fn text(entry: &Entry, now: &Zoned, verbose: bool) -> String {
    let mut text = String::new();
    let (at, took) = (short_time(entry.at_us, now), duration(entry.duration_us));
    // Writing to a string does not fail.
    let _ = writeln!(text, "{at}  {}  {took}", escaped(&entry.title));
    if verbose {
        for Used { name, value, scope, .. } in &entry.variables {
            let _ = writeln!(text, "    {} = {} ({scope})", escaped(name), escaped(value));
        }
        for hop in &entry.hops {
            let status = hop.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let _ = writeln!(text, "    {}  {} {}  {status}", hop.id, escaped(&hop.method), escaped(&hop.url));
            if let Some(remote) = &hop.remote {
                let local = hop.local.as_deref().unwrap_or("-");
                let tls = hop.tls.as_ref().map(|tls| format!(", {} {}", tls.version, tls.cipher)).unwrap_or_default();
                let _ = writeln!(text, "        {local} to {remote}{}", escaped(&tls));
            }
            if let Some(doubt) = hop.tls.as_ref().and_then(|tls| tls.doubt.as_deref()) {
                let _ = writeln!(text, "        certificate not verified: {}", escaped(doubt));
            }
        }
    }
    for warning in &entry.warnings {
        let _ = writeln!(text, "    warning: {}", escaped(warning));
    }
    if let Some(error) = &entry.error {
        let _ = writeln!(text, "    {}: {} {}", error.stage, escaped(&error.message), escaped(&error.hint));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_is_a_line_and_its_steps_are_told_when_asked_for() {
        let entry: Entry = serde_json::from_value(json!({
            "id": 3, "at_us": 0, "level": "warn", "send": 9, "title": "GET http://a.test/\u{1b}[31m 200", "duration_us": 41_000,
            "exchange": "0.4", "warnings": ["not all was offered"], "error": null,
            "variables": [{ "name": "base", "value": "http://a.test", "scope": "environment", "secret": false }],
            "hops": [{ "id": "0.4", "method": "GET", "url": "http://a.test/", "status": 200, "local": "127.0.0.1:1",
                "remote": "127.0.0.1:2", "proxy": null, "timings": {},
                "tls": { "version": "TLS 1.3", "cipher": "TLS_AES_128_GCM_SHA256", "doubt": "expired" } }],
        }))
        .unwrap();
        let now = Zoned::now();
        let short = text(&entry, &now, false);
        assert!(short.contains("warning: not all was offered") && !short.contains('\u{1b}'), "{short}");
        assert!(!short.contains("base = "), "{short}");
        let long = text(&entry, &now, true);
        for part in
            ["base = http://a.test (environment)", "0.4  GET http://a.test/  200", "TLS 1.3", "not verified: expired"]
        {
            assert!(long.contains(part), "{part}: {long}");
        }
    }
}
