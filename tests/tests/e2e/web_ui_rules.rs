//! Rules & hosts in the UI: hosts that are passed through, with the notices about clients that reject the certificate and
//! the ways back; client certificates; upstream proxies.

use super::{
    client_certificates::openssl,
    web_ui::{fill, has_text, logged_in, press, press_button},
};
use fantoccini::{Locator, key::Key};
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, raw},
    daemon::Daemon,
    origin::Origin,
    pki::Root,
    rows, wait,
};

/// The patterns on the daemon's list.
async fn patterns(daemon: &Daemon) -> Value {
    let list = daemon.api().get("/passthrough").await;
    list["items"].as_array().unwrap().iter().map(|item| item["pattern"].clone()).collect()
}

async fn patterns_become(daemon: &Daemon, wanted: Value) {
    wait::until(&format!("the list to be {wanted}"), || async { (patterns(daemon).await == wanted).then_some(()) })
        .await;
}

/// A client that trusts another CA.
async fn reject(daemon: &Daemon, origin: &Origin) {
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::tls(tunnel, Root::shared().pem(), "localhost", &["http/1.1"]).await.expect_err("a certificate it knows not");
}

#[tokio::test]
async fn hosts_are_added_refused_removed_and_brought_back() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    press(&browser, "5").await;
    browser.until("the screen", "return location.pathname === '/rules'").await;
    let add = async |text: &str| {
        let field = browser.page().wait().for_element(Locator::Css("#pattern")).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(&format!("{text}{}", char::from(Key::Enter))).await.unwrap();
    };
    add("not a host").await;
    let error =
        "const e = document.querySelector('#pattern-error'); return !e.hidden && e.innerText.includes('not a host')";
    browser.until("why it is none", error).await;
    add("*.bank.test").await;
    let row = "return [...document.querySelectorAll('.hosts td')].some(td => td.innerText === '*.bank.test')";
    browser.until("the host in the list", row).await;
    assert_eq!(patterns(&daemon).await, json!(["*.bank.test"]));
    browser.screenshot("rules-added").await;

    let remove = "document.querySelector(\"[aria-label='Intercept *.bank.test again']\").click(); return true";
    browser.until("the button to remove it", remove).await;
    patterns_become(&daemon, json!([])).await;
    // Until then the bar still offers to undo what was done before.
    browser.until("the bar that tells of it", &has_text("New connections to *.bank.test are intercepted.")).await;
    press_button(&browser, "Undo").await;
    patterns_become(&daemon, json!(["*.bank.test"])).await;
    browser.until("the host in the list again", row).await;
    browser.page().refresh().await.unwrap();
    browser.until("the host after a reload of this very address", row).await;
    browser.close().await;
}

#[tokio::test]
async fn a_rejected_certificate_is_announced_and_its_host_passed_through_on_request() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    reject(&daemon, &origin).await;
    let told = format!("1 connection to {} was refused by the client", origin.authority());
    browser.until("the notice", &has_text(&told)).await;
    browser.until("its command", &has_text("waylay ca export")).await;
    let row = rows::one(&daemon, "is:failed").await;
    browser.page().goto(&format!("http://{}/exchange/{}", daemon.ui(), rows::id(&row))).await.unwrap();
    browser.until("the reason", &has_text("client rejected certificate:")).await;
    browser.screenshot("rejected").await;
    press_button(&browser, "Pass this host through").await;
    patterns_become(&daemon, json!([origin.authority()])).await;
    let gone = format!("return !document.body.innerText.includes({})", json!(told));
    browser.until("the notice to go", &gone).await;

    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::tls(tunnel, Root::shared().pem(), "localhost", &["http/1.1"]).await.expect("the origin's own certificate");
    browser.until("the row that says so", &has_text("passthrough: on your list")).await;
    browser.screenshot("passed").await;
    press_button(&browser, "Undo").await;
    patterns_become(&daemon, json!([])).await;
    browser.close().await;
}

#[tokio::test]
async fn a_key_stops_intercepting_the_host_of_the_selected_row() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/json")).await;
    let browser = logged_in(&daemon).await;
    browser.until("the row", &has_text("/json")).await;
    press(&browser, "j").await;
    press(&browser, "i").await;
    patterns_become(&daemon, json!([origin.authority()])).await;
    browser.until("what was done", &has_text("are passed through unread")).await;
    press_button(&browser, "Undo").await;
    patterns_become(&daemon, json!([])).await;
    browser.close().await;
}

/// A script: whether the dialog says that something is wrong, with `text`.
fn wrong(text: &str) -> String {
    format!("return document.querySelector('dialog .ferr:not([hidden])')?.innerText.includes({})", json!(text))
}

