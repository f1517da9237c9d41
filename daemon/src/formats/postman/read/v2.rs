//! Collections, folders and items of versions 2.0 and 2.1.

use super::{
    super::{own::MEMBER, write::literal},
    Place, Refused, auth, example,
    members::{Members, array, description, object, rest, scripts, text, variables},
    reader::Reader,
    request,
    settings::{self, PPB},
};
use crate::collection::{Collection, Folder, Item, Saved};
use serde_json::Value;
use std::collections::HashMap;

/// Whether it is of a version that is known.
pub(super) fn check_version(from: &Members, place: &Place<'_>) -> Result<(), Refused> {
    let place = place.member("info");
    let place = place.member("schema");
    let Some(schema) = from.get("info").and_then(|info| info.get("schema")).and_then(Value::as_str) else {
        return Ok(()); // by hand, and it has items
    };
    let versions = schema.split('/').filter_map(|part| part.strip_prefix('v'));
    let mut versions = versions.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    match versions.next() {
        None => Ok(()),
        Some("2" | "2.0" | "2.1") => Ok(()),
        Some(version) if version.starts_with("2.0.") || version.starts_with("2.1.") => Ok(()),
        Some(version) => {
            let version: String = version.chars().take(20).collect();
            let message = format!("The collection is of version {version}; 1, 2.0 and 2.1 can be read.");
            Err(Refused::at(&place, message, "Export it from Postman as Collection v2.1."))
        }
    }
}

pub(super) fn collection(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Collection, Refused> {
    let Some(Value::Array(items)) = from.shift_remove("item") else {
        let message = "The collection has no array \"item\".";
        return Err(Refused::at(place, message, "Export it from Postman as Collection v2.1."));
    };
    reader.literals = take_literals(&mut from);
    let items = self::items(items, 1, place, reader)?;
    let mut collection = own_part(from, place, reader);
    collection.items = items;
    Ok(collection)
}

/// Takes the variables out that hold captured text.
pub(in super::super) fn take_literals(from: &mut Members) -> HashMap<String, String> {
    let Some(Value::Array(variables)) = from.get_mut("variable") else { return HashMap::new() };
    let literals = literal::taken(variables);
    if variables.is_empty() && !literals.is_empty() {
        from.shift_remove("variable");
    }
    literals
}

/// A collection without what is in it.
pub(in super::super) fn own_part(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Collection {
    let besides = from.shift_remove(MEMBER);
    let said = besides.is_some().then(|| Value::Object(from.clone()));
    let mut collection = Collection::default();
    let mut info = object(&mut from, "info").unwrap_or_default();
    collection.name = text(&mut info, "name").unwrap_or_default();
    collection.description = description(&mut info);
    info.shift_remove("schema");
    let info = rest(info, &["name", "description"], &place.member("info"), reader);
    (collection.auth, _) = auth::auth(&mut from, &mut collection.extra, place, reader);
    collection.variables = variables(&mut from, place, reader);
    collection.scripts = scripts(&mut from, place, reader);
    collection.settings = settings::general(&mut from, &mut collection.extra);
    collection.extra.extend(rest(from, &["info", "auth", "variable", "event", PPB, "item"], place, reader));
    if !info.is_empty() {
        collection.extra.insert("info".into(), Value::Object(info));
    }
    if let Some(said) = said {
        reader.besides(&mut collection, besides, &[&said], place);
        collection.items.clear();
    }
    collection
}

fn items(from: Vec<Value>, depth: usize, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Vec<Item>, Refused> {
    let place = place.member("item");
    let mut items = Vec::with_capacity(from.len());
    for (number, value) in from.into_iter().enumerate() {
        let place = place.index(number);
        match value {
            Value::Object(members) => items.push(item(members, depth, &place, reader)?),
            Value::Null => reader.note(&place, "it is null and was left out."),
            _ => {
                let message = "An item of a collection should be an object.";
                return Err(Refused::at(&place, message, "Export the collection from Postman again."));
            }
        }
    }
    Ok(items)
}

fn item(mut from: Members, depth: usize, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Item, Refused> {
    reader.count(place)?;
    let is_there = |name: &str| from.get(name).is_some_and(|value| !value.is_null());
    let hint = "A folder has \"item\", a request has \"request\". Export the collection from Postman again.";
    match (is_there("item"), is_there("request")) {
        (true, true) => Err(Refused::at(place, "An item has both \"item\" and \"request\".", hint)),
        (false, false) => Err(Refused::at(place, "An item has neither \"item\" nor \"request\".", hint)),
        (true, false) => {
            reader.check_depth(depth, place)?;
            let Some(Value::Array(inner)) = from.shift_remove("item") else {
                return Err(Refused::at(&place.member("item"), "The items of a folder should be an array.", hint));
            };
            let items = items(inner, depth + 1, place, reader)?;
            let mut folder = folder(from, place, reader);
            folder.items = items;
            Ok(Item::Folder(folder))
        }
        (false, true) => saved(from, place, reader).map(Item::Request),
    }
}

/// A folder without what is in it.
pub(in super::super) fn folder(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Folder {
    let besides = from.shift_remove(MEMBER);
    let said = besides.is_some().then(|| Value::Object(from.clone()));
    let mut folder = Folder { name: text(&mut from, "name").unwrap_or_default(), ..Folder::default() };
    folder.description = description(&mut from);
    (folder.auth, _) = auth::auth(&mut from, &mut folder.extra, place, reader);
    folder.variables = variables(&mut from, place, reader);
    folder.scripts = scripts(&mut from, place, reader);
    folder.settings = settings::general(&mut from, &mut folder.extra);
    let known = ["name", "description", "auth", "variable", "event", PPB, "item", "request"];
    folder.extra.extend(rest(from, &known, place, reader));
    if let Some(said) = said {
        reader.besides(&mut folder, besides, &[&said], place);
        folder.items.clear();
    }
    folder
}

fn saved(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Saved, Refused> {
    let examples = array(&mut from, "response").unwrap_or_default();
    let request = from.shift_remove("request").unwrap_or_default();
    let ppb = object(&mut from, PPB);
    let mut saved = own_saved(from, place, reader);
    let at = place.member("request");
    let (request, described) = request::read(request, ppb, &at, reader)?;
    saved.request = request;
    // Postman describes the request; an item with a description of its own keeps that besides.
    if let Some(described) = described
        && let Some(own) = saved.description.replace(described)
    {
        saved.extra.entry("description").or_insert(Value::String(own));
    }
    saved.examples = example::examples(examples, place, reader)?;
    Ok(saved)
}

/// A request without the request itself and its examples.
pub(in super::super) fn own_saved(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Saved {
    let besides = from.shift_remove(MEMBER);
    let said = besides.is_some().then(|| Value::Object(from.clone()));
    let mut saved = Saved { name: text(&mut from, "name").unwrap_or_default(), ..Saved::default() };
    saved.description = description(&mut from);
    saved.variables = variables(&mut from, place, reader);
    saved.scripts = scripts(&mut from, place, reader);
    let known = ["name", "description", "variable", "event", PPB, "response", "item"];
    saved.extra = rest(from, &known, place, reader);
    if let Some(said) = said {
        reader.besides(&mut saved, besides, &[&said], place);
        (saved.request, saved.examples) = Default::default();
    }
    saved
}
