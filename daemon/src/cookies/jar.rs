//! A jar of cookies in memory.

use super::{
    Asking, Cookie, Limits, Rejected, SetCookie, admission, cookie_field,
    set_cookie::Ignored,
    shelf::{Kept, Shelf},
    site,
};
use std::collections::HashMap;
use url::Url;

/// Cookies of any number of sites, bounded. Times are microseconds since 1970.
#[derive(Debug, Default)]
pub struct Jar {
    limits: Limits,
    /// By registrable host, so that a URL is compared with the cookies of its own site only.
    shelves: HashMap<String, Shelf>,
    /// Cookies in all.
    count: usize,
    /// How many ever came.
    came: u64,
}

/// What became of a `Set-Cookie` field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The cookie it makes, unless it is rejected.
    pub cookie: Option<Cookie>,
    /// What a browser does with it.
    pub outcome: Outcome,
    /// Attributes of it that have no effect.
    pub ignored: Vec<Ignored>,
    /// What had to go for it: because there was no room, or because it was only a guess at this one.
    pub evicted: Vec<Cookie>,
}

/// What a browser does with a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It keeps it.
    Stored,
    /// It keeps it in the place of this one.
    Replaced(Box<Cookie>),
    /// It is over when it comes, which takes this one away.
    Deleted(Box<Cookie>),
    /// It is over when it comes, and there was none in its place.
    Over,
    /// It ignores it.
    Rejected(Rejected),
}

impl Jar {
    /// An empty jar with the bounds of a browser.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty jar.
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes in a `Set-Cookie` field of the answer to a GET that no page made.
    pub fn set(&mut self, url: &Url, set_cookie: &[u8], now_us: i64) -> Received {
        self.receive(&Asking::plain(url), set_cookie, now_us)
    }

    /// Takes in a `Set-Cookie` field of the answer to a request.
    pub fn receive(&mut self, asking: &Asking<'_>, set_cookie: &[u8], now_us: i64) -> Received {
        let mut ignored = Vec::new();
        let admitted = SetCookie::parse(set_cookie).and_then(|mut set| {
            ignored = std::mem::take(&mut set.ignored);
            admission::admit(&set, asking, now_us)
        });
        let (cookie, (outcome, evicted)) = match admitted {
            Ok(cookie) if self.hides_secure(&cookie, asking.url, now_us) => (None, rejected(Rejected::HidesSecure)),
            Ok(cookie) => (Some(cookie.clone()), self.put(cookie, now_us)),
            Err(why) => (None, rejected(why)),
        };
        Received { cookie, outcome, ignored, evicted }
    }

    /// Puts in a cookie that was made otherwise: from a file, a store, by hand. What had to go for it is told too. One of a
    /// public suffix or an address goes to that very host only, whatever it says.
    pub fn put(&mut self, mut cookie: Cookie, now_us: i64) -> (Outcome, Vec<Cookie>) {
        if !cookie.path.starts_with('/') {
            cookie.path = "/".into();
        }
        cookie.host_only |= site::is_public_suffix(&cookie.domain) || site::is_address(&cookie.domain);
        let key = site::registrable(&cookie.domain).to_owned();
        let shelf = self.shelves.entry(key.clone()).or_default();
        let before = shelf.all().find(|kept| kept.cookie.same_place(&cookie)).map(|kept| kept.order);
        // A cookie whose scope was only guessed is known now.
        let guessed = (!cookie.guessed).then(|| {
            let covers = |kept: &&Kept| {
                let old = &kept.cookie;
                old.guessed && Some(kept.order) != before && old.name == cookie.name && cookie.reaches(&old.domain)
            };
            shelf.all().filter(covers).map(|kept| kept.order).collect::<Vec<_>>()
        });
        let mut gone: Vec<_> = guessed.unwrap_or_default().into_iter().filter_map(|order| shelf.take(order)).collect();
        self.count -= gone.len();
        let old = before.and_then(|order| shelf.take(order));
        self.count -= usize::from(old.is_some());
        // One whose time had come is not there any more.
        let old = old.filter(|old| !old.expired(now_us));
        if cookie.expired(now_us) {
            self.tidy(&key);
            return (old.map_or(Outcome::Over, |old| Outcome::Deleted(Box::new(old))), gone);
        }
        let order = match &old {
            Some(old) => {
                cookie.created_us = old.created_us;
                before.unwrap_or(self.came)
            }
            None => {
                self.came += 1;
                self.came
            }
        };
        if let Err(why) = shelf.put(cookie, order, now_us) {
            self.tidy(&key);
            return rejected(why);
        }
        self.count += 1;
        gone.extend(self.make_room(&key, order, now_us));
        (old.map_or(Outcome::Stored, |old| Outcome::Replaced(Box::new(old))), gone)
    }

    /// Takes in what a `Cookie` field shows of a jar that is not ours, say that of a browser in which somebody has logged in
    /// before: for this host, path `/`, until the session ends, marked as guessed. What is known is left alone. Those seen
    /// over TLS are taken to be Secure. Gives back what is new, or has a new value, with what became of it.
    pub fn guess(&mut self, url: &Url, cookie_field: &[u8], now_us: i64) -> Vec<Received> {
        let (asking, mut new) = (Asking::plain(url), Vec::new());
        for (name, value) in cookie_field::pairs(cookie_field) {
            if self.sent(&asking, now_us).iter().any(|known| known.name == name && !known.guessed) {
                continue;
            }
            let Ok(pair) = SetCookie::pair(name, value) else { continue };
            let set = SetCookie { secure: site::is_safe(url), path: Some(b"/"), ..pair };
            if let Ok(cookie) = admission::admit(&set, &asking, now_us) {
                let cookie = Cookie { guessed: true, ..cookie };
                let (outcome, evicted) = self.put(cookie.clone(), now_us);
                if !matches!(&outcome, Outcome::Replaced(old) if old.value == cookie.value) {
                    new.push(Received { cookie: Some(cookie), outcome, ignored: Vec::new(), evicted });
                }
            }
        }
        new
    }

