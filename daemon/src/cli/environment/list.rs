//! `waylay environment list`.

use super::reader;
use crate::{
    cli::{
        Context,
        escape::escaped,
        report::{Exit, Report},
        units::full_time,
    },
    view::environment::EnvironmentSummary,
};
use jiff::tz::TimeZone;

pub(super) fn list(context: &Context) -> Result<Exit, Report> {
    let found = reader(context)?.environments()?;
    let items: Vec<EnvironmentSummary> = found.iter().map(EnvironmentSummary::from).collect();
    let none = "there are no environments; `waylay environment new NAME` makes one";
    context.output.table(&items, none, (["ID", "ACTIVE", "VARIABLES", "CHANGED", "NAME"], &[2]), cells)
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
