//! `waylay connect`: a WebSocket or an event stream from the command line, held by the daemon.
//!
//! - `speak`: what is sent
//! - `told`: what is shown

mod speak;
mod told;

use super::{
    Context, block_on,
    control::Control,
    exchange::HeaderChange,
    report::{Exit, Report},
    run::daemon::find_or_start,
    send::{HowArgs, SendArgs, Uploads, cookies, draft, environment, report, variables},
};
use crate::agent::SendError;
use clap::{Args, ValueEnum};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};
use told::Told;

/// Arguments of `waylay connect`.
#[derive(Debug, Default, Args)]
#[command(
    after_help = "Lines of standard input are messages, with values for their variables, {{name}}; at its end the connection is \
    closed. With --message, standard input is not read, and the connection stays open until it is closed, --count messages \
    have come, or Ctrl-C."
)]
pub struct ConnectArgs {
    /// ws:// and wss:// begin a WebSocket; http:// and https:// ask for an event stream, unless --kind says otherwise.
    pub url: String,

    /// What to hold.
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,

    /// A subprotocol to offer; may be repeated, the best first.
    #[arg(short, long = "protocol", value_name = "NAME")]
    pub protocols: Vec<String>,

    /// Send this message; may be repeated.
    #[arg(long = "message", value_name = "TEXT")]
    pub messages: Vec<String>,

    /// Messages are binary, and written like that.
    #[arg(long, value_enum, value_name = "CODE")]
    pub binary: Option<Code>,

    /// Close the connection when so many messages have come.
    #[arg(short = 'n', long, value_name = "N")]
    pub count: Option<u64>,

    /// Connect again so many times, in all, when it cannot be made or breaks off.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub reconnect: u32,

    /// Seconds to wait before that.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    pub reconnect_interval: f64,

    /// Seconds the server may take to answer; anew for each redirect.
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub handshake_timeout: f64,

    /// Largest message to take, bytes; 0 for any.
    #[arg(long, value_name = "BYTES", default_value_t = 5 << 20)]
    pub max_message: u64,

    /// Do not offer compression.
    #[arg(long)]
    pub no_compression: bool,

    /// The method that asks for an event stream.
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub method: Option<String>,

    /// 'Name: value' adds a header, 'Name;' an empty one, 'Name:' leaves one out that would be sent by itself.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<HeaderChange>,

    /// Data of the request for an event stream, or @FILE.
    #[arg(short = 'd', long = "data", value_name = "DATA")]
    pub data: Vec<String>,

    /// JSON of the request for an event stream, or @FILE.
    #[arg(long, value_name = "DATA")]
    pub data_json: Vec<String>,

    /// USER:PASSWORD; USER alone asks for the password; @FILE and env:NAME hold both.
    #[arg(short = 'u', long, value_name = "USER")]
    pub user: Option<String>,

    /// Answer Digest rather than send Basic.
    #[arg(long, requires = "user")]
    pub digest: bool,

    /// A bearer token; @FILE and env:NAME hold it.
    #[arg(long, value_name = "TOKEN", conflicts_with = "user")]
    pub bearer: Option<String>,

    /// Cookies to send: 'a=1; b=2'.
    #[arg(short = 'b', long, value_name = "COOKIES")]
    pub cookie: Option<String>,

    /// Take cookies from the jar of this name or number, and keep those of the answer there; `none` for no jar.
    #[arg(long, value_name = "NAME")]
    pub jar: Option<String>,

    /// Take the environment of this name or number; `none` for none. Without it, the one in use.
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,

    /// A variable for this conversation alone; @FILE and env:NAME hold its value.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,

    /// How the request is sent.
    #[command(flatten)]
    pub how: HowArgs,
}

/// What to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A WebSocket.
    Websocket,
    /// An event stream.
    Sse,
}

/// How binary messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Code {
    /// In Base64.
    Base64,
    /// In hexadecimal digits.
    Hex,
}

/// How the conversation stands, as far as sending goes.
#[derive(Clone, Debug, Default)]
struct Standing {
    open: bool,
    received: u64,
}

/// How it ended.
#[derive(Deserialize)]
struct Ended {
    error: Option<SendError>,
}

