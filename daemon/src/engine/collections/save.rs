//! Captured exchanges to collections.

use super::{CollectionError, Result, add, add_items};
use crate::collection::{
    Collection, Folder, Item, Node, Saved,
    gather::{
        EXAMPLES, Options,
        call::{self, From},
        make,
        plan::{Plan, plan},
        preview::{self, Preview},
        shape,
    },
    stored,
};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    Reader, Store, StoreError,
    model::{ItemKind, ItemRow},
};

/// Most folders, requests and examples that are made at once.
const MADE: usize = 20_000;

/// Where requests go.
#[derive(Clone, Debug, Default)]
pub struct To {
    /// A collection that is there; without one, a new one is made.
    pub collection: Option<i64>,
    /// What a new one is called.
    pub name: Option<String>,
    /// A folder of the one that is there; without one, its top.
    pub parent: Option<i64>,
}

/// What was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// The collection.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Requests that are new.
    pub requests: usize,
    /// Examples that are new.
    pub examples: usize,
}

/// How captured requests were put into a collection the last time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Grouping {
    /// How.
    pub options: Options,
    /// Into which folder.
    pub parent: Option<i64>,
}

/// What [`save`] would make.
///
/// # Errors
/// Like those of [`save`].
pub fn preview(reader: &Reader, from: &From, options: &Options, collection: Option<i64>) -> Result<Preview> {
    let planned = planned(reader, from, options, collection)?;
    Ok(preview::preview(&planned))
}

/// Puts captured requests into a new collection, or into one that is there. With [`Options::merge`] answers to requests
/// that are there already become examples of theirs.
///
/// # Errors
/// [`CollectionError`]; then nothing has changed, unless the store could not be written half way.
pub fn save(store: &Store, from: &From, options: &Options, to: &To) -> Result<Made> {
    let reader = store.reader()?;
    let plan = planned(&reader, from, options, to.collection)?;
    if plan.requests.is_empty() {
        return Err(CollectionError::Gather(crate::collection::gather::GatherError::Nothing));
    }
    let examples: usize = plan.requests.iter().map(|request| request.examples.len()).sum();
    let all = plan.requests.len() * 2 + examples;
    if all > MADE {
        let message = format!(
            "{} requests and {examples} examples are more than one collection takes: merge those of the same endpoint, or take fewer",
            plan.requests.len()
        );
        return Err(CollectionError::Unfit(message));
    }
    let items = make::items(&reader, &plan, options)?;
    let grouping = Grouping { options: options.clone(), parent: to.parent };
    let made = match to.collection {
        None => new(store, plan, items, to.name.clone(), examples)?,
        Some(id) => into(store, id, to.parent, &plan, items, options.merge)?,
    };
    // Texts and switches: this cannot fail.
    store.set_grouping(made.id, serde_json::to_string(&grouping).unwrap_or_default())?;
    Ok(made)
}

fn planned(reader: &Reader, from: &From, options: &Options, collection: Option<i64>) -> Result<Plan> {
    let there = collection.map(|id| stored::head(reader, id)).transpose()?.map(|head| head.variables);
    let calls = call::read(reader, from, options)?;
    Ok(plan(calls, options, there.unwrap_or_default(), &mut |call| call::answer_shape(reader, call)))
}

fn new(store: &Store, plan: Plan, items: Vec<Item>, name: Option<String>, examples: usize) -> Result<Made> {
    let requests = plan.requests.len();
    let host = plan.endpoints.first().map_or("Captured", |endpoint| endpoint.host.as_str());
    let name = name.unwrap_or_else(|| host.to_owned());
    let collection = Collection { name: name.clone(), variables: plan.names.variables, items, ..Collection::default() };
    Ok(Made { id: add(store, collection)?, name, requests, examples })
}

