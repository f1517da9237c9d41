//! How a replay is sent: when each request, how many at once, with which cookies.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::num::NonZeroUsize;

/// Most that are under way at once.
pub const AT_ONCE: usize = 256;

/// When each request is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Timing {
    /// As soon as it may.
    #[default]
    Fast,
    /// As long after the first as it was then.
    Asis,
    /// So long after the one before.
    Fixed,
}

/// How many are under way at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// One waits for those that had ended before it began, then.
    #[default]
    Captured,
    /// So many.
    Number(NonZeroUsize),
}

/// Where cookies come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cookies {
    /// As captured at first; what answers set takes the place of that.
    #[default]
    Evolve,
    /// As captured.
    Captured,
    /// None are sent.
    None,
    /// Those of a jar instead of the captured ones; what answers set holds for this replay alone.
    #[serde(untagged)]
    From(FromJar),
}

/// A jar to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FromJar {
    /// Its number; by itself the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jar: Option<i64>,
    /// As it was when this exchange began, such as `7.42`; without a number, as its client had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

impl Serialize for Concurrency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Captured => s.serialize_str("captured"),
            Self::Number(number) => s.serialize_u64(number.get() as u64),
        }
    }
}

impl<'de> Deserialize<'de> for Concurrency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Word(String),
        }
        let found = match Either::deserialize(d) {
            Ok(Either::Word(word)) if word == "captured" => Some(Self::Captured),
            Ok(Either::Number(number)) => {
                let number = usize::try_from(number).ok().filter(|number| *number <= AT_ONCE);
                number.and_then(NonZeroUsize::new).map(Self::Number)
            }
            _ => None,
        };
        found.ok_or_else(|| de::Error::custom(format!("concurrency is \"captured\" or a number from 1 to {AT_ONCE}")))
    }
}
