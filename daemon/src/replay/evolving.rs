//! Cookies that change as the replay goes: captured requests bring theirs, and what answers set takes the place of that, by the rules
//! of a browser's jar (RFC 6265bis).
//!
//! Places are told by the captured URLs, so that cookies of a domain stay together when another server stands in for it.

use crate::{
    cookies::{Asking, Cookie, Jar, Outcome, cookie_field},
    request::{Draft, Field},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use url::Url;
use waylay_storage::model::Head;

/// The cookies of a replay.
#[derive(Debug, Default)]
pub struct Evolving {
    /// What answers have set.
    set: Jar,
    /// What answers have taken away: it is not sent although it was captured.
    gone: Jar,
}

impl Evolving {
    /// Begins with the cookies of a jar.
    pub fn from_jar(jar: Jar) -> Self {
        Self { set: jar, ..Self::default() }
    }

    /// Takes in the cookies that the answer to a request for `url` sets.
    pub fn learn(&mut self, url: &Url, head: &Bytes, now_us: i64) {
        for value in Head::parse(head).values("set-cookie") {
            let received = self.set.set(url, value, now_us);
            let Some(cookie) = received.cookie else { continue };
            match received.outcome {
                Outcome::Deleted(_) | Outcome::Over => {
                    drop(self.gone.put(Cookie { expires_us: None, ..cookie }, now_us))
                }
                Outcome::Stored | Outcome::Replaced(_) => drop(self.gone.take(&cookie)),
                Outcome::Rejected(_) => {}
            }
        }
    }

    /// Gives a request for `url` that says nothing of cookies those that answers have set for it.
    pub fn give(&self, url: &Url, draft: &mut Draft, now_us: i64) {
        if draft.headers.iter().any(|field| field.key.eq_ignore_ascii_case("cookie") && !field.disabled) {
            return;
        }
        if let Some(value) = self.set.field(&Asking::plain(url), now_us) {
            draft.headers.push(field("Cookie".to_owned(), &value));
        }
    }

    /// Brings the cookies of a captured request for `url` up to date: values that answers have set since take the place of those that
    /// were captured, what they have taken away is left out, and what they have added is sent too; but a request that was sent
    /// without any cookie stays so, as whoever made it wanted that.
    pub fn apply(&self, url: &Url, draft: &mut Draft, now_us: i64) {
        let is_cookie = |field: &Field| field.key.eq_ignore_ascii_case("cookie") && !field.disabled;
        let Some(place) = draft.headers.iter().position(is_cookie) else { return };
        let captured: Vec<u8> =
            draft.headers.iter().filter(|field| is_cookie(field)).map(bytes).collect::<Vec<_>>().join(&b"; "[..]);
        let asking = Asking::plain(url);
        let mut set = self.set.sent(&asking, now_us);
        let gone = self.gone.sent(&asking, now_us);
        if set.is_empty() && gone.is_empty() {
            return;
        }
        let (mut pairs, mut changed) = (Vec::new(), false);
        for (name, value) in cookie_field::pairs(&captured) {
            let now = set.iter().position(|cookie| cookie.name == name);
            match now.map(|at| set.remove(at)) {
                Some(cookie) => {
                    changed |= cookie.value != value;
                    pairs.push(pair(&cookie.name, &cookie.value));
                }
                None if gone.iter().any(|cookie| cookie.name == name) => changed = true,
                None => pairs.push(pair(name, value)),
            }
        }
        changed |= !set.is_empty();
        pairs.extend(set.iter().map(|cookie| pair(&cookie.name, &cookie.value)));
        if !changed {
            return;
        }
        let key = draft.headers[place].key.clone();
        draft.headers.retain(|field| !is_cookie(field));
        if !pairs.is_empty() {
            draft.headers.insert(place.min(draft.headers.len()), field(key, &pairs.join(&b"; "[..])));
        }
    }
}

/// Takes all cookies off a request.
pub fn strip(draft: &mut Draft) {
    draft.headers.retain(|field| !field.key.eq_ignore_ascii_case("cookie"));
    if !draft.without.iter().any(|name| name == "cookie") {
        draft.without.push("cookie".to_owned());
    }
}

fn pair(name: &[u8], value: &[u8]) -> Vec<u8> {
    if name.is_empty() { value.to_vec() } else { [name, b"=", value].concat() }
}

fn bytes(field: &Field) -> Vec<u8> {
    let decoded = field.bytes.as_ref().and_then(|bytes| STANDARD.decode(bytes).ok());
    decoded.unwrap_or_else(|| field.value.clone().into_bytes())
}

/// As bytes, so that nothing in it is taken for a variable.
fn field(key: String, value: &[u8]) -> Field {
    Field { bytes: Some(STANDARD.encode(value)), ..Field::new(key, String::from_utf8_lossy(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000_000;

    fn sent(evolving: &Evolving, url: &str, cookies: &[&str]) -> Vec<String> {
        let fields = cookies.iter().map(|value| Field::new("Cookie", *value));
        let headers = [Field::new("A", "1")].into_iter().chain(fields).chain([Field::new("B", "2")]).collect();
        let mut draft = Draft { headers, ..Draft::default() };
        evolving.apply(&url.parse().unwrap(), &mut draft, NOW);
        assert_eq!(
            (draft.headers.first().unwrap().key.as_str(), draft.headers.last().unwrap().key.as_str()),
            ("A", "B")
        );
        let cookies = draft.headers.iter().filter(|field| field.key == "Cookie");
        cookies.map(|field| String::from_utf8(bytes(field)).unwrap()).collect()
    }

    fn learn(evolving: &mut Evolving, url: &str, set: &[&str]) {
        let fields: String = set.iter().map(|value| format!("Set-Cookie: {value}\r\n")).collect();
        evolving.learn(&url.parse().unwrap(), &format!("HTTP/1.1 200 OK\r\n{fields}\r\n").into(), NOW);
    }

    #[test]
    fn what_answers_set_takes_the_place_of_what_was_captured() {
        let mut evolving = Evolving::default();
        let (login, page) = ("https://a.test/login", "https://a.test/page");
        assert_eq!(sent(&evolving, page, &["sid=old; theme=dark"]), ["sid=old; theme=dark"], "nothing is known yet");
        learn(&mut evolving, login, &["sid=new; Path=/; Secure; HttpOnly"]);
        assert_eq!(sent(&evolving, page, &["sid=old; theme=dark"]), ["sid=new; theme=dark"]);
        assert_eq!(sent(&evolving, page, &["sid=old", "theme=dark"]), ["sid=new; theme=dark"], "as HTTP/2 splits them");
        assert_eq!(sent(&evolving, "https://b.test/", &["sid=old"]), ["sid=old"], "of another host");
        assert_eq!(sent(&evolving, "http://a.test/page", &["sid=old"]), ["sid=old"], "it is Secure");
        learn(&mut evolving, login, &["more=1; Path=/page"]);
        assert_eq!(sent(&evolving, page, &["theme=dark"]), ["theme=dark; more=1; sid=new"], "what is new is added");
        assert_eq!(sent(&evolving, page, &[]), [""; 0], "but not to a request without cookies");
    }

    #[test]
    fn a_request_that_says_nothing_of_cookies_is_given_them() {
        let mut evolving = Evolving::default();
        learn(&mut evolving, "http://a.test/login", &["sid=1; Path=/"]);
        for (url, own, sent) in
            [("http://a.test/x", None, "sid=1"), ("http://a.test/x", Some("a=b"), "a=b"), ("http://b.test/", None, "")]
        {
            let headers = own.map(|value| Field::new("cookie", value)).into_iter().collect();
            let mut draft = Draft { headers, ..Draft::default() };
            evolving.give(&url.parse().unwrap(), &mut draft, NOW);
            let found: Vec<u8> = draft.headers.iter().flat_map(bytes).collect();
            assert_eq!(String::from_utf8(found).unwrap(), sent, "{url} {own:?}");
        }
    }

    #[test]
    fn what_answers_take_away_is_not_sent() {
        let mut evolving = Evolving::default();
        let page = "https://a.test/page";
        learn(&mut evolving, "https://a.test/logout", &["sid=; Path=/; Max-Age=0", "x=; Path=/other; Max-Age=0"]);
        assert_eq!(sent(&evolving, page, &["sid=old; x=1"]), ["x=1"], "x is of another path");
        assert_eq!(sent(&evolving, page, &["sid=old"]), [""; 0]);
        learn(&mut evolving, "https://a.test/login", &["sid=again; Path=/"]);
        assert_eq!(sent(&evolving, page, &["sid=old"]), ["sid=again"]);
    }
}
