//! Cookies come, change and go; what they were stays until it is deleted.

use crate::{
    CookieQuery, CookieWrite, Deleted, Event, NewSession, Reader, Store, StoreError,
    fixtures::{exchange, options, store},
    model::{
        CookieChange, CookieEvent, CookieOutcome, CookieSource, Exchange, KeptCookie, NewCookie, RecordingRules, Source,
    },
};
use CookieChange::{Deleted as TakenAway, Edited, Evicted, Replaced, Stored};
use bytes::Bytes;

const AT: i64 = 1_790_000_000_000_000;

fn kept(name: &str, value: &str, domain: &str) -> KeptCookie {
    KeptCookie {
        name: name.into(),
        value: value.into(),
        domain: domain.into(),
        host_only: false,
        path: "/".into(),
        secure: true,
        http_only: false,
        same_site: Some("lax".into()),
        partition: None,
        expires_us: None,
        guessed: false,
    }
}

fn change(cookie: KeptCookie, what: CookieChange, after: i64) -> CookieWrite {
    let new = NewCookie { cookie, created_us: AT };
    CookieWrite { new, what, at_us: AT + after, source: CookieSource::Response, exchange: None }
}

fn all() -> CookieQuery {
    CookieQuery { limit: 1000, ..CookieQuery::default() }
}

/// `name=value@domain`, in order.
fn listed(reader: &Reader, jar: i64, query: &CookieQuery) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let shown = |row: crate::model::StoredCookie| {
        format!("{}={}@{}", text(&row.cookie.name), text(&row.cookie.value), row.cookie.domain)
    };
    reader.cookies(jar, query).unwrap().into_iter().map(shown).collect()
}

fn history(reader: &Reader, jar: i64, id: i64) -> Vec<(CookieChange, String)> {
    let values = reader.cookie_values(jar, id, None, 1000).unwrap();
    values.into_iter().map(|v| (v.what, String::from_utf8_lossy(&v.cookie.value).into_owned())).collect()
}

fn captured(store: &Store, n: usize) -> Vec<Exchange> {
    let new = NewSession { name: "s".into(), source: Source::Proxy, command: None, rules: RecordingRules::default() };
    let session = store.open_session(new).unwrap().id;
    let made: Vec<_> = (0..n).map(|_| *exchange(store, session)).collect();
    made.iter().for_each(|x| store.queue().push(Event::Done(Box::new(x.clone()))));
    store.flush().unwrap();
    made
}

