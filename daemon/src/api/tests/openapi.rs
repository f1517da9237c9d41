//! The document against the router, in both directions.

use super::{harness::Daemon, schema};
use std::collections::BTreeSet;

/// The routes, from where they are written down: the router itself tells nobody what it has.
fn routes() -> BTreeSet<(String, String)> {
    let source = include_str!("../mod.rs");
    let calls = source.split(".route(").skip(1);
    let mut all = BTreeSet::new();
    for call in calls {
        let end = call.find(".route(").unwrap_or(call.len());
        let (_, call) = call[..end].split_once('"').expect("a path");
        let (path, handlers) = call.split_once('"').expect("a path");
        let handlers = handlers.split(';').next().unwrap_or_default();
        for method in ["get", "post", "put", "patch", "delete"] {
            if handlers.match_indices(&format!("{method}(")).any(|(at, _)| {
                // Not the end of a longer name.
                !handlers[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            }) {
                all.insert((path.to_owned(), method.to_uppercase()));
            }
        }
    }
    all
}

#[tokio::test]
async fn the_document_has_every_route_and_nothing_else() {
    let (routes, told) = (routes(), schema::all_operations());
    assert!(routes.len() > 20, "{routes:?}");
    let missing: Vec<_> = routes.difference(&told).collect();
    let made_up: Vec<_> = told.difference(&routes).collect();
    assert!(missing.is_empty() && made_up.is_empty(), "not in the document: {missing:?}; not served: {made_up:?}");

    // What it has is really there.
    let daemon = Daemon::start().await;
    let headers = daemon.program() + "Content-Type: application/json\r\n";
    for (path, method) in told.iter().filter(|(path, _)| !["/shutdown", "/events"].contains(&path.as_str())) {
        let path = path.replace("{id}", "9999").replace("{number}", "9999").replace("{name}", "9999");
        let answer = daemon.ask(method, &format!("/api/v1{path}"), &headers, "").await;
        assert_ne!(answer.status, 405, "{method} {path}");
        let message = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!message.contains("nothing is served at"), "{method} {path}: {message}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn the_document_is_served() {
    let daemon = Daemon::start().await;
    let answer = daemon.get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json()["openapi"], "3.1.0");
    daemon.stop().await;
}
