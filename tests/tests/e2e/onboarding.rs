//! What a device needs before its HTTPS can be read: the page at `http://waylay.internal/` and at the proxy's address.

use super::browser::arguments;
use serde_json::Value;
use std::path::Path;
use waylay_tests::{
    browser::Browser,
    client::raw,
    daemon::{Daemon, Launch},
    pki,
    program::{self, command, need},
    rows, wait,
};

const HERE: &str = "http://waylay.internal";

/// Runs curl through the daemon's proxy.
async fn curl(daemon: &Daemon, args: &[&str]) -> program::Output {
    let proxy = format!("http://{}", daemon.proxy());
    let mut curl = command(need(&["curl"]), &daemon.place().home());
    program::run(curl.args(["-sS", "--max-time", "20", "--proxy", &proxy, "--cacert"]).arg(daemon.ca_file()).args(args))
        .await
}

/// SHA-256 of a certificate file, as openssl sees it: `AB:CD:…`.
async fn fingerprint(file: &Path, form: &str) -> String {
    let mut openssl = command(need(&["openssl"]), file.parent().unwrap());
    openssl.args(["x509", "-noout", "-fingerprint", "-sha256", "-inform", form, "-in"]).arg(file);
    let said = program::run(&mut openssl).await.expect(0).stdout;
    said.trim().rsplit_once('=').expect("a fingerprint").1.to_owned()
}

#[tokio::test]
async fn every_download_is_the_same_certificate() {
    let daemon = Daemon::start().await;
    let ours = daemon.api().get("/ca").await["sha256"].as_str().unwrap().to_owned();
    let home = daemon.place().home();
    let direct = format!("http://{}", daemon.proxy());
    for (base, through) in [(HERE, true), ("https://waylay.internal", true), (direct.as_str(), false)] {
        for (name, form, media_type) in [
            ("ca.crt", "PEM", "application/x-x509-ca-cert"),
            ("ca.cer", "DER", "application/x-x509-ca-cert"),
            ("ca.pem", "PEM", "application/x-pem-file"),
        ] {
            let (file, url) = (home.join(name), format!("{base}/{name}"));
            let way = if through { &[][..] } else { &["--noproxy", "*"] };
            let write = ["-o", name, "-w", "%{http_code} %{content_type} %header{content-disposition}", &url];
            let said = curl(&daemon, &[way, &write].concat()).await.expect(0).stdout;
            assert_eq!(said, format!("200 {media_type} attachment; filename=\"waylay-{name}\""), "{url}");
            assert_eq!(fingerprint(&file, form).await, ours, "{url}");
        }
        let page = curl(
            &daemon,
            &[if through { &[][..] } else { &["--noproxy", "*"] }, &["-f", &format!("{base}/")]].concat(),
        )
        .await;
        assert!(page.expect(0).stdout.contains(&ours), "{base}");
    }
    for form in ["pem", "crt", "cer"] {
        let file = home.join("exported");
        let args = ["ca", "export", "--format", form, "-o", file.to_str().unwrap()];
        daemon.waylay(&args).await.expect(0);
        assert_eq!(fingerprint(&file, if form == "cer" { "DER" } else { "PEM" }).await, ours);
    }
}

