//! Jars in memory and in the store are one.

use super::{change::Passing, files::Format, seen::Asked, *};
use crate::{
    cookies::{Asking, Cookie, SameSite, explain::Rule},
    fixtures,
};
use bytes::Bytes;
use url::Url;
use waylay_storage::{
    Deleted, Event, NewSession, Options,
    model::{CookieChange, CookieSource, Exchange, ExchangeId, Head, RecordingRules, SessionId, Source, Timings},
};

const NOW: i64 = 1_790_000_000_000_000;
const SECOND: i64 = 1_000_000;

struct Place {
    store: Arc<Store>,
    jars: Jars,
    id: i64,
    _dir: tempfile::TempDir,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(Options { min_free: 0, ..Options::new(dir.path()) }).unwrap());
    let jars = Jars::new(Arc::clone(&store));
    let id = jars.usual().unwrap();
    Place { store, jars, id, _dir: dir }
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

impl Place {
    fn set(&self, at: &str, fields: &[&str], after: i64) {
        let origin = Origin { source: CookieSource::Response, exchange: None };
        let fields = fields.iter().map(|field| field.as_bytes());
        self.jars.receive(self.id, &Asking::plain(&url(at)), fields, NOW + after, origin).unwrap();
    }

    /// The field for a URL: by the jar in memory, and by one that is read anew.
    fn field(&self, at: &str, after: i64) -> String {
        let field = |jars: &Jars| {
            let field = jars.field(self.id, &Asking::plain(&url(at)), NOW + after).unwrap();
            String::from_utf8(field.unwrap_or_default()).unwrap()
        };
        let held = field(&self.jars);
        assert_eq!(field(&Jars::new(Arc::clone(&self.store))), held, "memory and store differ");
        held
    }

    fn rows(&self) -> Vec<waylay_storage::model::StoredCookie> {
        let all = CookieQuery { limit: 1000, ..CookieQuery::default() };
        self.store.reader().unwrap().cookies(self.id, &all).unwrap()
    }