#[test]
fn one_jar_is_the_usual_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let first = reader.default_jar().unwrap();
    assert_eq!(reader.jars().unwrap().iter().map(|j| (j.id, j.default)).collect::<Vec<_>>(), [(first, true)]);
    let work = store.add_jar("work", 2).unwrap().unwrap();
    assert_eq!(store.add_jar("work", 2).unwrap(), None, "the name is taken");
    assert!(matches!(store.add_jar("more", 2), Err(StoreError::TooManyJars(2))));
    assert!(!store.rename_jar(work, "Default").unwrap());
    assert!(store.rename_jar(work, "Work").unwrap());
    store.use_jar(work).unwrap();
    assert_eq!(reader.default_jar().unwrap(), work);
    assert!(matches!(store.use_jar(99), Err(StoreError::NoJar(99))));
    assert!(matches!(store.rename_jar(99, "x"), Err(StoreError::NoJar(99))));
    assert!(matches!(store.delete(Deleted::Jar(work)), Err(StoreError::DefaultJar(_))));
    assert!(matches!(store.delete(Deleted::Jar(99)), Err(StoreError::NoJar(99))));
    // Another one goes with what is in it, and comes back with it.
    store.write_cookies(first, &[change(kept("a", "1", "a.test"), Stored, 0)]).unwrap();
    let gone = store.delete(Deleted::Jar(first)).unwrap();
    assert_eq!((gone.jars, reader.jars().unwrap().len()), (1, 1));
    assert!(listed(&reader, first, &all()).is_empty());
    assert!(matches!(
        store.write_cookies(first, &[change(kept("a", "2", "a.test"), Stored, 0)]),
        Err(StoreError::NoJar(_))
    ));
    store.undelete(gone.id).unwrap();
    assert_eq!(listed(&reader, first, &all()), ["a=1@a.test"]);
    let gone = store.delete(Deleted::Jar(first)).unwrap();
    store.gc().unwrap();
    assert!(matches!(store.undelete(gone.id), Err(StoreError::Purged(_))));
    let rows: i64 = reader
        .db
        .query_row(
            "SELECT (SELECT count(*) FROM cookie) + (SELECT count(*) FROM cookie_value)
        + (SELECT count(*) FROM jar WHERE id <> ?1)",
            [work],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn a_place_has_one_row_and_the_values_it_has_had() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let jar = reader.default_jar().unwrap();
    let by = captured(&store, 2);
    let write = |cookie: KeptCookie, what, after, exchange: Option<&Exchange>| {
        let write = CookieWrite { exchange: exchange.map(|x| x.id), ..change(cookie, what, after) };
        store.write_cookies(jar, &[write]).unwrap()[0]
    };
    let sid = |value: &str| kept("sid", value, "a.test");
    let id = write(sid("one"), Stored, 1, Some(&by[0])).unwrap();
    assert_eq!(write(sid("two"), Replaced, 2, Some(&by[1])), Some(id));
    // The same once more, but for its end.
    assert_eq!(write(KeptCookie { expires_us: Some(7), ..sid("two") }, Replaced, 3, None), Some(id));
    assert_eq!(write(sid(""), TakenAway, 4, None), Some(id));
    assert_eq!(write(sid(""), TakenAway, 5, None), None, "it is gone already");
    assert_eq!(write(kept("none", "", "a.test"), Evicted, 5, None), None, "there was none");
    assert!(listed(&reader, jar, &all()).is_empty());
    assert_eq!(reader.cookie(jar, id).unwrap(), None);
    assert_eq!(write(sid("three"), Stored, 6, None), Some(id));
    let expected = [(Stored, "three"), (TakenAway, ""), (Replaced, "two"), (Stored, "one")];
    assert_eq!(history(&reader, jar, id), expected.map(|(what, value)| (what, value.to_owned())));
    let values = reader.cookie_values(jar, id, None, 1000).unwrap();
    assert_eq!(values[2].cookie.expires_us, Some(7), "the later end is known");
    assert_eq!(values.iter().map(|v| v.exchange).collect::<Vec<_>>(), [None, None, Some(by[1].id), Some(by[0].id)]);
    assert_eq!(reader.cookie_values(jar, id, Some(values[1].id), 1).unwrap(), values[2..3]);
    assert_eq!(reader.cookie_values(jar + 1, id, None, 9).unwrap(), [], "of another jar");
    // The jar as it was.
    let then = |after: i64| {
        let was = reader.jar_at(jar, AT + after).unwrap();
        was.into_iter().map(|v| String::from_utf8(v.cookie.value).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((then(0), then(1), then(3)), (vec![], vec!["one".to_owned()], vec!["two".to_owned()]));
    assert_eq!((then(5), then(6)), (vec![], vec!["three".to_owned()]));
}

#[test]
fn what_is_gone_is_known_for_so_many_only() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let jar = reader.default_jar().unwrap();
    let many = |what, from: i64| {
        let one = |n: i64| change(kept(&format!("c{n}"), "v", "a.test"), what, from + n);
        (0..2_050).map(one).collect::<Vec<_>>()
    };
    let ids = store.write_cookies(jar, &many(Stored, 0)).unwrap();
    store.write_cookies(jar, &many(TakenAway, 10_000)).unwrap();
    let known = |n: usize| !reader.cookie_values(jar, ids[n].unwrap(), None, 9).unwrap().is_empty();
    assert_eq!((known(0), known(49), known(50), known(2_049)), (false, false, true, true));
    let values: i64 = reader.db.query_row("SELECT count(*) FROM cookie_value", [], |r| r.get(0)).unwrap();
    assert_eq!(values, 2 * 2_000, "what it was, and that it went");
}

#[test]
fn an_edited_cookie_may_take_the_place_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let jar = reader.default_jar().unwrap();
    let both = [change(kept("a", "1", "a.test"), Stored, 0), change(kept("b", "2", "b.test"), Stored, 0)];
    let ids = store.write_cookies(jar, &both).unwrap();
    let (a, b) = (ids[0].unwrap(), ids[1].unwrap());
    store.edit_cookie(jar, a, change(kept("b", "3", "b.test"), Edited, 1)).unwrap();
    assert_eq!(listed(&reader, jar, &all()), ["b=3@b.test"]);
    assert_eq!(history(&reader, jar, a).len(), 3, "with what stood there before");
    assert!(matches!(store.edit_cookie(jar, b, both[0].clone()), Err(StoreError::NoCookie(_))));
    assert!(matches!(store.edit_cookie(99, a, both[0].clone()), Err(StoreError::NoCookie(_))));
}

