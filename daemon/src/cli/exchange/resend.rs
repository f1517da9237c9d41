//! `waylay resend`: a captured request, sent again by the daemon.

use super::{
    changes::{HeaderChange, body, changed},
    reader, resolve,
};
use crate::{
    agent::SendError,
    cli::{
        Context, block_on,
        control::Control,
        escape::escaped,
        output::{Format, notice},
        report::{Exit, Report},
        send::cookies,
        units::{duration, size},
    },
    request::Draft,
    view::Detail,
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

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

    /// Take cookies from the jar of this name or number instead of those alone that it had; `default` for the default one.
    #[arg(long, value_name = "JAR")]
    pub jar: Option<String>,

    /// Send the cookies that its client had when it began, or with --jar those that the jar had then.
    #[arg(long)]
    pub as_then: bool,

    /// Send it as your own although a web page wrote it.
    #[arg(long)]
    pub as_mine: bool,
}

/// What became of it.
#[derive(Debug, Deserialize, Serialize)]
struct Sent {
    send: i64,
    id: Option<String>,
    exchange: Option<Detail>,
    error: Option<SendError>,
}

/// Sends a captured request again. A request that fails on its way is a row, and an exit code of its own.
pub(in crate::cli) fn resend(context: &Context, args: ResendArgs) -> Result<Exit, Report> {
    let id = resolve(&reader(context)?, &args.id)?;
    let control = Control::connect(&context.data)?;
    let sent: Sent = block_on(async {
        let draft: Draft = control.get(&format!("/exchanges/{id}/request")).await?;
        let jar = args.jar.as_deref().filter(|name| *name != "default");
        let then = args.as_then.then(|| id.to_string());
        let asks = args.jar.is_some() || args.as_then;
        let cookies = cookies(&control, jar, then.as_deref()).await?.unwrap_or_else(|| json!({}));
        let as_mine = args.as_mine;
        let mut request = with_changes(draft, args)?;
        // What was captured went to where it led, and no further.
        request.settings.follow_redirects.get_or_insert(false);
        let mut order = json!({ "request": request, "from": id, "environment": null, "as_mine": as_mine });
        if asks {
            order["cookies"] = cookies;
        }
        Ok(control.post("/send", &order).await?)
    })?;
    if context.output.format != Format::Text {
        context.output.document(&sent)?;
    } else if let Some(exchange) = &sent.exchange {
        let (summary, paint) = (&exchange.summary, context.output.paint);
        let status = summary.status.map_or_else(|| "-".into(), |status| paint.status(status, status));
        let time = summary.timings.end_us.map(|us| format!("  {}", duration(us))).unwrap_or_default();
        context.output.text(format_args!("{}  {status}  {}{time}\n", summary.id, size(summary.response_size)))?;
    }
    match (&sent.error, sent.exchange.as_ref().and_then(|x| x.summary.failure.as_ref())) {
        (None, None) => Ok(Exit::OK),
        (_, Some(failure)) => {
            notice(format_args!("{} ({}, {})", escaped(&failure.message), failure.side, failure.stage));
            Ok(Exit::NETWORK)
        }
        (Some(error), None) => Err(crate::cli::send::report(error)),
    }
}

/// The request with what the flags change.
fn with_changes(mut draft: Draft, args: ResendArgs) -> Result<Draft, Report> {
    let mut changes = Vec::new();
    if args.jar.is_some() || args.as_then {
        draft.without.retain(|name| name != "cookie");
    }
    if args.as_then {
        changes.push(HeaderChange::Remove("cookie".into()));
    }
    if let Some(url) = args.url {
        // The captured Host names another host, or the same as the URL does.
        changes.push(HeaderChange::Remove("host".into()));
        (draft.url, draft.query) = (url, None);
    }
    if let Some(data) = &args.data {
        // It spoke of the body that is replaced.
        changes.push(HeaderChange::Remove("content-encoding".into()));
        draft.body = body(data)?;
    }
    changes.extend(args.headers);
    draft.headers = changed(draft.headers, &changes);
    if let Some(method) = args.method {
        draft.method = method;
    }
    Ok(draft)
}
