//! One-time codes, and the browser sessions they open. All of it is in memory: a new daemon knows no browser.

use crate::secret::{Digest, Secret};
use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

/// How long a code can be used.
pub(crate) const CODE_LIFE: Duration = Duration::from_secs(600);
/// How long a browser session lives without a request.
const IDLE_LIFE: Duration = Duration::from_secs(14 * 24 * 3600);
/// Codes that can be open at once; the oldest gives way.
const CODES: usize = 16;
/// Browser sessions; the one that has been idle longest gives way.
const PAGES: usize = 32;

/// The codes and sessions of one daemon.
#[derive(Default)]
pub(crate) struct Logins {
    codes: VecDeque<Code>,
    /// The one used last at the back.
    pages: VecDeque<Page>,
}

struct Code {
    digest: Digest,
    until: Instant,
}

struct Page {
    cookie: Digest,
    csrf: Secret,
    used: Instant,
}

/// What a browser gets for a code.
pub(crate) struct Admission {
    /// For the `HttpOnly` cookie.
    pub(crate) cookie: Secret,
    /// For the page itself.
    pub(crate) csrf: Secret,
}

impl Logins {
    /// A new code, good for one login within [`CODE_LIFE`].
    pub(crate) fn code(&mut self, now: Instant) -> io::Result<Secret> {
        let code = Secret::random()?;
        self.codes.retain(|c| c.until > now);
        if self.codes.len() == CODES {
            self.codes.pop_front();
        }
        self.codes.push_back(Code { digest: code.digest(), until: now + CODE_LIFE });
        Ok(code)
    }

    /// Uses a code up; `None` if it is unknown, used or too old.
    pub(crate) fn redeem(&mut self, code: &[u8], now: Instant) -> io::Result<Option<Admission>> {
        let Some(at) = self.codes.iter().position(|c| c.digest.is_of(code)) else { return Ok(None) };
        let code = self.codes.remove(at);
        if code.is_none_or(|c| c.until <= now) {
            return Ok(None);
        }
        let admission = Admission { cookie: Secret::random()?, csrf: Secret::random()? };
        if self.pages.len() == PAGES {
            self.pages.pop_front();
        }
        let (cookie, csrf) = (admission.cookie.digest(), admission.csrf.clone());
        self.pages.push_back(Page { cookie, csrf, used: now });
        Ok(Some(admission))
    }

    /// The write token of the session a cookie stands for.
    pub(crate) fn page(&mut self, cookie: &[u8], now: Instant) -> Option<Secret> {
        self.pages.retain(|p| now.saturating_duration_since(p.used) < IDLE_LIFE);
        let at = self.pages.iter().position(|p| p.cookie.is_of(cookie))?;
        let mut page = self.pages.remove(at)?;
        page.used = now;
        let csrf = page.csrf.clone();
        self.pages.push_back(page);
        Some(csrf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_one_session_and_is_used_up() {
        let (mut logins, now) = (Logins::default(), Instant::now());
        let code = logins.code(now).unwrap();
        assert!(logins.redeem(b"", now).unwrap().is_none());
        let admission = logins.redeem(code.reveal().as_bytes(), now).unwrap().unwrap();
        assert!(logins.redeem(code.reveal().as_bytes(), now).unwrap().is_none(), "a code is good for one login");
        assert_eq!(logins.page(admission.cookie.reveal().as_bytes(), now), Some(admission.csrf.clone()));
        assert_eq!(logins.page(admission.csrf.reveal().as_bytes(), now), None, "the write token is no cookie");
    }

    #[test]
    fn codes_and_sessions_grow_old() {
        let (mut logins, now) = (Logins::default(), Instant::now());
        let (early, late) = (logins.code(now).unwrap(), logins.code(now).unwrap());
        let just_before = now + CODE_LIFE - Duration::from_secs(1);
        let admission = logins.redeem(early.reveal().as_bytes(), just_before).unwrap().unwrap();
        assert!(logins.redeem(late.reveal().as_bytes(), now + CODE_LIFE).unwrap().is_none());
        let cookie = admission.cookie.reveal().as_bytes();
        let used = just_before + IDLE_LIFE - Duration::from_secs(1);
        assert!(logins.page(cookie, used).is_some());
        assert!(logins.page(cookie, used + IDLE_LIFE - Duration::from_secs(1)).is_some(), "use keeps it alive");
        assert!(logins.page(cookie, used + 3 * IDLE_LIFE).is_none());
    }

    #[test]
    fn both_are_bounded_and_the_oldest_gives_way() {
        let (mut logins, now) = (Logins::default(), Instant::now());
        let codes: Vec<Secret> = (0..=CODES).map(|_| logins.code(now).unwrap()).collect();
        assert!(logins.redeem(codes[0].reveal().as_bytes(), now).unwrap().is_none());
        let mut admit = || {
            let code = logins.code(now).unwrap();
            logins.redeem(code.reveal().as_bytes(), now).unwrap().unwrap().cookie
        };
        let cookies: Vec<Secret> = (0..=PAGES).map(|_| admit()).collect();
        assert!(logins.page(cookies[0].reveal().as_bytes(), now).is_none());
        assert!(logins.page(cookies[1].reveal().as_bytes(), now).is_some());
    }
}
