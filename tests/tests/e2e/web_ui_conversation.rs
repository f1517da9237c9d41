//! WebSockets and event streams that are held from the UI: connecting, messages in every form, saved ones, search,
//! closing, what fails, and what a reload finds again.

use super::{
    web_ui::{fill, has_text, logged_in, press_button},
    web_ui_messages::listed,
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use waylay_tests::{browser::Browser, daemon::Daemon, origin::NodeOrigin, rows, wait};

/// What it would be if it were taken for markup.
const CANARY: &str = "<img src=x onerror='window.owned=1'>";

/// Writes a message and sends it, in the format of that value.
async fn say(browser: &Browser, format: &str, text: &str) {
    let choose = format!(
        "const select = document.querySelector('[aria-label=\"Format of the message\"]');
         select.value = {}; select.dispatchEvent(new Event('change')); return true",
        json!(format)
    );
    browser.until("the format", &choose).await;
    let chord = format!("{}{}", char::from(Key::Control), char::from(Key::Enter));
    fill(browser, "textarea[aria-label=Message]", &format!("{text}{chord}")).await;
}

/// A script: whether the head of the conversation contains `text`.
fn stands(text: &str) -> String {
    format!("return document.querySelector('[aria-label=Conversation] > header').innerText.includes({})", json!(text))
}

async fn tab(browser: &Browser, name: &str) {
    let script = format!("const tab = document.querySelector('#tab-{name}'); tab?.click(); return Boolean(tab)");
    browser.until(&format!("the tab {name}"), &script).await;
}

async fn owned(browser: &Browser) -> Value {
    browser.page().execute("return window.owned ?? null", vec![]).await.unwrap()
}

#[tokio::test]
async fn a_websocket_with_subprotocol_and_compression_is_held_from_the_editor() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let url = origin.url("/socket").replace("https:", "wss:");
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/collections", daemon.ui())).await.unwrap();
    fill(&browser, "input[aria-label=URL]", &url).await;
    tab(&browser, "connection").await;
    fill(&browser, "textarea[aria-label=Subprotocols]", "nobody.speaks\nchat.v2").await;
    press_button(&browser, "Connect").await;
    browser.until("that it is open", &stands("connected")).await;
    browser.until("the subprotocol", &stands("subprotocol chat.v2")).await;
    browser.until("the compression", &stands("permessage-deflate")).await;
    let row = wait::until("its row", || async { rows::list(&daemon, "is:ws session:0").await.pop() }).await;
    assert_eq!((&row["status"], &row["done"]), (&json!(101), &json!(false)));

    tab(&browser, "message").await;
    let text = format!("{{\"said\": \"{CANARY}\"}}");
    say(&browser, "json", &text).await;
    browser.until("the message, and its echo", &listed(CANARY)).await;
    say(&browser, "hex", "de ad be ef").await;
    say(&browser, "base64", "yv66vg==").await;
    say(&browser, "hex", "d").await;
    let wrong = "return document.querySelector('.editor .ferr:not([hidden])')?.innerText.includes('half a byte')";
    browser.until("that this is half a byte", wrong).await;
    let binary = "return [...document.querySelectorAll('.msg:not([hidden]) .m-k')].filter(kind => kind.innerText === 'binary').length === 4";
    browser.until("both binary messages, and their echoes", binary).await;
    browser.screenshot("conversation-open").await;

    // By direction and by text; a message in full.
    let client = "document.querySelector('.msgbar .seg button:nth-child(2)').click(); return true";
    browser.until("the choice of the client's", client).await;
    browser
        .until("three messages and the pong", "return document.querySelector('.msgbar').innerText.includes('4 of ')")
        .await;
    fill(&browser, "[aria-label='Messages with this text']", "SAID").await;
    browser
        .until("the one with this text", "return document.querySelector('.msgbar').innerText.includes('1 of ')")
        .await;
    browser.until("the message, opened", "document.querySelector('.msg:not([hidden])').click(); return document.querySelector('.msgview:not([hidden])')?.innerText.includes('said')").await;
    assert_eq!(owned(&browser).await, Value::Null);

    // A page that is loaded anew finds it again.
    browser.page().refresh().await.unwrap();
    browser.until("that it is held still", &stands("connected")).await;
    browser.until("what was said", &listed(CANARY)).await;
    press_button(&browser, "Disconnect").await;
    browser.until("that it is closed, and how", &stands("closed")).await;
    browser.until("the code", &stands("1000 normal closure, by the client")).await;
    browser
        .until("the button to connect again", "return document.querySelector('.send').innerText.includes('Connect')")
        .await;
    browser.screenshot("conversation-closed").await;
    let row = rows::detail(&daemon, &rows::done(&daemon, "is:ws session:0", 1).await[0]).await;
    let accepted = row["response"]["headers"].as_array().unwrap().iter().any(|field| {
        field["name"].as_str().unwrap().eq_ignore_ascii_case("sec-websocket-extensions")
            && field["value"].as_str().unwrap().contains("permessage-deflate")
    });
    assert!(accepted, "{row}");
    // It is in the history, with what was said.
    let send = daemon.api().get("/conversations").await["items"][0]["send"].to_string();
    browser.page().goto(&format!("http://{}/collections/send/{send}", daemon.ui())).await.unwrap();
    browser.until("what was said then", &listed(CANARY)).await;
    assert_eq!(owned(&browser).await, Value::Null);
    browser.close().await;
}

