//! Whose cookies are meant by what people write.

use crate::cookies::{BadScope, Scope};
use proptest::prelude::*;

#[test]
fn a_domain_with_all_below_it_or_one_host() {
    for (text, host, subdomains) in [
        ("example.com", "example.com", true),
        (" Example.COM ", "example.com", true),
        (".example.com", "example.com", true),
        ("*.example.com", "example.com", true),
        ("example.com:8443", "example.com", true),
        ("example.com/path?x#y", "example.com", true),
        ("example.com.", "example.com", true),
        ("https://example.com", "example.com", false),
        ("HTTPS://Example.com:444/path", "example.com", false),
        ("http://example.com", "example.com", false),
        ("b\u{fc}cher.example", "xn--bcher-kva.example", true),
        ("https://b\u{fc}cher.example/", "xn--bcher-kva.example", false),
        ("localhost", "localhost", false),
        ("localhost:3000", "localhost", false),
        ("127.0.0.1", "127.0.0.1", false),
        ("http://127.1:80/", "127.0.0.1", false),
        ("::1", "[::1]", false),
        ("[::1]:8080", "[::1]", false),
        ("intranet", "intranet", false),
        ("printer.local", "printer.local", true),
        ("me.github.io", "me.github.io", true),
    ] {
        let expected = Scope { host: host.into(), subdomains };
        assert_eq!(Scope::read(text), Ok(expected.clone()), "{text}");
        assert_eq!(Scope::read(&expected.to_string()), Ok(expected), "as it is written again: {text}");
    }
}

#[test]
fn what_names_no_hosts_is_refused_with_the_reason() {
    let suffix = |text: &str| Err(BadScope::PublicSuffix(text.into()));
    for (text, expected) in [
        ("com", suffix("com")),
        ("co.uk", suffix("co.uk")),
        ("https://github.io", suffix("github.io")),
        ("*.com", suffix("com")),
        ("ftp://example.com", Err(BadScope::Scheme("ftp".into()))),
        ("u:p@example.com", Err(BadScope::User)),
        ("", Err(BadScope::NoHost(String::new()))),
        ("a b", Err(BadScope::NoHost("a b".into()))),
        ("a..", Err(BadScope::NoHost("a..".into()))),
        ("..a.test", Err(BadScope::NoHost("..a.test".into()))),
        ("https://", Err(BadScope::NoHost("https://".into()))),
    ] {
        assert_eq!(Scope::read(text), expected, "{text}");
    }
    assert_eq!(Scope::read(&"a".repeat(3000)), Err(BadScope::TooLong(3000)));
}

#[test]
fn a_scope_includes_what_it_says() {
    for (scope, host, included) in [
        ("example.com", "example.com", true),
        ("example.com", "www.example.com", true),
        ("example.com", "a.b.example.com.", true),
        ("example.com", "badexample.com", false),
        ("example.com", "com", false),
        ("https://example.com", "example.com", true),
        ("https://example.com", "www.example.com", false),
        ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "1.127.0.0.1", false),
        ("::1", "::1", true),
        ("::1", "[::1]", true),
        ("localhost", "x.localhost", false),
    ] {
        assert_eq!(Scope::read(scope).unwrap().includes(host), included, "{scope} {host}");
    }
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_or_refused(text in ".{0,80}") {
        if let Ok(scope) = Scope::read(&text) {
            prop_assert!(scope.includes(&scope.host));
            prop_assert_eq!(Scope::read(&scope.to_string()), Ok(scope));
        }
    }
}
