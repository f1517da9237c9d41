//! Sessions in the UI: recording is paused, limited and stopped; past sessions are named, pinned, drawn and deleted.

use super::{
    browser::arguments,
    web_ui::{has_text, logged_in, press, press_button, shows, type_keys},
};
use fantoccini::{Locator, key::Key};
use serde_json::{Value, json};
use waylay_tests::{browser::Browser, client, daemon::Daemon, origin::Origin, rows, wait};

const ENTER: char = '\u{e007}';

/// The session, once it is as wanted.
async fn session(daemon: &Daemon, id: i64, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    wait::until(what, || async {
        let session = daemon.api().get(&format!("/sessions/{id}")).await;
        wanted(&session).then_some(session)
    })
    .await
}

/// The state that the top bar shows.
fn state(word: &str) -> String {
    format!("return document.querySelector('.top .state').innerText.trim() === {}", json!(word))
}

async fn current(daemon: &Daemon) -> i64 {
    daemon.api().get("/status").await["session"]["id"].as_i64().expect("a session is recorded")
}

#[tokio::test]
async fn a_page_load_is_recorded_and_pausing_keeps_the_next_one_out() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let ui = logged_in(&daemon).await;
    ui.until("the state", &state("Recording")).await;
    let id = current(&daemon).await;
    let surfer = Browser::start(&arguments(&daemon).await).await;
    surfer.page().goto(&origin.url("/page")).await.unwrap();
    ui.until("the page in the list", &has_text("/page")).await;
    ui.until("what it loaded", &has_text("/asset/script.js")).await;
    ui.screenshot("live-page-load").await;

    press(&ui, " ").await;
    ui.until("the pause", &state("Paused")).await;
    session(&daemon, id, "the daemon to pause", |s| s["state"] == "paused").await;
    ui.screenshot("live-paused").await;
    surfer.page().goto(&origin.url("/json?unseen")).await.unwrap();
    press_button(&ui, "Resume").await;
    ui.until("recording again", &state("Recording")).await;
    surfer.page().goto(&origin.url("/json?seen")).await.unwrap();
    ui.until("what came later", &has_text("/json?seen")).await;
    assert_eq!(rows::list(&daemon, "\"/json?unseen\"").await, Vec::<Value>::new());
    surfer.close().await;

    press_button(&ui, "New session").await;
    ui.until("an empty list", &has_text("Nothing captured yet")).await;
    let next = wait::until("another session", || async {
        let now = current(&daemon).await;
        (now != id).then_some(now)
    })
    .await;
    press_button(&ui, "Stop").await;
    ui.until("the end", &state("Not recording")).await;
    session(&daemon, next, "the daemon to stop", |s| s["state"] == "stopped").await;
    ui.close().await;
}

#[tokio::test]
async fn what_is_recorded_is_limited_and_wrong_limits_are_refused_by_field() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let browser = logged_in(&daemon).await;
    let id = current(&daemon).await;
    press_button(&browser, "What to record").await;
    let field = |name: &str| format!("#record-{name}");
    let write = async |name: &str, text: &str| {
        let input = browser.page().wait().for_element(Locator::Css(&field(name))).await.unwrap();
        input.clear().await.unwrap();
        input.send_keys(text).await.unwrap();
    };
    write("methods", "GET").await;
    write("url_contains", "/(/").await;
    press_button(&browser, "Apply").await;
    let fault = "const e = document.querySelector('#record-url_contains-error'); return !e.hidden && e.innerText.includes('/(/')";
    browser.until("what is wrong, beside its field", fault).await;
    browser.screenshot("record-wrong").await;
    let kept = daemon.api().get(&format!("/sessions/{id}")).await;
    assert_eq!(kept["rules"]["methods"], json!([]), "nothing of it is used");

    write("url_contains", "json, /^\\S+echo/").await;
    press_button(&browser, "Apply").await;
    browser.until("the dialog to close", "return document.querySelector('dialog') === null").await;
    let rules = session(&daemon, id, "the rules", |s| s["rules"]["methods"] == json!(["GET"])).await["rules"].clone();
    assert_eq!(rules["url_contains"], json!(["json", "/^\\S+echo/"]));
    browser.until("how many limits there are", "return document.querySelector('.top .badge').innerText === '2'").await;
    client::get(&daemon, &origin.url("/status/404")).await;
    client::get(&daemon, &origin.url("/json")).await;
    shows(&browser, "only what is wanted", &["/json"]).await;
    press_button(&browser, "What to record\n2").await;
    browser.until("how many were left out", &has_text("1 exchange left out so far")).await;
    browser.screenshot("record").await;
    browser.close().await;
}

