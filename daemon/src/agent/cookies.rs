//! The jar that a send uses: asked anew for each hop, and told of what each answer sets.

use super::{JarChoice, JarRight, Order, SendError, ready::Ready, route::blocking};
use crate::{
    capture::recorder::now_us,
    cookies::{Asking, Jar, cookie_field},
    jars::{Jars, Origin},
    request::headers::Line,
};
use http::{HeaderMap, header};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;
use waylay_storage::{
    StoreError,
    model::{CookieSource, ExchangeId},
};

/// Where the cookies of a send come from, and where those of its answers go.
#[derive(Clone, Default)]
pub(super) enum Cookies {
    /// None are sent, none are kept.
    #[default]
    None,
    /// A jar that is kept.
    Kept(Arc<Jars>, i64),
    /// A jar as it was, for this send alone. Its clock goes so much behind ours, microseconds.
    Then(Arc<Mutex<Jar>>, i64),
}

impl Cookies {
    /// The jar of an order; why there is none such.
    pub(super) fn of(jars: &Arc<Jars>, order: &Order) -> Result<Result<Self, SendError>, StoreError> {
        // Whatever a page asks for, of the jars that are kept it has its own, or the user's usual one.
        let guest = order.guest.as_deref();
        let jar = match order.jar {
            JarChoice::Number(_) if guest.is_some() => JarChoice::Default,
            jar => jar,
        };
        let id = match jar {
            JarChoice::None => return Ok(Ok(Self::None)),
            JarChoice::Fresh => return Ok(Ok(Self::Then(Arc::default(), 0))),
            JarChoice::Default => match guest {
                Some(page) if page.rights.jar == JarRight::Own => match jars.for_pairing(&page.origin) {
                    Ok(id) => id,
                    Err(error @ StoreError::TooManyJars(_)) => return Ok(Err(no_room(&error))),
                    Err(error) => return Err(error),
                },
                _ => jars.usual()?,
            },
            JarChoice::Number(id) => id,
        };
        let Some(exchange) = order.as_of.filter(|_| guest.is_none()) else {
            let there = jars.is_there(id)?;
            return Ok(if there { Ok(Self::Kept(Arc::clone(jars), id)) } else { Err(no_jar(id)) });
        };
        let named = (jar != JarChoice::Default).then_some(id);
        match jars.begin_with(named, Some(exchange)) {
            Ok((jar, at_us)) => {
                let behind = at_us.map_or(0, |at| now_us() - at);
                Ok(Ok(Self::Then(Arc::new(Mutex::new(jar)), behind)))
            }
            Err(StoreError::NoJar(id)) => Ok(Err(no_jar(id))),
            Err(StoreError::NoExchange(id)) => Ok(Err(no_exchange(id))),
            Err(error) => Err(error),
        }
    }

    /// The request with the cookies of the jar, and what should be known about it. Those that are written by hand are sent
    /// beside them, in one field.
    pub(super) async fn give(&self, ready: &Ready) -> Result<(Vec<Line>, Vec<String>), SendError> {
        let asked = ready.base().filter(|_| ready.takes_cookies);
        let field = match asked {
            Some(url) => self.field(url, ready.method.clone()).await?,
            None => None,
        };
        Ok(with_field(&ready.lines, field))
    }

    async fn field(&self, url: Url, method: String) -> Result<Option<Vec<u8>>, SendError> {
        let asking = |url: &Url, jar: &Jar, now: i64| jar.field(&Asking { method: &method, ..Asking::plain(url) }, now);
        match self {
            Self::None => Ok(None),
            Self::Then(jar, behind) => {
                let jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(asking(&url, &jar, now_us() - behind))
            }
            Self::Kept(jars, id) => {
                let (jars, id) = (Arc::clone(jars), *id);
                blocking(move || {
                    let asking = Asking { method: &method, ..Asking::plain(&url) };
                    jars.field(id, &asking, now_us()).map_err(|e| {
                        SendError::new("store", "no cookies", format!("The cookie jar cannot be read: {e}."), "")
                    })
                })
                .await
            }
        }
    }

