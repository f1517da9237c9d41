//! What is said of a replay.

use crate::cli::{
    Context,
    control::{Control, understood},
    escape::escaped,
    output::Format,
    report::Report,
    units::{count, duration},
};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write;
use waylay_storage::model::{Replay, ReplayState, Verdict};

/// A page of results.
#[derive(Deserialize)]
struct Page {
    items: Vec<Value>,
    next: Option<i64>,
}

/// What is read of a result.
#[derive(Deserialize)]
struct Found {
    position: i64,
    original: Original,
    verdict: Verdict,
    summary: Vec<String>,
    error: Option<Why>,
}

#[derive(Deserialize)]
struct Original {
    name: Option<String>,
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct Why {
    message: String,
}

/// Writes results: as text those that are not the same, as a stream all of them, as a document one with all.
pub(super) async fn results(context: &Context, control: &Control, replay: &Replay) -> Result<(), Report> {
    let (format, id) = (context.output.format, replay.id);
    if format == Format::Json {
        let mut items = Vec::new();
        pages(control, &format!("/replays/{id}/results?limit=200&details=true"), |page| {
            items.extend(page);
            Ok(())
        })
        .await?;
        return context.output.document(&serde_json::json!({ "replay": replay, "results": items }));
    }
    if format == Format::Jsonl {
        let write = |page: Vec<Value>| page.iter().try_for_each(|item| context.output.line(item));
        return pages(control, &format!("/replays/{id}/results?limit=200&details=true"), write).await;
    }
    for verdict in [Verdict::Changed, Verdict::Failed] {
        let path = format!("/replays/{id}/results?limit=500&verdict={verdict}");
        pages(control, &path, |page| {
            let mut text = String::new();
            for item in page {
                let found: Found = understood(&item)?;
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{}", line(context, &found));
            }
            context.output.text(text)
        })
        .await?;
    }
    Ok(())
}

async fn pages(
    control: &Control,
    path: &str,
    mut each: impl FnMut(Vec<Value>) -> Result<(), Report>,
) -> Result<(), Report> {
    let mut next = None;
    loop {
        let cursor = next.map_or_else(String::new, |cursor: i64| format!("&cursor={cursor}"));
        let page: Page = control.get(&format!("{path}{cursor}")).await?;
        each(page.items)?;
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

fn line(context: &Context, found: &Found) -> String {
    let paint = context.output.paint;
    let what = match &found.original.name {
        Some(name) => escaped(name).into_owned(),
        None => format!("{} {}", escaped(&found.original.method), escaped(&found.original.url)),
    };
    let why = match &found.error {
        Some(error) => error.message.clone(),
        None => found.summary.join(", "),
    };
    let verdict = paint.failure(format_args!("{:7}", found.verdict.word()));
    format!("{verdict} {:>5}  {}  {}", found.position, what, escaped(&why))
}

/// In one line: `12 requests: 11 same, 1 changed; in session 9, 340 ms`.
pub(super) fn summary(replay: &Replay) -> String {
    let tally = replay.tally;
    let parts = [
        (tally.same, "same"),
        (tally.changed, "changed"),
        (tally.failed, "failed"),
        (tally.skipped, "skipped"),
        (tally.sent, "not compared"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let state = match replay.state {
        ReplayState::Done => String::new(),
        other => format!(" ({other} after {})", tally.done),
    };
    let took = replay.ended_us.map_or_else(String::new, |end| format!(", {}", duration(end - replay.started_us)));
    let parts = if parts.is_empty() { "nothing was sent".to_owned() } else { parts.join(", ") };
    let error = replay.error.as_ref().map_or_else(String::new, |error| format!(". {error}"));
    format!(
        "{}{state}: {parts}; in session {}{took}{error}",
        count(i128::from(replay.total), "request"),
        replay.session
    )
}
