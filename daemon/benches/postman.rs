//! A collection of Postman of 4 MB: what it costs to read it, and to write it again. Start it by `tests/bench collection`.

#![allow(missing_docs, clippy::print_stdout)]

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use waylay::formats::postman::{self, Version};

/// How long reading may take.
const GOAL: Duration = Duration::from_secs(1);
/// Of what size, bytes.
const SIZE: usize = 4 << 20;

fn main() {
    let folders: Vec<_> = (0..60).map(|folder| json!({"name": format!("F{folder}"), "item": items(folder)})).collect();
    let file = json!({"info": {"name": "Large", "schema": Version::V21.schema()}, "item": folders});
    let text = serde_json::to_vec(&file).expect("JSON");
    assert!((SIZE..SIZE + (SIZE >> 2)).contains(&text.len()), "{} bytes", text.len());

    let began = Instant::now();
    let parsed: Value = serde_json::from_slice(&text).expect("JSON");
    let parsing = began.elapsed();
    drop(parsed);
    let began = Instant::now();
    let read = postman::read(&text).expect("a collection");
    let reading = began.elapsed();
    println!("{} bytes read: {reading:?} (JSON alone: {parsing:?}); goal {GOAL:?}", text.len());
    let began = Instant::now();
    let written = postman::write(&read.collections[0], Version::V21, None);
    println!("written: {:?}", began.elapsed());
    assert!(written.notes.is_empty());
    assert!(reading <= GOAL, "too slow");
}

fn items(folder: usize) -> Vec<Value> {
    let one = |number: usize| {
        let query = json!([{"key": "page", "value": "1"}, {"key": "q", "value": "x", "disabled": true}]);
        let url = json!({"raw": "{{base}}/a/:id?page=1", "host": ["{{base}}"], "path": ["a", ":id"], "query": query,
            "variable": [{"key": "id", "value": number.to_string()}]});
        let headers = json!([{"key": "Content-Type", "value": "application/json"}, {"key": "X-Number", "value": number.to_string()}]);
        let body = json!({"mode": "raw", "raw": "{\"a\": 1}".repeat(20), "options": {"raw": {"language": "json"}}});
        let request =
            json!({"method": "POST", "url": url, "header": headers, "body": body, "description": "What it does."});
        let example = json!({"name": "OK", "originalRequest": request, "status": "OK", "code": 200, "header": headers,
            "cookie": [], "body": "{\"items\":[1,2,3]}".repeat(8)});
        let script =
            json!([{"listen": "test", "script": {"exec": ["pm.test('x', () => {});"], "type": "text/javascript"}}]);
        json!({"name": format!("R{folder}.{number}"), "event": script, "request": request, "response": [example]})
    };
    (0..43).map(one).collect()
}
