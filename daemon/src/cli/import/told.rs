//! What is said about an import: before, and after.

use crate::{
    cli::{
        Context,
        escape::escaped,
        output::{Format, notice},
        report::Report,
        units::count,
    },
    engine::imports::{Kind, Made, Summary, summary::Counts},
    formats::har::Imported,
    view::environment,
};

/// So many of each are told on a terminal.
const TOLD: usize = 10;

/// What is in a file.
pub(super) fn summary(summary: &Summary) {
    let Summary { kind, name, counts, parts, hosts, scripts, secrets, notes, refused } = summary;
    let what = match kind {
        Kind::Har => "HAR",
        Kind::Collection => "collection",
        Kind::Environment => "environment",
        Kind::Globals => "globals",
        Kind::Curl => "commands of curl",
        Kind::Several => "several files",
    };
    notice(format_args!("{} ({what}): {}", escaped(name), amounts(counts)));
    if parts.len() > 1 {
        several(parts, |part| format!("  {}: {}", escaped(&part.name), amounts(&part.counts)));
    }
    if !hosts.is_empty() {
        let shown: Vec<_> = hosts.iter().take(TOLD).map(|host| escaped(host).to_string()).collect();
        let more = if hosts.len() > TOLD { format!(" and {} more", hosts.len() - TOLD) } else { String::new() };
        notice(format_args!("hosts: {}{more}", shown.join(", ")));
    }
    if *scripts > 0 {
        notice(format_args!("{}, kept and never run", count(*scripts as i64, "script")));
    }
    several(secrets, |secret| format!("secret: {} in {}", escaped(&secret.name), escaped(&secret.place)));
    several(refused, |refused| format!("refused: {}: {}", escaped(&refused.place), escaped(&refused.reason)));
    several(notes, |note| escaped(note).to_string());
}

fn several<T>(all: &[T], line: impl Fn(&T) -> String) {
    all.iter().take(TOLD).for_each(|one| notice(line(one)));
    if all.len() > TOLD {
        notice(format_args!("… and {} more; --dry-run --json tells all", all.len() - TOLD));
    }
}

fn amounts(counts: &Counts) -> String {
    let Counts { collections, requests, folders, examples, environments, variables, exchanges } = counts;
    let all = [
        (i128::from(*exchanges), "exchange"),
        (*collections as i128, "collection"),
        (*requests as i128, "request"),
        (*folders as i128, "folder"),
        (*examples as i128, "example"),
        (*environments as i128, "environment"),
        (*variables as i128, "variable"),
    ];
    let some: Vec<_> = all.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(n, what)).collect();
    if some.is_empty() { "nothing".to_owned() } else { some.join(", ") }
}

/// A session was made.
pub(super) fn session(context: &Context, imported: &Imported) -> Result<(), Report> {
    if context.output.format != Format::Text {
        return context.output.document(imported);
    }
    exchanges(imported);
    Ok(())
}

/// Anything was made.
pub(super) fn made(context: &Context, made: &Made) -> Result<(), Report> {
    if context.output.format != Format::Text {
        return context.output.document(made);
    }
    made.sessions.iter().for_each(exchanges);
    for collection in &made.collections {
        notice(format_args!(
            "collection {} \"{}\": waylay collection show {0}",
            collection.id,
            escaped(&collection.name)
        ));
    }
    for variables in &made.environments {
        match variables {
            environment::Imported::Environment { environment, .. } => {
                notice(format_args!("environment {} \"{}\"", environment.id, escaped(&environment.name)));
            }
            environment::Imported::Globals { globals, .. } => {
                notice(format_args!("the globals have {} now", count(globals.variables.len() as i64, "variable")));
            }
        }
    }
    Ok(())
}

fn exchanges(imported: &Imported) {
    let exchanges = count(i128::from(imported.exchanges), "exchange");
    let id = imported.session.id;
    notice(format_args!("{exchanges} in session {id} ({}): waylay ls session:{id}", imported.session.name));
    for refused in imported.refused.iter().take(TOLD) {
        notice(format_args!("entry {} was refused: {}", refused.index, refused.reason));
    }
    if imported.refused.len() > TOLD {
        notice(format_args!("{} more were refused; --json tells of each", imported.refused.len() - TOLD));
    }
    imported.notes.iter().for_each(notice);
}
