//! `waylay agent`: web pages that may hand requests over to this machine.

use super::{
    Context, block_on,
    control::{Control, understood},
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
    units::full_time,
};
use crate::config::{BadOrigin, WebOrigin};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How often a window is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// What can be done with web pages.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Let a page of one origin be paired: prints a code for it, which holds for two minutes, and waits.
    Pair(PairArgs),
    /// Show the pages that are paired: what they may, how much they have asked for, and when last; and those that are blocked.
    List,
    /// Change what a paired page may, for requests that begin from now on.
    Rights {
        /// The number of the pairing.
        id: u64,
        /// What changes; the rest stays.
        #[command(flatten)]
        rights: RightsArgs,
    },
    /// End a pairing at once, with what it has under way.
    Revoke {
        /// The number of the pairing.
        id: u64,
    },
    /// End all that pages of an origin have, and let none of them be paired.
    Block {
        /// Scheme, host and port of the page.
        #[arg(value_name = "ORIGIN", value_parser = web_origin)]
        origin: WebOrigin,
    },
    /// Let pages of an origin be paired again.
    Unblock {
        /// Scheme, host and port of the page.
        #[arg(value_name = "ORIGIN", value_parser = web_origin)]
        origin: WebOrigin,
    },
}

/// Which page, and what it may.
#[derive(Debug, Args)]
pub struct PairArgs {
    /// Scheme, host and port of the page, as the browser's address bar has them: `https://client.example`.
    #[arg(value_name = "ORIGIN", value_parser = web_origin)]
    pub origin: WebOrigin,

    /// For a client that speaks the protocol of the Hoppscotch Agent.
    #[arg(long)]
    pub hoppscotch: bool,

    /// Print the code and do not wait.
    #[arg(long)]
    pub no_wait: bool,

    /// What it may; by itself nothing but to send to public addresses.
    #[command(flatten)]
    pub rights: RightsArgs,
}

/// What a page may beyond sending to public addresses.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct RightsArgs {
    /// Whose cookies its requests have.
    #[arg(long, value_enum, value_name = "JAR")]
    pub jar: Option<Jar>,

    /// Send with your client certificates.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub client_certificates: Option<bool>,

    /// Send to this machine and to private networks.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub private_addresses: Option<bool>,

    /// Send to addresses at which clouds tell machines their credentials.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub metadata_addresses: Option<bool>,
}

/// Whose cookies requests of a page have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Jar {
    /// Those of a jar of its own.
    Own,
    /// Yours.
    Default,
}

/// What the daemon answers; the JSON is passed on as it is.
#[derive(Debug, Deserialize)]
struct Window {
    id: u64,
    state: String,
    code: Option<String>,
    tries_left: u32,
    pairing: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Blocked {
    items: Vec<String>,
}

impl Blocked {
    fn lines(&self) -> String {
        self.items.iter().map(|origin| format!("  -  {:<36} blocked\n", escaped(origin))).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Item {
    id: u64,
    kind: String,
    origin: String,
    last_used_us: Option<i64>,
    requests: u64,
    rights: Map<String, Value>,
}

pub(super) fn agent(context: &Context, command: &AgentCommand) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    match command {
        AgentCommand::Pair(args) => block_on(pair(context, &control, args)),
        AgentCommand::List => list(context, &control),
        AgentCommand::Rights { id, rights } => block_on(change(context, &control, *id, rights)),
        AgentCommand::Revoke { id } => {
            block_on(async { Ok(control.order(Method::DELETE, &format!("/agent/pairings/{id}")).await?) })?;
            notice(format_args!("pairing {id} is revoked: its page cannot send any more"));
            Ok(Exit::OK)
        }
        AgentCommand::Block { origin } => {
            let body = json!({ "origin": origin });
            block_on(async { Ok(control.carry_out(Method::POST, "/agent/blocked", Some(&body)).await?) })?;
            notice(format_args!("pages of {origin} are blocked; `waylay agent unblock {origin}` takes it back"));
            Ok(Exit::OK)
        }
        AgentCommand::Unblock { origin } => {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("origin", origin.as_str()).finish();
            block_on(async { Ok(control.order(Method::DELETE, &format!("/agent/blocked?{query}")).await?) })?;
            notice(format_args!("pages of {origin} can be paired again: `waylay agent pair {origin}`"));
            Ok(Exit::OK)
        }
    }
}

async fn pair(context: &Context, control: &Control, args: &PairArgs) -> Result<Exit, Report> {
    let mut rights = Map::new();
    args.rights.put(&mut rights);
    let body = json!({ "origin": args.origin, "hoppscotch": args.hoppscotch, "rights": rights });
    let answer: Value = control.post("/agent/windows", &body).await?;
    let window: Window = understood(&answer)?;
    if !args.origin.is_trustworthy() {
        notice("warning: this page comes in the clear; whoever is on the way can put its own in place of it");
    }
    match context.output.format {
        Format::Text => {
            let code = window.code.as_deref().unwrap_or_default();
            let (first, last) = code.split_at_checked(3).unwrap_or((code, ""));
            context.output.text(format_args!("{first} {last}\n"))?;
            notice(format_args!("type this code into {} within two minutes, if you began this yourself", args.origin));
        }
        Format::Json => context.output.document(&answer)?,
        Format::Jsonl => context.output.line(&answer)?,
    }
    // One document can only be the first.
    if args.no_wait || context.output.format == Format::Json {
        return Ok(Exit::OK);
    }
    wait(context, control, &window).await
}

/// Until somebody is paired, or nobody can be any more.
async fn wait(context: &Context, control: &Control, opened: &Window) -> Result<Exit, Report> {
    let mut tries = opened.tries_left;
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = tokio::signal::ctrl_c() => {
                control.order(Method::DELETE, &format!("/agent/windows/{}", opened.id)).await?;
                return Ok(Exit::INTERRUPTED);
            }
        }
        let mut all: Map<String, Value> = control.get("/agent/windows").await?;
        let items = all.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        let Some(found) = items.into_iter().find(|window| window["id"] == opened.id) else {
            return Err(Report::new(Exit::NEGATIVE, "the window for pairing is gone"));
        };
        let now: Window = understood(&found)?;
        if now.state == "open" {
            if now.tries_left < tries {
                tries = now.tries_left;
                notice(format_args!("a wrong code was tried; {tries} tries are left"));
            }
            continue;
        }
        if context.output.format == Format::Jsonl {
            context.output.line(&found)?;
        }
        let again = "Begin anew: `waylay agent pair ORIGIN`.";
        return match (now.state.as_str(), now.pairing) {
            ("paired", Some(id)) => {
                notice(format_args!("paired, as number {id}; `waylay agent revoke {id}` ends it"));
                Ok(Exit::OK)
            }
            ("locked", _) => Err(Report::new(Exit::NEGATIVE, "the code was wrong too often").advise(again)),
            ("expired", _) => Err(Report::new(Exit::NEGATIVE, "nobody was paired within two minutes").advise(again)),
            _ => Err(Report::new(Exit::NEGATIVE, "the pairing was called off").advise(again)),
        };
    }
}

