//! What is asked for, and within which limits.

pub use super::how::{AT_ONCE, Concurrency, Cookies, FromJar, Timing};

use super::target::Target;
use crate::{
    agent::Choice,
    compare::rules::{LONGEST_RULE, MOST_RULES},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;
use waylay_storage::model::{ExchangeId, SessionId};

/// Most requests of one replay.
pub const MOST: usize = 100_000;
/// Most exchanges that are named one by one.
const NAMED: usize = 10_000;
/// Longest pause between two, milliseconds.
const PAUSE: u64 = 3_600_000;
/// Longest name, and longest filter, bytes.
const TEXT: usize = 4_096;

/// As it comes by the API, and as it is kept: one of `exchanges`, `session`, `filter`, `collection` and `item` says which requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// Captured exchanges, such as `7.42`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchanges: Option<Vec<String>>,
    /// All of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<i64>,
    /// All that match, in the filter language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// All requests of a collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<i64>,
    /// A request of a collection, or those in a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<i64>,
    /// Scheme, host and port to send to instead of the captured ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// When each is sent; by itself [`Timing::Fast`].
    pub timing: Timing,
    /// Between the beginnings of two with [`Timing::Fixed`], milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// How many at once; by itself as captured.
    pub concurrency: Concurrency,
    /// Where cookies come from; by itself [`Cookies::Evolve`].
    pub cookies: Cookies,
    /// The environment of variables for a collection, null for none; by itself the active one.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub environment: Option<Option<i64>>,
    /// Whether answers are compared; by itself yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<bool>,
    /// A name for its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What does not count, besides what is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Sends what web pages wrote as the user's own; by itself such requests are not sent.
    #[serde(skip_serializing_if = "is_false")]
    pub as_mine: bool,
}

/// Which requests.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// Those.
    Exchanges(Vec<String>),
    /// All of a session.
    Session(SessionId),
    /// All that match.
    Filter(String),
    /// All of a collection.
    Collection(i64),
    /// Of a collection, this and what is in it.
    Item(i64),
}

/// What is asked for, understood.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which requests.
    pub which: Which,
    /// Where to, instead.
    pub target: Option<Target>,
    /// When.
    pub timing: Timing,
    /// With [`Timing::Fixed`].
    pub interval: Duration,
    /// How many at once.
    pub concurrency: Concurrency,
    /// Where cookies come from.
    pub cookies: Cookies,
    /// Where variables of a collection come from.
    pub environment: Choice,
    /// Whether answers are compared.
    pub diff: bool,
    /// The name of its session.
    pub name: Option<String>,
    /// What does not count, besides what is kept.
    pub ignore: Vec<String>,
    /// Whether what web pages wrote is sent as the user's own.
    pub as_mine: bool,
}

/// What cannot be done as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadAsked {
    /// Why, in a sentence.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

impl Asked {
    /// Understands it.
    ///
    /// # Errors
    /// [`BadAsked`] for the first that is wrong.
    pub fn plan(&self) -> Result<Plan, BadAsked> {
        let which = self.which()?;
        for (what, text) in [("name", &self.name), ("filter", &self.filter), ("target", &self.target)] {
            if let Some(text) = text.as_deref().filter(|text| text.len() > TEXT) {
                return Err(bad(format!("the {what} has {} bytes; {TEXT} are allowed", text.len()), ""));
            }
        }
        if self.ignore.len() > MOST_RULES || self.ignore.iter().any(|rule| rule.len() > LONGEST_RULE) {
            let message = format!("at most {MOST_RULES} rules of {LONGEST_RULE} bytes each say what to ignore");
            return Err(bad(message, "keep rules for a session with PUT /api/v1/diff/rules"));
        }
        let interval = match (self.timing, self.interval_ms) {
            (Timing::Fixed, Some(ms)) if ms <= PAUSE => ms,
            (Timing::Fixed, Some(ms)) => {
                return Err(bad(format!("the interval is {ms} ms; at most {PAUSE} are allowed"), "give a shorter one"));
            }
            (Timing::Fixed, None) => {
                return Err(bad("fixed timing needs interval_ms", "give the milliseconds between two"));
            }
            (_, None) => 0,
            (_, Some(_)) => return Err(bad("interval_ms goes with fixed timing", "give \"timing\": \"fixed\"")),
        };
        Ok(Plan {
            which,
            target: self.target.as_deref().map(Target::parse).transpose()?,
            timing: self.timing,
            interval: Duration::from_millis(interval),
            concurrency: self.concurrency,
            cookies: self.cookies()?,
            environment: match self.environment {
                None => Choice::Active,
                Some(None) => Choice::None,
                Some(Some(id)) => Choice::Number(id),
            },
            diff: self.diff.unwrap_or(true),
            name: self.name.clone().filter(|name| !name.trim().is_empty()),
            ignore: self.ignore.clone(),
            as_mine: self.as_mine,
        })
    }

