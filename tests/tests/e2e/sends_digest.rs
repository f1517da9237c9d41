//! Digest authentication against Apache httpd.

use waylay_tests::{daemon::Daemon, origin::Apache};

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
