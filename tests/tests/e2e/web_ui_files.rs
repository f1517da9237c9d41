//! Files in the UI: a HAR is dropped onto the window and read, what is wrong with one is said, a session is exported.
//! Nothing that a file holds, its name included, is run.

use super::web_ui::{has_text, logged_in, press_button, shows};
use serde_json::{Value, json};
use waylay_tests::{browser::Browser, client, daemon::Daemon, origin::Origin, rows};

/// Sets `window.owned` if it is ever taken for markup.
const CANARY: &str = "<img src=x onerror='window.owned=1'><script>window.owned=1</script>";

/// One exchange of a HAR.
fn entry(url: &str, kind: &str, body: &str) -> Value {
    json!({
        "startedDateTime": "2026-01-02T03:04:05.678Z", "time": 12.5,
        "request": { "method": "GET", "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [], "headersSize": -1, "bodySize": 0,
            "headers": [{ "name": "Host", "value": "canary.test" }, { "name": "X-Canary", "value": CANARY }] },
        "response": { "status": 200, "statusText": CANARY, "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": body.len(),
            "headers": [{ "name": "Content-Type", "value": kind }, { "name": "X-Canary", "value": CANARY }],
            "content": { "size": body.len(), "mimeType": kind, "text": body } },
        "cache": {}, "timings": { "send": 1, "wait": 10, "receive": 1.5 }
    })
}

fn har(entries: &[Value]) -> String {
    json!({ "log": { "version": "1.2", "creator": { "name": CANARY, "version": "1" }, "entries": entries } })
        .to_string()
}

/// Drops a file onto the window, and agrees to import it.
async fn import(browser: &Browser, name: &str, text: &str) {
    let drop = format!(
        "const data = new DataTransfer(); data.items.add(new File([{}], {}));
         for (const kind of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(kind, {{ dataTransfer: data, bubbles: true, cancelable: true }}));
         return true",
        json!(text),
        json!(name)
    );
    browser.until("a file to be dropped", &drop).await;
    browser.until("the question", "return document.querySelector('dialog .primary') !== null").await;
    browser.screenshot("import-question").await;
    press_button(browser, "Import").await;
}

async fn owned(browser: &Browser) -> Value {
    browser.page().execute("return window.owned ?? null", vec![]).await.unwrap()
}

#[tokio::test]
async fn a_har_is_dropped_read_and_shown_and_nothing_in_it_runs() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' onload='window.owned=1'><script>window.owned=1</script>{CANARY}</svg>"
    );
    let entries = [
        entry(&format!("http://canary.test/url?{CANARY}"), "text/plain", "plain"),
        entry("http://canary.test/html", "text/html", CANARY),
        entry("http://canary.test/json", "application/json", &json!({ CANARY: CANARY }).to_string()),
        entry("http://canary.test/svg", "image/svg+xml", &svg),
    ];
    import(&browser, &format!("{CANARY}.har"), &har(&entries)).await;
    browser.until("its session", "return location.pathname.startsWith('/session/')").await;
    browser.until("what it holds", &has_text("/svg")).await;
    browser.screenshot("import-session").await;
    let session = browser.page().current_url().await.unwrap().path().rsplit('/').next().unwrap().to_owned();
    let found = rows::done(&daemon, &format!("session:{session}"), entries.len()).await;
    assert_eq!(daemon.api().get(&format!("/sessions/{session}")).await["source"], "import");
    for row in &found {
        for tab in ["overview", "request", "response", "timing"] {
            let page = format!("http://{}/session/{session}/exchange/{}#{tab}", daemon.ui(), rows::id(row));
            browser.page().goto(&page).await.unwrap();
            browser.until("the tab", &format!("return document.querySelector('#tab-{tab}')?.ariaSelected === 'true' && document.querySelector('#panel').innerText.length > 20")).await;
            let views = "for (const b of document.querySelectorAll('.detail .seg button')) b.click(); return true";
            browser.until("every way to look at a body", views).await;
            assert_eq!(owned(&browser).await, Value::Null, "{tab} of {row}");
        }
    }
    browser.screenshot("import-hostile").await;
    for page in ["sessions".to_owned(), format!("session/{session}#overview")] {
        browser.page().goto(&format!("http://{}/{page}", daemon.ui())).await.unwrap();
        let name =
            "return document.querySelector('.sessions tbody, .sespage h1')?.textContent.includes('window.owned=1')";
        browser.until("the name of the file as it is", name).await;
        browser.screenshot("import-named").await;
        assert_eq!(owned(&browser).await, Value::Null, "{page}");
    }
    browser.close().await;
}

