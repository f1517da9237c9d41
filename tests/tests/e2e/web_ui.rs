//! The UI in a real browser: login by link, rows as they come, one row opened, edited and sent again.

use fantoccini::{Locator, key::Key};
use serde_json::json;
use waylay_tests::{
    browser::Browser,
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, routes::sha256},
    rows, wait,
};

/// A browser on the page of a one-time link.
pub(super) async fn logged_in(daemon: &Daemon) -> Browser {
    let link = daemon.api().post("/login-links", &json!({})).await.json()["url"].as_str().unwrap().to_owned();
    let browser = Browser::start(&[]).await;
    browser.page().goto(&link).await.unwrap();
    browser.until("the code to leave the address bar", "return !location.hash.includes('login')").await;
    browser
}

/// A script: whether the page shows `text`.
pub(super) fn has_text(text: &str) -> String {
    format!("return document.body.innerText.includes({})", json!(text))
}

/// Presses the visible button or link that shows this text and nothing else.
pub(super) async fn press_button(browser: &Browser, word: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('button, a.btn')].find(b => b.innerText.trim() === {} && b.checkVisibility());
         button?.click(); return Boolean(button)",
        json!(word)
    );
    browser.until(&format!("the button {word:?}"), &script).await;
}

/// Types keys where no field has the focus.
pub(super) async fn press(browser: &Browser, keys: &str) {
    browser.page().find(Locator::Css("body")).await.unwrap().send_keys(keys).await.unwrap();
}

/// Types into the element that has the focus.
pub(super) async fn type_keys(browser: &Browser, keys: &str) {
    // What had it may just be drawn anew.
    wait::until("the element with the focus", || async {
        browser.page().active_element().await.ok()?.send_keys(keys).await.ok()
    })
    .await;
}

/// Writes into a field in place of what stands there. `value` may be the path of a file, for a field that takes files.
pub(super) async fn fill(browser: &Browser, selector: &str, value: &str) {
    let field = browser.page().wait().for_element(Locator::Css(selector)).await.unwrap();
    if field.attr("type").await.unwrap().as_deref() != Some("file") {
        field.clear().await.unwrap();
    }
    field.send_keys(value).await.unwrap();
}

/// A script: the paths of the rows that are shown, in order, with spaces between.
pub(super) const PATHS: &str = "return [...document.querySelectorAll('.rows .row')]
    .filter(r => r.checkVisibility()).map(r => [r.getAttribute('aria-rowindex') | 0, r.querySelector('.c-path .p').innerText])
    .sort((a, b) => a[0] - b[0]).map(r => r[1]).join(' ')";

/// Waits until the table shows exactly these paths, in this order.
pub(super) async fn shows(browser: &Browser, what: &str, paths: &[&str]) {
    let script = format!("const shown = (() => {{ {PATHS} }})(); return shown === {}", json!(paths.join(" ")));
    browser.until(&format!("{what}: {paths:?}"), &script).await;
}

