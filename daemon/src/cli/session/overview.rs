//! `waylay session overview`: what a session is made of.

use super::{find, reader};
use crate::cli::{
    Context,
    escape::escaped,
    output::Format,
    report::{Exit, Report},
    units::size,
};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::fmt::Write;
use waylay_storage::{Facets, Filter, Share};

/// Characters of the longest bar.
const LONGEST: i64 = 30;

/// Arguments of `waylay session overview`.
#[derive(Debug, Args)]
pub struct OverviewArgs {
    /// The session: 7, @last for the newest, or @current (the default).
    #[arg(value_name = "SESSION", default_value = "@current", hide_default_value = true)]
    pub id: String,

    /// By what.
    #[arg(long, value_enum, default_value_t)]
    pub by: By,
}

/// What exchanges are counted by.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum By {
    /// Their method.
    #[default]
    Method,
    /// Their host.
    Host,
    /// Media type of the response.
    Type,
    /// Status of the response.
    Status,
}

pub(super) fn overview(context: &Context, args: &OverviewArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let session = find(&reader, &args.id)?;
    let Facets { method, host, status, media_type, .. } =
        reader.facets(&Filter::parse(&format!("session:{}", session.id))?)?;
    let items = match args.by {
        By::Method => method,
        By::Host => host,
        By::Type => media_type,
        By::Status => status,
    };
    match context.output.format {
        Format::Text => context.output.text(bars(&items))?,
        _ => context.output.document(&json!({ "session": session.id, "items": items }))?,
    }
    Ok(Exit::OK)
}

/// A line for each share, the largest first.
fn bars(items: &[Share]) -> String {
    let value =
        |share: &Share| if share.value.is_empty() { "(none)".to_owned() } else { escaped(&share.value).to_string() };
    let width = items.iter().map(|share| value(share).chars().count()).max().unwrap_or(0);
    let most = items.iter().map(|share| share.exchanges).max().unwrap_or(0).max(1);
    items.iter().fold(String::new(), |mut text, share| {
        let bar = "#".repeat(usize::try_from(share.exchanges * LONGEST / most).unwrap_or(0).max(1));
        let failed = if share.failures > 0 { format!(", {} failed", share.failures) } else { String::new() };
        let bytes = size(share.bytes.unsigned_abs());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:width$}  {bar:<30}  {} ({bytes}{failed})", value(share), share.exchanges);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_shares() {
        let share = |value: &str, exchanges, failures| Share { value: value.into(), exchanges, bytes: 2_000, failures };
        let text = bars(&[share("GET", 60, 0), share("", 3, 1)]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("GET     ##############################  60 ("), "{text}");
        assert!(lines[1].starts_with("(none)  #  ") && lines[1].ends_with(", 1 failed)"), "{text}");
        assert_eq!(bars(&[]), "");
    }
}
