//! Collections as the store has them.

use super::{Around, Collection, Node, Saved, Unreadable, node};
use waylay_storage::{
    Reader, StoreError,
    model::{ItemKind, ItemRow},
};

/// Why a collection could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store could not be read, or has no such thing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It holds what this version does not understand.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// A request of a collection, ready to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its number.
    pub id: i64,
    /// The request with its examples.
    pub saved: Saved,
    /// What it gets from what is around it.
    pub around: Around,
}

/// A collection with all that is in it.
///
/// # Errors
/// [`StoreError::NoCollection`], and others of [`ReadError`].
pub fn whole(reader: &Reader, id: i64) -> Result<Collection, ReadError> {
    let mut collection = head(reader, id)?;
    collection.items = node::items(node::assemble(&reader.contents(id, None)?, None)?);
    Ok(collection)
}

/// A collection without what is in it.
///
/// # Errors
/// Like [`whole`].
pub fn head(reader: &Reader, id: i64) -> Result<Collection, ReadError> {
    let row = reader.collection(id)?.ok_or(StoreError::NoCollection(id))?;
    Ok(node::collection(id, &row.content)?)
}

/// An item with all that is in it.
///
/// # Errors
/// [`StoreError::NoItem`], and others of [`ReadError`].
pub fn item(reader: &Reader, id: i64) -> Result<(ItemRow, Node), ReadError> {
    let (row, _) = reader.item(id)?.ok_or(StoreError::NoItem(id))?;
    let mut rows = reader.contents(row.collection, Some(id))?;
    // It stands alone here: what it is in is not among the rows.
    rows.iter_mut().filter(|(row, _)| row.id == id).for_each(|(row, _)| row.parent = None);
    let node = node::assemble(&rows, None)?.pop().ok_or(StoreError::NoItem(id))?;
    Ok((row, node))
}

/// What holds for an item: all that is said in its collection, in the folders it is in, and, of variables, in itself.
///
/// # Errors
/// [`StoreError::NoItem`], and others of [`ReadError`].
pub fn around(reader: &Reader, id: i64) -> Result<Around, ReadError> {
    let path = reader.path(id)?;
    let (last, _) = path.last().ok_or(StoreError::NoItem(id))?;
    let mut around = Around::collection(&head(reader, last.collection)?);
    for (row, content) in &path {
        around = around.inside(row.id, &Node::read(row, content)?);
    }
    Ok(around)
}

/// The requests of a collection, or those in one of its items, in the order in which they stand.
///
/// # Errors
/// [`StoreError::NoCollection`], [`StoreError::NoItem`], and others of [`ReadError`].
pub fn requests(reader: &Reader, collection: i64, item: Option<i64>) -> Result<Vec<Request>, ReadError> {
    let mut around = Around::collection(&head(reader, collection)?);
    let mut top = None;
    if let Some(id) = item {
        let (row, _) =
            reader.item(id)?.filter(|(row, _)| row.collection == collection).ok_or(StoreError::NoItem(id))?;
        top = row.parent;
        for (row, content) in reader.path(id)?.iter().filter(|(row, _)| row.id != id) {
            around = around.inside(row.id, &Node::read(row, content)?);
        }
    }
    let rows = reader.contents(collection, item)?;
    let mut found = Vec::new();
    walk(&rows, top, &around, &mut found)?;
    Ok(found)
}

fn walk(
    rows: &[(ItemRow, String)],
    of: Option<i64>,
    around: &Around,
    found: &mut Vec<Request>,
) -> Result<(), ReadError> {
    for (row, content) in rows.iter().filter(|(row, _)| row.parent == of) {
        let node = Node::read(row, content)?;
        let inner = around.inside(row.id, &node);
        match node {
            Node::Folder(_) => walk(rows, Some(row.id), &inner, found)?,
            Node::Request(mut saved) => {
                let examples = rows.iter().filter(|(e, _)| e.parent == Some(row.id) && e.kind == ItemKind::Example);
                for (row, content) in examples {
                    if let Node::Example(example) = Node::read(row, content)? {
                        saved.examples.push(example);
                    }
                }
                found.push(Request { id: row.id, saved, around: inner });
            }
            Node::Example(_) => {}
        }
    }
    Ok(())
}
