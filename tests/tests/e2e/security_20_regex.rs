//! Row 20: no regular expression takes long, and the proxy goes on whatever is searched.

use http::{Method, Request};
use waylay_tests::{
    client::{self, Speak, full},
    daemon::Daemon,
    origin::Origin,
    rows::{self, encode},
    wait,
};

/// Exponential in engines that go back.
const SLOW_ELSEWHERE: [&str; 6] =
    ["(a*)*b", "(a+)+$x", "(a|aa)+c", "(a|a?)+c", "(?:a?){40}a{40}c", "(.*)(.*)(.*)(.*)(.*)c"];

#[tokio::test]
async fn security_20_no_pattern_takes_exponential_time() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let long = "a".repeat(20_000);
    let request = Request::get(origin.url("/echo")).header("x-long", &long).body(full("")).unwrap();
    assert_eq!(client::fetch(&daemon, Speak::Http1, request).await.status, 200);
    rows::one(&daemon, "header:x-long").await;
    for pattern in SLOW_ELSEWHERE {
        for filter in [format!("header:/^x-long:\\s{pattern}/"), format!("~h \"^x-long: {pattern}\"")] {
            let found = wait::within(&filter, rows::list(&daemon, &filter)).await;
            assert!(found.is_empty(), "{filter}: {found:?}");
        }
    }
    rows::one(&daemon, "header:/^x-long:\\s(a*)*$/").await;
}

#[tokio::test]
async fn security_20_patterns_that_would_be_huge_are_refused() {
    let daemon = Daemon::start().await;
    let nested = format!("/{}a{}/", "(".repeat(500), ")".repeat(500));
    let many = "/a/ ".repeat(100);
    for filter in ["/a{1000}{1000}{1000}/", "/(\\w{99}){99}/", &nested, &many] {
        let path = format!("/exchanges?filter={}", encode(filter));
        let answer = daemon.api().ask(Method::GET, &path, &[], "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (400, &"bad_filter".into()), "{filter}");
    }
}

#[tokio::test]
async fn security_20_the_proxy_goes_on_while_patterns_are_searched() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let url = origin.url("/echo");
    let searches = SLOW_ELSEWHERE.map(|pattern| {
        let api = daemon.api();
        tokio::spawn(async move {
            for _ in 0..5 {
                api.get(&format!("/exchanges?filter={}", encode(&format!("/{pattern}/ OR header:/{pattern}/")))).await;
            }
        })
    });
    for _ in 0..20 {
        assert_eq!(client::get(&daemon, &url).await.status, 200);
    }
    for search in searches {
        search.await.unwrap();
    }
    rows::done(&daemon, &rows::of(&url), 20).await;
}
