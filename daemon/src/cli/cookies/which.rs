//! The jar that is meant.

use crate::cli::{
    control::Control,
    report::{Exit, Report},
};
use serde::Deserialize;
use waylay_storage::model::JarRow;

#[derive(Deserialize)]
struct Jars {
    items: Vec<JarRow>,
}

/// The number of the jar of a name, or that is one; of the default one without.
pub(in crate::cli) async fn jar(control: &Control, name: Option<&str>) -> Result<i64, Report> {
    let known: Jars = control.get("/jars").await?;
    let Some(name) = name else {
        let usual = known.items.iter().find(|jar| jar.default).map(|jar| jar.id);
        return usual.ok_or_else(|| Report::new(Exit::NOT_FOUND, "there is no default jar"));
    };
    let named: Vec<i64> = known.items.iter().filter(|jar| jar.name == name).map(|jar| jar.id).collect();
    let numbered = name.parse::<i64>().ok().filter(|id| known.items.iter().any(|jar| jar.id == *id));
    match (&named[..], numbered) {
        ([one], _) => Ok(*one),
        (_, Some(id)) => Ok(id),
        ([], None) => Err(Report::new(Exit::NOT_FOUND, format!("there is no cookie jar '{name}'"))
            .advise("`waylay cookies jars` shows them.")),
        _ => Err(Report::new(Exit::USAGE, format!("{} jars are called '{name}'", named.len()))
            .advise("Name the number of one: `waylay cookies jars` shows them.")),
    }
}
