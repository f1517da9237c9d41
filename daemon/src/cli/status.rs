//! `waylay status`: what the running daemon is doing.

use super::{
    Context, block_on,
    control::{Control, understood},
    escape::escaped,
    output::Format,
    report::{Exit, Report},
    session::rules::words,
    start::places,
    units::{count, full_time, size},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use std::{fmt::Write, net::SocketAddr};
use waylay_storage::model::{Session, SessionState};

/// What the daemon answers; the JSON is passed on as it is, with what this version does not know.
#[derive(Debug, Deserialize)]
struct Status {
    version: String,
    pid: u32,
    started_us: i64,
    data_dir: String,
    proxy: Proxy,
    ui: Addresses,
    session: Option<Session>,
    passthrough: Passthrough,
    store: Store,
    #[serde(default)]
    capture: Capture,
    #[serde(default)]
    notices: Vec<String>,
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

/// Whether the proxy is on, and where.
#[derive(Debug, Deserialize)]
struct Proxy {
    on: bool,
    addresses: Vec<SocketAddr>,
    #[serde(default)]
    lan: Vec<SocketAddr>,
    #[serde(default)]
    password: bool,
    #[serde(default)]
    onboarding: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Addresses {
    addresses: Vec<SocketAddr>,
}

#[derive(Debug, Deserialize)]
struct Store {
    exchanges: Option<u64>,
    bytes: Option<u64>,
    backlog_bytes: u64,
    #[serde(rename = "schema")]
    _schema: IgnoredAny,
}

/// What was not stored, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Capture {
    why: Option<String>,
    shed_rows: u64,
    shed_bytes: u64,
}

#[derive(Debug, Deserialize)]
struct Link {
    url: String,
}

pub(super) fn status(context: &Context) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let (mut answer, link) = block_on(async {
        let answer: Value = control.get("/status").await?;
        let link: Link = control.post("/login-links", &json!({})).await?;
        Ok((answer, link.url))
    })?;
    let output = &context.output;
    if output.format == Format::Text {
        output.text(understood::<Status>(&answer)?.text(&link))?;
    } else {
        if let Some(Value::Object(ui)) = answer.get_mut("ui") {
            ui.insert("link".into(), link.into());
        }
        output.document(&answer)?;
    }
    Ok(Exit::OK)
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
            ("proxy", self.proxy.describe()),
            ("UI", places(&self.ui.addresses)),
            ("open", link.to_owned()),
            ("data", self.data_dir.clone()),
            ("session", self.session.as_ref().map_or_else(|| "not recording".into(), describe)),
            ("store", self.store.describe()),
        ];
        lines.extend(self.proxy.for_others().map(|words| ("LAN", words)));
        if let Some(url) = &self.proxy.onboarding {
            lines.push(("devices", format!("{url} through the proxy has the certificate and the steps")));
        }
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
        if let Some(lost) = self.capture.lost() {
            lines.push(("lost", lost));
        }
        lines.extend(self.capture.why.iter().map(|why| ("problem", why.clone())));
        lines.extend(self.notices.iter().map(|notice| ("notice", notice.clone())));
        let mut text = String::new();
        for (name, value) in lines {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<8} {}", escaped(&value));
        }
        text
    }
}

impl Proxy {
    fn for_others(&self) -> Option<String> {
        let need = if self.password { "with the password" } else { "without a password" };
        (!self.lan.is_empty()).then(|| format!("{}, {need}", places(&self.lan)))
    }

    fn describe(&self) -> String {
        if self.on { places(&self.addresses) } else { "off: `waylay proxy on` turns it on".to_owned() }
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

impl Store {
    fn describe(&self) -> String {
        match (self.exchanges, self.bytes) {
            (Some(exchanges), Some(bytes)) => format!("{}, {} on disk", count(exchanges, "exchange"), size(bytes)),
            _ => "it cannot be read just now".into(),
        }
    }
}

impl Capture {
    fn lost(&self) -> Option<String> {
        let (rows, bytes) = (count(self.shed_rows, "record"), size(self.shed_bytes));
        match (self.shed_rows, self.shed_bytes) {
            (0, 0) => None,
            (_, 0) => Some(format!("{rows} could not be kept")),
            (0, _) => Some(format!("{bytes} of bodies could not be kept")),
            _ => Some(format!("{rows} and {bytes} of bodies could not be kept")),
        }
    }
}

fn describe(session: &Session) -> String {
    let bytes = u64::try_from(session.bytes).unwrap_or_default();
    let failures = match session.failures {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let paused = if session.state == SessionState::Paused { " (paused: `waylay session resume`)" } else { "" };
    let content = format!("{}, {}{failures}", count(session.exchanges, "exchange"), size(bytes));
    format!("{} \"{}\"{paused}: {content}{}", session.id, session.name, restricted(session))
}

/// That not everything is recorded, where that is so.
fn restricted(session: &Session) -> String {
    let left_out = match session.left_out {
        0 => String::new(),
        n => format!("; {n} left out"),
    };
    let rules = words(&session.rules).map(|rules| format!("; recording {rules}")).unwrap_or_default();
    format!("{rules}{left_out}")
}