    /// Takes in what an answer sets. A warning if that could not be kept.
    pub(super) async fn keep(&self, ready: &Ready, exchange: ExchangeId, answer: &HeaderMap) -> Option<String> {
        let set: Vec<Vec<u8>> = answer.get_all(header::SET_COOKIE).iter().map(|v| v.as_bytes().to_vec()).collect();
        let url = ready.base().filter(|_| !set.is_empty())?;
        let method = ready.method.clone();
        match self {
            Self::None => None,
            Self::Then(jar, behind) => {
                let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
                for field in &set {
                    jar.receive(&Asking { method: &method, ..Asking::plain(&url) }, field, now_us() - behind);
                }
                None
            }
            Self::Kept(jars, id) => {
                let (jars, id) = (Arc::clone(jars), *id);
                let kept = blocking(move || {
                    let asking = Asking { method: &method, ..Asking::plain(&url) };
                    let origin = Origin { source: CookieSource::Response, exchange: Some(exchange) };
                    let kept = jars.receive(id, &asking, set.iter().map(Vec::as_slice), now_us(), origin);
                    kept.map(drop).map_err(|e| {
                        SendError::new(
                            "store",
                            "not kept",
                            format!("The cookies of the answer could not be kept: {e}."),
                            "",
                        )
                    })
                });
                kept.await.err().map(|error| error.message)
            }
        }
    }
}

/// A request with the jar's cookies in it. What is written by hand comes behind them, in the same field; a name that both have
/// is the jar's, as Postman has it.
fn with_field(lines: &[Line], jar: Option<Vec<u8>>) -> (Vec<Line>, Vec<String>) {
    let Some(jar) = jar else { return (lines.to_vec(), Vec::new()) };
    let is_cookie = |line: &&Line| line.key.eq_ignore_ascii_case("cookie");
    let (value, both) = cookie_field::merged(&jar, lines.iter().filter(is_cookie).map(|line| &line.value[..]));
    let written = lines.iter().find(is_cookie);
    let key = written.map_or_else(|| "Cookie".to_owned(), |line| line.key.clone());
    let place = lines.iter().position(|line| is_cookie(&line) || written.is_none() && !line.automatic);
    let mut all: Vec<Line> = lines.iter().filter(|line| !is_cookie(line)).cloned().collect();
    let line = Line { key, value, automatic: true, removable: true };
    all.insert(place.unwrap_or(all.len()).min(all.len()), line);
    let warn = |name: &Vec<u8>| {
        let name = String::from_utf8_lossy(name);
        format!(
            "The cookie {name:?} that is written by hand was left out: the jar has one of this name. Change it there, or send without the jar."
        )
    };
    (all, both.iter().map(warn).collect())
}

fn no_jar(id: i64) -> SendError {
    let hint = "choose another; `waylay cookies jars` shows them";
    SendError::new("settings", "no jar", format!("There is no cookie jar {id}."), hint)
}

fn no_room(error: &StoreError) -> SendError {
    let hint = "the user can delete jars that are not needed any more";
    SendError::new("settings", "no jar", format!("No jar can be made for this page: {error}."), hint)
}

fn no_exchange(id: ExchangeId) -> SendError {
    let message = format!("There is no exchange {id}, as of which the cookies were to be.");
    SendError::new("settings", "no exchange", message, "name one that is there, such as 7.42")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_by_hand_is_sent_beside_the_jars_in_one_field() {
        let line = |key: &str, value: &str, automatic| Line {
            key: key.into(),
            value: value.into(),
            automatic,
            removable: true,
        };
        for (jar, written, sent, both) in [
            (None, &["c=3", "d=4"][..], "A:1 B:2 cookie:c=3 cookie:d=4", 0),
            (Some("a=1; b=2"), &[], "A:1 Cookie:a=1; b=2 B:2", 0),
            (Some("a=1"), &["c=3"], "A:1 B:2 cookie:a=1; c=3", 0),
            (Some("a=1; x"), &["c=3; a=9", "d=4; y"], "A:1 B:2 cookie:a=1; x; c=3; d=4", 2),
        ] {
            let fields = written.iter().map(|value| line("cookie", value, false));
            let lines: Vec<_> = [line("A", "1", true), line("B", "2", false)].into_iter().chain(fields).collect();
            let (all, warnings) = with_field(&lines, jar.map(|jar| jar.as_bytes().to_vec()));
            let all: Vec<_> = all.iter().map(|l| format!("{}:{}", l.key, String::from_utf8_lossy(&l.value))).collect();
            assert_eq!((all.join(" ").as_str(), warnings.len()), (sent, both), "{jar:?} {written:?}");
        }
    }
}
