//! A GraphQL operation as JSON.

use super::{Problem, bad};
use serde::{Deserialize, de::IgnoredAny};

/// The members in the order of Postman; what is empty is left out. The variables stand in it as they are written, so that
/// their numbers keep all digits.
pub(crate) fn json(query: &str, variables: &str, operation_name: &str) -> Result<String, Problem> {
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

/// Document, variables and name of the operation, if [`json`] makes this very text of them.
pub(crate) fn parse(text: &str) -> Option<(String, String, String)> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Operation {
        query: String,
        #[serde(default)]
        operation_name: String,
        variables: Option<IgnoredAny>,
    }
    let Operation { query, operation_name, variables } = serde_json::from_str(text).ok()?;
    let without = json(&query, "", &operation_name).ok()?;
    let variables = match variables {
        None => "",
        // They are the last member, as they are written.
        Some(_) => text.strip_prefix(without.strip_suffix('}')?)?.strip_prefix(",\"variables\":")?.strip_suffix('}')?,
    };
    (json(&query, variables, &operation_name).ok()? == text).then(|| (query, variables.to_owned(), operation_name))
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
