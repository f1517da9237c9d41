//! `waylay environment show`.

use super::{Secrets, ShowArgs, find, reader};
use crate::{
    cli::{
        Context,
        columns::columns,
        escape::escaped,
        report::{Exit, Report},
    },
    view::environment::{Environment, Globals, Variable},
};

pub(super) fn show(context: &Context, args: &ShowArgs) -> Result<Exit, Report> {
    let (reader, secrets) = (reader(context)?, args.secrets == Secrets::Show);
    if args.globals {
        let globals = Globals::new(reader.globals()?, secrets);
        return shown(context, &globals, &globals.variables);
    }
    let environment = Environment::new(find(&reader, &args.name)?, secrets);
    shown(context, &environment, &environment.variables)
}

/// The whole as a document, or its variables as a table.
pub(super) fn shown(context: &Context, whole: &impl serde::Serialize, variables: &[Variable]) -> Result<Exit, Report> {
    context.output.list_in(whole, variables, "there are no variables", |variables| {
        let rows: Vec<_> = variables.iter().map(cells).collect();
        Ok(columns(["VARIABLE", "TYPE", "VALUE"], &[], &rows, context.output.paint))
    })
}

fn cells(variable: &Variable) -> [String; 3] {
    let value = variable.value.as_deref().map_or("••••••".into(), escaped);
    let off = if variable.disabled { "  (disabled)" } else { "" };
    [escaped(&variable.key).into_owned(), variable.kind.to_string(), format!("{value}{off}")]
}
