//! `waylay body`: the bytes of a body, to standard output.

use super::{reader, resolve};
use crate::{
    cli::{
        Context,
        escape::escaped_lines,
        output::{notice, stdout},
        report::{Exit, Report},
        units::size,
    },
    content::{Codings, Decoder, Text},
};
use clap::Args;
use std::io::{self, Read, Write};
use waylay_storage::{
    Body,
    model::{BodyEnd, ExchangeId, Head, Omitted, Part},
};

/// Decoded bytes beyond this are not written: a body of a few kilobytes can stand for as many gigabytes.
const DECODED: u64 = 1 << 30;
/// What a terminal is given at most, and looked at before it is.
const TERMINAL: u64 = 1 << 20;

/// Arguments of `waylay body`.
#[derive(Debug, Args)]
pub struct BodyArgs {
    /// The exchange: 7.42, or @last for the newest.
    pub id: String,

    /// The request's body.
    #[arg(long, conflicts_with = "response")]
    pub request: bool,

    /// The response's body (the default).
    #[arg(long)]
    pub response: bool,

    /// As transferred, with its content codings.
    #[arg(long)]
    pub raw: bool,
}

/// Writes a body.
pub(in crate::cli) fn body(context: &Context, args: &BodyArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let id = resolve(&reader, &args.id)?;
    let part = if args.request { Part::Request } else { Part::Response };
    let gone = || Report::new(Exit::NOT_FOUND, format!("there is no exchange '{id}'"));
    let body = reader.body(id, part)?.ok_or_else(gone)?;
    if part == Part::Response && body.stored == 0 && body.size > 0 {
        let (exchange, _) = reader.exchange(id)?.ok_or_else(gone)?;
        if exchange.omitted.body() {
            return Err(not_stored(exchange.omitted));
        }
    }
    warn(&body);
    let head = reader.head(id, part)?.ok_or_else(gone)?;
    let codings = match args.raw {
        true => Codings::default(),
        false => Codings::parse(head.values("content-encoding").map(|value| &value[..])).map_err(undecodable)?,
    };
    let limit = if args.raw { u64::MAX } else { DECODED };
    let mut decoder = Decoder::new(body, &codings, limit);
    if context.output.terminal {
        return on_terminal(&mut decoder, &head, id);
    }
    copy(&mut decoder)?;
    if decoder.truncated() {
        return Err(Report::new(Exit::IO, format!("cut after {}", size(DECODED)))
            .because("the body decodes to more than that")
            .advise("--raw writes it as it was transferred."));
    }
    Ok(Exit::OK)
}

/// The rules of its session left it out.
fn not_stored(omitted: Omitted) -> Report {
    let (why, advice) = if omitted.media {
        (
            "it is media, whose bodies are not stored unless that is asked for",
            "`waylay session rules --media` stores those to come.",
        )
    } else {
        ("responses were not saved", "`waylay session rules --preset default` saves those to come.")
    };
    Report::new(Exit::NOT_FOUND, "the body of this response was not stored").because(why).advise(advice)
}

/// Says what the bytes alone do not tell.
fn warn(body: &Body) {
    let lost = body.gaps.iter().fold(0u64, |sum, gap| sum.saturating_add(gap.length));
    if lost > 0 {
        notice(format_args!("warning: {} of this body were not kept", size(lost)));
    }
    match body.end {
        BodyEnd::Complete => {}
        BodyEnd::Open => notice("warning: this body is still under way"),
        BodyEnd::Failed | BodyEnd::Dropped => notice("warning: this body was broken off"),
    }
}

/// Writes all that can be read. A reader that leaves and a body that cannot be decoded are told apart.
pub(super) fn copy(from: &mut impl Read) -> Result<(), Report> {
    let mut out = stdout();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return out.flush().map_err(Report::output),
            Ok(n) => out.write_all(&buffer[..n]).map_err(Report::output)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(undecodable(error)),
        }
    }
}

/// Text is shown, with nothing in it that could steer the terminal; anything else is not.
fn on_terminal(from: &mut Decoder<'_>, head: &Head, id: ExchangeId) -> Result<Exit, Report> {
    let mut bytes = Vec::new();
    let ended = from.take(TERMINAL).read_to_end(&mut bytes);
    let cut = bytes.len() as u64 == TERMINAL;
    let content_type = head.value("content-type").map(|value| &value[..]);
    let Some(text) = Text::of(&bytes, content_type, cut) else {
        return Err(Report::new(Exit::USAGE, "this body is not text, and standard output is a terminal")
            .advise(format!("Write it to a file: `waylay body {id} > FILE`.")));
    };
    let line_end = if text.text.is_empty() || text.text.ends_with('\n') { "" } else { "\n" };
    write!(stdout(), "{}{line_end}", escaped_lines(&text.text)).map_err(Report::output)?;
    ended.map_err(undecodable)?;
    if cut {
        notice(format_args!("cut after {}; `waylay body {id} > FILE` writes all of it", size(TERMINAL)));
    }
    Ok(Exit::OK)
}

fn undecodable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Report {
    let error = error.into();
    Report::new(Exit::IO, format!("the body cannot be decoded: {error}"))
        .advise("--raw writes it as it was transferred.")
        .caused_by(error)
}
