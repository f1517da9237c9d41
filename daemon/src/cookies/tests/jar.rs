use super::*;
use crate::cookies::{Cookie, Jar, Limits, Outcome};

/// Sets cookies, each from its URL, a second apart, and gives what is sent to another after that.
fn sent(set: &[(&str, &str)], to: &str) -> String {
    let mut jar = Jar::new();
    for (now, (from, field)) in (NOW..).step_by(SECOND as usize).zip(set) {
        jar.set(&url(from), field.as_bytes(), now);
    }
    jar.header(&url(to), NOW + SECOND * set.len() as i64).unwrap_or_default()
}

#[test]
fn cookies_go_where_they_belong() {
    const WWW: &str = "https://www.example.com/a/b?q";
    for (from, field, to, expected) in [
        // RFC 6265, section 3.1.
        ("https://example.com/", "SID=31d4d96e407aad42", "https://example.com/", "SID=31d4d96e407aad42"),
        ("https://example.com/", "SID=1; Path=/; Domain=example.com", WWW, "SID=1"),
        ("https://example.com/", "lang=; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "https://example.com/", ""),
        // Hosts.
        (WWW, "a=1", "https://www.example.com/a/", "a=1"),
        (WWW, "a=1; Path=/", "https://example.com/", ""),
        (WWW, "a=1; Path=/", "https://x.www.example.com/", ""),
        (WWW, "a=1; Path=/; Domain=.EXAMPLE.com", "https://api.example.com/", "a=1"),
        (WWW, "a=1; Path=/; Domain=example.com", "https://example.com/", "a=1"),
        (WWW, "a=1; Path=/; Domain=example.com", "https://badexample.com/", ""),
        (WWW, "a=1; Path=/; Domain=api.example.com", "https://api.example.com/", ""),
        (WWW, "a=1; Path=/; Domain=ample.com", WWW, ""),
        (WWW, "a=1; Path=/; Domain=com", WWW, ""),
        ("https://x.co.uk/", "a=1; Domain=co.uk", "https://x.co.uk/", ""),
        ("https://x.github.io/", "a=1; Domain=github.io", "https://x.github.io/", ""),
        // A public suffix may set cookies for itself.
        ("https://github.io/", "a=1; Domain=github.io", "https://github.io/", "a=1"),
        ("https://github.io/", "a=1; Domain=github.io", "https://x.github.io/", ""),
        ("https://www.example.com./", "a=1; Domain=com.", "https://www.example.com./", ""),
        // Names in other letters, which a URL has in Punycode.
        ("https://bücher.example/", "a=1; Domain=xn--bcher-kva.example", "https://www.bücher.example/", "a=1"),
        ("https://bücher.example/", "a=1; Domain=bücher.example", "https://bücher.example/", ""),
        ("https://www.食狮.公司.cn/", "a=1; Domain=xn--85x722f.xn--55qx5d.cn", "https://食狮.公司.cn/", "a=1"),
        ("https://www.食狮.公司.cn/", "a=1; Domain=xn--55qx5d.cn", "https://www.食狮.公司.cn/", ""),
        // Hosts without a public suffix.
        ("http://localhost:3000/", "a=1", "http://localhost:4000/", "a=1"),
        ("http://localhost/", "a=1; Domain=localhost", "http://localhost/", "a=1"),
        ("http://printer.local/", "a=1; Domain=printer.local", "http://www.printer.local/", "a=1"),
        ("http://printer.local/", "a=1; Domain=local", "http://printer.local/", ""),
        ("http://intranet/", "a=1", "http://intranet/", "a=1"),
        ("http://192.168.0.1/", "a=1; Domain=192.168.0.1", "http://192.168.0.1/", "a=1"),
        ("http://192.168.0.1/", "a=1; Domain=168.0.1", "http://192.168.0.1/", ""),
        ("http://[2001:db8::1]/", "a=1", "http://[2001:DB8:0::1]:8080/", "a=1"),
        ("http://[2001:db8::1]/", "a=1; Domain=1]", "http://[2001:db8::1]/", ""),
        // Paths.
        (WWW, "a=1", "https://www.example.com/a", "a=1"),
        (WWW, "a=1", "https://www.example.com/a/c/d", "a=1"),
        (WWW, "a=1", "https://www.example.com/ab", ""),
        (WWW, "a=1; Path=/a/", "https://www.example.com/a", ""),
        (WWW, "a=1; Path=/c", "https://www.example.com/c", "a=1"),
        (WWW, "a=1; Path=c", "https://www.example.com/a/c", "a=1"),
        ("https://example.com", "a=1", "https://example.com/x", "a=1"),
        // Safety.
        (WWW, "a=1; Secure; Path=/", "http://www.example.com/", ""),
        ("http://www.example.com/", "a=1; Secure", "https://www.example.com/", ""),
        ("http://localhost/", "a=1; Secure", "http://localhost/", "a=1"),
        ("http://app.localhost/", "a=1; Secure", "http://app.localhost/", "a=1"),
        ("http://127.8.0.1/", "a=1; Secure", "ws://127.8.0.1/", "a=1"),
        ("http://[::1]/", "a=1; Secure", "http://[::1]/", "a=1"),
        ("http://192.168.0.1/", "a=1; Secure", "http://192.168.0.1/", ""),
        (WWW, "a=1; Secure; HttpOnly; Path=/", "wss://www.example.com/", "a=1"),
        (WWW, "a=1; Secure; Path=/", "ws://www.example.com/", ""),
        // Time.
        (WWW, "a=1; Max-Age=10", WWW, "a=1"),
        (WWW, "a=1; Max-Age=1", WWW, ""),
        (WWW, "a=1; Max-Age=-1", WWW, ""),
        (WWW, "a=1; Max-Age=99999999999999999999999; Expires=Sun, 06 Nov 1994 08:49:37 GMT", WWW, "a=1"),
        // Names and values.
        (WWW, "a", WWW, "a"),
        (WWW, "=a", WWW, "a"),
        (WWW, "a=", WWW, "a="),
        (WWW, "a=\"b c\"", WWW, "a=\"b c\""),
        (WWW, " \ta \t=\t b=c \t; x", WWW, "a=b=c"),
    ] {
        assert_eq!(sent(&[(from, field)], to), expected, "{field:?} from {from} to {to}");
    }
}

#[test]
fn longer_paths_go_first_then_older_cookies() {
    const AT: &str = "https://example.com/a/b/c";
    for (fields, expected) in [
        (&["a=1", "b=2"][..], "a=1; b=2"),
        (&["a=1; Path=/", "b=2; Path=/a", "c=3; Path=/a/b/"], "c=3; b=2; a=1"),
        // A new value keeps the place of the old one.
        (&["a=1", "b=2", "a=3"], "a=3; b=2"),
        (&["a=1", "b=2", "a=; Max-Age=0", "a=3"], "b=2; a=3"),
        // One for the host and one for those below it too are two.
        (&["a=1", "a=2; Domain=example.com"], "a=1; a=2"),
    ] {
        let set: Vec<_> = fields.iter().map(|field| (AT, *field)).collect();
        assert_eq!(sent(&set, AT), expected, "{fields:?}");
    }
    // Those of one response have one time, and keep their order.
    let (mut jar, at) = (Jar::new(), url(AT));
    (0..9).for_each(|n| _ = jar.set(&at, format!("c{n}={n}").as_bytes(), NOW));
    assert_eq!(jar.header(&at, NOW).unwrap(), "c0=0; c1=1; c2=2; c3=3; c4=4; c5=5; c6=6; c7=7; c8=8");
}

#[test]
fn what_becomes_of_a_cookie_is_told() {
    let (mut jar, at) = (Jar::new(), url("https://example.com/"));
    let mut outcome = |field: &str| jar.set(&at, field.as_bytes(), NOW).outcome;
    assert_eq!(outcome("a=1"), Outcome::Stored);
    let Outcome::Replaced(old) = outcome("a=2; HttpOnly") else { panic!("not replaced") };
    assert_eq!((old.name.as_slice(), old.value.as_slice()), (&b"a"[..], &b"1"[..]));
    let Outcome::Deleted(old) = outcome("a=; Max-Age=0") else { panic!("not deleted") };
    assert_eq!((old.value.as_slice(), old.http_only), (&b"2"[..], true));
    assert_eq!(outcome("a=; Max-Age=0"), Outcome::Over);
    let received = jar.set(&at, b"b=1; Max-Age=x; Version=1; Priority=High", NOW);
    let ignored: Vec<_> = received.ignored.iter().map(|i| format!("{} {}", i.attribute, i.reason)).collect();
    assert_eq!(ignored, ["Max-Age is no number of seconds", "Version is not known", "Priority is not known"]);
    assert_eq!(received.cookie.unwrap().name, b"b");
    assert_eq!((jar.len(), jar.is_empty()), (1, false));
}

#[test]
fn bytes_that_are_no_text_are_sent_as_they_came() {
    let (mut jar, at) = (Jar::new(), url("https://example.com/"));
    jar.set(&at, b"caf\xe9=\xff\xfe; Path=/", NOW);
    assert_eq!(jar.field(&crate::cookies::Asking::plain(&at), NOW).unwrap(), b"caf\xe9=\xff\xfe");
    assert_eq!(jar.header(&at, NOW).unwrap(), "caf\u{fffd}=\u{fffd}\u{fffd}");
}

#[test]
fn cookies_of_unsafe_connections_leave_secure_ones_alone() {
    let outcome = |first: &str, then: (&str, &str)| {
        let mut jar = Jar::new();
        assert_eq!(jar.set(&url("https://www.example.com/a/"), first.as_bytes(), NOW).outcome, Outcome::Stored);
        jar.set(&url(then.0), then.1.as_bytes(), NOW + SECOND).outcome
    };
    const WWW: &str = "http://www.example.com/";
    for (first, then, hides) in [
        ("a=1; Secure; Path=/", (WWW, "a=2"), true),
        ("a=1; Secure; Path=/", (WWW, "a=; Max-Age=0"), true),
        ("a=1; Secure; Path=/", (WWW, "a=2; Domain=example.com"), true),
        ("a=1; Secure; Path=/; Domain=example.com", ("http://api.example.com/", "a=2"), true),
        ("a=1; Secure; Path=/", (WWW, "a=2; Path=/a"), true),
        // Beside it, it hides nothing.
        ("a=1; Secure; Path=/a", (WWW, "a=2; Path=/"), false),
        ("a=1; Secure; Path=/", ("http://api.example.com/", "a=2"), false),
        ("a=1; Secure; Path=/", (WWW, "b=2"), false),
        ("a=1; Path=/", (WWW, "a=2"), false),
        ("a=1; Secure; Path=/", ("https://www.example.com/", "a=2"), false),
        ("a=1; Secure; Path=/; Max-Age=1", (WWW, "a=2"), false),
    ] {
        let outcome = outcome(first, then);
        assert_eq!(outcome == Outcome::Rejected(crate::cookies::Rejected::HidesSecure), hides, "{first} {then:?}");
    }
}

#[test]
fn what_is_only_seen_in_requests_is_a_guess_until_it_is_known() {
    let (mut jar, at) = (Jar::new(), url("https://www.example.com/a/b"));
    jar.set(&at, b"known=1; Domain=example.com", NOW);
    jar.guess(&at, b"known=9; sid=a; theme=dark;; ; x\x01=1; =", NOW);
    let show = |jar: &Jar| jar.header(&url("https://www.example.com/a/"), NOW + SECOND).unwrap_or_default();
    assert_eq!(show(&jar), "known=1; sid=a; theme=dark");
    let guessed = jar.cookies().into_iter().find(|cookie| cookie.name == b"sid").unwrap().clone();
    let expected = Cookie {
        name: b"sid".into(),
        value: b"a".into(),
        domain: "www.example.com".into(),
        host_only: true,
        path: "/".into(),
        secure: true,
        http_only: false,
        same_site: crate::cookies::SameSite::Unset,
        partition: None,
        expires_us: None,
        created_us: NOW,
        guessed: true,
    };
    assert_eq!(guessed, expected);
    jar.guess(&at, b"sid=b", NOW);
    assert_eq!(show(&jar), "known=1; sid=b; theme=dark");
    // Set, its scope is known, wider though it is.
    jar.set(&at, b"sid=c; Domain=example.com; Path=/", NOW + SECOND);
    jar.set(&at, b"theme=; Max-Age=0; Domain=example.com", NOW + SECOND);
    assert_eq!(show(&jar), "known=1; sid=c");
    assert_eq!(jar.len(), 2);
    // Over an open connection it is not Secure.
    jar.guess(&url("http://open.example/"), b"s=1", NOW);
    assert_eq!(jar.header(&url("http://open.example/"), NOW).unwrap(), "s=1");
}

#[test]
fn there_is_room_for_so_many() {
    let mut jar = Jar::with_limits(Limits { per_site: 12, total: 33 });
    let at = url("https://www.example.com/");
    let set = |jar: &mut Jar, field: &str, after: i64| jar.set(&at, field.as_bytes(), NOW + after * SECOND).evicted;
    set(&mut jar, "over=1; Max-Age=20", 0);
    set(&mut jar, "safe=1; Secure", 1);
    set(&mut jar, "used=1; Path=/used", 2);
    for n in 3..12 {
        assert_eq!(set(&mut jar, &format!("c{n}=1; Path=/c"), n), [], "{n}");
    }
    assert_eq!(jar.header(&url("https://www.example.com/used"), NOW + 15 * SECOND).unwrap(), "used=1; over=1; safe=1");
    // First goes what is over, which is not told of, then what was not used for the longest time.
    let names =
        |cookies: Vec<Cookie>| cookies.into_iter().map(|c| String::from_utf8(c.name).unwrap()).collect::<Vec<_>>();
    assert_eq!(names(set(&mut jar, "new=1", 30)), ["c3", "c4"]);
    assert_eq!(jar.len(), 10);
    // In all. What is Secure goes last.
    for n in 0..40 {
        jar.set(&url(&format!("https://s{n}.example/")), b"a=1", NOW + (100 + n) * SECOND);
        assert!(jar.len() <= 33);
    }
    assert!(jar.header(&url("https://s39.example/"), NOW + 200 * SECOND).is_some());
    assert_eq!(jar.header(&at, NOW + 200 * SECOND).unwrap(), "safe=1");
}
