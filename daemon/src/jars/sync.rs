//! Cookies of some domains, taken over from what passes through the proxy: by a thread of its own behind the traffic, recorded
//! or not. The list, and whether it is used, are in the store.

use super::{
    Jars, Origin,
    change::Passing,
    cookie, lock,
    seen::{self, Asked},
};
use crate::{
    capture::{Capture, heard::Passed, recorder::now_us},
    cookies::{BadScope, Cookie, Jar, Limits, Scope},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};
use waylay_storage::{
    CookieQuery, StoreError,
    model::{CookieChange, CookieSource, ExchangeId, Head, SyncDomain},
};

/// How long heads gather before they are looked at.
const GATHER: Duration = Duration::from_millis(50);
/// The setting with whether there is sync, and into which jar.
const SETTING: &str = "cookies.sync";
/// Domains of the list, at most.
const MOST: usize = 1000;
/// Exchanges whose cookies are taken over when a domain is added: the newest that have some.
const EARLIER: usize = 5_000;

/// What keeps cookies in sync.
pub struct Sync {
    jars: Arc<Jars>,
    capture: Arc<Capture>,
    /// Held while it, or the list, is changed.
    setting: Mutex<Setting>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the user has set.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Setting {
    on: bool,
    /// The usual one if `None`, or if it is not there any more.
    jar: Option<i64>,
}

/// How sync stands.
#[derive(Clone, Debug)]
pub struct State {
    /// Whether cookies are taken over.
    pub on: bool,
    /// Into which jar.
    pub jar: i64,
    /// Those of which domains.
    pub domains: Vec<SyncDomain>,
    /// How many answers were not looked at because they came too fast, since the start.
    pub dropped: u64,
}

/// Why the list stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// What is given names no hosts.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// There are too many.
    #[error("There are {MOST} domains; more are not allowed.")]
    TooMany,
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sync {
    /// Goes on with the list as it was left.
    ///
    /// # Errors
    /// If the store cannot be read, or there can be no thread.
    pub fn start(jars: Arc<Jars>, capture: Arc<Capture>) -> Result<Arc<Self>, StoreError> {
        // What another version wrote and this one does not understand counts for nothing.
        let kept = jars.store.setting(SETTING)?.and_then(|json| serde_json::from_value(json).ok());
        let setting = kept.unwrap_or(Setting { on: true, jar: None });
        let sync = Arc::new(Self { jars, capture, setting: Mutex::new(setting), thread: Mutex::default() });
        sync.listen(setting)?;
        let worker = Arc::clone(&sync);
        let thread = thread::Builder::new().name("waylay-cookie-sync".into()).spawn(move || worker.run());
        let thread = thread.map_err(|source| StoreError::Io { path: "waylay-cookie-sync".into(), source })?;
        *lock(&sync.thread) = Some(thread);
        Ok(sync)
    }

    /// Takes in what waits, and ends.
    pub fn stop(&self) {
        self.capture.heard.stop();
        if let Some(thread) = lock(&self.thread).take() {
            // A panic there has been reported there.
            let _ = thread.join();
        }
    }

    /// How it stands. May block, as all that follows.
    ///
    /// # Errors
    /// Those of the store.
    pub fn state(&self) -> Result<State, StoreError> {
        let setting = *lock(&self.setting);
        let domains = self.jars.store.reader()?.sync_domains()?;
        let dropped = self.capture.heard.dropped();
        Ok(State { on: setting.on, jar: self.jar(setting)?, domains, dropped })
    }

    /// Begins or ends it, or has cookies go into another jar, as far as something is said.
    ///
    /// # Errors
    /// [`StoreError::NoJar`], those of the store.
    pub fn set(&self, on: Option<bool>, jar: Option<i64>) -> Result<(), StoreError> {
        let mut setting = lock(&self.setting);
        if let Some(jar) = jar
            && !self.jars.store.reader()?.has_jar(jar)?
        {
            return Err(StoreError::NoJar(jar));
        }
        let new = Setting { on: on.unwrap_or(setting.on), jar: jar.or(setting.jar) };
        self.jars.store.set_setting(SETTING, &serde_json::to_value(new).unwrap_or_default())?;
        *setting = new;
        self.jars.store.tell_of_cookie_sync();
        self.listen(new)
    }

    /// Adds a domain as [`Scope::read`] reads it; with `earlier`, cookies of it that were captured before come too, unless the
    /// jar has newer ones.
    ///
    /// # Errors
    /// Why not; then the list is as it was.
    pub fn add(&self, domain: &str, earlier: bool) -> Result<SyncDomain, SyncError> {
        let scope = Scope::read(domain)?;
        let setting = lock(&self.setting);
        let store = &self.jars.store;
        if store.reader()?.sync_domains()?.len() >= MOST {
            return Err(SyncError::TooMany);
        }
        let id = store.add_sync_domain(&scope.host, scope.subdomains)?;
        self.listen(*setting)?;
        if earlier {
            let came = self.take_over(self.jar(*setting)?, &scope)?;
            if came > 0 {
                store.note_synced(vec![(id, came, now_us())])?;
            }
        }
        let found = store.reader()?.sync_domains()?.into_iter().find(|domain| domain.id == id);
        found.ok_or(SyncError::Store(StoreError::NoSyncDomain(id)))
    }

    /// Takes a domain off the list.
    ///
    /// # Errors
    /// [`StoreError::NoSyncDomain`], those of the store.
    pub fn remove(&self, id: i64) -> Result<(), StoreError> {
        let setting = lock(&self.setting);
        self.jars.store.remove_sync_domain(id)?;
        self.listen(*setting)
    }

    /// Listens to what is on the list.
    fn listen(&self, setting: Setting) -> Result<(), StoreError> {
        let domains = if setting.on { self.jars.store.reader()?.sync_domains()? } else { Vec::new() };
        let scope = |domain: SyncDomain| (domain.id, Scope { host: domain.host, subdomains: domain.subdomains });
        self.capture.heard.listen(domains.into_iter().map(scope).collect());
        Ok(())
    }

    fn jar(&self, setting: Setting) -> Result<i64, StoreError> {
        let reader = self.jars.store.reader()?;
        match setting.jar {
            Some(jar) if reader.has_jar(jar)? => Ok(jar),
            _ => reader.default_jar(),
        }
    }

    fn run(&self) {
        while let Some(passed) = self.capture.heard.next(GATHER) {
            let count = passed.len();
            if let Err(error) = self.follow(passed) {
                self.capture.heard.lost(count);
                tracing::warn!(%error, "cookies that passed through the proxy could not be taken over");
            }
        }
    }

    fn follow(&self, passed: Vec<Passed>) -> Result<(), StoreError> {
        let setting = *lock(&self.setting);
        let (mut scopes, mut all) = (Vec::new(), Vec::new());
        for passed in passed {
            let head = Head::parse(&passed.head);
            let scheme = if passed.tls { "https" } else { "http" };
            let place = (scheme, passed.host.as_str(), passed.port);
            let Some(asked) = Asked::new(place, &passed.method, &passed.path, &head) else { continue };
            let cookies = head.values("cookie").map(|value| bytes::Bytes::copy_from_slice(value)).collect();
            let Passed { set, at_us, exchange, .. } = passed;
            all.push(Passing { asked, cookies, set, at_us, exchange });
            scopes.push(passed.scopes);
        }
        let counts = self.jars.follow(self.jar(setting)?, &all)?;
        let mut came: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for ((scopes, count), passed) in scopes.iter().zip(counts).zip(&all) {
            for id in scopes.iter().filter(|_| count > 0) {
                let (cookies, last_us) = came.entry(*id).or_default();
                *cookies += count as i64;
                *last_us = passed.at_us.max(*last_us);
            }
        }
        if came.is_empty() {
            return Ok(());
        }
        self.jars.store.note_synced(came.into_iter().map(|(id, (cookies, last))| (id, cookies, last)).collect())
    }

    /// Takes over what was captured of a domain. Gives back how many cookies have come.
    fn take_over(&self, jar: i64, scope: &Scope) -> Result<i64, StoreError> {
        let reader = self.jars.store.reader()?;
        let host = scope.host.trim_matches(['[', ']']);
        // What they come to, one after the other.
        let (mut then, mut came) = (Jar::with_limits(Limits::LARGE), HashMap::new());
        for seq in reader.exchanges_with_cookies(host, scope.subdomains, EARLIER)? {
            let Some(exchange) = reader.heads(seq)? else { continue };
            let Some((asked, cookies, set)) = seen::fields(&exchange) else { continue };
            let at_us = seen::came_us(&exchange);
            let guessed = cookies.iter().flat_map(|field| then.guess(&asked.url, field, at_us)).collect::<Vec<_>>();
            let known = set.iter().map(|field| then.receive(&asked.asking(), field, at_us)).collect::<Vec<_>>();
            for cookie in guessed.into_iter().chain(known).filter_map(|received| received.cookie) {
                came.insert(place(&cookie), (at_us, exchange.id));
            }
        }
        let rows = reader.cookies(jar, &CookieQuery { limit: usize::MAX, ..CookieQuery::default() })?;
        let there: HashMap<_, _> =
            rows.into_iter().map(|row| (place(&cookie(row.cookie, row.created_us)), row.changed_us)).collect();
        let now_us = now_us();
        let new = then.cookies().into_iter().filter(|cookie| !cookie.expired(now_us)).filter_map(|cookie| {
            let place = place(cookie);
            let (at_us, exchange) = came.get(&place)?;
            let older = there.get(&place).is_none_or(|changed| changed < at_us);
            older.then(|| taken(cookie, *exchange))
        });
        // What no browser would keep now is left out.
        let done = self.jars.put_all(jar, new.collect(), now_us)?;
        Ok((done.added + done.replaced) as i64)
    }
}

fn taken(cookie: &Cookie, exchange: ExchangeId) -> (Cookie, CookieChange, Origin) {
    let (what, source) = match cookie.guessed {
        true => (CookieChange::Guessed, CookieSource::Request),
        false => (CookieChange::Stored, CookieSource::Sync),
    };
    (cookie.clone(), what, Origin { source, exchange: Some(exchange) })
}

/// Name, domain, host only or not, path, partition.
fn place(cookie: &Cookie) -> (Vec<u8>, String, bool, String, Option<String>) {
    (cookie.name.clone(), cookie.domain.clone(), cookie.host_only, cookie.path.clone(), cookie.partition.clone())
}