    fn history(&self, name: &str) -> String {
        let reader = self.store.reader().unwrap();
        let id = self.rows().iter().find(|row| row.cookie.name == name.as_bytes()).unwrap().id;
        let values = reader.cookie_values(self.id, id, None, 100).unwrap();
        let line = |v: waylay_storage::model::CookieValue| {
            format!("{} {}", v.what, String::from_utf8(v.cookie.value).unwrap())
        };
        values.into_iter().map(line).collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn what_answers_set_is_in_memory_and_in_the_store() {
    let here = place();
    let at = "https://www.a.test/x/y";
    here.set(at, &["sid=1; Path=/; Secure", "top=2; Domain=a.test; Path=/", "deep=3", "bad=4; Domain=b.test"], 0);
    assert_eq!(here.field(at, 1), "deep=3; sid=1; top=2");
    assert_eq!(here.field("http://sub.a.test/", 1), "top=2");
    here.set(at, &["sid=5; Path=/; Secure", "deep=; Max-Age=0", "brief=6; Max-Age=10; Path=/"], SECOND);
    assert_eq!(here.field(at, 2 * SECOND), "sid=5; top=2; brief=6");
    assert_eq!(here.field(at, 20 * SECOND), "sid=5; top=2", "its time is over");
    assert_eq!(here.rows().len(), 4 - 1, "what is over stays until it makes room");
    assert_eq!(here.history("sid"), "replaced 5, stored 1");
    assert_eq!(here.rows().iter().find(|row| row.cookie.name == b"sid").unwrap().created_us, NOW, "it came then");
    // Deleted beside it, and brought back.
    let sid = here.rows().iter().find(|row| row.cookie.name == b"sid").unwrap().id;
    let deletion = here.store.delete(Deleted::Cookies(vec![sid])).unwrap();
    assert_eq!(here.field(at, 20 * SECOND), "top=2");
    here.store.undelete(deletion.id).unwrap();
    assert_eq!(here.field(at, 20 * SECOND), "sid=5; top=2");
    let gone = here.store.add_jar("x", MOST).unwrap().unwrap();
    assert_eq!(here.jars.field(gone, &Asking::plain(&url(at)), NOW).unwrap(), None);
    here.store.delete(Deleted::Jar(gone)).unwrap();
    assert!(matches!(here.jars.field(gone, &Asking::plain(&url(at)), NOW), Err(StoreError::NoJar(_))));
}

#[test]
fn a_site_keeps_so_many_in_the_store_too() {
    let here = place();
    let many: Vec<String> = (0..200).map(|n| format!("c{n}=v; Path=/")).collect();
    for (after, some) in many.chunks(20).enumerate() {
        here.set("https://a.test/", &some.iter().map(String::as_str).collect::<Vec<_>>(), after as i64);
    }
    let rows = here.rows().len();
    assert!((100..=180).contains(&rows), "{rows}");
    assert_eq!(here.field("https://a.test/", 99).split("; ").count(), rows);
}

fn passing(at: &str, cookies: &[&str], set: &[&str], after: i64) -> Passing {
    let at = url(at);
    let host = at.host_str().unwrap().to_owned();
    let place = (at.scheme(), host.as_str(), at.port_or_known_default().unwrap());
    let bytes = |fields: &[&str]| fields.iter().map(|f| Bytes::copy_from_slice(f.as_bytes())).collect();
    Passing {
        asked: Asked::new(place, "GET", at.path(), &Head::parse(&Bytes::new())).unwrap(),
        cookies: bytes(cookies),
        set: bytes(set),
        at_us: NOW + after,
        exchange: None,
    }
}

#[test]
fn what_passes_is_guessed_until_it_is_known() {
    let here = place();
    let follow = |passed: &[Passing]| here.jars.follow(here.id, passed).unwrap();
    assert_eq!(follow(&[passing("https://a.test/x", &["sid=1; b=2"], &[], 0)]), [2]);
    assert_eq!(follow(&[passing("https://a.test/x", &["sid=1"], &[], 1)]), [0], "nothing new");
    assert_eq!(here.field("https://a.test/", 2), "sid=1; b=2");
    assert!(here.rows().iter().all(|row| row.cookie.guessed && row.source == CookieSource::Request));
    let known = passing("https://a.test/x", &["sid=2"], &["sid=3; Path=/; Secure; Domain=a.test"], 3);
    let after = passing("https://a.test/x", &["sid=stale"], &[], 4);
    assert_eq!(follow(&[known, after]), [3, 0], "a guess, what is known, and the guess that went for it");
    assert_eq!(here.field("https://www.a.test/", 5), "sid=3");
    assert_eq!(here.field("https://a.test/", 5), "b=2; sid=3");
}

fn cookie_of(name: &str, domain: &str) -> Cookie {
    Cookie {
        name: name.into(),
        value: b"v".to_vec(),
        domain: domain.into(),
        host_only: true,
        path: "/".into(),
        secure: false,
        http_only: false,
        same_site: SameSite::Unset,
        partition: None,
        expires_us: None,
        created_us: NOW,
        guessed: false,
    }
}

#[test]
fn what_is_made_by_hand_is_held_to_the_rules() {
    let here = place();
    let put = |cookie| here.jars.put(here.id, cookie, CookieChange::Edited, NOW, Origin::USER);
    let base = || cookie_of("a", "a.test");
    let id = put(base()).unwrap();
    for (bad, says) in [
        (Cookie { domain: "com".into(), host_only: false, ..base() }, "public suffix"),
        (Cookie { domain: "A.test".into(), ..base() }, "domain is none"),
        (Cookie { domain: "".into(), ..base() }, "domain is none"),
        (Cookie { path: "x".into(), ..base() }, "path"),
        (Cookie { path: "/;x".into(), ..base() }, "path"),
        (Cookie { same_site: SameSite::None, ..base() }, "needs Secure"),
        (Cookie { partition: Some("https://b.test".into()), ..base() }, "needs Secure"),
        (Cookie { expires_us: Some(NOW), ..base() }, "end has passed"),
        (Cookie { name: b"__Host-a".to_vec(), ..base() }, "__Host-"),
        (Cookie { name: b"a;b".to_vec(), ..base() }, "read as another"),
        (Cookie { name: Vec::new(), value: Vec::new(), ..base() }, "neither a name nor a value"),
        (Cookie { value: vec![b'v'; 5000], ..base() }, "4096"),
    ] {
        let shown = format!("{bad:?}");
        let why = put(bad.clone()).unwrap_err().to_string();
        assert!(why.contains(says), "{why} {shown}");
        let why = here.jars.edit(here.id, id, bad, CookieChange::Edited, NOW, Origin::USER).unwrap_err().to_string();
        assert!(why.contains(says), "{why} {shown}");
    }
    assert_eq!(here.field("https://a.test/", 1), "a=v", "all is as it was");
    let moved = Cookie { name: b"b".to_vec(), domain: "b.test".into(), ..base() };
    here.jars.edit(here.id, id, moved, CookieChange::Edited, NOW + 1, Origin::USER).unwrap();
    assert_eq!((here.field("https://a.test/", 2), here.field("https://b.test/", 2)), ("".into(), "b=v".into()));
    assert_eq!(here.rows()[0].id, id);
    for (field, says) in
        [("x=1; Max-Age=0", "end has passed"), ("x\x01", "control character"), ("x=1; Domain=com", "public suffix")]
    {
        let why = here.jars.create(here.id, &url("https://a.test/"), field.as_bytes(), NOW).unwrap_err().to_string();
        assert!(why.contains(says), "{why}");
    }
    here.jars.create(here.id, &url("https://a.test/"), b"x=1; Secure", NOW).unwrap();
    assert_eq!(here.field("https://a.test/", 1), "x=1");
}

#[test]
fn everything_that_is_held_back_says_why() {
    let here = place();
    here.set("https://www.a.test/", &["sent=1", "other=2; Path=/o", "top=3; Domain=a.test"], 0);
    here.set("https://b.test/", &["b=4"], 0);
    let found = here.jars.explain(here.id, &Asking::plain(&url("https://www.a.test/")), NOW + 1).unwrap();
    assert_eq!(found.field.as_deref(), Some(&b"sent=1; top=3"[..]));
    assert_eq!(found.sent.iter().map(|row| &row.cookie.name[..]).collect::<Vec<_>>(), [&b"sent"[..], b"top"]);
    let held: Vec<_> = found.held.iter().map(|(row, rule)| (&row.cookie.name[..], *rule)).collect();
    assert_eq!((held, found.held_count), (vec![(&b"other"[..], Rule::OtherPath), (b"b", Rule::OtherSite)], 2));
}

#[test]
fn files_come_and_go() {
    let here = place();
    let file = b"# Netscape HTTP Cookie File\n.a.test\tTRUE\t/\tTRUE\t0\tsid\t1\nbroken\na.test\tFALSE\t/\tFALSE\t1\told\tx\n.com\tTRUE\t/\tFALSE\t0\tc\tx\n#HttpOnly_b.test\tFALSE\t/\tFALSE\t0\tb\t2\n";
    let done = here.jars.import(here.id, file, None, NOW).unwrap();
    assert_eq!((done.added, done.replaced, done.over, done.refused_count), (2, 0, 1, 2));
    assert_eq!((done.refused[0].line, done.refused[1].line), (Some(3), None));
    assert!(done.refused[1].place.contains("com") && done.refused[1].reason.contains("public suffix"), "{done:?}");
    let again = here.jars.import(here.id, file, Some(Format::Netscape), NOW).unwrap();
    assert_eq!((again.added, again.replaced), (0, 2));
    assert!(here.jars.import(here.id, b"{}", None, NOW).is_err());
    assert!(here.jars.import(here.id, file, Some(Format::StorageState), NOW).is_err());
    for format in [Format::Netscape, Format::StorageState, Format::CookieEditor] {
        let written = here.jars.export(here.id, format, None, NOW).unwrap();
        let other = here.jars.for_pairing(&format!("{format:?}")).unwrap();
        assert_eq!(here.jars.import(other, &written.bytes, Some(format), NOW).unwrap().added, 2, "{format:?}");
        let one = here.jars.export(here.id, format, Some("b.test"), NOW).unwrap();
        let text = String::from_utf8(one.bytes).unwrap();
        assert!(text.contains("b.test") && !text.contains("a.test"), "{text}");
    }
    assert!(matches!(here.jars.export(99, Format::Netscape, None, NOW), Err(StoreError::NoJar(99))));
    assert_eq!(here.jars.for_pairing("p").unwrap(), here.jars.for_pairing("p").unwrap(), "made once");
    let there = i64::try_from(here.store.reader().unwrap().jars().unwrap().len()).unwrap();
    for n in there..MOST {
        here.jars.for_pairing(&n.to_string()).unwrap();
    }
    assert!(matches!(here.jars.for_pairing("more"), Err(StoreError::TooManyJars(MOST))));
    assert!(here.jars.for_pairing("p").is_ok(), "one that is there");
}

fn exchange(store: &Store, session: SessionId, at_us: i64, request: &str, response: &str) -> ExchangeId {
    let id = store.ids().next_exchange(session);
    let row = Exchange {
        seq: store.ids().next_seq(),
        id,
        started_us: at_us,
        timings: Timings { head_us: Some(500), ..Timings::default() },
        request_head: format!("GET / HTTP/1.1\r\n{request}\r\n").into(),
        response_head: format!("HTTP/1.1 200 OK\r\n{response}\r\n").into(),
        ..fixtures::exchange()
    };
    store.queue().push(Event::Done(Box::new(row)));
    id
}

#[test]
fn a_jar_as_it_was() {
    let here = place();
    let new = NewSession { name: "s".into(), source: Source::Proxy, command: None, rules: RecordingRules::default() };
    let session = here.store.open_session(new).unwrap().id;
    let made = [
        exchange(&here.store, session, NOW, "Cookie: before=0\r\n", "Set-Cookie: sid=1; Max-Age=60\r\n"),
        exchange(&here.store, session, NOW + SECOND, "", "Set-Cookie: sid=2\r\n"),
        // Begun before the answer of the one before had come.
        exchange(&here.store, session, NOW + SECOND + 400, "", ""),
        exchange(&here.store, session, NOW + 2 * SECOND, "Cookie: late=3\r\n", ""),
    ];
    here.store.flush().unwrap();
    let reader = here.store.reader().unwrap();
    let mut jar = Jar::new();
    let all = [1, 2, 3, 4].map(|n| ExchangeId { session, number: n });
    assert_eq!(made, all);
    for id in all {
        let found = reader.exchange(id).unwrap().unwrap().0;
        let events = seen::events(&mut jar, &found);
        here.store.add_cookie_events(events, found.seq).unwrap();
    }
    let derived = |number: usize| {
        let (jar, at_us) = here.jars.derived(made[number - 1]).unwrap();
        String::from_utf8(jar.field(&Asking::plain(&url("https://a.test/")), at_us).unwrap_or_default()).unwrap()
    };
    assert_eq!(derived(1), "before=0");
    assert_eq!(derived(2), "before=0; sid=1");
    assert_eq!(derived(3), "before=0; sid=1", "the answer had not come");
    assert_eq!(derived(4), "before=0; sid=2; late=3");
    assert!(matches!(here.jars.derived(ExchangeId { session, number: 9 }), Err(StoreError::NoExchange(_))));
    // The same of a jar that is kept.
    here.set("https://a.test/", &["kept=one; Max-Age=60", "gone=x"], SECOND);
    here.set("https://a.test/", &["kept=two", "gone=; Max-Age=0"], 2 * SECOND - 1);
    let past = |number: usize| {
        let (jar, at_us) = here.jars.past(here.id, made[number - 1]).unwrap();
        String::from_utf8(jar.field(&Asking::plain(&url("https://a.test/")), at_us).unwrap_or_default()).unwrap()
    };
    assert_eq!((past(1), past(3), past(4)), ("".into(), "kept=one; gone=x".into(), "kept=two".into()));
    assert!(matches!(here.jars.past(99, made[0]), Err(StoreError::NoJar(99))));
}
