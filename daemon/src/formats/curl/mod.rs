//! Commands of curl as requests, and requests as commands of curl.
//!
//! - `shell`: the words of a command, as Bash or the command prompt of Windows has them
//! - `options`: the options among them
//! - `order`: what the options of one request say together; [`data`]: its body; [`form`]: a part of a form
//! - `request`: the request that comes of it
//! - [`write`](mod@write): the other way; [`captured`]: from what was captured

pub mod captured;
pub mod data;
pub mod form;
mod options;
mod order;
mod request;
mod shell;
#[cfg(test)]
mod tests;
pub mod write;

use super::postman_environment::text::decoded;
use crate::request::Draft;
use order::orders;
use serde::{Deserialize, Serialize};
use shell::{Command, Script};

/// Longest text, bytes.
pub const LARGEST: usize = 10 << 20;
/// Most requests of one text.
const MOST: usize = 1000;
/// Most words of one command.
const WORDS: usize = 20_000;
/// Most notes of one text.
const MOST_NOTES: usize = 200;

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// In order.
    pub requests: Vec<Request>,
    /// Commands of curl that make none.
    pub refused: Vec<Refused>,
    /// What was not taken over, or not as it stands, in sentences.
    pub notes: Vec<String>,
}

/// A request that a command makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// As it is written.
    pub draft: Draft,
    /// The line its command begins in, from 1.
    pub line: usize,
}

/// A command that makes no request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The line it begins in, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// Why a text holds no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurlError {
    /// It is too long.
    #[error("The text has {size} bytes; {LARGEST} are allowed.")]
    TooLong {
        /// How long it is, bytes.
        size: usize,
    },
    /// Nothing in it is a command of curl.
    #[error("The text holds no command of curl.")]
    NoCommand,
    /// There are some, and none can be taken.
    #[error("The command of curl in line {} cannot be taken over: {}.", .0.line, .0.reason)]
    NothingTaken(Refused),
}

/// [`read`] for a file: UTF-8, or UTF-16 with its mark.
///
/// # Errors
/// [`CurlError`].
pub fn read_file(bytes: &[u8]) -> Result<Read, CurlError> {
    if bytes.len() > LARGEST {
        return Err(CurlError::TooLong { size: bytes.len() });
    }
    // What is no text is none of ours.
    decoded(bytes).map_or(Err(CurlError::NoCommand), |text| read(&text))
}

/// Reads all commands of curl in a text: what a browser copies for Bash or for the command prompt of Windows, scripts,
/// and what people write about them. No file is read and nothing is run. Commands that make no request are told of.
///
/// # Errors
/// [`CurlError`], if there is no request in it.
pub fn read(text: &str) -> Result<Read, CurlError> {
    if text.len() > LARGEST {
        return Err(CurlError::TooLong { size: text.len() });
    }
    let mut read = collect(script(text), 0, false);
    if read.requests.is_empty()
        && let Some(start) = mention(text)
    {
        // What stands before it may hold quotes that open nothing.
        let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..start]).count();
        let second = collect(script(&text[start..]), line, true);
        if !second.requests.is_empty() || read.refused.is_empty() {
            read = second;
        }
    }
    match (read.requests.is_empty(), read.refused.first()) {
        (false, _) => Ok(read),
        (true, Some(first)) => Err(CurlError::NothingTaken(first.clone())),
        (true, None) => Err(CurlError::NoCommand),
    }
}

fn script(text: &str) -> Script {
    if shell::is_cmd(text.as_bytes()) { shell::cmd::commands(text) } else { shell::bash::commands(text) }
}

/// `prose`: the text may be one about curl.
fn collect(script: Script, lines_before: usize, prose: bool) -> Read {
    let mut read = Read { notes: script.notes, ..Read::default() };
    for command in &script.commands {
        let Some(words) = arguments(command, prose) else { continue };
        let line = command.line + lines_before;
        if read.requests.len() + read.refused.len() >= MOST {
            read.notes.push(format!("Only the first {MOST} commands were looked at."));
            break;
        }
        let mut notes = Vec::new();
        let drafts = match &command.refused {
            Some(reason) => Err(reason.clone()),
            None if words.len() > WORDS => Err(format!("it has {} words; {WORDS} are allowed", words.len())),
            None => options::given(words).and_then(|given| orders(given, &mut notes)).and_then(|orders| {
                let drafts = orders.into_iter().map(|order| request::drafts(order, &command.input, &mut notes));
                drafts.collect::<Result<Vec<_>, _>>()
            }),
        };
        match drafts {
            Ok(drafts) => {
                read.requests.extend(drafts.into_iter().flatten().map(|draft| Request { draft, line }));
            }
            Err(reason) => read.refused.push(Refused { line, reason }),
        }
        for note in notes {
            if read.notes.len() < MOST_NOTES && !read.notes.contains(&note) {
                read.notes.push(note);
            }
        }
    }
    read.requests.truncate(MOST);
    read
}

/// The words behind `curl`, if the command is one of it. Where other words come before it, and in prose, what follows must
/// look like what curl is given.
fn arguments(command: &Command, prose: bool) -> Option<&[Vec<u8>]> {
    let at = command.words.iter().position(|word| is_curl(word))?;
    let words = &command.words[at + 1..];
    let looks = |word: &Vec<u8>| word.starts_with(b"-") || memchr::memmem::find(word, b"://").is_some();
    (at == 0 && !prose || words.iter().any(looks)).then_some(words)
}

fn is_curl(word: &[u8]) -> bool {
    let name = word.rsplit(|b| matches!(b, b'/' | b'\\')).next().unwrap_or(word);
    name.eq_ignore_ascii_case(b"curl") || name.eq_ignore_ascii_case(b"curl.exe")
}

/// Where the first `curl` stands that is a word of its own, unless the text begins with it.
fn mention(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut found = memchr::memmem::find_iter(bytes, b"curl");
    found.find(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let after = bytes.get(at + 4);
        before.is_some_and(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_' | b'.'))
            && after.is_some_and(|b| b.is_ascii_whitespace())
    })
}
