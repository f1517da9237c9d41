//! Both ways.

mod malformed;
mod round_trip;
mod samples;
mod schema;
mod written;

use super::*;
use crate::collection::{Collection, Item};
use serde_json::Value;

/// Folders, requests and examples.
fn counted(items: &[Item]) -> (usize, usize, usize) {
    items.iter().fold((0, 0, 0), |(folders, requests, examples), item| match item {
        Item::Folder(folder) => {
            let (f, r, e) = counted(&folder.items);
            (folders + 1 + f, requests + r, examples + e)
        }
        Item::Request(saved) => (folders, requests + 1, examples + saved.examples.len()),
    })
}

/// The only collection of a file.
#[track_caller]
fn one(file: &Value) -> Collection {
    let mut read = read(file.to_string().as_bytes()).unwrap();
    assert_eq!(read.collections.len(), 1);
    read.collections.remove(0)
}

/// A collection of one item.
fn with_item(item: Value) -> Value {
    serde_json::json!({"info": {"name": "C", "schema": Version::V21.schema()}, "item": [item]})
}

/// A request that is the only item of a collection.
#[track_caller]
fn request(request: Value) -> crate::request::Draft {
    let Item::Request(saved) = one(&with_item(serde_json::json!({"name": "R", "request": request}))).items.remove(0)
    else {
        panic!("a request")
    };
    saved.request
}
