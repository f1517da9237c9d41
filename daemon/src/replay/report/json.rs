//! `{"replay": …, "results": […]}`

use super::{ReportError, outcomes};
use crate::formats::json::Json;
use std::io::Write;
use waylay_storage::{Reader, model::Replay};

/// Writes it. May block.
///
/// # Errors
/// [`ReportError`]
pub fn json(reader: &Reader, replay: &Replay, out: impl Write) -> Result<(), ReportError> {
    let mut json = Json::new(out);
    json.begin('{')?;
    json.field("replay", replay)?;
    json.key("results")?;
    json.begin('[')?;
    outcomes(reader, replay, |outcome| {
        json.line()?;
        Ok(json.value(&outcome)?)
    })?;
    json.end(']')?;
    json.end('}')?;
    writeln!(json.out())?;
    Ok(json.out().flush()?)
}
