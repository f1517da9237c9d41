//! The list of exchanges in the UI: filter and chips, selection, deleting and bringing back, all of it by keys alone.

use super::web_ui::{has_text, logged_in, press, press_button, shows, type_keys};
use fantoccini::{Locator, key::Key};
use serde_json::json;
use waylay_tests::{
    browser::Browser,
    client::{self, Speak, full},
    daemon::Daemon,
    origin::Origin,
    rows,
};

const ENTER: char = '\u{e007}';

/// Five exchanges, of which the table shows `/json /status/404 /status/503 /echo /text`, in this order.
async fn captured(daemon: &Daemon, origin: &Origin) {
    for path in ["/json", "/status/404", "/status/503"] {
        client::get(daemon, &origin.url(path)).await;
    }
    let request = http::Request::post(origin.url("/echo")).body(full("posted")).unwrap();
    client::fetch(daemon, Speak::Http1, request).await;
    client::get(daemon, &origin.url("/json?last")).await;
    rows::done(daemon, "", 5).await;
}

const ALL: [&str; 5] = ["/json", "/status/404", "/status/503", "/echo", "/json?last"];

async fn filter(browser: &Browser, text: &str) {
    press(browser, "/").await;
    let field = browser.page().active_element().await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(&format!("{text}{ENTER}")).await.unwrap();
}

#[tokio::test]
async fn a_filter_narrows_the_list_has_a_url_and_is_recalled_switched_off_and_cleared() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    captured(&daemon, &origin).await;
    let browser = logged_in(&daemon).await;
    shows(&browser, "everything", &ALL).await;
    filter(&browser, "status:4xx OR method:POST").await;
    shows(&browser, "what passes", &["/status/404", "/echo"]).await;
    browser.until("how many of how many", &has_text("2 of 5")).await;
    browser
        .until(
            "a URL of its own",
            "return new URLSearchParams(location.search).get('filter') === 'status:4xx OR method:POST'",
        )
        .await;
    browser.screenshot("live-filter").await;

    filter(&browser, "size>10kk").await;
    browser
        .until(
            "the word that is wrong to be underlined",
            "return document.querySelector('.ink u')?.innerText.includes('10kk')",
        )
        .await;
    browser
        .until(
            "what to write instead",
            "const e = document.querySelector('#filter-error'); return !e.hidden && e.innerText.includes('10k')",
        )
        .await;
    shows(&browser, "still what could be read last", &["/status/404", "/echo"]).await;
    browser.screenshot("live-filter-wrong").await;

    filter(&browser, "status:503").await;
    shows(&browser, "the other ones", &["/status/503"]).await;
    press(&browser, "/").await;
    type_keys(&browser, &Key::Up.to_string()).await;
    browser
        .until("the filter before", "return document.querySelector('#filter').value === 'status:4xx OR method:POST'")
        .await;
    shows(&browser, "what passes it", &["/status/404", "/echo"]).await;
    type_keys(&browser, &format!("{}{ENTER}", char::from(Key::Down))).await;
    shows(&browser, "the later one again", &["/status/503"]).await;

    press(&browser, "\\").await;
    shows(&browser, "everything, as the filter is off", &ALL).await;
    press(&browser, "\\").await;
    shows(&browser, "what passes", &["/status/503"]).await;
    filter(&browser, "host:nowhere").await;
    browser.until("why nothing is shown", &has_text("No match among 5")).await;
    browser.screenshot("live-no-match").await;
    press_button(&browser, "Clear the filter").await;
    shows(&browser, "everything again", &ALL).await;
    browser.close().await;
}

#[tokio::test]
async fn chips_and_cells_write_the_filter() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    captured(&daemon, &origin).await;
    let browser = logged_in(&daemon).await;
    shows(&browser, "everything", &ALL).await;
    let typed = |text: &str| format!("return document.querySelector('#filter').value === {}", json!(text));
    press_button(&browser, "Method").await;
    let post = "const line = [...document.querySelectorAll('.menu label')].find(l => l.innerText.includes('POST'));
        line?.click(); return line?.innerText.includes('1')";
    browser.until("POST among the methods, with how often", post).await;
    browser.until("the term", &typed("method:POST")).await;
    browser.screenshot("live-chip").await;
    shows(&browser, "what was posted", &["/echo"]).await;
    press(&browser, &Key::Escape.to_string()).await;
    let clear = "const button = document.querySelector('.chip.on .clear'); button?.click(); return Boolean(button)";
    browser.until("the chip to be taken back", clear).await;
    shows(&browser, "everything", &ALL).await;

    let alt = |cell: &str, path: &str, shift: bool| {
        format!(
            "const row = [...document.querySelectorAll('.rows .row')].find(r => r.querySelector('.p').innerText === {});
             row?.querySelector('{cell}').dispatchEvent(new MouseEvent('click', {{ bubbles: true, altKey: true, shiftKey: {shift} }}));
             return Boolean(row)",
            json!(path)
        )
    };
    browser.until("Alt and a click on a status", &alt(".c-st", "/status/404", false)).await;
    browser.until("its term", &typed("status:404")).await;
    shows(&browser, "what has it", &["/status/404"]).await;
    browser.until("with Shift, to leave it out", &alt(".c-st", "/status/404", true)).await;
    browser.until("the opposite term", &typed("-status:404")).await;
    shows(&browser, "what has another one", &["/json", "/status/503", "/echo", "/json?last"]).await;
    browser.until("a second one", &alt(".c-method", "/echo", true)).await;
    browser.until("both", &typed("-status:404 -method:POST")).await;
    shows(&browser, "what passes both", &["/json", "/status/503", "/json?last"]).await;
    browser.close().await;
}

