//! Cookies in the UI: jars, domains and attributes by hand, what would be sent and why not, values over time, syncing,
//! files, the cookies of a session, those of a request. Values are hidden until asked for, and nothing of them is run.

use super::web_ui::{has_text, logged_in, press, press_button};
use fantoccini::Locator;
use serde_json::{Value, json};
use waylay_tests::{
    browser::Browser,
    client,
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    rows, wait,
};

/// Sets `window.owned` if it is ever taken for markup.
const CANARY: &str = "<img src=x onerror=window.owned=1>";

/// The number of the default jar.
async fn jar(daemon: &Daemon) -> i64 {
    let jars = daemon.api().get("/jars").await;
    let default = jars["items"].as_array().unwrap().iter().find(|jar| jar["default"] == true);
    default.expect("a default jar")["id"].as_i64().unwrap()
}

/// Puts a cookie into the default jar, as a server at `url` would set it; its number.
async fn set(daemon: &Daemon, url: &str, set_cookie: &str) -> i64 {
    let path = format!("/jars/{}/cookies", jar(daemon).await);
    let answer = daemon.api().post(&path, &json!({ "url": url, "set_cookie": set_cookie })).await;
    assert!(answer.status.is_success(), "{set_cookie}: {}", answer.text());
    answer.json()["id"].as_i64().unwrap()
}

/// The cookies of the default jar with their values.
async fn cookies(daemon: &Daemon) -> Vec<Value> {
    let path = format!("/jars/{}/cookies?reveal=true", jar(daemon).await);
    daemon.api().get(&path).await["items"].as_array().unwrap().clone()
}

/// `name=value` of all cookies of the default jar, sorted, once they are as wanted.
async fn jar_becomes(daemon: &Daemon, wanted: &[&str]) {
    wait::until(&format!("the jar to hold {wanted:?}"), || async {
        let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let all = cookies(daemon).await;
        let mut all: Vec<String> = all.iter().map(|c| format!("{}={}", word(c, "name"), word(c, "value"))).collect();
        all.sort();
        (all == wanted).then_some(())
    })
    .await;
}

async fn goto(browser: &Browser, daemon: &Daemon, path: &str) {
    browser.page().goto(&format!("http://{}{path}", daemon.ui())).await.unwrap();
}

async fn write(browser: &Browser, css: &str, text: &str) {
    // What it stands in may just be drawn anew.
    wait::until(&format!("{text:?} to be written into {css}"), || async {
        let field = browser.page().find(Locator::Css(css)).await.ok()?;
        field.clear().await.ok()?;
        field.send_keys(text).await.ok()
    })
    .await;
}

/// Presses the visible button of that name.
async fn press_named(browser: &Browser, name: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('button')].find(b => b.ariaLabel === {} && b.checkVisibility()); button?.click(); return Boolean(button)",
        json!(name)
    );
    browser.until(&format!("the button {name:?}"), &script).await;
}

/// What the table of cookies shows, a line for each.
const TABLE: &str = "[...document.querySelectorAll('.t-cookies tbody tr')].map(tr => [...tr.cells].map(td => td.innerText.trim()).join(' | '))";

async fn table_has(browser: &Browser, what: &str, text: &str) {
    browser.until(what, &format!("return {TABLE}.some(line => line.includes({}))", json!(text))).await;
}

async fn owned(browser: &Browser) -> Value {
    browser.page().execute("return window.owned ?? null", vec![]).await.unwrap()
}

/// An origin that sets the cookies a request asks for, each in a field `X-Set`.
async fn setting() -> Scripted {
    Scripted::tcp(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let set: String = head
                .lines()
                .filter_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("x-set")))
                .map(|(_, value)| format!("Set-Cookie: {value}\r\n"))
                .collect();
            wire.send(format!("HTTP/1.1 200 OK\r\n{set}Content-Length: 0\r\n\r\n")).await?;
        }
    })
    .await
}

