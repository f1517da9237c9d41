//! What is asked of the store.

use crate::{Line, at_most};
use std::time::{Duration, Instant};
use waylay_storage::{Filter, ListQuery, Reader, model::Part};

/// Rows of a page.
const PAGE: usize = 100;
/// How often each is asked.
const TIMES: usize = 5;

/// Between two questions of one person.
pub(crate) const APART: Duration = Duration::from_millis(200);

const FIRST_PAGE: Duration = Duration::from_millis(50);
const FULL_TEXT: Duration = Duration::from_millis(100);

/// Filters on one column: what nearly all have, few have, the oldest alone have, and none has.
const FILTERS: &[&str] = &[
    "",
    "method:GET",
    "method:DELETE",
    "method:PATCH",
    "status:200",
    "status:5xx",
    "status:418",
    "host:host1.",
    "host:api",
    "host:host298",
    "host:nowhere",
    "type:json",
    "type:woff",
    "type:xyz",
    "path:/api/v1/",
    "path:needle",
    "path:zzz",
    "orders",
    "haystack77",
    "xyzzy",
    "size>100",
    "size>1500",
    "size>1M",
    "dur>100",
    "dur>899",
    "dur>1h",
    "is:failed",
    "is:ws",
    "is:pending",
    "is:grpc",
    "session:3",
    "session:3 is:failed",
    "since:1h",
    "before:2026-09-22",
    "header:accept=json",
    "header:x-request-id",
    "header:x-none",
    "cookie:sid",
    "cookie:none",
    "-cookie:sid",
    "-header:accept",
    "scheme:http",
    "port:8443",
    "process:nobody",
    "reason:refused",
    "reason:timeout",
    "url:example",
    "-method:GET",
    "-status:2xx",
    "source:proxy",
    "source:send",
];

const TEXTS: &[&str] = &[
    "body:number",
    "body:\"quixotic zeppelin\"",
    "body:nowhere",
    "body:waiting",
    "text:quixotic",
    "text:nginx",
    "text:nowhere",
];

pub(crate) fn ask(reader: &Reader, count: i64) -> Vec<Line> {
    let mut lines = vec![
        slowest("first page of a filter on one column", FILTERS, FIRST_PAGE, |f| page(reader, f, None)),
        slowest("full text, first page", TEXTS, FULL_TEXT, |f| page(reader, f, None)),
        slowest("next page", FILTERS, Duration::from_millis(20), |f| page(reader, f, Some(count / 2))),
    ];
    let (facets, _) = median(|| drop(reader.facets(&Filter::default()).unwrap()));
    lines.push(at_most("facets of everything", facets, Duration::from_millis(50)));
    for filter in ["method:GET", "header:x-none", "path:/api/v1/"] {
        let filter_ = Filter::parse(filter).unwrap();
        let (facets, _) = median(|| drop(reader.facets(&filter_).unwrap()));
        println!("facets of {filter}: {:.1} ms", facets.as_secs_f64() * 1e3);
    }
    let ids = reader.list(&ListQuery { before: Some(count / 3), limit: 20, ..ListQuery::default() }).unwrap().items;
    let mut at = 0;
    let (one, _) = median(|| {
        let id = ids[at % ids.len()].id;
        at += 1;
        reader.exchange(id).unwrap().unwrap();
        let mut body = reader.body(id, Part::Response).unwrap().unwrap();
        std::io::copy(&mut body, &mut std::io::sink()).unwrap();
    });
    lines.push(at_most("one exchange with its body", one, Duration::from_millis(5)));
    lines
}

/// Asks as somebody does who types a filter and looks at what comes: a page and the counts, so far apart.
pub(crate) fn look_around(reader: &Reader, time: Duration, apart: Duration) {
    let until = Instant::now() + time;
    for text in FILTERS.iter().chain(TEXTS).cycle() {
        let next = Instant::now() + apart;
        if next > until {
            break;
        }
        let filter = Filter::parse(text).unwrap();
        page(reader, &filter, None);
        reader.facets(&Filter::default()).unwrap();
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// The worst of several questions.
fn slowest(what: &str, filters: &[&str], goal: Duration, ask: impl Fn(&Filter)) -> Line {
    let mut worst = (Duration::ZERO, "");
    let mut over = Vec::new();
    for text in filters {
        let filter = Filter::parse(text).unwrap();
        let (took, longest) = median(|| ask(&filter));
        println!("{what}: {text}: {:.1} ms (at most {:.1})", took.as_secs_f64() * 1e3, longest.as_secs_f64() * 1e3);
        if took > goal {
            over.push(*text);
        }
        worst = worst.max((took, text));
    }
    let mut line = at_most(&format!("{what}: the slowest of {}, `{}`", filters.len(), worst.1), worst.0, goal);
    if !over.is_empty() {
        line.measured.push_str(&format!(" (slower than the goal: {})", over.join(", ")));
    }
    line
}

fn page(reader: &Reader, filter: &Filter, before: Option<i64>) {
    reader.list(&ListQuery { filter: filter.clone(), before, limit: PAGE, ..ListQuery::default() }).unwrap();
}

fn median(mut ask: impl FnMut()) -> (Duration, Duration) {
    let mut took: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let began = Instant::now();
            ask();
            began.elapsed()
        })
        .collect();
    took.sort();
    (took[TIMES / 2], took[TIMES - 1])
}
