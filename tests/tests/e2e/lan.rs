//! Other machines: let in by `--listen` alone, told where to go, asked for a password where one is set. A machine's own
//! address stands for another machine: what comes by it does not come by loopback.

use std::{
    fs,
    net::{IpAddr, SocketAddr, UdpSocket},
};
use tokio::net::TcpStream;
use waylay_tests::{
    client::raw,
    daemon::{Daemon, Launch, Place},
    origin::Origin,
    program::{self, command, need},
    rows,
};

/// An address of this machine that is not loopback; `None` where there is none.
fn own_address() -> Option<IpAddr> {
    // Nothing is sent: this asks for a route.
    let found = ["192.0.2.1:9", "[2001:db8::1]:9"].iter().find_map(|far| {
        let any = if far.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" };
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(far.parse::<SocketAddr>().unwrap()).ok()?;
        Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_loopback())
    });
    if found.is_none() {
        println!("skipped: this machine has no address but loopback");
    }
    found
}

async fn status(socket: SocketAddr, request: String) -> String {
    raw::ask(socket, request).await.split(' ').nth(1).unwrap_or_default().to_owned()
}

async fn listening(addresses: &[&str], more: &[&str]) -> Daemon {
    let listen: Vec<&str> = addresses.iter().flat_map(|a| ["--listen", a]).collect();
    Launch::new().args(&listen).args(more).start().await
}

