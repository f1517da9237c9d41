//! `waylay status`: what the running daemon is doing.

use super::{
    Context, block_on,
    control::Control,
    escape::escaped,
    output::Format,
    report::{Exit, Report},
    start::places,
    units::{count, full_time, size},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use std::{fmt::Write, net::SocketAddr};
use waylay_storage::model::Session;

/// What the daemon answers; the JSON is passed on as it is, with what this version does not know.
#[derive(Debug, Deserialize)]
struct Status {
    version: String,
    pid: u32,
    started_us: i64,
    data_dir: String,
    proxy: Addresses,
    ui: Addresses,
    session: Option<Session>,
    passthrough: Passthrough,
    store: Store,
}

#[derive(Debug, Deserialize)]
struct Passthrough {
    patterns: u64,
    automatic: Vec<String>,
    distrustful: Vec<Distrustful>,
}

#[derive(Debug, Deserialize)]
struct Distrustful {
    client: String,
    host: String,
}

#[derive(Debug, Deserialize)]
struct Addresses {
    addresses: Vec<SocketAddr>,
}

#[derive(Debug, Deserialize)]
struct Store {
    exchanges: u64,
    bytes: u64,
    backlog_bytes: u64,
    #[serde(default)]
    shed: u64,
    error: Option<String>,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
}

#[derive(Debug, Deserialize)]
struct Link {
    url: String,
}

pub(super) fn status(context: &Context) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let (answer, link) = block_on(async {
        let answer: Map<String, Value> = control.get("/status").await?;
        let link: Link = control.post("/login-links", &json!({})).await?;
        Ok((answer, link.url))
    })?;
    let output = &context.output;
    if output.format == Format::Text {
        let status: Status = serde_json::from_value(Value::Object(answer)).map_err(unlike)?;
        output.text(status.text(&link))?;
    } else {
        let mut answer = answer;
        if let Some(Value::Object(ui)) = answer.get_mut("ui") {
            ui.insert("link".into(), link.into());
        }
        output.document(&answer)?;
    }
    Ok(Exit::OK)
}

fn unlike(error: serde_json::Error) -> Report {
    Report::new(Exit::NO_DAEMON, format!("the daemon's status is not understood: {error}"))
        .advise("It may be another version: `waylay stop`, then `waylay start`.")
}

impl Status {
    fn text(&self, link: &str) -> String {
        let mut lines = vec![
            (
                "daemon",
                format!(
                    "{} (process {}), since {}",
                    self.version,
                    self.pid,
                    full_time(self.started_us, &TimeZone::system())
                ),
            ),
            ("proxy", places(&self.proxy.addresses)),
            ("UI", places(&self.ui.addresses)),
            ("open", link.to_owned()),
            ("data", self.data_dir.clone()),
            ("session", self.session.as_ref().map_or_else(|| "not recording".into(), describe)),
            ("store", format!("{}, {} on disk", count(self.store.exchanges, "exchange"), size(self.store.bytes))),
        ];
        if self.passthrough.patterns > 0 {
            lines.push(("unread", self.passthrough.words()));
        }
        for Distrustful { client, host } in &self.passthrough.distrustful {
            let words = format!(
                "a client at {client} rejects Waylay's certificate, for {host} among others: see `waylay ls is:failed`"
            );
            lines.push(("notice", words));
        }
        if self.store.backlog_bytes > 0 {
            lines.push(("backlog", format!("{} not yet written", size(self.store.backlog_bytes))));
        }
        if self.store.shed > 0 {
            lines.push(("lost", format!("{} could not be kept", count(self.store.shed, "record"))));
        }
        if let Some(error) = &self.store.error {
            lines.push(("problem", error.clone()));
        }
        let mut text = String::new();
        for (name, value) in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<8} {}", escaped(&value));
        }
        text
    }
}

impl Passthrough {
    fn words(&self) -> String {
        let all = count(self.patterns, "host pattern");
        match &self.automatic[..] {
            [] => all,
            list => format!("{all}, automatically {}; `waylay passthrough remove HOST` undoes it", list.join(", ")),
        }
    }
}

fn describe(session: &Session) -> String {
    let bytes = u64::try_from(session.bytes).unwrap_or_default();
    let failures = match session.failures {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    format!("{} \"{}\": {}, {}{failures}", session.id, session.name, count(session.exchanges, "exchange"), size(bytes))
}
