//! Collections as lists and trees show them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use waylay_storage::model::{CollectionSummary, ItemKind, ItemRow, SessionId};

/// What a list shows of a collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How many requests.
    pub requests: i64,
    /// How many folders.
    pub folders: i64,
    /// How many examples.
    pub examples: i64,
    /// How many folders and requests have scripts.
    pub scripts: i64,
    /// When it, or anything in it, was changed last, microseconds since the Unix epoch.
    pub changed_us: i64,
    /// The session that fills it.
    pub live: Option<SessionId>,
}

/// An item and what is in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tree {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub kind: ItemKind,
    /// What it is in; `None` at the top.
    pub parent: Option<i64>,
    /// Its name.
    pub name: String,
    /// Method of a request as it is written.
    pub method: String,
    /// URL of a request as it is written.
    pub url: String,
    /// Status of an example.
    pub status: Option<i64>,
    /// Whether it has scripts.
    pub scripts: bool,
    /// What is in it, in order.
    pub children: Vec<Tree>,
}

impl Tree {
    /// Of rows in order among those of the same parent.
    pub fn of(rows: Vec<ItemRow>) -> Vec<Self> {
        let mut inside: HashMap<Option<i64>, Vec<ItemRow>> = HashMap::new();
        for row in rows {
            inside.entry(row.parent).or_default().push(row);
        }
        Self::below(&mut inside, None)
    }

    fn below(inside: &mut HashMap<Option<i64>, Vec<ItemRow>>, of: Option<i64>) -> Vec<Self> {
        let rows = inside.remove(&of).unwrap_or_default();
        let tree = |row: ItemRow| {
            let children = Self::below(inside, Some(row.id));
            let ItemRow { id, collection: _, parent, kind, name, method, url, status, scripts, changed_us: _ } = row;
            Self { id, kind, parent, name, method, url, status, scripts, children }
        };
        rows.into_iter().map(tree).collect()
    }
}

impl From<CollectionSummary> for Listed {
    fn from(found: CollectionSummary) -> Self {
        let CollectionSummary { id, name, changed_us, live, requests, folders, examples, scripts } = found;
        let live = live.as_deref().and_then(self::live);
        Self { id, name, requests, folders, examples, scripts, changed_us, live }
    }
}

/// The session in what a row says about being filled.
pub fn live(json: &str) -> Option<SessionId> {
    serde_json::from_str::<Value>(json).ok()?.get("session")?.as_i64().map(SessionId)
}
