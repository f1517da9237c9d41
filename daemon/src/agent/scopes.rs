//! Where the values of variables come from, and what becomes of a request with them.

use super::{Choice, Guest, Order, SendError, console::Used, cookies::Cookies};
use crate::request::{
    Draft, Settings,
    url::encode,
    variables::{self, Dynamic, Scope, Scopes, Unresolved, dynamic::SystemRandom},
};
use jiff::Zoned;
use std::sync::Arc;
use waylay_storage::{
    Store, StoreError,
    model::{Environment, Variable, VariableType},
};

/// An order without variables.
pub(super) struct Resolved {
    /// With the values in it.
    pub draft: Draft,
    /// Those of the request over those of all.
    pub settings: Settings,
    /// The name of the environment.
    pub environment: Option<String>,
    /// What was used.
    pub used: Vec<Used>,
    /// What has no value.
    pub unresolved: Vec<Unresolved>,
    /// Why nothing could be resolved.
    pub problem: Option<SendError>,
    /// What is not to be shown.
    pub masks: Masks,
    /// Where its cookies come from.
    pub cookies: Cookies,
    /// Where its hops may lead.
    pub within: Within,
}

/// Where the hops of a send may lead.
#[derive(Clone, Debug, Default)]
pub(super) enum Within {
    /// Wherever the user could.
    #[default]
    Everything,
    /// By https alone, to addresses that anybody could reach.
    Public,
    /// Where a page may.
    Rights(Arc<Guest>),
}

impl Within {
    /// The page for which is sent, if it is for one.
    pub(super) fn guest(&self) -> Option<&Arc<Guest>> {
        match self {
            Self::Rights(guest) => Some(guest),
            _ => None,
        }
    }
}

/// Values that are secret.
#[derive(Clone, Default)]
pub(super) struct Masks(Vec<String>);

/// What is shown in place of a secret.
const DOTS: &str = "••••••••";

impl Masks {
    /// Of these values, as they are and as they stand in a URL.
    fn of<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Vec::new();
        for secret in secrets.filter(|secret| !secret.is_empty()) {
            all.push(secret.to_owned());
            for set in [encode::PATH, encode::QUERY, encode::VALUE] {
                all.push(encode::encoded(secret, set).into_owned());
            }
        }
        // The longest first: one may stand in another.
        all.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self(all)
    }

    /// The text with dots where a secret stands.
    pub(super) fn hide(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| if text.contains(secret) { text.replace(secret, DOTS) } else { text })
    }
}

/// Gives an order the values of its variables. May block.
pub(super) fn resolve(store: &Store, order: &Order, general: Settings) -> Result<Resolved, StoreError> {
    let reader = store.reader()?;
    let mut problem = order.guest.as_ref().and_then(|guest| guest.problem(&order.draft));
    let environment: Option<Environment> = match order.environment {
        _ if order.guest.is_some() => None,
        Choice::Active => reader.active_environment()?,
        Choice::None => None,
        Choice::Number(id) => {
            let found = reader.environment(id)?;
            if found.is_none() {
                let message = format!("There is no environment {id}.");
                let hint = "choose another; `waylay environment list` shows them";
                problem = Some(SendError::new("variables", "no environment", message, hint));
            }
            found
        }
    };
    let mut scopes = Scopes::default();
    if order.guest.is_none() {
        add(&mut scopes, Scope::Global, &reader.globals()?.variables);
    }
    add(&mut scopes, Scope::Environment, environment.as_ref().map_or(&[], |e| &e.variables));
    for variable in &order.around.variables {
        scopes.set(Scope::Collection, &variable.key, &variable.value, variable.secret);
    }
    for (scope, variables) in [(Scope::Data, &order.data), (Scope::Local, &order.variables)] {
        for (name, value) in variables {
            scopes.set(scope, name, value, false);
        }
    }
    let draft = order.around.apply(order.draft.clone());
    let draft = Draft { settings: draft.settings.clone().over(general), ..draft };
    let found = if order.guest.as_ref().is_some_and(|guest| guest.brought.literal) {
        variables::Resolved { draft, used: Vec::new(), unresolved: Vec::new() }
    } else {
        variables::resolve_draft(&draft, &scopes, &mut Dynamic::new(Zoned::now(), SystemRandom::default()))
    };
    let masks = Masks::of(found.used.iter().filter(|used| used.secret).map(|used| used.value.as_str()));
    let shown = |used: variables::Used| Used {
        value: if used.secret { DOTS.to_owned() } else { masks.hide(used.value) },
        name: used.name,
        scope: used.scope,
        secret: used.secret,
    };
    let problem = problem.or_else(|| variables::problem(&found.unresolved).map(SendError::from));
    Ok(Resolved {
        settings: found.draft.settings.clone(),
        environment: environment.map(|e| e.name),
        used: found.used.into_iter().map(shown).collect(),
        draft: found.draft,
        unresolved: found.unresolved,
        problem,
        masks,
        cookies: Cookies::None,
        within: order.guest.clone().map_or(Within::Everything, Within::Rights),
    })
}

fn add(scopes: &mut Scopes, scope: Scope, variables: &[Variable]) {
    for variable in variables.iter().filter(|variable| !variable.disabled) {
        scopes.set(scope, &variable.key, &variable.value, variable.kind == VariableType::Secret);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_as_they_are_and_as_urls_have_them() {
        let masks = Masks::of(["a b", "a b&c", ""].into_iter());
        for text in ["x=a b", "x=a%20b", "x=a%20b%26c", "x=a b&c"] {
            assert_eq!(masks.hide(text.to_owned()), format!("x={DOTS}"), "{text}");
        }
        assert_eq!(masks.hide("nothing".to_owned()), "nothing");
    }
}
