use super::*;
use proptest::prelude::*;

fn to(url: &str) -> Draft {
    Draft { url: url.into(), ..Draft::default() }
}

#[test]
fn a_url_is_encoded_by_the_table_or_sent_as_typed() {
    // Typed, encoded, as typed; `None` where it cannot be sent.
    for (typed, encoded, raw) in [
        ("h", Some("/"), Some("/")),
        ("h?", Some("/?"), Some("/?")),
        ("h?a=b", Some("/?a=b"), Some("/?a=b")),
        ("h/a/./../b//", Some("/a/./../b//"), Some("/a/./../b//")),
        ("h/\"<>`{} x", Some("/%22%3C%3E%60%7B%7D%20x"), None),
        ("h/a;b=c,d|e^f[g]~!$&'()*+@:", Some("/a;b=c,d|e^f[g]~!$&'()*+@:"), Some("/a;b=c,d|e^f[g]~!$&'()*+@:")),
        ("h/a\\b", Some("/a/b"), Some("/a\\b")),
        ("h/%2f%20%zz%", Some("/%2f%20%zz%"), Some("/%2f%20%zz%")),
        ("h/ä/日本", Some("/%C3%A4/%E6%97%A5%E6%9C%AC"), Some("/ä/日本")),
        ("h?q=\"<>' x", Some("/?q=%22%3C%3E%27%20x"), None),
        ("h?a=b=c&&d&=e", Some("/?a=b=c&&d&=e"), Some("/?a=b=c&&d&=e")),
        ("h?q={{x}}`|^[]\\/?:@", Some("/?q={{x}}`|^[]\\/?:@"), Some("/?q={{x}}`|^[]\\/?:@")),
        ("h?q=ä%20+", Some("/?q=%C3%A4%20+"), Some("/?q=ä%20+")),
        ("h/{{x}}", Some("/%7B%7Bx%7D%7D"), Some("/{{x}}")),
        ("h/a#b?c", Some("/a"), Some("/a")),
        ("h/a?b#c", Some("/a?b"), Some("/a?b")),
        ("h/a\u{1}\u{7f}\t", Some("/a%01%7F"), None),
        ("h/a\r\nHost: x", Some("/a%0D%0AHost:%20x"), None),
    ] {
        let sent = |encode| target(&to(typed), encode).ok().map(|target| target.path);
        assert_eq!(sent(true).as_deref(), encoded, "{typed:?} encoded");
        assert_eq!(sent(false).as_deref(), raw, "{typed:?} as typed");
    }
}

#[test]
fn userinfo_goes_by_the_table_too() {
    let all = "a \"<>`#?{}/:;=@[\\]^|ü%41";
    assert_eq!(encoded(all, encode::USERINFO), "a%20%22%3C%3E%60%23%3F%7B%7D%2F%3A%3B%3D%40%5B%5C%5D%5E%7C%C3%BC%41");
    let found = target(&to("http://us%40er:p:w%2F@h/"), true).unwrap();
    let user = found.userinfo.as_ref().unwrap();
    assert_eq!((user.username.as_str(), user.password.as_str()), ("us@er", "p:w/"));
    assert_eq!(found.url(), "http://h/");
    assert!(!format!("{found:?}").contains("p:w"));
}

