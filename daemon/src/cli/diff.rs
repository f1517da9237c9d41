//! `waylay diff`: how the answer of one exchange differs from that of another. Reads the store, with and without a daemon.

use super::{
    Context,
    escape::escaped,
    exchange::{reader, resolve},
    output::{Format, Paint, notice},
    report::{Exit, Report},
    units::{count, duration, size},
};
use crate::{
    compare::{BadRule, Change, Comparison, Difference},
    replay::pair::{Info, PairError, pair},
};
use clap::Args;
use std::fmt::Write;

/// Arguments of `waylay diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Rules say what does not count: status, body, header:NAME (* for anything), trailer:NAME, and JSON paths \
such as '$.items[*].updated' or '$..id'. Fields that differ each time (date, etag, request ids) do not count anyway. Exits 1 if \
something differs."
)]
pub struct DiffArgs {
    /// What was: 7.42, or @last for the newest.
    pub a: String,

    /// What is.
    pub b: String,

    /// What does not count; may be repeated.
    #[arg(long, value_name = "RULE")]
    pub ignore: Vec<String>,
}

/// Compares two exchanges.
pub(super) fn diff(context: &Context, args: &DiffArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let (a, b) = (resolve(&reader, &args.a)?, resolve(&reader, &args.b)?);
    let compared = pair(&reader, a, b, &args.ignore)?;
    let exit = if compared.comparison.same { Exit::OK } else { Exit::NEGATIVE };
    if context.output.format != Format::Text {
        context.output.document(&compared)?;
        return Ok(exit);
    }
    context.output.text(lines(&compared.comparison, context.output.paint))?;
    compared.comparison.notes.iter().for_each(notice);
    notice(told(&compared.comparison, &compared.info));
    Ok(exit)
}

/// The differences, a line each.
pub(super) fn lines(comparison: &Comparison, paint: Paint) -> String {
    let mut text = String::new();
    for difference in &comparison.differences {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(difference, paint));
    }
    let more = comparison.total.saturating_sub(comparison.differences.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "{}", paint.dim(format_args!("and {more} more")));
    }
    text
}

fn line(difference: &Difference, paint: Paint) -> String {
    let place = match difference.path.as_str() {
        "" => "body".to_owned(),
        path => escaped(path).into_owned(),
    };
    let value = |value: &Option<String>| escaped(value.as_deref().unwrap_or_default()).into_owned();
    let (a, b) = (value(&difference.a), value(&difference.b));
    match difference.kind {
        Change::Changed => format!("~ {}  {a} → {b}", paint.heading(place)),
        Change::Added => format!("+ {}  {b}", paint.heading(place)),
        Change::Removed => format!("- {}  {a}", paint.heading(place)),
    }
}

fn told(comparison: &Comparison, info: &Info) -> String {
    let found = match comparison.total {
        0 => "the same".to_owned(),
        n => count(i128::from(n), "difference"),
    };
    let ignored = match comparison.ignored {
        0 => String::new(),
        n => format!(", {n} ignored"),
    };
    let took = |us: Option<i64>| us.map_or_else(|| "-".to_owned(), duration);
    let ([a, b], [took_a, took_b]) = (info.size, info.duration_us.map(took));
    format!("{found}{ignored}; {} → {}, {took_a} → {took_b}", size(a), size(b))
}

impl From<BadRule> for Report {
    fn from(error: BadRule) -> Self {
        Self::new(Exit::USAGE, error)
    }
}

impl From<PairError> for Report {
    fn from(error: PairError) -> Self {
        match error {
            PairError::Rule(error) => error.into(),
            PairError::Store(error) => error.into(),
        }
    }
}
