//! Setup in the UI: commands to copy, the CA, how servers are reached, and web clients that are paired.

use super::web_ui::{has_text, logged_in, press};
use waylay_tests::{client::raw, daemon::Daemon, pki::Root};

#[tokio::test]
async fn setup_shows_commands_the_ca_and_how_servers_are_reached() {
    let daemon = Daemon::start().await;
    let [chain, key] = Root::shared().expired_client("ann").files(&daemon.place().home());
    let paths = [chain.to_str().unwrap(), key.to_str().unwrap()];
    daemon.waylay(&["certificate", "add", "*.api.test", paths[0], paths[1]]).await.expect(0);
    daemon.waylay(&["upstream", "set", "socks5://127.0.0.1:1080", "--bypass", "localhost"]).await.expect(0);
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    press(&browser, "6").await;
    browser.until("the screen", "return location.pathname === '/setup'").await;
    let ca = daemon.api().get("/ca").await;
    browser.until("the fingerprint", &has_text(ca["sha256"].as_str().unwrap())).await;
    for text in [
        "waylay run -- npm test".to_owned(),
        "eval \"$(waylay env)\"".to_owned(),
        "waylay start --listen 0.0.0.0".to_owned(),
        format!("--proxy-server={}", daemon.proxy()),
        format!("--ignore-certificate-errors-spki-list={}", ca["spki_sha256"].as_str().unwrap()),
        "*.api.test:443".to_owned(),
        "expired".to_owned(),
        "socks5://127.0.0.1:1080; not for localhost".to_owned(),
        "waylay agent pair https://client.example".to_owned(),
    ] {
        browser.until(&text, &has_text(&text)).await;
    }
    browser.screenshot("setup").await;
    // Each form of the certificate is where its link leads.
    let links = "return [...document.querySelectorAll('.setup a[href*=\"/ca.\"]')].map(a => a.href)";
    let links = browser.until("the links", links).await;
    let links: Vec<&str> = links.as_array().unwrap().iter().map(|link| link.as_str().unwrap()).collect();
    assert_eq!(links[0], format!("http://{}/api/v1/ca.pem", daemon.ui()));
    let proxy = daemon.proxy();
    for (link, form) in links[1..].iter().zip(["crt", "cer", "mobileconfig"]) {
        assert_eq!(*link, format!("http://{proxy}/ca.{form}"));
        let answer =
            raw::ask(proxy, format!("GET /ca.{form} HTTP/1.1\r\nHost: {proxy}\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("attachment"), "{form}: {answer}");
    }
    assert_eq!(links.len(), 4, "{links:?}");
    browser.close().await;
}
