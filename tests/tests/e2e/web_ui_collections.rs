//! Collections in a real browser: the tree is made, edited, moved by drag and by keys, searched, deleted and brought back;
//! what is in it is edited, saved and sent; nothing in it is run.

use super::web_ui::{has_text, logged_in, press_button, type_keys};
use fantoccini::{
    Locator,
    actions::{InputSource, MouseActions, PointerAction},
    key::Key,
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use waylay_tests::{browser::Browser, client, daemon::Daemon, origin::Origin, rows, wait};

/// Sets `window.owned` if it is ever taken for markup.
const CANARY: &str = "<img src=x onerror='window.owned=1'><script>window.owned=1</script>";

/// A script: the lines of the tree that are shown, each with as many dots as it lies deep.
pub(super) const TREE: &str = "return [...document.querySelectorAll('.collist .coltree [role=treeitem]')]
    .map(line => '.'.repeat(line.ariaLevel - 1) + [line.querySelector('.m')?.textContent, line.querySelector('.name').textContent].filter(Boolean).join(' ')).join('\\n')";

/// Waits until the tree shows exactly these lines.
pub(super) async fn tree_is(browser: &Browser, what: &str, lines: &[&str]) {
    let script = format!("const shown = (() => {{ {TREE} }})(); return shown === {}", json!(lines.join("\n")));
    browser.until(&format!("{what}: {lines:#?}"), &script).await;
}

/// Writes into a field as a person would: all of it anew.
pub(super) async fn write(browser: &Browser, css: &str, text: &str) {
    let field = browser.page().wait().for_element(Locator::Css(css)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

pub(super) async fn goto(browser: &Browser, daemon: &Daemon, path: &str) {
    browser.page().goto(&format!("http://{}{path}", daemon.ui())).await.unwrap();
}

/// Gives a line of the tree the focus.
async fn focus(browser: &Browser, name: &str) {
    let script = format!(
        "const line = [...document.querySelectorAll('.coltree [role=treeitem]')].find(line => line.querySelector('.name').textContent === {});
         line?.focus(); return document.activeElement === line && line !== undefined",
        json!(name)
    );
    browser.until(&format!("{name} to have the focus"), &script).await;
}

/// Presses a key with Alt held.
async fn alt(browser: &Browser, key: Key) {
    type_keys(browser, &format!("{}{}{}", char::from(Key::Alt), char::from(key), char::from(Key::Null))).await;
}

/// Opens the menu of a line and presses what it offers.
async fn menu(browser: &Browser, name: &str, word: &str) {
    focus(browser, name).await;
    type_keys(browser, &char::from(Key::F10).to_string()).await;
    let open = format!(
        "const line = document.activeElement.closest('[role=treeitem]');
         if (line && !document.querySelector('.pop')) line.querySelector('[data-part=more]').click();
         const one = [...document.querySelectorAll('.pop .item')].find(one => one.textContent.startsWith({}));
         one?.click(); return one !== undefined",
        json!(word)
    );
    browser.until(&format!("{word} in the menu of {name}"), &open).await;
}

/// Answers the question for a name.
async fn answer(browser: &Browser, name: &str) {
    write(browser, "#asked", &format!("{name}{}", char::from(Key::Enter))).await;
}

/// Where a line of the tree is, in the middle of its height and `share` of it up or down.
async fn place(browser: &Browser, name: &str, share: f64) -> (i64, i64) {
    let script = format!(
        "const line = [...document.querySelectorAll('.coltree [role=treeitem]')].find(line => line.querySelector('.name').textContent === {});
         const box = line.getBoundingClientRect(); return [Math.round(box.x + 60), Math.round(box.y + box.height * (0.5 + {share}))]",
        json!(name)
    );
    let at = browser.page().execute(&script, vec![]).await.unwrap();
    (at[0].as_i64().unwrap(), at[1].as_i64().unwrap())
}

/// Drags one line to another: onto its middle, or `share` of its height from there.
async fn drag(browser: &Browser, name: &str, to: &str, share: f64) {
    let ((x1, y1), (x2, y2)) = (place(browser, name, 0.0).await, place(browser, to, share).await);
    let moved = |x, y| PointerAction::MoveTo { duration: Some(Duration::from_millis(40)), x: x as f64, y: y as f64 };
    let mouse = MouseActions::new("mouse".to_owned())
        .then(moved(x1, y1))
        .then(PointerAction::Down { button: fantoccini::actions::MOUSE_BUTTON_LEFT })
        .then(moved(x1 + 8, y1 + 3))
        .then(moved(x2, y2))
        .then(PointerAction::Up { button: fantoccini::actions::MOUSE_BUTTON_LEFT });
    browser.page().perform_actions(mouse).await.unwrap();
}

async fn owned(browser: &Browser) -> Value {
    browser.page().execute("return window.owned ?? null", vec![]).await.unwrap()
}

/// A collection made by the API; its number.
async fn collection(daemon: &Daemon, model: &Value) -> i64 {
    let made = daemon.api().post("/collections", model).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_tree_is_made_moved_renamed_searched_deleted_and_brought_back() {
    let daemon = Daemon::start().await;
    let request = |name: &str, method: &str| json!({"kind": "request", "name": name, "request": {"url": format!("http://localhost/{name}"), "method": method}});
    let items = json!([request("a", "GET"), request("b", "POST"), {"kind": "folder", "name": "F", "items": [request("c", "DELETE")]}]);
    let id = collection(&daemon, &json!({"name": "Shop", "items": items})).await;
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/collections/collection/{id}")).await;
    tree_is(&browser, "what is in it", &["Shop", ".GET a", ".POST b", ".F"]).await;
    focus(&browser, "Shop").await;
    type_keys(&browser, &char::from(Key::Left).to_string()).await;
    tree_is(&browser, "it closed", &["Shop"]).await;
    type_keys(&browser, &char::from(Key::Right).to_string()).await;
    tree_is(&browser, "it open again", &["Shop", ".GET a", ".POST b", ".F"]).await;

    // By keys.
    focus(&browser, "a").await;
    alt(&browser, Key::Down).await;
    tree_is(&browser, "a behind b", &["Shop", ".POST b", ".GET a", ".F"]).await;
    focus(&browser, "F").await;
    type_keys(&browser, &char::from(Key::Right).to_string()).await;
    tree_is(&browser, "the folder open", &["Shop", ".POST b", ".GET a", ".F", "..DEL c"]).await;
    focus(&browser, "c").await;
    alt(&browser, Key::Left).await;
    tree_is(&browser, "c out of its folder", &["Shop", ".POST b", ".GET a", ".F", ".DEL c"]).await;
    alt(&browser, Key::Right).await;
    tree_is(&browser, "c in it again", &["Shop", ".POST b", ".GET a", ".F", "..DEL c"]).await;

    // By drag: into the folder, before what is there, and not into itself.
    drag(&browser, "b", "F", 0.0).await;
    tree_is(&browser, "b in the folder", &["Shop", ".GET a", ".F", "..DEL c", "..POST b"]).await;
    drag(&browser, "b", "c", -0.4).await;
    tree_is(&browser, "b before c", &["Shop", ".GET a", ".F", "..POST b", "..DEL c"]).await;
    drag(&browser, "F", "c", 0.0).await;
    drag(&browser, "F", "a", -0.4).await;
    tree_is(&browser, "the folder before a", &["Shop", ".F", "..POST b", "..DEL c", ".GET a"]).await;
    browser.screenshot("collections-tree").await;

    // Rename, new, duplicate, delete and back.
    focus(&browser, "a").await;
    type_keys(&browser, &char::from(Key::F2).to_string()).await;
    let field = "return document.querySelector('.coltree input.inline') === document.activeElement";
    browser.until("the name as a field", field).await;
    type_keys(&browser, &format!("first{}", char::from(Key::Enter))).await;
    tree_is(&browser, "another name", &["Shop", ".F", "..POST b", "..DEL c", ".GET first"]).await;
    menu(&browser, "F", "New folder").await;
    answer(&browser, "G").await;
    tree_is(&browser, "a folder in the folder", &["Shop", ".F", "..POST b", "..DEL c", "..G", ".GET first"]).await;
    menu(&browser, "b", "Duplicate").await;
    wait::until("a copy", || async { (requests(&daemon, id).await == 4).then_some(()) }).await;
    focus(&browser, "F").await;
    type_keys(&browser, &char::from(Key::Delete).to_string()).await;
    tree_is(&browser, "no folder", &["Shop", ".GET first"]).await;
    assert_eq!(requests(&daemon, id).await, 1);
    press_button(&browser, "Undo").await;
    wait::until("all back", || async { (requests(&daemon, id).await == 4).then_some(()) }).await;
    let back =
        format!("const shown = (() => {{ {TREE} }})(); return shown.includes('..DEL c') && shown.includes('..G')");
    browser.until("the folder with what is in it", &back).await;

    // Search.
    write(&browser, "[aria-label='Find in collections']", "c").await;
    let found = "return [...document.querySelectorAll('ul[aria-label=Found] a')].some(one => one.textContent.includes('Shop / F'))";
    browser.until("what is found, with where it is", found).await;
    browser.screenshot("collections-found").await;
    browser.close().await;
}

/// Requests of a collection, as the list counts them.
async fn requests(daemon: &Daemon, id: i64) -> i64 {
    let list = daemon.api().get("/collections").await;
    let one = list["items"].as_array().unwrap().iter().find(|one| one["id"] == id).expect("the collection");
    one["requests"].as_i64().unwrap()
}

#[tokio::test]
async fn a_saved_request_is_edited_saved_and_sent_with_what_is_around_it() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let model = json!({"name": "API", "variables": [{"key": "base", "value": origin.url("")}, {"key": "who", "value": "ada"}],
        "auth": {"type": "bearer", "token": "t0p-secret"},
        "items": [{"kind": "folder", "name": "Folder", "items": [
            {"kind": "request", "name": "Echo", "request": {"url": "{{base}}/echo?who={{who}}", "method": "GET"},
             "scripts": [{"listen": "test", "script": {"exec": ["pm.test('kept', () => {})"]}}]}]}]});
    let id = collection(&daemon, &model).await;
    let tree = daemon.api().get(&format!("/collections/{id}")).await["tree"].clone();
    let (folder, request) = (&tree[0]["id"], &tree[0]["children"][0]["id"]);
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/collections/item/{request}")).await;
    tree_is(&browser, "where it is, all around it open", &["API", ".Folder", "..GET Echo"]).await;
    browser
        .until("its name", "return document.querySelector('[aria-label=\"Name of the request\"]').value === 'Echo'")
        .await;
    browser
        .until(
            "nothing to save",
            "return [...document.querySelectorAll('.editor .btn')].find(b => b.innerText === 'Save').disabled",
        )
        .await;
    write(&browser, "input[aria-label=URL]", "{{base}}/echo?who={{who}}&more=1").await;
    browser.until("what was written", &has_text("unsaved")).await;
    press_button(&browser, "Save").await;
    let kept = || async {
        let item = daemon.api().get(&format!("/items/{request}")).await;
        (item["item"]["request"]["url"] == "{{base}}/echo?who={{who}}&more=1").then_some(item)
    };
    let item = wait::until("it to be kept", kept).await;
    assert_eq!(item["item"]["scripts"], model["items"][0]["items"][0]["scripts"], "scripts are untouched");
    browser.page().find(Locator::Css("input[aria-label=URL]")).await.unwrap().click().await.unwrap();
    type_keys(&browser, &format!("{}{}", char::from(Key::Control), char::from(Key::Enter))).await;
    browser.until("the answer", "return document.querySelector('.response .st.ok')?.innerText.includes('200')").await;
    let here = format!("return location.pathname === '/collections/item/{request}'");
    browser.until("it where it was", &here).await;
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!(
        (seen.target.as_str(), seen.values("authorization")),
        ("/echo?who=ada&more=1", vec!["Bearer t0p-secret"])
    );
    browser.screenshot("collections-sent").await;

    // The response is kept as an example.
    press_button(&browser, "From this response").await;
    browser.until("the example", "return document.querySelector('ul[aria-label=Examples] a')").await;
    browser.until("it, opened", "document.querySelector('ul[aria-label=Examples] a').click(); return true").await;
    let example = "return document.querySelector('section[aria-label=Example]')?.innerText.includes('200')";
    browser.until("the example by itself", example).await;
    browser.screenshot("collections-example").await;

    // Scripts are shown, and said not to be run; the folder's own variables win over the collection's.
    goto(&browser, &daemon, &format!("/collections/item/{request}#about")).await;
    browser.until("its script", &has_text("pm.test('kept'")).await;
    browser.until("that it is not run", &has_text("Not run.")).await;
    goto(&browser, &daemon, &format!("/collections/item/{folder}#variables")).await;
    write(&browser, ".fields.variable li:last-child .ink input", "who").await;
    write(&browser, ".fields.variable li:nth-child(1) .held input", "bob").await;
    press_button(&browser, "Save").await;
    let kept = || async {
        let item = daemon.api().get(&format!("/items/{folder}")).await;
        (item["item"]["variables"][0] == json!({"key": "who", "value": "bob"})).then_some(())
    };
    wait::until("the variable to be kept", kept).await;
    goto(&browser, &daemon, &format!("/collections/item/{request}#auth")).await;
    browser.until("who asks", &has_text("As API says: Bearer token.")).await;
    goto(&browser, &daemon, &format!("/collections/item/{request}#variables")).await;
    browser
        .until("the nearer one", "return [...document.querySelectorAll('.tbl td')].some(td => td.innerText === 'bob')")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn names_descriptions_scripts_and_examples_are_shown_and_never_run() {
    let daemon = Daemon::start().await;
    let example = json!({"name": CANARY, "request": {"url": CANARY, "method": "GET"}, "status": 200, "reason": CANARY,
        "headers": [{"key": "X-Evil", "value": CANARY}], "body": {"mode": "text", "text": format!("<h1>{CANARY}</h1>")}, "language": "html"});
    let request = json!({"kind": "request", "name": CANARY, "description": CANARY, "request": {"url": format!("http://localhost/{CANARY}"), "method": "GET"},
        "variables": [{"key": CANARY, "value": CANARY}], "scripts": [{"listen": CANARY, "script": {"exec": [CANARY]}}], "examples": [example]});
    let model = json!({"name": CANARY, "description": CANARY, "variables": [{"key": CANARY, "value": CANARY}], "scripts": [{"listen": "test", "script": {"exec": CANARY}}],
        "items": [{"kind": "folder", "name": CANARY, "description": CANARY, "items": [request]}]});
    let id = collection(&daemon, &model).await;
    let tree = daemon.api().get(&format!("/collections/{id}")).await["tree"].clone();
    let folder = &tree[0];
    let (request, example) = (&folder["children"][0], &folder["children"][0]["children"][0]);
    let browser = logged_in(&daemon).await;
    let pages = [
        (format!("collection/{id}"), vec!["about", "auth", "variables", "settings", "scripts"]),
        (format!("item/{}", folder["id"]), vec!["about", "auth", "variables", "settings"]),
        (
            format!("item/{}", request["id"]),
            vec!["params", "headers", "body", "auth", "variables", "settings", "about"],
        ),
        (format!("item/{}", example["id"]), vec![""]),
    ];
    for (page, tabs) in pages {
        for tab in tabs {
            goto(&browser, &daemon, &format!("/collections/{page}#{tab}")).await;
            let shown = format!(
                "const tab = document.querySelector('#tab-{tab}'); const name = document.querySelector('.field.name:not([hidden])')?.value;
                 return (!{has} || tab?.ariaSelected === 'true') && name?.includes('window.owned')",
                has = !tab.is_empty()
            );
            browser.until(&format!("{page} {tab}"), &shown).await;
            let every = "for (const b of document.querySelectorAll('.editor .seg button')) b.click(); return true";
            browser.until("every way to look at it", every).await;
            assert_eq!(owned(&browser).await, Value::Null, "{page} {tab}");
        }
    }
    browser.screenshot("collections-hostile").await;
    let elements = "return document.querySelectorAll('img[src=x], main script').length";
    assert_eq!(browser.page().execute(elements, vec![]).await.unwrap(), json!(0), "markup became elements");
    let gone = daemon
        .api()
        .ask(
            Method::POST,
            "/deletions",
            &[("content-type", "application/json")],
            &json!({"collection": id}).to_string(),
        )
        .await;
    assert!(gone.status.is_success(), "{}", gone.text());
    browser.until("a tree without it", &format!("const shown = (() => {{ {TREE} }})(); return shown === ''")).await;
    browser.close().await;
}

#[tokio::test]
async fn captured_requests_are_named_and_grouped_anew_by_endpoints() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for path in ["/shop/alice", "/shop/bob", "/shop/admin"] {
        client::get(&daemon, &origin.url(path)).await;
    }
    rows::done(&daemon, "path:/shop/", 3).await;
    let save = json!({ "from": { "filter": "path:/shop/" }, "options": { "folders": "endpoint" }, "name": "Shop" });
    let made = daemon.api().post("/collections/save", &save).await.json();
    let browser = logged_in(&daemon).await;
    goto(&browser, &daemon, &format!("/collections/collection/{}", made["id"])).await;
    browser.until("the tree", "return document.querySelector('.coltree')?.innerText.includes('/shop/bob')").await;
    menu(&browser, "Shop", "Endpoints").await;
    write(&browser, "#templates", "shop").await;
    press_button(&browser, "Apply").await;
    browser.until("what is wrong", "return document.querySelector('dialog .ferr')?.innerText.length > 5").await;
    write(&browser, "#templates", "/shop/:person -admin").await;
    browser.screenshot("endpoints").await;
    press_button(&browser, "Apply").await;
    browser.until("a word about it", &has_text("2 renamed")).await;
    let names = "return ['/shop/:person', '/shop/admin'].every(name => document.querySelector('.coltree').innerText.includes(name)) && !document.querySelector('.coltree').innerText.includes('bob')";
    browser.until("the new names", names).await;
    browser.close().await;
}
