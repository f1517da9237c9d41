use super::*;
use crate::fixtures;
use url::Url;
use waylay_storage::model::*;

const NOW: i64 = 1_794_500_000_000_000;

fn exchange(url: &str, request: &str, response: &str) -> Exchange {
    let url = Url::parse(url).unwrap();
    Exchange {
        started_us: NOW,
        timings: Timings { head_us: Some(500), ..Timings::default() },
        scheme: if url.scheme() == "https" { Scheme::Https } else { Scheme::Http },
        host: url.host_str().unwrap().trim_matches(['[', ']']).into(),
        port: url.port_or_known_default().unwrap(),
        path: url.path().into(),
        request_head: format!("GET {} HTTP/1.1\r\n{request}\r\n", url.path()).into(),
        response_head: format!("HTTP/1.1 200 OK\r\n{response}\r\n").into(),
        ..fixtures::exchange()
    }
}

/// `position outcome raw`, with the reason if there is one.
fn seen(jar: &mut Jar, exchange: &Exchange) -> Vec<String> {
    let line = |event: &CookieEvent| {
        let raw = String::from_utf8_lossy(&event.raw).into_owned();
        let reason = event.reason.as_ref().map(|(code, _)| format!(" ({code})")).unwrap_or_default();
        format!("{} {} {raw}{reason}", event.position, event.outcome)
    };
    events(jar, exchange).iter().map(line).collect()
}

#[test]
fn a_sessions_jar_tells_what_becomes_of_its_cookies() {
    let mut jar = Jar::new();
    let login = "Set-Cookie: sid=1; Secure; HttpOnly\r\nset-cookie: lang=de; Domain=com\r\nSET-COOKIE: x\x01y\r\n";
    assert_eq!(
        seen(&mut jar, &exchange("https://www.example.com/login", "cookie: old=1\r\ncookie: older=2; b=3\r\n", login)),
        [
            "0 sent old=1",
            "1 sent older=2; b=3",
            "2 stored sid=1; Secure; HttpOnly",
            "3 rejected lang=de; Domain=com (public_suffix)",
            "4 rejected x\u{1}y (control_character)",
        ]
    );
    let again = "Set-Cookie: sid=2; Secure\r\nSet-Cookie: sid=; Max-Age=0\r\nSet-Cookie: sid=; Max-Age=0\r\n";
    assert_eq!(
        seen(&mut jar, &exchange("https://www.example.com/logout", "", again)),
        ["0 replaced sid=2; Secure", "1 deleted sid=; Max-Age=0", "2 over sid=; Max-Age=0"]
    );
    // What was only seen is in the jar as well.
    let url = Url::parse("https://www.example.com/").unwrap();
    assert_eq!(jar.header(&url, NOW + 1_000).unwrap(), "old=1; older=2; b=3");
    // An address of the sixth version, and a path that is none.
    let mut options = exchange("http://[::1]:8080/", "", "Set-Cookie: a=1; Secure\r\n");
    options.path = "*".into();
    assert_eq!(seen(&mut jar, &options), ["0 stored a=1; Secure"]);
    let many = "Set-Cookie: a=1\r\n".repeat(257);
    assert_eq!(events(&mut jar, &exchange("https://many.test/", "", &many)).len(), 256);
}

#[test]
fn a_browser_tells_which_page_asks() {
    const LAX: &str = "Set-Cookie: a=1; SameSite=Lax\r\n";
    let within = "sec-fetch-mode: no-cors\r\nsec-fetch-dest: image\r\n";
    let to = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    let frame = "sec-fetch-mode: navigate\r\nsec-fetch-dest: iframe\r\n";
    for (fields, outcome) in [
        (String::new(), "0 stored"),
        (format!("sec-fetch-site: same-origin\r\n{within}"), "0 stored"),
        (format!("sec-fetch-site: none\r\n{to}"), "0 stored"),
        (format!("Sec-Fetch-Site: cross-site\r\nReferer: https://other.test/\r\n{to}"), "0 stored"),
        (format!("Sec-Fetch-Site: cross-site\r\nReferer: https://other.test/\r\n{within}"), "0 rejected"),
        (format!("Sec-Fetch-Site: cross-site\r\nReferer: https://other.test/\r\n{frame}"), "0 rejected"),
        (format!("Sec-Fetch-Site: cross-site\r\nOrigin: null\r\n{within}"), "0 rejected"),
    ] {
        let seen = seen(&mut Jar::new(), &exchange("https://example.com/", &fields, LAX));
        assert!(seen[0].starts_with(outcome), "{fields}: {seen:?}");
    }
}

#[test]
fn heads_without_the_word_are_not_taken_apart() {
    for (request, response, looked_at) in [
        ("Cookie: a=1\r\n", "", true),
        ("", "SET-COOKIE: a=1\r\n", true),
        ("Accept: c\r\n", "Server: cook\r\nk: kooky\r\n", false),
        ("", "", false),
    ] {
        assert_eq!(exchange("https://a.test/", request, response).has_cookies(), looked_at, "{request} {response}");
    }
    let mut left_out = exchange("https://a.test/", "Cookie: a=1\r\n", "");
    left_out.omitted.cookies = true;
    assert!(!left_out.has_cookies());
}

#[test]
fn exchanges_without_cookies_call_nobody_but_to_note_how_far_it_is() {
    let desk = Desk::default();
    let row = |seq: i64, done: bool, cookies: bool| {
        let id = ExchangeId { session: SessionId(1), number: seq };
        Committed { seq, id, done, cookies }
    };
    let idle = |desk: &Desk| desk.lock().is_idle();
    desk.ended(&(1..OFTEN).map(|seq| row(seq, true, false)).collect::<Vec<_>>());
    desk.ended(&[row(7 * OFTEN, false, false)]);
    assert!(idle(&desk), "so many are not worth it");
    desk.ended(&[row(OFTEN, true, false)]);
    assert!(!idle(&desk));
    let batch = desk.next();
    assert_eq!((batch.ended, batch.last, batch.stop), (vec![], OFTEN, false));
    desk.ended(&[row(OFTEN + 2, true, true), row(OFTEN + 1, true, false)]);
    assert!(!idle(&desk));
    let batch = desk.next();
    assert_eq!((batch.ended, batch.last), (vec![OFTEN + 2], OFTEN + 2));
    assert!(idle(&desk));
}
