use super::*;

fn rules(build: impl FnOnce(&mut RecordingRules)) -> RecordingRules {
    let mut rules = RecordingRules::default();
    build(&mut rules);
    rules
}

fn list(entries: &[&str]) -> Vec<String> {
    entries.iter().map(|entry| (*entry).to_owned()).collect()
}

fn asked<'a>(method: &'a str, scheme: Scheme, host: &'a str, port: u16, path: &'a str) -> Asked<'a> {
    Asked { kind: Kind::Http, method, scheme, host, port, path }
}

/// `GET https://shop.example.com/api/Items?id=1`
const ITEMS: Asked<'_> = Asked {
    kind: Kind::Http,
    method: "GET",
    scheme: Scheme::Https,
    host: "shop.example.com",
    port: 443,
    path: "/api/Items?id=1",
};

#[test]
fn requests_are_told_by_method_host_and_url() {
    type Set = fn(&mut RecordingRules);
    let cases: [(&str, Set, bool); 22] = [
        ("nothing is asked", |_| {}, true),
        ("a method", |r| r.methods = list(&["POST", "get"]), true),
        ("another method", |r| r.methods = list(&["POST", "PUT"]), false),
        ("its host", |r| r.hosts = list(&["shop.example.com"]), true),
        ("names below", |r| r.hosts = list(&["other.test", "*.example.com"]), true),
        ("with its port", |r| r.hosts = list(&["shop.example.com:443"]), true),
        ("with another port", |r| r.hosts = list(&["shop.example.com:8443"]), false),
        ("another host", |r| r.hosts = list(&["example.com"]), false),
        ("text in another case", |r| r.url_contains = list(&["API/items"]), true),
        ("the beginning of the URL", |r| r.url_contains = list(&["https://shop.example.com/api"]), true),
        ("one of two texts", |r| r.url_contains = list(&["nowhere", "id="]), true),
        ("no text", |r| r.url_contains = list(&["nowhere"]), false),
        ("signs are no expression", |r| r.url_contains = list(&["Items.id"]), false),
        ("text with signs", |r| r.url_contains = list(&["Items?id=1"]), true),
        ("an expression", |r| r.url_contains = list(&[r"/\/Items\?id=\d+$/"]), true),
        ("an expression minds case", |r| r.url_contains = list(&["/items/"]), false),
        ("unless told not to", |r| r.url_contains = list(&["/^HTTPS:.*items/i"]), true),
        ("text it must not have", |r| r.url_excludes = list(&["items"]), false),
        ("an expression it must not have", |r| r.url_excludes = list(&["nowhere", "/api|cdn/"]), false),
        ("texts it does not have", |r| r.url_excludes = list(&["nowhere", "/^http:/"]), true),
        ("both lists", |r| (r.url_contains, r.url_excludes) = (list(&["api"]), list(&["id=1"])), false),
        ("all lists agree", |r| (r.methods, r.hosts) = (list(&["GET"]), list(&["other.test"])), false),
    ];
    for (what, set, wanted) in cases {
        let policy = Policy::new(&rules(set)).unwrap();
        assert_eq!(policy.wants_request(&ITEMS), wanted, "{what}");
    }
}

#[test]
fn urls_are_those_that_lists_show() {
    for (asked, url) in [
        (ITEMS, "https://shop.example.com/api/Items?id=1"),
        (asked("GET", Scheme::Http, "a.test", 8080, "/"), "http://a.test:8080/"),
        (asked("GET", Scheme::Https, "::1", 443, "/x"), "https://[::1]/x"),
        (asked("CONNECT", Scheme::Tcp, "a.test", 22, ""), "tcp://a.test:22"),
    ] {
        assert_eq!(super::url(&asked), url);
    }
}

#[test]
fn responses_are_told_by_status_and_type() {
    for (status, types, found, content_type, wanted) in [
        (&[][..], &[][..], 200, None, true),
        (&["404"], &[], 404, None, true),
        (&["404"], &[], 405, None, false),
        (&["4xx", "5XX"], &[], 503, None, true),
        (&["4xx", "5xx"], &[], 304, None, false),
        (&["failed"], &[], 500, None, false),
        (&[], &["json"], 200, Some("application/json; charset=utf-8"), true),
        (&[], &["json"], 200, Some("Application/Problem+JSON"), true),
        (&[], &["json"], 200, Some("text/html; a=json"), false),
        (&[], &["text/html", "xml"], 200, Some("text/html"), true),
        (&[], &["image/"], 200, Some("image/png"), true),
        (&[], &["json"], 204, None, false),
        (&[], &["json", "none"], 204, None, true),
        (&[], &["none"], 200, Some(""), true),
        (&["2xx"], &["json"], 200, Some("text/html"), false),
        (&["2xx"], &["json"], 404, Some("text/json"), false),
    ] {
        let rules = rules(|r| (r.status, r.content_types) = (list(status), list(types)));
        let policy = Policy::new(&rules).unwrap();
        let got = policy.wants_response(found, content_type.map(str::as_bytes));
        assert_eq!(got, wanted, "{rules:?} {found} {content_type:?}");
    }
}

