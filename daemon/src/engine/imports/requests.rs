//! Requests of commands, as a collection has them.

use crate::{
    collection::{Item, Saved},
    request::Draft,
};

/// What a request is called that has no name.
pub(super) fn request_name(draft: &Draft) -> String {
    let url = draft.url.split_once("://").map_or(&draft.url[..], |(_, rest)| rest);
    let path = url.find('/').map_or("/", |at| &url[at..]);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = format!("{} {path}", draft.method);
    name.chars().take(200).collect()
}

/// Requests as a collection keeps them.
pub(super) fn items(drafts: Vec<Draft>) -> Vec<Item> {
    let saved = |request: Draft| Item::Request(Saved { name: request_name(&request), request, ..Saved::default() });
    drafts.into_iter().map(saved).collect()
}
