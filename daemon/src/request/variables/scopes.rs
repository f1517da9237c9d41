//! Where the values of variables come from.

use serde::Serialize;
use std::collections::HashMap;

/// Where a value comes from, the narrowest first: the first that has a value for a name decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Said with this one request.
    Local,
    /// A row of a data file.
    Data,
    /// The active environment.
    Environment,
    /// The collection around the request.
    Collection,
    /// What holds everywhere.
    Global,
    /// Made when it is asked for.
    Dynamic,
}

/// A variable with a value.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value, which may hold variables.
    pub value: String,
    /// Whether the value is not to be shown or logged.
    pub secret: bool,
}

/// All values there are for a request. Variables that are disabled are not among them.
#[derive(Clone, Default)]
pub struct Scopes {
    /// By scope, the narrowest first.
    scopes: [HashMap<String, Variable>; Scope::Dynamic as usize],
}

impl Scopes {
    /// Gives a variable a value; a later one for the same name in the same scope replaces an earlier one. Values of
    /// [`Scope::Dynamic`] are made, not given.
    pub fn set(&mut self, scope: Scope, name: impl Into<String>, value: impl Into<String>, secret: bool) {
        if let Some(variables) = self.scopes.get_mut(scope as usize) {
            variables.insert(name.into(), Variable { value: value.into(), secret });
        }
    }

    /// The variable of a name, in the narrowest scope that has it. A name may have spaces around it, unless one is kept
    /// with them.
    pub fn find(&self, name: &str) -> Option<(Scope, &Variable)> {
        const ORDER: [Scope; 5] = [Scope::Local, Scope::Data, Scope::Environment, Scope::Collection, Scope::Global];
        let find = |name: &str| ORDER.into_iter().zip(&self.scopes).find_map(|(scope, s)| Some((scope, s.get(name)?)));
        find(name).or_else(|| find(name.trim()))
    }
}