/// Gets `url` through the proxy; its answer sets these cookies.
async fn get_setting(daemon: &Daemon, url: &str, set: &[&str], cookie: &str) {
    let mut request = http::Request::get(url);
    for one in set {
        request = request.header("x-set", *one);
    }
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    client::fetch(daemon, client::Speak::Http1, request.body(client::empty()).unwrap()).await;
}

#[tokio::test]
async fn cookies_are_made_found_edited_deleted_and_brought_back_with_values_hidden() {
    let daemon = Daemon::start().await;
    set(&daemon, "https://shop.test/", "sid=s3cret-1; Domain=shop.test; Secure; HttpOnly; SameSite=Lax").await;
    set(&daemon, "https://api.shop.test/v2/x", "cart=s3cret-2; Max-Age=86400").await;
    set(&daemon, "https://other.test/", "lang=s3cret-3").await;
    let browser = logged_in(&daemon).await;
    browser.until("the page", &has_text("Nothing captured yet")).await;
    press(&browser, "3").await;
    browser.until("the screen", "return location.pathname === '/cookies'").await;
    browser.until("how many there are", &has_text("3 in 3 domains")).await;
    table_has(&browser, "all of them", "lang").await;
    let nested = "const at = name => [...document.querySelectorAll('nav[aria-label=\"Jar by domain\"] a')].find(a => a.innerText.startsWith(name)); return at('api.shop.test')?.classList.contains('lv1') && at('shop.test').classList.contains('lv0')";
    browser.until("a domain under the one above it", nested).await;

    browser.until("a domain to be chosen", "const link = [...document.querySelectorAll('nav a')].find(a => a.innerText.startsWith('api.shop.test')); link?.click(); return link !== undefined").await;
    browser.until("it in the address", "return location.search === '?domain=api.shop.test'").await;
    browser.until("what it receives from above", &has_text("1 of its own, 1 it also receives from shop.test")).await;
    table_has(&browser, "the attributes", ".shop.test | Session | Secure HttpOnly | Lax").await;
    table_has(&browser, "its own", "this host only | in ").await;
    browser.screenshot("cookies-domain").await;
    let text = browser.page().execute("return document.body.innerText", vec![]).await.unwrap();
    assert!(!text.as_str().unwrap().contains("s3cret"), "a value is shown");
    press_button(&browser, "Reveal values").await;
    table_has(&browser, "the value", "s3cret-2").await;
    assert!(!has_shown(&browser, "s3cret-3").await, "one of another domain");
    press_button(&browser, "Hide values").await;
    browser.until("the dots", &format!("return !{TABLE}.join().includes('s3cret')")).await;

    // One of them is edited: what is not changed stays, the hidden value too.
    let choose = "const name = [...document.querySelectorAll('.t-cookies tbody button')].find(b => b.innerText === 'cart'); name?.click(); return document.querySelector('[aria-label=Cookie] input[aria-label=Name]')?.value === 'cart'";
    browser.until("its attributes", choose).await;
    write(&browser, "[aria-label=Cookie] input[aria-label=Path]", "/v2/cart").await;
    let same_site = "const select = document.querySelector('select[aria-label=SameSite]'); select.value = 'strict'; select.dispatchEvent(new Event('change')); return true";
    browser.until("SameSite to be chosen", same_site).await;
    browser.screenshot("cookies-edited").await;
    press_button(&browser, "Save").await;
    let edited = wait::until("the cookie to be changed", || async {
        cookies(&daemon).await.into_iter().find(|cookie| cookie["path"] == "/v2/cart")
    })
    .await;
    assert_eq!(
        (&edited["name"], &edited["value"], &edited["same_site"], &edited["host_only"], &edited["domain"]),
        (&json!("cart"), &json!("s3cret-2"), &json!("strict"), &json!(true), &json!("api.shop.test")),
    );
    table_has(&browser, "it in the list", "Strict").await;
    // What no browser would keep is refused beside the field.
    write(&browser, "[aria-label=Cookie] input[aria-label=Name]", "__Host-cart").await;
    press_button(&browser, "Save").await;
    browser
        .until("why not", "return document.querySelector('[aria-label=Cookie] .ferr')?.innerText.includes('__Host-')")
        .await;
    browser.screenshot("cookies-refused").await;

    // By a Set-Cookie string.
    press_button(&browser, "New cookie").await;
    write(&browser, "#set-cookie", "made=by-hand; Secure; Domain=com").await;
    press_button(&browser, "Add").await;
    browser
        .until("the refusal", "return document.querySelector('dialog .ferr')?.innerText.includes('public suffix')")
        .await;
    write(&browser, "#set-cookie", "made=by-hand; Secure; Path=/v2").await;
    press_button(&browser, "Add").await;
    browser
        .until(
            "it, open",
            "return document.querySelector('[aria-label=Cookie] input[aria-label=Name]')?.value === 'made'",
        )
        .await;
    jar_becomes(&daemon, &["cart=s3cret-2", "lang=s3cret-3", "made=by-hand", "sid=s3cret-1"]).await;

    press_named(&browser, "Delete this cookie").await;
    jar_becomes(&daemon, &["cart=s3cret-2", "lang=s3cret-3", "sid=s3cret-1"]).await;
    press_button(&browser, "Undo").await;
    jar_becomes(&daemon, &["cart=s3cret-2", "lang=s3cret-3", "made=by-hand", "sid=s3cret-1"]).await;
    table_has(&browser, "it again", "made").await;
    press_named(&browser, "Delete the cookies of api.shop.test").await;
    jar_becomes(&daemon, &["lang=s3cret-3", "sid=s3cret-1"]).await;
    browser.screenshot("cookies-undo").await;
    press_button(&browser, "Undo").await;
    jar_becomes(&daemon, &["cart=s3cret-2", "lang=s3cret-3", "made=by-hand", "sid=s3cret-1"]).await;
    goto(&browser, &daemon, "/cookies").await;
    press_named(&browser, "Delete all cookies of this jar").await;
    jar_becomes(&daemon, &[]).await;
    press_button(&browser, "Undo").await;
    jar_becomes(&daemon, &["cart=s3cret-2", "lang=s3cret-3", "made=by-hand", "sid=s3cret-1"]).await;

    // Found by its name, over all domains.
    write(&browser, "input[type=search]", "lan").await;
    browser.until("what matches", &format!("return {TABLE}.length === 1 && {TABLE}[0].startsWith('lang')")).await;
    browser.close().await;
}