#[tokio::test]
async fn the_profile_is_one_that_apples_parser_reads() {
    const SCRIPT: &str = r#"
import plistlib, sys, json, base64, hashlib, uuid
p = plistlib.load(sys.stdin.buffer, fmt=plistlib.FMT_XML)
[c] = p["PayloadContent"]
der = c["PayloadContent"]
for u in (p["PayloadUUID"], c["PayloadUUID"]): uuid.UUID(u)
print(json.dumps({"type": p["PayloadType"], "inner": c["PayloadType"], "version": [p["PayloadVersion"], c["PayloadVersion"]],
  "sha256": ":".join(f"{b:02X}" for b in hashlib.sha256(der).digest()), "uuids": [p["PayloadUUID"], c["PayloadUUID"]],
  "name": p["PayloadDisplayName"], "ids": [p["PayloadIdentifier"], c["PayloadIdentifier"]]}))
"#;
    let daemon = Daemon::start().await;
    let read = async || -> Value {
        let url = format!("{HERE}/ca.mobileconfig");
        let profile = curl(&daemon, &["-f", &url]).await.expect(0).stdout;
        let mut python = command(need(&["python3"]), &daemon.place().home());
        program::run_with_input(python.args(["-c", SCRIPT]), Some(profile.as_bytes())).await.expect(0).json()
    };
    let (one, again) = (read().await, read().await);
    assert_eq!(one, again, "the identifiers are stable");
    let ca = daemon.api().get("/ca").await;
    assert_eq!(one["sha256"], ca["sha256"]);
    assert_eq!((&one["type"], &one["inner"]), (&"Configuration".into(), &"com.apple.security.root".into()));
    assert_ne!(one["uuids"][0], one["uuids"][1]);
    assert!(ca["subject"].as_str().unwrap().contains(one["name"].as_str().unwrap()), "{one} {ca}");
    let head = curl(&daemon, &["-I", &format!("{HERE}/ca.mobileconfig")]).await.expect(0).stdout.to_lowercase();
    assert!(head.contains("content-type: application/x-apple-aspen-config"), "{head}");
}

#[tokio::test]
async fn what_is_asked_of_waylay_itself_is_not_traffic() {
    let daemon = Daemon::start().await;
    for url in [
        "http://waylay.internal/",
        "http://waylay.internal:8080/nothing",
        "https://waylay.internal/",
        "https://waylay.internal:8443/test",
        "https://test-abc.waylay.internal/test",
        "http://WAYLAY.INTERNAL./",
    ] {
        for version in ["--http1.1", "--http2"] {
            let status = curl(&daemon, &[version, "-o", "page", "-w", "%{http_code}", url]).await.expect(0).stdout;
            assert_eq!(status, if url.ends_with("nothing") { "404" } else { "200" }, "{url} {version}");
        }
    }
    // Not even where the client will have none of our certificate, or says nothing that could be understood.
    for _ in 0..4 {
        let socket = raw::tunnel(daemon.proxy(), "waylay.internal:443").await;
        let other = pki::Root::shared().pem();
        assert!(raw::tls(socket, other, "waylay.internal", &[]).await.is_err(), "its root is another");
    }
    let mut socket = raw::tunnel(daemon.proxy(), "waylay.internal:22").await;
    raw::send(&mut socket, "SSH-2.0-test\r\n").await;
    assert_eq!(raw::read_to_end(&mut socket).await, b"", "nothing is dialled");
    let visit = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", daemon.proxy());
    assert!(raw::ask(daemon.proxy(), visit).await.starts_with("HTTP/1.1 200 "));

    // A request that is recorded shows that those before it were not.
    curl(&daemon, &["http://127.0.0.1:1/recorded"]).await;
    rows::one(&daemon, "").await;
    let status = daemon.api().get("/status").await;
    assert_eq!(status["passthrough"]["patterns"], 0, "{status}");
}

