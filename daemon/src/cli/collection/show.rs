//! `waylay collection show`.

use super::{ShowArgs, find, reader};
use crate::{
    cli::{
        Context,
        escape::escaped,
        output::{Format, Paint},
        report::{Exit, Report},
    },
    collection::stored,
    view::collection::Tree,
};
use serde_json::{Value, json};
use std::fmt::Write;
use waylay_storage::{StoreError, model::ItemKind};

pub(super) fn show(context: &Context, args: &ShowArgs) -> Result<Exit, Report> {
    let reader = reader(context)?;
    let output = &context.output;
    if let Some(id) = args.item {
        let (row, node) = stored::item(&reader, id)?;
        let around = stored::around(&reader, id)?;
        let document = json!({ "id": row.id, "collection": row.collection, "parent": row.parent, "item": node,
            "variables": around.variables });
        output.document(&document)?;
        return Ok(Exit::OK);
    }
    let found = find(&reader, args.name.as_deref().unwrap_or_default())?;
    let head = stored::head(&reader, found.id)?;
    let tree = Tree::of(reader.outline(found.id)?);
    if output.format == Format::Text {
        let mut text = format!("{}\n", output.paint.heading(escaped(&found.name)));
        if let Some(note) = &head.description {
            let _ = writeln!(text, "{}", escaped(note));
        }
        lines(&mut text, &tree, 1, output.paint);
        output.text(text)?;
    } else {
        let row = reader.collection(found.id)?.ok_or(StoreError::NoCollection(found.id))?;
        let mut document: Value = serde_json::from_str(&row.content).unwrap_or_default();
        document["id"] = found.id.into();
        document["tree"] = json!(tree);
        output.document(&document)?;
    }
    Ok(Exit::OK)
}

fn lines(text: &mut String, tree: &[Tree], depth: usize, paint: Paint) {
    for node in tree {
        let indent = "  ".repeat(depth);
        let name = escaped(&node.name);
        let id = paint.dim(format_args!("#{}", node.id));
        // Writing to a string does not fail.
        let _ = match node.kind {
            ItemKind::Folder => writeln!(text, "{indent}{name}/  {id}"),
            ItemKind::Request if node.name.starts_with(&node.method) => writeln!(text, "{indent}{name}  {id}"),
            ItemKind::Request => writeln!(text, "{indent}{} {name}  {id}", escaped(&node.method)),
            ItemKind::Example => writeln!(text, "{indent}= {name}  {id}"),
        };
        lines(text, &node.children, depth + 1, paint);
    }
}