#[test]
fn what_is_no_request_is_asked_less() {
    let of = |kind| Asked { kind, ..asked("CONNECT", Scheme::Tcp, "a.test", 443, "") };
    let wants = |build: fn(&mut RecordingRules), kind| Policy::new(&rules(build)).unwrap().wants_request(&of(kind));
    for kind in [Kind::TlsFailure, Kind::ConnectFailure, Kind::Pinned] {
        assert!(wants(|r| r.methods = list(&["GET"]), kind), "no method was said");
        assert!(wants(|r| r.url_contains = list(&["/api"]), kind), "nor a URL");
        assert!(wants(|r| r.content_types = list(&["json"]), kind), "nor a type");
        assert!(!wants(|r| r.hosts = list(&["b.test"]), kind));
        assert!(!wants(|r| r.status = list(&["5xx"]), kind));
        assert!(wants(|r| r.status = list(&["5xx", "failed"]), kind));
    }
    assert!(!wants(|r| r.methods = list(&["GET"]), Kind::Tunnel));
    assert!(wants(|r| r.methods = list(&["connect"]), Kind::Tunnel));
    assert!(!wants(|r| r.status = list(&["2xx", "failed"]), Kind::Tunnel), "it has no status");
    assert!(!wants(|r| r.content_types = list(&["none"]), Kind::Tunnel), "nor a type");
    let failure = |status: &[&str]| Policy::new(&rules(|r| r.status = list(status))).unwrap().wants_failure();
    assert!(failure(&[]) && failure(&["failed"]) && !failure(&["4xx", "5xx"]));
}

#[test]
fn bodies_are_left_out_by_type_or_altogether() {
    let omitted = |build: fn(&mut RecordingRules), content_type: Option<&str>| {
        let policy = Policy::new(&rules(build)).unwrap();
        policy.omitted(content_type.map(str::as_bytes)).words().collect::<Vec<_>>()
    };
    for media in ["image/png", "IMAGE/svg+xml", "audio/ogg", " video/mp4; codecs=x"] {
        assert_eq!(omitted(|_| {}, Some(media)), ["media"], "{media}");
        assert!(omitted(|r| r.media = true, Some(media)).is_empty());
        assert_eq!(omitted(|r| r.save_responses = false, Some(media)), ["response"]);
    }
    for other in [None, Some("text/html"), Some("application/image/png"), Some("imagex/png"), Some("")] {
        assert!(omitted(|_| {}, other).is_empty(), "{other:?}");
        assert_eq!(omitted(|r| (r.save_responses, r.media) = (false, true), other), ["response"]);
    }
}

#[test]
fn what_is_no_rule_is_refused_with_its_place() {
    type Set = fn(&mut RecordingRules);
    let cases: [(Set, &str, &str, &str); 14] = [
        (|r| r.methods = list(&["GET", "G T"]), "methods", "G T", "not a method"),
        (|r| r.methods = list(&[" "]), "methods", " ", "empty"),
        (|r| r.status = list(&["200", "6x"]), "status", "6x", "not a status"),
        (|r| r.status = list(&["0xx"]), "status", "0xx", "not a status"),
        (|r| r.status = list(&["+44"]), "status", "+44", "not a status"),
        (|r| r.status = list(&["99"]), "status", "99", "not a status"),
        (|r| r.hosts = list(&["https://a.test"]), "hosts", "https://a.test", "scheme"),
        (|r| r.hosts = list(&["a*"]), "hosts", "a*", "* in the middle"),
        (|r| r.url_contains = list(&["fine", "/(/"]), "url_contains", "/(/", "unclosed group"),
        (|r| r.url_excludes = list(&[r"/(?=a)/"]), "url_excludes", r"/(?=a)/", "look-around"),
        (|r| r.url_excludes = list(&[r"/a{5000}{5000}/"]), "url_excludes", r"/a{5000}{5000}/", "too large"),
        (|r| r.content_types = list(&["text/*"]), "content_types", "text/*", "media type"),
        (|r| r.content_types = list(&["a b"]), "content_types", "a b", "media type"),
        (|r| r.hosts = vec!["a.test".to_owned(); ENTRIES + 1], "hosts", "a.test", "one too many"),
    ];
    for (set, field, entry, why) in cases {
        let error = Policy::new(&rules(set)).unwrap_err();
        assert_eq!((error.field, error.entry.as_str()), (field, entry));
        assert!(error.to_string().contains(why), "{error}");
    }
    let long = Policy::new(&rules(|r| r.url_contains = vec!["x".repeat(LENGTH + 1)])).unwrap_err();
    assert!(long.to_string().len() < 200, "{long}");
    // Each is small enough, all of them together are not.
    let many = rules(|r| r.url_contains = (0..50).map(|n| format!("/a{{900}}{{8}}{n}/")).collect());
    assert!(Policy::new(&many).unwrap_err().to_string().contains("too large"));
}

proptest::proptest! {
    #[test]
    fn any_rules_are_read_or_refused(entry: String, url: String) {
        let text = list(&[&entry]);
        let all = rules(|r| {
            (r.methods, r.status, r.hosts) = (text.clone(), text.clone(), text.clone());
            (r.url_contains, r.url_excludes, r.content_types) = (text.clone(), text.clone(), text.clone());
        });
        let _ = Policy::new(&all);
        if let Ok(policy) = Policy::new(&rules(|r| r.url_contains = text)) {
            policy.wants_request(&asked("GET", Scheme::Http, "a.test", 80, &url));
        }
    }

    #[test]
    fn a_text_is_found_where_it_stands(before in "[ -~]{0,20}", text in "[a-zA-Z0-9 .?*+()\\[\\]{}|^$-]{1,20}", after in "[ -~]{0,20}") {
        proptest::prop_assume!(!text.trim().is_empty());
        let policy = Policy::new(&rules(|r| r.url_contains = list(&[&text.to_uppercase()]))).unwrap();
        let path = format!("/{before}{text}{after}");
        proptest::prop_assert!(policy.wants_request(&asked("GET", Scheme::Http, "a.test", 80, &path)));
    }
}
