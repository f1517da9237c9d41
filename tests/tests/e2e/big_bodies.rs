//! Bodies larger than memory budgets and inline limits: the same bytes at both ends and in the store.

use http::Request;
use sha2::{Digest, Sha256};
use waylay_tests::{
    client::{self, Link, Speak, full},
    daemon::Daemon,
    origin::{
        Origin,
        routes::{pattern, sha256},
    },
    rows, wait,
};

const BIG: usize = 64 << 20;

#[tokio::test]
async fn sixty_four_mebibytes_down_are_sent_and_stored_unchanged() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url(&format!("/bytes/{BIG}"));
    let answer = client::get(&daemon, &url).await;
    let expected = sha256(&pattern(BIG));
    assert_eq!((answer.body.len(), sha256(&answer.body)), (BIG, expected.clone()));
    check_stored(&daemon, &url, "response", &expected).await;

    let status = daemon.api().get("/status").await;
    let peak = status["capture"]["peak_bytes"].as_u64().expect("a peak");
    assert!(peak > 0 && peak <= 48 << 20, "bodies in flight stay within the budget: {peak}");
}

#[tokio::test]
async fn sixty_four_mebibytes_up_are_sent_and_stored_unchanged() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2"]).await;
    let url = origin.url("/echo");
    let body = pattern(BIG);
    let expected = sha256(&body);
    let mut link = Link::open(&daemon, &url, Speak::Http2).await;
    let request = Request::put(&url).body(full(body)).unwrap();
    let response = wait::within("an answer", link.send(request)).await.unwrap();
    let answer = client::Answer::read(response).await.unwrap();
    assert_eq!((&answer.json()["size"], &answer.json()["sha256"]), (&BIG.into(), &expected.as_str().into()));
    check_stored(&daemon, &url, "request", &expected).await;
}

async fn check_stored(daemon: &Daemon, url: &str, part: &str, expected: &str) {
    let row = rows::one(daemon, &rows::of(url)).await;
    assert_eq!(row[format!("{part}_size")], BIG, "{row}");
    assert_eq!(row["truncated"], false, "{row}");
    let stored = rows::body(daemon, &row, part).await;
    assert_eq!((stored.len(), sha256(&stored).as_str()), (BIG, expected), "the API gives what was transferred");
    let flag = format!("--{part}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    let mut command = waylay_tests::program::command("sh", &daemon.place().home());
    let script = r#""$1" --data-dir "$2" body "$3" "$4" --raw > "$5""#;
    command.args(["-c", script, "sh"]).arg(waylay_tests::program::waylay()).arg(daemon.data());
    command.args([rows::id(&row), &flag]).arg(&file);
    waylay_tests::program::run(&mut command).await.expect(0);
    let printed = std::fs::read(&file).unwrap();
    let digest = Sha256::digest(&printed);
    assert_eq!((printed.len(), digest), (BIG, Sha256::digest(&stored)), "`waylay body --raw` gives the same");
}

#[tokio::test]
async fn sizes_around_the_inline_limit_are_stored_whole() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for size in [1, 16 << 10, (16 << 10) + 1, 100_000] {
        let url = origin.url(&format!("/bytes/{size}"));
        let answer = client::get(&daemon, &url).await;
        assert_eq!(answer.body, pattern(size));
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!(rows::body(&daemon, &row, "response").await, pattern(size), "{size} bytes");
    }
}
