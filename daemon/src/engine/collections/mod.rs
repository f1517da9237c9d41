//! Collections: what they can hold, and changes of them.
//!
//! - [`save`]: captured exchanges to collections; [`live`]: while they are being captured
//! - [`regroup`]: names and folders anew

pub mod live;
pub mod regroup;
pub mod save;

use crate::collection::{Collection, Node, ReadError, Unreadable, gather::GatherError, node, stored};
use waylay_storage::{
    DEEPEST, Store, StoreError,
    model::{ItemKind, ItemRow, NewItem, SessionId},
};

/// Longest name, bytes.
const NAME: usize = 4096;
/// Most items of one collection, and of what is added to one at once.
const ITEMS: usize = 20_000;
/// Longest content of one folder, request or example, bytes.
const CONTENT: usize = 16 << 20;
/// All that is added at once, bytes.
const ALL: usize = 64 << 20;

/// Why a collection was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// It cannot be kept as it is given: a sentence that names the limit.
    #[error("{0}")]
    Unfit(String),
    /// The store could not be read or written, or has no such thing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store holds what this version does not understand.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Captured exchanges could not be made requests.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// A session that is over fills nothing any more.
    #[error("session {0} is over")]
    Over(SessionId),
}

type Result<T> = std::result::Result<T, CollectionError>;

/// Keeps a collection with all that is in it, and gives back its number.
///
/// # Errors
/// [`CollectionError`]; then nothing has changed.
pub fn add(store: &Store, mut collection: Collection) -> Result<i64> {
    let rows = node::rows(std::mem::take(&mut collection.items));
    let content = head(&collection)?;
    fits(&rows)?;
    Ok(store.add_collection(&collection.name, &content, rows)?)
}

/// Changes what a collection says besides its items.
///
/// # Errors
/// [`StoreError::NoCollection`], and others of [`CollectionError`].
pub fn change(store: &Store, id: i64, collection: &Collection) -> Result<()> {
    if !collection.items.is_empty() {
        return Err(CollectionError::Unfit("what is in a collection is changed item by item".to_owned()));
    }
    Ok(store.change_collection(id, &collection.name, &head(collection)?)?)
}

/// Puts items into a collection, with all that is in them: below `parent` or at the top, before what stands at `position`
/// there, or behind all. Gives back their numbers.
///
/// # Errors
/// [`StoreError::NoCollection`], [`StoreError::NoItem`] and [`StoreError::BadPlace`], and others of [`CollectionError`].
pub fn add_items(
    store: &Store,
    collection: i64,
    parent: Option<i64>,
    position: Option<usize>,
    nodes: Vec<Node>,
) -> Result<Vec<i64>> {
    let rows: Vec<NewItem> = nodes.into_iter().map(Node::row).collect();
    fits(&rows)?;
    Ok(store.add_items(collection, parent, position, rows)?)
}

/// Changes an item, but for what is in it.
///
/// # Errors
/// [`StoreError::NoItem`] if there is none of that kind, and others of [`CollectionError`].
pub fn change_item(store: &Store, id: i64, node: Node) -> Result<()> {
    if node.has_children() {
        return Err(CollectionError::Unfit("what is in an item is changed on its own".to_owned()));
    }
    let row = node.row();
    fits(std::slice::from_ref(&row))?;
    Ok(store.change_item(id, row)?)
}

/// Adds a copy of a collection, and gives back its number.
///
/// # Errors
/// [`StoreError::NoCollection`], and others of [`CollectionError`].
pub fn duplicate(store: &Store, id: i64) -> Result<i64> {
    let mut collection = stored::whole(&store.reader()?, id)?;
    collection.name = copy_of(&collection.name);
    add(store, collection)
}

/// Puts a copy of an item behind it, and gives back its number.
///
/// # Errors
/// [`StoreError::NoItem`], and others of [`CollectionError`].
pub fn duplicate_item(store: &Store, id: i64) -> Result<i64> {
    let reader = store.reader()?;
    let (row, mut node) = stored::item(&reader, id)?;
    node.rename(copy_of(&row.name));
    let outline = reader.outline(row.collection)?;
    let beside: Vec<&ItemRow> = outline.iter().filter(|other| other.parent == row.parent).collect();
    let position = beside.iter().position(|other| other.id == id).map(|at| at + 1);
    let ids = add_items(store, row.collection, row.parent, position, vec![node])?;
    ids.first().copied().ok_or(CollectionError::Store(StoreError::NoItem(id)))
}

fn copy_of(name: &str) -> String {
    format!("{name} copy")
}

fn head(collection: &Collection) -> Result<String> {
    named(&collection.name)?;
    // Texts, numbers and JSON: this cannot fail.
    let content = serde_json::to_string(collection).unwrap_or_default();
    within(&collection.name, content.len())?;
    Ok(content)
}

/// Holds items to their limits.
fn fits(rows: &[NewItem]) -> Result<()> {
    let (mut count, mut bytes) = (0, 0);
    for row in rows {
        measure(row, 0, &mut count, &mut bytes)?;
    }
    if count > ITEMS {
        return Err(CollectionError::Unfit(format!(
            "there are {count} folders, requests and examples; {ITEMS} are allowed"
        )));
    }
    if bytes > ALL {
        return Err(CollectionError::Unfit(format!("there are {bytes} bytes; {ALL} are allowed at once")));
    }
    Ok(())
}

fn measure(row: &NewItem, depth: i64, count: &mut usize, bytes: &mut usize) -> Result<()> {
    let depth = depth + i64::from(row.kind == ItemKind::Folder);
    if depth > DEEPEST {
        return Err(CollectionError::Unfit(format!("folders can be {DEEPEST} deep")));
    }
    if row.name.len() > NAME {
        return Err(CollectionError::Unfit(format!("a name has {} bytes; {NAME} are allowed", row.name.len())));
    }
    within(&row.name, row.content.len())?;
    *count += 1;
    *bytes += row.content.len();
    row.items.iter().try_for_each(|inner| measure(inner, depth, count, bytes))
}

fn named(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(CollectionError::Unfit("the name is empty".to_owned()));
    }
    if name.len() > NAME {
        return Err(CollectionError::Unfit(format!("the name has {} bytes; {NAME} are allowed", name.len())));
    }
    Ok(())
}

fn within(name: &str, bytes: usize) -> Result<()> {
    if bytes <= CONTENT {
        return Ok(());
    }
    let name: String = name.chars().take(80).collect();
    Err(CollectionError::Unfit(format!("'{}' has {bytes} bytes; {CONTENT} are allowed", name.escape_debug())))
}

impl From<ReadError> for CollectionError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            ReadError::Unreadable(error) => error.into(),
        }
    }
}
