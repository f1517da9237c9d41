//! Web pages as clients, in a real browser: a page of another origin is paired and sends; pages that are not paired get nothing.

use serde_json::{Value, json};
use std::time::Duration;
use waylay_tests::{
    browser::Browser,
    daemon::Daemon,
    origin::{Origin, Scripted, routes},
    wait,
};

/// Bytes of the large upload.
const LARGE: usize = 20 << 20;

/// A page of an origin of its own, with the client of this daemon in `window.client` and what it comes to in `window.came`.
pub(super) async fn at_page(browser: &Browser, page: &Origin, daemon: &Daemon) {
    browser.page().goto(&page.url("/json")).await.unwrap();
    let script = format!(
        "window.base = 'http://{0}'; import(base + '/agent/agent-client.js').then(m => {{ window.client = m; }}, e => {{ window.client = 'refused' }})",
        daemon.ui()
    );
    browser.page().execute(&script, vec![]).await.unwrap();
    browser.until("the client to be loaded or refused", "return window.client !== undefined").await;
}

/// What an async function of the page comes to.
pub(super) async fn run(browser: &Browser, body: &str) -> Value {
    let script = format!(
        "window.came = undefined; (async () => {{ {body} }})().then(v => {{ window.came = {{ value: v ?? null }} }}, e => {{ window.came = {{ error: String(e.message ?? e), hint: e.hint ?? '' }} }})"
    );
    browser.page().execute(&script, vec![]).await.unwrap();
    browser.until("the page to be done", "return window.came").await
}

#[tokio::test]
async fn a_page_of_another_origin_is_paired_sends_uploads_and_cancels() {
    let (daemon, page, origin) = (Daemon::start().await, Origin::plain().await, Origin::plain().await);
    let browser = Browser::start(&[]).await;
    at_page(&browser, &page, &daemon).await;
    let refused = browser.page().execute("return window.client", vec![]).await.unwrap();
    assert_eq!(refused, "refused", "before the user names its origin it is not even told the client");
    let direct = run(&browser, &format!("return (await fetch('{}')).status", origin.url("/cookies"))).await;
    assert!(direct["error"].is_string(), "CORS hides it: {direct}");

    let code =
        super::pages::open(&daemon, &format!("http://{}", page.authority()), json!({ "private_addresses": true }))
            .await;
    at_page(&browser, &page, &daemon).await;
    let found = run(&browser, "window.agent = new client.WaylayAgent({ base }); return agent.detect()").await;
    assert_eq!(found["value"]["state"], "pairing", "{found}");
    let wrong = run(&browser, "return agent.pair('12345')").await;
    assert!(wrong["error"].as_str().unwrap().contains("4 tries are left"), "{wrong}");
    let paired = run(&browser, &format!("return agent.pair('{} {}')", &code[..3], &code[3..])).await;
    assert_eq!(paired["value"]["origin"], format!("http://{}", page.authority()), "{paired}");
    assert_eq!(run(&browser, "return (await agent.detect()).state").await["value"], "paired");

    let script = "const r = await agent.fetch('URL'); return { status: r.status, cookies: r.values('set-cookie'), json: await r.json(), hops: (await r.done).hops.length }";
    let got = run(&browser, &script.replace("URL", &origin.url("/cookies"))).await;
    assert_eq!(
        got["value"],
        json!({ "status": 200, "cookies": ["a=1; Path=/", "b=2; HttpOnly"], "json": { "cookies": 2 }, "hops": 1 }),
        "{got}"
    );
    let got = run(&browser, &script.replace("URL", &origin.url("/redirect"))).await;
    assert_eq!((&got["value"]["json"]["hello"], &got["value"]["hops"]), (&json!("waylay"), &json!(2)), "{got}");
    let got = run(&browser, &format!("return (await agent.fetch('{}')).text()", origin.url("/zstd"))).await;
    assert_eq!(got["value"], routes::ENCODED, "{got}");
    let got = run(&browser, &format!("return (await agent.fetch('{}')).status", origin.url("/status/204"))).await;
    assert_eq!(got["value"], 204, "{got}");

    // Of every offset another byte, so that a piece that is lost or turned round shows.
    let upload = "const bytes = new Uint8Array(SIZE); for (let i = 0; i < bytes.length; i++) bytes[i] = i * 31 + (i >> 8);
        const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map(b => b.toString(16).padStart(2, '0')).join('');
        let sent = 0; const r = await agent.fetch('URL', { body: new Blob([bytes]), onprogress: p => { sent = p.sent } });
        const echo = await r.json(); return { size: echo.size, same: echo.sha256 === hash, sent }";
    let upload = upload.replace("SIZE", &LARGE.to_string()).replace("URL", &origin.url("/echo"));
    let got = run(&browser, &upload).await;
    assert_eq!((&got["value"]["size"], &got["value"]["same"]), (&json!(LARGE), &json!(true)), "{got}");
    assert!(got["value"]["sent"].as_u64().is_some_and(|sent| sent > 0), "progress was told: {got}");
    let down = "const r = await agent.fetch('URL'); const b = await r.bytes(); return b.length";
    let got = run(&browser, &down.replace("URL", &origin.url(&format!("/bytes/{LARGE}")))).await;
    assert_eq!(got["value"], LARGE, "{got}");

    cancelled_downloads(&browser).await;
    let error = run(&browser, "return (await agent.fetch('http://localhost:1/')).status").await;
    assert!(error["error"].as_str().unwrap().contains("localhost:1") && error["hint"] != "", "{error}");

    let pairing = daemon.api().get("/agent/pairings").await["items"][0]["id"].to_string();
    daemon.waylay(&["agent", "revoke", &pairing]).await.expect(0);
    let gone = run(&browser, &script.replace("URL", &origin.url("/json"))).await;
    assert!(gone["error"].as_str().unwrap().contains("waylay agent pair"), "what to do is said: {gone}");
    browser.close().await;
}

