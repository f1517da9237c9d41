//! `waylay resend`: a captured request, sent again by the daemon.

use super::{
    changes::{HeaderChange, add_body, headers},
    reader, resolve,
};
use crate::{
    cli::{
        Context, block_on,
        control::Control,
        escape::escaped,
        output::{Format, notice},
        report::{Exit, Report},
        units::{duration, size},
    },
    view::{self, Detail},
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Arguments of `waylay resend`.
#[derive(Debug, Args)]
pub struct ResendArgs {
    /// The exchange: 7.42, or @last for the newest.
    pub id: String,

    /// Another method.
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub method: Option<String>,

    /// Another URL.
    #[arg(long)]
    pub url: Option<String>,

    /// 'Name: value' replaces, 'Name;' empties, 'Name:' removes a header; may be repeated.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<HeaderChange>,

    /// Another body: the text, or @FILE for the bytes of a file, @- for those of standard input.
    #[arg(short = 'd', long = "data", value_name = "DATA")]
    pub data: Option<String>,
}

/// What became of it.
#[derive(Debug, Deserialize, Serialize)]
struct Sent {
    id: String,
    exchange: Detail,
}

/// Sends a captured request again. A request that fails on its way is a row, and an exit code of its own.
pub(in crate::cli) fn resend(context: &Context, args: ResendArgs) -> Result<Exit, Report> {
    let request = request(context, args)?;
    let control = Control::connect(&context.data)?;
    let sent: Sent = block_on(async { Ok(control.post("/send", &request).await?) })?;
    let summary = &sent.exchange.summary;
    if context.output.format != Format::Text {
        context.output.document(&sent)?;
    } else {
        let paint = context.output.paint;
        let status = summary.status.map_or_else(|| "-".into(), |status| paint.status(status, status));
        let time = summary.timings.end_us.map(|us| format!("  {}", duration(us))).unwrap_or_default();
        context.output.text(format_args!("{}  {status}  {}{time}\n", summary.id, size(summary.response_size)))?;
    }
    match &summary.failure {
        None => Ok(Exit::OK),
        Some(failure) => {
            notice(format_args!("{} ({}, {})", escaped(&failure.message), failure.side, failure.stage));
            Ok(Exit::NETWORK)
        }
    }
}

/// What the API is asked: what is not in it comes from the captured exchange.
fn request(context: &Context, args: ResendArgs) -> Result<Value, Report> {
    let reader = reader(context)?;
    let id = resolve(&reader, &args.id)?;
    let mut request = Map::new();
    request.insert("from".into(), json!(id));
    let mut changes = Vec::new();
    if args.url.is_some() {
        // The captured one names another host, or the same as the URL does.
        changes.push(HeaderChange::Remove("host".into()));
    }
    if let Some(data) = &args.data {
        // It spoke of the body that is replaced.
        changes.push(HeaderChange::Remove("content-encoding".into()));
        add_body(data, &mut request)?;
    }
    changes.extend(args.headers);
    if !changes.is_empty() {
        let detail = view::detail(&reader, id)?;
        let detail = detail.ok_or_else(|| Report::new(Exit::NOT_FOUND, format!("there is no exchange '{id}'")))?;
        request.insert("headers".into(), json!(headers(&detail.request.headers, &changes)));
    }
    for (key, value) in [("method", args.method), ("url", args.url)] {
        if let Some(value) = value {
            request.insert(key.into(), value.into());
        }
    }
    Ok(request.into())
}
