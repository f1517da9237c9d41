//! `waylay environment list`.

use super::reader;
use crate::{
    cli::{
        Context,
        columns::columns,
        escape::escaped,
        output::{Format, notice},
        report::{Exit, Report},
        units::full_time,
    },
    view::environment::EnvironmentSummary,
};
use jiff::tz::TimeZone;
use serde_json::json;

pub(super) fn list(context: &Context) -> Result<Exit, Report> {
    let found = reader(context)?.environments()?;
    let items: Vec<EnvironmentSummary> = found.iter().map(EnvironmentSummary::from).collect();
    let output = &context.output;
    match output.format {
        Format::Json => output.document(&json!({ "items": items }))?,
        Format::Jsonl => items.iter().try_for_each(|item| output.line(item))?,
        Format::Text if items.is_empty() => {
            notice("there are no environments; `waylay environment new NAME` makes one");
        }
        Format::Text => {
            let rows: Vec<_> = items.iter().map(cells).collect();
            output.text(columns(["ID", "ACTIVE", "VARIABLES", "CHANGED", "NAME"], &[2], &rows, output.paint))?;
        }
    }
    Ok(Exit::OK)
}

fn cells(item: &EnvironmentSummary) -> [String; 5] {
    [
        item.id.to_string(),
        if item.active { "yes".into() } else { String::new() },
        item.variables.to_string(),
        full_time(item.changed_us, &TimeZone::system()),
        escaped(&item.name).into_owned(),
    ]
}
