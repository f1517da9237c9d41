//! What an import would come to: all entries read, none kept.

use super::{ImportError, Refused, TOLD, entry::Parsed, read};
use crate::formats::redact::places;
use std::{collections::BTreeSet, fs::File};
use waylay_storage::model::Head;

/// Most hosts, and most places of secrets, that are told.
const MOST: usize = 1000;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Entries that can be taken.
    pub exchanges: u64,
    /// Where their requests went, the first 1000 of them.
    pub hosts: BTreeSet<String>,
    /// Hosts, and fields of heads that hold secrets. Never the secrets.
    pub secrets: BTreeSet<(String, String)>,
    /// Entries that cannot, the first 1000 of them.
    pub refused: Vec<Refused>,
}

/// Reads the HAR file `file` as [`import`](super::import()) does, and keeps nothing. `progress` is told how many bytes have been
/// read, and says whether to go on.
///
/// # Errors
/// [`ImportError`], as the import itself would fail.
pub fn survey(file: &File, mut progress: impl FnMut(u64) -> bool) -> Result<Survey, ImportError> {
    read::look(file)?;
    let (mut survey, mut index) = (Survey::default(), 0);
    read::entries(file, |value, position| {
        match Parsed::read(&value, 0) {
            Ok(parsed) => survey.add(&parsed),
            Err(reason) if survey.refused.len() < TOLD => survey.refused.push(Refused { index, reason }),
            Err(_) => {}
        }
        index += 1;
        if progress(position) { Ok(()) } else { Err(ImportError::Stopped) }
    })?;
    match survey.refused.first() {
        Some(first) if survey.exchanges == 0 => Err(ImportError::NothingTaken { count: index, first: first.clone() }),
        _ => Ok(survey),
    }
}

impl Survey {
    fn add(&mut self, parsed: &Parsed) {
        self.exchanges += 1;
        let x = &parsed.exchange;
        if self.hosts.len() < MOST {
            self.hosts.insert(x.host.clone());
        }
        let mut secret = |name: String| {
            if self.secrets.len() < MOST {
                self.secrets.insert((x.host.clone(), name));
            }
        };
        for found in places::text(x.path.as_bytes()) {
            secret(format!("{} in the URL", found.kind));
        }
        for head in [&x.request_head, &x.response_head] {
            for field in &Head::parse(head).fields {
                if places::field(&field.name, &field.value).iter().any(|found| !found.value(&field.value).is_empty()) {
                    secret(String::from_utf8_lossy(&field.name).to_ascii_lowercase());
                }
            }
        }
    }
}
