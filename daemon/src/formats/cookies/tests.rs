use super::*;
use crate::cookies::SameSite;
use proptest::prelude::*;
use std::{fs, path::Path};

const NOW: i64 = 1_794_500_000_000_000;

fn cookie(name: &str, domain: &str) -> Cookie {
    Cookie {
        name: name.into(),
        value: b"1".into(),
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

fn places(read: &Read) -> Vec<String> {
    read.bad.iter().map(|bad| format!("{}: {}", bad.place, bad.reason)).collect()
}

#[test]
fn files_of_yt_dlp_are_read() {
    let file = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/cookies/netscape").join(name);
        read(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())), NOW).unwrap()
    };
    let foobar =
        |name: &str, value: &str| Cookie { value: value.into(), secure: true, ..cookie(name, "www.foobar.foobar") };
    let end = Some(2_147_483_647_000_000);
    let http_only = foobar("HTTPONLY_COOKIE", "HTTPONLY_COOKIE_VALUE");
    let accessible = foobar("JS_ACCESSIBLE_COOKIE", "JS_ACCESSIBLE_COOKIE_VALUE");
    assert_eq!(
        file("yt-dlp__cookies_httponly_cookies.txt").cookies,
        [Cookie { http_only: true, expires_us: end, ..http_only }, Cookie { expires_us: end, ..accessible }]
    );
    assert_eq!(
        file("yt-dlp__cookies_session_cookies.txt").cookies,
        [
            foobar("YoutubeDLExpiresEmpty", "YoutubeDLExpiresEmptyValue"),
            foobar("YoutubeDLExpires0", "YoutubeDLExpires0Value")
        ]
    );
    let malformed = file("yt-dlp__cookies_malformed_cookies.txt");
    assert_eq!((malformed.cookies.len(), malformed.bad_count), (0, 2));
    let places = places(&malformed);
    assert!(places[0].starts_with("line 6: It has 6 fields between tabs, and should have 7"), "{places:?}");
    assert_eq!(places[1], "line 9: Its end is no number of seconds since 1970.");
}

