//! Answers compared with the API's own document: a checker of the part of JSON Schema that it uses. It is stricter than
//! JSON Schema: a field that the document does not name is an error.

use serde_json::Value;
use std::{collections::BTreeSet, sync::LazyLock};

static DOCUMENT: LazyLock<Value> = LazyLock::new(crate::api::openapi::document);

/// What the document says of a path below `/api/v1`, without a query: its template and its methods.
pub(super) fn operations(path: &str) -> Option<(&'static str, &'static Value)> {
    let fits = |template: &str| {
        let (one, other): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        one.len() == other.len() && one.iter().zip(&other).all(|(t, p)| t == p || (t.starts_with('{') && !p.is_empty()))
    };
    let mut all: Vec<_> = DOCUMENT["paths"].as_object().unwrap().iter().filter(|(t, _)| fits(t)).collect();
    // A path without a variable is meant before one with.
    all.sort_by_key(|(template, _)| template.matches('{').count());
    all.first().map(|(template, methods)| (template.as_str(), *methods))
}

/// Every path of the document with its methods, in capitals.
pub(super) fn all_operations() -> BTreeSet<(String, String)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let methods = |(path, methods): (&String, &Value)| {
        let methods: Vec<_> = methods.as_object().unwrap().keys().map(|m| (path.clone(), m.to_uppercase())).collect();
        methods
    };
    paths.flat_map(methods).collect()
}

/// Compares an answer with the document; says what is wrong.
pub(super) fn check(
    method: &str,
    path: &str,
    status: u16,
    media_type: Option<&str>,
    body: &[u8],
) -> Result<(), String> {
    let Some((template, methods)) = operations(path) else { return Ok(()) };
    let method = if method == "HEAD" { "GET" } else { method };
    let Some(operation) = methods.get(method.to_lowercase()) else { return Ok(()) };
    let what = format!("{method} {template} {status}");
    let response = operation["responses"].get(status.to_string()).ok_or(format!("{what} is not in the document"))?;
    let response = resolve(response);
    let Some(content) = response["content"].as_object() else {
        return if body.is_empty() { Ok(()) } else { Err(format!("{what} should have no body")) };
    };
    let media_type = media_type.and_then(|m| m.split(';').next()).unwrap_or_default();
    let form = content.get(media_type).ok_or(format!("{what} is of type '{media_type}'"))?;
    match form.get("schema") {
        Some(schema) if media_type == "application/json" && !body.is_empty() => {
            let value = serde_json::from_slice(body).map_err(|e| format!("{what}: {e}"))?;
            fits(schema, &value, "$").map_err(|why| format!("{what}: {why}"))
        }
        _ => Ok(()),
    }
}

fn resolve(value: &'static Value) -> &'static Value {
    let Some(pointer) = value.get("$ref").and_then(Value::as_str) else { return value };
    let pointer = pointer.strip_prefix('#').expect("references within the document");
    resolve(DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is nowhere")))
}

fn fits(schema: &'static Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = resolve(schema);
    let rules = schema.as_object().ok_or(format!("{at}: the schema is no object"))?;
    let fail = |why: String| Err(format!("{at}: {why}: {value}"));
    for (rule, wanted) in rules {
        match rule.as_str() {
            "description" | "default" | "title" => {}
            "type" => {
                let types = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                if !types.iter().any(|t| is_of_type(value, t.as_str().unwrap_or_default())) {
                    return fail(format!("should be {wanted}"));
                }
            }
            "enum" if !wanted.as_array().is_some_and(|all| all.contains(value)) => {
                return fail(format!("none of {wanted}"));
            }
            "minimum" if value.as_f64().is_some_and(|v| Some(v) < wanted.as_f64()) => return fail("too small".into()),
            "maximum" if value.as_f64().is_some_and(|v| Some(v) > wanted.as_f64()) => return fail("too large".into()),
            "maxLength" if value.as_str().is_some_and(|v| Some(v.chars().count() as u64) > wanted.as_u64()) => {
                return fail("too long".into());
            }
            "minItems" if value.as_array().is_some_and(|v| Some(v.len() as u64) < wanted.as_u64()) => {
                return fail("too few".into());
            }
            "maxItems" if value.as_array().is_some_and(|v| Some(v.len() as u64) > wanted.as_u64()) => {
                return fail("too many".into());
            }
            "enum" | "minimum" | "maximum" | "maxLength" | "minItems" | "maxItems" => {}
            "required" => {
                let missing = |name: &&Value| value.is_object() && value.get(name.as_str().unwrap()).is_none();
                if let Some(name) = wanted.as_array().into_iter().flatten().find(missing) {
                    return fail(format!("{name} is missing"));
                }
            }
            "properties" => {
                for (name, schema) in wanted.as_object().into_iter().flatten() {
                    if let Some(value) = value.get(name) {
                        fits(schema, value, &format!("{at}.{name}"))?;
                    }
                }
            }
            "items" => {
                for (n, value) in value.as_array().into_iter().flatten().enumerate() {
                    fits(wanted, value, &format!("{at}[{n}]"))?;
                }
            }
            "allOf" => wanted.as_array().unwrap().iter().try_for_each(|schema| fits_in_part(schema, value, at))?,
            "anyOf" => {
                let outcomes: Vec<_> = wanted.as_array().unwrap().iter().map(|s| fits(s, value, at)).collect();
                if outcomes.iter().all(Result::is_err) {
                    return outcomes.into_iter().next().unwrap_or(Ok(()));
                }
            }
            "additionalProperties" => {}
            other => return Err(format!("{at}: the checker does not know {other}")),
        }
    }
    let known = known_fields(schema);
    match value.as_object().filter(|_| !known.is_empty()) {
        Some(fields) => match fields.keys().find(|name| !known.contains(name.as_str())) {
            Some(name) => fail(format!("{name} is not in the document")),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

/// One of several schemas that hold together: fields of the others are none of its business.
fn fits_in_part(schema: &'static Value, value: &Value, at: &str) -> Result<(), String> {
    let known = known_fields(resolve(schema));
    let part: serde_json::Map<_, _> = value
        .as_object()
        .ok_or(format!("{at}: should be an object: {value}"))?
        .iter()
        .filter(|(name, _)| known.contains(name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    fits(schema, &Value::Object(part), at)
}

fn known_fields(schema: &'static Value) -> BTreeSet<&'static str> {
    let schema = resolve(schema);
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let parts = ["allOf", "anyOf"].into_iter().flat_map(|rule| schema[rule].as_array().into_iter().flatten());
    own.chain(parts.flat_map(known_fields)).collect()
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let error = |body: &str| check("GET", "/status", 401, Some("application/json"), body.as_bytes());
    assert_eq!(error(r#"{"error":{"code":"a","message":"b","hint":"c"}}"#), Ok(()));
    for (body, why) in [
        (r#"{"error":{"code":"a"}}"#, "\"message\" is missing"),
        (r#"{"error":{"code":1,"message":"b"}}"#, "should be"),
        (r#"{"error":{"code":"a","message":"b","more":1}}"#, "more is not in the document"),
        (r#"{"error":{"code":"a","message":"b","offset":-1}}"#, "too small"),
    ] {
        let said = error(body).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
    assert!(check("GET", "/status", 418, None, b"").unwrap_err().contains("not in the document"));
    assert!(check("GET", "/status", 200, Some("text/html"), b"x").unwrap_err().contains("of type"));
    assert!(check("DELETE", "/runs/1", 204, None, b"x").unwrap_err().contains("no body"));
}