/// A download that never ends, broken off by the page in both ways: the origin is left each time.
async fn cancelled_downloads(browser: &Browser) {
    let endless = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\n").await?;
        let piece = vec![b'x'; 64 << 10];
        while wire.send(&piece).await.is_ok() {}
        LEFT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(())
    })
    .await;
    for (n, end) in ["stop.abort()", "await r.cancel()"].into_iter().enumerate() {
        let script = format!(
            "const stop = new AbortController(); const r = await agent.fetch('{}', {{ signal: stop.signal }});
             const reader = r.body.getReader(); let n = 0; while (n < 1000000) n += (await reader.read()).value.length; {end};
             try {{ for (;;) if ((await reader.read()).done) return 'whole'; }} catch (e) {{ return 'broken off' }}",
            endless.url("/endless")
        );
        assert_eq!(run(browser, &script).await["value"], "broken off", "{end}");
        let left = || async { (LEFT.load(std::sync::atomic::Ordering::SeqCst) > n).then_some(()) };
        wait::until("the origin to be left", left).await;
    }
}

static LEFT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

#[tokio::test]
async fn pages_that_are_not_paired_get_nothing() {
    let (daemon, page, evil) = (Daemon::start().await, Origin::plain().await, Origin::plain().await);
    let port = daemon.ui().port();
    // A name that its owner has turned to this machine.
    let browser = Browser::start(&["--host-resolver-rules=MAP rebound.example 127.0.0.1".to_owned()]).await;
    let origin = format!("http://{}", page.authority());
    let code = super::pages::open(&daemon, &origin, json!({ "private_addresses": true })).await;
    at_page(&browser, &page, &daemon).await;
    let paired =
        run(&browser, &format!("return (await new client.WaylayAgent({{ base }}).pair('{code}')).token")).await;
    let token = paired["value"].as_str().unwrap_or_else(|| panic!("{paired}")).to_owned();
    let open = super::pages::open(&daemon, &origin, json!({})).await;

    // Another origin, with the token and the code of a window that is open, from the page itself and from a frame without an origin.
    let tries = format!(
        "const base = 'http://127.0.0.1:{port}/api/v1', body = JSON.stringify({{ request: {{ url: '{}' }} }}), code = JSON.stringify({{ code: '{open}' }});
         const json = {{ 'content-type': 'application/json' }}, bearer = {{ ...json, authorization: 'Bearer {token}' }};
         const read = (path, init) => fetch(base + path, init).then(async r => r.type === 'opaque' ? 'opaque' : 'read ' + r.status + await r.text(), () => 'nothing');
         const socket = await new Promise(end => {{ const s = new WebSocket('ws://127.0.0.1:{port}/api/v1/agent/send'); s.onopen = () => end('open'); s.onerror = () => end('nothing') }});
         const stream = await new Promise(end => {{ const s = new EventSource(base + '/events', {{ withCredentials: true }}); s.onopen = () => {{ s.close(); end('open') }}; s.onerror = () => {{ s.close(); end('nothing') }} }});
         return [await read('/agent/capabilities'), await read('/agent/capabilities', {{ headers: bearer }}), await read('/agent/send', {{ method: 'POST', body, headers: bearer }}),
             await read('/agent/pair', {{ method: 'POST', body: code, headers: json }}), await read('/agent/pairings', {{ headers: bearer }}), await read('/status', {{ headers: bearer }}),
             await read('/agent/send', {{ method: 'POST', body, mode: 'no-cors' }}), await read('/agent/pair', {{ method: 'POST', body: code, mode: 'no-cors', headers: {{ 'content-type': 'text/plain' }} }}),
             socket, stream]",
        evil.url("/canary")
    );
    let seen_nothing = |seen: &Value, who: &str| {
        let seen = seen["value"].as_array().unwrap_or_else(|| panic!("{who}: {seen}"));
        for one in seen {
            // What is opaque has neither status nor bytes.
            assert!(["nothing", "opaque"].contains(&one.as_str().unwrap()), "{who}: {seen:?}");
        }
        assert_eq!(seen.len(), 10, "{who}");
    };
    browser.page().goto(&evil.url("/json")).await.unwrap();
    seen_nothing(&run(&browser, &tries).await, "another origin");
    let framed = format!(
        "const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts';
         const came = new Promise(end => addEventListener('message', e => end(e.data)));
         frame.srcdoc = '<script>(async () => {{' + decodeURIComponent('{}') + '}})().then(v => parent.postMessage(v, \"*\"), e => parent.postMessage([String(e)], \"*\"))</' + 'script>';
         document.body.append(frame); return came",
        waylay_tests::rows::encode(&tries)
    );
    seen_nothing(&run(&browser, &framed).await, "an origin that is null");
    let client = run(
        &browser,
        &format!("return import('http://127.0.0.1:{port}/agent/agent-client.js').then(() => 'read', () => 'nothing')"),
    )
    .await;
    assert_eq!(client["value"], "nothing");

    // By a name that has been turned to us all is of one origin, so nothing but the name gives it away.
    browser.page().goto(&format!("http://rebound.example:{port}/agent/example.html")).await.unwrap();
    browser.until("the refusal", "return document.body.textContent.includes('misdirected')").await;
    let rebound = format!(
        "const read = (path, init) => fetch(path, init).then(r => 'read ' + r.status, () => 'nothing');
         return [await read('/agent/agent-client.js'), await read('/api/v1/agent/capabilities'), await read('/api/v1/agent/send', {{ method: 'POST', body: '{{}}', headers: {{ authorization: 'Bearer {token}', 'content-type': 'application/json' }} }}),
             await read('/api/v1/agent/pair', {{ method: 'POST', body: JSON.stringify({{ code: '{open}' }}), headers: {{ 'content-type': 'application/json' }} }})]"
    );
    assert_eq!(run(&browser, &rebound).await["value"], json!(["nothing", "nothing", "nothing", "nothing"]));
    browser.page().goto(&evil.url("/json")).await.unwrap();
    let across = rebound.replace("read('/", &format!("read('http://rebound.example:{port}/"));
    assert_eq!(run(&browser, &across).await["value"], json!(["nothing", "nothing", "nothing", "nothing"]));
    browser.close().await;

    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(evil.notes().requests().iter().all(|seen| seen.target != "/canary"), "nothing was sent for them");
    let windows = daemon.api().get("/agent/windows").await;
    let window = windows["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&window["state"], &window["tries_left"]),
        (&json!("open"), &json!(5)),
        "nobody could even guess: {windows}"
    );
    let pairing = &daemon.api().get("/agent/pairings").await["items"][0];
    assert_eq!(pairing["requests"], 0, "{pairing}");
}

#[tokio::test]
async fn the_example_pairs_itself_and_sends() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let browser = Browser::start(&[]).await;
    let own = format!("http://{}", daemon.ui());
    browser.page().goto(&format!("{own}/agent/example.html")).await.unwrap();
    let told = format!("return document.getElementById('state').textContent.includes('waylay agent pair {own}')");
    browser.until("what to do", &told).await;
    let code = super::pages::open(&daemon, &own, json!({ "private_addresses": true })).await;
    let type_in = format!(
        "document.getElementById('again').click(); const form = document.getElementById('pairing'); if (form.hidden) return false; form.elements.code.value = '{code}'; form.requestSubmit(); return true"
    );
    browser.until("the code to be typed", &type_in).await;
    let send = format!(
        "const form = document.getElementById('request'); if (form.hidden) return false; form.elements.url.value = '{}'; form.requestSubmit(); return true",
        origin.url("/cookies")
    );
    browser.until("the request to be sent", &send).await;
    browser.until("the answer", "return document.getElementById('answer').textContent.includes('HttpOnly') && document.getElementById('progress').textContent === 'Done.'").await;
    browser.screenshot("agent-example").await;
    browser.close().await;
}