fn into(store: &Store, id: i64, parent: Option<i64>, plan: &Plan, items: Vec<Item>, merge: bool) -> Result<Made> {
    let reader = store.reader()?;
    let mut head = stored::head(&reader, id)?;
    let name = head.name.clone();
    let mut adding = Adding { store, id, merge, rows: reader.outline(id)?, reader, requests: 0, examples: 0 };
    adding.below(parent, items)?;
    if !plan.names.added().is_empty() {
        head.variables.extend_from_slice(plan.names.added());
        super::change(store, id, &head)?;
    }
    Ok(Made { id, name, requests: adding.requests, examples: adding.examples })
}

/// Items on their way into a collection that is there.
struct Adding<'a> {
    store: &'a Store,
    reader: Reader,
    id: i64,
    merge: bool,
    rows: Vec<ItemRow>,
    requests: usize,
    examples: usize,
}

impl Adding<'_> {
    /// Folders of the same name are one; what is left stands behind what is there.
    fn below(&mut self, parent: Option<i64>, items: Vec<Item>) -> Result<()> {
        let mut new = Vec::new();
        for item in items {
            match item {
                Item::Folder(folder) => match self.find(parent, ItemKind::Folder, &folder.name).first() {
                    Some(there) => self.below(Some(*there), folder.items)?,
                    None => new.push(self.folder(folder)),
                },
                Item::Request(saved) => match self.twin(parent, &saved)? {
                    Some(there) => self.more_examples(there, saved)?,
                    None => {
                        self.count(&saved);
                        new.push(Node::Request(saved));
                    }
                },
            }
        }
        if !new.is_empty() {
            add_items(self.store, self.id, parent, None, new)?;
        }
        Ok(())
    }

    fn find(&self, parent: Option<i64>, kind: ItemKind, name: &str) -> Vec<i64> {
        let fits = |row: &&ItemRow| row.parent == parent && row.kind == kind && row.name == name;
        self.rows.iter().filter(fits).map(|row| row.id).collect()
    }

    /// The request there that this one is another call of.
    fn twin(&self, parent: Option<i64>, saved: &Saved) -> Result<Option<i64>> {
        if !self.merge {
            return Ok(None);
        }
        let shape = shape::of_draft(&saved.request);
        for id in self.find(parent, ItemKind::Request, &saved.name) {
            if let (_, Node::Request(there)) = stored::item(&self.reader, id)?
                && shape::of_draft(&there.request) == shape
            {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Adds examples that differ from those that are there, as long as there is room.
    fn more_examples(&mut self, id: i64, saved: Saved) -> Result<()> {
        let (_, Node::Request(there)) = stored::item(&self.reader, id)? else { return Ok(()) };
        let mut known: Vec<_> = there.examples.iter().map(what).collect();
        let mut new = Vec::new();
        for example in saved.examples {
            if known.len() < EXAMPLES && !known.contains(&what(&example)) {
                known.push(what(&example));
                new.push(Node::Example(example));
            }
        }
        self.examples += new.len();
        if !new.is_empty() {
            add_items(self.store, self.id, Some(id), None, new)?;
        }
        Ok(())
    }

    fn folder(&mut self, folder: Folder) -> Node {
        fn count(adding: &mut Adding<'_>, items: &[Item]) {
            for item in items {
                match item {
                    Item::Folder(inner) => count(adding, &inner.items),
                    Item::Request(saved) => adding.count(saved),
                }
            }
        }
        count(self, &folder.items);
        Node::Folder(folder)
    }

    fn count(&mut self, saved: &Saved) {
        self.requests += 1;
        self.examples += saved.examples.len();
    }
}

/// What tells an example from others: its status, and what was asked for it.
fn what(example: &crate::collection::Example) -> (Option<u16>, String) {
    (example.status, example.request.as_ref().map(|request| request.url.clone()).unwrap_or_default())
}

/// How captured requests were put into a collection the last time.
///
/// # Errors
/// [`StoreError::NoCollection`].
pub fn grouping(reader: &Reader, id: i64) -> Result<Grouping> {
    let row = reader.collection(id)?.ok_or(StoreError::NoCollection(id))?;
    // What another version wrote and this one does not understand counts for nothing.
    Ok(row.grouping.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}
