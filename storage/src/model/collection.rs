//! Requests that are kept: rows of trees. What they hold is JSON that the store does not look into.

words! {
    /// What stands in a tree.
    ItemKind {
        /// Holds folders and requests.
        Folder = "folder",
        /// Holds examples.
        Request = "request",
        /// A response to a request.
        Example = "example",
    }
}

/// A collection, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionRow {
    /// Its number, never reused.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// When it, or anything in it, was changed last, microseconds since the Unix epoch.
    pub changed_us: i64,
    /// JSON: the session that fills it, and how.
    pub live: Option<String>,
    /// JSON: how captured requests were put into it the last time.
    pub grouping: Option<String>,
    /// JSON.
    pub content: String,
}

/// What a list shows of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionSummary {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// When it, or anything in it, was changed last, microseconds since the Unix epoch.
    pub changed_us: i64,
    /// JSON: the session that fills it, and how.
    pub live: Option<String>,
    /// How many requests.
    pub requests: i64,
    /// How many folders.
    pub folders: i64,
    /// How many examples.
    pub examples: i64,
    /// How many folders and requests have scripts.
    pub scripts: i64,
}

/// A folder, a request or an example, as a tree shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// Its number, never reused.
    pub id: i64,
    /// The collection it is in.
    pub collection: i64,
    /// What it is in there; `None` at the top.
    pub parent: Option<i64>,
    /// What it is.
    pub kind: ItemKind,
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
    /// When it was changed last, microseconds since the Unix epoch.
    pub changed_us: i64,
}

/// What is to be put into a collection.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// What it is.
    pub kind: ItemKind,
    /// Its name.
    pub name: String,
    /// Method of a request.
    pub method: String,
    /// URL of a request.
    pub url: String,
    /// Status of an example.
    pub status: Option<i64>,
    /// Whether it has scripts.
    pub scripts: bool,
    /// JSON, without what is in it.
    pub content: String,
    /// What is in it, in order.
    pub items: Vec<NewItem>,
}

impl ItemKind {
    /// Whether it can stand in another, or at the top.
    pub fn fits(self, parent: Option<Self>) -> bool {
        match self {
            Self::Folder | Self::Request => matches!(parent, None | Some(Self::Folder)),
            Self::Example => parent == Some(Self::Request),
        }
    }
}
