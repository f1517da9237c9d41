//! What a web page wrote, in the page of Waylay: it says whose it is, and is sent as the user's own only when they say so. And
//! origins that the user wants nothing of.

use super::{
    pages::{ORIGIN, Page, open},
    web_ui::{has_text, logged_in, press_button},
};
use fantoccini::Locator;
use serde_json::{Value, json};
use waylay_tests::{browser::Browser, daemon::Daemon, origin::Origin};

/// The dialog asks, and names the page and the variable.
async fn asked(browser: &Browser) {
    let asked = format!(
        "const text = document.querySelector('dialog')?.innerText ?? ''; return text.includes('{ORIGIN}') && text.includes('{{{{api_key}}}}') && text.includes('client certificates')"
    );
    browser.until("the question", &asked).await;
}

/// Presses a button of the dialog: the editor has a "Cancel" of its own.
async fn answer(browser: &Browser, word: &str) {
    let script = format!(
        "const button = [...document.querySelectorAll('dialog button')].find(b => b.innerText.trim() === '{word}'); button?.click(); return Boolean(button)"
    );
    browser.until(&format!("the answer {word:?}"), &script).await;
}

async fn gone(browser: &Browser) {
    browser.until("the dialog to go", "return document.querySelector('dialog') === null").await;
}

#[tokio::test]
async fn security_what_a_page_wrote_is_sent_from_the_editor_and_the_history_after_a_question() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let page = Page::paired(&daemon, json!({})).await;
    let url = origin.url("/echo?key={{api_key}}");
    page.send(json!({ "url": url })).await;
    let globals = json!({ "variables": [{ "key": "api_key", "value": "s3cret" }] }).to_string();
    let json_type = [("content-type", "application/json")];
    daemon.api().ask(http::Method::PUT, "/globals", &json_type, &globals).await;
    let entry = daemon.api().get("/history").await["items"][0]["id"].clone();

    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/collections/send/{entry}", daemon.ui())).await.unwrap();
    browser.until("whose it is", &has_text(&format!("Written by {ORIGIN}."))).await;
    browser.page().wait().for_element(Locator::Css("button.send")).await.unwrap().click().await.unwrap();
    asked(&browser).await;
    browser.screenshot("whose-request").await;
    answer(&browser, "Cancel").await;
    gone(&browser).await;
    browser.until("that it was not sent", &has_text("Not sent: this request was written by")).await;
    assert_eq!(origin.notes().requests().len(), 0, "nothing has left");

    let more = "document.querySelector('[aria-label^=\"More about\"]')?.click(); const again = [...document.querySelectorAll('[role=menuitem]')].find(one => one.innerText.includes('Send again')); again?.click(); return Boolean(again)";
    browser.until("the list of what was sent", "const tab = [...document.querySelectorAll('.seg button')].find(one => one.innerText === 'History'); tab?.click(); return Boolean(tab)").await;
    browser.until("to send it again", more).await;
    asked(&browser).await;
    answer(&browser, "Cancel").await;
    gone(&browser).await;
    assert_eq!(origin.notes().requests().len(), 0, "nothing has left");

    browser.page().wait().for_element(Locator::Css("button.send")).await.unwrap().click().await.unwrap();
    asked(&browser).await;
    answer(&browser, "Send as mine").await;
    browser.until("the answer", &has_text("200")).await;
    let own = "return !document.body.innerText.includes('Written by')";
    browser.until("that it is the user's", own).await;
    assert!(origin.notes().requests()[0].target.ends_with("key=s3cret"));
    browser.page().wait().for_element(Locator::Css("button.send")).await.unwrap().click().await.unwrap();
    waylay_tests::wait::until("it once more, without a question", || async {
        (origin.notes().requests().len() == 2).then_some(())
    })
    .await;
    let made = daemon.api().get("/history").await["items"].clone();
    let from: Vec<&Value> = made.as_array().unwrap().iter().map(|one| &one["from"]).collect();
    assert!(from.contains(&&json!(format!("send:{entry}"))), "{made}");
    browser.close().await;
}

#[tokio::test]
async fn an_origin_is_blocked_from_the_dialog_with_its_code_and_unblocked_in_setup() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/setup", daemon.ui())).await.unwrap();
    browser.until("the page", &has_text("No web client is paired.")).await;
    open(&daemon, ORIGIN, json!({})).await;
    press_button(&browser, "Show the code").await;
    browser.until("the way out", &has_text("Block this origin")).await;
    browser.screenshot("pair-block").await;
    press_button(&browser, "Block this origin").await;
    gone(&browser).await;
    browser.until("that it is blocked", &has_text("blocked")).await;
    assert_eq!(daemon.api().get("/agent/blocked").await["items"], json!([ORIGIN]));
    assert_eq!(daemon.api().get("/agent/windows").await["items"][0]["state"], "closed");
    press_button(&browser, "Unblock").await;
    let listed = "return ![...document.querySelectorAll('button')].some(one => one.innerText === 'Unblock')";
    browser.until("that it is not", listed).await;
    assert_eq!(daemon.api().get("/agent/blocked").await["items"], json!([]));
    browser.close().await;
}
