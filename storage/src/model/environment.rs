//! Sets of variables.

use serde::{Deserialize, Serialize};

words! {
    /// How a value is treated.
    VariableType {
        /// It is shown.
        Default = "default",
        /// It is masked, and exported empty.
        Secret = "secret",
    }
}

/// A name for a text that requests use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub key: String,
    /// What stands for it.
    pub value: String,
    /// How the value is treated.
    #[serde(rename = "type")]
    pub kind: VariableType,
    /// Kept, but not used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A named set of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its number, never reused.
    pub id: i64,
    /// Its name, unique only by habit.
    pub name: String,
    /// Whether requests are sent with it; at most one is.
    pub active: bool,
    /// In order.
    pub variables: Vec<Variable>,
    /// When it was last changed, microseconds since the Unix epoch.
    pub changed_us: i64,
}

/// A variable as somebody sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVariable {
    /// Its name.
    pub key: String,
    /// What stands for it. `None` keeps what stood for this name before; nothing did if it is new.
    pub value: Option<String>,
    /// How the value is treated.
    pub kind: VariableType,
    /// Kept, but not used.
    pub disabled: bool,
    /// A note.
    pub description: Option<String>,
}

impl NewVariable {
    /// What it becomes, where `before` is what there was. Of two variables of one name, the first keeps the value of the
    /// first.
    pub(crate) fn all_over(new: &[Self], before: &[Variable]) -> Vec<Variable> {
        let mut left: Vec<&Variable> = before.iter().collect();
        let mut over = |new: &Self| {
            let found = left.iter().position(|old| old.key == new.key).map(|at| left.remove(at));
            let kept = || found.map(|old| old.value.clone()).unwrap_or_default();
            Variable {
                key: new.key.clone(),
                value: new.value.clone().unwrap_or_else(kept),
                kind: new.kind,
                disabled: new.disabled,
                description: new.description.clone(),
            }
        };
        new.iter().map(&mut over).collect()
    }
}

impl From<Variable> for NewVariable {
    fn from(variable: Variable) -> Self {
        let Variable { key, value, kind, disabled, description } = variable;
        Self { key, value: Some(value), kind, disabled, description }
    }
}
