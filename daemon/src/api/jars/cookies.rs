//! `/jars/{id}/cookies`: lists of cookies, one of them, made and changed.

use super::{DOMAIN, cookie_number, number, there, with_jars};
use crate::{
    api::{
        Shared,
        error::{ApiError, shown},
        input::{Params, Payload, Segment, Segments, page, within},
    },
    capture::recorder::now_us,
    cookies::{Cookie, SameSite, site},
    jars::{JarError, Jars, Origin, cookie, seen},
    view::jar::JarCookie,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use url::Url;
use waylay_storage::{
    CookieQuery, Reader, StoreError,
    model::{CookieChange, CookieOutcome, CookieSource, ExchangeId, StoredCookie},
};

/// Cookies of a page, unless told otherwise.
const USUAL: usize = 200;
/// Most cookies of a page.
const MOST: usize = 1000;
/// Longest text that is looked for, and longest name or value, bytes.
const TEXT: usize = 4096;
/// Longest field `Set-Cookie`, and longest URL, bytes.
const FIELD: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// Those of this domain.
    domain: Option<String>,
    /// With those of the domains above it, as far as they reach it.
    reach: Option<bool>,
    /// Those with this in name, domain or path.
    q: Option<String>,
    limit: Option<usize>,
    /// Where the page before ended: its `next`.
    cursor: Option<String>,
    reveal: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reveal {
    pub(super) reveal: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct Page {
    items: Vec<JarCookie>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ListParams>,
) -> Result<Json<Page>, ApiError> {
    let id = number(&id)?;
    let limit = page(params.limit, USUAL, MOST)?;
    within("text", params.q.as_deref().unwrap_or_default(), TEXT)?;
    let query = CookieQuery {
        domain: params.domain.as_deref().map(host).transpose()?,
        reach: params.reach.unwrap_or(false),
        text: params.q,
        after: params.cursor.as_deref().map(place).transpose()?,
        limit: limit + 1,
    };
    let page = move |reader: &Reader| {
        there(reader, id)?;
        Ok::<_, ApiError>(reader.cookies(id, &query)?)
    };
    let mut found = shared.readers.with(page).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| format!("{}.{}", last.id, last.cookie.domain));
    let reveal = params.reveal.unwrap_or(false);
    Ok(Json(Page { items: found.into_iter().map(|row| JarCookie::new(row, reveal)).collect(), next }))
}

fn place(cursor: &str) -> Result<(String, i64), ApiError> {
    let place = cursor.split_once('.').and_then(|(id, domain)| Some((domain.to_owned(), id.parse().ok()?)));
    place.ok_or_else(|| {
        ApiError::bad_request("cursor is no place in this list").hint("take it from next of the page before")
    })
}

pub(super) fn host(domain: &str) -> Result<String, ApiError> {
    within("domain", domain, DOMAIN)?;
    site::host(domain).ok_or_else(|| ApiError::bad_request(format!("'{}' is no domain", shown(domain))))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Segments(id, number): Segments,
    Params(Reveal { reveal }): Params<Reveal>,
) -> Result<Json<JarCookie>, ApiError> {
    let found = found(&shared, super::number(&id)?, cookie_number(&number)?).await?;
    Ok(Json(JarCookie::new(found, reveal.unwrap_or(false))))
}

pub(super) async fn found(shared: &Shared, jar: i64, id: i64) -> Result<StoredCookie, ApiError> {
    let found = shared
        .readers
        .with(move |reader| {
            there(reader, jar)?;
            Ok::<_, ApiError>(reader.cookie(jar, id)?)
        })
        .await?;
    found.ok_or_else(|| StoreError::NoCookie(id).into())
}

/// A cookie as it is given: one of `set_cookie`, `cookie` and `event`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// A field `Set-Cookie`, beside which `url` or `domain` stands.
    set_cookie: Option<String>,
    url: Option<String>,
    domain: Option<String>,
    cookie: Option<Given>,
    /// One that was seen in an exchange.
    event: Option<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    exchange: String,
    position: i64,
}

/// Its attributes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    name: String,
    /// Of one that is changed, what is left out stays.
    value: Option<String>,
    domain: String,
    #[serde(default = "yes")]
    host_only: bool,
    #[serde(default = "root")]
    path: String,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    http_only: bool,
    same_site: Option<Word>,
    /// The site of the page it is kept for.
    partition: Option<String>,
    expires_us: Option<i64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Strict,
    Lax,
    None,
}

fn yes() -> bool {
    true
}

fn root() -> String {
    "/".to_owned()
}