/// Whether the page shows a text.
async fn has_shown(browser: &Browser, text: &str) -> bool {
    browser.page().execute(&has_text(text), vec![]).await.unwrap() == true
}

#[tokio::test]
async fn it_is_told_which_cookies_would_be_sent_and_what_holds_the_others_back() {
    let daemon = Daemon::start().await;
    for one in ["sid=1; Secure; SameSite=None", "cart=2; SameSite=Lax; Secure", "deep=3; Path=/v9; Secure", "plain=4"] {
        set(&daemon, "https://shop.test/", one).await;
    }
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/cookies?domain=shop.test").await;
    let line = |name: &str, text: &str| {
        format!(
            "return [...document.querySelectorAll('.would .verdict li')].some(li => li.querySelector('b').innerText === {} && li.innerText.includes({}))",
            json!(name),
            json!(text)
        )
    };
    browser.until("the domain itself", &line("deep", "another path")).await;
    browser.until("how many", &has_text("3 of 4 would go")).await;
    write(&browser, "input[aria-label='From page']", "https://partner.test/embed").await;
    browser.until("a page of another site", &has_text("1 of 4 would go")).await;
    browser.until("the one that goes", &line("sid", "goes")).await;
    browser.until("the Lax one", &line("cart", "SameSite=Lax")).await;
    browser.until("the one that says nothing", &line("plain", "no SameSite")).await;
    browser
        .until(
            "the command for it",
            &has_text("waylay cookies explain https://shop.test/ --from https://partner.test/embed"),
        )
        .await;
    browser.screenshot("cookies-explained").await;
    write(&browser, "input[aria-label=To]", "http://shop.test/v9/x").await;
    write(&browser, "input[aria-label='From page']", " ").await;
    browser.until("a connection that is not safe", &line("sid", "this connection is not")).await;
    write(&browser, "input[aria-label=To]", "nothing").await;
    browser.until("no address", "return document.querySelector('.would .note')?.innerText.length > 10 && !document.querySelector('.would .verdict')").await;
    browser.close().await;
}