    /// The cookies that go with a request, in the order in which they are sent: those of longer paths first, then those that
    /// came first. Whether they are used is remembered by [`Self::field`].
    pub fn sent(&self, asking: &Asking<'_>, now_us: i64) -> Vec<&Cookie> {
        self.going(asking, now_us).into_iter().map(|kept| &kept.cookie).collect()
    }

    /// The value of the field `Cookie` for a request, byte for byte; none without cookies.
    pub fn field(&self, asking: &Asking<'_>, now_us: i64) -> Option<Vec<u8>> {
        let going = self.going(asking, now_us);
        cookie_field::written(going.iter().inspect(|kept| kept.used(now_us)).map(|kept| &kept.cookie))
    }

    /// [`Self::field`] of a GET that no page makes, as text: bytes that are no UTF-8 are replaced by U+FFFD.
    pub fn header(&self, url: &Url, now_us: i64) -> Option<String> {
        self.field(&Asking::plain(url), now_us).map(|field| String::from_utf8_lossy(&field).into_owned())
    }

    /// Every cookie, those whose time is over too, in the order in which they came.
    pub fn cookies(&self) -> Vec<&Cookie> {
        let mut all: Vec<_> = self.shelves.values().flat_map(Shelf::all).collect();
        all.sort_unstable_by_key(|kept| kept.order);
        all.into_iter().map(|kept| &kept.cookie).collect()
    }

    /// Takes a cookie out: the one in the place of this one.
    pub fn take(&mut self, cookie: &Cookie) -> Option<Cookie> {
        let key = site::registrable(&cookie.domain).to_owned();
        let shelf = self.shelves.get_mut(&key)?;
        let order = shelf.all().find(|kept| kept.cookie.same_place(cookie))?.order;
        let taken = shelf.take(order);
        self.count -= usize::from(taken.is_some());
        self.tidy(&key);
        taken
    }

    /// How many cookies there are, those whose time is over too.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn going(&self, asking: &Asking<'_>, now_us: i64) -> Vec<&Kept> {
        let host = asking.url.host_str().unwrap_or_default();
        let Some(shelf) = self.shelves.get(site::registrable(host)) else { return Vec::new() };
        let mut going: Vec<_> = shelf
            .matching(asking.url)
            .filter(|kept| super::explain::unmatched(&kept.cookie, asking, now_us).is_none())
            .collect();
        going.sort_unstable_by_key(|kept| {
            (std::cmp::Reverse(kept.cookie.path.len()), kept.cookie.created_us, kept.order)
        });
        going
    }

    /// Whether a cookie that came over an unsafe connection would stand before a Secure one (section 5.7, step 16).
    fn hides_secure(&self, cookie: &Cookie, url: &Url, now_us: i64) -> bool {
        let Some(shelf) = self.shelves.get(site::registrable(&cookie.domain)) else { return false };
        let overlaps = |old: &Cookie| {
            old.name == cookie.name
                && old.secure
                && !old.expired(now_us)
                && (site::domain_matches(&old.domain, &cookie.domain)
                    || site::domain_matches(&cookie.domain, &old.domain))
                && super::explain::path_matches(&cookie.path, &old.path)
        };
        !cookie.secure && !site::is_safe(url) && shelf.all().any(|kept| overlaps(&kept.cookie))
    }

    /// Keeps to the bounds, without the cookie that has just come: first goes what is over, then by rank.
    fn make_room(&mut self, key: &str, newest: u64, now_us: i64) -> Vec<Cookie> {
        let Self { limits, shelves, count, .. } = self;
        let mut evicted = Vec::new();
        if let Some(shelf) = shelves.get_mut(key).filter(|shelf| shelf.len() > limits.per_site) {
            let mut ranked: Vec<_> = shelf.all().map(|kept| (rank(kept, newest, now_us), kept.order)).collect();
            ranked.sort_unstable();
            ranked.truncate(shelf.len() - limits.kept_per_site());
            evicted.extend(ranked.into_iter().filter_map(|(_, order)| shelf.take(order)));
            *count -= evicted.len();
        }
        if *count > limits.total {
            let all = shelves.iter().flat_map(|(key, shelf)| shelf.all().map(move |kept| (key, kept)));
            let mut ranked: Vec<_> =
                all.map(|(key, kept)| (rank(kept, newest, now_us), kept.order, key.clone())).collect();
            ranked.sort_unstable();
            ranked.truncate(*count - limits.kept());
            for (_, order, key) in ranked {
                let Some(shelf) = shelves.get_mut(&key) else { continue };
                evicted.extend(shelf.take(order));
                *count -= 1;
                if shelf.len() == 0 {
                    shelves.remove(&key);
                }
            }
        }
        evicted.retain(|cookie| !cookie.expired(now_us));
        evicted
    }

    /// Lets go of a shelf on which nothing is left.
    fn tidy(&mut self, key: &str) {
        if self.shelves.get(key).is_some_and(|shelf| shelf.len() == 0) {
            self.shelves.remove(key);
        }
    }
}

fn rejected(why: Rejected) -> (Outcome, Vec<Cookie>) {
    (Outcome::Rejected(why), Vec::new())
}

/// What goes first has the smallest.
fn rank(kept: &Kept, newest: u64, now_us: i64) -> (bool, bool, (bool, i64, u64)) {
    (kept.order == newest, !kept.cookie.expired(now_us), kept.rank())
}
