//! Hosts that are passed through, in the UI: the list, the notices about clients that reject the certificate, and the
//! ways back.

use super::web_ui::{has_text, logged_in, press, press_button};
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