    fn cookies(&self) -> Result<Cookies, BadAsked> {
        if let Cookies::From(FromJar { as_of: Some(id), .. }) = &self.cookies
            && id.parse::<ExchangeId>().is_err()
        {
            return Err(bad("as_of names no exchange", "name one such as 7.42"));
        }
        Ok(self.cookies.clone())
    }

    fn which(&self) -> Result<Which, BadAsked> {
        let Self { exchanges, session, filter, collection, item, .. } = self;
        let given = [exchanges.is_some(), session.is_some(), filter.is_some(), collection.is_some(), item.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = "one of exchanges, session, filter, collection and item says what to replay";
            return Err(bad(message, "give exactly one of them"));
        }
        if let Some(ids) = exchanges {
            if ids.is_empty() || ids.len() > NAMED {
                return Err(bad(format!("{} exchanges are named; 1 to {NAMED} can be", ids.len()), "use a filter"));
            }
            return Ok(Which::Exchanges(ids.clone()));
        }
        let session = session.map(|id| Which::Session(SessionId(id)));
        let found = session.or_else(|| filter.clone().map(Which::Filter)).or_else(|| collection.map(Which::Collection));
        found.or_else(|| item.map(Which::Item)).ok_or_else(|| bad("there is nothing to replay", ""))
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

pub(super) fn bad(message: impl Into<String>, hint: &'static str) -> BadAsked {
    BadAsked { message: message.into(), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> Result<Plan, String> {
        let asked: Asked = serde_json::from_str(json).map_err(|e| e.to_string())?;
        // What is kept says the same.
        let kept: Asked = serde_json::from_str(&serde_json::to_string(&asked).unwrap()).unwrap();
        assert_eq!(kept, asked);
        asked.plan().map_err(|e| e.message)
    }

    #[test]
    fn what_is_asked_is_understood_or_refused_with_a_reason() {
        let usual = plan(r#"{"session":7}"#).unwrap();
        assert_eq!(
            (usual.which, usual.timing, usual.concurrency),
            (Which::Session(SessionId(7)), Timing::Fast, Concurrency::Captured)
        );
        assert!(usual.diff && usual.cookies == Cookies::Evolve && usual.target.is_none());
        let from = plan(r#"{"session":7,"cookies":{"jar":1,"as_of":"7.42"}}"#).unwrap();
        assert_eq!(from.cookies, Cookies::From(FromJar { jar: Some(1), as_of: Some("7.42".into()) }));
        let full = r#"{"exchanges":["7.1"],"target":"http://[::1]:3000","timing":"fixed","interval_ms":5,"concurrency":32,
            "cookies":"none","environment":null,"diff":false,"name":"n","ignore":["status"]}"#;
        let full = plan(full).unwrap();
        assert!(
            matches!(full.concurrency, Concurrency::Number(n) if n.get() == 32) && full.environment == Choice::None
        );
        for (bad, says) in [
            ("{}", "one of exchanges"),
            (r#"{"session":1,"filter":"x"}"#, "one of exchanges"),
            (r#"{"exchanges":[]}"#, "1 to 10000"),
            (r#"{"session":1,"cookies":{"jar":1,"as_of":"x"}}"#, "no exchange"),
            (r#"{"session":1,"timing":"fixed"}"#, "needs interval_ms"),
            (r#"{"session":1,"interval_ms":5}"#, "fixed timing"),
            (r#"{"session":1,"timing":"fixed","interval_ms":3600001}"#, "at most 3600000"),
            (r#"{"session":1,"concurrency":0}"#, "1 to 256"),
            (r#"{"session":1,"concurrency":257}"#, "1 to 256"),
            (r#"{"session":1,"concurrency":"many"}"#, "1 to 256"),
            (r#"{"session":1,"target":"ftp://x"}"#, "http"),
            (r#"{"session":1,"targett":"x"}"#, "unknown field"),
        ] {
            let error = plan(bad).unwrap_err();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }
}
