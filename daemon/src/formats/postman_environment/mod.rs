//! Environments and globals of Postman, as it exports them and as they are written by hand.

#[cfg(test)]
mod tests;
pub(super) mod text;

use crate::request::headers::USER_AGENT;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use waylay_storage::model::{Variable, VariableType};

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostmanEnvironment {
    /// Its name; empty if it has none.
    pub name: String,
    /// Whether its variables hold everywhere, rather than in an environment.
    pub globals: bool,
    /// In order. Of two with one name the later counts.
    pub variables: Vec<Variable>,
    /// What was not taken over, or not as it stands, in sentences.
    pub notes: Vec<String>,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostmanError {
    /// It is in an encoding that is not known, or damaged.
    #[error("The file is no {encoding}: byte {offset} does not fit.")]
    NotText {
        /// What it should be in.
        encoding: &'static str,
        /// Which byte, from 0.
        offset: usize,
    },
    /// It is no JSON.
    #[error("The file is no JSON: {reason} (line {line}, column {column}).")]
    NotJson {
        /// What does not fit.
        reason: String,
        /// Where, from 1.
        line: usize,
        /// Where, bytes from 1.
        column: usize,
    },
    /// It is JSON of another kind.
    #[error("This is no Postman environment: {0}.")]
    NotEnvironment(String),
}

/// Reads a file: UTF-8 or UTF-16, environment or globals, of any age.
///
/// # Errors
/// If it is no such file.
pub fn read(bytes: &[u8]) -> Result<PostmanEnvironment, PostmanError> {
    let text = text::decoded(bytes)?;
    let mut file: Value = serde_json::from_str(&text).map_err(|e| {
        let reason = e.to_string();
        let reason = reason.rsplit_once(" at line").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
        PostmanError::NotJson { reason, line: e.line(), column: e.column() }
    })?;
    // As Postman's own API answers.
    if let Some(inner) = file.get_mut("environment").filter(|inner| inner.is_object()) {
        file = inner.take();
    }
    let not = |reason: &str| PostmanError::NotEnvironment(reason.into());
    let Value::Object(file) = file else { return Err(not("it should be an object with the member \"values\"")) };
    let values = match file.get("values") {
        Some(Value::Array(values)) => values,
        Some(_) => return Err(not("its member \"values\" should be an array")),
        None if file.contains_key("item") || file.contains_key("collection") => {
            return Err(not("it is a collection"));
        }
        None if file.contains_key("log") => return Err(not("it is a HAR file")),
        None => return Err(not("it has no member \"values\"")),
    };
    let mut notes = Vec::new();
    let mut variables = Vec::with_capacity(values.len());
    for (number, value) in values.iter().enumerate() {
        match value {
            Value::Object(members) => variables.extend(variable(number, members, &mut notes)),
            Value::Null => notes.push(format!("values[{number}] is null and was left out.")),
            _ => return Err(PostmanError::NotEnvironment(format!("values[{number}] should be an object"))),
        }
    }
    let globals = file.get("_postman_variable_scope").and_then(Value::as_str) == Some("globals");
    let name = file.get("name").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    Ok(PostmanEnvironment { name, globals, variables, notes })
}

fn variable(number: usize, members: &Map<String, Value>, notes: &mut Vec<String>) -> Option<Variable> {
    let is = |member: &str, value: bool| members.get(member).and_then(Value::as_bool) == Some(value);
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    let Some(key) = text("key").filter(|key| !key.is_empty()) else {
        notes.push(format!("values[{number}] has no key and was left out."));
        return None;
    };
    let value = match members.get("value") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(value)) => value.clone(),
        Some(value) => {
            if !value.is_number() && !value.is_boolean() {
                notes.push(format!("The value of {key:?} is no text and is kept as JSON."));
            }
            value.to_string()
        }
    };
    let secret = text("type") == Some("secret") || is("secret", true);
    let description = match members.get("description") {
        Some(Value::Object(description)) => description.get("content").and_then(Value::as_str),
        description => description.and_then(Value::as_str),
    };
    Some(Variable {
        key: key.into(),
        value,
        kind: if secret { VariableType::Secret } else { VariableType::Default },
        disabled: is("enabled", false) || is("disabled", true),
        description: description.filter(|text| !text.is_empty()).map(Into::into),
    })
}

/// Writes a file that Postman imports. Values of secrets are left empty.
pub fn write(name: &str, globals: bool, variables: &[Variable], at: Timestamp) -> String {
    let value = |variable: &Variable| {
        let secret = variable.kind == VariableType::Secret;
        let mut value = json!({
            "key": variable.key,
            "value": if secret { "" } else { &variable.value },
            "type": if secret { "secret" } else { "default" },
            "enabled": !variable.disabled,
        });
        if let Some(description) = &variable.description {
            value["description"] = description.as_str().into();
        }
        value
    };
    let file = json!({
        "name": name,
        "values": variables.iter().map(value).collect::<Vec<_>>(),
        "_postman_variable_scope": if globals { "globals" } else { "environment" },
        "_postman_exported_at": format!("{at:.3}"),
        "_postman_exported_using": USER_AGENT,
    });
    format!("{file:#}\n")
}