#[tokio::test]
async fn messages_are_saved_by_a_name_loaded_and_deleted_and_take_variables() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let url = origin.url("/socket").replace("https:", "wss:");
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/collections", daemon.ui())).await.unwrap();
    fill(&browser, "input[aria-label=URL]", &url).await;
    tab(&browser, "message").await;
    fill(&browser, "textarea[aria-label=Message]", "hello $guid is {{$randomInt}}").await;
    let save = "const save = [...document.querySelectorAll('#request-panel button')].find(b => b.innerText === 'Save'); save?.click(); return Boolean(save)";
    browser.until("the button", save).await;
    browser.until("the question for a name", "return document.querySelector('#asked') !== null").await;
    browser.screenshot("conversation-save").await;
    fill(&browser, "#asked", &format!("{CANARY} greeting")).await;
    browser.until("the answer", "document.querySelector('dialog .primary').click(); return true").await;
    let saved =
        wait::until("what is saved", || async { daemon.api().get("/saved-messages").await["items"].get(0).cloned() })
            .await;
    assert_eq!(saved["content"], "hello $guid is {{$randomInt}}", "{saved}");
    fill(&browser, "textarea[aria-label=Message]", "another").await;
    press_button(&browser, "Saved").await;
    let load = "const item = document.querySelector('.saved .item'); item?.click(); return item?.innerText.includes('greeting')";
    browser.until("the saved one", load).await;
    let loaded = "return document.querySelector('textarea[aria-label=Message]').value.startsWith('hello $guid')";
    browser.until("it in the field", loaded).await;
    press_button(&browser, "Connect").await;
    browser.until("that it is open", &stands("connected")).await;
    let send = "const send = document.querySelector('[title^=\"Send the message\"]'); if (send.disabled) return false; send.click(); return true";
    browser.until("the button", send).await;
    let filled = "return [...document.querySelectorAll('.msg:not([hidden]) .m-p')].some(line => /hello \\$guid is \\d+$/.test(line.innerText))";
    browser.until("it with a value in place of the variable", filled).await;
    press_button(&browser, "Saved").await;
    let delete = "const one = document.querySelector('.saved .danger'); one?.click(); return Boolean(one)";
    browser.until("the button to delete it", delete).await;
    browser.until("that it is deleted", &has_text("is deleted")).await;
    assert_eq!(daemon.api().get("/saved-messages").await["items"], json!([]));
    assert_eq!(owned(&browser).await, Value::Null);
    browser.close().await;
}

#[tokio::test]
async fn an_event_stream_is_listened_to_and_what_refuses_says_why() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let browser = logged_in(&daemon).await;
    browser.page().goto(&format!("http://{}/collections", daemon.ui())).await.unwrap();
    fill(&browser, "input[aria-label=URL]", &origin.url("/events")).await;
    let choose = "const select = document.querySelector('[aria-label=\"What comes back\"]'); select.value = 'sse'; select.dispatchEvent(new Event('change')); return true";
    browser.until("the choice of an event stream", choose).await;
    press_button(&browser, "Connect").await;
    browser.until("the first event", &listed("greeting")).await;
    browser.until("the last one", &listed("end")).await;
    browser.until("that it is over", &stands("closed")).await;
    browser.screenshot("conversation-events").await;

    fill(&browser, "input[aria-label=URL]", &origin.url("/private").replace("https:", "wss:")).await;
    press_button(&browser, "Connect").await;
    browser.until("that it failed", &stands("failed")).await;
    browser
        .until(
            "why",
            "return document.querySelector('[aria-label=Conversation] .banner.err')?.innerText.includes('401')",
        )
        .await;
    browser.screenshot("conversation-refused").await;
    browser.close().await;
}