impl Given {
    /// `old` is the one that is changed.
    fn read(self, old: Option<&StoredCookie>, now_us: i64) -> Result<Cookie, ApiError> {
        within("name", &self.name, TEXT)?;
        within("value", self.value.as_deref().unwrap_or_default(), TEXT)?;
        let partition = self.partition.map(|site| {
            let read = Url::parse(&site).ok().and_then(|url| site::site(&url));
            read.ok_or_else(|| ApiError::bad_request("partition is no site, such as https://example.com"))
        });
        let kept = old.map(|old| old.cookie.value.clone()).unwrap_or_default();
        Ok(Cookie {
            name: self.name.into_bytes(),
            value: self.value.map_or(kept, String::into_bytes),
            domain: host(&self.domain)?,
            host_only: self.host_only,
            path: self.path,
            secure: self.secure,
            http_only: self.http_only,
            same_site: match self.same_site {
                None => SameSite::Unset,
                Some(Word::None) => SameSite::None,
                Some(Word::Lax) => SameSite::Lax,
                Some(Word::Strict) => SameSite::Strict,
            },
            partition: partition.transpose()?,
            expires_us: self.expires_us,
            created_us: now_us,
            guessed: false,
        })
    }
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(new): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    let (id, now_us) = (number(&id)?, now_us());
    let made = match new {
        New { set_cookie: Some(field), url, domain, cookie: None, event: None } => {
            within("set_cookie", &field, FIELD)?;
            let url = came_from(url, domain)?;
            with_jars(&shared, move |jars| jars.create(id, &url, field.as_bytes(), now_us)).await?
        }
        New { set_cookie: None, url: None, domain: None, cookie: Some(given), event: None } => {
            let cookie = given.read(None, now_us)?;
            with_jars(&shared, move |jars| jars.put(id, cookie, CookieChange::Edited, now_us, Origin::USER)).await?
        }
        New { set_cookie: None, url: None, domain: None, cookie: None, event: Some(event) } => {
            let exchange = event.exchange.parse().map_err(|_| ApiError::no_exchange(&event.exchange))?;
            let cookies = shared.readers.with(move |reader| seen_in(reader, exchange, event.position, now_us)).await?;
            with_jars(&shared, move |jars| put_seen(jars, id, cookies, exchange, now_us)).await?
        }
        _ => {
            let message = "one of set_cookie (beside url or domain), cookie and event says what to add";
            return Err(ApiError::bad_request(message));
        }
    };
    Ok((StatusCode::CREATED, Json(JarCookie::new(found(&shared, id, made).await?, false))))
}

/// Where a field is taken to come from.
fn came_from(url: Option<String>, domain: Option<String>) -> Result<Url, ApiError> {
    let bad = || ApiError::bad_request("url is no http or https URL");
    match (url, domain) {
        (Some(url), None) => {
            within("url", &url, FIELD)?;
            let url = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            url.filter(|url| url.host_str().is_some_and(|host| !host.is_empty())).ok_or_else(bad)
        }
        (None, Some(domain)) => Url::parse(&format!("https://{}/", host(&domain)?)).map_err(|_| bad()),
        _ => Err(ApiError::bad_request("beside set_cookie stands either url or domain")),
    }
}

/// The cookies that an exchange showed at a place: that of a field `Set-Cookie`, or those of a field `Cookie`.
fn seen_in(reader: &Reader, exchange: ExchangeId, position: i64, now_us: i64) -> Result<Vec<Cookie>, ApiError> {
    let missing = || ApiError::from(StoreError::NoCookieEvent { exchange, position });
    let event = reader.cookie_event(exchange, position)?.ok_or_else(missing)?;
    let heads = reader.heads(event.seq)?.ok_or_else(missing)?;
    let found = seen::cookies_of(&heads, &event.raw, event.outcome == CookieOutcome::Sent, now_us);
    found.map_err(|why| ApiError::bad_request(format!("no browser would keep it: {why}")))
}

/// Gives back the number of the first.
fn put_seen(jars: &Jars, id: i64, cookies: Vec<Cookie>, exchange: ExchangeId, now_us: i64) -> Result<i64, JarError> {
    let mut first = None;
    for cookie in cookies {
        let (what, source) = match cookie.guessed {
            true => (CookieChange::Guessed, CookieSource::Request),
            false => (CookieChange::Stored, CookieSource::Sync),
        };
        let origin = Origin { source, exchange: Some(exchange) };
        let made = jars.put(id, cookie, what, now_us, origin)?;
        first = first.or(Some(made));
    }
    first.ok_or_else(|| JarError::Unfit("There is no cookie in this field.".to_owned()))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segments(id, which): Segments,
    Payload(given): Payload<Given>,
) -> Result<Json<JarCookie>, ApiError> {
    let (id, which, now_us) = (number(&id)?, cookie_number(&which)?, now_us());
    let old = found(&shared, id, which).await?;
    let mut new = given.read(Some(&old), now_us)?;
    // What cannot be written as text stays unless it is changed.
    let before = cookie(old.cookie, old.created_us);
    if String::from_utf8_lossy(&before.name).as_bytes() == new.name {
        new.name.clone_from(&before.name);
    }
    with_jars(&shared, move |jars| jars.edit(id, which, new, CookieChange::Edited, now_us, Origin::USER)).await?;
    Ok(Json(JarCookie::new(found(&shared, id, which).await?, false)))
}
