//! An app of twelve endpoints in a real browser: captured, saved by domain and endpoint, edited, replayed; with one answer
//! changed the replay names the JSON path, and so does the command, which then exits with 1.

use super::{
    browser::arguments,
    web_ui::{has_text, logged_in, press, press_button},
    web_ui_collections::{goto, write},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use waylay_tests::{
    browser::Browser,
    client,
    daemon::Daemon,
    origin::{Origin, Scripted},
    rows, wait,
};

/// What the app asks for, once the page is there.
const CALLS: [(&str, &str); 18] = [
    ("GET", "/api/users"),
    ("GET", "/api/users/17"),
    ("GET", "/api/users/18"),
    ("GET", "/api/users/19"),
    ("POST", "/api/users"),
    ("PUT", "/api/users/17"),
    ("DELETE", "/api/users/18"),
    ("GET", "/api/users/17/orders"),
    ("GET", "/api/users/19/orders"),
    ("GET", "/api/orders/1001"),
    ("GET", "/api/orders/1002"),
    ("POST", "/api/orders"),
    ("GET", "/api/products?page=1"),
    ("GET", "/api/products?page=2"),
    ("GET", "/api/products/501"),
    ("GET", "/api/products/502"),
    ("POST", "/api/login"),
    ("GET", "/api/me"),
];

/// The app. `changed`: one price is another.
async fn shop(changed: Arc<AtomicBool>) -> Scripted {
    Scripted::tcp(move |mut wire| {
        let changed = changed.clone();
        async move {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            wire.exactly(length.unwrap_or(0)).await?;
            let mut words = head.split(' ');
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let (kind, body) = if path == "/app" {
                ("text/html", format!("<!doctype html><title>app</title><script>(async () => {{ for (const [method, path] of {}) await fetch(path, {{ method, headers: {{ accept: 'application/json' }}, body: method === 'GET' || method === 'DELETE' ? undefined : '{{}}' }}); document.title = 'done'; }})()</script>", json!(CALLS)))
            } else if path.starts_with("/api/") {
                let price = if changed.load(Ordering::Relaxed) && path == "/api/orders/1002" { 17 } else { 12 };
                ("application/json", json!({"path": path, "method": method, "items": [{"price": price}], "seen": "2026"}).to_string())
            } else {
                ("image/x-icon", String::new())
            };
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())).await?;
            wire.end().await
        }
    })
    .await
}

/// Presses a button within a part of the page; a key may stand behind its word.
async fn press_button_in(browser: &Browser, part: &str, word: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('{part} button')].find(b => b.innerText.trim().startsWith({}) && b.checkVisibility()); button?.click(); return button !== undefined",
        json!(word)
    );
    browser.until(&format!("the button {word:?} in {part}"), &script).await;
}

/// Waits until no replay is under way; the newest.
async fn replayed(daemon: &Daemon, count: usize) -> Value {
    wait::until("the replay to be over", || async {
        let items = daemon.api().get("/replays").await["items"].as_array().unwrap().clone();
        let over = items.iter().all(|item| item["state"] != "running");
        (over && items.len() == count).then(|| items[0].clone())
    })
    .await
}

/// A script: the results that are shown, in their order.
const RESULTS: &str = "return [...document.querySelectorAll('.results tr[data-position]')].map(row => [row.cells[0].innerText.trim(), row.cells[1].innerText, row.cells[2].innerText, row.cells[4].innerText].join(' ').trim()).join('\\n')";

