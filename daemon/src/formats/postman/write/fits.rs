//! What was kept of a file, and whether it may stand in a file that is valid by the schema.

use super::Members;
use serde_json::Value;

/// Puts what was kept into an object, but for what is said there already or may not stand there.
pub(super) fn put(to: &mut Members, kept: Option<&Value>, fits: fn(&str, &Value) -> bool) {
    let Some(Value::Object(kept)) = kept else { return };
    put_all(to, kept, fits);
}

/// [`put`] for members.
pub(super) fn put_all(to: &mut Members, kept: &Members, fits: fn(&str, &Value) -> bool) {
    for (name, value) in kept {
        if !to.contains_key(name) && fits(name, value) {
            to.insert(name.clone(), value.clone());
        }
    }
}

/// A description: a text, with what was said about its form.
pub(super) fn described(text: &str, form: Option<&Value>) -> Value {
    match form {
        Some(Value::Object(form)) => {
            let mut described = Members::new();
            described.insert("content".into(), text.into());
            put_all(&mut described, form, |name, value| name != "type" || value.is_string());
            Value::Object(described)
        }
        _ => text.into(),
    }
}

/// A description that may have a form only.
pub(super) fn is_description(value: &Value) -> bool {
    match value {
        Value::Object(form) => {
            form.iter().all(|(name, value)| !matches!(name.as_str(), "content" | "type") || value.is_string())
        }
        value => value.is_string() || value.is_null(),
    }
}

/// At the top of a collection.
pub(super) fn collection(name: &str, _: &Value) -> bool {
    !matches!(name, "info" | "item" | "event" | "variable" | "auth" | "protocolProfileBehavior")
}

/// In `info`.
pub(super) fn info(name: &str, value: &Value) -> bool {
    match name {
        "name" | "schema" => false,
        "description" => is_description(value),
        "_postman_id" => value.is_string(),
        "version" => match value {
            Value::Object(version) => {
                let number = |name: &str| version.get(name).is_some_and(Value::is_u64);
                let identifier =
                    version.get("identifier").is_none_or(|v| v.as_str().is_some_and(|v| v.chars().count() <= 10));
                ["major", "minor", "patch"].into_iter().all(number) && identifier
            }
            value => value.is_string(),
        },
        _ => true,
    }
}

/// In a folder.
pub(super) fn folder(name: &str, value: &Value) -> bool {
    match name {
        "name" | "item" | "request" | "event" | "variable" | "auth" | "protocolProfileBehavior" | "response" => false,
        "description" => is_description(value),
        "id" => value.is_string(),
        _ => true,
    }
}

/// In an item.
pub(super) fn item(name: &str, value: &Value) -> bool {
    match name {
        "name" | "item" | "request" | "response" | "event" | "variable" | "auth" | "protocolProfileBehavior" => false,
        "description" => is_description(value),
        "id" => value.is_string(),
        _ => true,
    }
}

/// In a request.
pub(super) fn request(name: &str, value: &Value) -> bool {
    match name {
        "method" | "url" | "header" | "body" | "auth" => false,
        "description" => is_description(value),
        "proxy" => value.as_object().is_some_and(|proxy| {
            proxy.iter().all(|(name, value)| match name.as_str() {
                "match" | "host" => value.is_string(),
                "port" => value.is_u64(),
                "tunnel" | "disabled" => value.is_boolean(),
                _ => true,
            })
        }),
        "certificate" => value.as_object().is_some_and(|certificate| {
            certificate.iter().all(|(name, value)| match name.as_str() {
                "name" | "passphrase" => value.is_string(),
                "matches" => value.as_array().is_some_and(|matches| matches.iter().all(Value::is_string)),
                "key" | "cert" => value.is_object(),
                _ => true,
            })
        }),
        _ => true,
    }
}

/// In a URL.
pub(super) fn url(name: &str, value: &Value) -> bool {
    match name {
        "raw" | "protocol" | "host" | "path" | "port" | "query" | "hash" | "variable" => false,
        "auth" => value.is_null(),
        _ => true,
    }
}

