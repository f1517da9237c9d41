//! Captured text that would be taken for variables, such as `{{user}}`: a variable of the collection holds it.

use crate::collection::Variable;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// How the names of such variables begin.
const PREFIX: &str = "waylay-literal-";
/// How such a variable is marked.
const MARK: (&str, &str) = ("_waylay", "literal");

/// Texts and the variables that hold them.
#[derive(Default)]
pub(super) struct Literals {
    names: BTreeMap<String, String>,
    in_order: Vec<String>,
    before: usize,
}

impl Literals {
    /// None yet, in a collection with these variables.
    pub(super) fn beside(variables: &[Variable]) -> Self {
        let number = |v: &Variable| v.key.strip_prefix(PREFIX)?.parse::<usize>().ok();
        let before = variables.iter().filter_map(number).max().unwrap_or_default().min(1 << 30);
        Self { before, ..Self::default() }
    }

    /// A text that stands for this one.
    pub(super) fn reference(&mut self, text: &str) -> String {
        let next = self.before + self.in_order.len() + 1;
        let name = self.names.entry(text.to_owned()).or_insert_with(|| {
            self.in_order.push(text.to_owned());
            format!("{PREFIX}{next}")
        });
        format!("{{{{{name}}}}}")
    }

    /// The variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = Value> {
        self.in_order
            .iter()
            .map(|text| serde_json::json!({"key": self.names[text], "value": text, "type": "string", MARK.0: MARK.1}))
    }

    /// The texts by the names of their variables.
    pub(super) fn by_name(&self) -> HashMap<String, String> {
        self.names.iter().map(|(text, name)| (name.clone(), text.clone())).collect()
    }
}

/// Takes such variables out of a list of variables, and answers them by their names.
pub(in super::super) fn taken(variables: &mut Vec<Value>) -> HashMap<String, String> {
    let mut taken = HashMap::new();
    variables.retain(|variable| {
        let text = |name: &str| variable.get(name).and_then(Value::as_str);
        if text(MARK.0) != Some(MARK.1) {
            return true;
        }
        let (Some(key), Some(value)) = (text("key"), text("value")) else { return true };
        taken.insert(key.to_owned(), value.to_owned());
        false
    });
    taken
}

/// The name in a text that is a reference and nothing else.
pub(in super::super) fn name(text: &str) -> Option<&str> {
    text.strip_prefix("{{")?.strip_suffix("}}").filter(|name| name.starts_with(PREFIX))
}
