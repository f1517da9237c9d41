//! Digest authentication against Apache httpd.

use waylay_tests::{
    daemon::Daemon,
    origin::{Apache, Scripted},
};

#[tokio::test]
async fn digest_is_answered_as_apache_asks() {
    let daemon = Daemon::start().await;
    let apache = Apache::start().await;
    let url = apache.url("/digest/file");
    let sent = daemon.waylay(&["send", &url, "--digest", "-u", "ann:s3cret"]).await.expect(0);
    assert_eq!(sent.stdout, "for ann alone\n");
    let history = daemon.api().get("/history").await;
    let send = &history["items"].as_array().unwrap().iter().find(|x| x["kind"] == "send").unwrap().clone();
    let send = daemon.api().get(&format!("/history/{}", send["id"])).await;
    let statuses: Vec<_> = send["hops"].as_array().unwrap().iter().map(|hop| hop["status"].clone()).collect();
    assert_eq!(statuses, [401, 200], "asked once, answered once: {send}");

    let wrong = daemon.waylay(&["send", "-i", &url, "--digest", "-u", "ann:wrong"]).await.expect(0);
    assert_eq!(
        wrong.stdout.matches("HTTP/1.1 401").count(),
        2,
        "a wrong password is not tried again: {}",
        wrong.stdout
    );
    let without = daemon.waylay(&["send", "-f", &url]).await.expect(1);
    assert!(without.stderr.contains("401"), "{}", without.stderr);
    let post =
        daemon.waylay(&["send", "POST", &url, "-d", "x=1", "--digest", "-u", "ann:s3cret", "-i"]).await.expect(0);
    assert!(!post.stdout.ends_with("401"), "{}", post.stdout);
    assert_eq!(daemon.waylay(&["send", &apache.url("/open")]).await.expect(0).stdout, "for everybody\n");
}

#[tokio::test]
async fn what_was_answered_for_one_url_is_not_shown_to_the_next() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let (path, known) = (head.split(' ').nth(1).unwrap_or_default(), head.contains("Authorization: Digest "));
            let right = head.contains(&format!("uri=\"{path}\""));
            let answer = match (path, known) {
                (_, false) => {
                    "401 Who\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"
                }
                (_, true) if !right => "400 Bad",
                ("/one", _) => "302 On\r\nLocation: /two",
                _ => "200 OK",
            };
            wire.send(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n")).await?;
        }
    })
    .await;
    let sent =
        daemon.waylay(&["send", "-i", "-L", &origin.url("/one"), "--digest", "-u", "ann:s3cret"]).await.expect(0);
    let statuses: Vec<&str> = sent.stdout.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).collect();
    assert_eq!(statuses, ["401", "302", "401", "200"], "{}", sent.stdout);
}
