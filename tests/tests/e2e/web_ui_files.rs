//! Files in the UI: a HAR is dropped onto the window and read, what is wrong with one is said, a session is exported.
//! Nothing that a file holds, its name included, is run.

use super::web_ui::{has_text, logged_in, press_button, shows};
use fantoccini::Locator;
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

/// Drops a file onto the window.
async fn drop_file(browser: &Browser, name: &str, text: &str) {
    let drop = format!(
        "const data = new DataTransfer(); data.items.add(new File([{}], {}));
         for (const kind of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(kind, {{ dataTransfer: data, bubbles: true, cancelable: true }}));
         return true",
        json!(text),
        json!(name)
    );
    browser.until("a file to be dropped", &drop).await;
}

/// Agrees to import what was found.
async fn agree(browser: &Browser) {
    let yes = "const yes = [...document.querySelectorAll('dialog .primary')].find(yes => yes.innerText.startsWith('Import')); yes?.click(); return yes !== undefined";
    browser.until("the question", yes).await;
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
    drop_file(&browser, &format!("{CANARY}.har"), &har(&entries)).await;
    browser.until("what is in it", "return document.querySelector('dialog .found')?.innerText.includes('4')").await;
    browser.screenshot("import-question").await;
    assert_eq!(owned(&browser).await, Value::Null);
    let sessions = daemon.api().get("/sessions").await;
    let imported = sessions["items"].as_array().unwrap().iter().filter(|session| session["source"] == "import").count();
    assert_eq!(imported, 0, "nothing is stored yet");
    agree(&browser).await;
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
    drop_file(&browser, "some.har", &har(&[entry("http://canary.test/1", "text/plain", "one"), broken])).await;
    browser.until("what comes in and what does not", "return document.querySelector('.found') !== null && document.querySelector('.refused').innerText.includes('entry 1')").await;
    browser.screenshot("import-refused").await;
    agree(&browser).await;
    shows(&browser, "what came in", &["/1"]).await;

    drop_file(&browser, "none.har", "{\"log\": {\"entries\": [").await;
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

#[tokio::test]
async fn a_collection_is_looked_at_and_imported_and_a_command_opened_unsaved() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    let item = |name: &str| json!({"name": name, "request": {"method": "GET", "url": "https://canary.test/x", "header": [{"key": "Authorization", "value": "Bearer t0p-secret"}]}});
    let model = json!({
        "info": {"name": CANARY, "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "event": [{"listen": "test", "script": {"exec": ["window.owned = 1"]}}],
        "item": [{"name": "F", "item": [item(CANARY), item("b")]}]
    });
    drop_file(&browser, "shop.json", &model.to_string()).await;
    let told = "const text = document.querySelector('dialog .importing')?.innerText ?? ''; return text.includes('requests') && text.includes('scripts') && text.includes('not run')";
    browser.until("what is in it", told).await;
    browser.screenshot("import-collection").await;
    let dialog = browser.page().execute("return document.querySelector('dialog').textContent", vec![]).await.unwrap();
    assert!(!dialog.as_str().unwrap().contains("t0p-secret"), "a secret is shown");
    press_button(&browser, "Cancel").await;
    assert_eq!(daemon.api().get("/collections").await["items"], json!([]), "nothing is stored");
    drop_file(&browser, "shop.json", &model.to_string()).await;
    agree(&browser).await;
    browser.until("the collection", "return location.pathname.startsWith('/collections/collection/')").await;
    assert_eq!(daemon.api().get("/collections").await["items"][0]["requests"], 2);
    assert_eq!(owned(&browser).await, Value::Null);

    // Pasted where no field is.
    let paste = "document.activeElement.blur(); const data = new DataTransfer(); data.setData('text/plain', \"curl -X PUT 'https://canary.test/put' -H 'X-A: 1' --data-raw 'body'\");
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); return true";
    browser.until("a command to be pasted", paste).await;
    press_button(&browser, "Look at it").await;
    browser.until("what it is", "return document.querySelector('dialog .importing b')?.innerText === 'curl'").await;
    browser.screenshot("import-curl").await;
    press_button(&browser, "Open unsaved").await;
    let open = "return document.querySelector('input[aria-label=URL]')?.value === 'https://canary.test/put' && document.querySelector('input[aria-label=Method]').value === 'PUT'";
    browser.until("it in the editor", open).await;
    assert_eq!(daemon.api().get("/collections").await["items"].as_array().unwrap().len(), 1, "it is not stored");

    // An address is only fetched when one says so, and not from here.
    goto_import(&browser).await;
    browser
        .page()
        .find(Locator::Css("dialog textarea"))
        .await
        .unwrap()
        .send_keys("https://127.0.0.1/collection.json")
        .await
        .unwrap();
    browser.until("who is asked", &has_text("The daemon asks 127.0.0.1 for it")).await;
    press_button(&browser, "Fetch it").await;
    browser.until("the refusal", &has_text("Nothing was imported.")).await;
    browser.screenshot("import-address").await;
    browser.close().await;
}

/// The dialog that asks what to import.
async fn goto_import(browser: &Browser) {
    let open = "if (!window.clicked) document.querySelector('.collist [aria-label^=Import]').click(); window.clicked = true; return document.querySelector('dialog textarea')";
    browser.until("the dialog", open).await;
}
