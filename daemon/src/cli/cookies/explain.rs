//! What would be sent, and what holds the rest back.

use super::{ExplainArgs, list::cookie, query, which::jar};
use crate::{
    cli::{
        Context,
        control::{Control, understood},
        escape::escaped,
        output::{Format, notice},
        report::{Exit, Report},
    },
    view::jar::JarCookie,
};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write;

#[derive(Deserialize)]
struct Explained {
    field: Option<String>,
    sent: Vec<JarCookie>,
    held_back: Vec<Held>,
    held_back_count: usize,
}

#[derive(Deserialize)]
struct Held {
    cookie: JarCookie,
    rule: String,
    why: String,
}

pub(super) async fn explain(context: &Context, control: &Control, args: &ExplainArgs) -> Result<Exit, Report> {
    let id = jar(control, args.within.jar.as_deref()).await?;
    let mut pairs = vec![("url", args.url.as_str()), ("method", args.method.as_str())];
    pairs.extend(args.from.as_deref().map(|page| ("top_level", page)));
    pairs.extend(args.navigates.then_some(("navigates", "true")));
    pairs.extend(args.reveal.then_some(("reveal", "true")));
    let answer: Value = control.get(&format!("/jars/{id}/explain?{}", query(pairs))).await?;
    let output = &context.output;
    if output.format != Format::Text {
        output.document(&answer)?;
        return Ok(Exit::OK);
    }
    let Explained { field, sent, held_back, held_back_count } = understood(&answer)?;
    // Writing to a String cannot fail.
    let mut text = match &field {
        Some(field) => format!("Cookie: {}\n", escaped(field)),
        None => "No cookie would be sent.\n".to_owned(),
    };
    for row in &sent {
        let _ = writeln!(text, "{:>5}  sent  {}", row.id, cookie(&row.cookie));
    }
    for Held { cookie: row, rule, why } in &held_back {
        let _ = writeln!(
            text,
            "{:>5}  held  {}\n             {}: {}",
            row.id,
            cookie(&row.cookie),
            escaped(rule),
            escaped(why)
        );
    }
    output.text(text)?;
    let more = held_back_count.saturating_sub(held_back.len());
    if more > 0 {
        notice(format_args!("{more} more of other sites are held back"));
    }
    Ok(Exit::OK)
}
