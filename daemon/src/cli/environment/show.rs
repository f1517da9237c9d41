//! `waylay environment show`.

use super::{Secrets, ShowArgs, find, reader};
use crate::{
    cli::{
        Context,
        columns::columns,
        escape::escaped,
        output::{Format, notice},
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
    let output = &context.output;
    match output.format {
        Format::Json => output.document(whole)?,
        Format::Jsonl => variables.iter().try_for_each(|variable| output.line(variable))?,
        Format::Text if variables.is_empty() => notice("there are no variables"),
        Format::Text => {
            let rows: Vec<_> = variables.iter().map(cells).collect();
            output.text(columns(["VARIABLE", "TYPE", "VALUE"], &[], &rows, output.paint))?;
        }
    }
    Ok(Exit::OK)
}

fn cells(variable: &Variable) -> [String; 3] {
    let value = variable.value.as_deref().map_or("••••••".into(), escaped);
    let off = if variable.disabled { "  (disabled)" } else { "" };
    [escaped(&variable.key).into_owned(), variable.kind.to_string(), format!("{value}{off}")]
}
