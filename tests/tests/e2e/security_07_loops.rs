//! Row 7: the proxy asked for itself ends at once with 508 and one row.

use waylay_tests::{client::raw, daemon::Daemon, rows};

#[tokio::test]
async fn security_07_the_proxy_asked_for_its_own_port_answers_508_once() {
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        let daemon = Daemon::start().await;
        let target = format!("http://{host}:{}/loop", daemon.proxy().port());
        let answer = raw::ask(
            daemon.proxy(),
            format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", daemon.proxy()),
        );
        let answer = answer.await;
        assert!(answer.starts_with("HTTP/1.1 508"), "{target}: {answer}");
        let row = rows::one(&daemon, "").await;
        assert_eq!(row["path"], "/loop", "{row}");
        assert!(rows::failure(&row).contains(" policy "), "{row}");
    }
}

#[tokio::test]
async fn security_07_a_tunnel_to_the_proxy_itself_ends_at_once() {
    let daemon = Daemon::start().await;
    let authority = format!("127.0.0.1:{}", daemon.proxy().port());
    let mut socket = raw::connect(daemon.proxy()).await;
    raw::send(&mut socket, format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await;
    let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
    if head.starts_with("HTTP/1.1 200") {
        raw::send(&mut socket, format!("GET / HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")).await;
        let answer = raw::text(&raw::read_to_end(&mut socket).await);
        assert!(answer.starts_with("HTTP/1.1 508"), "{answer}");
    } else {
        assert!(head.starts_with("HTTP/1.1 508"), "{head}");
    }
    rows::one(&daemon, "").await;
}

#[tokio::test]
async fn security_07_two_proxies_in_a_ring_end_at_once() {
    let (one, two) = (Daemon::start().await, Daemon::start().await);
    // The first is asked for the second, which is asked for itself: it must not dial again.
    let target = format!("http://{}/ring", two.proxy());
    let request = format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", two.proxy());
    let answer = raw::ask(one.proxy(), request).await;
    let status = answer.split(' ').nth(1).unwrap_or("").to_owned();
    assert!(status.starts_with('4') || status.starts_with('5'), "{answer}");
    rows::one(&one, "").await;
    assert!(rows::list(&two, "").await.len() <= 1);
}

#[tokio::test]
async fn security_07_a_way_through_another_proxy_and_back_is_a_loop() {
    let (one, two) = (Daemon::start().await, Daemon::start().await);
    let (a, b) = (one.proxy(), two.proxy());
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        // What goes through the first to the second says that the second is to ask the first.
        let target = format!("http://{host}:{}/ring", a.port());
        let mut socket = raw::tunnel(a, &b.to_string()).await;
        raw::send(&mut socket, format!("GET {target} HTTP/1.1\r\nHost: {a}\r\nConnection: close\r\n\r\n")).await;
        let answer = raw::text(&raw::read_to_end(&mut socket).await);
        assert!(answer.starts_with("HTTP/1.1 508"), "{target}: {answer}");
    }
    for row in rows::done(&one, "", 3).await {
        assert!(rows::failure(&row).contains(" policy loop"), "{row}");
    }
    assert_eq!(rows::list(&two, "").await.len(), 0, "it was not sent on");
}

#[tokio::test]
async fn security_07_a_way_through_both_proxies_ends_where_its_words_end() {
    let (one, two) = (Daemon::start().await, Daemon::start().await);
    let (a, b) = (one.proxy(), two.proxy());
    // Each step is said by the client itself, and each proxy takes one away: there is nothing left to go round.
    let mut socket = raw::tunnel(a, &b.to_string()).await;
    for target in [a, b] {
        raw::send(&mut socket, format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")).await;
        let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
    raw::send(&mut socket, format!("GET /ring HTTP/1.1\r\nHost: {b}\r\nConnection: close\r\n\r\n")).await;
    let answer = raw::text(&raw::read_to_end(&mut socket).await);
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("x-waylay: own-answer"), "{answer}");
}
