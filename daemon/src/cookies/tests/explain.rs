use super::*;
use crate::cookies::{
    Asking, Cookie, Jar, Limits, SameSite,
    explain::{Rule, held_back},
};
use proptest::prelude::*;
use std::collections::HashSet;

/// Puts cookies in that only their text says something of: `NAME from URL: FIELD`.
fn jar(cookies: &[(&str, &str)]) -> Jar {
    let mut jar = Jar::new();
    for (from, field) in cookies {
        let received = jar.set(&url(from), field.as_bytes(), NOW);
        assert!(received.cookie.is_some(), "{field}: {:?}", received.outcome);
    }
    jar
}

#[test]
fn each_rule_holds_a_cookie_back() {
    let mut jar = jar(&[
        ("https://other.test/", "other_site=1"),
        ("https://example.com/", "host_only=1"),
        ("https://a.www.example.com/", "below_host=1"),
        ("https://api.example.com/", "other_host=1"),
        ("https://www.example.com/", "other_path=1; Path=/y"),
        ("https://www.example.com/", "path_boundary=1; Path=/foo"),
        ("https://www.example.com/", "secure=1; Secure"),
        ("https://www.example.com/", "expired=1; Max-Age=10"),
        ("https://www.example.com/", "same_site_strict=1; SameSite=Strict"),
        ("https://www.example.com/", "same_site_lax=1; SameSite=Lax"),
        ("https://www.example.com/", "same_site_lax_by_default=1"),
    ]);
    // From files come cookies that no browser would have: not Secure, yet let through.
    let like = jar.cookies()[9].clone();
    let named = |name: &str| Cookie { name: name.into(), ..like.clone() };
    jar.put(Cookie { partition: Some("https://shop.test".into()), ..named("partition") }, NOW);
    jar.put(Cookie { same_site: SameSite::None, ..named("sent") }, NOW);
    jar.put(Cookie { same_site: SameSite::None, path: "/foobar/".into(), ..named("first") }, NOW);

    let (at, page) = (url("http://www.example.com/foobar/x"), url("https://evil.test/page"));
    let asking = Asking { url: &at, method: "POST", page: Some(&page), navigates: false };
    let explained = jar.explain(&asking, NOW + 20 * SECOND);
    let names: Vec<_> = explained.sent.iter().map(|c| String::from_utf8_lossy(&c.name).into_owned()).collect();
    assert_eq!(names, ["first", "sent"]);
    assert_eq!(explained.held.len(), 12);
    for (cookie, rule) in &explained.held {
        assert_eq!(String::from_utf8_lossy(&cookie.name), rule.code(), "{rule}");
    }
    let rules: HashSet<_> = explained.held.iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules.len(), 12);
    // The same page goes there.
    let asking = Asking { navigates: true, ..asking };
    let lax = jar.explain(&asking, NOW).held.into_iter().find(|(cookie, _)| cookie.same_site == SameSite::Lax);
    assert_eq!(lax.unwrap().1, Rule::LaxMethod);
}

#[test]
fn same_site_is_kept_to() {
    let site = |same_site: &str| format!("a=1; Secure; {same_site}");
    const HERE: &str = "https://www.example.com/";
    for (page, navigates, method, sent) in [
        // What goes without SameSite, with None, Lax, Strict.
        (None, true, "GET", "ynls"),
        (Some("https://example.com/"), false, "POST", "ynls"),
        (Some("https://other.test/"), false, "GET", "n"),
        (Some("http://www.example.com/"), false, "GET", "n"),
        (Some("https://other.test/"), true, "GET", "ynl"),
        (Some("https://other.test/"), true, "HEAD", "ynl"),
        (Some("https://other.test/"), true, "POST", "n"),
        (Some("https://other.test/"), true, "get", "n"),
    ] {
        let mut gone = String::new();
        for (letter, same_site) in [('y', ""), ('n', "SameSite=None"), ('l', "SameSite=Lax"), ('s', "SameSite=Strict")]
        {
            let (at, page) = (url(HERE), page.map(url));
            let asking = Asking { url: &at, method, page: page.as_ref(), navigates };
            if jar(&[(HERE, &site(same_site))]).field(&asking, NOW).is_some() {
                gone.push(letter);
            }
        }
        assert_eq!(gone, sent, "{page:?} {navigates} {method}");
    }
}

#[test]
fn partitions_are_kept_apart() {
    let (mut jar, at) = (Jar::new(), url("https://cdn.test/"));
    let (one, shop, two) = (url("https://www.one.test/"), url("https://shop.one.test/"), url("https://two.test/"));
    let within = |page| Asking { url: &at, method: "GET", page: Some(page), navigates: false };
    let field = |value: &str| format!("a={value}; Secure; SameSite=None; Partitioned");
    jar.receive(&within(&one), field("1").as_bytes(), NOW);
    jar.receive(&within(&two), field("2").as_bytes(), NOW);
    jar.set(&at, b"a=0; Secure; SameSite=None", NOW);
    let sent = |jar: &Jar, asking: &Asking<'_>| String::from_utf8(jar.field(asking, NOW).unwrap()).unwrap();
    assert_eq!(sent(&jar, &within(&shop)), "a=1; a=0");
    assert_eq!(sent(&jar, &within(&two)), "a=2; a=0");
    assert_eq!(sent(&jar, &Asking::plain(&at)), "a=0");
    assert_eq!(jar.cookies()[0].partition.as_deref(), Some("https://one.test"));
}

