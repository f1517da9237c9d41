//! Windows: for two minutes, a page of one origin may be paired by a code that the user reads to it.

use super::Kind;
use crate::{agent::Rights, capture::recorder::now_us, config::WebOrigin, secret::Secret};
use serde::Serialize;
use std::time::{Duration, Instant};

/// How long a window is open.
pub const TIME: Duration = Duration::from_secs(120);
/// Wrong codes until it is locked.
pub const TRIES: u32 = 5;
/// Windows that are open at once.
pub const MOST: usize = 8;
/// How long one that is over is still listed, so that whoever waits learns how it ended.
const AFTERWARDS: Duration = Duration::from_secs(60);

/// As the user sees it.
#[derive(Clone, Serialize)]
pub struct OpenWindow {
    /// Its number in this run of the daemon.
    pub id: u64,
    /// Whose pages may be paired.
    pub origin: WebOrigin,
    /// What they speak.
    pub kind: Kind,
    /// How it stands.
    pub state: WindowState,
    /// The code, while it is open. Not to be logged.
    pub code: Option<String>,
    /// When it closes by itself, microseconds since the Unix epoch.
    pub expires_us: i64,
    /// Wrong codes it still takes.
    pub tries_left: u32,
    /// What will be paired may do this.
    pub rights: Rights,
    /// The pairing that came of it.
    pub pairing: Option<u64>,
}

/// How a window stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowState {
    /// The code may be tried.
    Open,
    /// A page was paired.
    Paired,
    /// The code was wrong too often.
    Locked,
    /// Its time is over.
    Expired,
    /// The user has closed it.
    Closed,
}

/// What came of a code.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// It is right, and used up.
    Right { origin: WebOrigin, rights: Rights },
    /// It is wrong.
    Wrong { tries_left: u32 },
    /// It was wrong too often before.
    Locked,
    /// There is none to be right.
    NoWindow,
    /// It is right, but nothing can come of it now.
    NoRoom,
}

struct Window {
    shown: OpenWindow,
    code: Secret,
    until: Instant,
    /// It is forgotten then.
    kept: Instant,
}

/// Those that are open, and those that lately were.
#[derive(Default)]
pub(super) struct Windows {
    last: u64,
    all: Vec<Window>,
}

impl Windows {
    /// Opens one in place of any for the same origin; `None` if too many are.
    pub(super) fn open(
        &mut self,
        (origin, kind, rights): (WebOrigin, Kind, Rights),
        code: Secret,
        now: Instant,
    ) -> Option<OpenWindow> {
        self.look(now);
        self.close_all(&origin, now);
        if self.all.iter().filter(|w| w.shown.state == WindowState::Open).count() >= MOST {
            return None;
        }
        // Those that are over are many only if the user opens and closes them all the time.
        while self.all.len() >= 4 * MOST {
            let over = self.all.iter().position(|w| w.shown.state != WindowState::Open)?;
            self.all.remove(over);
        }
        self.last += 1;
        let time = i64::try_from(TIME.as_micros()).unwrap_or(i64::MAX);
        let shown = OpenWindow {
            id: self.last,
            origin,
            kind,
            state: WindowState::Open,
            code: Some(code.reveal().to_owned()),
            expires_us: now_us().saturating_add(time),
            tries_left: TRIES,
            rights,
            pairing: None,
        };
        self.all.push(Window { shown: shown.clone(), code, until: now + TIME, kept: now + TIME + AFTERWARDS });
        Some(shown)
    }

    /// All of them, as they stand now.
    pub(super) fn list(&mut self, now: Instant) -> Vec<OpenWindow> {
        self.look(now);
        self.all.iter().map(|w| w.shown.clone()).collect()
    }

    /// Closes one; whether it was open.
    pub(super) fn close(&mut self, id: u64, now: Instant) -> bool {
        self.look(now);
        self.all.iter_mut().find(|w| w.shown.id == id).is_some_and(|w| w.end(WindowState::Closed, now))
    }

    /// Closes all of an origin.
    pub(super) fn close_all(&mut self, origin: &WebOrigin, now: Instant) {
        for window in self.all.iter_mut().filter(|w| w.shown.origin == *origin) {
            window.end(WindowState::Closed, now);
        }
    }

    /// Whether one is open.
    pub(super) fn is_open(&mut self, origin: &str, kind: Kind, now: Instant) -> bool {
        self.look(now);
        self.all.iter().any(|w| w.is_for((origin, kind)) && w.shown.state == WindowState::Open)
    }

    /// Tries a code. If it is right, the window is over, and `pairing` is what has come of it; without one it stays.
    pub(super) fn guess(&mut self, page: (&str, Kind), code: &str, pairing: Option<u64>, now: Instant) -> Guess {
        self.look(now);
        let Some(window) = self.all.iter_mut().rev().find(|w| w.is_for(page)) else { return Guess::NoWindow };
        match window.shown.state {
            WindowState::Open => {}
            WindowState::Locked => return Guess::Locked,
            _ => return Guess::NoWindow,
        }
        // Whatever is compared takes the same time, and a wrong code costs a try whatever it looks like.
        if !window.code.digest().is_of(code.as_bytes()) {
            window.shown.tries_left -= 1;
            if window.shown.tries_left == 0 {
                window.end(WindowState::Locked, now);
            }
            return Guess::Wrong { tries_left: window.shown.tries_left };
        }
        let Some(pairing) = pairing else { return Guess::NoRoom };
        window.end(WindowState::Paired, now);
        window.shown.pairing = Some(pairing);
        Guess::Right { origin: window.shown.origin.clone(), rights: window.shown.rights }
    }

    /// Lets the time be `now`.
    fn look(&mut self, now: Instant) {
        for window in self.all.iter_mut().filter(|w| w.until <= now) {
            window.end(WindowState::Expired, now);
        }
        self.all.retain(|w| w.kept > now);
    }
}

impl Window {
    fn is_for(&self, (origin, kind): (&str, Kind)) -> bool {
        self.shown.origin.as_str() == origin && self.shown.kind == kind
    }

    /// Ends it, if it is open; whether it was.
    fn end(&mut self, state: WindowState, now: Instant) -> bool {
        let was_open = self.shown.state == WindowState::Open;
        if was_open {
            (self.shown.state, self.shown.code) = (state, None);
            // One that is locked says so for as long as its code would have held.
            self.kept = self.until.max(now) + AFTERWARDS;
        }
        was_open
    }
}
