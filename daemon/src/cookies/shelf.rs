//! The cookies of one site. Which of them belong to a URL by domain, path and safety is said by `cookie_store`, which has
//! an entry for each under a number of ours; what it does not know stands beside it.

use super::{Cookie, Rejected, site};
use cookie_store::{CookieStore, RawCookie};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicI64, Ordering},
};
use url::Url;

/// The cookies of one site.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    store: CookieStore,
    kept: HashMap<u64, Kept>,
}

/// A cookie and what only the jar needs to know of it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) cookie: Cookie,
    /// When it first came, among all of a jar: a new value does not change it.
    pub(super) order: u64,
    /// When it was last set or sent.
    used_us: AtomicI64,
}

impl Kept {
    /// Remembers that it is sent.
    pub(super) fn used(&self, now_us: i64) {
        self.used_us.fetch_max(now_us, Ordering::Relaxed);
    }

    /// What goes first where there is no room: what is not Secure, then what was not used for the longest time.
    pub(super) fn rank(&self) -> (bool, i64, u64) {
        (self.cookie.secure, self.used_us.load(Ordering::Relaxed), self.order)
    }
}

impl Shelf {
    /// Puts a cookie in, under a number that is not taken.
    ///
    /// # Errors
    /// If its domain is none.
    pub(super) fn put(&mut self, cookie: Cookie, order: u64, now_us: i64) -> Result<(), Rejected> {
        let url = Url::parse(&format!("https://{}/", cookie.domain)).ok();
        let url = url.filter(|url| url.host_str() == Some(&cookie.domain)).ok_or(Rejected::NoHost)?;
        let mut raw = RawCookie::build((order.to_string(), "")).path(cookie.path.clone()).secure(cookie.secure).build();
        if !cookie.host_only {
            raw.set_domain(cookie.domain.clone());
        }
        self.store.insert_raw(&raw, &url).map_err(|_| Rejected::NoHost)?;
        self.kept.insert(order, Kept { cookie, order, used_us: AtomicI64::new(now_us) });
        Ok(())
    }

    /// Takes a cookie out.
    pub(super) fn take(&mut self, order: u64) -> Option<Cookie> {
        let kept = self.kept.remove(&order)?;
        self.store.remove(&kept.cookie.domain, &kept.cookie.path, &order.to_string());
        Some(kept.cookie)
    }

    /// Those that belong to a URL by domain, path and safety, in no order; also such as are over.
    pub(super) fn matching(&self, url: &Url) -> impl Iterator<Item = &Kept> {
        // What does not leave this machine is as safe as TLS; a WebSocket begins with a request of HTTP.
        let mut asked = url.clone();
        let scheme = if site::is_safe(url) { "https" } else { "http" };
        let matches = asked.set_scheme(scheme).map(|()| self.store.matches(&asked)).unwrap_or_default();
        matches.into_iter().filter_map(|entry| self.kept.get(&entry.name().parse().ok()?))
    }

    /// All of them, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Kept> {
        self.kept.values()
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}
