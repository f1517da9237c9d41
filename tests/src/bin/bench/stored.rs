//! Whether everything that was asked for was stored. Read by the stable view `v_exchanges` and by the API, so that
//! looking costs the process under measurement next to nothing.

use bytes::Buf;
use http::Request;
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rusqlite::{Connection, OpenFlags, Row};
use std::{
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};
use waylay_tests::{
    api::Api,
    client::{empty, raw},
    daemon::Daemon,
    load::content,
};

/// Nothing takes longer to be written.
const BOUND: Duration = Duration::from_secs(60);

/// Waylay's store, and its control API.
pub(crate) struct Store {
    db: Connection,
    api: Api,
    ui: SocketAddr,
    token: String,
    /// A folder on the same disk.
    pub(crate) beside: PathBuf,
}

/// Rows of exchanges that are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) rows: u64,
    /// Of these, the ones that lack nothing.
    pub(crate) whole: u64,
    /// Bytes of their response bodies.
    pub(crate) bytes: u64,
}

impl Kept {
    /// As many as were asked for, all of them whole.
    pub(crate) fn all(requests: usize, size: u64) -> Self {
        let rows = requests as u64;
        Self { rows, whole: rows, bytes: rows * size }
    }

    /// Together with others.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, whole: self.whole + other.whole, bytes: self.bytes + other.bytes }
    }
}

impl Store {
    pub(crate) fn of(daemon: &Daemon) -> Self {
        let db = Connection::open_with_flags(daemon.data().join("waylay.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
        let db = db.expect("the daemon's database");
        db.busy_timeout(Duration::from_secs(5)).expect("a limit");
        Self { db, api: daemon.api(), ui: daemon.ui(), token: daemon.token().to_owned(), beside: daemon.place().home() }
    }

    /// The number of the newest row.
    pub(crate) fn last(&self) -> i64 {
        self.db.query_row("SELECT coalesce(max(seq), 0) FROM v_exchanges", [], |r| r.get(0)).expect("a number")
    }

    /// What is stored behind row `after` once `rows` exchanges are over; panics if they never are, or if there are more.
    pub(crate) async fn settled(&self, after: i64, rows: u64) -> Kept {
        let begun = Instant::now();
        loop {
            let kept = self.kept(after);
            if kept.rows >= rows {
                assert_eq!(kept.rows, rows, "one row for each request");
                return kept;
            }
            assert!(begun.elapsed() < BOUND, "{} of {rows} rows are written in time", kept.rows);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the writer's backlog is empty, and nothing was given up. This costs the daemon a request.
    pub(crate) async fn expect_no_loss(&self) {
        let begun = Instant::now();
        loop {
            let store = &self.api.get("/status").await["store"];
            assert_eq!((&store["shed"], &store["shed_bytes"]), (&0.into(), &0.into()), "nothing is given up");
            if store["backlog_bytes"] == 0 {
                return;
            }
            assert!(begun.elapsed() < BOUND, "the backlog is written: {store}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn kept(&self, after: i64) -> Kept {
        let sql = "SELECT count(*), coalesce(sum(whole), 0), coalesce(sum(iif(whole, response_size, 0)), 0) FROM (
            SELECT response_size, truncated = 0 AND failure_side IS NULL AND response_end = 'complete' AS whole
            FROM v_exchanges WHERE seq > ?1 AND done = 1)";
        let mut statement = self.db.prepare_cached(sql).expect("a query");
        let count = |row: &Row<'_>, at| row.get(at).map(i64::unsigned_abs);
        let kept = statement
            .query_row([after], |row| Ok(Kept { rows: count(row, 0)?, whole: count(row, 1)?, bytes: count(row, 2)? }));
        kept.expect("a row of counts")
    }

    /// Reads the body of the newest row back through the API: `size` bytes as the origin sent them.
    pub(crate) async fn expect_last_body(&self, size: u64) {
        let id: String = self
            .db
            .query_row("SELECT id FROM v_exchanges ORDER BY seq DESC LIMIT 1", [], |r| r.get(0))
            .expect("the newest row");
        let socket = raw::connect(self.ui).await;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.expect("a connection");
        tokio::spawn(connection);
        let request = Request::get(format!("/api/v1/exchanges/{id}/response/body"))
            .header("host", self.ui.to_string())
            .header("authorization", format!("Bearer {}", self.token))
            .body(empty());
        let response = sender.send_request(request.expect("a request")).await.expect("the stored body");
        assert_eq!(response.status(), 200);
        let (mut body, mut offset) = (response.into_body(), 0);
        while let Some(frame) = body.frame().await {
            let Ok(mut data) = frame.expect("the stored body to its end").into_data() else { continue };
            while data.has_remaining() {
                let expected = content(offset, data.len());
                assert!(data.starts_with(expected), "what was stored is what was sent, at {offset}");
                data.advance(expected.len());
                offset += expected.len() as u64;
            }
        }
        assert_eq!(offset, size, "all of it comes back");
    }
}