#[tokio::test]
async fn rows_appear_live_open_and_are_edited_and_sent_again() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let browser = logged_in(&daemon).await;
    browser.screenshot("1-empty").await;

    let url = origin.url("/echo?captured");
    let request = http::Request::post(&url).header("content-type", "text/plain").body(full("original")).unwrap();
    client::fetch(&daemon, Speak::Http2, request).await;
    client::get(&daemon, &origin.url("/json")).await;
    client::get(&daemon, &origin.url("/status/404")).await;
    browser.until("a captured row, without a reload", &has_text("/echo?captured")).await;
    browser.until("the last row", &has_text("/status/404")).await;
    browser.screenshot("2-live").await;

    let row = rows::one(&daemon, "path:/echo").await;
    let script = "const row = [...document.querySelectorAll('[role=row]')].find(r => r.innerText.includes('/echo'));
        row.querySelector('.c-path').click(); return true";
    browser.until("the row to be clicked", script).await;
    let open = format!("return location.href.includes({})", json!(rows::id(&row)));
    browser.until("the exchange to have a URL of its own", &open).await;
    browser.until("its head", &has_text("content-type")).await;
    browser.screenshot("3-detail").await;

    let page = browser.page();
    page.find(Locator::Css("body")).await.unwrap().send_keys("e").await.unwrap();
    let url_field = page.wait().for_element(Locator::Css("input[aria-label=URL]")).await.unwrap();
    browser.until("the captured URL", "return document.querySelector('input[aria-label=URL]').value").await;
    url_field.clear().await.unwrap();
    url_field.send_keys(&origin.url("/echo?edited")).await.unwrap();
    let body = page.wait().for_element(Locator::Css("[aria-label=Request] textarea")).await.unwrap();
    body.clear().await.unwrap();
    body.send_keys("edited").await.unwrap();
    browser.screenshot("4-edit").await;
    body.send_keys(&format!("{}{}", char::from(Key::Control), char::from(Key::Enter))).await.unwrap();
    let sent = rows::one(&daemon, &rows::of(&origin.url("/echo?edited"))).await;
    assert_eq!((&sent["source"], &sent["status"], &sent["method"]), (&"send".into(), &200.into(), &"POST".into()));
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!((&seen.sha256, seen.values("content-type")), (&sha256(b"edited"), vec!["text/plain"]));
    browser.until("the answer beside the captured one", &has_text("edited")).await;
    browser.screenshot("5-compare").await;
    browser.close().await;
}

#[tokio::test]
async fn a_reload_keeps_the_login_and_a_stranger_is_told_what_to_do() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    let browser = logged_in(&daemon).await;
    browser.until("the row", &has_text("/json")).await;
    browser.page().refresh().await.unwrap();
    browser.until("the row after a reload", &has_text("/json")).await;
    browser.close().await;

    let stranger = Browser::start(&[]).await;
    stranger.page().goto(&format!("http://{}/", daemon.ui())).await.unwrap();
    stranger.until("a word about logging in", &has_text("waylay status")).await;
    let text = stranger.page().execute("return document.body.innerText", vec![]).await.unwrap();
    assert!(!text.as_str().unwrap().contains("/json"), "{text}");
    stranger.screenshot("stranger").await;
    stranger.close().await;
}

#[tokio::test]
async fn captured_content_is_shown_and_never_run() {
    let daemon = Daemon::start().await;
    let hostile = waylay_tests::origin::Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        let body = "<script>window.owned = 1</script><img src=x onerror='window.owned = 1'>";
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Evil: {body}\r\n");
        wire.send(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())).await?;
        wire.to_end().await
    })
    .await;
    let path = "/evil?%3Cscript%3E'%22onmouseover=owned";
    client::get(&daemon, &hostile.url(path)).await;
    let row = rows::one(&daemon, "path:/evil").await;
    let browser = logged_in(&daemon).await;
    browser.until("the row", &has_text("/evil")).await;
    for tab in ["request", "response"] {
        let page = format!("http://{}/exchange/{}#{tab}", daemon.ui(), rows::id(&row));
        browser.page().goto(&page).await.unwrap();
        browser.until("the exchange", &has_text(if tab == "response" { "window.owned" } else { "/evil" })).await;
        browser.screenshot(&format!("hostile-{tab}")).await;
    }
    let owned = browser.page().execute("return window.owned ?? null", vec![]).await.unwrap();
    assert_eq!(owned, serde_json::Value::Null, "captured markup was run");
    let inline = "const s = document.createElement('script'); s.textContent = 'window.owned = 2';
        document.body.append(s); return window.owned ?? null";
    let owned = browser.page().execute(inline, vec![]).await.unwrap();
    assert_eq!(owned, serde_json::Value::Null, "the policy forbids inline scripts, should one ever get in");
    browser.close().await;
}
