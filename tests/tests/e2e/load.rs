//! Many requests at once: every one is a row.

use std::collections::BTreeSet;
use waylay_tests::{
    client::{Link, Speak},
    daemon::Daemon,
    origin::Origin,
    rows, wait,
};

const CONNECTIONS: usize = 32;
const EACH: usize = 2000usize.div_ceil(CONNECTIONS);

#[tokio::test]
async fn two_thousand_requests_over_thirty_two_connections_are_two_thousand_rows() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut expected = BTreeSet::new();
    let mut clients = Vec::new();
    for connection in 0..CONNECTIONS {
        let count = EACH.min(2000 - connection * EACH);
        let urls: Vec<String> =
            (0..count).map(|i| origin.url(&format!("/bytes/100?connection={connection}&request={i}"))).collect();
        expected.extend(urls.iter().cloned());
        let speak = if connection % 2 == 0 { Speak::Http1 } else { Speak::Http2 };
        let mut link = Link::open(&daemon, &origin.url("/"), speak).await;
        clients.push(tokio::spawn(async move {
            for url in urls {
                let answer = link.get(&url).await.unwrap();
                assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 100));
            }
        }));
    }
    for client in clients {
        wait::within("a client to be done", client).await.unwrap();
    }
    assert_eq!(expected.len(), 2000);
    let rows = rows::done(&daemon, "is:http", 2000).await;
    let urls: BTreeSet<String> = rows.iter().map(|r| r["url"].as_str().unwrap().to_owned()).collect();
    assert_eq!(urls, expected, "every request is a row of its own");
    let ids: BTreeSet<&str> = rows.iter().map(rows::id).collect();
    assert_eq!(ids.len(), 2000, "no id is used twice");
    let seqs: Vec<i64> = rows.iter().map(|r| r["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted(), "rows are listed in the order they began");
    assert!(rows.iter().all(|r| r["failure"].is_null()));
}