#[tokio::test]
async fn an_app_is_captured_saved_by_domain_and_endpoint_edited_and_replayed() {
    let (daemon, changed) = (Daemon::start().await, Arc::new(AtomicBool::new(false)));
    let app = shop(changed.clone()).await;
    let visitor = Browser::start(&arguments(&daemon).await).await;
    visitor.page().goto(&app.url("/app")).await.unwrap();
    visitor.until("the app to have asked for everything", "return document.title === 'done'").await;
    visitor.close().await;
    let filter = format!("\"{}\" path:/api/", app.authority());
    rows::done(&daemon, &filter, CALLS.len()).await;

    // All that match are ticked and saved.
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/?filter={}", rows::encode(&filter))).await;
    browser.until("the rows", "return document.querySelectorAll('.rows .row').length > 5 && document.querySelector('.foot')?.innerText.includes('18')").await;
    let all = "const box = document.querySelector('[aria-label=\"Select all\"]'); box?.click(); return box !== null";
    browser.until("the box that ticks them all", all).await;
    browser.screenshot("save-ticked").await;
    browser.until("all ticked", &has_text("18 selected")).await;
    press(&browser, "s").await;
    let folders =
        "const select = document.querySelector('dialog select[aria-label=Folders]'); if (!select) return false;
        select.value = 'domain_endpoint'; select.dispatchEvent(new Event('change')); return true";
    browser.until("folders by domain and endpoint", folders).await;
    write(&browser, "dialog [aria-label='Name of the new collection']", "The app").await;
    browser
        .until("a preview", "return document.querySelector('dialog .preview')?.innerText.includes('/api/users/:')")
        .await;
    browser
        .until("twelve requests", "return document.querySelector('dialog footer').innerText.includes('12 requests')")
        .await;
    browser.screenshot("save-preview").await;
    press_button(&browser, "Save 12 requests").await;
    browser.until("the collection", "return location.pathname.startsWith('/collections/collection/')").await;
    let list = daemon.api().get("/collections").await;
    let id = list["items"][0]["id"].as_i64().unwrap();
    let tree = daemon.api().get(&format!("/collections/{id}")).await;
    assert_eq!(outline(&tree["tree"], 0), expected(&app.authority()), "{tree:#}");
    browser.screenshot("save-saved").await;

    // One of its requests is edited and saved.
    let order = find(&tree["tree"], "GET /api/orders/").expect("a request for an order");
    goto(&browser, &daemon, &format!("/collections/item/{order}")).await;
    browser
        .until("its URL", "return document.querySelector('input[aria-label=URL]')?.value.includes('/api/orders/')")
        .await;
    write(&browser, "[aria-label='Name of the request']", "An order").await;
    press_button(&browser, "Save").await;
    let kept =
        || async { (daemon.api().get(&format!("/items/{order}")).await["item"]["name"] == "An order").then_some(()) };
    wait::until("the new name", kept).await;

    // The session is replayed from its page: all the same.
    goto(&browser, &daemon, &format!("/?filter={}", rows::encode(&filter))).await;
    browser.until("the rows", &has_text("/api/me")).await;
    browser.until("the box that ticks them all", all).await;
    browser.until("all ticked", &has_text("18 selected")).await;
    press_button(&browser, "Replay").await;
    browser
        .until("the question", "return document.querySelector('dialog .primary')?.innerText.includes('Replay')")
        .await;
    browser.until("yes", "document.querySelector('dialog .primary').click(); return true").await;
    let replay = replayed(&daemon, 1).await;
    assert_eq!(
        (&replay["same"], &replay["changed"], &replay["failed"]),
        (&json!(18), &json!(0), &json!(0)),
        "{replay}"
    );
    browser.until("its result", "return location.pathname.startsWith('/replay/') && document.querySelector('.rfacts')?.innerText.includes('18 same')").await;
    browser.until("no drift", &has_text("exit code 0")).await;

    // One answer changes: the path is named here and by the command.
    changed.store(true, Ordering::Relaxed);
    press_button(&browser, "Run again").await;
    let replay = replayed(&daemon, 2).await;
    assert_eq!((&replay["same"], &replay["changed"]), (&json!(17), &json!(1)), "{replay}");
    let first = format!(
        "const shown = (() => {{ {RESULTS} }})(); return shown.split('\\n')[0] === 'changed GET /api/orders/1002 $.items[0].price'"
    );
    browser.until("what changed before what did not", &first).await;
    browser.until("the difference", "return [...document.querySelectorAll('.tbl.diff tr')].some(row => row.innerText.includes('$.items[0].price') && row.innerText.includes('12') && row.innerText.includes('17'))").await;
    browser.screenshot("replay-changed").await;
    let run = daemon.waylay(&["replay", &filter]).await;
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(format!("{}{}", run.stdout, run.stderr).contains("$.items[0].price"), "{}{}", run.stdout, run.stderr);

    // It is ignored from now on.
    press_button(&browser, "Ignore").await;
    browser
        .until(
            "nothing that counts",
            "return document.querySelector('.replay .split > .pane:last-child')?.innerText.includes('same answer')",
        )
        .await;
    browser.screenshot("replay-ignored").await;
    browser.close().await;
}

