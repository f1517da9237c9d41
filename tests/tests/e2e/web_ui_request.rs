//! The request editor in a real browser: a captured request is opened, changed, sent, compared and found again; what is
//! written outlives a reload; failures say what can be done; nothing that was captured or written is run.

use super::web_ui::{has_text, logged_in, press, press_button, type_keys};
use fantoccini::{Locator, key::Key};
use http::Method;
use serde_json::{Value, json};
use waylay_tests::{
    browser::Browser,
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, Scripted, routes::sha256},
    rows, wait,
};

/// Writes into a field as a person would: all of it anew.
async fn write(browser: &Browser, css: &str, text: &str) {
    let field = browser.page().wait().for_element(Locator::Css(css)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Presses Ctrl and Enter where the focus is.
async fn send(browser: &Browser) {
    type_keys(browser, &format!("{}{}", char::from(Key::Control), char::from(Key::Enter))).await;
}

async fn tab(browser: &Browser, name: &str) {
    let script = format!(
        "document.querySelector('#tab-{name}')?.click(); return document.querySelector('#tab-{name}[aria-selected=true]')"
    );
    browser.until(&format!("the tab {name}"), &script).await;
}

async fn goto(browser: &Browser, daemon: &Daemon, path: &str) {
    browser.page().goto(&format!("http://{}{path}", daemon.ui())).await.unwrap();
}

/// An environment in use; its number.
async fn environment(daemon: &Daemon, variables: Value) -> Value {
    let made = daemon.api().post("/environments", &json!({"name": "staging", "variables": variables})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].clone();
    let json = [("content-type", "application/json")];
    let used = daemon.api().ask(Method::PUT, "/environments/active", &json, &json!({ "id": id }).to_string()).await;
    assert!(used.status.is_success(), "{}", used.text());
    id
}

/// Waits for as many entries of the history, the newest first.
async fn sends(daemon: &Daemon, count: usize) -> Vec<Value> {
    wait::until(&format!("{count} sends"), || async {
        let items = daemon.api().get("/history").await["items"].as_array().unwrap().clone();
        let items: Vec<_> =
            items.into_iter().filter(|item| item["kind"] == "send" && item["state"] != "running").collect();
        (items.len() == count).then_some(items)
    })
    .await
}

#[tokio::test]
async fn a_captured_post_is_changed_sent_compared_and_found_again() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let secret = json!({"key": "token", "value": "s3cret-value", "type": "secret"});
    environment(&daemon, json!([{"key": "who", "value": "ada"}, secret])).await;
    let request = http::Request::post(origin.url("/echo?captured"))
        .header("content-type", "application/json")
        .body(full(r#"{"cart":"81f2"}"#))
        .unwrap();
    client::fetch(&daemon, Speak::Http1, request).await;
    let row = rows::one(&daemon, "path:/echo").await;
    let browser = logged_in(&daemon).await;
    browser.until("the row", &has_text("/echo?captured")).await;
    browser.until("the table", "document.querySelector('.rows .row .c-path').click(); return true").await;
    let open = format!("return location.pathname === '/exchange/{}'", rows::id(&row));
    browser.until("the exchange", &open).await;
    let clipboard = "navigator.clipboard.write = async ([item]) => {
        window.copied = await (await item.getType('text/plain')).text();
    }; return true";
    browser.until("a clipboard that can be read", clipboard).await;
    press(&browser, "c").await;
    let copied = browser.until("the command", "return window.copied").await;
    let copied = copied.as_str().unwrap();
    assert!(copied.starts_with("curl ") && copied.contains("--data-raw"), "{copied}");
    press(&browser, "e").await;
    let opened = format!("return location.pathname === '/collections/from/{}'", rows::id(&row));
    browser.until("the exchange as a request", &opened).await;
    let filled = format!(
        "return document.querySelector('input[aria-label=URL]').value === {} && document.querySelector('[aria-label=Request] textarea')?.value === {}",
        json!(origin.url("/echo?captured")),
        json!(r#"{"cart":"81f2"}"#)
    );
    browser.until("everything filled in", &filled).await;
    browser.screenshot("request-opened").await;

    write(&browser, "input[aria-label=URL]", &origin.url("/echo?who={{who}}")).await;
    browser.until("variables in colour", "return document.querySelectorAll('.urlbar .var').length === 1").await;
    let body = r#"{"cart":"{{who}}","key":"{{token}}"}"#;
    write(&browser, "[aria-label=Request] textarea", body).await;
    tab(&browser, "variables").await;
    browser.until("their values", &has_text("ada")).await;
    let hidden = browser.page().execute("return document.body.innerText", vec![]).await.unwrap();
    assert!(!hidden.as_str().unwrap().contains("s3cret-value"), "a secret is shown");
    browser.screenshot("request-variables").await;
    browser.page().find(Locator::Css("input[aria-label=URL]")).await.unwrap().click().await.unwrap();
    send(&browser).await;
    let [sent] = sends(&daemon, 1).await.try_into().unwrap();
    assert_eq!((&sent["status"], &sent["from"]), (&json!(200), &json!(rows::id(&row))), "{sent}");
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!(seen.target, "/echo?who=ada");
    assert_eq!(seen.sha256, sha256(br#"{"cart":"ada","key":"s3cret-value"}"#));
    let found = format!("return location.pathname === '/collections/send/{}'", sent["id"]);
    browser.until("an address of its own", &found).await;
    browser.until("the answer", "return document.querySelector('.response .st.ok')?.innerText.includes('200')").await;
    browser.screenshot("request-sent").await;

    press_button(&browser, "Compare with captured").await;
    let compared = format!(
        "return /\\d+ differences?/.test(document.querySelector('.response').innerText) && document.querySelector('.response').innerText.includes('captured {}')",
        rows::id(&row)
    );
    browser.until("the differences", &compared).await;
    browser.screenshot("request-compared").await;
    let entry = "return document.querySelector('.histlist a[aria-current]')?.innerText.includes('/echo')";
    browser.until("it in the history", entry).await;

    browser.page().refresh().await.unwrap();
    browser.until("the same after a reload", &compared).await;
    let written = "return document.querySelector('input[aria-label=URL]').value.endsWith('?who={{who}}')";
    browser.until("as it was written", written).await;

    press(&browser, "`").await;
    let told = "const one = document.querySelector('.con'); if (one) one.open = true; return one?.innerText.includes('ada') && one.innerText.includes('127.0.0.1')";
    browser.until("what the console tells of it", told).await;
    let console = browser.page().execute("return document.querySelector('.drawer').innerText", vec![]).await.unwrap();
    assert!(!console.as_str().unwrap().contains("s3cret-value"), "a secret in the console: {console}");
    browser.screenshot("request-console").await;
    press_button(&browser, "Clear").await;
    browser.until("an empty console", "return !document.querySelector('.con')").await;
    browser.close().await;
}

#[tokio::test]
async fn what_is_missing_is_told_before_and_after_sending() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    environment(&daemon, json!([])).await;
    let browser = logged_in(&daemon).await;
    press(&browser, "4").await;
    browser.until("the screen", "return location.pathname === '/collections'").await;
    write(&browser, "input[aria-label=URL]", &origin.url("/echo?x={{nowhere}}")).await;
    browser.until("the count", &has_text("1 not set")).await;
    send(&browser).await;
    browser
        .until(
            "why it was not sent",
            "return document.querySelector('.response [role=alert]')?.innerText.includes('nowhere')",
        )
        .await;
    let [failed] = sends(&daemon, 1).await.try_into().unwrap();
    assert_eq!((&failed["state"], &failed["error"]["stage"]), (&json!("failed"), &json!("variables")), "{failed}");
    press_button(&browser, "Show the variables").await;
    let set = "const set = document.querySelector('[aria-label=\"Set nowhere\"], .tbl .btn'); set?.click(); return document.querySelector('#asked')";
    browser.until("a way to set it", set).await;
    write(&browser, "#asked", &format!("here{}", char::from(Key::Enter))).await;
    browser
        .until("its value", "return [...document.querySelectorAll('.tbl td')].some(td => td.innerText === 'here')")
        .await;
    browser.screenshot("request-set").await;
    browser.page().find(Locator::Css("input[aria-label=URL]")).await.unwrap().click().await.unwrap();
    send(&browser).await;
    browser.until("the answer", "return document.querySelector('.response .st.ok')").await;
    assert_eq!(origin.notes().requests().pop().unwrap().target, "/echo?x=here");
    browser.close().await;
}

#[tokio::test]
async fn what_is_written_outlives_a_reload_and_goes_out_as_it_is_written() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/collections").await;
    write(&browser, "input[aria-label=Method]", "PURGE").await;
    write(&browser, "input[aria-label=URL]", &origin.url("/echo?a=1")).await;
    tab(&browser, "params").await;
    write(&browser, "[aria-label=Request] .fields li:last-child .ink input", "b").await;
    write(&browser, "[aria-label=Request] .fields li:nth-child(2) .held input", "2").await;
    let url = format!(
        "return document.querySelector('input[aria-label=URL]').value === {}",
        json!(origin.url("/echo?a=1&b=2"))
    );
    browser.until("the table in the URL", &url).await;
    tab(&browser, "headers").await;
    write(&browser, "[aria-label=Request] .fields li:last-child .ink input", "X-Mine").await;
    write(&browser, "[aria-label=Request] .fields li:nth-child(1) .held input", "yes").await;
    let removed = "document.querySelector('[aria-label=\"Do not send User-Agent\"]')?.click(); return document.querySelector('.auto .off')?.innerText === 'user-agent'";
    browser.until("a field less", removed).await;
    tab(&browser, "body").await;
    press_button(&browser, "Form, URL-encoded").await;
    write(&browser, "[aria-label=Request] .fields li:last-child .ink input", "q").await;
    write(&browser, "[aria-label=Request] .fields li:nth-child(1) .held input", "a b&c").await;
    browser.screenshot("request-form").await;
    browser.page().refresh().await.unwrap();
    browser.until("the draft after a reload", &url).await;
    tab(&browser, "body").await;
    browser.until("its body", "return document.querySelector('.fields .held input')?.value === 'a b&c'").await;
    browser.page().find(Locator::Css("input[aria-label=URL]")).await.unwrap().click().await.unwrap();
    send(&browser).await;
    sends(&daemon, 1).await;
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("PURGE", "/echo?a=1&b=2"));
    assert_eq!((seen.values("x-mine"), seen.values("user-agent")), (vec!["yes"], vec![]));
    assert_eq!(seen.values("content-type"), vec!["application/x-www-form-urlencoded"]);
    assert_eq!(seen.sha256, sha256(b"q=a+b%26c"));

    // It is deleted, and brought back.
    browser.until("its entry", "return document.querySelector('.histlist a[aria-current]')").await;
    let focus = "document.querySelector('.histlist a.item[aria-current]').focus(); return true";
    browser.until("the entry in focus", focus).await;
    type_keys(&browser, &char::from(Key::Delete).to_string()).await;
    sends(&daemon, 0).await;
    press_button(&browser, "Undo").await;
    sends(&daemon, 1).await;
    browser.close().await;
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_can_be_let_pass_for_this_request_alone() {
    let daemon = Daemon::start().await;
    let leaf = waylay_tests::pki::Root::new("A stranger").leaf(&["localhost"]);
    let origin = Origin::tls_with(&leaf).await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/collections").await;
    write(&browser, "input[aria-label=URL]", &origin.url("/json")).await;
    send(&browser).await;
    browser
        .until("the failure", "return document.querySelector('.response [role=alert]')?.innerText.includes('tls:')")
        .await;
    browser.screenshot("request-untrusted").await;
    press_button(&browser, "Send without verifying").await;
    browser.until("the answer", "return document.querySelector('.response .st.ok')?.innerText.includes('200')").await;
    tab(&browser, "settings").await;
    let off = "return document.querySelector('[aria-label=\"Verify who issued the certificate\"]')?.checked === false";
    browser.until("the setting of this request", off).await;
    browser.screenshot("request-settings").await;
    let reset = "document.querySelector('[aria-label=\"Reset: Verify who issued the certificate\"]').click();
        return document.querySelector('[aria-label=\"Verify who issued the certificate\"]').checked";
    browser.until("the setting as it is by itself", reset).await;
    browser.close().await;
}

#[tokio::test]
async fn a_send_that_is_cancelled_lets_the_origin_go() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/collections").await;
    write(&browser, "input[aria-label=URL]", &origin.url("/slow-head")).await;
    send(&browser).await;
    wait::until("the request at the origin", || async { (origin.notes().requests().len() == 1).then_some(()) }).await;
    press_button(&browser, "Cancel").await;
    let [entry] = sends(&daemon, 1).await.try_into().unwrap();
    assert_eq!(entry["state"], "cancelled", "{entry}");
    browser.until("a word about it", &has_text("Cancelled.")).await;
    press_button(&browser, "History").await;
    browser
        .until("it in the history", "return document.querySelector('.histlist')?.innerText.includes('cancelled')")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn names_values_and_bodies_are_shown_and_never_run() {
    const MARKUP: &str = "<img src=x onerror='window.owned = 1'><script>window.owned = 1</script>";
    let daemon = Daemon::start().await;
    let hostile = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        let body = format!("<h1>shown</h1>{MARKUP}<meta http-equiv=refresh content='0;url=/'>");
        let head = format!(
            "HTTP/1.1 200 {MARKUP}\r\nContent-Type: text/html\r\nX-Evil: {MARKUP}\r\nSet-Cookie: {MARKUP}=1\r\n"
        );
        wire.send(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())).await?;
        wire.to_end().await
    })
    .await;
    let id = environment(&daemon, json!([{"key": MARKUP, "value": MARKUP}, {"key": "evil", "value": MARKUP}])).await;
    let draft = json!({"url": format!("{}?{{{{evil}}}}", hostile.url("/evil")), "method": "POST",
        "headers": [{"key": "X-A", "value": MARKUP}], "body": {"mode": "raw", "raw": MARKUP}});
    let sent = daemon.api().post("/send", &json!({ "request": draft })).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let send = sent.json()["send"].clone();
    let browser = logged_in(&daemon).await;
    for part in ["params", "headers", "body", "auth", "variables", "settings"] {
        goto(&browser, &daemon, &format!("/collections/send/{send}#{part}")).await;
        let shown = format!(
            "return document.querySelector('#tab-{part}[aria-selected=true]') && document.querySelector('.response .seg button')"
        );
        browser.until(&format!("the part {part}"), &shown).await;
        let every = "for (const b of document.querySelectorAll('.response .seg button')) b.click(); return true";
        browser.until("each part of the answer", every).await;
    }
    goto(&browser, &daemon, &format!("/collections/send/{send}")).await;
    press_button(&browser, "Preview").await;
    browser
        .until("the page in its frame", "return document.querySelector('iframe.page')?.getAttribute('sandbox') === ''")
        .await;
    browser.screenshot("request-hostile").await;
    press(&browser, "`").await;
    browser
        .until("the console", "const one = document.querySelector('.con'); if (one) one.open = true; return one")
        .await;
    goto(&browser, &daemon, &format!("/collections/environment/{id}")).await;
    browser.until("the environment", "return document.querySelectorAll('.fields.variable li').length === 3").await;
    let owned = browser.page().execute("return window.owned ?? null", vec![]).await.unwrap();
    assert_eq!(owned, Value::Null, "markup was run");
    let frames = browser
        .page()
        .execute("return document.querySelectorAll('img[src=x], main script').length", vec![])
        .await
        .unwrap();
    assert_eq!(frames, json!(0), "markup became elements");
    browser.close().await;
}
