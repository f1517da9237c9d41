//! What stands in a collection, one by one, and as the rows of the store.

use super::{Collection, Example, Folder, Item, Saved};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use waylay_storage::model::{ItemKind, ItemRow, NewItem};

/// A folder, a request or an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Node {
    /// A folder.
    Folder(Folder),
    /// A request.
    Request(Saved),
    /// An example.
    Example(Example),
}

/// A row holds what this version does not understand.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot be read: {why}")]
pub struct Unreadable {
    what: String,
    why: serde_json::Error,
}

impl Node {
    /// What it is.
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Folder(_) => ItemKind::Folder,
            Self::Request(_) => ItemKind::Request,
            Self::Example(_) => ItemKind::Example,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Folder(folder) => &folder.name,
            Self::Request(saved) => &saved.name,
            Self::Example(example) => &example.name,
        }
    }

    /// Gives it another name.
    pub fn rename(&mut self, name: String) {
        match self {
            Self::Folder(folder) => folder.name = name,
            Self::Request(saved) => saved.name = name,
            Self::Example(example) => example.name = name,
        }
    }

    /// Whether something is in it.
    pub fn has_children(&self) -> bool {
        match self {
            Self::Folder(folder) => !folder.items.is_empty(),
            Self::Request(saved) => !saved.examples.is_empty(),
            Self::Example(_) => false,
        }
    }

    /// As the store takes it, with all that is in it.
    pub fn row(mut self) -> NewItem {
        let kind = self.kind();
        let (mut method, mut url, mut status, mut scripts) = (String::new(), String::new(), None, false);
        let items = match &mut self {
            Self::Folder(folder) => {
                scripts = !folder.scripts.is_empty();
                rows(std::mem::take(&mut folder.items))
            }
            Self::Request(saved) => {
                (method, url) = (saved.request.method.clone(), saved.request.url.clone());
                if method.is_empty() {
                    method = "GET".to_owned();
                }
                scripts = !saved.scripts.is_empty();
                std::mem::take(&mut saved.examples).into_iter().map(|example| Self::Example(example).row()).collect()
            }
            Self::Example(example) => {
                status = example.status.map(i64::from);
                Vec::new()
            }
        };
        let content = match &self {
            Self::Folder(folder) => serde_json::to_string(folder),
            Self::Request(saved) => serde_json::to_string(saved),
            Self::Example(example) => serde_json::to_string(example),
        };
        // Texts, numbers and JSON: this cannot fail.
        let content = content.unwrap_or_default();
        NewItem { kind, name: self.name().to_owned(), method, url, status, scripts, content, items }
    }

    /// From what a row holds; nothing is in it.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(row: &ItemRow, content: &str) -> Result<Self, Unreadable> {
        let read = match row.kind {
            ItemKind::Folder => serde_json::from_str(content).map(Self::Folder),
            ItemKind::Request => serde_json::from_str(content).map(Self::Request),
            ItemKind::Example => serde_json::from_str(content).map(Self::Example),
        };
        read.map_err(|why| Unreadable { what: format!("item {}", row.id), why })
    }
}

impl From<Item> for Node {
    fn from(item: Item) -> Self {
        match item {
            Item::Folder(folder) => Self::Folder(folder),
            Item::Request(saved) => Self::Request(saved),
        }
    }
}

/// A collection as its row holds it, without what is in it.
///
/// # Errors
/// [`Unreadable`].
pub fn collection(id: i64, content: &str) -> Result<Collection, Unreadable> {
    serde_json::from_str(content).map_err(|why| Unreadable { what: format!("collection {id}"), why })
}

/// Items as the store takes them.
pub fn rows(items: Vec<Item>) -> Vec<NewItem> {
    items.into_iter().map(|item| Node::from(item).row()).collect()
}

/// Puts rows together that are in order among those of the same parent: those below `top`, or those that are in
/// nothing. A row whose parent is not there is left out.
///
/// # Errors
/// [`Unreadable`].
pub fn assemble(rows: &[(ItemRow, String)], top: Option<i64>) -> Result<Vec<Node>, Unreadable> {
    let mut inside: HashMap<Option<i64>, Vec<&(ItemRow, String)>> = HashMap::new();
    for row in rows {
        inside.entry(row.0.parent).or_default().push(row);
    }
    below(&inside, top)
}

fn below(inside: &HashMap<Option<i64>, Vec<&(ItemRow, String)>>, of: Option<i64>) -> Result<Vec<Node>, Unreadable> {
    let rows = inside.get(&of).into_iter().flatten();
    rows.map(|(row, content)| {
        let mut node = Node::read(row, content)?;
        let children = below(inside, Some(row.id))?;
        match &mut node {
            Node::Folder(folder) => folder.items = items(children),
            Node::Request(saved) => saved.examples = examples(children),
            Node::Example(_) => {}
        }
        Ok(node)
    })
    .collect()
}

/// The folders and requests among them.
pub fn items(nodes: Vec<Node>) -> Vec<Item> {
    let item = |node| match node {
        Node::Folder(folder) => Some(Item::Folder(folder)),
        Node::Request(saved) => Some(Item::Request(saved)),
        Node::Example(_) => None,
    };
    nodes.into_iter().filter_map(item).collect()
}

fn examples(nodes: Vec<Node>) -> Vec<Example> {
    let example = |node| if let Node::Example(example) = node { Some(example) } else { None };
    nodes.into_iter().filter_map(example).collect()
}