#[tokio::test]
async fn a_client_certificate_is_added_with_its_passphrase_presented_and_removed() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls_asking(&["http/1.1"]).await;
    let home = daemon.place().home();
    let hostile = "<img src=x onerror='window.owned=1'>";
    let [chain, key] = Root::shared().client(hostile).files(&home).map(|path| path.to_str().unwrap().to_owned());
    let pfx = home.join("ann.pfx").to_str().unwrap().to_owned();
    openssl(&home, &["pkcs12", "-export", "-in", &chain, "-inkey", &key, "-out", &pfx, "-passout", "pass:s3cret"])
        .await;
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/rules", daemon.ui())).await.unwrap();
    let open = "const add = document.querySelectorAll('.rules section')[1].querySelector('.sub button'); add?.click(); return Boolean(add)";
    browser.until("the button to add one", open).await;
    fill(&browser, "#certificate-host", &origin.authority()).await;
    let add = "document.querySelector('dialog .primary').click(); return true";
    browser.until("the button", add).await;
    browser.until("the question for a file", &wrong("Choose one file")).await;
    fill(&browser, "[aria-label='Files of the certificate']", &pfx).await;
    browser.until("the button", add).await;
    browser.until("the question for its passphrase", &wrong("no passphrase was given")).await;
    fill(&browser, "#certificate-passphrase", "other").await;
    browser.until("the button", add).await;
    browser.until("that it is another", &wrong("Try another; nothing was stored")).await;
    browser.screenshot("rules-certificate-wrong").await;
    fill(&browser, "#certificate-passphrase", "s3cret").await;
    browser.until("the button", add).await;
    browser.until("the subject in the list", &has_text(hostile)).await;
    browser.until("how long it holds", &has_text("day")).await;
    browser.screenshot("rules-certificate").await;

    let sent = daemon.api().post("/send", &json!({ "request": { "url": origin.url("/json") } })).await.json();
    assert_eq!(sent["error"], Value::Null, "{sent}");
    let presented = &sent["exchange"]["upstream_connection"]["tls"]["client_certificate"];
    assert!(presented.as_str().unwrap().contains(hostile), "{presented}");

    let remove = "const one = document.querySelector(\"[aria-label^='Remove the certificate for']\"); one?.click(); return Boolean(one)";
    browser.until("the button to remove it", remove).await;
    browser.until("what is lost with it", &has_text("Its key is removed with it")).await;
    press_button(&browser, "Cancel").await;
    assert_eq!(daemon.api().get("/certificates").await["items"].as_array().unwrap().len(), 1, "it is asked first");
    browser.until("the button to remove it", remove).await;
    press_button(&browser, "Remove").await;
    browser
        .until("the list without it", "return !document.querySelector(\"[aria-label^='Remove the certificate for']\")")
        .await;
    assert_eq!(daemon.api().get("/certificates").await["items"], json!([]));
    assert_eq!(browser.page().execute("return window.owned ?? null", vec![]).await.unwrap(), Value::Null);
    browser.close().await;
}

#[tokio::test]
async fn upstream_proxies_are_set_kept_with_their_password_and_forgotten() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/rules", daemon.ui())).await.unwrap();
    press_button(&browser, "Change").await;
    fill(&browser, "#proxy-http", "ftp://proxy.test").await;
    press_button(&browser, "Save").await;
    browser.until("that this is no proxy", &wrong("'ftp://proxy.test' has a scheme that is none of proxies")).await;
    fill(&browser, "#proxy-http", "http://proxy.test:3128").await;
    fill(&browser, "[aria-label='User name for http://']", "ann").await;
    fill(&browser, "[aria-label='Password for http://']", "s3cret").await;
    press_button(&browser, "The same").await;
    fill(&browser, "#proxy-bypass", "localhost, *.internal.test").await;
    browser.screenshot("rules-proxies").await;
    press_button(&browser, "Save").await;
    let shown = "return document.querySelector('dialog') === null && document.body.innerText.includes('http://proxy.test:3128 as ann, with a password')";
    browser.until("both in the list", shown).await;
    let proxy = json!({ "url": "http://proxy.test:3128", "username": "ann", "password": true });
    let kept = daemon.api().get("/upstream-proxies").await;
    assert_eq!((&kept["http"], &kept["https"], &kept["used"]), (&proxy, &proxy, &json!("custom")));
    assert_eq!(kept["bypass"], json!(["localhost", "*.internal.test"]));

    // What is not touched stays, the password too.
    press_button(&browser, "Change").await;
    fill(&browser, "#proxy-https", "socks5h://127.0.0.1:1081").await;
    fill(&browser, "[aria-label='User name for https://']", "").await;
    press_button(&browser, "Save").await;
    browser.until("the other one", &has_text("socks5h://127.0.0.1:1081")).await;
    let kept = daemon.api().get("/upstream-proxies").await;
    let socks = json!({ "url": "socks5h://127.0.0.1:1081", "username": null, "password": false });
    assert_eq!((&kept["http"], &kept["https"]), (&proxy, &socks));

    press_button(&browser, "Reach all directly").await;
    browser.until("that none is used", &has_text("Servers are reached directly.")).await;
    assert_eq!(daemon.api().get("/upstream-proxies").await["used"], "none");
    browser.close().await;
}
