//! Bodies of exchanges, put into the collection: outside of this store nobody has the exchanges.

use crate::{
    collection::{Collection, Item},
    request::{Body, Draft, draft::Language, variables::has_reference},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Puts captured bodies in place of their ids, by what `body` says of them: the bytes as transferred, or nothing where they are
/// no longer known or too large. Answers the ids of those.
pub fn resolve(collection: &mut Collection, body: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Vec<String> {
    let mut lost = Vec::new();
    items(&mut collection.items, &mut |draft| {
        let Body::Captured { exchange, .. } = &draft.body else { return };
        draft.body = match body(exchange) {
            Some(bytes) => written(bytes, draft),
            None => {
                lost.push(exchange.clone());
                Body::None
            }
        };
    });
    lost
}

/// All requests, those of examples too.
pub(in super::super) fn items(items: &mut [Item], change: &mut dyn FnMut(&mut Draft)) {
    for item in items {
        match item {
            Item::Folder(folder) => self::items(&mut folder.items, change),
            Item::Request(saved) => {
                change(&mut saved.request);
                saved.examples.iter_mut().filter_map(|example| example.request.as_mut()).for_each(&mut *change);
            }
        }
    }
}

/// A body of bytes as it is best read.
fn written(bytes: Vec<u8>, draft: &Draft) -> Body {
    if bytes.is_empty() {
        return Body::None;
    }
    let has_type = draft.headers.iter().any(|field| !field.disabled && field.key.eq_ignore_ascii_case("content-type"));
    match String::from_utf8(bytes) {
        // A text would say by itself what it is.
        Ok(raw) if has_type && !has_reference(&raw) => Body::Raw { raw, language: Language::Text },
        Ok(raw) => Body::Bytes { base64: STANDARD.encode(raw) },
        Err(e) => Body::Bytes { base64: STANDARD.encode(e.as_bytes()) },
    }
}
