//! `waylay session list`.

use super::{reader, seen};
use crate::{
    cli::{
        Context,
        escape::escaped,
        output::Format,
        report::{Exit, Report},
        units::{duration, full_time, size},
    },
    view::Session,
};
use jiff::tz::TimeZone;
use serde_json::json;
use std::fmt::Write;

const TITLES: [&str; 9] = ["ID", "STATE", "SOURCE", "STARTED", "DURATION", "EXCHANGES", "SIZE", "FAILED", "NAME"];
/// Columns of numbers.
const RIGHT: std::ops::RangeInclusive<usize> = 4..=7;

pub(super) fn list(context: &Context) -> Result<Exit, Report> {
    let sessions: Vec<Session> = reader(context)?.sessions()?.into_iter().map(seen).collect();
    let output = &context.output;
    match output.format {
        Format::Json => output.document(&json!({ "items": sessions }))?,
        Format::Jsonl => sessions.iter().try_for_each(|session| output.line(session))?,
        Format::Text => {
            let heading = output.paint.heading(line(&TITLES.map(str::to_owned), &widths(&sessions)));
            output.text(format_args!("{heading}\n{}", rows(&sessions)))?;
        }
    }
    Ok(Exit::OK)
}

fn rows(sessions: &[Session]) -> String {
    let widths = widths(sessions);
    sessions.iter().fold(String::new(), |mut text, session| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line(&cells(session), &widths));
        text
    })
}

fn widths(sessions: &[Session]) -> [usize; TITLES.len()] {
    let mut widths = TITLES.map(str::len);
    for session in sessions {
        for (width, cell) in widths.iter_mut().zip(cells(session)) {
            *width = (*width).max(cell.chars().count());
        }
    }
    widths
}

fn cells(seen: &Session) -> [String; TITLES.len()] {
    let session = &seen.session;
    let pinned = if session.pinned { " (pinned)" } else { "" };
    [
        session.id.to_string(),
        session.state.to_string(),
        session.source.to_string(),
        full_time(session.started_us, &TimeZone::system()),
        duration(seen.duration_us),
        session.exchanges.to_string(),
        size(u64::try_from(session.bytes).unwrap_or_default()),
        session.failures.to_string(),
        format!("{}{pinned}", escaped(&session.name)),
    ]
}

fn line(cells: &[String; TITLES.len()], widths: &[usize; TITLES.len()]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
        _ if column + 1 == TITLES.len() => cell.clone(),
        _ if RIGHT.contains(&column) => format!("{cell:>width$}"),
        _ => format!("{cell:<width$}"),
    });
    padded.collect::<Vec<_>>().join("  ")
}
