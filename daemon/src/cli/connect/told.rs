//! What is shown: messages on standard output, everything else beside.

use super::{Code, Standing};
use crate::{
    cli::{
        Context,
        control::odd,
        escape::{escaped, escaped_lines},
        output::{Format, Output, notice},
        report::Report,
    },
    content::{Hex, ServerEvent},
    conversation::events::Events,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use tokio::sync::watch;

/// Longest event of the daemon's, bytes: a message in Base64, or its data beside its text.
const EVENT: u64 = 64 << 20;

/// Reads what the daemon tells of a conversation.
pub(super) struct Told {
    output: Output,
    binary: Code,
    events: Events,
    standing: watch::Sender<Standing>,
    /// The state and the attempt that were told last.
    last: (String, i64),
}

impl Told {
    pub(super) fn new(context: &Context, binary: Code, standing: watch::Sender<Standing>) -> Self {
        let (output, last) = (context.output.clone(), (String::new(), 0));
        Self { output, binary, events: Events::new(EVENT), standing, last }
    }

    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), Report> {
        let mut found = Vec::new();
        self.events.feed(bytes, &mut found).map_err(odd)?;
        for lines in found {
            let event = ServerEvent::parse(&lines);
            let data: Value = serde_json::from_str(event.data.as_deref().unwrap_or_default()).map_err(odd)?;
            self.told(event.name.as_deref().unwrap_or_default(), data)?;
        }
        Ok(())
    }

    fn told(&mut self, name: &str, mut data: Value) -> Result<(), Report> {
        match name {
            "state" => self.stands(&data),
            "gap" => self.stands(&data["conversation"]),
            _ => {}
        }
        let counts = data["kind"] == "text" || data["kind"] == "binary" || data["data"].is_string();
        if name == "message" && data["sender"] == "origin" && counts {
            self.standing.send_modify(|seen| seen.received += 1);
        }
        if self.output.format != Format::Text {
            if let Some(fields) = data.as_object_mut() {
                fields.insert("what".to_owned(), name.into());
            }
            return self.output.line(&data);
        }
        match name {
            "message" => self.message(&data)?,
            "gap" => notice(format_args!("{} messages were missed; `waylay show` has them", data["missed"])),
            _ => {}
        }
        Ok(())
    }

    fn message(&mut self, message: &Value) -> Result<(), Report> {
        let word = |key: &str| message[key].as_str();
        if word("sender") != Some("origin") {
            return Ok(());
        }
        let shown = match word("kind") {
            Some("text") => word("text").unwrap_or_default().to_owned(),
            Some("binary") => self.binary(word("base64").unwrap_or_default()),
            Some("event") => match (word("event"), word("data")) {
                (Some(name), Some(data)) => format!("{name}: {data}"),
                (None, Some(data)) => data.to_owned(),
                (_, None) => return Ok(()),
            },
            _ => return Ok(()),
        };
        let shown = if self.output.terminal { escaped_lines(&shown).into_owned() } else { shown };
        if message["truncated"] == true {
            notice(format_args!("of a message of {} bytes only the beginning is shown", message["length"]));
        }
        self.output.text(shown + "\n")
    }

    fn binary(&self, base64: &str) -> String {
        match self.binary {
            Code::Base64 => base64.to_owned(),
            Code::Hex => {
                let bytes = BASE64_STANDARD.decode(base64).unwrap_or_default();
                Hex::of(&bytes, bytes.len()).to_string()
            }
        }
    }

    fn stands(&mut self, view: &Value) {
        let word = |key: &str| view[key].as_str().unwrap_or_default();
        self.standing.send_modify(|seen| seen.open = word("state") == "open");
        let now = (word("state").to_owned(), view["attempt"].as_i64().unwrap_or(0));
        if now == self.last || self.output.format != Format::Text {
            return;
        }
        match now.0.as_str() {
            "open" => {
                let about = [("subprotocol ", word("protocol")), ("", word("extensions"))];
                let about = about.into_iter().filter(|(_, what)| !what.is_empty()).map(|(a, b)| format!("{a}{b}"));
                let about = about.collect::<Vec<_>>().join(", ");
                let about = if about.is_empty() { about } else { format!(" ({})", escaped(&about)) };
                notice(format_args!("connected to {}{about}, exchange {}", escaped(word("url")), word("exchange")));
            }
            "waiting" => {
                let why = view["error"]["message"].as_str().unwrap_or("The connection was closed.");
                notice(format_args!("{} Connecting again in a while.", escaped(why)));
            }
            "closed" if view["close"].is_object() => {
                let by = if view["close"]["by"] == "client" { "here" } else { "the server" };
                let code = view["close"]["code"].as_u64().map(|code| format!(": {code}")).unwrap_or_default();
                let reason = view["close"]["reason"].as_str().unwrap_or_default();
                let reason = if reason.is_empty() { String::new() } else { format!(" {}", escaped(reason)) };
                notice(format_args!("closed by {by}{code}{reason}"));
            }
            _ => {}
        }
        self.last = now;
    }
}
