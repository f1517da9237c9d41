//! Row 13: heads with too many fields, or too large: refused, and where the head could be seen, with a row.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::Scripted,
    rows,
};

#[tokio::test]
async fn security_13_heads_beyond_the_limits_are_refused() {
    let daemon = Daemon::start().await;
    let many: String = (0..300).map(|n| format!("X-{n}: 1\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "v".repeat(1 << 20));
    for way in Way::PROXIED {
        for (what, fields) in [("many", &many), ("large", &large)] {
            let script = |mut wire: waylay_tests::origin::Wire| async move { wire.to_end().await };
            let origin = if way.is_tls() { Scripted::tls(script).await } else { Scripted::tcp(script).await };
            let mut io = way.open(&daemon, &origin).await;
            let request = way.form(&origin, format!("GET /{what} HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n").as_bytes());
            // The daemon may have had enough before all is sent.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut io, &request).await;
            let answer = raw::text(&raw::read_to_end(&mut io).await);
            // Where more was sent than is read, the answer may be lost in the reset.
            assert!(answer.starts_with("HTTP/1.1 431") || (answer.is_empty() && what == "large"), "{what}: {answer}");
            assert!(origin.received().concat().is_empty(), "{what}, {way:?}");
            if way != Way::Absolute {
                let row = rows::one(&daemon, &rows::of(&origin.url(&format!("/{what}")))).await;
                assert_eq!(rows::failure(&row), "client request head too large", "{way:?}: {row}");
            }
        }
    }
}
