//! Conversations of real clients, message by message.

use serde_json::Value;
use waylay_tests::{browser::Browser, daemon::Daemon, origin::NodeOrigin, program, rows, wait};

/// All messages of a row: `sender kind preview`.
async fn messages(daemon: &Daemon, row: &Value) -> Vec<String> {
    let page = daemon.api().get(&format!("/exchanges/{}/messages?limit=1000", rows::id(row))).await;
    assert!(page["next"].is_null(), "{page}");
    let word = |m: &Value, key: &str| m[key].as_str().unwrap_or("?").to_owned();
    let line = |m: &Value| format!("{} {} {}", word(m, "sender"), word(m, "kind"), word(m, "preview"));
    page["items"].as_array().unwrap().iter().map(line).collect()
}

async fn message(daemon: &Daemon, row: &Value, number: i64) -> Value {
    daemon.api().get(&format!("/exchanges/{}/messages/{number}", rows::id(row))).await
}

/// Opens a WebSocket in a page, carries on `talk` with it, and waits until it is closed. `talk` is JavaScript with the
/// socket `s`, and calls `say(text)` for what it heard. Returns everything it said.
async fn in_a_browser(daemon: &Daemon, origin: &NodeOrigin, protocol: &str, talk: &str) -> String {
    let browser = Browser::start(&super::browser::arguments(daemon).await).await;
    browser.page().goto(&origin.url("/")).await.unwrap();
    let script = format!(
        "window.said = []; const say = (text) => window.said.push(text);
         const s = new WebSocket('wss://{}/socket', ['{protocol}']);
         s.onerror = () => say('error'); s.onclose = (e) => {{ say('closed ' + e.code); window.over = true; }};
         {talk}",
        origin.authority()
    );
    browser.page().execute(&script, vec![]).await.unwrap();
    browser.until("the socket to close", "return window.over").await;
    let said = browser.page().execute("return window.said.join('|')", vec![]).await.unwrap();
    browser.close().await;
    said.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_browsers_compressed_websocket() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let talk = "let n = 0;
        s.onopen = () => { say(s.protocol + ' ' + s.extensions); s.send('hello hello hello'); };
        s.onmessage = (e) => {
          n += 1;
          if (n === 1) { say(e.data); s.send('hello hello hello'); }
          if (n === 2) { say(e.data); s.binaryType = 'arraybuffer'; s.send(new Uint8Array(300000).fill(7)); }
          if (n === 3) { say('' + e.data.byteLength); s.close(3001, 'done'); }
        };";
    let said = in_a_browser(&daemon, &origin, "chat.v2", talk).await;
    assert_eq!(said, "chat.v2 permessage-deflate|hello hello hello|hello hello hello|300000|closed 3001");

    let row = rows::one(&daemon, "is:ws").await;
    assert_eq!((&row["status"], &row["failure"]), (&101.into(), &Value::Null), "{row}");
    let all = messages(&daemon, &row).await;
    let of = |start: &str| all.iter().filter(|m| m.starts_with(start)).count();
    assert_eq!(of("client text hello hello hello"), 2, "{all:?}");
    assert_eq!(of("origin text hello hello hello"), 2, "{all:?}");
    assert_eq!((of("origin ping"), of("client pong"), of("client close"), of("origin close")), (2, 2, 1, 1), "{all:?}");
    assert_eq!((of("client binary"), of("origin binary")), (1, 1), "{all:?}");

    let page = daemon.api().get(&format!("/exchanges/{}/messages?sender=client", rows::id(&row))).await;
    let items = page["items"].as_array().unwrap();
    let texts: Vec<_> = items.iter().filter(|m| m["kind"] == "text").collect();
    assert!(
        texts.iter().all(|m| m["compressed"] == true && m["length"] == 17 && m["state"] == "complete"),
        "{texts:?}"
    );
    // What the first has taught makes the second shorter: the context is taken over.
    assert!(texts[1]["wire_length"].as_i64() < texts[0]["wire_length"].as_i64(), "{texts:?}");
    let binary = items.iter().find(|m| m["kind"] == "binary").unwrap();
    assert_eq!((&binary["length"], &binary["missing"]), (&300_000.into(), &0.into()));
    let path = format!("/exchanges/{}/messages/{}/payload", rows::id(&row), binary["number"]);
    let payload = daemon.api().ask(http::Method::GET, &path, &[], "").await.body;
    assert!(payload.len() == 300_000 && payload.iter().all(|b| *b == 7));
    let close = items.iter().find(|m| m["kind"] == "close").unwrap()["number"].as_i64().unwrap();
    let close = message(&daemon, &row, close).await;
    assert_eq!((&close["close_code"], &close["close_reason"]), (&3001.into(), &"done".into()), "{close}");
}

