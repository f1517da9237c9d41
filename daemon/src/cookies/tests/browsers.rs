//! What browsers keep, as RFC 6265bis has it and the Web Platform Tests check it.

use super::*;
use crate::cookies::{Asking, Jar, Outcome, Rejected};

const AT: &str = "https://www.example.com/a/b";
const PLAIN: &str = "http://www.example.com/a/b";

/// What is sent to the same URL when these have been set there.
fn kept(at: &str, fields: &[&str]) -> String {
    let (mut jar, at) = (Jar::new(), url(at));
    fields.iter().for_each(|field| _ = jar.set(&at, field.as_bytes(), NOW));
    jar.header(&at, NOW).unwrap_or_default()
}

#[test]
fn values_are_kept_as_they_are_written() {
    for (field, expected) in [
        ("t=1, b=q", "t=1, b=q"),
        ("t=\"2, b=q\"", "t=\"2, b=q\""),
        ("t=\"3z;p\" ; ;", "t=\"3z"),
        ("t=\"4z ;", "t=\"4z"),
        ("t=\"5 \"   \"p\"  ;", "t=\"5 \"   \"p\""),
        ("t=6A\"B ;", "t=6A\"B"),
        ("\"t8\\\"H\"", "\"t8\\\"H\""),
        ("t=  16", "t=16"),
        ("t=\"  18 \"", "t=\"  18 \""),
        ("t=\"20=20\"", "t=\"20=20\""),
        ("t=%32%33", "t=%32%33"),
        ("\tt\t=\ta\tb\t", "t=a\tb"),
        ("  t=== 13  ;f;;;   b", "t=== 13"),
        ("t=7; lol=\"a;b\"; Path=/", "t=7"),
        ("t=8; \"Secure\"", "t=8"),
        ("t=9; Secure q", "t=9"),
        ("t=19;max-age=3600, c=d;path=/", "t=19"),
        ("; b", ""),
        ("=; b", ""),
        (" \t ", ""),
        ("t=26; domain=.p.test; ;; ;=; ,,, ===,a,=; abra! max-age=20;=;;", ""),
        ("t=1; EXPIRES=Fri, 01 Jan 2038 00:00:00 GMT", "t=1"),
        ("t=1; Max-Age=\"0\"; Max-Age=+0; Max-Age=; Max-Age=1.5", "t=1"),
        ("t=1; Max-Age=0; Max-Age=60", "t=1"),
        ("t=1; Max-Age=60; Max-Age=0", ""),
        ("t=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "t=1"),
        ("t=1; Path=/x; Path=/a", "t=1"),
        ("t=1; Path=/a; Path=/x", ""),
        ("t=1; Path=/x; Path=", "t=1"),
        ("t=1; Path=/%61/b", ""),
        ("t=1; Domain=example.com; Domain=other.test", ""),
        ("t=1; Domain=other.test; Domain=.example.com", "t=1"),
        ("t=1; Domain=other.test; Domain=", "t=1"),
        ("t=1; Domain=..example.com", ""),
        ("t=1; Domain=.", "t=1"),
    ] {
        assert_eq!(kept(PLAIN, &[field]), expected, "{field:?}");
    }
    assert_eq!(kept(PLAIN, &["a=1", "=", "", "b=1"]), "a=1; b=1");
    assert_eq!(kept(PLAIN, &["a", "b", "=c"]), "c");
    // A byte that is no text, and each control character.
    for byte in (0..=255_u8).filter(|byte| *byte != b';' && *byte != b' ' && *byte != b'\t' && *byte != b'=') {
        let (mut jar, at) = (Jar::new(), url(AT));
        for place in [&b"a"[..], b"a=", b"a=b; c="] {
            let outcome = jar.set(&at, &[place, &[byte], b"x"].concat(), NOW).outcome;
            let rejected = outcome == Outcome::Rejected(Rejected::ControlCharacter { byte, at: place.len() });
            assert_eq!(rejected, byte < 0x20 || byte == 0x7f, "{byte:#x} {place:?}");
        }
    }
}

#[test]
fn sizes_have_bounds() {
    let long = |count: usize| "x".repeat(count);
    for (field, expected) in [
        (format!("t={}", long(4095)), 4097),
        (format!("t={}", long(4096)), 0),
        (format!("{}=t", long(4095)), 4097),
        (format!("{}=t", long(4096)), 0),
        (long(4096), 4096),
        (long(4097), 0),
        // What is around them does not count.
        (format!("  t =   {}  ; Path=/{}", long(4095), long(1023)), 0),
        (format!("t=1; Path=/{}", long(1023)), 0),
        // An attribute that is too long is as if it were not there.
        (format!("t=1; Path=/{}", long(1024)), 3),
        (format!("t=1; Domain={}", long(1024)), 0),
        (format!("t=1; Domain={}", long(1025)), 3),
        (format!("t=1; Path=/a; Path=/{}", long(1024)), 3),
        (format!("t=1; Max-Age=0{}", long(1025)), 3),
        (format!("t=1; {}", "a;".repeat(10_000)), 3),
    ] {
        assert_eq!(kept(PLAIN, &[&field]).len(), expected, "{:.40} of {}", field, field.len());
    }
    let mut jar = Jar::new();
    let received = jar.set(&url(AT), format!("t=1; {}", "a;".repeat(100)).as_bytes(), NOW);
    assert_eq!(received.ignored.len(), 16);
}

#[test]
fn nothing_lives_longer_than_400_days() {
    const DAY: i64 = 86_400 * SECOND;
    for field in ["t=1; Max-Age=99999999999", "t=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT"] {
        let cookie = Jar::new().set(&url(AT), field.as_bytes(), NOW).cookie.unwrap();
        assert_eq!(cookie.expires_us, Some(NOW + 400 * DAY), "{field}");
    }
    let cookie = Jar::new().set(&url(AT), b"t=1; Max-Age=86400", NOW).cookie.unwrap();
    assert_eq!(cookie.expires_us, Some(NOW + DAY));
}

#[test]
fn a_cookie_is_rejected_for_a_reason() {
    const OTHER: &str = "https://other.test/";
    let plain = |at| (at, None, false);
    let within = |at| (at, Some(OTHER), false);
    let to = |at| (at, Some(OTHER), true);
    for (asking, field, expected) in [
        (plain(AT), "a=1\x01", "control_character"),
        (plain(AT), "; Path=/", "empty"),
        (plain("data:text/plain,x"), "a=1", "no_host"),
        (plain(AT), "a=1; Domain=exämple.com", "domain_not_ascii"),
        (plain(AT), "a=1; Domain=com", "public_suffix"),
        (plain(AT), "a=1; Domain=a.www.example.com", "other_domain"),
        (plain(PLAIN), "a=1; Secure", "secure_over_http"),
        (plain(AT), "a=1; SameSite=None", "none_without_secure"),
        (plain(AT), "a=1; SameSite=none; Secure", "stored"),
        (plain(AT), "a=1; SameSite=None; SameSite=Lax", "stored"),
        (plain(AT), "a=1; Partitioned", "partitioned_without_secure"),
        (plain(AT), "a=1; Partitioned; Secure; Path=/", "stored"),
        // Prefixes, whatever the case of their letters.
        (plain(AT), "__Secure-a=1", "prefix"),
        (plain(AT), "__secure-a=1", "prefix"),
        (plain(AT), "__Secure-a=1; Secure; Domain=example.com", "stored"),
        (plain(PLAIN), "__Secure-a=1; Secure", "secure_over_http"),
        (plain(AT), "__Host-a=1; Secure; Path=/", "stored"),
        (plain(AT), "__Host-a=1; Path=/", "prefix"),
        (plain(AT), "__Host-a=1; Secure", "prefix"),
        (plain("https://www.example.com/"), "__Host-a=1; Secure", "prefix"),
        (plain("https://www.example.com/"), "__Host-a=1; Secure; Path", "prefix"),
        (plain(AT), "__HOST-a=1; Secure; Path=/a", "prefix"),
        (plain(AT), "__Host-a=1; Secure; Path=/; Domain=www.example.com", "prefix"),
        (plain("http://localhost/"), "__Host-a=1; Secure; Path=/", "stored"),
        (plain(AT), "=__Host-a=1; Secure; Path=/", "hidden_prefix"),
        (plain(AT), "__secure-a", "hidden_prefix"),
        (plain(AT), "__Secure", "stored"),
        // Pages of other sites.
        (within(AT), "a=1", "cross_site"),
        (within(AT), "a=1; SameSite=Lax", "cross_site"),
        (within(AT), "a=1; SameSite=Strict", "cross_site"),
        (within(AT), "a=1; SameSite=None; Secure", "stored"),
        (to(AT), "a=1; SameSite=Strict", "stored"),
        ((AT, Some("https://api.example.com/x"), false), "a=1; SameSite=Strict", "stored"),
        ((AT, Some("http://www.example.com/x"), false), "a=1; SameSite=Strict", "cross_site"),
        (("https://a.github.io/", Some("https://b.github.io/"), false), "a=1", "cross_site"),
        (("wss://api.example.com/", Some(AT), false), "a=1", "stored"),
        (("http://[::1]:1/", Some("http://[::1]:2/"), false), "a=1", "stored"),
    ] {
        let (at, page, navigates) = asking;
        let (at, page) = (url(at), page.map(url));
        let asking = Asking { url: &at, method: "GET", page: page.as_ref(), navigates };
        let outcome = match Jar::new().receive(&asking, field.as_bytes(), NOW).outcome {
            Outcome::Rejected(why) => {
                assert!(why.to_string().ends_with('.') || why.to_string().ends_with(".."), "{why}");
                why.code()
            }
            Outcome::Stored => "stored",
            outcome => panic!("{field} {outcome:?}"),
        };
        assert_eq!(outcome, expected, "{field} {asking:?}");
    }
}
