//! A GraphQL operation as JSON.

use super::{Problem, bad};
use serde::de::IgnoredAny;

/// The members in the order of Postman; what is empty is left out. The variables stand in it as they are written, so that
/// their numbers keep all digits.
pub(super) fn json(query: &str, variables: &str, operation_name: &str) -> Result<String, Problem> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut json = format!("{{\"query\":{}", quoted(query));
    if !operation_name.is_empty() {
        json.push_str(&format!(",\"operationName\":{}", quoted(operation_name)));
    }
    let variables = variables.trim();
    if !variables.is_empty() {
        check(variables)?;
        json.push_str(",\"variables\":");
        json.push_str(variables);
    }
    json.push('}');
    Ok(json)
}

fn check(variables: &str) -> Result<(), Problem> {
    let hint = "Write them as {\"name\": value}, or leave them empty.";
    if let Err(e) = serde_json::from_str::<IgnoredAny>(variables) {
        return Err(bad(format!("The GraphQL variables are no JSON: {e}."), hint));
    }
    if !variables.starts_with('{') {
        return Err(bad("The GraphQL variables are no JSON object.".into(), hint));
    }
    Ok(())
}