#[tokio::test]
async fn graphql_over_a_websocket() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let talk = r#"s.onopen = () => s.send(JSON.stringify({ type: 'connection_init' }));
        s.onmessage = (e) => {
          const m = JSON.parse(e.data);
          say(m.type);
          if (m.type === 'connection_ack')
            s.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { counter }' } }));
          if (m.type === 'complete') s.close(1000);
        };"#;
    let said = in_a_browser(&daemon, &origin, "graphql-transport-ws", talk).await;
    assert_eq!(said, "connection_ack|next|next|next|complete|closed 1000");
    let row = rows::one(&daemon, "is:ws").await;
    let all = messages(&daemon, &row).await;
    let expected = [
        r#"client text {"type":"connection_init"}"#,
        r#"origin text {"type":"connection_ack"}"#,
        r#"client text {"id":"1","type":"subscribe","payload":{"query":"subscription { counter }"}}"#,
        r#"origin text {"id":"1","type":"next","payload":{"data":{"counter":1}}}"#,
        r#"origin text {"id":"1","type":"next","payload":{"data":{"counter":2}}}"#,
        r#"origin text {"id":"1","type":"next","payload":{"data":{"counter":3}}}"#,
        r#"origin text {"id":"1","type":"complete"}"#,
    ];
    assert_eq!(all[..7], expected, "{all:#?}");
    let found = daemon.api().get(&format!("/exchanges/{}/messages?text=COUNTER%22:2", rows::id(&row))).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
}

#[tokio::test]
async fn stomp_over_a_websocket() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let talk = r"s.onopen = () => s.send('CONNECT\naccept-version:1.2\nhost:x\n\n\0');
        s.onmessage = (e) => {
          say(e.data.split('\n')[0]);
          if (e.data.startsWith('CONNECTED')) s.send('SEND\ndestination:/queue/a\n\nhow are you\0');
          if (e.data.startsWith('MESSAGE')) s.close();
        };";
    let said = in_a_browser(&daemon, &origin, "v12.stomp", talk).await;
    assert_eq!(said, "CONNECTED|MESSAGE|closed 1005");
    let row = rows::one(&daemon, "is:ws").await;
    let mut texts = Vec::new();
    for number in 1..=4 {
        texts.push(message(&daemon, &row, number).await["text"].as_str().unwrap().to_owned());
    }
    assert_eq!(texts[2], "SEND\ndestination:/queue/a\n\nhow are you\0");
    assert!(
        texts[3].starts_with("MESSAGE\ndestination:/queue/a\n") && texts[3].ends_with("how are you\0"),
        "{texts:?}"
    );
}

#[tokio::test]
async fn a_websocket_refused_to_a_browser_reads_as_401() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let browser = Browser::start(&super::browser::arguments(&daemon).await).await;
    browser.page().goto(&origin.url("/")).await.unwrap();
    let script = format!(
        "const s = new WebSocket('wss://{}/private'); s.onclose = (e) => {{ window.refused = e.code; }};",
        origin.authority()
    );
    browser.page().execute(&script, vec![]).await.unwrap();
    assert_eq!(browser.until("the refusal", "return window.refused").await, 1006);
    browser.close().await;
    let row = rows::one(&daemon, "path:/private").await;
    let facts = (&row["kind"], &row["status"], &row["failure"], &row["messages"]);
    assert_eq!(facts, (&"http".into(), &401.into(), &Value::Null, &0.into()), "{row}");
    assert_eq!(rows::body(&daemon, &row, "response").await, "who?");
}

