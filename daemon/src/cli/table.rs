//! The table of exchanges: one line each, fitted to the terminal, whole where there is none.

use super::{
    escape::escaped,
    output::Paint,
    units::{duration, full_time, short_time, size},
};
use jiff::Zoned;
use waylay_storage::model::{Kind, Scheme, Summary};

/// Columns in their order.
const TITLES: [&str; COLUMNS] = ["ID", "TIME", "METHOD", "STATUS", "HOST", "PATH", "TYPE", "SIZE", "DURATION"];
const COLUMNS: usize = 9;
const TIME: usize = 1;
const STATUS: usize = 3;
const HOST: usize = 4;
const PATH: usize = 5;
const TYPE: usize = 6;
const SIZE: usize = 7;
const DURATION: usize = 8;
/// What a narrow terminal does without, in this order.
const DISPENSABLE: [usize; 3] = [TYPE, TIME, DURATION];
/// Below this, a path says too little, and a dispensable column gives way.
const PATH_MIN: usize = 24;
/// Spaces between columns.
const GUTTER: usize = 2;

/// One exchange as the texts of its columns.
pub struct Row {
    cells: [String; COLUMNS],
    status: Option<u16>,
    failed: bool,
}

impl Row {
    /// For a terminal: times of today without their date.
    pub fn short(summary: &Summary, now: &Zoned) -> Self {
        Self::new(summary, short_time(summary.started_us, now))
    }

    /// For a file or a pipe: whole times.
    pub fn full(summary: &Summary, now: &Zoned) -> Self {
        Self::new(summary, full_time(summary.started_us, now.time_zone()))
    }

    fn new(summary: &Summary, time: String) -> Self {
        let cells = [
            summary.id.to_string(),
            time,
            escaped(&summary.method).into_owned(),
            outcome(summary),
            escaped(&host(summary)).into_owned(),
            escaped(&summary.path).into_owned(),
            escaped(&media(summary)).into_owned(),
            size(summary.response_size),
            summary.timings.end_us.filter(|_| summary.done).map_or_else(|| "…".into(), duration),
        ];
        Self { cells, status: summary.status, failed: summary.failure.is_some() || refused(summary).is_some() }
    }
}

/// Status, or why there is none; both where an answer broke off. Between them, how a gRPC call did not succeed.
fn outcome(summary: &Summary) -> String {
    let status = summary.status.map(|status| status.to_string());
    let grpc = refused(summary).map(|status| format!("grpc {status}"));
    let reason = summary.failure.as_ref().map(|failure| escaped(&failure.reason).into_owned());
    let words: Vec<String> = [status, grpc, reason].into_iter().flatten().collect();
    match &words[..] {
        [] if summary.done => "-".into(),
        [] => "…".into(),
        words => words.join(" "),
    }
}

/// The status of a gRPC call that did not succeed.
fn refused(summary: &Summary) -> Option<u32> {
    summary.grpc_status.filter(|status| *status != 0)
}

/// Host, with the port where it is not the scheme's own.
fn host(summary: &Summary) -> String {
    let own = match summary.scheme {
        Scheme::Http => summary.port == 80,
        Scheme::Https => summary.port == 443,
        Scheme::Tcp => false,
    };
    match (own, summary.host.contains(':')) {
        (true, _) => summary.host.clone(),
        (false, true) => format!("[{}]:{}", summary.host, summary.port),
        (false, false) => format!("{}:{}", summary.host, summary.port),
    }
}

/// Media type of an answer; what else the row stands for.
fn media(summary: &Summary) -> String {
    match summary.kind {
        Kind::Http | Kind::Sse => {
            let name = summary.content_type.as_deref().unwrap_or_default();
            let omitted = if summary.omitted.body() { "(not stored)" } else { "" };
            format!("{name} {omitted}").trim().to_owned()
        }
        other => other.word().replace('_', " "),
    }
}

/// Widths of the columns; a column of width 0 is left out.
pub struct Layout {
    widths: [usize; COLUMNS],
    whole: bool,
}

impl Layout {
    /// Columns as wide as their texts, within `terminal` columns if there is a terminal.
    pub fn fit(rows: &[Row], terminal: Option<usize>) -> Self {
        let mut widths = TITLES.map(|title| title.chars().count());
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        match terminal {
            Some(columns) => Self { widths: narrowed(widths, columns), whole: false },
            None => Self { widths, whole: true },
        }
    }

    /// The line above the rows.
    pub fn heading(&self, paint: Paint) -> String {
        paint.heading(self.line(&TITLES.map(str::to_owned), |_, text| text))
    }

    /// One row's line.
    pub fn row(&self, row: &Row, paint: Paint) -> String {
        self.line(&row.cells, |column, text| match (column, row.status) {
            (STATUS, _) if row.failed => paint.failure(text),
            (STATUS, Some(status)) => paint.status(status, text),
            (TIME | TYPE | DURATION, _) => paint.dim(text),
            _ => text,
        })
    }

    fn line(&self, cells: &[String; COLUMNS], style: impl Fn(usize, String) -> String) -> String {
        let last = (0..COLUMNS).rev().find(|column| self.widths[*column] > 0);
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate().filter(|(column, _)| self.widths[*column] > 0) {
            let width = self.widths[column];
            let text = if self.whole { cell.clone() } else { shortened(cell, width) };
            let text = match column {
                SIZE | DURATION => format!("{text:>width$}"),
                _ if Some(column) == last => text,
                _ => format!("{text:<width$}"),
            };
            if !line.is_empty() {
                line.push_str(&" ".repeat(GUTTER));
            }
            line.push_str(&style(column, text));
        }
        line
    }
}

