//! Captured requests of a collection, named and put into folders anew, by templates that the user has said.

use super::{CollectionError, Result, add_items, change_item, save::grouping};
use crate::{
    collection::{
        Folder, Node, Saved,
        endpoints::{Endpoint, Seen, Template, infer},
        gather::{EXAMPLES, Folders, Options, make, plan, shape},
        stored::{self, Request},
    },
    request::{Draft, url},
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use waylay_storage::{
    Deleted, Reader, Store, StoreError,
    model::{ItemKind, ItemRow},
};

/// What has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Regrouped {
    /// Requests with another name.
    pub renamed: usize,
    /// Requests that stand elsewhere.
    pub moved: usize,
    /// Requests that became examples of others.
    pub merged: usize,
}

/// A captured request, and where it goes.
struct Captured {
    request: Request,
    row: ItemRow,
    /// Host and path as they are sent.
    host: String,
    path: String,
    /// What is called, as its name has it.
    operation: Option<String>,
}

/// Does it, and remembers the templates. Requests whose names are the user's own stay as they are.
///
/// # Errors
/// [`StoreError::NoCollection`], and others of [`CollectionError`].
pub fn regroup(store: &Store, id: i64, templates: Vec<Template>) -> Result<Regrouped> {
    let reader = store.reader()?;
    let mut grouping = grouping(&reader, id)?;
    grouping.options.templates = templates;
    let captured = captured(&reader, id)?;
    let seen: Vec<Seen<'_>> = captured.iter().map(Captured::seen).collect();
    // What was answered once says little: names are told apart by their looks alone.
    let endpoints = infer(&seen, &grouping.options.templates, &mut |at| Some(at as u64));
    let top = grouping.parent.filter(|id| matches!(reader.item(*id), Ok(Some(_))));
    let mut work =
        Work { store, id, options: &grouping.options, top, folders: folders(&reader, id)?, done: Regrouped::default() };
    let mut moved: BTreeMap<Option<i64>, Vec<i64>> = BTreeMap::new();
    let mut first: HashMap<(Option<i64>, String, u64), i64> = HashMap::new();
    let mut gone = Vec::new();
    for (one, endpoint) in captured.iter().zip(endpoints.of.iter().map(|at| &endpoints.all[*at])) {
        let (name, request) = work.renamed(one, endpoint);
        let parent = work.folder(endpoint)?;
        let key = (parent, name.clone(), shape::of_draft(&request));
        if let Some(twin) = first.get(&key).filter(|_| grouping.options.merge) {
            work.merge(one, *twin)?;
            gone.push(one.row.id);
            continue;
        }
        first.insert(key, one.row.id);
        work.change(one, name, request)?;
        if parent != one.row.parent {
            moved.entry(parent).or_default().push(one.row.id);
            work.done.moved += 1;
        }
    }
    moved.iter().try_for_each(|(parent, ids)| store.move_items(ids, id, *parent, None))?;
    let folders = emptied(&store.reader()?, id, &captured, &gone)?;
    gone.extend(folders);
    if !gone.is_empty() {
        store.delete(Deleted::Items(gone))?;
    }
    store.set_grouping(id, serde_json::to_string(&grouping).unwrap_or_default())?;
    Ok(work.done)
}

/// The captured requests whose names are not the user's own.
fn captured(reader: &Reader, id: i64) -> Result<Vec<Captured>> {
    let rows: HashMap<i64, ItemRow> = reader.outline(id)?.into_iter().map(|row| (row.id, row)).collect();
    let requests = stored::requests(reader, id, None)?;
    let read = |request: Request| {
        request.saved.from.as_ref()?;
        let row = rows.get(&request.id)?.clone();
        let mut name = row.name.splitn(3, ' ');
        let (method, template, operation) = (name.next()?, name.next()?, name.next());
        if method != row.method || !template.starts_with('/') {
            return None;
        }
        let target = url::target(&Draft { url: raw(&request), ..Draft::default() }, false).ok()?;
        let path = target.path.split('?').next().unwrap_or_default().to_owned();
        let operation = operation.map(str::to_owned);
        Some(Captured { host: target.authority(), path, operation, row, request })
    };
    Ok(requests.into_iter().filter_map(read).collect())
}

/// The URL with the values of its variables: that of the host, and those of the path.
fn raw(request: &Request) -> String {
    let draft = &request.saved.request;
    let mut text = draft.url.clone();
    if let Some((name, rest)) = text.strip_prefix("{{").and_then(|rest| rest.split_once("}}"))
        && let Some(variable) = request.around.variables.iter().find(|variable| variable.key == name)
    {
        text = format!("{}{rest}", variable.value);
    }
    with_values(&text, draft)
}

