//! Setup in the UI: commands to copy, the CA, how servers are reached, and web clients that are paired.

use super::web_ui::{fill, has_text, logged_in, press, press_button};
use http::Method;
use serde_json::{Value, json};
use waylay_tests::{
    browser::Browser,
    client::{Answer, raw},
    daemon::Daemon,
    pki::Root,
};

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

/// What a page of `origin` gets that shows a code.
async fn guess(daemon: &Daemon, origin: &str, code: &str) -> Answer {
    let fields = [("origin", origin), ("content-type", "application/json")];
    daemon.api().anonymous().ask(Method::POST, "/agent/pair", &fields, &json!({ "code": code }).to_string()).await
}

/// The code that the dialog shows.
async fn code(browser: &Browser) -> String {
    let shown = browser.until("the code", "return document.querySelector('dialog .otp')?.checkVisibility() && document.querySelector('dialog .otp').innerText").await;
    let code: String = shown.as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6, "{shown}");
    code
}

/// One that is not the code.
fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_web_client_is_paired_by_its_code_changed_and_revoked() {
    let daemon = Daemon::start().await;
    let origin = "http://localhost:4321";
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/setup", daemon.ui())).await.unwrap();
    browser.until("that none is paired", &has_text("No web client is paired.")).await;
    press_button(&browser, "Pair a web client").await;
    fill(&browser, "#pair-origin", "https://<img src=x onerror='window.owned=1'>/path").await;
    press_button(&browser, "Show a code").await;
    let wrong =
        "return document.querySelector('dialog .ferr:not([hidden])')?.innerText.includes('http://localhost:3000')";
    browser.until("that this is no origin, and how one is written", wrong).await;
    fill(&browser, "#pair-origin", origin).await;
    let allow = "const box = [...document.querySelectorAll('dialog label')].find(l => l.innerText.includes('its private network')); box?.click(); return Boolean(box)";
    browser.until("the choice of private addresses", allow).await;
    browser.screenshot("pair-choices").await;
    press_button(&browser, "Show a code").await;
    let shown = code(&browser).await;
    let lists = "const [can, cannot] = [...document.querySelectorAll('dialog .grants')].map(list => list.innerText);
         return can.includes('its own cookie jar') && can.includes('its private network') && cannot.includes('read captured traffic or your cookies')
             && cannot.includes('use your client certificates') && cannot.includes('reach Waylay')";
    browser.until("what it can do and what not", lists).await;
    browser.until("the time and the tries", &has_text("5 tries left.")).await;
    browser.screenshot("pair-code").await;
    assert_eq!(guess(&daemon, origin, other(&shown)).await.status, 403);
    browser.until("a try less, as it happens", &has_text("4 tries left.")).await;
    assert_eq!(guess(&daemon, "http://localhost:4322", &shown).await.status, 403, "another origin");
    let paired = guess(&daemon, origin, &shown).await;
    assert_eq!(paired.status, 201, "{}", paired.text());
    browser.until("that it is paired", &has_text(&format!("{origin} is paired"))).await;
    browser.until("the dialog to go", "return document.querySelector('dialog') === null").await;
    browser.until("what it may use", &has_text("own jar, private addresses")).await;
    browser
        .until("that it has sent nothing", "return document.querySelector('.pairings')?.innerText.includes('never')")
        .await;
    browser.screenshot("pairings").await;

    let change = format!(
        "const one = document.querySelector('[title=\"Change what {origin} may use\"]'); one?.click(); return Boolean(one)"
    );
    browser.until("the button to change it", &change).await;
    browser.until("the choice", &allow.replace("its private network", "default cookie jar")).await;
    browser.until("what that means", &has_text("your cookies: where you are signed in, it is")).await;
    press_button(&browser, "Save").await;
    browser.until("what it may use now", &has_text("default jar, private addresses")).await;
    let rights = json!({ "jar": "default", "client_certificates": false, "private_addresses": true, "metadata_addresses": false });
    assert_eq!(daemon.api().get("/agent/pairings").await["items"][0]["rights"], rights);

    press_button(&browser, "Revoke").await;
    browser.until("that none is paired", &has_text("No web client is paired.")).await;
    assert_eq!(daemon.api().get("/agent/pairings").await["items"], json!([]));
    assert_eq!(browser.page().execute("return window.owned ?? null", vec![]).await.unwrap(), Value::Null);
    browser.close().await;
}

#[tokio::test]
async fn a_window_that_was_opened_elsewhere_is_listed_and_is_locked_by_wrong_codes() {
    let daemon = Daemon::start().await;
    let origin = "https://client.example";
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/setup", daemon.ui())).await.unwrap();
    browser.until("the page", &has_text("No web client is paired.")).await;
    assert_eq!(daemon.api().post("/agent/windows", &json!({ "origin": origin })).await.status, 201);
    browser.until("the window, as it opens", &has_text("may pair now")).await;
    press_button(&browser, "Show the code").await;
    let code = code(&browser).await;
    for _ in 0..5 {
        assert_eq!(guess(&daemon, origin, other(&code)).await.status, 403);
    }
    browser.until("that it is locked", &has_text("5 wrong codes: the window is locked.")).await;
    assert_eq!(guess(&daemon, origin, &code).await.status, 403, "the right one comes too late");
    browser.until("the code to go", "return !document.querySelector('dialog .otp').checkVisibility()").await;
    browser.screenshot("pair-locked").await;
    press_button(&browser, "Close").await;
    browser.until("the list says so", &has_text("locked: too many wrong codes")).await;

    // One that is closed by its user lets nobody in.
    press_button(&browser, "Pair a web client").await;
    fill(&browser, "#pair-origin", "https://other.example").await;
    press_button(&browser, "Show a code").await;
    let code = self::code(&browser).await;
    press_button(&browser, "Cancel").await;
    browser.until("the dialog to go", "return document.querySelector('dialog') === null").await;
    let closed =
        "return ![...document.querySelectorAll('.setup .mono')].some(one => one.innerText === 'https://other.example')";
    browser.until("the window to close", closed).await;
    assert_eq!(guess(&daemon, "https://other.example", &code).await.status, 403);
    browser.close().await;
}
