//! A request as an item of version 2, with its responses.

use super::{common, elements};
use crate::{
    formats::postman::{read::members::Members, write::url::url as write_url},
    request::Draft,
};
use serde_json::{Map, Value, json};

/// A request as an item.
pub(super) fn item(mut from: Members) -> Value {
    let mut request = Map::new();
    request.insert("method".into(), from.get("method").filter(|m| m.is_string()).cloned().unwrap_or("GET".into()));
    request.insert("url".into(), url(&from));
    request.insert("header".into(), header(&from));
    if let Some(body) = body(&from) {
        request.insert("body".into(), body);
    }
    if let Some(auth) = auth(&from) {
        request.insert("auth".into(), auth);
    }
    if let Some(description) = from.get("description").filter(|text| text.is_string()) {
        request.insert("description".into(), description.clone());
    }
    let mut to = Map::new();
    to.insert("name".into(), from.get("name").cloned().unwrap_or_default());
    if let Some(id) = from.get("id").filter(|id| id.is_string()) {
        to.insert("id".into(), id.clone());
    }
    let responses: Vec<_> = elements(&mut from, "responses").into_iter().map(response).collect();
    from.shift_remove("auth");
    common(&mut from, &mut to);
    to.insert("request".into(), Value::Object(request));
    to.insert("response".into(), Value::Array(responses));
    Value::Object(to)
}

/// The URL; the list of parameters counts only for what is not sent, and the values for the path have lists of two ages.
fn url(from: &Members) -> Value {
    let text = from.get("url").and_then(Value::as_str).unwrap_or_default();
    let mut variables: Vec<_> = match from.get("pathVariableData") {
        Some(Value::Array(data)) => data.clone(),
        _ => Vec::new(),
    };
    if let (true, Some(Value::Object(pairs))) = (variables.is_empty(), from.get("pathVariables")) {
        variables.extend(pairs.iter().map(|(key, value)| json!({"key": key, "value": value})));
    }
    let off = |param: &Value| param.get("enabled").is_some_and(|on| on == false);
    let listed = from.get("queryParams").and_then(Value::as_array).filter(|list| list.iter().any(off));
    let mut url = write_url(&Draft { url: text.into(), ..Draft::default() });
    if let Value::Object(parts) = &mut url {
        if !variables.is_empty() {
            parts.insert("variable".into(), variables.into());
        }
        if let Some(list) = listed {
            parts.insert("query".into(), Value::Array(list.clone()));
        }
    }
    url
}

/// The fields: the list says what is not sent, else the text says all.
fn header(from: &Members) -> Value {
    match from.get("headerData") {
        Some(Value::Array(data)) if !data.is_empty() => Value::Array(data.clone()),
        _ => from.get("headers").filter(|lines| lines.is_string()).cloned().unwrap_or_default(),
    }
}

fn body(from: &Members) -> Option<Value> {
    let data = || from.get("data").filter(|data| !data.is_null()).cloned();
    let raw = || match from.get("rawModeData") {
        Some(Value::String(text)) => Some(Value::String(text.clone())),
        Some(Value::Array(lines)) => lines.first().filter(|line| line.is_string()).cloned(),
        _ => data().filter(Value::is_string),
    };
    let mut body = match from.get("dataMode").and_then(Value::as_str)? {
        "raw" => json!({"mode": "raw", "raw": raw()?}),
        "urlencoded" => json!({"mode": "urlencoded", "urlencoded": data()?}),
        "params" => {
            let parts = data().filter(|data| data.as_array().is_some_and(|parts| !parts.is_empty()))?;
            json!({"mode": "formdata", "formdata": files(parts)})
        }
        "binary" => json!({"mode": "file", "file": {"src": raw().filter(|src| src.as_str() != Some(""))?}}),
        "graphql" => json!({"mode": "graphql", "graphql": from.get("graphqlModeData").cloned().unwrap_or_default()}),
        _ => return None,
    };
    if let Some(options) = from.get("dataOptions").filter(|options| options.is_object()) {
        body["options"] = options.clone();
    }
    if from.get("dataDisabled") == Some(&Value::Bool(true)) {
        body["disabled"] = true.into();
    }
    Some(body)
}

/// In version 1 the value of a part that is a file is its name.
fn files(mut parts: Value) -> Value {
    for part in parts.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if part.get("type").is_some_and(|kind| kind == "file")
            && let Some(name) = part.shift_remove("value").filter(|name| !name.is_null())
        {
            part.insert("src".into(), name);
        }
    }
    parts
}

fn auth(from: &Members) -> Option<Value> {
    if let Some(auth) = from.get("auth").filter(|auth| auth.is_object()) {
        return Some(auth.clone());
    }
    let (kind, attributes) = (from.get("currentHelper")?.as_str()?, from.get("helperAttributes").cloned());
    let attributes = attributes.filter(Value::is_object).unwrap_or_else(|| json!({}));
    let kind = match kind {
        "normal" | "" => return None,
        "basicAuth" => "basic",
        "digestAuth" => "digest",
        "bearerAuth" => "bearer",
        "apikeyAuth" => "apikey",
        "oAuth1" => "oauth1",
        "oAuth2" => "oauth2",
        "awsSigV4" => "awsv4",
        "hawkAuth" => "hawk",
        "ntlmAuth" => "ntlm",
        "edgegridAuth" => "edgegrid",
        other => other.strip_suffix("Auth").unwrap_or(other),
    };
    Some(json!({"type": kind, kind: attributes}))
}

fn response(from: Value) -> Value {
    let Value::Object(mut from) = from else { return Value::Null };
    let mut to = Map::new();
    let code = from.get("responseCode").cloned().unwrap_or_default();
    to.insert("name".into(), from.get("name").cloned().unwrap_or_default());
    to.insert(
        "status".into(),
        code.get("name").or(from.get("status")).filter(|s| s.is_string()).cloned().unwrap_or_default(),
    );
    to.insert("code".into(), code.get("code").cloned().unwrap_or_default());
    to.insert("header".into(), from.shift_remove("headers").unwrap_or_default());
    to.insert("body".into(), from.shift_remove("text").unwrap_or_default());
    if let Some(language) = from.get("language").filter(|language| language.is_string()) {
        to.insert("_postman_previewlanguage".into(), language.clone());
    }
    if let Some(time) = from.get("time").filter(|time| time.is_number() || time.is_string()) {
        to.insert("responseTime".into(), time.clone());
    }
    let request = from.shift_remove("requestObject").or_else(|| from.shift_remove("request"));
    let request = match request {
        Some(Value::String(text)) => serde_json::from_str(&text).ok(),
        other => other,
    };
    if let Some(Value::Object(request)) = request
        && let Value::Object(mut item) = item(request)
        && let Some(request) = item.shift_remove("request")
    {
        to.insert("originalRequest".into(), request);
    }
    Value::Object(to)
}
