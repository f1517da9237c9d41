//! `waylay history list`.

use super::{ListArgs, reader};
use crate::{
    capture::recorder::now_us,
    cli::{
        Context,
        escape::escaped,
        exchange::filter,
        report::{Exit, Report},
        units::{count, duration, full_time, size},
    },
    view::history::Entry,
};
use jiff::tz::TimeZone;
use waylay_storage::{
    HistoryEntry, HistoryQuery, Reader,
    model::{SendEntry, SendState},
};

/// Entries that are read at once.
const PAGE: usize = 1000;
/// What a list is limited to.
const NEWEST: usize = 50;

const TITLES: [&str; 8] = ["ID", "TIME", "STATE", "STATUS", "SIZE", "DURATION", "METHOD", "URL"];
/// Columns of numbers.
const RIGHT: [usize; 2] = [4, 5];

pub(super) fn list(context: &Context, args: &ListArgs) -> Result<Exit, Report> {
    let limit = match args.all {
        true => usize::MAX,
        false => args.limit.map_or(NEWEST, |n| usize::try_from(n).unwrap_or(usize::MAX)),
    };
    let query = HistoryQuery { filter: filter(&args.filter)?, like: args.like, before: None, limit };
    let mut entries = read(&reader(context)?, &query)?;
    entries.reverse();
    let entries: Vec<Entry> = entries.into_iter().map(|entry| Entry::new(entry, |_| now_us())).collect();
    context.output.table(&entries, "the history holds nothing of that kind", (TITLES, &RIGHT), cells)
}

/// The newest of what was sent or added.
pub(super) fn newest_send(reader: &Reader) -> Result<Option<SendEntry>, Report> {
    let mut query = HistoryQuery { limit: PAGE, ..HistoryQuery::default() };
    loop {
        let page = reader.history(&query)?;
        let newest = page.items.into_iter().find_map(|entry| match entry {
            HistoryEntry::Send(send) => Some(send),
            HistoryEntry::Session(_) => None,
        });
        query.before = page.before;
        if newest.is_some() || query.before.is_none() {
            return Ok(newest);
        }
    }
}

/// So many entries, newest first.
fn read(reader: &Reader, query: &HistoryQuery) -> Result<Vec<HistoryEntry>, Report> {
    let (mut entries, mut query, wanted) = (Vec::new(), query.clone(), query.limit);
    loop {
        query.limit = (wanted - entries.len()).min(PAGE);
        let page = reader.history(&query)?;
        entries.extend(page.items);
        query.before = page.before;
        if query.before.is_none() || entries.len() >= wanted {
            return Ok(entries);
        }
    }
}

fn cells(entry: &Entry) -> [String; TITLES.len()] {
    let time = |us| full_time(us, &TimeZone::system());
    let bytes = |n: i64| size(u64::try_from(n).unwrap_or_default());
    match entry {
        Entry::Send(send) => [
            send.id.to_string(),
            time(send.at_us),
            if send.sent { send.state.to_string() } else { "added".into() },
            outcome(send),
            bytes(send.bytes),
            send.duration_us.map_or_else(|| "…".into(), duration),
            escaped(&send.method).into_owned(),
            escaped(&send.url).into_owned(),
        ],
        Entry::Session { session, at_us, name, source, state, duration_us, exchanges, bytes: held } => [
            format!("session {session}"),
            time(*at_us),
            state.to_string(),
            String::new(),
            bytes(*held),
            duration(*duration_us),
            source.to_string(),
            format!("\"{}\", {}", escaped(name), count(*exchanges, "exchange")),
        ],
    }
}

/// The status, or the stage at which it failed.
fn outcome(send: &SendEntry) -> String {
    let word = |name: &str| Some(send.error.as_ref()?.get(name)?.as_str()?.to_owned());
    match (send.status, word("reason").or_else(|| word("stage"))) {
        (Some(status), None) => status.to_string(),
        (Some(status), Some(why)) => format!("{status} {}", escaped(&why)),
        (None, Some(why)) => escaped(&why).into_owned(),
        (None, None) if send.state == SendState::Running => "…".into(),
        (None, None) => "-".into(),
    }
}