#[test]
fn lines_of_cookies_txt_are_read() {
    let sub = |cookie: Cookie| Cookie { host_only: false, ..cookie };
    let end = |cookie: Cookie, seconds: i64| Cookie { expires_us: Some(seconds * 1_000_000), ..cookie };
    for (line, expected) in [
        (".example.com\tTRUE\t/\tFALSE\t0\ta\t1", Ok(sub(cookie("a", "example.com")))),
        // The second field decides.
        ("example.com\tTRUE\t/\tFALSE\t0\ta\t1", Ok(sub(cookie("a", "example.com")))),
        (".example.com\tfalse\t/\tfalse\t0\ta\t1", Ok(cookie("a", "example.com"))),
        ("example.com\tFALSE\t/\tFALSE\t1735689600\ta\t1\r", Ok(end(cookie("a", "example.com"), 1_735_689_600))),
        ("example.com\tFALSE\t/\tFALSE\t-1\ta\t1", Ok(cookie("a", "example.com"))),
        ("example.com\tFALSE\t/\tFALSE\t\ta\t1", Ok(cookie("a", "example.com"))),
        ("example.com\tFALSE\t/\tFALSE\t1735689600.75\ta\t1", Ok(end(cookie("a", "example.com"), 1_735_689_600))),
        ("bücher.example\tFALSE\t\tFALSE\t0\ta\t1", Ok(cookie("a", "xn--bcher-kva.example"))),
        ("EXAMPLE.com\tFALSE\t/\tFALSE\t0\t\t1", Ok(cookie("", "example.com"))),
        ("127.0.0.1\tFALSE\t/\tFALSE\t0\ta\t1", Ok(cookie("a", "127.0.0.1"))),
        ("::1\tFALSE\t/\tFALSE\t0\ta\t1", Ok(cookie("a", "[::1]"))),
        ("[0::1]\tFALSE\t/\tFALSE\t0\ta\t1", Ok(cookie("a", "[::1]"))),
        ("#HttpOnly_localhost\tFALSE\t/\tFALSE\t0\ta\t1", Ok(Cookie { http_only: true, ..cookie("a", "localhost") })),
        ("#HttpOnly_localhost\tFALSE", Err("It has 2 fields between tabs")),
        ("example.com\tFALSE\t/\tFALSE\t0\ta\t1\t2\t3\t4", Err("It has more than 8 fields between tabs")),
        ("exa mple.com\tFALSE\t/\tFALSE\t0\ta\t1", Err("Its domain is none.")),
        ("\tFALSE\t/\tFALSE\t0\ta\t1", Err("Its domain is none.")),
        ("example.com\tNO\t/\tFALSE\t0\ta\t1", Err("Its second field is neither TRUE nor FALSE.")),
        ("example.com\tFALSE\tx\tFALSE\t0\ta\t1", Err("Its path does not begin with a slash.")),
        ("example.com\tFALSE\t/\t1\t0\ta\t1", Err("Its fourth field is neither TRUE nor FALSE.")),
        ("example.com\tFALSE\t/\tFALSE\t-2\ta\t1", Err("Its end is no number of seconds since 1970.")),
        ("example.com\tFALSE\t/\tFALSE\tsoon\ta\t1", Err("Its end is no number of seconds since 1970.")),
        ("example.com\tFALSE\t/\tFALSE\t0\t\t", Err("It has neither a name nor a value.")),
        ("example.com\tFALSE\t/\tFALSE\t0\ta\x01\t1", Err("It has the control character 0x01 as byte 1.")),
        ("example.com\tFALSE\t/\tFALSE\t0\ta\t1;b=2", Err("Its name has a ; or =, or its value a ;")),
        ("example.com\tFALSE\t/\tFALSE\t0\ta=b\t1", Err("Its name has a ; or =")),
        ("example.com\tFALSE\t/\tFALSE\t0\t__Host-a\t1", Err("A name that begins with __Host- needs Secure.")),
    ] {
        let read = read(format!("# HTTP Cookie File\n\n# a comment\n{line}\n").as_bytes(), NOW).unwrap();
        match expected {
            Ok(cookie) => assert_eq!((&read.cookies[..], &read.bad[..]), (&[cookie][..], &[][..]), "{line:?}"),
            Err(reason) => {
                assert!(read.cookies.is_empty() && read.bad[0].place == "line 4", "{line:?} {read:?}");
                assert!(read.bad[0].reason.starts_with(reason), "{line:?} {read:?}");
            }
        }
    }
    // The rest is read.
    let read =
        read(b"a.example\tFALSE\t/\tFALSE\t0\ta\t1\nnothing\n\nb.example\tFALSE\t/\tFALSE\t0\tb\t1", NOW).unwrap();
    assert_eq!(read.cookies, [cookie("a", "a.example"), cookie("b", "b.example")]);
    assert_eq!(read.bad[0].place, "line 2");
}