#[test]
fn cookies_are_found_by_domain_reach_and_text_in_pages() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let jar = reader.default_jar().unwrap();
    let host_only = |name: &str, domain: &str| KeptCookie { host_only: true, ..kept(name, "v", domain) };
    let cookies = [
        kept("top", "v", "a.test"),
        host_only("Only", "a.test"),
        kept("mid", "v", "x.a.test"),
        KeptCookie { path: "/Deep".into(), ..host_only("low", "www.x.a.test") },
        kept("else", "v", "aa.test"),
        kept("un%der_", "v", "b.test"),
    ];
    store.write_cookies(jar, &cookies.map(|cookie| change(cookie, Stored, 0))).unwrap();
    let names = |query: CookieQuery| {
        let found = listed(&reader, jar, &CookieQuery { limit: 100, ..query });
        found.iter().map(|row| row.split('=').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let of = |domain: &str, reach| CookieQuery { domain: Some(domain.into()), reach, ..CookieQuery::default() };
    let with = |text: &str| CookieQuery { text: Some(text.into()), ..CookieQuery::default() };
    for (query, expected) in [
        (of("a.test", false), "top Only"),
        (of("x.a.test", true), "top mid"),
        (of("www.x.a.test", true), "top low mid"),
        (of("www.x.a.test", false), "low"),
        (of("c.test", true), ""),
        (with("ONLY"), "Only"),
        (with("deep"), "low"),
        (with("X.A"), "low mid"),
        (with("%"), "un%der_"),
    ] {
        let shown = format!("{query:?}");
        let mut found: Vec<_> = names(query).split(' ').map(str::to_owned).collect();
        let mut expected: Vec<_> = expected.split(' ').map(str::to_owned).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{shown}");
    }
    // In pages all of it, once.
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = reader.cookies(jar, &CookieQuery { after, limit: 2, ..CookieQuery::default() }).unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.cookie.domain.clone(), last.id));
        pages.extend(page);
    }
    assert_eq!(pages, reader.cookies(jar, &all()).unwrap());
    store.add_jar_domain(jar, "empty.test").unwrap();
    store.add_jar_domain(jar, "a.test").unwrap();
    let domains: Vec<_> = reader.jar_domains(jar).unwrap().into_iter().map(|d| (d.domain, d.cookies)).collect();
    let expected =
        [("a.test", 2), ("aa.test", 1), ("b.test", 1), ("empty.test", 0), ("www.x.a.test", 1), ("x.a.test", 1)];
    assert_eq!(domains, expected.map(|(domain, n)| (domain.to_owned(), n)));
    assert!(matches!(store.add_jar_domain(99, "a.test"), Err(StoreError::NoJar(99))));
}

