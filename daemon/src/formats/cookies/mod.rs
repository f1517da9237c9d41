//! Cookies in files of other tools.
//!
//! - [`netscape`]: cookies.txt, of curl, wget, yt-dlp, Python
//! - [`storage_state`]: Playwright's storage state
//! - [`cookie_editor`]: the lists of Cookie-Editor and EditThisCookie
//! - `fields`: what the two in JSON have in common

pub mod cookie_editor;
mod fields;
pub mod netscape;
pub mod storage_state;
#[cfg(test)]
mod tests;

use crate::cookies::{Cookie, admission};

/// Cookies that one file can have; what is behind them is left out.
pub const MAX_COOKIES: usize = 200_000;

/// Places without a cookie that are told of.
const MAX_BAD: usize = 1_000;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// In order. What is not in the file is as where nothing is said: no `SameSite`, kept until the session ends.
    pub cookies: Vec<Cookie>,
    /// Where there should be a cookie and is none, the first 1,000 of them.
    pub bad: Vec<Bad>,
    /// How many such places there are.
    pub bad_count: usize,
    /// What was not taken over besides, in sentences.
    pub notes: Vec<String>,
}

/// A place in a file that holds no cookie. It says nothing of values, which are secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// `line 5`, or a path in JSON: `$.cookies[4]`.
    pub place: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCookies {
    /// It begins like JSON and is none.
    #[error("The file is no JSON: {reason} (line {line}, column {column}).")]
    NotJson {
        /// What does not fit.
        reason: String,
        /// Where, from 1.
        line: usize,
        /// Where, bytes from 1.
        column: usize,
    },
    /// It is JSON of another kind.
    #[error("There are no cookies in this JSON: {0}.")]
    OtherJson(&'static str),
    /// It has lines, and none of them is a cookie.
    #[error("This is no cookies.txt: none of its lines is a cookie. The first that is none is {place}: {reason}")]
    NoLine {
        /// Which.
        place: String,
        /// Why, as a sentence.
        reason: String,
    },
}

/// What became of cookies on their way into a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub bytes: Vec<u8>,
    /// Cookies that the form has no way to write, each as a sentence.
    pub left_out: Vec<String>,
}

/// Reads a file of any of the forms; `now_us` is when its cookies came.
///
/// # Errors
/// If it is of none of them.
pub fn read(bytes: &[u8], now_us: i64) -> Result<Read, NotCookies> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.trim_ascii_start().first() {
        Some(b'{') => storage_state::read(bytes, now_us),
        Some(b'[') => cookie_editor::read(bytes, now_us),
        _ => netscape::read(bytes, now_us),
    }
}

impl Read {
    /// Takes in what stands at a place.
    fn take(&mut self, place: impl FnOnce() -> String, cookie: Result<Cookie, String>) {
        let checked = cookie.and_then(|cookie| admission::check(&cookie).map(|()| cookie).map_err(|e| e.to_string()));
        match checked {
            Ok(cookie) if self.cookies.len() < MAX_COOKIES => self.cookies.push(cookie),
            Ok(_) => self.refuse(place, format!("There are more than {MAX_COOKIES} cookies.")),
            Err(reason) => self.refuse(place, reason),
        }
    }

    fn refuse(&mut self, place: impl FnOnce() -> String, reason: String) {
        self.bad_count += 1;
        if self.bad.len() < MAX_BAD {
            self.bad.push(Bad { place: place(), reason });
        }
    }
}

impl Written {
    fn leave_out(&mut self, cookie: &Cookie, reason: &str) {
        let name = String::from_utf8_lossy(&cookie.name);
        self.left_out.push(format!("The cookie {name:?} of {} {reason}.", cookie.domain));
    }
}

fn json(bytes: &[u8]) -> Result<serde_json::Value, NotCookies> {
    serde_json::from_slice(bytes).map_err(|e| {
        let reason = e.to_string();
        let reason = reason.rsplit_once(" at line").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
        NotCookies::NotJson { reason, line: e.line(), column: e.column() }
    })
}