#[tokio::test]
async fn other_machines_use_the_proxy_and_nothing_else() {
    let Some(own) = own_address() else { return };
    for listen in [own.to_string().as_str(), if own.is_ipv4() { "0.0.0.0" } else { "::" }, "::"] {
        let daemon = listening(&[listen], &[]).await;
        let origin = Origin::plain().await;
        let proxy = SocketAddr::new(own, daemon.proxy().port());
        let through = format!("GET {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", origin.url("/json"));
        assert_eq!(status(proxy, through.clone()).await, "200", "{listen}");
        assert_eq!(status(daemon.proxy(), through).await, "200", "loopback stays: {listen}");
        assert!(TcpStream::connect(SocketAddr::new(own, daemon.ui().port())).await.is_err(), "the UI: {listen}");
        // Nor by way of the proxy, by whatever name.
        for host in [own.to_string(), "127.0.0.1".into(), "localhost".into()] {
            let host = SocketAddr::new(host.parse().unwrap_or(own), daemon.ui().port());
            let api = format!(
                "GET http://{host}/api/v1/status HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
                daemon.token()
            );
            let answer = raw::ask(proxy, api).await;
            assert!(!answer.contains("data_dir") && !answer.starts_with("HTTP/1.1 2"), "{answer}");
        }
        // Its own address is a loop, however it is reached.
        let own_port = format!("GET http://{proxy}/ HTTP/1.1\r\nHost: {proxy}\r\nConnection: close\r\n\r\n");
        for by in [proxy, daemon.proxy()] {
            assert_eq!(status(by, own_port.clone()).await, "508", "{listen}");
        }
        let page = format!("GET / HTTP/1.1\r\nHost: {proxy}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(proxy, page).await, "200");

        let said = daemon.stdout();
        assert!(said.contains(&format!("from other machines: http://{proxy}\n")), "{said}");
        let warned = daemon.stderr();
        assert!(
            warned.contains("warning: other machines are let in") && warned.contains("without a password"),
            "{warned}"
        );
        let told = daemon.api().get("/status").await;
        assert!(told["proxy"]["lan"].as_array().unwrap().contains(&proxy.to_string().into()), "{told}");
        assert_eq!(told["proxy"]["password"], false);
        let text = daemon.waylay(&["status"]).await.expect(0).stdout;
        assert!(text.contains(&format!("http://{proxy}")) && text.contains("without a password"), "{text}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_ours_is_refused_in_words() {
    let place = Place::new();
    let said = place.waylay(&["start", "--port", "0", "--ui-port", "0", "--listen", "203.0.113.77"]).await.expect(7);
    assert!(said.stderr.contains("cannot listen on 203.0.113.77"), "{}", said.stderr);
    let said = place.waylay(&["start", "--listen", "nonsense"]).await.expect(2);
    assert!(said.stderr.contains("nonsense") && said.stderr.lines().count() == 1, "{}", said.stderr);
}

#[tokio::test]
async fn nothing_is_said_of_other_machines_when_there_are_none() {
    let daemon = listening(&["127.0.0.2"], &[]).await;
    assert!(!daemon.stderr().contains("warning") && !daemon.stdout().contains("other machines"), "{}", daemon.stderr());
    let told = daemon.api().get("/status").await;
    assert_eq!(told["proxy"]["lan"], serde_json::json!([]), "{told}");
}

#[tokio::test]
async fn other_machines_need_the_password_and_this_one_does_not() {
    let Some(own) = own_address() else { return };
    let place = Place::new();
    let file = place.home().join("password");
    fs::write(&file, "correct horse battery\n").unwrap();
    let flags = ["--listen", &own.to_string(), "--proxy-password-file", file.to_str().unwrap()];
    let daemon = Launch::at(place).args(&flags).start().await;
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["h2", "http/1.1"]).await);
    let (here, there) = (daemon.proxy(), SocketAddr::new(own, daemon.proxy().port()));
    let curl = async |proxy: SocketAddr, user: Option<&str>, url: &str| {
        let mut curl = command(need(&["curl"]), &daemon.place().home());
        curl.args(["-sS", "-o", "body", "-w", "%{http_code}/%{http_connect}", "--max-time", "20", "--proxy"]);
        curl.arg(format!("http://{proxy}")).arg("--cacert").arg(daemon.ca_file());
        // Asks first without, as browsers do.
        user.map(|user| curl.args(["--proxy-anyauth", "--proxy-user", user]));
        program::run(curl.arg(url)).await.stdout
    };
    for (url, good, refused) in [
        (plain.url("/json"), "200/000", "407/000"),
        (tls.url("/json"), "200/200", "000/407"),
        ("http://waylay.internal/".to_owned(), "200/000", "407/000"),
    ] {
        assert_eq!(curl(here, None, &url).await, good, "{url}");
        assert_eq!(curl(there, None, &url).await, refused, "{url}");
        assert_eq!(curl(there, Some("me:wrong"), &url).await, refused, "{url}");
        assert_eq!(curl(there, Some("me:correct horse battery"), &url).await, good, "{url}");
    }
    // Where to go is no secret.
    let page = format!("GET / HTTP/1.1\r\nHost: {there}\r\nConnection: close\r\n\r\n");
    let page = raw::ask(there, page).await;
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("asked for a user name and a password"), "{page}");

    // Two got through for each of the two origins; what they showed is kept nowhere.
    let all = wait_for(&daemon, 4).await;
    assert_eq!(all.len(), 4, "{all:?}");
    for row in &all {
        let shown = daemon.api().get(&format!("/exchanges/{}", row["id"].as_str().unwrap())).await.to_string();
        assert!(!shown.to_lowercase().contains("proxy-authorization"), "{shown}");
    }
    let told = daemon.api().get("/status").await;
    assert_eq!(told["proxy"]["password"], true);
    assert!(daemon.stderr().contains("knows the password"), "{}", daemon.stderr());
}

async fn wait_for(daemon: &Daemon, count: usize) -> Vec<serde_json::Value> {
    waylay_tests::wait::until("the rows", || async {
        Some(rows::list(daemon, "path:/json").await).filter(|rows| rows.len() >= count)
    })
    .await
}

#[tokio::test]
async fn a_bad_password_file_is_refused_in_words() {
    let place = Place::new();
    for (contents, code, words) in [
        (None, 7, "No such file"),
        (Some("short\n"), 2, "needs 8 at least"),
        (Some("one line\nand two\n"), 2, "one line"),
    ] {
        let file = place.home().join("password");
        let _ = fs::remove_file(&file);
        contents.inspect(|contents| fs::write(&file, contents).unwrap());
        let args = ["start", "--port", "0", "--ui-port", "0", "--proxy-password-file", file.to_str().unwrap()];
        let said = place.waylay(&args).await;
        assert_eq!(said.code, Some(code), "{}", said.stderr);
        assert!(said.stderr.contains(words) && !said.stderr.contains("and two"), "{}", said.stderr);
    }
}