fn with_values(text: &str, draft: &Draft) -> String {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    let value = |segment: &str| {
        let known = draft.path_variables.iter().find(|v| segment.strip_prefix(':') == Some(v.key.as_str()));
        known.map_or_else(|| segment.to_owned(), |variable| variable.value.clone())
    };
    let path: Vec<String> = path.split('/').map(value).collect();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", path.join("/"))
}

impl Captured {
    fn seen(&self) -> Seen<'_> {
        Seen { host: &self.host, method: &self.row.method, path: &self.path, media: "" }
    }
}

struct Work<'a> {
    store: &'a Store,
    id: i64,
    options: &'a Options,
    /// Below which all of it stands.
    top: Option<i64>,
    /// Folders by what they are in and their names.
    folders: HashMap<(Option<i64>, String), i64>,
    done: Regrouped,
}

impl Work<'_> {
    fn renamed(&self, one: &Captured, endpoint: &Endpoint) -> (String, Draft) {
        let name = plan::name(&one.row.method, &endpoint.template, one.operation.as_deref());
        let mut request = one.request.saved.request.clone();
        if self.options.merge {
            request.url = with_values(&request.url, &one.request.saved.request);
            request.path_variables.clear();
            make::with_path_variables(&mut request, &one.path, &endpoint.template);
        }
        (name, request)
    }

    fn change(&mut self, one: &Captured, name: String, request: Draft) -> Result<()> {
        if name == one.row.name && request == one.request.saved.request {
            return Ok(());
        }
        self.done.renamed += usize::from(name != one.row.name);
        let saved = Saved { name, request, examples: Vec::new(), ..one.request.saved.clone() };
        change_item(self.store, one.row.id, Node::Request(saved))
    }

    /// Gives the examples of a request to another one.
    fn merge(&mut self, one: &Captured, twin: i64) -> Result<()> {
        let reader = self.store.reader()?;
        let room = EXAMPLES.saturating_sub(reader.children(twin)?.len());
        let examples: Vec<i64> = reader.children(one.row.id)?.into_iter().map(|row| row.id).take(room).collect();
        if !examples.is_empty() {
            self.store.move_items(&examples, self.id, Some(twin), None)?;
        }
        self.done.merged += 1;
        Ok(())
    }

    /// The folder of an endpoint, made where it is not there.
    fn folder(&mut self, endpoint: &Endpoint) -> Result<Option<i64>> {
        let template = if endpoint.template.is_empty() { "/" } else { &endpoint.template };
        let template: String = template.chars().take(plan::NAME).collect();
        let names = match self.options.folders {
            Folders::None => vec![],
            Folders::Domain => vec![endpoint.host.clone()],
            Folders::Endpoint => vec![template],
            Folders::DomainEndpoint => vec![endpoint.host.clone(), template],
        };
        let mut parent = self.top;
        for name in names {
            let key = (parent, name.clone());
            let found = match self.folders.get(&key) {
                Some(id) => *id,
                None => {
                    let folder = Node::Folder(Folder { name, ..Folder::default() });
                    let ids = add_items(self.store, self.id, parent, None, vec![folder])?;
                    let id = ids.first().copied();
                    id.ok_or(CollectionError::Store(StoreError::NoCollection(self.id)))?
                }
            };
            self.folders.insert(key, found);
            parent = Some(found);
        }
        Ok(parent)
    }
}

/// The folders there are; of several with one name, the first.
fn folders(reader: &Reader, id: i64) -> Result<HashMap<(Option<i64>, String), i64>> {
    let mut folders = HashMap::new();
    for row in reader.outline(id)?.into_iter().filter(|row| row.kind == ItemKind::Folder) {
        folders.entry((row.parent, row.name)).or_insert(row.id);
    }
    Ok(folders)
}

/// Folders of endpoints that captured requests stood in, and that hold nothing but what is `gone`.
fn emptied(reader: &Reader, id: i64, captured: &[Captured], gone: &[i64]) -> Result<Vec<i64>> {
    let rows = reader.outline(id)?;
    let mut folders: Vec<i64> = captured.iter().filter_map(|one| one.row.parent).collect();
    folders.sort_unstable();
    folders.dedup();
    folders.retain(|folder| {
        let is_endpoint = rows.iter().any(|row| row.id == *folder && row.name.starts_with('/'));
        is_endpoint && !rows.iter().any(|row| row.parent == Some(*folder) && !gone.contains(&row.id))
    });
    Ok(folders)
}
