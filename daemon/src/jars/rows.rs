//! Cookies as the store has them.

use crate::cookies::{Cookie, SameSite};
use waylay_storage::model::{KeptCookie, NewCookie};

/// A cookie of the store.
pub fn cookie(kept: KeptCookie, created_us: i64) -> Cookie {
    let KeptCookie {
        name,
        value,
        domain,
        host_only,
        path,
        secure,
        http_only,
        same_site,
        partition,
        expires_us,
        guessed,
    } = kept;
    let same_site = same_site.as_deref().and_then(SameSite::from_word).unwrap_or_default();
    Cookie {
        name,
        value,
        domain,
        host_only,
        path,
        secure,
        http_only,
        same_site,
        partition,
        expires_us,
        created_us,
        guessed,
    }
}

/// The same for the store.
pub fn kept(cookie: Cookie) -> KeptCookie {
    new(cookie).cookie
}

/// The same, with when it came.
pub(super) fn new(cookie: Cookie) -> NewCookie {
    let created_us = cookie.created_us;
    let cookie = KeptCookie {
        same_site: cookie.same_site.word().map(str::to_owned),
        name: cookie.name,
        value: cookie.value,
        domain: cookie.domain,
        host_only: cookie.host_only,
        path: cookie.path,
        secure: cookie.secure,
        http_only: cookie.http_only,
        partition: cookie.partition,
        expires_us: cookie.expires_us,
        guessed: cookie.guessed,
    };
    NewCookie { cookie, created_us }
}