#[tokio::test]
async fn the_pages_address_is_answered_with_nothing_else() {
    let daemon = Daemon::start().await;
    let own = daemon.proxy().to_string();
    for (line, host, status) in [
        ("GET /", own.as_str(), "200"),
        ("HEAD /", &own, "200"),
        ("GET /test", &own, "200"),
        ("POST /", &own, "405"),
        ("PUT /ca.pem", &own, "405"),
        ("GET /api/v1/status", &own, "404"),
        ("GET /api/v1/exchanges", "waylay.internal", "404"),
        ("GET /token", &own, "404"),
        ("GET /ca.key", &own, "404"),
        ("GET /", "rebound.example", "421"),
        ("GET /ca.pem", "rebound.example:5559", "421"),
        ("GET /", "", "421"),
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        let answer = raw::ask(daemon.proxy(), request).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{line} {host}: {answer}");
        for secret in [daemon.token(), "PRIVATE KEY", "data_dir"] {
            assert!(!answer.contains(secret), "{line}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_configuration_script_names_the_proxy() {
    const SCRIPT: &str = "const fs = require('fs'); eval(fs.readFileSync(0, 'utf8') + ';console.log(FindProxyForURL(\"https://a.test/\", \"a.test\"))')";
    let daemon = Daemon::start().await;
    let pac = curl(&daemon, &["-f", &format!("{HERE}/proxy.pac")]).await.expect(0).stdout;
    let mut node = command(need(&["node", "nodejs"]), &daemon.place().home());
    let said = program::run_with_input(node.args(["-e", SCRIPT]), Some(pac.as_bytes())).await.expect(0).stdout;
    assert_eq!(said.trim(), format!("PROXY {}; DIRECT", daemon.proxy()));
}

/// Opens the page and waits for the verdict of its test.
async fn verdict(browser: &Browser, url: &str) -> (String, String) {
    browser.page().goto(url).await.unwrap();
    let script = "const r = document.getElementById('result'); \
                  return ['works', 'fails'].includes(r.dataset.state) && [r.dataset.state, r.textContent]";
    let found = browser.until("the test's verdict", script).await;
    (found[0].as_str().unwrap().to_owned(), found[1].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_pages_test_says_what_is_missing() {
    let daemon = Daemon::start().await;
    let address = format!("http://{}/", daemon.proxy());
    let trusting = arguments(&daemon).await;
    let distrusting: Vec<String> =
        trusting.iter().filter(|a| !a.starts_with("--ignore-certificate-errors-spki-list")).cloned().collect();

    let browser = Browser::start(&trusting).await;
    assert_eq!(verdict(&browser, HERE).await.0, "works");
    let steps = "return document.querySelectorAll('details[open]').length";
    assert!(browser.until("the steps of this system", steps).await.as_u64().unwrap() >= 1);
    assert_eq!(verdict(&browser, "https://waylay.internal/").await.0, "works");
    browser.close().await;
    for (theme, flag) in [("light", "--disable-dark-mode"), ("dark", "--force-dark-mode")] {
        let browser = Browser::start(&[&trusting[..], &[flag.to_owned()]].concat()).await;
        for (width, height) in [(390, 844), (1280, 900)] {
            browser.page().set_window_size(width, height).await.unwrap();
            assert_eq!(verdict(&browser, HERE).await.0, "works");
            let fits = format!(
                "return matchMedia('(prefers-color-scheme: {theme})').matches && document.documentElement.scrollWidth <= innerWidth"
            );
            assert_eq!(browser.page().execute(&fits, vec![]).await.unwrap(), true, "{theme} {width}");
            browser.screenshot(&format!("onboarding-{theme}-{width}")).await;
        }
        browser.close().await;
    }

    let browser = Browser::start(&distrusting).await;
    let (state, words) = verdict(&browser, HERE).await;
    assert!(state == "fails" && words.contains("does not trust the certificate"), "{words}");
    browser.screenshot("onboarding-distrusted").await;
    browser.close().await;

    let browser = Browser::start(&[]).await;
    let (state, words) = verdict(&browser, &address).await;
    assert!(state == "fails" && words.contains("does not go through Waylay"), "{words}");
    browser.close().await;

    assert_eq!(rows::list(&daemon, "host:waylay.internal").await.len(), 0);
}

#[tokio::test]
async fn the_page_at_the_address_tests_the_way_through_the_proxy() {
    let daemon = Daemon::start().await;
    let mut through = arguments(&daemon).await;
    // The browser goes through the proxy, but opens the proxy's own address directly.
    through.retain(|a| !a.starts_with("--proxy-bypass-list"));
    let browser = Browser::start(&through).await;
    assert_eq!(verdict(&browser, &format!("http://{}/", daemon.proxy())).await.0, "works");
    browser.close().await;
}

#[tokio::test]
async fn a_client_on_another_address_is_shown_the_way() {
    let daemon = Launch::new().args(&["--listen", "127.0.0.3"]).start().await;
    let address = format!("127.0.0.3:{}", daemon.proxy().port());
    let page = wait::within(
        "the page",
        raw::ask(address.parse().unwrap(), format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")),
    )
    .await;
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains(&format!("http://{address}/proxy.pac")), "{page}");
}
