//! Conversations in the UI, in a real browser: messages as they come, filtered, opened, moved through by keyboard; and
//! the heads of a request on both sides.

use super::web_ui::{has_text, logged_in};
use fantoccini::{Locator, key::Key};
use serde_json::{Value, json};
use tokio::sync::watch;
use waylay_tests::{
    browser::Browser,
    client::{self, raw},
    daemon::Daemon,
    origin::{NodeOrigin, Origin, Scripted},
    program, rows, wait,
};

/// A masked text frame: `Hello`.
const HELLO: &[u8] = &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/// Frames of the origin, one after the other: `{"n":FROM}` and so on.
fn frames(numbers: std::ops::RangeInclusive<u32>) -> Vec<u8> {
    numbers
        .flat_map(|n| {
            let text = format!(r#"{{"n":{n},"of":"origin"}}"#);
            let mut frame = vec![0x81, u8::try_from(text.len()).unwrap()];
            frame.extend_from_slice(text.as_bytes());
            frame
        })
        .collect()
}

/// An origin that sends as many numbered messages as `told` says.
async fn counting(told: watch::Receiver<u32>) -> Scripted {
    Scripted::tls(move |mut wire| {
        let mut told = told.clone();
        async move {
            wire.head().await?;
            let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
            wire.send(format!("HTTP/1.1 101 Switching Protocols\r\n{UPGRADE}{accept}\r\n")).await?;
            let mut sent = 0;
            loop {
                let most = *told.borrow_and_update();
                wire.send(frames(sent + 1..=most)).await?;
                sent = most;
                if told.changed().await.is_err() {
                    return wire.send(b"\x88\x06\x03\xe9late").await;
                }
            }
        }
    })
    .await
}

/// A script: whether a line of the list in sight contains `text`.
pub(super) fn listed(text: &str) -> String {
    format!(
        "return [...document.querySelectorAll('.msg:not([hidden])')].some(line => line.innerText.includes({}))",
        json!(text)
    )
}

/// A script: whether the part of the page that `selector` names contains `text`.
fn within(selector: &str, text: &str) -> String {
    format!("return (document.querySelector({})?.innerText ?? '').includes({})", json!(selector), json!(text))
}

async fn open(browser: &Browser, daemon: &Daemon, row: &Value, tab: &str) {
    browser.page().goto(&format!("http://{}/exchange/{}#{tab}", daemon.ui(), rows::id(row))).await.unwrap();
}

async fn press(browser: &Browser, selector: &str, keys: &str) {
    browser.page().find(Locator::Css(selector)).await.unwrap().send_keys(keys).await.unwrap();
}

#[tokio::test]
async fn messages_appear_as_they_come_and_are_found_and_opened() {
    let daemon = Daemon::start().await;
    let (tell, told) = watch::channel(3000);
    let origin = counting(told).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut client = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    raw::send(&mut client, format!("GET /socket HTTP/1.1\r\nHost: {}\r\n{UPGRADE}{key}\r\n", origin.authority())).await;
    raw::read_head(&mut client).await.unwrap();
    raw::read_exactly(&mut client, frames(1..=3000).len()).await.unwrap();
    let row = wait::until("a row with 3,000 messages", || async {
        rows::list(&daemon, "is:ws").await.pop().filter(|row| row["messages"] == 3000)
    })
    .await;

    let browser = logged_in(&daemon).await;
    open(&browser, &daemon, &row, "").await;
    browser.until("the newest message", &listed(r#"{"n":3000,"#)).await;
    browser.until("the count in the tab", &within("#tab-messages", "3,000")).await;
    let lines = browser.page().execute("return document.querySelectorAll('.msg').length", vec![]).await.unwrap();
    assert!(lines.as_u64().unwrap() < 100, "{lines} lines are in the page");
    browser.screenshot("messages-1-newest").await;

    tell.send(3002).unwrap();
    browser.until("what comes, at the end", &listed(r#"{"n":3002,"#)).await;
    let to_start = "document.querySelector('.msgs').scrollTop = 0; return true";
    browser.until("the reader to go to the beginning", to_start).await;
    browser.until("the first message", &listed(r#"{"n":1,"#)).await;
    raw::send(&mut client, HELLO).await;
    browser.until("a word about what is new", &within(".msgwrap .pill", "1 new")).await;
    browser.until("the list to stay where it is", &listed(r#"{"n":1,"#)).await;
    browser.screenshot("messages-2-new").await;
    browser.page().find(Locator::Css(".msgwrap .pill")).await.unwrap().click().await.unwrap();
    browser.until("the message of the client", &listed("Hello")).await;

    let field = "[aria-label='Messages with this text']";
    press(&browser, field, r#""N":29"#).await;
    browser.until("what matches", &within(".msgbar", "111 of 3,003")).await;
    tell.send(3004).unwrap();
    browser.until("what does not match, counted", &within(".msgbar", "111 of 3,005")).await;
    press(&browser, field, &char::from(Key::Escape).to_string()).await;
    browser.page().find(Locator::Css(".msgbar .seg button:nth-child(2)")).await.unwrap().click().await.unwrap();
    browser.until("the one message of the client", &within(".msgbar", "1 of 3,005")).await;
    browser.page().find(Locator::Css(".msgbar .seg button:nth-child(1)")).await.unwrap().click().await.unwrap();

    let keys: String = [Key::Home, Key::Down, Key::Down, Key::Enter].map(char::from).iter().collect();
    press(&browser, ".msgs", &keys).await;
    browser.until("the third message, as a tree", &within(".msgview", "n: 3")).await;
    browser.until("its address", "return location.hash === '#messages/3'").await;
    press(&browser, ".msgs", &char::from(Key::Down).to_string()).await;
    browser.until("the message below", &within(".msgview", "n: 4")).await;
    browser.screenshot("messages-3-open").await;
    browser.page().refresh().await.unwrap();
    browser.until("the same message after a reload", &within(".msgview", "n: 4")).await;
    press(&browser, ".msgs", &char::from(Key::Escape).to_string()).await;
    browser.until("the message to close", "return location.hash === '#messages'").await;

    drop(tell);
    let row = rows::one(&daemon, "is:ws").await;
    let last = row["messages"].to_string();
    open(&browser, &daemon, &row, &format!("messages/{last}")).await;
    browser.until("the closing, with code and reason", &within(".msgview", "1001 going away")).await;
    browser.until("its reason", &within(".msgview", "late")).await;
    browser.close().await;
}

#[tokio::test]
async fn events_show_their_names_ids_and_data() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    client::get(&daemon, &origin.url("/events")).await;
    let row = rows::one(&daemon, "is:sse").await;
    let browser = logged_in(&daemon).await;
    open(&browser, &daemon, &row, "messages/1").await;
    browser.until("the name of the event in the list", &listed("greeting")).await;
    browser.until("its data", &within(".msgview", "hello")).await;
    let id = "return [...document.querySelectorAll('.msgview dt')].some(t => t.innerText === 'Id')";
    browser.until("its id", id).await;
    browser.screenshot("messages-events").await;
    browser.close().await;
}

#[tokio::test]
async fn calls_of_grpc_show_their_status_and_their_fields() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("grpc.mjs", &["serve"]).await;
    let mut client = program::command(program::need(&["node"]), origin.folder());
    client.arg(program::tests_folder().join("clients/grpc.mjs")).arg("call").arg(origin.authority());
    client.arg(daemon.ca_file()).env("grpc_proxy", format!("http://{}", daemon.proxy()));
    program::run(&mut client).await.expect(0);
    let unary = rows::one(&daemon, "path:/waylay.test.Talk/Unary").await;
    let missing = rows::one(&daemon, "path:/waylay.test.Talk/Missing").await;

    let browser = logged_in(&daemon).await;
    browser.until("the call that failed, in words", &has_text("NOT_FOUND")).await;
    browser.until("its status", &has_text("grpc 5")).await;
    browser.screenshot("grpc-list").await;
    open(&browser, &daemon, &missing, "overview").await;
    browser.until("the status and its name", &within("#panel", "5 NOT_FOUND")).await;
    open(&browser, &daemon, &unary, "messages/1").await;
    browser.until("the first field", &within(".msgview .tree", "1: \"world\"")).await;
    browser.until("the second one, and how it was written", &within(".msgview .tree", "varint")).await;
    browser.screenshot("grpc-fields").await;
    browser.close().await;
}

#[tokio::test]
async fn the_head_that_was_sent_is_shown_beside_the_one_that_was_received() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nProxy-Connection: keep-alive\r\nX-Kept: 1\r\n\r\n",
        origin.url("/json"),
        origin.authority()
    );
    let mut wire = raw::connect(daemon.proxy()).await;
    raw::send(&mut wire, head).await;
    raw::read_head(&mut wire).await.unwrap();
    let row = rows::one(&daemon, "path:/json").await;
    let browser = logged_in(&daemon).await;
    open(&browser, &daemon, &row, "request").await;
    let choose = |word: &str| {
        format!(
            "const button = [...document.querySelectorAll('#panel .seg button')].find(b => b.innerText === {});
             button?.click(); return Boolean(button)",
            json!(word)
        )
    };
    // Names in whatever case they are kept in.
    let shown = |text: &str| {
        format!("return document.querySelector('#panel').textContent.toLowerCase().includes({})", json!(text))
    };
    browser.until("what was received", &shown("proxy-connection")).await;
    browser.until("the choice of sides", &choose("As sent")).await;
    browser.until("what was sent", &shown("proxy-connection").replace("return ", "return !")).await;
    browser.until("the choice of differences", &choose("Differences")).await;
    browser.until("what was removed, in words", &shown("removed: proxy-connection: keep-alive")).await;
    browser.until("what was changed", &shown("changed, is: get /json http/1.1")).await;
    browser.screenshot("heads-differences").await;
    browser.close().await;
}
