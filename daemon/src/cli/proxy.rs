//! `waylay proxy`: whether clients are let in. Recording is another switch: `waylay session`.

use super::{
    Context, block_on,
    control::{Control, understood},
    output::{Format, notice},
    report::{Exit, Report},
    start::places,
};
use clap::{Args, Subcommand};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// What can be done with the proxy.
#[derive(Debug, Subcommand)]
pub enum ProxyCommand {
    /// Let clients in.
    On(OnArgs),
    /// Let nobody in any more, and close the port. What has begun may go on for 5 seconds.
    Off,
    /// Show whether it is on, and where.
    Status,
}

/// Arguments of `waylay proxy on`.
#[derive(Debug, Args)]
pub struct OnArgs {
    /// On another port, 0 for any free one; only while it is off.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

/// What the daemon answers; the JSON is passed on as it is.
#[derive(Debug, Deserialize)]
struct State {
    on: bool,
    addresses: Vec<SocketAddr>,
}

pub(super) fn proxy(context: &Context, command: &ProxyCommand) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let wanted = match command {
        ProxyCommand::On(OnArgs { port: None }) => Some(json!({ "on": true })),
        ProxyCommand::On(OnArgs { port }) => Some(json!({ "on": true, "port": port })),
        ProxyCommand::Off => Some(json!({ "on": false })),
        ProxyCommand::Status => None,
    };
    let method = if wanted.is_some() { Method::PUT } else { Method::GET };
    let answer: Value = block_on(async { Ok(control.send(method, "/proxy", wanted.as_ref()).await?) })?;
    if context.output.format != Format::Text {
        context.output.document(&answer)?;
        return Ok(Exit::OK);
    }
    let state: State = understood(&answer)?;
    let words = if state.on { format!("on, {}", places(&state.addresses)) } else { "off".to_owned() };
    match command {
        ProxyCommand::Status => context.output.text(format_args!("{words}\n"))?,
        _ => notice(format_args!("the proxy is {words}")),
    }
    Ok(Exit::OK)
}
