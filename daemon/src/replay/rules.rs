//! What does not count, as it is kept: for all sessions, and for each.

use crate::compare::{BadRule, NOISE, Rules, rules::MOST_RULES};
use serde::{Deserialize, Serialize};
use waylay_storage::{Reader, StoreError, model::SessionId};

/// As it is kept and changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kept {
    /// Names of header fields that differ each time. `None`: for a session those of all sessions, for these the
    /// [usual ones](NOISE).
    pub noise: Option<Vec<String>>,
    /// What else is ignored; for a session, besides what is ignored in all of them.
    pub ignore: Vec<String>,
}

/// The setting that has those of a session, or of all.
pub fn setting(session: Option<SessionId>) -> String {
    session.map_or_else(|| "diff.rules".to_owned(), |id| format!("diff.rules.{id}"))
}

impl Kept {
    /// Those of a session, or of all. May block.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read(reader: &Reader, session: Option<SessionId>) -> Result<Self, StoreError> {
        // What another version wrote and this one does not understand counts for nothing.
        let kept = reader.setting(&setting(session))?.and_then(|json| serde_json::from_value(json).ok());
        Ok(kept.unwrap_or_default())
    }

    /// Holds them to their limits.
    ///
    /// # Errors
    /// [`BadRule`] for the first that cannot be understood.
    pub fn check(&self) -> Result<(), BadRule> {
        let noise = self.noise.as_deref().unwrap_or_default();
        for (what, list) in [("noise", noise), ("ignore", &self.ignore)] {
            if list.len() > MOST_RULES {
                return Err(BadRule {
                    rule: what.to_owned(),
                    why: format!("it has {} entries; {MOST_RULES} are allowed", list.len()),
                });
            }
        }
        Rules::new(noise, &self.ignore).map(drop)
    }
}

/// What does not count in these sessions, and what is to be ignored besides. May block.
///
/// # Errors
/// [`super::pair::PairError`]
pub fn of(reader: &Reader, sessions: &[SessionId], ignore: &[String]) -> Result<Rules, super::pair::PairError> {
    let all = Kept::read(reader, None)?;
    let (mut noise, mut own, mut ignored) = (all.noise, None::<Vec<String>>, all.ignore);
    for session in sessions {
        let kept = Kept::read(reader, Some(*session))?;
        ignored.extend(kept.ignore);
        if let Some(names) = kept.noise {
            own.get_or_insert_default().extend(names);
        }
    }
    if own.is_some() {
        noise = own;
    }
    ignored.extend_from_slice(ignore);
    Ok(match noise {
        Some(names) => Rules::new(names, ignored)?,
        None => Rules::new(NOISE, ignored)?,
    })
}
