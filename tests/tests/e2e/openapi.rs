//! The API's own document, as others read it.

use serde_json::{Value, json};
use waylay_tests::{
    daemon::Daemon,
    program::{self, command, need, tests_folder},
};

#[tokio::test]
async fn the_document_is_valid_openapi() {
    const SCRIPT: &str = r##"
import json, sys
try:
    from jsonschema import Draft202012Validator as V
except ImportError:
    print(json.dumps({"skipped": True})); sys.exit()
document, schema = json.load(sys.stdin), json.load(open(sys.argv[1]))
errors = [f"{e.json_path}: {e.message[:200]}" for e in V(schema).iter_errors(document)]
count = 0
def schemas(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "schema": yield value
            elif key == "schemas": yield from value.values()
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node: yield from schemas(value)
for s in schemas(document):
    count += 1
    try: V.check_schema(s)
    except Exception as e: errors.append(f"schema: {e}"[:300])
def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str): yield node["$ref"]
        for value in node.values(): yield from references(value)
    elif isinstance(node, list):
        for value in node: yield from references(value)
for r in set(references(document)):
    at = document
    for step in r.removeprefix("#/").split("/"): at = at.get(step) if isinstance(at, dict) else None
    if at is None: errors.append(f"{r} is nowhere")
operations = [o for p in document["paths"].values() for o in p.values()]
ids = [o["operationId"] for o in operations]
if len(set(ids)) != len(ids): errors.append("an operationId stands twice")
print(json.dumps({"errors": errors, "schemas": count, "operations": len(operations)}))
"##;
    let daemon = Daemon::start().await;
    let document = daemon.api().get("/openapi.json").await;
    let mut python = command(need(&["python3"]), &daemon.place().home());
    python.args(["-c", SCRIPT]).arg(tests_folder().join("fixtures/openapi/openapi-3.1.schema.json"));
    let found: Value =
        program::run_with_input(&mut python, Some(document.to_string().as_bytes())).await.expect(0).json();
    if found["skipped"] == true {
        println!("skipped: this needs Python's jsonschema, which tests/run installs");
        return;
    }
    assert_eq!(found["errors"], json!([]), "{found}");
    assert!(found["schemas"].as_u64() > Some(30) && found["operations"].as_u64() > Some(20), "{found}");
}

#[tokio::test]
async fn the_document_is_for_those_who_may_use_the_api() {
    let daemon = Daemon::start().await;
    let answer = daemon.api().anonymous().ask(http::Method::GET, "/openapi.json", &[], "").await;
    assert_eq!(answer.status, 401);
}
