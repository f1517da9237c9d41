//! What is in a file, as it is told before anything of it is kept.

use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// What is in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What it is.
    pub kind: Kind,
    /// What it is called: by itself, if there is one thing in it, else by its file.
    pub name: String,
    /// How much is in it.
    pub counts: Counts,
    /// Each thing in it, in order: any of them can be left out.
    pub parts: Vec<PartSummary>,
    /// Where its requests go; a variable such as `{{host}}` where that is one. The first 1000 of them.
    pub hosts: Vec<String>,
    /// How many scripts it has. They are kept, and never run.
    pub scripts: usize,
    /// Where it holds secrets, the first 1000 of them. Never what they are.
    pub secrets: Vec<SecretPlace>,
    /// What would not be taken over, or not as it stands.
    pub notes: Vec<String>,
    /// What cannot be taken, and why.
    pub refused: Vec<Refused>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A HAR file: exchanges.
    Har,
    /// A collection of Postman, of any version.
    Collection,
    /// An environment of Postman.
    Environment,
    /// Globals of Postman.
    Globals,
    /// Commands of curl.
    Curl,
    /// More than one thing: an archive, a folder, a data dump.
    #[default]
    Several,
}

/// One thing in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSummary {
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// How much is in it.
    pub counts: Counts,
}

/// How much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Collections.
    pub collections: usize,
    /// Requests that are written, not captured.
    pub requests: usize,
    /// Folders of collections.
    pub folders: usize,
    /// Examples of responses.
    pub examples: usize,
    /// Environments, and globals.
    pub environments: usize,
    /// Variables, of collections too.
    pub variables: usize,
    /// Captured exchanges.
    pub exchanges: u64,
}

/// A secret, by its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretPlace {
    /// The collection with its folders and the request, the environment, or the host.
    #[serde(rename = "where")]
    pub place: String,
    /// The name of the field, the variable or the kind of secret.
    pub name: String,
}

/// Something that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The file in an archive, the entry, the line, or the JSON path.
    #[serde(rename = "where")]
    pub place: String,
    /// Why.
    pub reason: String,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self { collections, requests, folders, examples, environments, variables, exchanges } = other;
        self.collections += collections;
        self.requests += requests;
        self.folders += folders;
        self.examples += examples;
        self.environments += environments;
        self.variables += variables;
        self.exchanges += exchanges;
    }
}
