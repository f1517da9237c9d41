//! Dynamic variables, `{{$guid}}` and the others that Postman has: another value each time one is asked for.
//!
//! What they are made of, names of people and places and the like, stands in short lists of our own.

mod business;
mod buzzwords;
mod catchphrases;
mod databases;
mod dates;
mod files;
mod finance;
mod images;
mod internet;
mod lorem;
mod people;
mod places;
mod plain;
mod random;
#[cfg(test)]
pub(super) mod tests;
mod words;

pub use random::{Random, SystemRandom};

use jiff::Zoned;

/// What dynamic variables are made of: chance and the time.
pub struct Dynamic {
    now: Zoned,
    random: Box<dyn Random + Send>,
}

/// A dynamic variable.
#[derive(Clone, Copy)]
struct Variable(&'static str, fn(&mut Dynamic) -> String);

const ALL: [&[Variable]; 14] = [
    plain::ALL,
    internet::ALL,
    people::ALL,
    places::ALL,
    images::ALL,
    finance::ALL,
    business::ALL,
    buzzwords::ALL,
    catchphrases::ALL,
    databases::ALL,
    dates::ALL,
    files::ALL,
    words::ALL,
    lorem::ALL,
];

/// The names of all of them, `$` included.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|variable| variable.0)
}

/// Whether there is one of that name. Names are case-sensitive.
pub fn is_known(name: &str) -> bool {
    find(name).is_some()
}

fn all() -> impl Iterator<Item = &'static Variable> {
    ALL.into_iter().flatten()
}

fn find(name: &str) -> Option<&'static Variable> {
    name.starts_with('$').then(|| all().find(|variable| variable.0 == name)).flatten()
}

impl Dynamic {
    /// Values as of `now`, in its time zone, made with `random`.
    pub fn new(now: Zoned, random: impl Random + Send + 'static) -> Self {
        Self { now, random: Box::new(random) }
    }

    /// A new value of the variable of that name, if there is one.
    pub fn value(&mut self, name: &str) -> Option<String> {
        find(name).map(|variable| variable.1(self))
    }

    /// A number from `from` to `to`, both included.
    fn number(&mut self, from: u64, to: u64) -> u64 {
        let span = to - from + 1;
        // The sum is exact and the bias without meaning: spans are tiny compared to 2^64.
        from + ((u128::from(self.random.next()) * u128::from(span)) >> 64) as u64
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.number(0, from.len() as u64 - 1) as usize]
    }

    fn word(&mut self, from: &[&'static str]) -> String {
        self.pick(from).to_owned()
    }

    fn chance(&mut self) -> bool {
        self.number(0, 1) == 1
    }

    /// So many characters out of an ASCII alphabet.
    fn string(&mut self, alphabet: &[u8], length: u64) -> String {
        (0..length).map(|_| char::from(self.pick(alphabet))).collect()
    }

    fn digits(&mut self, length: u64) -> String {
        self.string(b"0123456789", length)
    }

    fn hex(&mut self, length: u64) -> String {
        self.string(b"0123456789abcdef", length)
    }

    fn list(&mut self, from: u64, to: u64, one: impl Fn(&mut Self) -> String, between: &str) -> String {
        let count = self.number(from, to);
        (0..count).map(|_| one(self)).collect::<Vec<_>>().join(between)
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}
