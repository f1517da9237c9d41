//! What was read, into the store.

use super::{
    check::{Checked, Content},
    requests::items,
};
use crate::{
    collection::{Collection, Item, Node},
    engine::{
        collections::{self, CollectionError},
        environments::{TakeError, take},
    },
    formats::har::{self, ImportError},
    view::environment::Imported,
};
use serde::{Deserialize, Serialize};
use waylay_storage::{Deleted, Store};

/// What of it is kept, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The collection that requests of commands go into; a new one without it.
    pub collection: Option<i64>,
    /// What the session, the new collection or the environment is called; by itself as its file.
    pub name: Option<String>,
    /// The parts, as the summary counts them from 0; all of them without it.
    pub parts: Option<Vec<usize>>,
}

/// What was made.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Made {
    /// Collections, new ones and those that were added to.
    pub collections: Vec<MadeCollection>,
    /// Environments and globals.
    pub environments: Vec<Imported>,
    /// Sessions, of one HAR file each.
    pub sessions: Vec<har::Imported>,
}

/// A collection that was made or added to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeCollection {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is new.
    pub new: bool,
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There is no such part.
    #[error("there is no part {0}")]
    NoPart(usize),
    /// A collection cannot be kept.
    #[error(transparent)]
    Collection(#[from] CollectionError),
    /// An environment cannot be kept.
    #[error(transparent)]
    Environment(#[from] TakeError),
    /// Exchanges cannot be kept.
    #[error(transparent)]
    Har(#[from] ImportError),
}

/// Keeps it. `progress` is told how many bytes of a HAR file have been read, and says whether to go on.
///
/// # Errors
/// [`KeepError`]; what had been kept by then is gone again, but for variables that came into globals.
pub fn keep(
    store: &Store,
    checked: Checked,
    choice: &Choice,
    mut progress: impl FnMut(u64) -> bool,
) -> Result<Made, KeepError> {
    let mut made = Made::default();
    let kept = all(store, checked, choice, &mut progress, &mut made);
    if let Err(error) = kept {
        take_back(store, &made);
        return Err(error);
    }
    Ok(made)
}

fn all(
    store: &Store,
    checked: Checked,
    choice: &Choice,
    progress: &mut impl FnMut(u64) -> bool,
    made: &mut Made,
) -> Result<(), KeepError> {
    let count = checked.contents.len();
    if let Some(beyond) = choice.parts.iter().flatten().find(|part| **part >= count) {
        return Err(KeepError::NoPart(*beyond));
    }
    let wanted = |part: &usize| choice.parts.as_ref().is_none_or(|parts| parts.contains(part));
    // A name is for one thing.
    let chosen = (0..count).filter(wanted).count();
    let name = choice.name.as_deref().filter(|_| chosen == 1);
    // What may fail most easily comes first, and what cannot be taken back comes last.
    let mut contents: Vec<_> = checked.contents.into_iter().enumerate().filter(|(part, _)| wanted(part)).collect();
    contents.sort_by_key(|(part, content)| {
        let rank = match content {
            Content::Har { .. } => 0,
            Content::Collection(_) | Content::Requests { .. } => 1,
            Content::Variables { environment, .. } => 2 + u8::from(environment.globals),
        };
        (rank, *part)
    });
    for (_, content) in contents {
        match content {
            Content::Har { file, name: own } => {
                made.sessions.push(har::import(store, &file, name.unwrap_or(&own), &mut *progress)?);
            }
            Content::Collection(mut collection) => {
                if let Some(name) = name {
                    name.clone_into(&mut collection.name);
                }
                add(store, *collection, made)?;
            }
            Content::Requests { drafts, name: own } => match choice.collection {
                None => {
                    let name = name.unwrap_or(&own).to_owned();
                    add(store, Collection { name, items: items(drafts), ..Collection::default() }, made)?;
                }
                Some(id) => {
                    let nodes = items(drafts).into_iter().map(|item| match item {
                        Item::Folder(folder) => Node::Folder(folder),
                        Item::Request(saved) => Node::Request(saved),
                    });
                    collections::add_items(store, id, None, None, nodes.collect())?;
                    let found = store.reader().map_err(CollectionError::from)?.collection(id);
                    let name = found.map_err(CollectionError::from)?.map_or_else(String::new, |row| row.name);
                    made.collections.push(MadeCollection { id, name, new: false });
                }
            },
            Content::Variables { mut environment, name: own } => {
                if let Some(name) = name {
                    name.clone_into(&mut environment.name);
                }
                made.environments.push(take(store, environment, &own)?);
            }
        }
    }
    Ok(())
}

fn add(store: &Store, collection: Collection, made: &mut Made) -> Result<(), CollectionError> {
    let name = collection.name.clone();
    let id = collections::add(store, collection)?;
    made.collections.push(MadeCollection { id, name, new: true });
    Ok(())
}

/// Nothing is kept by halves.
fn take_back(store: &Store, made: &Made) {
    let sessions = made.sessions.iter().map(|imported| Deleted::Session(imported.session.id));
    let collections = made.collections.iter().filter(|made| made.new).map(|made| Deleted::Collection(made.id));
    for deleted in sessions.chain(collections) {
        if let Err(error) = store.delete(deleted) {
            tracing::error!(%error, "a broken import could not be removed");
        }
    }
    for imported in &made.environments {
        if let Imported::Environment { environment, .. } = imported
            && let Err(error) = store.remove_environment(environment.id)
        {
            tracing::error!(%error, "a broken import could not be removed");
        }
    }
}