#[tokio::test]
async fn values_over_time_lead_to_their_exchanges_and_are_restored() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    let browser = logged_in(&daemon).await;
    for value in ["one", "two", "three"] {
        let request = json!({"request": {"url": origin.url("/"), "headers": [{"key": "X-Set", "value": format!("sid={value}")}]}});
        assert_eq!(daemon.api().post("/send", &request).await.status, 200);
    }
    jar_becomes(&daemon, &["sid=three"]).await;
    let id = cookies(&daemon).await[0]["id"].clone();
    goto(&browser, &daemon, &format!("/cookies#{id}")).await;
    browser.until("its past", "return document.querySelectorAll('.hist li').length === 3").await;
    assert!(!has_shown(&browser, "three").await, "a value is shown");
    press_named(&browser, "Reveal values").await;
    let past = "return [...document.querySelectorAll('.hist li')].map(li => li.querySelector('.mono')?.innerText.trim()).join() === 'three,two,one'";
    browser.until("its values", past).await;
    browser.screenshot("cookies-values").await;
    let restore = "const old = [...document.querySelectorAll('.hist li')].find(li => li.innerText.includes('one')); old.querySelector('button').click(); return true";
    browser.until("the first to be restored", restore).await;
    jar_becomes(&daemon, &["sid=one"]).await;
    browser
        .until("that in the list", "return document.querySelector('.hist li.now .mono').innerText.startsWith('one')")
        .await;
    let set_by = "const old = [...document.querySelectorAll('.hist li')].find(li => li.innerText.includes('two')); old.querySelector('a').click(); return true";
    browser.until("the exchange to be opened", set_by).await;
    browser.until("it", "return location.pathname.startsWith('/exchange/0.')").await;
    browser.close().await;
}

