//! A jar of a hundred thousand cookies: what it costs to know which of them go to a URL. Start it by `tests/bench cookies`.

#![allow(missing_docs, clippy::print_stdout)]

use std::time::{Duration, Instant};
use url::Url;
use waylay::cookies::{Asking, Jar, Limits};

/// How long one URL may take.
const GOAL: Duration = Duration::from_millis(1);
/// Sites, and cookies of each.
const SITES: usize = 1_000;
const EACH: usize = 100;
/// When it all happens, microseconds since 1970.
const NOW: i64 = 1_800_000_000_000_000;

fn main() {
    let mut jar = Jar::with_limits(Limits::LARGE);
    let began = Instant::now();
    for site in 0..SITES {
        for cookie in 0..EACH {
            let url = url(&format!("https://h{}.site{site}.example/a/b", cookie % 5));
            let scope = ["", "; Path=/", "; Path=/a; Secure", "; Path=/other"][cookie % 4];
            let domain = if cookie % 3 == 0 { format!("; Domain=site{site}.example") } else { String::new() };
            jar.set(&url, format!("name{cookie}=value{scope}{domain}").as_bytes(), NOW);
        }
    }
    println!("{} cookies set: {:?} each", jar.len(), began.elapsed() / (SITES * EACH) as u32);

    let mut took: Vec<_> = (0..SITES)
        .map(|site| {
            let url = url(&format!("https://h{}.site{site}.example/a/b/c", site % 5));
            let began = Instant::now();
            let field = jar.field(&Asking::plain(&url), NOW).expect("cookies");
            (began.elapsed(), field.len())
        })
        .collect();
    took.sort_unstable();
    let (median, slow) = (took[SITES / 2].0, took[SITES * 99 / 100].0);
    println!("cookies of a URL: {median:?}, one in a hundred {slow:?} or more; goal {GOAL:?}");

    let other = url("https://unknown.test/");
    let began = Instant::now();
    assert!(jar.field(&Asking::plain(&other), NOW).is_none());
    println!("of a URL without cookies: {:?}", began.elapsed());
    let began = Instant::now();
    let held = jar.explain(&Asking::plain(&other), NOW).held.len();
    println!("all {held} explained: {:?}", began.elapsed());
    assert!(slow <= GOAL, "too slow");
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}