#[test]
fn what_is_in_json_is_read() {
    let full = Cookie {
        host_only: false,
        path: "/a".into(),
        secure: true,
        http_only: true,
        same_site: SameSite::None,
        expires_us: Some(1_735_689_600_500_000),
        ..cookie("a", "example.com")
    };
    let partition = Some("https://shop.test".to_owned());
    for (text, expected) in [
        (r#"{"cookies":[{"name":"a","value":"1","domain":"example.com"}]}"#, cookie("a", "example.com")),
        (
            r#"{"cookies":[{"name":"a","value":"1","domain":"example.com","path":"/","expires":-1,"httpOnly":false,"secure":false,"sameSite":"Lax"}],"origins":[]}"#,
            Cookie { same_site: SameSite::Lax, ..cookie("a", "example.com") },
        ),
        (
            r#"{"cookies":[{"name":"a","value":"1","domain":".example.com","path":"/a","expires":1735689600.5,"httpOnly":true,"secure":true,"sameSite":"None","partitionKey":"https://www.shop.test"}]}"#,
            Cookie { partition, ..full.clone() },
        ),
        (
            r#"[{"domain":".example.com","expirationDate":1735689600.5,"hostOnly":false,"httpOnly":true,"name":"a","path":"/a","sameSite":"no_restriction","secure":true,"session":false,"storeId":"0","value":"1","id":1}]"#,
            full,
        ),
        (
            r#"[{"domain":"example.com","hostOnly":true,"name":"a","sameSite":null,"session":true,"expirationDate":5,"storeId":null,"value":"1"}]"#,
            cookie("a", "example.com"),
        ),
        (
            r#" [{"domain":"example.com","hostOnly":false,"name":"a","sameSite":"Strict","value":"1"}]"#,
            Cookie { host_only: false, same_site: SameSite::Strict, ..cookie("a", "example.com") },
        ),
    ] {
        let read = read(format!("\u{feff}{text}").as_bytes(), NOW).unwrap();
        assert_eq!((&read.cookies[..], &read.bad[..]), (&[expected][..], &[][..]), "{text}");
    }
    let state = r#"{"cookies":[1,{"name":"a"},{"name":"a","value":"1","domain":"example.com"},
        {"name":"a","value":1,"domain":"example.com"},{"name":"a","value":"1","domain":"example.com","secure":1},
        {"name":"a","value":"1","domain":"example.com","path":"a"},{"name":"a","value":"1","domain":"example.com","expires":"x"},
        {"name":"a","value":"1","domain":"example.com","sameSite":3},{"name":"a","value":"1","domain":"example.com","partitionKey":"x"},
        {"name":"a\nb","value":"1","domain":"example.com"},{"name":"a","value":"1","domain":"/"}],"origins":[{}]}"#;
    let read_state = read(state.as_bytes(), NOW).unwrap();
    assert_eq!(read_state.cookies, [cookie("a", "example.com")]);
    assert_eq!(
        places(&read_state),
        [
            "$.cookies[0]: It is no object.",
            "$.cookies[1]: It has no \"domain\".",
            "$.cookies[3]: Its \"value\" is no text.",
            "$.cookies[4]: Its \"secure\" is neither true nor false.",
            "$.cookies[5]: Its \"path\" does not begin with a slash.",
            "$.cookies[6]: Its \"expires\" is no number of seconds since 1970.",
            "$.cookies[7]: Its \"sameSite\" is neither Strict nor Lax nor None.",
            "$.cookies[8]: Its \"partitionKey\" is no site (https://example.com).",
            "$.cookies[9]: It has the control character 0x0a as byte 1.",
            "$.cookies[10]: Its \"domain\" is none.",
        ]
    );
    assert_eq!(read_state.notes, ["What pages of 1 origins keep besides cookies (\"origins\") was left out."]);
    let list = r#"[{"domain":"a.example","name":"a","value":"1","sameSite":"x"},{"domain":"a.example","name":"a","value":"1","hostOnly":"no"}]"#;
    let reasons = places(&read(list.as_bytes(), NOW).unwrap());
    assert!(
        reasons[0].starts_with("$[0]: Its \"sameSite\"") && reasons[1].starts_with("$[1]: Its \"hostOnly\""),
        "{reasons:?}"
    );
}

#[test]
fn what_is_no_file_of_cookies_says_so() {
    for (text, says) in [
        ("{\"cookies\":[}", "The file is no JSON: expected value (line 1, column 13)."),
        ("{}", "no list \"cookies\", as Playwright's storage state has"),
        ("{\"cookies\":{}}", "no list \"cookies\""),
        ("[1", "The file is no JSON"),
        ("<html>\n</html>", "none of its lines is a cookie. The first that is none is line 1: It has 1 fields"),
    ] {
        let error = read(text.as_bytes(), NOW).unwrap_err().to_string();
        assert!(error.contains(says), "{error} should say {says}");
    }
    assert!(read("[".repeat(1_000_000).as_bytes(), NOW).unwrap_err().to_string().contains("recursion limit"));
    assert_eq!(read(b"", NOW), Ok(Read::default()));
    let many =
        read(&b"# HTTP Cookie File\n".iter().copied().chain(b"x\n".repeat(5_000)).collect::<Vec<_>>(), NOW).unwrap();
    assert_eq!((many.bad.len(), many.bad_count), (1_000, 5_000));
}

