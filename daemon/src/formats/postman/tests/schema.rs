//! Postman's schemas, as far as they go: types, members, alternatives, references.

use serde_json::Value;
use std::{fs, path::Path, sync::LazyLock};

static SCHEMAS: LazyLock<[Value; 2]> = LazyLock::new(|| {
    ["2.0.0", "2.1.0"].map(|version| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/postman/schema");
        let file = folder.join(format!("collection-v{version}-draft-07.schema.json"));
        serde_json::from_slice(&fs::read(file).expect("a schema")).expect("JSON")
    })
});

/// Where a collection is not valid by the schema that it names; `None` if it is.
pub(super) fn wrong(collection: &Value) -> Option<String> {
    let is_old = collection["info"]["schema"].as_str().is_some_and(|schema| schema.contains("v2.0.0"));
    let root = &SCHEMAS[usize::from(!is_old)];
    check(collection, root, root, "$")
}

fn check(value: &Value, schema: &Value, root: &Value, place: &str) -> Option<String> {
    if let Some(to) = schema["$ref"].as_str() {
        let to = root.pointer(to.trim_start_matches('#')).unwrap_or_else(|| panic!("no {to}"));
        return check(value, to, root, place);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &Value| wanted == kind || wanted == "number" && kind == "integer";
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is),
        wanted => is(wanted),
    };
    if !fits {
        return Some(format!("{place} is {kind}, not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        return Some(format!("{place} is {value}, none of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Some(format!("{place} is {value}, not {}", schema["const"]));
    }
    for (name, most) in [("oneOf", 1), ("anyOf", usize::MAX)] {
        if let Some(ways) = schema[name].as_array() {
            let wrong: Vec<_> = ways.iter().filter_map(|way| check(value, way, root, place)).collect();
            let fitting = ways.len() - wrong.len();
            if fitting == 0 || fitting > most {
                return Some(format!("{place} fits {fitting} of {name}: {wrong:?}"));
            }
        }
    }
    if let Value::Object(members) = value {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                return Some(format!("{place} has no {name}"));
            }
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(wrong) = members.get(name).and_then(|v| check(v, schema, root, &format!("{place}.{name}"))) {
                return Some(wrong);
            }
        }
    }
    if let (Value::Array(elements), items @ Value::Object(_)) = (value, &schema["items"]) {
        let at = |number: usize| format!("{place}[{number}]");
        return elements.iter().enumerate().find_map(|(number, element)| check(element, items, root, &at(number)));
    }
    None
}

#[test]
fn what_is_not_valid_is_found() {
    let schema = super::Version::V21.schema();
    let file = |item: Value| serde_json::json!({"info": {"name": "n", "schema": schema}, "item": [item]});
    let request = |request: Value| file(serde_json::json!({"request": request}));
    assert_eq!(wrong(&request(serde_json::json!({"url": {"port": "80"}, "body": {"mode": "raw"}}))), None);
    for bad in [
        serde_json::json!({"info": {"name": "n"}, "item": []}),
        file(serde_json::json!({})),
        file(serde_json::json!({"request": "h", "item": []})),
        request(serde_json::json!({"url": {"port": 80}})),
        request(serde_json::json!({"body": {"mode": "none"}})),
        request(serde_json::json!({"auth": {"type": "jwt"}})),
        request(serde_json::json!({"auth": {"type": "basic", "basic": {}}})),
        request(serde_json::json!({"header": null})),
    ] {
        assert!(wrong(&bad).is_some(), "{bad}");
    }
}