/// In a header field, a parameter, a part of a form.
pub(super) fn field(name: &str, value: &Value) -> bool {
    match name {
        "key" | "value" | "disabled" | "src" | "contentType" | "fileName" => false,
        "description" => is_description(value),
        "type" | "id" | "name" => value.is_string(),
        "system" => value.is_boolean(),
        _ => true,
    }
}

/// In a variable of a path.
pub(super) fn path_variable(name: &str, value: &Value) -> bool {
    match name {
        "type" => matches!(value.as_str(), Some("string" | "boolean" | "any" | "number")),
        _ => field(name, value),
    }
}

/// In a part of a form: what kind it is of is said by what it has.
pub(super) fn part(name: &str, value: &Value) -> bool {
    name != "type" && field(name, value)
}

/// In a variable.
pub(super) fn variable(name: &str, value: &Value) -> bool {
    name != "value" && path_variable(name, value)
}

/// In a body, beside the mode it has.
pub(super) fn body(name: &str, value: &Value) -> bool {
    let objects = |fits: fn(&Members) -> bool| {
        value.as_array().is_some_and(|list| list.iter().all(|element| element.as_object().is_some_and(fits)))
    };
    match name {
        "mode" | "disabled" => false,
        "raw" => value.is_string(),
        "graphql" | "options" => value.is_object(),
        "urlencoded" => objects(|field| has_texts(field, &["value"])),
        "formdata" => objects(|part| {
            let src = |src: &Value| src.is_string() || src.is_array() || src.is_null();
            has_texts(part, &["contentType"])
                && match part.get("type").map(Value::as_str) {
                    None => has_texts(part, &["value"]),
                    Some(Some("text")) => has_texts(part, &["value"]),
                    Some(Some("file")) => part.get("src").is_none_or(src),
                    Some(_) => false,
                }
        }),
        "file" => value.as_object().is_some_and(|file| {
            file.get("src").is_none_or(|src| src.is_string() || src.is_null())
                && file.get("content").is_none_or(Value::is_string)
        }),
        _ => true,
    }
}

/// Whether an entry of a form has a name, and texts where it has them.
fn has_texts(entry: &Members, texts: &[&str]) -> bool {
    entry.get("key").is_some_and(Value::is_string)
        && texts.iter().all(|name| entry.get(*name).is_none_or(Value::is_string))
        && entry.get("disabled").is_none_or(Value::is_boolean)
        && entry.get("description").is_none_or(is_description)
}

/// In an example.
pub(super) fn example(name: &str, value: &Value) -> bool {
    match name {
        "name" | "originalRequest" | "header" | "body" | "status" | "code" | "responseTime" => false,
        "id" => value.is_string(),
        "timings" => value.is_object() || value.is_null(),
        "cookie" => value.as_array().is_some_and(|cookies| cookies.iter().all(is_cookie)),
        _ => true,
    }
}

fn is_cookie(cookie: &Value) -> bool {
    let Some(cookie) = cookie.as_object() else { return false };
    ["domain", "path"].iter().all(|name| cookie.contains_key(*name))
        && cookie.iter().all(|(name, value)| match name.as_str() {
            "domain" | "path" | "name" | "value" | "maxAge" => value.is_string(),
            "expires" => value.is_string() || value.is_null(),
            "hostOnly" | "httpOnly" | "secure" | "session" => value.is_boolean(),
            "extensions" => value.is_array(),
            _ => true,
        })
}

/// Whether a script may stand there as it is.
pub(super) fn script(script: &Value) -> bool {
    let Some(event) = script.as_object() else { return false };
    let text = |from: &Members, name: &str| from.get(name).is_none_or(Value::is_string);
    let lines =
        |exec: &Value| exec.is_string() || exec.as_array().is_some_and(|lines| lines.iter().all(Value::is_string));
    event.get("listen").is_some_and(Value::is_string)
        && text(event, "id")
        && event.get("disabled").is_none_or(Value::is_boolean)
        && event.get("script").is_none_or(|script| {
            script.as_object().is_some_and(|script| {
                ["id", "type", "name"].into_iter().all(|name| text(script, name))
                    && script.get("exec").is_none_or(lines)
                    && script.get("src").is_none_or(Value::is_string)
            })
        })
}