#[tokio::test]
async fn files_are_taken_in_with_the_lines_that_cannot_be_and_written_in_three_forms() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/cookies").await;
    browser.until("the screen", &has_text("No cookies yet")).await;
    let file = format!(
        "# Netscape HTTP Cookie File\n.shop.test\tTRUE\t/\tTRUE\t0\tsid\ts3cret\nthis is no cookie {CANARY}\n#HttpOnly_api.shop.test\tFALSE\t/\tTRUE\t0\tcart\t2\n"
    );
    let drop = format!(
        "const data = new DataTransfer(); data.items.add(new File([{}], {}));
         for (const kind of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(kind, {{ dataTransfer: data, bubbles: true, cancelable: true }}));
         return true",
        json!(file),
        json!(format!("{CANARY}.txt"))
    );
    browser.until("a file to be dropped", &drop).await;
    browser.until("what came in", &has_text("2 cookies added, 1 refused")).await;
    browser
        .until(
            "the line that did not",
            "return document.querySelector('dialog .refused')?.innerText.startsWith('line 3')",
        )
        .await;
    browser.screenshot("cookies-imported").await;
    assert_eq!(owned(&browser).await, Value::Null);
    press_button(&browser, "Close").await;
    jar_becomes(&daemon, &["cart=2", "sid=s3cret"]).await;

    // Pasted where no field is.
    let paste = "document.activeElement.blur(); const data = new DataTransfer(); data.setData('text/plain', JSON.stringify([{ domain: 'other.test', name: 'lang', value: 'de', path: '/' }]));
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); return true";
    browser.until("a list to be pasted", paste).await;
    browser.screenshot("cookies-pasted").await;
    press_button_in(&browser, "Import").await;
    browser.until("what came in", &has_text("1 cookie added")).await;
    press_button(&browser, "Close").await;
    jar_becomes(&daemon, &["cart=2", "lang=de", "sid=s3cret"]).await;
    browser.until("nothing but a file", "const data = new DataTransfer(); data.items.add(new File(['{}'], 'x.json')); document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); return true").await;
    browser.until("that it is none", "return document.querySelector('dialog .ferr')?.innerText.length > 10").await;
    browser.page().active_element().await.unwrap().send_keys("\u{e00c}").await.unwrap();

    let partitioned = json!({ "name": "part", "value": "1", "domain": "api.shop.test", "secure": true, "partition": "https://partner.test" });
    let path = format!("/jars/{}/cookies", jar(&daemon).await);
    let made = daemon.api().post(&path, &json!({ "cookie": partitioned })).await;
    assert!(made.status.is_success(), "{}", made.text());
    goto(&browser, &daemon, "/cookies?domain=api.shop.test").await;
    table_has(&browser, "the cookie", "cart").await;
    press_button(&browser, "Export").await;
    browser.until("the choice", "return document.querySelectorAll('dialog input[type=radio]').length === 3").await;
    browser
        .until(
            "what such a file cannot say",
            "return document.querySelector('dialog .refused')?.innerText.includes('part')",
        )
        .await;
    browser.screenshot("cookies-export").await;
    for (format, wanted) in
        [("netscape", "api.shop.test"), ("storage_state", "\"cookies\""), ("cookie_editor", "\"hostOnly\"")]
    {
        let fetched = format!(
            "const radio = document.querySelector('dialog input[value={format}]'); radio.click(); const href = document.querySelector('dialog a.primary').href;
             if (window.asked !== '{format}') {{ window.asked = '{format}'; window.saved = ''; fetch(href).then(answer => answer.text()).then(text => {{ window.saved = text; }}); }}
             return window.saved"
        );
        let saved = browser.until("the file", &fetched).await;
        let saved = saved.as_str().unwrap();
        assert!(saved.contains(wanted) && saved.contains("cart") && !saved.contains("other.test"), "{format}: {saved}");
    }
    browser.close().await;
}

/// Presses a button of the open dialog.
async fn press_button_in(browser: &Browser, word: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('dialog button')].find(b => b.innerText.trim() === {} && !b.disabled); button?.click(); return Boolean(button)",
        json!(word)
    );
    browser.until(&format!("the button {word:?} of the dialog"), &script).await;
}

#[tokio::test]
async fn domains_are_synced_without_a_recording_refused_stopped_and_synced_again() {
    let daemon = Launch::new().args(&["--no-record"]).start().await;
    let origin = setting().await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/cookies").await;
    press_named(&browser, "Add a sync domain").await;
    write(&browser, "#sync-domain", "co.uk").await;
    press_button_in(&browser, "Sync").await;
    browser
        .until("why not", "return document.querySelector('dialog .ferr')?.innerText.includes('public suffix')")
        .await;
    browser.screenshot("cookies-sync-refused").await;
    write(&browser, "#sync-domain", "LOCALHOST:81/x").await;
    press_button_in(&browser, "Sync").await;
    browser.until("it, with nothing yet", &has_text("nothing yet")).await;
    get_setting(&daemon, &origin.url("/"), &["sid=1; Path=/"], "").await;
    jar_becomes(&daemon, &["sid=1"]).await;
    table_has(&browser, "it without a reload", "sid").await;
    browser
        .until(
            "when it was last seen",
            "return /ago|in 0s/.test(document.querySelector('[aria-label=Domains] li .r').innerText)",
        )
        .await;
    browser.screenshot("cookies-synced").await;

    press_button(&browser, "Stop all").await;
    browser.until("that it is stopped", &has_text("Start again")).await;
    get_setting(&daemon, &origin.url("/"), &["sid=2"], "").await;
    press_button(&browser, "Start again").await;
    browser.until("that it goes on", &has_text("Stop all")).await;
    get_setting(&daemon, &origin.url("/"), &["last=3"], "").await;
    jar_becomes(&daemon, &["last=3", "sid=1"]).await;
    browser
        .until(
            "one to be taken off",
            "const stop = document.querySelector('[aria-label^=\"Stop syncing\"]'); stop.click(); return true",
        )
        .await;
    browser.until("an empty list", "return document.querySelectorAll('[aria-label=Domains] li').length === 0").await;
    press_button(&browser, "Undo").await;
    browser.until("it again", "return document.querySelectorAll('[aria-label=Domains] li').length === 1").await;
    browser.close().await;
}