/// What the tree of the twelve endpoints is.
fn expected(host: &str) -> Vec<String> {
    let endpoints = [
        "./api/login",
        "..POST /api/login",
        "./api/me",
        "..GET /api/me",
        "./api/orders",
        "..POST /api/orders",
        "./api/orders/:id",
        "..GET /api/orders/:id",
        "./api/products",
        "..GET /api/products",
        "./api/products/:id",
        "..GET /api/products/:id",
        "./api/users",
        "..GET /api/users",
        "..POST /api/users",
        "./api/users/:id",
        "..GET /api/users/:id",
        "..PUT /api/users/:id",
        "..DELETE /api/users/:id",
        "./api/users/:id/orders",
        "..GET /api/users/:id/orders",
    ];
    std::iter::once(host).chain(endpoints).map(str::to_owned).collect()
}

/// The names of a tree, each with as many dots as it lies deep, without examples.
fn outline(tree: &Value, depth: usize) -> Vec<String> {
    let nodes = tree.as_array().unwrap().iter().filter(|node| node["kind"] != "example");
    nodes
        .flat_map(|node| {
            let own = format!("{}{}", ".".repeat(depth), node["name"].as_str().unwrap());
            std::iter::once(own).chain(outline(&node["children"], depth + 1)).collect::<Vec<_>>()
        })
        .collect()
}

/// The number of the first request whose name begins like this.
fn find(tree: &Value, name: &str) -> Option<i64> {
    tree.as_array()?.iter().find_map(|node| {
        let own = node["kind"] == "request" && node["name"].as_str()?.starts_with(name);
        if own { node["id"].as_i64() } else { find(&node["children"], name) }
    })
}

#[tokio::test]
async fn two_that_are_ticked_are_compared_by_a_key() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for n in 1..=3 {
        client::get(&daemon, &origin.url(&format!("/json?n={n}"))).await;
    }
    rows::done(&daemon, "path:/json", 3).await;
    let browser = logged_in(&daemon).await;
    browser.until("the rows", &has_text("/json?n=3")).await;
    for n in [3, 1] {
        let tick = format!(
            "const row = [...document.querySelectorAll('.rows .row')].find(row => row.textContent.includes('n={n}')); row?.querySelector('.c-check').click(); return row !== undefined"
        );
        browser.until("a row to be ticked", &tick).await;
    }
    browser.until("both", &has_text("2 selected")).await;
    press(&browser, "d").await;
    let compared = "return location.search.includes('against=1.1') && location.pathname.endsWith('/1.3') && /same answer|\\d+ difference/.test(document.querySelector('.detail').innerText)";
    browser.until("the later beside the earlier", compared).await;
    browser.screenshot("diff-two").await;
    browser.close().await;
}

