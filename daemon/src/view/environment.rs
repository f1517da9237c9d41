//! Environments as people and programs see them: what is secret is masked unless it is asked for.

use crate::engine::environments::Taken;
use serde::{Deserialize, Serialize};
use waylay_storage::model;

/// An environment in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnvironmentSummary {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether requests are sent with it.
    pub active: bool,
    /// How many variables it has.
    pub variables: usize,
    /// When it was last changed, microseconds since the Unix epoch.
    pub changed_us: i64,
}

/// An environment with its variables.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Environment {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether requests are sent with it.
    pub active: bool,
    /// When it was last changed, microseconds since the Unix epoch.
    pub changed_us: i64,
    /// In order.
    pub variables: Vec<Variable>,
}

/// The globals.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Globals {
    /// In order.
    pub variables: Vec<Variable>,
}

/// What came of importing a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Imported {
    /// A new environment.
    Environment {
        /// It.
        #[serde(flatten)]
        environment: Environment,
        /// What was not taken over, or not as it stands.
        notes: Vec<String>,
    },
    /// Globals, added to those there were.
    Globals {
        /// As they are now.
        #[serde(flatten)]
        globals: Globals,
        /// What was not taken over, or not as it stands.
        notes: Vec<String>,
    },
}

/// A variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub key: String,
    /// What stands for it; not told if it is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How the value is treated.
    #[serde(rename = "type")]
    pub kind: model::VariableType,
    /// Kept, but not used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the value is left out because it is secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
}

impl From<&model::Environment> for EnvironmentSummary {
    fn from(environment: &model::Environment) -> Self {
        let model::Environment { id, name, active, variables, changed_us } = environment;
        Self { id: *id, name: name.clone(), active: *active, variables: variables.len(), changed_us: *changed_us }
    }
}

impl Environment {
    /// With its secrets, or without.
    pub fn new(environment: model::Environment, secrets: bool) -> Self {
        let model::Environment { id, name, active, variables, changed_us } = environment;
        Self { id, name, active, changed_us, variables: seen(variables, secrets) }
    }
}

impl Imported {
    /// Without secrets.
    pub fn new(taken: Taken, notes: Vec<String>) -> Self {
        match taken {
            Taken::Environment(made) => Self::Environment { environment: Environment::new(made, false), notes },
            Taken::Globals(globals) => Self::Globals { globals: Globals::new(globals, false), notes },
        }
    }
}

impl Globals {
    /// With their secrets, or without.
    pub fn new(globals: model::Environment, secrets: bool) -> Self {
        Self { variables: seen(globals.variables, secrets) }
    }
}

fn seen(variables: Vec<model::Variable>, secrets: bool) -> Vec<Variable> {
    let seen = |variable: model::Variable| {
        let model::Variable { key, value, kind, disabled, description } = variable;
        let masked = kind == model::VariableType::Secret && !secrets;
        Variable { key, value: (!masked).then_some(value), kind, disabled, description, masked }
    };
    variables.into_iter().map(seen).collect()
}