#[tokio::test]
async fn cookies_of_a_session_are_told_put_into_the_jar_by_a_key_and_deleted() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    let set = ["sid=s3cret; Path=/; Color=blue", "bad=1; Domain=com"];
    get_setting(&daemon, &origin.url("/"), &set, "old=s3cret-0").await;
    let row = rows::one(&daemon, "path:/").await;
    let session = rows::id(&row).split('.').next().unwrap().to_owned();
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/session/{session}")).await;
    browser.until("its tab", "document.querySelector('#tab-seen')?.click(); return location.hash === '#cookies'").await;
    let lines = "[...document.querySelectorAll('.t-seen tbody tr')]";
    browser.until("three of them", &format!("return {lines}.length === 3")).await;
    browser
        .until(
            "the one that was rejected, and why",
            &format!(
                "return {lines}.some(tr => tr.innerText.includes('rejected') && tr.innerText.includes('public suffix'))"
            ),
        )
        .await;
    browser.until("what has no effect", &has_text("Color is not known")).await;
    browser.screenshot("session-cookies").await;
    assert!(!has_shown(&browser, "s3cret").await, "a value is shown");
    press_button(&browser, "Reveal values").await;
    browser.until("the values", &has_text("s3cret")).await;

    let choose = format!(
        "const row = {lines}.find(tr => tr.innerText.includes('stored')); row.click(); return row.ariaSelected === 'true'"
    );
    browser.until("one to be chosen", &choose).await;
    press(&browser, "b").await;
    jar_becomes(&daemon, &["sid=s3cret"]).await;
    browser.until("a word about it", &has_text("1 cookie put into jar")).await;
    let delete = format!(
        "const row = {lines}.find(tr => tr.innerText.includes('rejected')); row.querySelector('.danger').click(); return true"
    );
    browser.until("one to be deleted", &delete).await;
    browser.until("two left", &format!("return {lines}.length === 2")).await;
    press_button(&browser, "Undo").await;
    browser.until("three again", &format!("return {lines}.length === 3")).await;

    // An exchange has a tab of its own ones.
    goto(&browser, &daemon, &format!("/exchange/{}#cookies", rows::id(&row))).await;
    browser
        .until("those of the exchange", "return document.querySelectorAll('.detail .t-seen tbody tr').length === 3")
        .await;
    browser.screenshot("exchange-cookies").await;

    // The key, in the list of exchanges: all that the selected one sets.
    goto(&browser, &daemon, &format!("/session/{session}")).await;
    browser.until("the row", "return document.querySelector('.rows .row') !== null").await;
    set_nothing(&daemon).await;
    press(&browser, "j").await;
    press(&browser, "b").await;
    jar_becomes(&daemon, &["sid=s3cret"]).await;
    browser.close().await;
}

/// Empties the default jar.
async fn set_nothing(daemon: &Daemon) {
    let deleted = daemon.api().post("/deletions", &json!({ "jar": jar(daemon).await, "all": true })).await;
    assert_eq!(deleted.status, 201, "{}", deleted.text());
    jar_becomes(daemon, &[]).await;
}

