//! What is asked of the daemon.

use super::ReplayArgs;
use crate::{
    cli::report::{Exit, Report},
    replay::{
        Asked,
        asked::{self, FromJar},
    },
};
use serde_json::Value;
use std::{num::NonZeroUsize, str::FromStr};
use waylay_storage::model::ExchangeId;

/// When each is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// As soon as it may.
    Fast,
    /// With the captured gaps.
    Asis,
    /// So many milliseconds after the one before.
    Fixed(u64),
}

impl FromStr for Timing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fixed = text.strip_prefix("fixed:").and_then(|ms| ms.strip_suffix("ms").unwrap_or(ms).parse().ok());
        match (text, fixed) {
            ("fast", _) => Ok(Self::Fast),
            ("asis", _) => Ok(Self::Asis),
            (_, Some(ms)) => Ok(Self::Fixed(ms)),
            _ => Err("there are fast, asis and fixed:MS, such as fixed:250".to_owned()),
        }
    }
}

/// How many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency(asked::Concurrency);

impl FromStr for Concurrency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= asked::AT_ONCE);
        match (text, number) {
            ("captured", _) => Ok(Self(asked::Concurrency::Captured)),
            (_, Some(number)) => Ok(Self(asked::Concurrency::Number(number))),
            _ => Err(format!("there are captured, and numbers from 1 to {}", asked::AT_ONCE)),
        }
    }
}

/// Where cookies come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookies(asked::Cookies);

impl FromStr for Cookies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let from = |jar, as_of: Option<&str>| asked::Cookies::From(FromJar { jar, as_of: as_of.map(str::to_owned) });
        let found = match text.split_once(':') {
            None if text == "evolve" => Some(asked::Cookies::Evolve),
            None if text == "captured" => Some(asked::Cookies::Captured),
            None if text == "none" => Some(asked::Cookies::None),
            None if text == "jar" => Some(from(None, None)),
            Some(("jar", number)) => number.parse().ok().map(|number| from(Some(number), None)),
            Some(("then", id)) => Some(from(None, Some(id))),
            _ => None,
        };
        let known = "there are evolve, captured, none, jar, jar:NUMBER and then:EXCHANGE";
        found.map(Self).ok_or_else(|| known.to_owned())
    }
}

/// As the API takes it.
pub(super) fn asked(args: &ReplayArgs) -> Result<Value, Report> {
    let (timing, interval_ms) = match args.timing {
        Timing::Fast => (asked::Timing::Fast, None),
        Timing::Asis => (asked::Timing::Asis, None),
        Timing::Fixed(ms) => (asked::Timing::Fixed, Some(ms)),
    };
    let asked = Asked {
        target: args.target.clone(),
        timing,
        interval_ms,
        concurrency: args.concurrency.0,
        cookies: args.cookies.0.clone(),
        environment: args.environment.map(|number| Some(number).filter(|number| *number != 0)),
        diff: args.no_diff.then_some(false),
        name: args.name.clone(),
        ignore: args.ignore.clone(),
        as_mine: args.as_mine,
        ..which(&args.what)
    };
    asked.plan().map_err(|bad| Report::new(Exit::USAGE, &bad).advise(bad.hint))?;
    serde_json::to_value(&asked).map_err(|error| Report::new(Exit::USAGE, error))
}

/// What the words mean.
fn which(words: &[String]) -> Asked {
    let is_exchange = |word: &String| word == "@last" || word.parse::<ExchangeId>().is_ok();
    if words.iter().all(is_exchange) {
        return Asked { exchanges: Some(words.to_vec()), ..Asked::default() };
    }
    if let [word] = words {
        let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        if let Some(session) = number(word) {
            return Asked { session: Some(session), ..Asked::default() };
        }
        if let Some(collection) = word.strip_prefix("collection:").and_then(number) {
            return Asked { collection: Some(collection), ..Asked::default() };
        }
        if let Some(item) = word.strip_prefix("item:").and_then(number) {
            return Asked { item: Some(item), ..Asked::default() };
        }
    }
    Asked { filter: Some(words.join(" ")), ..Asked::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_session_exchanges_a_collection_or_a_filter() {
        let which = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            serde_json::to_string(&super::which(&words)).unwrap()
        };
        for (text, says) in [
            ("7", r#""session":7,"#),
            ("7.42", r#""exchanges":["7.42"],"#),
            ("7.42 @last", r#""exchanges":["7.42","@last"],"#),
            ("collection:3", r#""collection":3,"#),
            ("item:12", r#""item":12,"#),
            ("host:a -is:failed", r#""filter":"host:a -is:failed","#),
            ("7 8", r#""filter":"7 8","#),
            ("+7", r#""filter":"+7","#),
        ] {
            assert!(which(text).contains(says), "{text}: {}", which(text));
        }
        assert_eq!("fixed:250".parse(), Ok(Timing::Fixed(250)));
        assert_eq!("fixed:250ms".parse(), Ok(Timing::Fixed(250)));
        assert!("fixed".parse::<Timing>().is_err() && "0".parse::<Concurrency>().is_err());
    }
}
