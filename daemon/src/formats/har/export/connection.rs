//! The connections of entries: the facts once, where they are first met, and what viewers know to show each time.

use crate::{
    formats::har::extra::{Facts, Socket},
    view::Certificate,
};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};
use waylay_storage::{Reader, StoreError, model};

/// So many connections are remembered. One that is met again after that many others is told in full again.
const REMEMBERED: usize = 4096;

/// The connections met so far.
pub(super) struct Connections<'r> {
    reader: &'r Reader,
    known: HashMap<i64, Option<Rc<Known>>>,
    told: HashSet<i64>,
}

/// A connection with its leaf certificate read.
pub(super) struct Known {
    pub(super) connection: model::Connection,
    pub(super) security: Option<Security>,
}

/// What was settled about security, under the names Playwright gives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Security {
    protocol: String,
    cipher: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// Seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<i64>,
}

impl<'r> Connections<'r> {
    pub(super) fn new(reader: &'r Reader) -> Self {
        Self { reader, known: HashMap::new(), told: HashSet::new() }
    }

    /// What is known of a connection.
    pub(super) fn get(&mut self, id: Option<i64>) -> Result<Option<Rc<Known>>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
            self.told.clear();
        }
        let found = self.reader.connection(id)?.map(|connection| {
            let security = connection.tls.as_ref().map(Security::of);
            Rc::new(Known { connection, security })
        });
        self.known.insert(id, found.clone());
        Ok(found)
    }

    /// As it stands in an entry: with all facts the first time.
    pub(super) fn socket(&mut self, known: &Known) -> Socket {
        let id = known.connection.id;
        let first = self.told.insert(id);
        Socket { id, facts: first.then(|| Facts::of(&known.connection)) }
    }
}

impl Security {
    fn of(tls: &model::Tls) -> Self {
        let leaf = tls.chain.first().map(|der| Certificate::read(der)).filter(|leaf| leaf.error.is_none());
        let second = |time: &Option<String>| time.as_ref()?.parse::<jiff::Timestamp>().ok().map(|t| t.as_second());
        Self {
            protocol: tls.version.clone(),
            cipher: tls.cipher.clone(),
            valid_from: leaf.as_ref().and_then(|leaf| second(&leaf.not_before)),
            valid_to: leaf.as_ref().and_then(|leaf| second(&leaf.not_after)),
            subject_name: leaf.as_ref().map(|leaf| common_name(&leaf.subject)),
            issuer: leaf.as_ref().map(|leaf| common_name(&leaf.issuer)),
        }
    }
}

/// The common name of a distinguished name, or all of it.
fn common_name(name: &str) -> String {
    let common = name.split(',').find_map(|part| part.trim().strip_prefix("CN="));
    common.unwrap_or(name).to_owned()
}
