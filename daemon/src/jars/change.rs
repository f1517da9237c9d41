//! Cookies that come into a jar, change and go: in memory by the rules of browsers, then in the store.

use super::{Jars, cookie, rows, seen::Asked};
use crate::cookies::{Asking, Cookie, Jar, Outcome, Received, Rejected, SameSite, admission, site};
use bytes::Bytes;
use waylay_storage::{
    CookieWrite, StoreError,
    model::{CookieChange, CookieSource, ExchangeId},
};

/// Fields of one answer that are looked at.
const FIELDS: usize = 256;

/// Where a cookie comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// By which way.
    pub source: CookieSource,
    /// The exchange that sets it.
    pub exchange: Option<ExchangeId>,
}

/// What has passed of cookies.
pub(super) struct Passing {
    /// With which request.
    pub(super) asked: Asked,
    /// Its fields `Cookie`.
    pub(super) cookies: Vec<Bytes>,
    /// The fields `Set-Cookie` of its answer.
    pub(super) set: Vec<Bytes>,
    /// When, microseconds since the Unix epoch.
    pub(super) at_us: i64,
    /// Its row, where it has one.
    pub(super) exchange: Option<ExchangeId>,
}

/// What came of cookies that were put in together.
#[derive(Debug, Default)]
pub(super) struct PutIn {
    /// How many are new.
    pub(super) added: usize,
    /// How many took the place of another.
    pub(super) replaced: usize,
    /// Which were refused, by number, and why.
    pub(super) refused: Vec<(usize, JarError)>,
}

impl Origin {
    /// Somebody makes or changes it.
    pub const USER: Self = Self { source: CookieSource::User, exchange: None };
}

/// Why a jar stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum JarError {
    /// No browser would keep it.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Its time is over.
    #[error("Its end has passed.")]
    Over,
    /// What is given makes no cookie: a sentence.
    #[error("{0}")]
    Unfit(String),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Jars {
    /// Takes in the fields `Set-Cookie` of the answer to a request.
    ///
    /// # Errors
    /// Those of the store; [`StoreError::NoJar`].
    pub fn receive<'a>(
        &self,
        id: i64,
        asking: &Asking<'_>,
        fields: impl Iterator<Item = &'a [u8]>,
        now_us: i64,
        origin: Origin,
    ) -> Result<Vec<Received>, StoreError> {
        self.with(id, |jar| {
            let all: Vec<_> = fields.take(FIELDS).map(|field| jar.receive(asking, field, now_us)).collect();
            let writes: Vec<_> = all.iter().flat_map(|received| writes(received, now_us, origin, None)).collect();
            self.store.write_cookies(id, &writes)?;
            Ok(all)
        })
    }

    /// Takes in what has passed, in order. Gives back how many cookies were new or had a new value, for each.
    ///
    /// # Errors
    /// Those of the store; [`StoreError::NoJar`].
    pub(super) fn follow(&self, id: i64, passed: &[Passing]) -> Result<Vec<usize>, StoreError> {
        self.with(id, |jar| {
            let (mut counts, mut all) = (Vec::new(), Vec::new());
            for Passing { asked, cookies, set, at_us, exchange } in passed {
                let before = all.len();
                let guessed = Origin { source: CookieSource::Request, exchange: *exchange };
                for new in cookies.iter().take(FIELDS).flat_map(|field| jar.guess(&asked.url, field, *at_us)) {
                    all.extend(writes(&new, *at_us, guessed, Some(CookieChange::Guessed)));
                }
                let known = Origin { source: CookieSource::Sync, exchange: *exchange };
                for field in set.iter().take(FIELDS) {
                    all.extend(writes(&jar.receive(&asked.asking(), field, *at_us), *at_us, known, None));
                }
                counts.push(all.len() - before);
            }
            self.store.write_cookies(id, &all)?;
            Ok(counts)
        })
    }

    /// Puts a cookie in that somebody has written as a field `Set-Cookie` of `url`. Gives back its number.
    ///
    /// # Errors
    /// Why it is not kept.
    pub fn create(&self, id: i64, url: &url::Url, set_cookie: &[u8], now_us: i64) -> Result<i64, JarError> {
        self.with(id, |jar| {
            let received = jar.receive(&Asking::plain(url), set_cookie, now_us);
            match &received.outcome {
                Outcome::Rejected(why) => return Err(why.clone().into()),
                Outcome::Over | Outcome::Deleted(_) => return Err(JarError::Over),
                Outcome::Stored | Outcome::Replaced(_) => {}
            }
            self.written(id, &writes(&received, now_us, Origin::USER, Some(CookieChange::Edited)))
        })
    }

    /// Puts a cookie in. Gives back its number.
    ///
    /// # Errors
    /// Why it is not kept.
    pub fn put(
        &self,
        id: i64,
        cookie: Cookie,
        what: CookieChange,
        now_us: i64,
        origin: Origin,
    ) -> Result<i64, JarError> {
        check(&cookie, now_us)?;
        self.with(id, |jar| {
            let writes = put(jar, cookie, what, now_us, origin)?;
            self.written(id, &writes)
        })
    }

    /// Puts another in the place of a cookie, which may be another place.
    ///
    /// # Errors
    /// [`StoreError::NoCookie`]; why it is not kept.
    pub fn edit(
        &self,
        id: i64,
        number: i64,
        new: Cookie,
        what: CookieChange,
        now_us: i64,
        origin: Origin,
    ) -> Result<(), JarError> {
        check(&new, now_us)?;
        self.with(id, |jar| {
            let old = self.store.reader()?.cookie(id, number)?.ok_or(StoreError::NoCookie(number))?;
            let old = cookie(old.cookie, old.created_us);
            jar.take(&old);
            let new = Cookie { created_us: old.created_us, ..new };
            let mut writes = put(jar, new, what, now_us, origin)?;
            let others = writes.split_off(1);
            for change in writes {
                self.store.edit_cookie(id, number, change)?;
            }
            self.store.write_cookies(id, &others)?;
            Ok(())
        })
    }

    /// Puts many in. Gives back how many are new, how many took the place of another, and which were refused, by number.
    ///
    /// # Errors
    /// Those of the store; [`StoreError::NoJar`].
    pub(super) fn put_all(
        &self,
        id: i64,
        cookies: Vec<(Cookie, CookieChange, Origin)>,
        now_us: i64,
    ) -> Result<PutIn, StoreError> {
        self.with(id, |jar| {
            let (mut done, mut all) = (PutIn::default(), Vec::new());
            for (number, (cookie, what, origin)) in cookies.into_iter().enumerate() {
                let before = jar.len();
                match check(&cookie, now_us).and_then(|()| put(jar, cookie, what, now_us, origin)) {
                    Ok(writes) => {
                        // What is written besides went for it.
                        let new = jar.len() + writes.len() - 1 > before;
                        *(if new { &mut done.added } else { &mut done.replaced }) += 1;
                        all.extend(writes);
                    }
                    Err(why) => done.refused.push((number, why)),
                }
            }
            self.store.write_cookies(id, &all)?;
            Ok(done)
        })
    }

    fn written(&self, id: i64, writes: &[CookieWrite]) -> Result<i64, JarError> {
        let ids = self.store.write_cookies(id, writes)?;
        ids.first().copied().flatten().ok_or(JarError::Over)
    }
}