#[test]
fn a_cookie_can_be_taken_out() {
    let mut jar = jar(&[("https://a.example/", "a=1"), ("https://b.example/", "a=1"), ("https://b.example/", "b=1")]);
    let first = jar.cookies()[0].clone();
    assert_eq!(jar.take(&first), Some(first.clone()));
    assert_eq!(jar.take(&first), None);
    assert_eq!((jar.len(), jar.header(&url("https://a.example/"), NOW)), (2, None));
}

/// Hosts, paths and attributes that have something to do with each other.
fn cookie() -> impl Strategy<Value = Cookie> {
    let host = prop::sample::select(HOSTS);
    let path = prop::sample::select(&["/", "/a", "/a/", "/a/b", "/ab", "/a%20b", "/ä"][..]);
    let same_site = prop::sample::select(&[SameSite::Unset, SameSite::None, SameSite::Lax, SameSite::Strict][..]);
    let partition = prop::option::weighted(0.2, prop::sample::select(&["https://example.com", "https://x.test"][..]));
    let expires = prop::option::weighted(0.3, NOW - 2..NOW + 3);
    (host, path, any::<[bool; 3]>(), same_site, partition, expires, 0..3_u8).prop_map(
        |(host, path, [host_only, secure, http_only], same_site, partition, expires_us, name)| Cookie {
            name: vec![b'a' + name],
            value: b"v".into(),
            domain: host.into(),
            host_only: host_only || host.starts_with(['1', '[']),
            path: path.into(),
            secure,
            http_only,
            same_site,
            partition: partition.map(Into::into),
            expires_us,
            created_us: NOW,
            guessed: false,
        },
    )
}

const HOSTS: &[&str] = &[
    "example.com",
    "www.example.com",
    "a.www.example.com",
    "ample.com",
    "localhost",
    "com",
    "127.0.0.1",
    "[::1]",
    "x.test",
];

proptest! {
    /// What `cookie_store` lets through is what no rule holds back.
    #[test]
    fn what_is_sent_is_what_no_rule_holds_back(
        cookies in prop::collection::vec(cookie(), 0..20),
        scheme in prop::sample::select(&["http", "https", "ws", "wss"][..]),
        host in prop::sample::select(HOSTS),
        path in prop::sample::select(&["", "/", "/a", "/a/", "/a/b/c", "/ab", "/a%20b", "/ä", "/%C3%A4"][..]),
        page in prop::option::of(prop::sample::select(HOSTS)),
        navigates: bool,
        method in prop::sample::select(&["GET", "POST"][..]),
    ) {
        let at = url(&format!("{scheme}://{host}{path}"));
        let page = page.map(|page| url(&format!("https://{page}/")));
        let asking = Asking { url: &at, method, page: page.as_ref(), navigates };
        let mut jar = Jar::with_limits(Limits::LARGE);
        for cookie in cookies {
            jar.put(Cookie { expires_us: None, ..cookie.clone() }, NOW);
            if cookie.expires_us.is_some_and(|at| at > NOW) {
                jar.put(cookie, NOW);
            }
        }
        let explained = jar.explain(&asking, NOW + 1);
        let free = jar.cookies().into_iter().filter(|cookie| held_back(cookie, &asking, NOW + 1).is_none());
        let free: HashSet<_> = free.map(|cookie| format!("{cookie:?}")).collect();
        let sent: HashSet<_> = explained.sent.iter().map(|cookie| format!("{cookie:?}")).collect();
        prop_assert_eq!(&sent, &free);
        prop_assert_eq!(explained.sent.len() + explained.held.len(), jar.len());
        let lengths: Vec<_> = explained.sent.iter().map(|cookie| cookie.path.len()).collect();
        prop_assert!(lengths.is_sorted_by(|a, b| a >= b));
    }

    /// Whatever a server sends: the jar counts right, keeps to its bounds, and sends what it took in.
    #[test]
    fn a_jar_holds_whatever_comes(
        fields in prop::collection::vec("(__Host-|__Secure-)?[a-c]{0,2}=?[x-z;= \u{1}]{0,3}(; ?(Secure|Max-Age=(-?1|9)|Path=/a?|Domain=(example.com|com)|SameSite=None))*", 0..40),
    ) {
        let mut jar = Jar::with_limits(Limits { per_site: 12, total: 33 });
        for (n, field) in (0..).zip(&fields) {
            let at = url(["https://example.com/", "http://www.example.com/a", "https://x.test/a/"][n as usize % 3]);
            let received = jar.set(&at, field.as_bytes(), NOW + n);
            prop_assert!(received.evicted.len() <= 33);
            prop_assert_eq!(jar.cookies().len(), jar.len());
            prop_assert!(jar.len() <= 33);
        }
        let all: Vec<_> = jar.cookies().into_iter().cloned().collect();
        for cookie in &all {
            prop_assert!(jar.take(cookie).is_some());
        }
        prop_assert!(jar.is_empty());
    }
}
