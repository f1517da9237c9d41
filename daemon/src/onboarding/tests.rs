use super::*;
use http::Request;
use http_body_util::BodyExt as _;
use std::net::SocketAddr;
use waylay_ca::Authority;

struct Asked {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

fn onboarding() -> Onboarding {
    let dir = tempfile::tempdir().unwrap();
    Onboarding::new(Authority::open(&dir.path().join("ca")).unwrap().certificate(), false)
}

fn local() -> SocketAddr {
    "192.168.1.5:5559".parse().unwrap()
}

async fn ask(onboarding: &Onboarding, method: &str, target: &str, way: Way, fields: &[(&str, &str)]) -> Asked {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(()).unwrap();
    let (parts, body) = onboarding.answer(&Visit::new(&request, way, local())).into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    Asked { status: parts.status.as_u16(), headers: parts.headers, body }
}

#[tokio::test]
async fn what_is_asked_for_decides_the_status() {
    let onboarding = onboarding();
    for (method, target, host, way, status) in [
        ("GET", "/", "192.168.1.5:5559", Way::Direct, 200),
        ("HEAD", "/", "192.168.1.5:5559", Way::Direct, 200),
        ("GET", "/?a=b", "192.168.1.5:5559", Way::Direct, 200),
        ("GET", "http://waylay.internal/", "waylay.internal", Way::Proxied, 200),
        ("GET", "/test", "test-1.waylay.internal", Way::Tls, 200),
        ("GET", "/ca.key", "192.168.1.5:5559", Way::Direct, 404),
        ("GET", "/waylay-ca.key", "192.168.1.5:5559", Way::Direct, 404),
        ("GET", "/api/v1/status", "192.168.1.5:5559", Way::Direct, 404),
        ("GET", "/../ca.pem", "192.168.1.5:5559", Way::Direct, 404),
        ("POST", "/", "192.168.1.5:5559", Way::Direct, 405),
        ("OPTIONS", "*", "192.168.1.5:5559", Way::Direct, 405),
        ("DELETE", "/ca.pem", "192.168.1.5:5559", Way::Direct, 405),
        ("GET", "/", "rebound.test:5559", Way::Direct, 421),
        ("GET", "/ca.pem", "rebound.test:5559", Way::Direct, 421),
        ("GET", "/", "192.168.1.5:5559", Way::Tls, 421),
    ] {
        let asked = ask(&onboarding, method, target, way, &[("host", host)]).await;
        assert_eq!(asked.status, status, "{method} {target} at {host}");
        let (policy, sniff) = (asked.header("content-security-policy"), asked.header("x-content-type-options"));
        assert!(policy.starts_with("default-src 'none'") && sniff == "nosniff", "{method} {target}: {policy}");
        assert_eq!(asked.header("cache-control"), "no-store");
        assert_eq!(asked.header("allow"), if status == 405 { "GET, HEAD" } else { "" });
        if status != 200 {
            assert!(!asked.body.contains("SHA-256") && !asked.body.contains("BEGIN"), "{}", asked.body);
        }
    }
}

#[tokio::test]
async fn the_page_needs_nothing_else_and_fits_the_visitor() {
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1";
    let onboarding = onboarding();
    let page = ask(&onboarding, "GET", "/", Way::Direct, &[("host", "10.0.0.9:5559"), ("user-agent", IPHONE)]).await;
    assert!(!page.body.contains("{{"), "every place is filled");
    assert!(
        page.body.contains(&onboarding.certificate.sha256()) && page.body.contains("http://10.0.0.9:5559/proxy.pac")
    );
    for outside in ["src=\"http", "src=\"//", "<link rel=\"stylesheet\"", "@import", "url(", "style=\"", "onclick="] {
        assert!(!page.body.contains(outside), "{outside}");
    }
    let open: Vec<&str> = page.body.split("<details open>").skip(1).collect();
    assert!(open.len() == 1 && open[0].trim_start().starts_with("<summary>iPhone, iPad"), "{}", open.len());
    assert!(page.body.len() < 32 << 10, "{} bytes", page.body.len());

    let hostile = [("host", "127.0.0.1"), ("user-agent", "<script>alert(1)</script>{{name}}")];
    let page = ask(&onboarding, "GET", "/?alert(1)", Way::Direct, &hostile[..1]).await;
    assert!(!page.body.contains("alert(1)"));
    let page = ask(&onboarding, "GET", "/", Way::Direct, &hostile).await;
    assert!(!page.body.contains("alert(1)"));
}

#[tokio::test]
async fn only_the_page_reads_the_test() {
    let onboarding = onboarding();
    for (origin, readable) in
        [("http://192.168.1.5:5559", true), ("http://waylay.internal", true), ("https://evil.test", false)]
    {
        let fields = [("host", "test-1.waylay.internal"), ("origin", origin)];
        let test = ask(&onboarding, "GET", "/test", Way::Tls, &fields).await;
        assert_eq!(test.header("access-control-allow-origin"), if readable { origin } else { "" });
        assert_eq!(test.header("cross-origin-resource-policy"), "same-origin");
        assert!(test.body.contains("\"https\":true") && test.body.contains(&onboarding.certificate.sha256()));
    }
    for target in ["http://waylay.internal/", "http://waylay.internal/ca.pem"] {
        let page = ask(&onboarding, "GET", target, Way::Proxied, &[("origin", "http://waylay.internal")]).await;
        assert_eq!((page.status, page.header("access-control-allow-origin")), (200, ""));
    }
}