/// Holds a cookie that was made otherwise than by a server to what a browser keeps.
///
/// # Errors
/// Why not.
pub fn check(cookie: &Cookie, now_us: i64) -> Result<(), JarError> {
    admission::check(cookie)?;
    let bad = |byte: u8| byte.is_ascii_control() || byte == b';';
    if !cookie.path.starts_with('/') || cookie.path.bytes().any(bad) || cookie.path.len() > 1024 {
        let why = "Its path does not begin with a slash, has a ; or a control character, or more than 1024 bytes.";
        return Err(JarError::Unfit(why.to_owned()));
    }
    if site::host(&cookie.domain).as_deref() != Some(&cookie.domain) {
        return Err(JarError::Unfit("Its domain is none.".to_owned()));
    }
    if !cookie.host_only && site::is_public_suffix(&cookie.domain) {
        return Err(Rejected::PublicSuffix { domain: cookie.domain.clone() }.into());
    }
    if cookie.same_site == SameSite::None && !cookie.secure {
        return Err(Rejected::NoneWithoutSecure.into());
    }
    if cookie.partition.is_some() && !cookie.secure {
        return Err(Rejected::PartitionedWithoutSecure.into());
    }
    if cookie.expired(now_us) { Err(JarError::Over) } else { Ok(()) }
}

/// In memory. The first of what is to be written is the cookie itself.
fn put(
    jar: &mut Jar,
    cookie: Cookie,
    what: CookieChange,
    now_us: i64,
    origin: Origin,
) -> Result<Vec<CookieWrite>, JarError> {
    let (outcome, evicted) = jar.put(cookie.clone(), now_us);
    if let Outcome::Rejected(why) = outcome {
        return Err(why.into());
    }
    let received = Received { cookie: Some(cookie), outcome, ignored: Vec::new(), evicted };
    Ok(writes(&received, now_us, origin, Some(what)))
}

/// What the store is told of: the cookie first, then what went for it.
fn writes(received: &Received, at_us: i64, origin: Origin, named: Option<CookieChange>) -> Vec<CookieWrite> {
    let Origin { source, exchange } = origin;
    let Some(cookie) = &received.cookie else { return Vec::new() };
    let (what, created_us) = match &received.outcome {
        Outcome::Stored => (named.unwrap_or(CookieChange::Stored), cookie.created_us),
        Outcome::Replaced(old) => (named.unwrap_or(CookieChange::Replaced), old.created_us),
        // It may stand in the store still, though its time had come.
        Outcome::Deleted(_) | Outcome::Over => (CookieChange::Deleted, cookie.created_us),
        Outcome::Rejected(_) => return Vec::new(),
    };
    let host_only = cookie.host_only || site::is_public_suffix(&cookie.domain) || site::is_address(&cookie.domain);
    let new = rows::new(Cookie { created_us, host_only, ..cookie.clone() });
    let gone = |cookie: &Cookie| CookieWrite {
        new: rows::new(cookie.clone()),
        what: CookieChange::Evicted,
        at_us,
        source,
        exchange: None,
    };
    let first = CookieWrite { new, what, at_us, source, exchange };
    std::iter::once(first).chain(received.evicted.iter().map(gone)).collect()
}