#[test]
fn where_a_url_leads() {
    for (url, leads, authority) in [
        ("example.org", "http://example.org/", "example.org"),
        ("  HTTPS://EXAMPLE.org:443 ", "https://example.org/", "example.org"),
        ("http://h:443/", "http://h:443/", "h:443"),
        ("localhost:3000/x", "http://localhost:3000/x", "localhost:3000"),
        ("//h/x", "http://h/x", "h"),
        ("http:////h/x", "http://h/x", "h"),
        ("http:\\\\h\\x", "http://h/x", "h"),
        ("h:/x", "http://h/x", "h"),
        ("h/?u=http://x", "http://h/?u=http://x", "h"),
        ("h/http://x", "http://h/http://x", "h"),
        ("u:p@h:1/", "http://h:1/", "h:1"),
        ("a@b@h/", "http://h/", "h"),
        ("http://[::1]:8080/", "http://[::1]:8080/", "[::1]:8080"),
        ("[2001:DB8:0:0:0:0:0:1]", "http://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://127.1/", "http://127.0.0.1/", "127.0.0.1"),
        ("http://0x7f000001/", "http://127.0.0.1/", "127.0.0.1"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("中文.com/ü", "http://xn--fiq228c.com/%C3%BC", "xn--fiq228c.com"),
        ("my_service.local.", "http://my_service.local./", "my_service.local."),
        ("http://unix:/tmp/a.sock:/res?x=1", "http://unix:/tmp/a.sock:/res?x=1", "localhost"),
        ("unix:/tmp/a.sock", "http://unix:/tmp/a.sock:/", "localhost"),
        ("https://unix:/tmp/a.sock:", "https://unix:/tmp/a.sock:/", "localhost"),
        ("http://unix:8080/x", "http://unix:8080/x", "unix:8080"),
        ("http://unix/x", "http://unix/x", "unix"),
    ] {
        let found = target(&to(url), true).unwrap_or_else(|problem| panic!("{url}: {problem:?}"));
        assert_eq!((found.url().as_str(), found.authority().as_str()), (leads, authority), "{url}");
    }
    let socket = target(&to("http://unix:/tmp/a.sock:/res"), true).unwrap();
    assert_eq!((socket.unix, socket.path.as_str()), (Some(PathBuf::from("/tmp/a.sock")), "/res"));
}

#[test]
fn a_url_that_leads_nowhere_says_why() {
    for (url, says, hints) in [
        ("  ", "no URL", "Type where"),
        ("#x", "no host", "Write where"),
        ("http://", "no host", "Write where"),
        ("http://:80/", "no host", "Write where"),
        ("?x", "no host", "Write where"),
        ("ftp://h/", "\"ftp\"", "http:// or https://"),
        ("ws://h/", "\"ws\"", "waylay connect"),
        ("h:0/", "\"0\" is no port", "1 to 65535"),
        ("h:65536/", "\"65536\" is no port", "1 to 65535"),
        ("h:+80/", "\"+80\" is no port", "1 to 65535"),
        ("http:h/", "\"h\" is no port", "1 to 65535"),
        ("::1/", "is no host", "brackets"),
        ("http://fe80::a/", "is no host", "brackets"),
        ("http://[::1/", "is no host", "brackets"),
        ("http://[::g]/", "is no host", "brackets"),
        ("http://a b/", "is no host", "A host is"),
        ("http://a\"b/", "is no host", "A host is"),
        ("http://999.1.1.1/", "is no host", "A host is"),
        ("http://{{host}}/", "variable without a value", "environment"),
        ("http://h:{{port}}/", "variable without a value", "environment"),
        ("{{base}}/x", "variable without a value", "environment"),
        ("{{scheme}}://h/x", "variable without a value", "environment"),
        ("http://unix:/tmp/", "no", "unix:/path"),
    ] {
        let problem = target(&to(url), true).expect_err(url);
        assert_eq!(problem.stage, "url");
        let (message, hint) = (problem.message.as_str(), problem.hint.as_str());
        assert!(message.contains(says) && hint.contains(hints), "{url}: {message} {hint}");
    }
    assert!(target(&to(&format!("h/{}", "a".repeat(MAX_PATH))), true).unwrap_err().message.contains("65535 bytes"));
    assert!(target(&to(&format!("h/{}", "a".repeat(MAX_PATH - 1))), true).is_ok());
}

#[test]
fn the_list_stands_for_the_query_and_a_key_follows_it() {
    let off = Field { disabled: true, ..Field::new("off", "1") };
    let query =
        vec![Field::new("a=&", "b=&#?"), off.clone(), Field::new("a", ""), Field::new("", "x"), Field::new("", "")];
    let mut draft = Draft { query: Some(query), ..to("h/p?typed=1#f") };
    assert_eq!(target(&draft, true).unwrap().path, "/p?a%3D%26=b=%26%23?&a=&=x");
    draft.auth = Auth::Apikey { key: "k y".into(), value: "v&".into(), place: KeyPlace::Query };
    assert_eq!(target(&draft, true).unwrap().path, "/p?a%3D%26=b=%26%23?&a=&=x&k%20y=v%26");
    draft.query = Some(vec![off]);
    assert_eq!(target(&draft, true).unwrap().path, "/p?k%20y=v%26");
    draft.query = None;
    assert_eq!(target(&draft, true).unwrap().path, "/p?typed=1&k%20y=v%26");
}

#[test]
fn variables_of_the_path_are_whole_segments() {
    let off = Field { disabled: true, ..Field::new("off", "1") };
    let path_variables = vec![Field::new("id", "a b/c?#{}"), Field::new("none", ""), off];
    let draft = Draft { path_variables, ..to("h:80/:id/x:id/:none/:off/:other/:?q=:id") };
    assert_eq!(target(&draft, true).unwrap().path, "/a%20b/c%3F%23%7B%7D/x:id//:off/:other/:?q=:id");
}

proptest! {
    #[test]
    fn whatever_is_typed_there_is_a_request_line_or_a_problem(url in "(https?://)?\\PC{0,40}", encode: bool) {
        match target(&to(&url), encode) {
            Ok(found) => {
                prop_assert!(found.path.starts_with('/'));
                prop_assert!(!found.path.contains([' ', '#', '\r', '\n']));
                prop_assert!(found.authority().parse::<http::uri::Authority>().is_ok(), "{found:?}");
            }
            Err(problem) => prop_assert!(problem.stage == "url" && !problem.hint.is_empty()),
        }
    }
}