#[tokio::test]
async fn a_replay_is_cancelled_and_nothing_in_it_is_run() {
    const CANARY: &str = "<img src=x onerror='window.owned=1'>";
    let daemon = Daemon::start().await;
    let times = Arc::new(AtomicBool::new(false));
    let hostile = {
        let times = times.clone();
        Scripted::tcp(move |mut wire| {
            let again = times.load(Ordering::Relaxed);
            async move {
                let head = wire.head().await?;
                if again && head.starts_with(b"GET /hang") {
                    return wire.to_end().await;
                }
                let body = json!({ format!("{CANARY}{again}"): format!("{CANARY}{again}") }).to_string();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Evil{again}: {CANARY}\r\n");
                wire.send(format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())).await?;
                wire.end().await
            }
        })
        .await
    };
    client::get(&daemon, &hostile.url("/evil?%3Cimg%20src=x%20onerror=window.owned=1%3E")).await;
    client::get(&daemon, &hostile.url("/hang")).await;
    rows::one(&daemon, "path:/hang").await;
    let row = rows::one(&daemon, "path:/evil").await;
    times.store(true, Ordering::Relaxed);
    let made = daemon.api().post("/replays", &json!({"exchanges": [rows::id(&row)], "name": CANARY})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let replay = replayed(&daemon, 1).await;
    assert_eq!(replay["changed"], 1, "{replay}");
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/replay/{}", replay["id"])).await;
    browser
        .until("its differences", "return document.querySelector('.tbl.diff')?.innerText.includes('window.owned')")
        .await;
    let elements = "return [window.owned ?? null, document.querySelectorAll('img[src=x]').length]";
    assert_eq!(browser.page().execute(elements, vec![]).await.unwrap(), json!([null, 0]));
    browser.screenshot("replay-hostile").await;
    press(&browser, "\u{e00c}").await;
    browser.until("the list of replays", "return location.pathname === '/replay' && document.querySelector('.tbl a')?.textContent.includes('window.owned')").await;

    // A request that is not answered is waited for until it is cancelled.
    goto(&browser, &daemon, "/?filter=path:/hang").await;
    browser
        .until(
            "the row",
            "const box = document.querySelector('.rows .row .c-check'); box?.click(); return box !== null",
        )
        .await;
    browser.until("it ticked", &has_text("1 selected")).await;
    press_button_in(&browser, ".foot", "Replay").await;
    browser
        .until("yes", "const yes = document.querySelector('dialog .primary'); yes?.click(); return yes !== null")
        .await;
    browser.until("it under way", "return location.pathname.startsWith('/replay/') && document.querySelector('.rfacts')?.innerText.includes('0 of 1')").await;
    press_button(&browser, "Cancel").await;
    let replay = replayed(&daemon, 2).await;
    assert_eq!(replay["state"], "cancelled", "{replay}");
    browser.until("a word about it", "return document.querySelector('.rfacts').innerText.includes('cancelled')").await;
    browser.close().await;
}

#[tokio::test]
async fn a_replay_takes_its_cookies_from_a_jar_or_from_an_exchange() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    let row = rows::one(&daemon, "path:/json").await;
    let jar = daemon.api().get("/jars").await["items"][0]["id"].as_i64().unwrap();
    let cookie = json!({ "url": origin.url("/"), "set_cookie": "sid=kept; Path=/" });
    assert!(daemon.api().post(&format!("/jars/{jar}/cookies"), &cookie).await.status.is_success());
    let browser = logged_in(&daemon).await;
    let ask = || async {
        goto(&browser, &daemon, "/?filter=path:/json").await;
        let tick = "const box = document.querySelector('.rows .row .c-check'); box?.click(); return box !== null";
        browser.until("the row to be ticked", tick).await;
        browser.until("it ticked", &has_text("1 selected")).await;
        press_button_in(&browser, ".foot", "Replay").await;
    };
    let choose = |value: String, command: String| {
        format!(
            "const select = document.querySelector('dialog select[aria-label=Cookies]'); if (![...(select?.options ?? [])].some(one => one.value === '{value}')) return false;
             select.value = '{value}'; select.dispatchEvent(new Event('change')); return document.querySelector('dialog .cmd').innerText.includes('--cookies {command}')"
        )
    };
    let yes = "document.querySelector('dialog .primary').click(); return true";

    ask().await;
    browser.until("the jar, and the command", &choose(format!("jar:{jar}"), format!("jar:{jar}"))).await;
    browser.screenshot("replay-cookies").await;
    browser.until("yes", yes).await;
    let replay = replayed(&daemon, 1).await;
    assert_eq!(replay["what"]["cookies"], json!({ "jar": jar }), "{replay}");
    let sent = rows::one(&daemon, &format!("session:{} path:/json", replay["session"])).await;
    let sent = daemon.api().get(&format!("/exchanges/{}", rows::id(&sent))).await;
    let fields = sent["request"]["headers"].as_array().unwrap();
    let field = fields.iter().find(|field| field["name"].as_str().unwrap().eq_ignore_ascii_case("cookie"));
    assert_eq!(field.expect("a field Cookie")["value"], "sid=kept");

    ask().await;
    let id = rows::id(&row);
    browser.until("the exchange, and the command", &choose("then".to_owned(), format!("then:{id}"))).await;
    browser.until("yes", yes).await;
    let replay = replayed(&daemon, 2).await;
    assert_eq!(replay["what"]["cookies"]["as_of"], json!(id), "{replay}");
    browser.close().await;
}
