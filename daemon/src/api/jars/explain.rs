//! `/jars/{id}/explain`: which cookies would be sent to a URL, and what holds the others back.

use super::{number, with_jars};
use crate::{
    api::{
        Shared,
        error::ApiError,
        input::{Params, Segment, within},
    },
    capture::recorder::now_us,
    cookies::Asking,
    view::jar::JarCookie,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use url::Url;

/// Longest URL, bytes.
const URL: usize = 64 << 10;
/// Longest method, bytes.
const METHOD: usize = 100;
/// What stands for a value that is not told.
const MASKED: &[u8] = "••••".as_bytes();

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainParams {
    url: String,
    method: Option<String>,
    /// The page that asks; without, somebody types the URL, or a program asks.
    top_level: Option<String>,
    /// Whether the answer takes that page's place, rather than being something in it.
    navigates: Option<bool>,
    reveal: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct Explained {
    /// The field `Cookie`, values masked unless they are asked for; null where none is sent.
    field: Option<String>,
    /// In the order in which they are sent.
    sent: Vec<JarCookie>,
    held_back: Vec<Held>,
    /// How many others there are; those of other sites may not all stand in the list.
    held_back_count: usize,
}

#[derive(Serialize)]
struct Held {
    cookie: JarCookie,
    rule: &'static str,
    why: String,
}

pub(crate) async fn explain(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ExplainParams>,
) -> Result<Json<Explained>, ApiError> {
    let id = number(&id)?;
    let url = read(&params.url, "url")?;
    let page = params.top_level.as_deref().map(|page| read(page, "top_level")).transpose()?;
    let method = params.method.unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase();
    within("method", &method, METHOD)?;
    let navigates = params.navigates.unwrap_or(page.is_none());
    let reveal = params.reveal.unwrap_or(false);
    let explained = with_jars(&shared, move |jars| {
        let asking = Asking { url: &url, method: &method, page: page.as_ref(), navigates };
        jars.explain(id, &asking, now_us())
    });
    let explained = explained.await?;
    let masked = || {
        let pairs = explained.sent.iter().map(|row| {
            let (name, equals) = (&row.cookie.name[..], if row.cookie.name.is_empty() { &b""[..] } else { b"=" });
            [name, equals, MASKED].concat()
        });
        pairs.collect::<Vec<_>>().join(&b"; "[..])
    };
    let field = explained.field.clone().map(|field| if reveal { field } else { masked() });
    Ok(Json(Explained {
        field: field.map(|field| String::from_utf8_lossy(&field).into_owned()),
        held_back_count: explained.held_count,
        sent: explained.sent.into_iter().map(|row| JarCookie::new(row, reveal)).collect(),
        held_back: explained
            .held
            .into_iter()
            .map(|(row, rule)| Held { cookie: JarCookie::new(row, reveal), rule: rule.code(), why: rule.to_string() })
            .collect(),
    }))
}

fn read(text: &str, what: &str) -> Result<Url, ApiError> {
    within(what, text, URL)?;
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss"));
    url.filter(|url| url.host_str().is_some_and(|host| !host.is_empty())).ok_or_else(|| {
        ApiError::bad_request(format!("{what} is no URL of a web site"))
            .hint("give one such as https://example.com/path")
    })
}