#[tokio::test]
async fn what_is_ticked_is_deleted_and_brought_back() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    captured(&daemon, &origin).await;
    let browser = logged_in(&daemon).await;
    shows(&browser, "everything", &ALL).await;
    let tick = |path: &str, shift: bool| {
        format!(
            "const row = [...document.querySelectorAll('.rows .row')].find(r => r.querySelector('.p').innerText === {});
             row?.querySelector('input').dispatchEvent(new MouseEvent('click', {{ bubbles: true, cancelable: true, shiftKey: {shift} }}));
             return Boolean(row)",
            json!(path)
        )
    };
    browser.until("the first tick", &tick("/status/404", false)).await;
    browser.until("the bar of what can be done", &has_text("1 selected")).await;
    browser.until("a tick that extends it", &tick("/echo", true)).await;
    browser.until("all in between", &has_text("3 selected")).await;
    browser.screenshot("live-selected").await;
    press_button(&browser, "Delete\nDel").await;
    shows(&browser, "the others", &["/json", "/json?last"]).await;
    browser.until("the way back", &has_text("Deleted 3 exchanges.")).await;
    browser.screenshot("live-deleted").await;
    rows::done(&daemon, "", 2).await;
    press_button(&browser, "Undo").await;
    shows(&browser, "everything again", &ALL).await;
    rows::done(&daemon, "", 5).await;
    browser.close().await;
}

#[tokio::test]
async fn all_of_it_works_without_a_mouse() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    captured(&daemon, &origin).await;
    let browser = logged_in(&daemon).await;
    shows(&browser, "everything", &ALL).await;
    press(&browser, "ggj").await;
    browser
        .until("the second row to have the focus", "return document.activeElement.innerText.includes('/status/404')")
        .await;
    press(&browser, "x").await;
    browser.until("its tick", &has_text("1 selected")).await;
    press(&browser, "jjX").await;
    browser.until("those up to here", &has_text("3 selected")).await;
    press(&browser, &Key::Delete.to_string()).await;
    shows(&browser, "the others", &["/json", "/json?last"]).await;
    press_button(&browser, "Undo").await;
    shows(&browser, "everything again", &ALL).await;
    press(&browser, &format!("gg{ENTER}")).await;
    browser.until("the exchange", "return location.pathname.startsWith('/exchange/')").await;
    browser.until("its response", &has_text("Response")).await;
    press(&browser, "v").await;
    browser
        .until("it to be below the list", "return document.querySelector('.split.below.with-detail') !== null")
        .await;
    browser.screenshot("live-below").await;
    press(&browser, "vw").await;
    browser
        .until(
            "the waterfall to go",
            "return document.querySelector('.no-wf') !== null && document.querySelector('.c-wf').offsetWidth === 0",
        )
        .await;
    press(&browser, &format!("w{}", char::from(Key::Escape))).await;
    browser.until("the list alone", "return location.pathname === '/'").await;

    press(&browser, &format!("{}k", char::from(Key::Control))).await;
    browser.until("the palette", "return document.activeElement.role === 'combobox'").await;
    type_keys(&browser, "sess").await;
    browser.screenshot("palette").await;
    let sessions = "return document.querySelector('.pal [aria-selected=true]')?.innerText.startsWith('Sessions')";
    browser.until("the screen among its commands", sessions).await;
    type_keys(&browser, &ENTER.to_string()).await;
    browser.until("the screen", "return location.pathname === '/sessions'").await;
    press(&browser, "1?").await;
    browser.until("the sheet of keys", &has_text("Pause, resume")).await;
    browser.screenshot("keys").await;
    type_keys(&browser, &Key::Escape.to_string()).await;
    browser.until("it to close", "return document.querySelector('dialog') === null").await;
    browser.close().await;
}

#[tokio::test]
async fn a_header_sorts_and_the_table_says_so() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    captured(&daemon, &origin).await;
    let browser = logged_in(&daemon).await;
    shows(&browser, "everything", &ALL).await;
    press_button(&browser, "Status").await;
    browser.until("the menu of the chip, not the header", "return document.querySelector('.menu') !== null").await;
    press(&browser, &Key::Escape.to_string()).await;
    let sort = |state: &str| {
        format!(
            "const head = document.querySelector('.hdr .c-st'); if (head.ariaSort !== {0}) head.querySelector('button').click();
             return head.ariaSort === {0}",
            json!(state)
        )
    };
    browser.until("the header of the status", &sort("descending")).await;
    shows(&browser, "the highest first", &["/status/503", "/status/404", "/json?last", "/echo", "/json"]).await;
    let facts = "const grid = document.querySelector('[role=grid]'), rows = [...grid.querySelectorAll('.rows [role=row]')];
        return grid.ariaRowCount === '6' && grid.ariaColCount === '10' && rows.every(r => r.querySelectorAll('[role=gridcell]').length === 10)
            && rows.map(r => r.ariaRowIndex).sort().join() === '2,3,4,5,6'";
    browser.until("what assistive technology is told", facts).await;
    browser.page().find(Locator::Css(".hdr .c-time button")).await.unwrap().click().await.unwrap();
    shows(&browser, "the order of time again", &ALL).await;
    browser.close().await;
}
