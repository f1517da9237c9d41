//! Ids as people read and type them: session `7`, exchange `7.42`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, num::ParseIntError, str::FromStr};

/// A session's number. Session `0` holds what was sent from here rather than captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub i64);

impl SessionId {
    /// Where everything that was sent from here (resend, send, agent) is kept.
    pub const SENT: Self = Self(0);
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = BadId;

    fn from_str(s: &str) -> Result<Self, BadId> {
        natural(s).map(Self).ok_or_else(|| BadId(s.to_owned()))
    }
}

/// An exchange: its session and its number in it, counted from 1 and never reused. Written `7.42`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId {
    /// The session it belongs to.
    pub session: SessionId,
    /// Its place in the session, from 1.
    pub number: i64,
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.session, self.number)
    }
}

impl FromStr for ExchangeId {
    type Err = BadId;

    fn from_str(s: &str) -> Result<Self, BadId> {
        let bad = || BadId(s.to_owned());
        let (session, number) = s.split_once('.').ok_or_else(bad)?;
        let number = natural(number).filter(|n| *n > 0).ok_or_else(bad)?;
        Ok(Self { session: session.parse().map_err(|_| bad())?, number })
    }
}

impl Serialize for ExchangeId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ExchangeId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

/// Text that is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an id: a session is written 7, an exchange 7.42")]
pub struct BadId(pub String);

/// Digits only: no sign, no spaces, nothing beyond `i64`.
fn natural(s: &str) -> Option<i64> {
    let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| s.parse().map_err(|_: ParseIntError| ()).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id: ExchangeId = "7.42".parse().unwrap();
        assert_eq!(id, ExchangeId { session: SessionId(7), number: 42 });
        assert_eq!(id.to_string(), "7.42");
        for bad in ["", "7", "7.", ".42", "7.0", "-7.1", "7.+1", "7.1.2", "a.b", "7. 1", "99999999999999999999.1"] {
            assert!(bad.parse::<ExchangeId>().is_err(), "{bad:?} is no exchange id");
        }
        assert_eq!("0".parse(), Ok(SessionId::SENT));
        assert!("".parse::<SessionId>().is_err() && "+1".parse::<SessionId>().is_err());
    }
}