#[tokio::test]
async fn a_request_tells_its_cookies_and_takes_those_of_another_jar_none_or_those_of_then() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let sent = || async { origin.notes().requests().pop().unwrap().values("cookie").join("; ") };
    set(&daemon, &origin.url("/"), "who=default; Path=/").await;
    set(&daemon, &origin.url("/"), "deep=1; Path=/elsewhere").await;
    let other = daemon.api().post("/jars", &json!({ "name": "admin" })).await;
    assert!(other.status.is_success(), "{}", other.text());
    let path = format!("/jars/{}/cookies", other.json()["id"]);
    let made = daemon.api().post(&path, &json!({ "url": origin.url("/"), "set_cookie": "who=admin; Path=/" })).await;
    assert!(made.status.is_success(), "{}", made.text());

    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, "/collections#cookies").await;
    write(&browser, "input[aria-label=URL]", &origin.url("/json")).await;
    browser.until("its tab", "document.querySelector('#tab-cookies')?.click(); return document.querySelector('#tab-cookies[aria-selected=true]')").await;
    let line = |name: &str, text: &str| {
        format!(
            "return [...document.querySelectorAll('#request-panel .verdict li')].some(li => li.innerText.startsWith({0}) || li.querySelector('b').innerText === {0} && li.innerText.includes({1}))",
            json!(name),
            json!(text)
        )
    };
    browser.until("the one that goes", &line("who", "goes")).await;
    browser.until("the one that does not", &line("deep", "another path")).await;
    browser.until("the field", "return document.querySelector('#request-panel dd').innerText.startsWith('who=')").await;
    assert!(!has_shown(&browser, "who=default").await, "a value is shown");
    browser.screenshot("request-cookies").await;
    let choose = |value: &str| {
        format!(
            "const select = document.querySelector('#request-panel select[aria-label=Jar]'); const option = [...select.options].find(o => o.innerText.includes('{value}')); select.value = option.value; select.dispatchEvent(new Event('change')); return true"
        )
    };
    for (jar, cookie) in [("admin", "who=admin"), ("No cookies", ""), ("default", "who=default")] {
        browser.until("a jar to be chosen", &choose(jar)).await;
        let before = origin.notes().requests().len();
        press_button(&browser, "Send").await;
        wait::until("the request", || async { (origin.notes().requests().len() > before).then_some(()) }).await;
        assert_eq!(sent().await, cookie, "{jar}");
        browser
            .until("the answer", "return document.querySelector('.response .st.ok')?.innerText.includes('200')")
            .await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_captured_request_is_sent_again_with_the_cookies_of_then() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    for (path, set) in [("/first", "sid=then; Path=/"), ("/page", ""), ("/last", "sid=now; Path=/")] {
        let set: Vec<&str> = Some(set).filter(|set| !set.is_empty()).into_iter().collect();
        get_setting(&daemon, &origin.url(path), &set, "").await;
        rows::one(&daemon, &format!("path:{path}")).await;
    }
    set(&daemon, &origin.url("/"), "who=default; Path=/").await;
    let page = rows::one(&daemon, "path:/page").await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/collections/from/{}#cookies", rows::id(&page))).await;
    browser
        .until(
            "no cookie, as it was written",
            "return document.querySelector('#request-panel dd')?.innerText.includes('none is sent')",
        )
        .await;
    let then = "const then = document.querySelector('#request-panel input[type=checkbox]'); if (then && !then.checked) then.click(); return then?.checked && document.querySelector('#request-panel dd').innerText.startsWith('sid=')";
    browser.until("the cookie of then", then).await;
    browser.screenshot("request-cookies-then").await;
    press_button(&browser, "Send").await;
    let sent = wait::until("the send", || async {
        let items = daemon.api().get("/history").await["items"].as_array().unwrap().clone();
        items.into_iter().find(|item| item["kind"] == "send" && item["state"] == "done")
    })
    .await;
    let exchange = daemon.api().get(&format!("/exchanges/{}", sent["exchange"].as_str().unwrap())).await;
    let fields = exchange["request"]["headers"].as_array().unwrap();
    let cookie = fields.iter().find(|field| field["name"].as_str().unwrap().eq_ignore_ascii_case("cookie"));
    assert_eq!(cookie.expect("a field Cookie")["value"], "sid=then");
    browser.close().await;
}

