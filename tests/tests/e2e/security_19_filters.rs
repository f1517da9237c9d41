//! Row 19: a filter is data. What is none is told with its place, and nothing in one reaches SQL or the full-text index as
//! their language.

use http::Method;
use waylay_tests::{
    client,
    daemon::Daemon,
    origin::Origin,
    rows::{self, encode},
};

#[tokio::test]
async fn security_19_a_bad_filter_is_refused_with_its_place() {
    let daemon = Daemon::start().await;
    for (filter, offset, length) in [
        ("x stauts:404", 2, 6),
        ("a OR", 2, 2),
        ("(a", 0, 1),
        ("a)", 1, 1),
        ("é \"open", 3, 5),
        ("/(/", 0, 3),
        ("/(?=a)/", 0, 7),
        ("/\\w{1000}/", 0, 10),
        ("size>big", 5, 3),
        ("since:never", 6, 5),
        ("body:\"' -- \"", 5, 7),
        ("a\0b", 1, 1),
    ] {
        let path = format!("/exchanges?filter={}", encode(filter));
        let answer = daemon.api().ask(Method::GET, &path, &[], "").await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status.as_u16(), &error["code"]), (400, &"bad_filter".into()), "{filter:?}: {error}");
        assert_eq!((&error["offset"], &error["length"]), (&offset.into(), &length.into()), "{filter:?}: {error}");
    }
}

#[tokio::test]
async fn security_19_a_filter_is_never_sql() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let url = origin.url("/echo?q=';DROP%20TABLE%20exchange;--");
    client::get(&daemon, &url).await;
    rows::one(&daemon, &rows::of(&url)).await;
    for (filter, found) in [
        ("\"';DROP%20TABLE\"", 1),
        ("\"' OR 1=1 --\"", 0),
        ("\"%\" -\"%\"", 0),
        ("method:\"' OR '1'='1\"", 0),
        ("host:\"') OR 1 --\"", 0),
        ("header:\"host' OR '1\"", 0),
        ("cookie:\"x') OR 1=1 --\"", 0),
        ("reason:\"' UNION SELECT 1 --\"", 0),
        ("path~/';DROP/", 1),
        ("path~/'\\)--/", 0),
        // In the language of the index these would be columns, operators, prefixes and errors.
        ("body:\"x\\\" OR y\"", 0),
        ("body:\"body : x\"", 0),
        ("body:\"NEAR(a b, 5)\"", 0),
        ("body:\"a AND NOT (\"", 0),
        ("text:\"^ x + y *\"", 0),
    ] {
        let page = daemon.api().get(&format!("/exchanges?filter={}", encode(filter))).await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(found), "{filter}: {page}");
    }
    rows::one(&daemon, &rows::of(&url)).await;
}