/// Widths that fit the terminal: long texts give way first, then whole columns.
fn narrowed(mut widths: [usize; COLUMNS], terminal: usize) -> [usize; COLUMNS] {
    for (column, most) in [(STATUS, 18), (HOST, 30), (TYPE, 18)] {
        widths[column] = widths[column].min(most);
    }
    let path = widths[PATH];
    let mut gone = DISPENSABLE.iter();
    loop {
        widths[PATH] = 0;
        let shown = widths.iter().filter(|width| **width > 0).count();
        let room = terminal.saturating_sub(widths.iter().sum::<usize>() + GUTTER * shown);
        match gone.next() {
            Some(column) if room < path.min(PATH_MIN) => widths[*column] = 0,
            _ => {
                widths[PATH] = path.min(room).max(TITLES[PATH].len());
                return widths;
            }
        }
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use waylay_storage::model::{
        BodyEnd, ExchangeId, Failure, HttpVersion, Omitted, SessionId, Side, Source, Stage, Timings,
    };

    fn summary() -> Summary {
        Summary {
            id: ExchangeId { session: SessionId(7), number: 42 },
            seq: 1,
            kind: Kind::Http,
            source: Source::Proxy,
            done: true,
            started_us: 0,
            timings: Timings { end_us: Some(34_000), ..Timings::default() },
            method: "GET".into(),
            scheme: Scheme::Https,
            host: "example.com".into(),
            port: 443,
            path: format!("/{}", "long/".repeat(40)),
            url: String::new(),
            status: Some(200),
            request_version: HttpVersion::Http11,
            response_version: None,
            content_type: Some("application/json".into()),
            request_size: 0,
            response_size: 1234,
            response_end: BodyEnd::Complete,
            truncated: false,
            messages: 0,
            grpc_status: None,
            omitted: Omitted::default(),
            passthrough: None,
            failure: None,
        }
    }

    fn lines(summary: &Summary, terminal: Option<usize>) -> [String; 2] {
        let now: Zoned = "1970-01-01T10:00:00[UTC]".parse().unwrap();
        let row = Row::short(summary, &now);
        let layout = Layout::fit(std::slice::from_ref(&row), terminal);
        [layout.heading(Paint(false)), layout.row(&row, Paint(false))]
    }

    #[test]
    fn lines_fit_the_terminal() {
        for terminal in 40..300 {
            for line in lines(&summary(), Some(terminal)) {
                let bare = 8; // status and path at their least, and the size
                assert!(line.chars().count() <= terminal.max(52 + bare), "{terminal}: {line}");
            }
        }
        let [heading, row] = lines(&summary(), Some(110));
        assert_eq!(heading.split_whitespace().collect::<Vec<_>>(), TITLES);
        assert!(row.contains("/long/") && row.contains('…') && row.ends_with("1.2 kB     34 ms"), "{row}");
        let [heading, row] = lines(&summary(), Some(80));
        assert!(!heading.contains("TYPE") && heading.contains("DURATION"), "{heading}");
        assert!(row.contains("/long/long/"), "{row}");
    }

    #[test]
    fn nothing_is_cut_in_a_pipe() {
        let [_, row] = lines(&summary(), None);
        assert!(row.contains(&summary().path) && row.contains("application/json"));
    }

    #[test]
    fn captured_text_cannot_steer_the_terminal() {
        let failure =
            Failure { side: Side::Client, stage: Stage::Tls, reason: "\x1b[2J".into(), message: String::new() };
        let hostile = "a\x1b[31m\n\u{202e}b";
        let summary = Summary {
            method: hostile.into(),
            host: hostile.into(),
            path: hostile.into(),
            content_type: Some(hostile.into()),
            failure: Some(failure),
            ..summary()
        };
        for terminal in [None, Some(120)] {
            let [_, row] = lines(&summary, terminal);
            assert!(!row.contains(|c: char| c.is_control() || c == '\u{202e}'), "{row:?}");
        }
    }

    #[test]
    fn a_row_says_what_became_of_it() {
        let failure = |reason: &str| {
            Some(Failure { side: Side::Upstream, stage: Stage::Dns, reason: reason.into(), message: String::new() })
        };
        let status = |summary: Summary| outcome(&summary);
        assert_eq!(status(summary()), "200");
        assert_eq!(status(Summary { failure: failure("reset"), ..summary() }), "200 reset");
        assert_eq!(status(Summary { status: None, failure: failure("dns"), ..summary() }), "dns");
        assert_eq!(status(Summary { status: None, done: false, ..summary() }), "…");
        assert_eq!(status(Summary { status: None, ..summary() }), "-");
        let grpc = |status| Summary { kind: Kind::Grpc, grpc_status: Some(status), ..summary() };
        assert_eq!([0, 5].map(|n| status(grpc(n))), ["200", "200 grpc 5"]);
        assert_eq!(status(Summary { failure: failure("reset"), ..grpc(14) }), "200 grpc 14 reset");
        assert_eq!(media(&grpc(0)), "grpc");
        assert_eq!(host(&Summary { host: "::1".into(), port: 8443, ..summary() }), "[::1]:8443");
        assert_eq!(media(&Summary { kind: Kind::TlsFailure, ..summary() }), "tls failure");
    }
}