pub(super) fn connect(context: &Context, args: ConnectArgs) -> Result<Exit, Report> {
    let kind = args.kind()?;
    let drafted = draft::draft(&args.send())?;
    block_on(async {
        let control = find_or_start(context).await.map_err(|report| report.exiting(Exit::NO_DAEMON))?;
        let uploads = Uploads::new(&control, drafted.files).await?;
        let mut opening = json!({
            "kind": if kind == Kind::Sse { "sse" } else { "websocket" },
            "request": uploads.named(drafted.draft),
            "protocols": args.protocols,
            "settings": args.settings()?,
            "variables": variables(&args.variables)?,
        });
        if let Some(name) = &args.environment {
            opening["environment"] = environment(&control, name).await?;
        }
        if let Some(cookies) = cookies(&control, args.jar.as_deref(), None).await? {
            opening["cookies"] = cookies;
        }
        let begun: Value = control.post("/conversations", &opening).await?;
        let path = format!("/conversations/{}", begun["id"]);
        let held = hold(context, &args, kind, &control, &path).await;
        let ended = control.get::<Ended>(&path).await;
        // Its exchange stays.
        let _ = control.order(Method::DELETE, &path).await;
        uploads.remove().await;
        let exit = held?;
        match ended?.error {
            Some(error) => Err(report(&error)),
            None => Ok(exit),
        }
    })
}

/// Until it is over.
async fn hold(
    context: &Context,
    args: &ConnectArgs,
    kind: Kind,
    control: &Control,
    path: &str,
) -> Result<Exit, Report> {
    let (standing, seen) = watch::channel(Standing::default());
    let mut told = Told::new(context, args.binary.unwrap_or(Code::Base64), standing);
    let events = format!("{path}/events?preview=5242880");
    let following = control.follow(&events, |bytes| told.read(&bytes));
    tokio::pin!(following);
    let speaking = speak::speak(args, kind, control, path, seen);
    let done = tokio::select! {
        over = &mut following => return over.map(|()| Exit::OK),
        failed = speaking => failed.map(|never| match never {}),
        _ = tokio::signal::ctrl_c() => Ok(Exit::INTERRUPTED),
    };
    let _ = control.carry_out(Method::POST, &format!("{path}/close"), Some(&json!({ "code": 1000 }))).await;
    // What comes behind the goodbye is shown as well.
    let _ = timeout(Duration::from_secs(6), &mut following).await;
    done
}

impl ConnectArgs {
    fn kind(&self) -> Result<Kind, Report> {
        let scheme = self.url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match (self.kind, scheme.as_deref()) {
            (Some(kind), _) => Ok(kind),
            (None, Some("ws" | "wss")) => Ok(Kind::Websocket),
            (None, Some("http" | "https")) => Ok(Kind::Sse),
            _ => Err(Report::new(Exit::USAGE, format!("'{}' may be a WebSocket or an event stream", self.url))
                .advise("Write ws:// or https:// before it, or say --kind websocket or --kind sse.")),
        }
    }

    /// The flags that it has in common with `waylay send`.
    fn send(&self) -> SendArgs {
        SendArgs {
            target: vec![self.url.clone()],
            method: self.method.clone(),
            headers: self.headers.clone(),
            data: self.data.clone(),
            data_json: self.data_json.clone(),
            user: self.user.clone(),
            digest: self.digest,
            bearer: self.bearer.clone(),
            cookie: self.cookie.clone(),
            how: self.how.clone(),
            ..SendArgs::default()
        }
    }

    fn settings(&self) -> Result<Value, Report> {
        let millis = |what: &str, seconds: f64| match seconds {
            s if s.is_finite() && (0.0..=3600.0).contains(&s) => Ok((s * 1000.0).ceil() as u64),
            s => {
                Err(Report::new(Exit::USAGE, format!("{s} is no time for {what}")).advise("Give seconds, up to 3600."))
            }
        };
        Ok(json!({
            "handshake_timeout_ms": millis("--handshake-timeout", self.handshake_timeout)?,
            "reconnect_attempts": self.reconnect,
            "reconnect_interval_ms": millis("--reconnect-interval", self.reconnect_interval)?.max(10),
            "max_message_bytes": self.max_message,
            "compression": !self.no_compression,
        }))
    }
}