#[test]
fn what_is_deleted_comes_back_unless_its_place_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let jar = reader.default_jar().unwrap();
    let three =
        ["a", "b", "c"].map(|name| change(kept(name, "1", if name == "c" { "c.test" } else { "a.test" }), Stored, 0));
    let ids: Vec<i64> = store.write_cookies(jar, &three).unwrap().into_iter().flatten().collect();
    let one = store.delete(Deleted::Cookies(vec![ids[0]])).unwrap();
    assert_eq!((one.cookies, listed(&reader, jar, &all())), (1, vec!["b=1@a.test".into(), "c=1@c.test".into()]));
    assert!(reader.cookie_values(jar, ids[0], None, 9).unwrap().is_empty(), "what it was is not shown either");
    assert!(matches!(store.delete(Deleted::Cookies(vec![ids[1], ids[0]])), Err(StoreError::NoCookie(_))));
    store.write_cookies(jar, &[change(kept("a", "new", "a.test"), Stored, 9)]).unwrap();
    store.undelete(one.id).unwrap();
    assert_eq!(
        listed(&reader, jar, &CookieQuery { domain: Some("a.test".into()), ..all() }),
        ["b=1@a.test", "a=new@a.test"]
    );
    store.add_jar_domain(jar, "a.test").unwrap();
    let domain = store.delete(Deleted::CookiesOf(jar, Some("a.test".into()))).unwrap();
    assert_eq!((domain.cookies, listed(&reader, jar, &all())), (2, vec!["c=1@c.test".to_owned()]));
    assert_eq!(reader.jar_domains(jar).unwrap().len(), 1, "the domain goes too");
    let rest = store.delete(Deleted::CookiesOf(jar, None)).unwrap();
    assert!(listed(&reader, jar, &all()).is_empty());
    store.undelete(domain.id).unwrap();
    store.undelete(rest.id).unwrap();
    assert_eq!(listed(&reader, jar, &all()).len(), 3);
    store.delete(Deleted::CookiesOf(jar, None)).unwrap();
    store.gc().unwrap();
    let rows: i64 = reader
        .db
        .query_row("SELECT (SELECT count(*) FROM cookie) + (SELECT count(*) FROM cookie_value)", [], |r| r.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn cookies_seen_in_exchanges_are_deleted_for_good_and_do_not_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let made = captured(&store, 1);
    let event = |position, raw: &'static str| CookieEvent {
        seq: made[0].seq,
        exchange: made[0].id,
        position,
        at_us: AT,
        host: "a.test".into(),
        outcome: CookieOutcome::Stored,
        reason: None,
        raw: Bytes::from_static(raw.as_bytes()),
    };
    let both = vec![event(0, "a=1"), event(1, "b=secret")];
    store.add_cookie_events(both.clone(), 1).unwrap();
    let reader = store.reader().unwrap();
    let list = || reader.cookie_events(made[0].id.session, None, (0, -1), 9).unwrap();
    assert_eq!(reader.cookie_event(made[0].id, 1).unwrap(), Some(both[1].clone()));
    let deletion = store.delete(Deleted::CookieEvents(vec![(made[0].id, 1)])).unwrap();
    assert_eq!((deletion.cookies, list()), (1, both[..1].to_vec()));
    let again = store.delete(Deleted::CookieEvents(vec![(made[0].id, 1)]));
    assert!(matches!(again, Err(StoreError::NoCookieEvent { position: 1, .. })));
    store.undelete(deletion.id).unwrap();
    assert_eq!(list(), both);
    store.delete(Deleted::CookieEvents(vec![(made[0].id, 1)])).unwrap();
    store.gc().unwrap();
    store.add_cookie_events(both.clone(), 1).unwrap();
    assert_eq!(list(), both[..1]);
    let secrets: i64 =
        reader.db.query_row("SELECT count(*) FROM cookie_event WHERE instr(raw, 'secret')", [], |r| r.get(0)).unwrap();
    assert_eq!(secrets, 0);
}

#[test]
fn domains_to_keep_in_sync_stay() {
    let dir = tempfile::tempdir().unwrap();
    let id = {
        let store = Store::open(options(dir.path())).unwrap();
        let id = store.add_sync_domain("a.test", true).unwrap();
        assert_eq!(store.add_sync_domain("a.test", true).unwrap(), id, "once");
        assert_ne!(store.add_sync_domain("a.test", false).unwrap(), id);
        assert_eq!(store.add_sync_domain("a.test", true).unwrap(), id, "the other is another");
        store.note_synced(vec![(id, 2, 50), (id, 1, 40)]).unwrap();
        id
    };
    let store = store(dir.path());
    let found = store.reader().unwrap().sync_domains().unwrap();
    assert_eq!(
        found.iter().map(|d| (d.subdomains, d.cookies, d.last_us)).collect::<Vec<_>>(),
        [(true, 3, Some(50)), (false, 0, None)]
    );
    store.remove_sync_domain(id).unwrap();
    assert!(matches!(store.remove_sync_domain(id), Err(StoreError::NoSyncDomain(_))));
}
