//! `waylay collection save`.

use super::{SaveArgs, look};
use crate::{
    cli::{
        Context,
        escape::escaped,
        exchange,
        output::{Format, notice},
        own::{Hand, ask},
        report::{Exit, Report},
    },
    collection::{
        endpoints::Template,
        gather::{Options, call::From},
    },
    engine::collections::save::{self, Made, To},
};
use serde_json::{Value, json};
use std::fmt::Write;
use waylay_storage::Filter;

pub(super) fn save(context: &Context, args: &SaveArgs) -> Result<Exit, Report> {
    // The place of an error is that in what was typed.
    exchange::filter(&args.filter)?;
    let text = args.filter.join(" ");
    let options = options(args);
    let reader = super::reader(context)?;
    let found = args.to.as_deref().map(|name| look(&reader, name)).transpose()?.flatten();
    drop(reader);
    let collection = found.map(|found| found.id);
    let name = args.to.clone().filter(|_| collection.is_none());
    let request = json!({
        "from": { "filter": text, "session": args.session }, "options": options, "collection": collection, "name": name,
        "parent": args.into,
    });
    let hand = Hand::take(context)?;
    if args.dry_run {
        let preview: Value = match &hand {
            Hand::Daemon(control) => ask(control, "/collections/save/preview", &request)?,
            Hand::Own(store, _) => {
                let preview = save::preview(&store.reader()?, &from(args, &text)?, &options, collection)?;
                serde_json::to_value(preview).unwrap_or_default()
            }
        };
        hand.give_back()?;
        return shown(context, &preview);
    }
    let made: Made = match &hand {
        Hand::Daemon(control) => ask(control, "/collections/save", &request)?,
        Hand::Own(store, _) => {
            let to = To { collection, name, parent: args.into };
            save::save(store, &from(args, &text)?, &options, &to)?
        }
    };
    hand.give_back()?;
    match context.output.format {
        Format::Text => notice(format_args!(
            "{} requests and {} examples are in collection {} \"{}\"",
            made.requests,
            made.examples,
            made.id,
            escaped(&made.name)
        )),
        _ => context.output.document(&made)?,
    }
    Ok(Exit::OK)
}

fn from(args: &SaveArgs, text: &str) -> Result<From, Report> {
    let both = match args.session {
        Some(session) if text.trim().is_empty() => format!("session:{session}"),
        Some(session) => format!("session:{session} ({text})"),
        None => text.to_owned(),
    };
    Ok(From::Matching(Filter::parse(&both)?))
}

fn options(args: &SaveArgs) -> Options {
    let template = |text: &String| {
        let at = text.find('/').unwrap_or(0);
        Template { host: text[..at].to_owned(), template: text[at..].to_owned(), exceptions: Vec::new() }
    };
    Options {
        folders: args.folders.into(),
        merge: args.merge,
        examples: !args.no_examples,
        preflights: args.preflights,
        media: args.media,
        auth: args.auth.into(),
        base_url: args.base_url,
        templates: args.templates.iter().map(template).collect(),
    }
}

fn shown(context: &Context, preview: &Value) -> Result<Exit, Report> {
    let output = &context.output;
    if output.format != Format::Text {
        output.document(preview)?;
        return Ok(Exit::OK);
    }
    let mut text = String::new();
    lines(&mut text, &preview["tree"], 0);
    output.text(text)?;
    if preview["truncated"] == true {
        notice("there are more than are shown");
    }
    let left = &preview["left_out"];
    notice(format_args!(
        "{} requests in {} folders with {} examples; left out: {} preflights, {} media, {} that are no requests; {} merged",
        preview["requests"],
        preview["folders"],
        preview["examples"],
        left["preflights"],
        left["media"],
        left["other"],
        left["merged"]
    ));
    Ok(Exit::OK)
}

fn lines(text: &mut String, tree: &Value, depth: usize) {
    for node in tree.as_array().into_iter().flatten() {
        let name = escaped(node["name"].as_str().unwrap_or_default());
        let indent = "  ".repeat(depth);
        // Writing to a string does not fail.
        let _ = match node["kind"].as_str() {
            Some("folder") => writeln!(text, "{indent}{name}/"),
            _ => writeln!(text, "{indent}{name}  {} exchanges, {} examples", node["count"], node["examples"]),
        };
        lines(text, &node["children"], depth + 1);
    }
}
