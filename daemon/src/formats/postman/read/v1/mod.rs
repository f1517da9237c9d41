//! Version 1, made version 2 first: requests lie in one list, and folders say in which order they are shown.
//!
//! - `item`: a request, with its responses

mod item;

use super::{
    Place, Refused,
    bounds::{MAX_FOLDERS, MAX_ITEMS},
    members::Members,
    reader::Reader,
};
use item::item;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// Whether it is a collection of version 1.
pub(super) fn is_one(from: &Members) -> bool {
    !from.contains_key("item") && from.get("requests").is_some_and(Value::is_array)
}

/// The same collection as version 2.1. What the list of requests and the folders say about order is kept; what the service
/// noted for itself (owners, revisions, times) is not.
pub(super) fn converted(mut from: Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Members, Refused> {
    let has_orders = from.contains_key("order") || from.contains_key("id");
    if !has_orders && from.contains_key("v") {
        let message = "This is a collection of Hoppscotch, not of Postman.";
        return Err(Refused::at(
            place,
            message,
            "Export it as a Postman collection, or its requests as cURL commands.",
        ));
    }
    let mut tree = Tree::new(&mut from, place, reader)?;
    let mut items = Vec::new();
    for id in ids(&from, "folders_order") {
        items.extend(tree.folder(&id, 1, place)?);
    }
    // Where no order is given, they stand as they lie, those of no other folder first.
    for id in tree.top_folders() {
        items.extend(tree.folder(&id, 1, place)?);
    }
    for id in ids(&from, "order") {
        items.extend(tree.request(&id));
    }
    items.append(&mut tree.rest());
    let mut info = Map::new();
    info.insert("name".into(), from.get("name").cloned().unwrap_or_default());
    for (old, new) in [("id", "_postman_id"), ("description", "description")] {
        if let Some(value) = from.get(old).filter(|value| !value.is_null()) {
            info.insert(new.into(), value.clone());
        }
    }
    let mut to = Map::new();
    to.insert("info".into(), Value::Object(info));
    common(&mut from, &mut to);
    to.insert("item".into(), Value::Array(items));
    Ok(to)
}

/// The requests and folders that have not been placed yet.
struct Tree {
    /// In their order; `None` where it was placed.
    requests: Vec<Option<Members>>,
    by_id: HashMap<String, usize>,
    folders: HashMap<String, Members>,
    order: Vec<String>,
    /// By the ids of the folders they say they are in.
    children: HashMap<String, Vec<String>>,
    /// Those that are in another.
    inner: HashSet<String>,
}

impl Tree {
    fn new(from: &mut Members, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Self, Refused> {
        let mut requests = Vec::new();
        let mut by_id = HashMap::new();
        let at = place.member("requests");
        for (number, request) in elements(from, "requests").into_iter().enumerate() {
            let place = at.index(number);
            match request {
                Value::Object(request) => {
                    if let Some(id) = request.get("id").and_then(Value::as_str) {
                        by_id.entry(id.to_owned()).or_insert(requests.len());
                    }
                    requests.push(Some(request));
                }
                Value::Null => reader.note(&place, "it is null and was left out."),
                _ => {
                    let hint = "Export the collection from Postman again, as Collection v2.1.";
                    return Err(Refused::at(&place, "A request should be an object.", hint));
                }
            }
        }
        let (mut folders, mut order, mut inner) = (HashMap::new(), Vec::new(), HashSet::new());
        let mut children: HashMap<_, Vec<_>> = HashMap::new();
        for (number, folder) in elements(from, "folders").into_iter().enumerate() {
            if number >= MAX_ITEMS {
                let message = format!("There are more than {MAX_ITEMS} folders.");
                let hint = "Split the collection in Postman, and import the parts.";
                return Err(Refused::at(&place.member("folders"), message, hint));
            }
            let Value::Object(folder) = folder else { continue };
            let id = folder.get("id").and_then(Value::as_str).map_or_else(|| format!("#{number}"), str::to_owned);
            inner.extend(ids(&folder, "folders_order"));
            if let Some(parent) = folder.get("folder").and_then(Value::as_str) {
                inner.insert(id.clone());
                children.entry(parent.to_owned()).or_default().push(id.clone());
            }
            order.push(id.clone());
            folders.insert(id, folder);
        }
        Ok(Self { requests, by_id, folders, order, children, inner })
    }

    /// Folders that are in no other, and whose place nobody gave.
    fn top_folders(&self) -> Vec<String> {
        let tops = self.order.iter().filter(|id| self.folders.contains_key(*id) && !self.inner.contains(*id));
        tops.cloned().collect()
    }

    fn folder(&mut self, id: &str, depth: usize, place: &Place<'_>) -> Result<Option<Value>, Refused> {
        let Some(mut from) = self.folders.remove(id) else { return Ok(None) };
        if depth > MAX_FOLDERS {
            let message = format!("Folders are more than {MAX_FOLDERS} deep.");
            return Err(Refused::at(&place.member("folders"), message, "Move what is inside further up."));
        }
        let mut within = ids(&from, "folders_order");
        within.extend(self.children.remove(id).unwrap_or_default());
        let mut items = Vec::new();
        for id in within {
            items.extend(self.folder(&id, depth + 1, place)?);
        }
        for id in ids(&from, "order") {
            items.extend(self.request(&id));
        }
        let mut to = Map::new();
        to.insert("name".into(), from.get("name").cloned().unwrap_or_default());
        for name in ["id", "description"] {
            if let Some(value) = from.get(name).filter(|value| !value.is_null()) {
                to.insert(name.into(), value.clone());
            }
        }
        common(&mut from, &mut to);
        to.insert("item".into(), Value::Array(items));
        Ok(Some(Value::Object(to)))
    }

    fn request(&mut self, id: &str) -> Option<Value> {
        let request = self.requests.get_mut(*self.by_id.get(id)?)?.take()?;
        Some(item(request))
    }

    /// What no order names.
    fn rest(&mut self) -> Vec<Value> {
        let folders = std::mem::take(&mut self.folders);
        let mut items: Vec<_> = self.requests.iter_mut().filter_map(Option::take).map(item).collect();
        // Folders within each other have no place at all, and nothing that could be lost but their names.
        for id in self.order.iter().filter(|id| folders.contains_key(*id)) {
            let name = folders[id].get("name").cloned().unwrap_or_default();
            items.push(json!({"name": name, "item": []}));
        }
        items
    }
}

/// What collections, folders and requests have in common.
fn common(from: &mut Members, to: &mut Members) {
    if let Some(auth) = from.shift_remove("auth").filter(|auth| !auth.is_null()) {
        to.insert("auth".into(), auth);
    }
    let listed = elements(from, "variables");
    if !listed.is_empty() {
        to.insert("variable".into(), Value::Array(listed));
    }
    let mut events = elements(from, "events");
    if events.is_empty() {
        for (name, listen) in [("preRequestScript", "prerequest"), ("tests", "test")] {
            if let Some(script) = from.get(name).and_then(Value::as_str).filter(|script| !script.trim().is_empty()) {
                let lines: Vec<_> = script.split('\n').collect();
                events.push(json!({"listen": listen, "script": {"type": "text/javascript", "exec": lines}}));
            }
        }
    }
    if !events.is_empty() {
        to.insert("event".into(), Value::Array(events));
    }
    if let Some(ppb) = from.shift_remove("protocolProfileBehavior").filter(Value::is_object) {
        to.insert("protocolProfileBehavior".into(), ppb);
    }
}

fn elements(from: &mut Members, name: &str) -> Vec<Value> {
    match from.shift_remove(name) {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    }
}

/// Ids in the order they are listed in.
fn ids(from: &Members, name: &str) -> Vec<String> {
    let listed = from.get(name).and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(|id| id.as_str().map(str::to_owned)).collect()
}
