//! What an exchange says of cookies, and what the jar of its session makes of it.

use crate::cookies::{Asking, Cookie, Jar, Outcome, Rejected, SetCookie, admission};
use bytes::Bytes;
use url::Url;
use waylay_storage::model::{CookieEvent, CookieOutcome, Exchange, Head};

/// Events of one exchange; more are not looked at.
pub const EVENTS: usize = 256;

/// A request, as far as cookies depend on it.
pub struct Asked {
    /// Where it went.
    pub url: Url,
    method: String,
    page: Option<Url>,
    navigates: bool,
}

impl Asked {
    /// From what is known of it; `None` if it went to no host.
    pub fn new((scheme, host, port): (&str, &str, u16), method: &str, path: &str, head: &Head) -> Option<Self> {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let base = Url::parse(&format!("{scheme}://{host}:{port}/")).ok()?;
        // A path of another form (`*`) has no folder of its own.
        let url = base.join(path).ok().filter(|url| url.origin() == base.origin()).unwrap_or(base);
        Some(Self { url, method: method.to_owned(), page: page(head), navigates: navigates(head) })
    }

    /// The same for a jar.
    pub fn asking(&self) -> Asking<'_> {
        Asking { url: &self.url, method: &self.method, page: self.page.as_ref(), navigates: self.navigates }
    }

    fn of(exchange: &Exchange, request: &Head) -> Option<Self> {
        let place = (exchange.scheme.word(), exchange.host.as_str(), exchange.port);
        Self::new(place, &exchange.method, &exchange.path, request)
    }
}

/// The cookies of an exchange, and what its session's jar makes of them.
pub fn events(jar: &mut Jar, exchange: &Exchange) -> Vec<CookieEvent> {
    events_until(jar, exchange, i64::MAX)
}

/// [`events`] that had passed by a time, microseconds since the Unix epoch.
pub(super) fn events_until(jar: &mut Jar, exchange: &Exchange, until_us: i64) -> Vec<CookieEvent> {
    let (request, response) = (Head::parse(&exchange.request_head), Head::parse(&exchange.response_head));
    let Some(asked) = Asked::of(exchange, &request) else { return Vec::new() };
    let sent = request.values("cookie").map(|raw| (exchange.started_us, raw, true));
    let came_us = came_us(exchange);
    let set = response.values("set-cookie").map(|raw| (came_us, raw, false));
    let mut events = Vec::new();
    for (position, (at_us, raw, is_sent)) in (0..).zip(sent.chain(set).take(EVENTS)) {
        if at_us > until_us {
            break;
        }
        let (outcome, reason) = if is_sent {
            jar.guess(&asked.url, raw, at_us);
            (CookieOutcome::Sent, None)
        } else {
            outcome(jar.receive(&asked.asking(), raw, at_us).outcome)
        };
        let host = exchange.host.clone();
        // The head it stands in is not held on to.
        let raw = Bytes::copy_from_slice(raw);
        events.push(CookieEvent {
            seq: exchange.seq,
            exchange: exchange.id,
            position,
            at_us,
            host,
            outcome,
            reason,
            raw,
        });
    }
    events
}

/// When the head of the answer came, microseconds since the Unix epoch.
pub(super) fn came_us(exchange: &Exchange) -> i64 {
    exchange.started_us + exchange.timings.head_us.unwrap_or(0)
}

/// The request of an exchange, and its fields `Cookie` and `Set-Cookie`.
pub(super) fn fields(exchange: &Exchange) -> Option<(Asked, Vec<Bytes>, Vec<Bytes>)> {
    let (request, response) = (Head::parse(&exchange.request_head), Head::parse(&exchange.response_head));
    let of = |head: &Head, name: &str| head.values(name).map(|value| Bytes::copy_from_slice(value)).collect();
    Some((Asked::of(exchange, &request)?, of(&request, "cookie"), of(&response, "set-cookie")))
}

fn outcome(outcome: Outcome) -> (CookieOutcome, Option<(String, String)>) {
    match outcome {
        Outcome::Stored => (CookieOutcome::Stored, None),
        Outcome::Replaced(_) => (CookieOutcome::Replaced, None),
        Outcome::Deleted(_) => (CookieOutcome::Deleted, None),
        Outcome::Over => (CookieOutcome::Over, None),
        Outcome::Rejected(why) => (CookieOutcome::Rejected, Some((why.code().into(), why.to_string()))),
    }
}

/// The page of another site that asks, as far as a browser tells: it says whether there is one, and often which. Clients that
/// say nothing are no pages.
fn page(request: &Head) -> Option<Url> {
    if request.value("sec-fetch-site").is_none_or(|site| !site.eq_ignore_ascii_case(b"cross-site")) {
        return None;
    }
    let named = ["origin", "referer"].into_iter().filter_map(|name| request.value(name));
    let mut urls = named.filter_map(|url| Url::parse(std::str::from_utf8(url).ok()?).ok());
    // Of no site, if it does not say.
    urls.next().or_else(|| Url::parse("about:blank").ok())
}

/// Whether the answer takes the place of a page.
fn navigates(request: &Head) -> bool {
    let is = |name: &str, word: &[u8]| request.value(name).is_none_or(|value| value.eq_ignore_ascii_case(word));
    is("sec-fetch-mode", b"navigate") && is("sec-fetch-dest", b"document")
}

/// The cookies of one field of an exchange as they go into a jar: that of a `Set-Cookie`, or those of a `Cookie`, whose scope is
/// a guess.
///
/// # Errors
/// Why a browser would not keep it.
pub fn cookies_of(exchange: &Exchange, raw: &[u8], is_sent: bool, now_us: i64) -> Result<Vec<Cookie>, Rejected> {
    let Some((asked, ..)) = fields(exchange) else { return Err(Rejected::NoHost) };
    let mut jar = Jar::new();
    if is_sent {
        return Ok(jar.guess(&asked.url, raw, now_us).into_iter().filter_map(|new| new.cookie).collect());
    }
    let set = SetCookie::parse(raw)?;
    Ok(vec![admission::admit(&set, &asked.asking(), now_us)?])
}
