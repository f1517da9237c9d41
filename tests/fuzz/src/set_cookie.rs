//! What servers set and clients send.

use url::Url;
use waylay::cookies::{Asking, Jar, Limits, explain::held_back};

/// Where cookies come from and go to.
const PLACES: [&str; 6] = [
    "https://www.example.com/a/b",
    "http://www.example.com/a/",
    "https://example.com/",
    "http://localhost:8080/a",
    "https://127.0.0.1/",
    "https://evil.co.uk/",
];

/// Lines are fields, each from the place that its first byte says: of a `Cookie` if it is odd, else of a `Set-Cookie`, from a
/// page of another site for every third. The jar keeps to its bounds; what it sends has no line break and no rule against it.
pub fn check(input: &[u8]) {
    let limits = Limits { per_site: 12, total: 22 };
    let places = PLACES.map(|place| Url::parse(place).expect("a URL"));
    let mut jar = Jar::with_limits(limits);
    for (now, line) in (1_000_000..).zip(input.split(|byte| *byte == b'\n')) {
        let (option, field) = super::option(line);
        let url = &places[usize::from(option / 2) % places.len()];
        let page = (option % 3 == 0).then_some(&places[5]);
        let asking = Asking { url, method: "GET", page, navigates: option % 5 == 0 };
        if option % 2 == 1 {
            jar.guess(url, field, now);
        } else {
            let received = jar.receive(&asking, field, now);
            assert!(received.ignored.len() <= 16);
            if let Some(cookie) = received.cookie {
                assert!((1..=4096).contains(&cookie.size()) && cookie.path.starts_with('/'), "{cookie:?}");
                assert!(cookie.expires_us.is_none_or(|at| at <= now + 400 * 86_400_000_000), "{cookie:?}");
            }
        }
        assert!(jar.len() <= limits.total && jar.cookies().len() == jar.len());
        let explained = jar.explain(&asking, now);
        assert_eq!(explained.sent.len() + explained.held.len(), jar.len());
        assert!(explained.sent.iter().all(|cookie| held_back(cookie, &asking, now).is_none()));
        let sent = jar.field(&asking, now).unwrap_or_default();
        assert!(!sent.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t'), "{sent:?}");
    }
}