#[tokio::test]
async fn a_jar_is_shown_as_it_was_when_an_exchange_began() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    set(&daemon, &origin.url("/"), "sid=before; Path=/").await;
    get_setting(&daemon, &origin.url("/page"), &[], "").await;
    let page = rows::one(&daemon, "path:/page").await;
    set(&daemon, &origin.url("/"), "sid=after; Path=/").await;
    set(&daemon, &origin.url("/"), "more=after; Path=/").await;
    let browser = logged_in(&daemon).await;

    // From the exchange.
    goto(&browser, &daemon, &format!("/exchange/{}", rows::id(&page))).await;
    press_named(&browser, &format!("More about {}", rows::id(&page))).await;
    press_button(&browser, "The jar as it was then").await;
    browser
        .until("the one cookie there was", "return document.querySelectorAll('.t-past tbody tr').length === 1")
        .await;
    assert!(!has_shown(&browser, "before").await, "a value is shown");
    let reveal = "document.querySelector('dialog .check input').click(); return true";
    browser.until("values to be asked for", reveal).await;
    let then = "return document.querySelector('.t-past tbody')?.innerText.includes('before')";
    browser.until("its value of then", then).await;
    browser.screenshot("jar-then").await;

    // From the screen of cookies.
    goto(&browser, &daemon, "/cookies").await;
    browser.until("the jar", "return document.querySelectorAll('.t-cookies tbody tr').length === 2").await;
    press_named(&browser, "More about this jar").await;
    press_button(&browser, "As it was at an exchange").await;
    write(&browser, "#asked", rows::id(&page)).await;
    press_button(&browser, "Show").await;
    browser.until("the same", "return document.querySelectorAll('.t-past tbody tr').length === 1").await;
    assert_eq!(cookies(&daemon).await.len(), 2, "looking changes nothing");
    browser.close().await;
}

#[tokio::test]
async fn nothing_of_a_cookie_is_run() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    let hostile = format!("n{CANARY}x={CANARY}");
    let set = [
        hostile.replace("=1", "").as_str().to_owned(),
        format!("a={CANARY}; Domain={CANARY}"),
        format!("b=1; {CANARY}=2; Path=/{CANARY}"),
    ];
    get_setting(&daemon, &origin.url("/"), &set.iter().map(String::as_str).collect::<Vec<_>>(), &format!("c={CANARY}"))
        .await;
    let row = rows::one(&daemon, "path:/").await;
    let session = rows::id(&row).split('.').next().unwrap().to_owned();
    let jar = jar(&daemon).await;
    let id = self::set(&daemon, "https://shop.test/", &format!("v={CANARY}; Path=/{CANARY}")).await;
    let renamed = daemon
        .api()
        .ask(
            http::Method::PATCH,
            &format!("/jars/{jar}"),
            &[("content-type", "application/json")],
            &json!({ "name": CANARY }).to_string(),
        )
        .await;
    assert!(renamed.status.is_success(), "{}", renamed.text());
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/session/{session}#cookies")).await;
    browser.until("its cookies", "return document.querySelectorAll('.t-seen tbody tr').length > 3").await;
    press_button(&browser, "Reveal values").await;
    browser.until("their text", &has_text(CANARY)).await;
    browser.screenshot("session-cookies-hostile").await;
    assert_eq!(owned(&browser).await, Value::Null);
    goto(&browser, &daemon, &format!("/cookies/{jar}?domain=shop.test#{id}")).await;
    press_button(&browser, "Reveal values").await;
    table_has(&browser, "its text", CANARY).await;
    browser.screenshot("cookies-hostile").await;
    for at in ["<b>.test", "/cookies?domain=<script>window.owned=1</script>"] {
        goto(&browser, &daemon, &format!("/cookies?domain={}", at.replace('<', "%3C").replace('>', "%3E"))).await;
        browser.until("an odd domain", "return document.querySelector('.t-cookies td') !== null").await;
    }
    assert_eq!(owned(&browser).await, Value::Null);
    browser.close().await;
}