#[test]
fn what_a_form_cannot_say_is_left_out_and_told() {
    let partitioned = Cookie { partition: Some("https://a.test".into()), ..cookie("p", "example.com") };
    let tab = Cookie { value: b"a\tb".into(), ..cookie("t", "example.com") };
    let bytes = Cookie { value: b"\xff".into(), ..cookie("b", "example.com") };
    let soon = Cookie { expires_us: Some(5), ..cookie("s", "example.com") };
    let all = [&partitioned, &tab, &bytes, &soon];
    let out = |written: Written| (written.left_out.len(), read(&written.bytes, NOW).unwrap().cookies.len());
    assert_eq!(out(netscape::write(all)), (2, 2));
    assert_eq!(out(storage_state::write(all)), (1, 3));
    assert_eq!(out(cookie_editor::write(all)), (2, 2));
    let written = netscape::write(all);
    assert_eq!(
        written.left_out[0],
        "The cookie \"p\" of example.com is partitioned, which cookies.txt cannot say: it would be sent everywhere."
    );
    assert!(
        written.bytes.ends_with(b"example.com\tFALSE\t/\tFALSE\t0\tb\t\xff\nexample.com\tFALSE\t/\tFALSE\t1\ts\t1\n")
    );
}

prop_compose! {
    fn any_cookie()(
        name in "[a-zA-Z_$é]{0,4}", value in "[ -:<-~]{1,6}", domain in "([a-z]{1,3}\\.){0,2}test|127\\.0\\.0\\.1|\\[::1\\]",
        path in "(/[a-z%]{0,3}){1,3}", flags in any::<[bool; 3]>(), expires in prop::option::of(1_i64..1 << 33),
        same_site in prop::sample::select(&[SameSite::Unset, SameSite::None, SameSite::Lax, SameSite::Strict][..]),
    ) -> Cookie {
        Cookie {
            name: name.into_bytes(),
            value: value.trim().replace('\\', "x").into_bytes(),
            domain,
            host_only: flags[0],
            path,
            secure: flags[1],
            http_only: flags[2],
            same_site,
            partition: None,
            expires_us: expires.map(|seconds| seconds * 1_000_000),
            created_us: NOW,
            guessed: false,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(cookies in prop::collection::vec(any_cookie(), 0..8)) {
        let cookies: Vec<_> = cookies.into_iter().filter(|cookie| admission::check(cookie).is_ok()).collect();
        let list = cookie_editor::write(&cookies);
        prop_assert_eq!(&read(&list.bytes, NOW).unwrap().cookies, &cookies);
        let state = read(&storage_state::write(&cookies).bytes, NOW).unwrap().cookies;
        let named = |cookie: &Cookie| match cookie.same_site {
            SameSite::Unset => SameSite::Lax,
            same_site => same_site,
        };
        let as_state = cookies.iter().map(|cookie| Cookie { same_site: named(cookie), ..cookie.clone() });
        prop_assert_eq!(state, as_state.collect::<Vec<_>>());
        let text = read(&netscape::write(&cookies).bytes, NOW).unwrap();
        prop_assert_eq!(&text.bad, &[]);
        let without = cookies.iter().map(|cookie| Cookie { same_site: SameSite::Unset, ..cookie.clone() });
        prop_assert_eq!(text.cookies, without.collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,40}(\t\\PC{0,5}){0,8}\n?") {
        let _ = read(&bytes, NOW);
        let _ = read(text.as_bytes(), NOW);
    }
}
