//! CONNECT: TLS is intercepted, plaintext HTTP is captured, everything else is relayed both ways at once.

use http::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::AsyncWriteExt, net::TcpSocket};
use waylay_tests::{
    client::{full, link::Body, raw},
    daemon::Daemon,
    origin::{Origin, Scripted},
    rows, wait,
};

#[tokio::test]
async fn a_protocol_in_which_the_server_speaks_first_does_not_hang() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.send("220 mail.example ready\r\n").await?;
        wire.exactly(6).await?;
        wire.send("250 hello\r\n").await?;
        wire.to_end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    assert_eq!(raw::read_exactly(&mut socket, 24).await.unwrap(), b"220 mail.example ready\r\n");
    raw::send(&mut socket, "EHLO\r\n").await;
    assert_eq!(raw::read_exactly(&mut socket, 11).await.unwrap(), b"250 hello\r\n");
    drop(socket);
    let row = rows::one(&daemon, "is:tunnel").await;
    assert_eq!((&row["kind"], &row["method"]), (&"tunnel".into(), &"CONNECT".into()), "{row}");
    assert_eq!((&row["request_size"], &row["response_size"]), (&6.into(), &35.into()), "{row}");
    assert_eq!((&row["host"], &row["port"]), (&"localhost".into(), &origin.address().port().into()), "{row}");
}

#[tokio::test]
async fn bytes_that_are_neither_tls_nor_http_pass_unchanged() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        let greeting = wire.exactly(300).await?;
        wire.send(greeting).await?;
        wire.end().await
    })
    .await;
    let bytes: Vec<u8> = (0..300u16).map(|i| (i * 7 % 256) as u8).collect();
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut socket, &bytes).await;
    assert_eq!(raw::read_to_end(&mut socket).await, bytes);
    drop(socket);
    let row = rows::one(&daemon, "is:tunnel").await;
    assert_eq!(rows::failure(&row), "", "{row}");
}

#[tokio::test]
async fn one_side_may_end_while_the_other_goes_on() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.to_end().await?;
        wire.send("after your end").await?;
        wire.end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut socket, "\x01\x02").await;
    socket.shutdown().await.unwrap();
    assert_eq!(raw::read_to_end(&mut socket).await, b"after your end");
}

#[tokio::test]
async fn plaintext_http_of_any_method_inside_a_tunnel_is_captured() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for method in ["POST", "PUT", "DELETE", "PROPFIND", "GET"] {
        let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
        let host = origin.authority();
        let request = format!("{method} /echo?{method} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello");
        raw::send(&mut socket, request).await;
        let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
        assert!(head.starts_with("HTTP/1.1 200"), "{method}: {head}");
        let row = rows::one(&daemon, &rows::of(&origin.url(&format!("/echo?{method}")))).await;
        assert_eq!((&row["kind"], &row["method"], &row["scheme"]), (&"http".into(), &method.into(), &"http".into()));
        assert_eq!(rows::body(&daemon, &row, "request").await, "hello");
    }
}

#[tokio::test]
async fn a_request_that_comes_in_pieces_is_still_captured() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut socket, "GE").await;
    raw::send(&mut socket, format!("T /json HTTP/1.1\r\nHost: {}\r\n\r\n", origin.authority())).await;
    let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    rows::one(&daemon, "path:/json").await;
}

#[tokio::test]
async fn a_tunnel_whose_origin_cannot_be_reached_is_a_row() {
    let daemon = Daemon::start().await;
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let authority = held.local_addr().unwrap().to_string();
    let mut socket = raw::connect(daemon.proxy()).await;
    raw::send(&mut socket, format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await;
    let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
    if head.starts_with("HTTP/1.1 200") {
        raw::send(&mut socket, "\x01\x02\x03\x04").await;
        assert_eq!(raw::read_to_end(&mut socket).await, b"", "nobody is there to answer");
    } else {
        assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    }
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!(row["kind"], "connect_failure", "{row}");
    assert_eq!(rows::failure(&row), "upstream connect refused", "{row}");
}

#[tokio::test]
async fn an_address_in_place_of_a_name_works() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let authority = format!("127.0.0.1:{}", origin.address().port());
    let tunnel = raw::tunnel(daemon.proxy(), &authority).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "127.0.0.1", &["http/1.1"]).await.unwrap();
    raw::send(&mut stream, format!("GET /json HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await;
    let head = raw::text(&raw::read_head(&mut stream).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let row = rows::one(&daemon, "path:/json").await;
    assert_eq!((&row["host"], &row["scheme"]), (&"127.0.0.1".into(), &"https".into()), "{row}");
}

#[tokio::test]
async fn http_2_without_tls_inside_a_tunnel_is_captured() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let (mut sender, connection) =
        http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(origin.url("/echo")).body(full("hello")).unwrap();
    let response = wait::within("an answer", sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), 200);
    let row = rows::one(&daemon, "path:/echo").await;
    assert_eq!((&row["request_version"], &row["scheme"]), (&"HTTP/2".into(), &"http".into()), "{row}");
    assert_eq!(rows::body(&daemon, &row, "request").await, "hello");
}

#[tokio::test]
async fn a_client_whose_hello_comes_in_pieces_is_still_intercepted() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    // A record that claims more than has come so far: neither the timer nor a short read may make it a raw tunnel.
    raw::send(&mut socket, b"\x16").await;
    raw::send(&mut socket, b"\x03\x01\x00\x05").await;
    raw::send(&mut socket, b"\x01\x00\x00\x01\x00").await;
    raw::read_to_end(&mut socket).await;
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!(row["kind"], "tls_failure", "{row}");
    assert_eq!(origin.notes().connections(), 0, "it never reached the origin: {row}");
}
