//! Environments in a real browser: variables, secrets, and which of them is active.

use super::web_ui::{has_text, logged_in, press, press_button};
use fantoccini::{Locator, key::Key};
use serde_json::{Value, json};
use waylay_tests::{browser::Browser, daemon::Daemon, wait};

async fn write(browser: &Browser, css: &str, text: &str) {
    let field = browser.page().wait().for_element(Locator::Css(css)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Name, value and kind of all variables, secrets included.
async fn variables(daemon: &Daemon, id: &Value) -> Value {
    let found = daemon.api().get(&format!("/environments/{id}?secrets=show")).await;
    let all = found["variables"].as_array().unwrap();
    all.iter().map(|one| json!([one["key"], one["value"], one["type"]])).collect()
}

async fn holds(daemon: &Daemon, id: &Value, wanted: Value) {
    wait::until(&format!("the variables {wanted}"), || async { (variables(daemon, id).await == wanted).then_some(()) })
        .await;
}

#[tokio::test]
async fn an_environment_is_made_filled_used_and_its_secrets_stay_hidden() {
    let daemon = Daemon::start().await;
    let browser = logged_in(&daemon).await;
    press(&browser, "4").await;
    press_button(&browser, "Environments").await;
    press_button(&browser, "New").await;
    write(&browser, "#asked", &format!("staging{}", char::from(Key::Enter))).await;
    browser.until("its address", "return /^\\/collections\\/environment\\/\\d+$/.test(location.pathname)").await;
    let id = daemon.api().get("/environments").await["items"][0]["id"].clone();
    for (at, (name, value)) in [("base", "http://a.test"), ("token", "hush")].into_iter().enumerate() {
        write(&browser, ".fields li:last-child .ink input", name).await;
        write(&browser, &format!(".fields li:nth-child({}) .held input", at + 1), value).await;
    }
    let secret = "const kind = document.querySelector('.fields li:nth-child(2) select'); kind.value = 'secret';
        kind.dispatchEvent(new Event('change')); return document.querySelector('.fields li:nth-child(2) .held input.secret')";
    browser.until("a secret that is hidden", secret).await;
    press_button(&browser, "Save").await;
    holds(&daemon, &id, json!([["base", "http://a.test", "default"], ["token", "hush", "secret"]])).await;
    press_button(&browser, "Use").await;
    let active = "return document.querySelector('[aria-label=\"Active environment\"]').selectedOptions[0].innerText === 'staging'";
    browser.until("it as the active one", active).await;
    browser.screenshot("environment").await;

    browser.page().refresh().await.unwrap();
    let hidden = "return document.querySelector('.fields li:nth-child(2) .held input')?.value === ''";
    browser.until("a value that the page does not have", hidden).await;
    write(&browser, ".fields li:nth-child(1) .held input", "http://b.test").await;
    press_button(&browser, "Save").await;
    holds(&daemon, &id, json!([["base", "http://b.test", "default"], ["token", "hush", "secret"]])).await;
    // Under another name it is still the same secret.
    write(&browser, ".fields li:nth-child(2) .ink input", "key").await;
    press_button(&browser, "Save").await;
    holds(&daemon, &id, json!([["base", "http://b.test", "default"], ["key", "hush", "secret"]])).await;
    browser.page().refresh().await.unwrap();
    browser.until("the hidden value", hidden).await;
    press_button(&browser, "Reveal secrets").await;
    browser
        .until("it, on demand", "return document.querySelector('.fields li:nth-child(2) .held input').value === 'hush'")
        .await;
    press_button(&browser, "Delete").await;
    let sure = "const button = document.querySelector('dialog .btn.danger'); button?.click(); return button";
    browser.until("the question", sure).await;
    wait::until("no environment", || async {
        daemon.api().get("/environments").await["items"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    browser.until("the globals instead", &has_text("Every request can use these")).await;
    browser.close().await;
}
