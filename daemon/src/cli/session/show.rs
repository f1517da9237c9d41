//! `waylay session show`.

use super::{find, reader, recorded, seen};
use crate::{
    cli::{
        Context,
        escape::{escaped, escaped_lines},
        output::Format,
        report::{Exit, Report},
        units::{count, duration, full_time, size},
    },
    view::Session,
};
use jiff::tz::TimeZone;
use std::fmt::Write;

pub(super) fn show(context: &Context, id: &str) -> Result<Exit, Report> {
    let session = seen(find(&reader(context)?, id)?);
    match context.output.format {
        Format::Text => context.output.text(text(&session))?,
        _ => context.output.document(&session)?,
    }
    Ok(Exit::OK)
}

fn text(seen: &Session) -> String {
    let session = &seen.session;
    let time = |us| full_time(us, &TimeZone::system());
    let mut lines = vec![
        ("session", format!("{} \"{}\"", session.id, escaped(&session.name))),
        ("state", session.state.to_string()),
        ("source", session.source.to_string()),
        ("started", time(session.started_us)),
    ];
    lines.extend(session.ended_us.map(|us| ("ended", time(us))));
    lines.push(("duration", duration(seen.duration_us)));
    if session.paused_us > 0 {
        lines.push(("pauses", duration(session.paused_us)));
    }
    lines.push(("content", content(seen)));
    lines.push(("records", escaped(&recorded(session)).into_owned()));
    if session.pinned {
        lines.push(("pinned", "yes".to_owned()));
    }
    lines.extend(session.keep_until_us.map(|us| ("kept", format!("until {}", time(us)))));
    lines.extend(session.command.as_ref().map(|command| ("command", escaped(command).into_owned())));
    lines.extend(session.note.as_ref().map(|note| ("note", escaped_lines(note).into_owned())));
    lines.into_iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<9} {value}");
        text
    })
}

fn content(seen: &Session) -> String {
    let session = &seen.session;
    let bytes = u64::try_from(session.bytes).unwrap_or_default();
    let failed = if session.failures > 0 { format!(", {} failed", session.failures) } else { String::new() };
    format!("{}, {}{failed}", count(session.exchanges, "exchange"), size(bytes))
}