#[tokio::test]
async fn what_a_file_does_not_give_is_said_with_its_entry() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    let mut broken = entry("http://canary.test/2", "text/plain", "two");
    broken["request"]["url"] = json!("");
    import(&browser, "some.har", &har(&[entry("http://canary.test/1", "text/plain", "one"), broken])).await;
    browser.until("what came in and what did not", "return document.querySelector('.found') !== null && document.querySelector('.refused').innerText.includes('entry 1')").await;
    browser.screenshot("import-refused").await;
    press_button(&browser, "Open the session").await;
    shows(&browser, "what came in", &["/1"]).await;

    import(&browser, "none.har", "{\"log\": {\"entries\": [").await;
    browser.until("that nothing came in, and why", &has_text("Nothing was imported.")).await;
    browser.screenshot("import-broken").await;
    press_button(&browser, "Close").await;
    browser.close().await;
}

#[tokio::test]
async fn a_session_is_exported_with_its_secrets_replaced() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    rows::done(&daemon, "", 1).await;
    let browser = logged_in(&daemon).await;
    browser.until("the row", &has_text("/json")).await;
    browser.page().goto(&format!("http://{}/session/1", daemon.ui())).await.unwrap();
    press_button(&browser, "Export").await;
    browser.until("the choice", "return document.querySelector('input[value=redact]')?.checked").await;
    browser.screenshot("export").await;
    // What the browser would save.
    let save = "const link = document.querySelector('dialog a.primary');
        link.addEventListener('click', event => { event.preventDefault();
            fetch(link.href).then(answer => answer.json()).then(har => { window.saved = [link.download, har.log.entries[0].request.url]; }); });
        link.click(); return true";
    browser.until("the file to be saved", save).await;
    let saved = browser.until("the file", "return window.saved").await;
    assert_eq!(saved, json!(["waylay.har", origin.url("/json")]));
    browser.close().await;
}

#[tokio::test]
async fn rows_that_are_ticked_are_exported_and_no_others() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for n in 0..4 {
        client::get(&daemon, &origin.url(&format!("/json?n={n}"))).await;
    }
    rows::done(&daemon, "path:/json", 4).await;
    let browser = logged_in(&daemon).await;
    browser.until("the rows", &has_text("/json?n=3")).await;
    let tick =
        "const row = [...document.querySelectorAll('.rows .row')].find(row => row.textContent.includes('n=NUMBER'));
        row?.querySelector('.c-check').click(); return row !== undefined";
    for n in ["1", "3"] {
        browser.until("a row to be ticked", &tick.replace("NUMBER", n)).await;
    }
    browser.until("what can be done with them", &has_text("2 selected")).await;
    press_button(&browser, "Export HAR").await;
    browser.until("the question", &has_text("Export 2 exchanges")).await;
    let fetched = "const link = document.querySelector('dialog a.primary');
        link.addEventListener('click', event => { event.preventDefault();
            fetch(link.href).then(answer => answer.json()).then(har => { window.saved = har.log.entries.map(entry => entry.request.url); }); });
        link.click(); return true";
    browser.until("the file to be saved", fetched).await;
    let saved = browser.until("the file", "return window.saved").await;
    assert_eq!(saved, json!([origin.url("/json?n=1"), origin.url("/json?n=3")]));
    browser.close().await;
}
