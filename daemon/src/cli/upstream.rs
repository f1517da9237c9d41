//! `waylay upstream`: proxies by which Waylay reaches servers.

use super::{
    Context, block_on,
    control::Control,
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
    secret,
};
use crate::upstream::via::{BadProxy, Proxies, UpstreamProxy};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Map, Value, json};
use std::{fmt::Write, sync::Arc};

/// What can be done with upstream proxies.
#[derive(Debug, Subcommand)]
pub enum UpstreamCommand {
    /// Show which there are, and which are used.
    Show,
    /// Use a proxy from now on and over restarts; what is not given stays as it is.
    Set(SetArgs),
    /// Whether the proxies of the environment in which the daemon was started are used, where none are set here.
    System {
        /// `on` or `off`.
        switch: Switch,
    },
    /// Forget what was set here, and reach all servers directly.
    Clear,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Proxies on the command line.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct SetArgs {
    /// For all servers: http, socks4, socks4a, socks5 or socks5h://HOST:PORT, or @FILE or env:NAME with that in it.
    #[arg(value_name = "URL", conflicts_with_all = ["http", "https"])]
    pub url: Option<String>,

    /// For servers without TLS alone; `none` for none.
    #[arg(long, value_name = "URL")]
    pub http: Option<String>,

    /// For servers with TLS alone; `none` for none.
    #[arg(long, value_name = "URL")]
    pub https: Option<String>,

    /// Reach these hosts directly: host (and the names below it), *.host, an address or 10.0.0.0/8, each perhaps with
    /// :port, separated by commas; empty for none.
    #[arg(long, value_name = "HOSTS")]
    pub bypass: Option<String>,

    /// User name and password for the proxies given: USER:PASSWORD, @FILE or env:NAME; with USER alone, the password is
    /// asked for.
    #[arg(short = 'U', long, value_name = "USER")]
    pub user: Option<String>,
}

/// What `start --upstream` means.
pub(super) fn given(text: &str) -> Result<Proxies, Report> {
    let proxy = Arc::new(read(text)?);
    Ok(Proxies { http: Some(Arc::clone(&proxy)), https: Some(proxy), ..Proxies::default() })
}

fn read(text: &str) -> Result<UpstreamProxy, Report> {
    let text = secret::value(text)?;
    text.parse()
        .map_err(|error: BadProxy| Report::new(Exit::USAGE, error).advise(format!("{}.", capital(BadProxy::HINT))))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub(super) fn upstream(context: &Context, command: &UpstreamCommand) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let known: Map<String, Value> = block_on(async { Ok(control.get("/upstream-proxies").await?) })?;
    let change = match command {
        UpstreamCommand::Show => return show(context, &known),
        UpstreamCommand::Set(args) => change(&known, args)?,
        UpstreamCommand::System { switch } => {
            let mut kept = kept(&known);
            kept["system"] = (*switch == Switch::On).into();
            kept
        }
        UpstreamCommand::Clear => json!({ "http": null, "https": null, "bypass": "", "system": false }),
    };
    let after: Map<String, Value> =
        block_on(async { Ok(control.send(Method::PUT, "/upstream-proxies", Some(&change)).await?) })?;
    show(context, &after)
}

/// As it is, to be sent back.
fn kept(known: &Map<String, Value>) -> Value {
    let proxy = |name: &str| match &known[name] {
        Value::Object(proxy) => {
            let mut proxy = proxy.clone();
            proxy.remove("password");
            Value::Object(proxy)
        }
        _ => Value::Null,
    };
    let bypass = known["bypass"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
    json!({ "http": proxy("http"), "https": proxy("https"), "bypass": bypass.join(","), "system": known["system"] })
}

fn change(known: &Map<String, Value>, args: &SetArgs) -> Result<Value, Report> {
    let user = args.user.as_deref().map(secret::user).transpose()?;
    let proxy = |text: &str| -> Result<Value, Report> {
        if text == "none" {
            return Ok(Value::Null);
        }
        let proxy = read(text)?;
        let own = proxy.credentials.as_ref().map(|c| (c.username.clone(), c.password.clone()));
        Ok(match user.clone().or(own) {
            Some((username, password)) => {
                json!({ "url": proxy.to_string(), "username": username, "password": password })
            }
            None => json!({ "url": proxy.to_string() }),
        })
    };
    let mut kept = kept(known);
    for (name, text) in [("http", args.http.as_ref()), ("https", args.https.as_ref())] {
        if let Some(text) = text.or(args.url.as_ref()) {
            kept[name] = proxy(text)?;
        }
    }
    if let Some(bypass) = &args.bypass {
        kept["bypass"] = bypass.as_str().into();
    }
    Ok(kept)
}

fn show(context: &Context, all: &Map<String, Value>) -> Result<Exit, Report> {
    let output = &context.output;
    if output.format != Format::Text {
        output.document(all)?;
        return Ok(Exit::OK);
    }
    let mut text = String::new();
    let used = all["used"].as_str().unwrap_or_default();
    let sources = [
        ("flag", "given at the start", all.get("given")),
        ("custom", "set here", Some(&Value::Object(all.clone()))),
        ("system", "of the environment", all.get("environment")),
    ]
    .map(|(word, name, source)| (word, name, source.cloned().unwrap_or_default()));
    for (word, name, source) in &sources {
        for kind in ["http", "https"] {
            let Some(url) = source[kind]["url"].as_str() else { continue };
            let user = source[kind]["username"].as_str().map(|user| format!(" as {user}")).unwrap_or_default();
            let state = if *word == used { "used" } else { "not used" };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{kind:<6} {}  {name}, {state}", escaped(&format!("{url}{user}")));
        }
        let bypass: Vec<&str> = source["bypass"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !bypass.is_empty() {
            let _ = writeln!(text, "{:<6} {}  {name}", "but", escaped(&bypass.join(", ")));
        }
    }
    output.text(text)?;
    for unusable in all["unusable"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        notice(format_args!("cannot be used: {}", escaped(unusable)));
    }
    if used == "none" {
        notice("all servers are reached directly");
    }
    Ok(Exit::OK)
}