async fn change(context: &Context, control: &Control, id: u64, rights: &RightsArgs) -> Result<Exit, Report> {
    let mut all: Map<String, Value> = control.get("/agent/pairings").await?;
    let items = all.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let found = items.into_iter().find(|pairing| pairing["id"] == id).ok_or_else(|| {
        Report::new(Exit::NOT_FOUND, format!("there is no pairing {id}")).advise("`waylay agent list` shows them.")
    })?;
    let mut wanted = understood::<Item>(&found)?.rights;
    rights.put(&mut wanted);
    let body = json!({ "rights": wanted });
    let changed: Value = control.send(Method::PATCH, &format!("/agent/pairings/{id}"), Some(&body)).await?;
    match context.output.format {
        Format::Text => notice(format_args!("pairing {id} may now {}", allowed(&understood::<Item>(&changed)?.rights))),
        _ => context.output.document(&changed)?,
    }
    Ok(Exit::OK)
}

impl RightsArgs {
    /// What is said here, in place of what stood there.
    fn put(self, rights: &mut Map<String, Value>) {
        let said = [
            ("jar", self.jar.map(|jar| json!(jar))),
            ("client_certificates", self.client_certificates.map(Value::Bool)),
            ("private_addresses", self.private_addresses.map(Value::Bool)),
            ("metadata_addresses", self.metadata_addresses.map(Value::Bool)),
        ];
        rights.extend(said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
}

fn list(context: &Context, control: &Control) -> Result<Exit, Report> {
    let (mut answer, blocked): (Value, Blocked) =
        block_on(async { Ok((control.get("/agent/pairings").await?, control.get("/agent/blocked").await?)) })?;
    answer["blocked"] = json!(blocked.items);
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if context.output.format == Format::Text && items.is_empty() && !blocked.items.is_empty() {
        return context.output.text(blocked.lines()).map(|()| Exit::OK);
    }
    let shown = |items: &[Value]| {
        let pairings: Result<String, Report> = items.iter().map(line).collect();
        pairings.map(|pairings| pairings + &blocked.lines())
    };
    context.output.list_in(&answer, items, "no web page is paired", shown)
}

fn line(pairing: &Value) -> Result<String, Report> {
    let Item { id, kind, origin, requests, last_used_us, rights } = understood(pairing)?;
    let last = last_used_us.map_or_else(|| "never used".to_owned(), |us| full_time(us, &TimeZone::system()));
    let protocol = if kind == "native" { "" } else { ", by the Hoppscotch protocol" };
    let (origin, may) = (escaped(&origin), allowed(&rights));
    Ok(format!("{id:>3}  {origin:<36} {last}, {requests} requests{protocol}; may {may}\n"))
}

/// What a page may, in words.
fn allowed(rights: &Map<String, Value>) -> String {
    let has = |name: &str| rights.get(name) == Some(&Value::Bool(true));
    let mut words = vec!["send to public addresses"];
    words.extend(has("private_addresses").then_some("to private ones"));
    words.extend(has("metadata_addresses").then_some("to those of cloud metadata"));
    words.extend(has("client_certificates").then_some("with your client certificates"));
    words.push(if rights.get("jar") == Some(&json!("default")) {
        "with your cookies"
    } else {
        "with cookies of its own"
    });
    words.join(", ")
}

fn web_origin(word: &str) -> Result<WebOrigin, String> {
    word.parse().map_err(|e: BadOrigin| format!("{e}; {}", BadOrigin::HINT))
}