#[tokio::test]
async fn sessions_are_listed_renamed_pinned_noted_deleted_and_brought_back() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    let browser = logged_in(&daemon).await;
    browser.until("the row", &has_text("/json")).await;
    let id = current(&daemon).await;
    browser.page().find(Locator::Css(".top .sess")).await.unwrap().click().await.unwrap();
    type_keys(&browser, &format!("checkout{ENTER}")).await;
    session(&daemon, id, "the new name", |s| s["name"] == "checkout").await;
    browser.until("it in the bar", &has_text("checkout")).await;
    press_button(&browser, "New session").await;
    // It shows itself when it has begun.
    let begun =
        "return !document.querySelector('.top .sess').innerText.includes('checkout') && location.pathname === '/'";
    browser.until("the new session", begun).await;
    press(&browser, "2").await;
    browser.until("the list of sessions", "return document.querySelectorAll('.sessions tbody tr').length === 2").await;
    let link = "const link = [...document.querySelectorAll('.sessions a')].find(a => a.innerText === 'checkout'); link?.click(); return Boolean(link)";
    browser.until("the session among them", link).await;
    browser.until("a URL of its own", &format!("return location.pathname === '/session/{id}'")).await;
    shows(&browser, "what it holds", &["/json"]).await;
    browser.screenshot("session-requests").await;
    press_button(&browser, "Note").await;
    browser.page().wait().for_element(Locator::Css("#asked")).await.unwrap();
    type_keys(&browser, &format!("<b>coupon</b> fails{ENTER}")).await;
    browser.until("the note as it is", &has_text("<b>coupon</b> fails")).await;
    browser.until("the pin", "document.querySelector('.sespage [aria-label^=Pin]').click(); return true").await;
    session(&daemon, id, "it to be pinned and noted", |s| s["pinned"] == true && s["note"] == "<b>coupon</b> fails")
        .await;
    browser.page().back().await.unwrap();
    browser
        .until(
            "the way back",
            "return location.pathname === '/sessions' && document.querySelector('.sessions') !== null",
        )
        .await;
    browser.screenshot("sessions").await;

    let delete = format!("document.querySelector(\"[aria-label='Delete session {id}']\").click(); return true");
    browser.until("the button to delete it", &delete).await;
    browser.until("a question, for it is pinned", &has_text("retention would have kept it")).await;
    press_button(&browser, "Delete").await;
    browser.until("it to go", "return document.querySelectorAll('.sessions tbody tr').length === 1").await;
    press_button(&browser, "Undo").await;
    browser.until("it to come back", "return document.querySelectorAll('.sessions tbody tr').length === 2").await;
    session(&daemon, id, "it to be there", |s| s["exchanges"] == 1).await;
    browser.close().await;
}

#[tokio::test]
async fn an_overview_draws_shares_that_filter() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for path in ["/json", "/json?2", "/status/404", "/status/503"] {
        client::get(&daemon, &origin.url(path)).await;
    }
    rows::done(&daemon, "", 4).await;
    let id = current(&daemon).await;
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/session/{id}#overview", daemon.ui())).await.unwrap();
    browser.until("all four graphs", "return document.querySelectorAll('.graph').length === 4").await;
    let spoken =
        "return [...document.querySelectorAll('.graph svg[role=img]')].some(s => s.ariaLabel === '2 exchanges, 50 %')";
    browser.until("what a bar says", spoken).await;
    browser.screenshot("session-overview").await;
    let dark = "document.documentElement.dataset.theme = 'dark'; return true";
    browser.until("the dark", dark).await;
    browser.screenshot("session-overview-dark").await;
    let pick = "const by = document.querySelector('#graph-by'); by.value = 'status'; by.dispatchEvent(new Event('change')); return true";
    browser.until("the menu", pick).await;
    browser.until("one graph, of every status", "return document.querySelectorAll('.graph').length === 1 && document.querySelector('.graphs').innerText.includes('404')").await;
    let click = "const link = [...document.querySelectorAll('.bars a')].find(a => a.innerText.trim() === '404'); link?.click(); return Boolean(link)";
    browser.until("a bar to be clicked", click).await;
    shows(&browser, "what it stands for", &["/status/404"]).await;
    browser.until("its filter", "return document.querySelector('#filter').value === 'status:404'").await;
    browser.page().back().await.unwrap();
    browser
        .until("the graphs again", "return location.hash === '#overview' && document.querySelector('.graph') !== null")
        .await;
    press(&browser, &format!("[{}", char::from(Key::Escape))).await;
    browser.until("the list of sessions", "return location.pathname === '/sessions'").await;
    browser.close().await;
}
