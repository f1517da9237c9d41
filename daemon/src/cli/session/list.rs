//! `waylay session list`.

use super::{reader, seen};
use crate::{
    cli::{
        Context,
        escape::escaped,
        report::{Exit, Report},
        units::{duration, full_time, size},
    },
    view::Session,
};
use jiff::tz::TimeZone;

const TITLES: [&str; 9] = ["ID", "STATE", "SOURCE", "STARTED", "DURATION", "EXCHANGES", "SIZE", "FAILED", "NAME"];
/// Columns of numbers.
const RIGHT: [usize; 4] = [4, 5, 6, 7];

pub(super) fn list(context: &Context) -> Result<Exit, Report> {
    let sessions: Vec<Session> = reader(context)?.sessions()?.into_iter().map(seen).collect();
    context.output.table(&sessions, "there are no sessions", (TITLES, &RIGHT), cells)
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
