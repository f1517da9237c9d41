//! `waylay collection new`, `rename`, `move`, `duplicate` and `rm`.

use super::{MoveArgs, NamedArgs, RenameArgs, RmArgs, find, reader};
use crate::{
    cli::{
        Context, block_on,
        escape::escaped,
        exchange,
        output::{Format, notice},
        own::{Hand, ask},
        report::{Exit, Report},
    },
    collection::{Collection, Node, node, stored},
    engine::collections,
    view::collection::Listed,
};
use http::Method;
use serde_json::{Value, json};
use waylay_storage::{Deleted, Deletion, StoreError};

pub(super) fn new(context: &Context, name: &str) -> Result<Exit, Report> {
    let hand = Hand::begin(context)?;
    let collection = Collection { name: name.to_owned(), ..Collection::default() };
    let id = match &hand {
        Hand::Daemon(control) => ask::<Listed>(control, "/collections", &json!(collection))?.id,
        Hand::Own(store, _) => collections::add(store, collection)?,
    };
    hand.give_back()?;
    told(context, id, format_args!("collection {id} is \"{}\"", escaped(name)))
}

pub(super) fn rename(context: &Context, args: &RenameArgs) -> Result<Exit, Report> {
    let usage = |what: &str| Report::new(Exit::USAGE, what.to_owned()).advise("See `waylay collection rename --help`.");
    let reader = reader(context)?;
    match (args.item, &args.words[..]) {
        (Some(id), [name]) => {
            let (row, content) = reader.item(id)?.ok_or(StoreError::NoItem(id))?;
            let mut node = Node::read(&row, &content).map_err(stored::ReadError::from)?;
            node.rename(name.clone());
            let hand = Hand::take(context)?;
            match &hand {
                Hand::Daemon(control) => block_on(async {
                    let _: Value = control.send(Method::PUT, &format!("/items/{id}"), Some(&json!(node))).await?;
                    Ok(())
                })?,
                Hand::Own(store, _) => collections::change_item(store, id, node)?,
            }
            hand.give_back()?;
            told(context, id, format_args!("item {id} is \"{}\"", escaped(name)))
        }
        (None, [old, name]) => {
            let id = find(&reader, old)?.id;
            let row = reader.collection(id)?.ok_or(StoreError::NoCollection(id))?;
            let mut head = node::collection(id, &row.content).map_err(stored::ReadError::from)?;
            head.name = name.clone();
            let hand = Hand::take(context)?;
            match &hand {
                Hand::Daemon(control) => block_on(async {
                    let _: Value = control.send(Method::PUT, &format!("/collections/{id}"), Some(&json!(head))).await?;
                    Ok(())
                })?,
                Hand::Own(store, _) => collections::change(store, id, &head)?,
            }
            hand.give_back()?;
            told(context, id, format_args!("collection {id} is \"{}\"", escaped(name)))
        }
        (Some(_), _) => Err(usage("of an item, its new name alone is given")),
        (None, _) => Err(usage("a collection and its new name are given")),
    }
}

pub(super) fn relocate(context: &Context, args: &MoveArgs) -> Result<Exit, Report> {
    let to = find(&reader(context)?, &args.to)?;
    let hand = Hand::take(context)?;
    match &hand {
        Hand::Daemon(control) => {
            let body =
                json!({ "items": args.items, "collection": to.id, "parent": args.into, "position": args.position });
            block_on(async { Ok(control.carry_out(Method::POST, "/items/move", Some(&body)).await?) })?;
        }
        Hand::Own(store, _) => store.move_items(&args.items, to.id, args.into, args.position)?,
    }
    hand.give_back()?;
    told(context, to.id, format_args!("{} moved to \"{}\"", args.items.len(), escaped(&to.name)))
}

pub(super) fn duplicate(context: &Context, args: &NamedArgs) -> Result<Exit, Report> {
    let id = match (args.item, &args.name) {
        (Some(id), _) => Ok(id),
        (None, name) => Err(find(&reader(context)?, name.as_deref().unwrap_or_default())?.id),
    };
    let hand = Hand::take(context)?;
    let copy = match (&hand, id) {
        (Hand::Daemon(control), id) => {
            let path = match id {
                Ok(item) => format!("/items/{item}/duplicate"),
                Err(collection) => format!("/collections/{collection}/duplicate"),
            };
            ask::<Value>(control, &path, &json!({}))?["id"].as_i64().unwrap_or_default()
        }
        (Hand::Own(store, _), Ok(item)) => collections::duplicate_item(store, item)?,
        (Hand::Own(store, _), Err(collection)) => collections::duplicate(store, collection)?,
    };
    hand.give_back()?;
    let what = if id.is_ok() { "item" } else { "collection" };
    told(context, copy, format_args!("the copy is {what} {copy}"))
}

pub(super) fn rm(context: &Context, args: &RmArgs) -> Result<Exit, Report> {
    let (deleted, request) = match &args.name {
        Some(name) => {
            let id = find(&reader(context)?, name)?.id;
            (Deleted::Collection(id), json!({ "collection": id }))
        }
        None => (Deleted::Items(args.items.clone()), json!({ "items": args.items })),
    };
    let hand = Hand::take(context)?;
    let deletion: Deletion = match &hand {
        Hand::Daemon(control) => ask(control, "/deletions", &request)?,
        Hand::Own(store, _) => store.delete(deleted)?,
    };
    hand.give_back()?;
    exchange::told(context, &deletion)?;
    Ok(Exit::OK)
}

fn told(context: &Context, id: i64, what: std::fmt::Arguments<'_>) -> Result<Exit, Report> {
    match context.output.format {
        Format::Text => notice(what),
        _ => context.output.document(&json!({ "id": id }))?,
    }
    Ok(Exit::OK)
}
