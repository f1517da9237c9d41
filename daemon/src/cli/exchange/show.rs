//! `waylay show`: one exchange, bodies apart, and its messages.

use super::{messages, reader, resolve, sections};
use crate::{
    cli::{
        Context,
        output::Format,
        report::{Exit, Report},
    },
    content::{Codings, Text, decode},
    view,
};
use clap::Args;
use waylay_storage::{Reader, model::Part};

/// A body is previewed if no more than this many bytes of text are in it.
const PREVIEW: u64 = 4 << 10;

/// Arguments of `waylay show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The exchange: 7.42, or @last for the newest.
    pub id: String,

    /// Show the values of Authorization, Cookie and Set-Cookie, too.
    #[arg(long)]
    pub reveal: bool,

    /// List its messages, if it is a WebSocket, an event stream or a gRPC call: all, and nothing else.
    #[arg(long, conflicts_with_all = ["message", "reveal"])]
    pub messages: bool,

    /// Write the payload of one message to standard output; with --json, show what it says.
    #[arg(long, value_name = "NUMBER", conflicts_with = "reveal")]
    pub message: Option<i64>,
}

/// Shows an exchange.
pub(in crate::cli) fn show(context: &Context, args: &ShowArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let id = resolve(&reader, &args.id)?;
    if args.messages {
        return messages::all(context, &reader, id);
    }
    if let Some(number) = args.message {
        return messages::one(context, &reader, id, number);
    }
    let detail = view::detail(&reader, id)?;
    let detail = detail.ok_or_else(|| Report::new(Exit::NOT_FOUND, format!("there is no exchange '{id}'")))?;
    if context.output.format != Format::Text {
        context.output.document(&detail)?;
        return Ok(Exit::OK);
    }
    let previews = sections::Previews {
        request: preview(&reader, &detail.request.headers, &detail, Part::Request)?,
        response: match &detail.response {
            Some(response) => preview(&reader, &response.headers, &detail, Part::Response)?,
            None => None,
        },
        messages: messages::section(&reader, id, &context.output)?,
    };
    context.output.text(sections::text(&detail, &previews, args.reveal, context.output.paint))?;
    Ok(Exit::OK)
}

/// The body as text, if it is little and text.
fn preview(
    reader: &Reader,
    headers: &[view::Field],
    detail: &view::Detail,
    part: Part,
) -> Result<Option<String>, Report> {
    let Some(body) = reader.body(detail.summary.id, part)?.filter(|body| (1..=PREVIEW).contains(&body.stored)) else {
        return Ok(None);
    };
    let values = |name: &'static str| {
        headers.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value.as_bytes())
    };
    // What cannot be decoded is not previewed; `body` says why.
    let Ok(codings) = Codings::parse(values("content-encoding")) else { return Ok(None) };
    let decoded = decode(body, &codings, PREVIEW);
    if decoded.truncated || decoded.error.is_some() {
        return Ok(None);
    }
    Ok(Text::of(&decoded.bytes, values("content-type").next(), false).map(|text| text.text))
}
