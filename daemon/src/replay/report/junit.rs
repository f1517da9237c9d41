//! JUnit's XML, as Jenkins describes it (`junit-10.xsd` of its xUnit plugin): a request is a test, a difference its failure.

use super::{ReportError, outcomes};
use crate::{
    compare::{Change, Difference},
    replay::results::Outcome,
};
use jiff::Timestamp;
use std::{fmt::Write as _, io::Write};
use waylay_storage::{
    Reader,
    model::{Replay, Verdict},
};

/// Writes it. May block.
///
/// # Errors
/// [`ReportError`]
pub fn junit(reader: &Reader, replay: &Replay, mut out: impl Write) -> Result<(), ReportError> {
    let tally = replay.tally;
    let name = attribute(&replay.name);
    let time = seconds(replay.ended_us.unwrap_or(replay.started_us).saturating_sub(replay.started_us));
    let counts = format!("tests=\"{}\" failures=\"{}\" errors=\"{}\"", tally.done, tally.changed, tally.failed);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"{name}\" {counts} time=\"{time}\">")?;
    let skipped = tally.skipped;
    let timestamp = timestamp(replay.started_us);
    writeln!(
        out,
        "<testsuite name=\"{name}\" {counts} skipped=\"{skipped}\" time=\"{time}\" timestamp=\"{timestamp}\">"
    )?;
    outcomes(reader, replay, |outcome| Ok(out.write_all(case(&outcome).as_bytes())?))?;
    writeln!(out, "</testsuite>\n</testsuites>")?;
    Ok(out.flush()?)
}

/// A request.
fn case(outcome: &Outcome) -> String {
    let original = &outcome.original;
    let url = url::Url::parse(&original.url).ok();
    let class = url.as_ref().and_then(url::Url::host_str).unwrap_or("replay");
    let path = url.as_ref().map_or(original.url.as_str(), |url| &url[url::Position::BeforePath..]);
    let name = match &original.name {
        Some(name) => name.clone(),
        None => format!("{} {path}", original.method),
    };
    let time = seconds(outcome.result.as_ref().and_then(|result| result.duration_us).unwrap_or(0));
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "<testcase name=\"{}\" classname=\"{}\" time=\"{time}\"",
        attribute(&format!("{} {name}", outcome.position)),
        attribute(class)
    );
    let _ = match outcome.verdict {
        Verdict::Same | Verdict::Sent => writeln!(text, "/>"),
        Verdict::Skipped => writeln!(text, "><skipped message=\"{}\"/></testcase>", attribute(outcome.message())),
        Verdict::Failed => {
            let reason =
                outcome.error.as_ref().and_then(|error| error.get("reason")).and_then(serde_json::Value::as_str);
            let (kind, message) = (attribute(reason.unwrap_or("failed")), attribute(outcome.message()));
            writeln!(text, "><error type=\"{kind}\" message=\"{message}\"/></testcase>")
        }
        Verdict::Changed => {
            let message = attribute(&outcome.summary.join(", "));
            let differences = outcome.comparison.iter().flat_map(|found| &found.comparison.differences);
            let lines: String = differences.map(line).collect();
            writeln!(text, "><failure type=\"changed\" message=\"{message}\">{}</failure></testcase>", escaped(&lines))
        }
    };
    text
}

/// A difference: `$.items[3].price: 10 → 12`.
fn line(difference: &Difference) -> String {
    let word = |value: &Option<String>| value.clone().unwrap_or_default();
    let (a, b) = (word(&difference.a), word(&difference.b));
    let summary = difference.summary();
    match difference.kind {
        Change::Changed => format!("{summary}: {a} → {b}\n"),
        Change::Added => format!("{summary}: {b}\n"),
        Change::Removed => format!("{summary}: {a}\n"),
    }
}

/// The schema has room for three decimals.
fn seconds(us: i64) -> String {
    let ms = us.max(0) / 1_000;
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// Of XML Schema's `dateTime`.
fn timestamp(us: i64) -> String {
    let at = Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Text for an attribute: on one line.
fn attribute(text: &str) -> String {
    escaped(text).replace(['\n', '\r', '\t'], " ")
}

/// Text for XML 1.0, which has no place for most control characters and for some others (its 2.2).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