#[tokio::test]
async fn an_event_stream_in_a_browser() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let browser = Browser::start(&super::browser::arguments(&daemon).await).await;
    browser.page().goto(&origin.url("/")).await.unwrap();
    let script = "window.said = []; const e = new EventSource('/events');
        e.addEventListener('greeting', (m) => window.said.push(m.data + ' ' + m.lastEventId));
        e.onmessage = (m) => window.said.push(m.data);
        e.addEventListener('end', () => { e.close(); window.over = true; });";
    browser.page().execute(script, vec![]).await.unwrap();
    browser.until("the end of the stream", "return window.over").await;
    let said = browser.page().execute("return window.said.join('|')", vec![]).await.unwrap();
    assert_eq!(said, "hello 1|{\"n\": 2}\ntwo lines");
    browser.close().await;

    let row = rows::one(&daemon, "is:sse").await;
    assert_eq!((&row["messages"], &row["response_end"]), (&3.into(), &"complete".into()), "{row}");
    let page = daemon.api().get(&format!("/exchanges/{}/messages", rows::id(&row))).await;
    let items = page["items"].as_array().unwrap();
    assert!(items.iter().all(|m| m["sender"] == "origin" && m["kind"] == "event"), "{page}");
    assert_eq!((&items[0]["event"], &items[0]["event_id"]), (&"greeting".into(), &"1".into()), "{page}");
    assert_eq!(message(&daemon, &row, 2).await["data"], "{\"n\": 2}\ntwo lines");
    assert!(items[2]["at_us"].as_i64().unwrap() > items[0]["at_us"].as_i64().unwrap(), "{page}");
}

#[tokio::test]
async fn grpc_calls_of_every_shape() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("grpc.mjs", &["serve"]).await;
    let mut client = program::command(program::need(&["node"]), origin.folder());
    client.arg(program::tests_folder().join("clients/grpc.mjs")).arg("call").arg(origin.authority());
    client.arg(daemon.ca_file()).env("grpc_proxy", format!("http://{}", daemon.proxy()));
    let said = program::run(&mut client).await.expect(0).stdout;
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            r#"{"text":"hello world","n":1}"#,
            r#"{"code":5}"#,
            r#"["down 1","down 2","down 3"]"#,
            r#"{"text":"sum","n":6}"#,
            r#"["BOTH 1","BOTH 2"]"#,
        ]
    );

    for (path, status, sent, received) in
        [("Unary", 0, 1, 1), ("Missing", 5, 1, 0), ("Down", 0, 1, 3), ("Up", 0, 3, 1), ("Both", 0, 2, 2)]
    {
        let row = rows::one(&daemon, &format!("path:/waylay.test.Talk/{path}")).await;
        let facts = (&row["kind"], &row["status"], &row["grpc_status"], &row["failure"]);
        assert_eq!(facts, (&"grpc".into(), &200.into(), &status.into(), &Value::Null), "{row}");
        let all = messages(&daemon, &row).await;
        let of = |side: &str| all.iter().filter(|m| m.starts_with(&format!("{side} grpc"))).count();
        assert_eq!((of("client"), of("origin")), (sent, received), "{path}: {all:?}");
        assert_eq!(row["messages"], sent + received, "{row}");
    }
    let row = rows::one(&daemon, "path:/waylay.test.Talk/Unary").await;
    let page = daemon.api().get(&format!("/exchanges/{}/messages?sender=client", rows::id(&row))).await;
    let request = message(&daemon, &row, page["items"][0]["number"].as_i64().unwrap()).await;
    let fields = request["fields"].as_array().unwrap();
    assert_eq!((&fields[0]["number"], &fields[0]["value"]["text"]), (&1.into(), &"world".into()), "{request}");
    assert_eq!((&fields[1]["number"], &fields[1]["value"]["uint"]), (&2.into(), &"7".into()), "{request}");
}

#[tokio::test]
async fn messages_are_there_while_the_conversation_goes_on() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let browser = Browser::start(&super::browser::arguments(&daemon).await).await;
    browser.page().goto(&origin.url("/")).await.unwrap();
    let script = format!(
        "const s = new WebSocket('wss://{}/socket', ['chat.v2']); s.onopen = () => s.send('still here?'); window.s = s;",
        origin.authority()
    );
    browser.page().execute(&script, vec![]).await.unwrap();
    let row = wait::until("a row with messages", || async {
        let row = rows::list(&daemon, "is:ws").await.pop()?;
        (row["messages"].as_i64()? >= 2).then_some(row)
    })
    .await;
    assert_eq!(row["done"], false, "{row}");
    let all = messages(&daemon, &row).await;
    assert_eq!(all[0], "client text still here?", "{all:?}");
    assert_eq!(message(&daemon, &row, 1).await["text"], "still here?");
    browser.page().execute("window.s.close()", vec![]).await.unwrap();
    rows::one(&daemon, "is:ws").await;
    browser.close().await;
}
