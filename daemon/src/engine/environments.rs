//! Environments and globals: what they can hold, and taking them over from files.

use crate::formats::postman_environment::PostmanEnvironment;
use waylay_storage::{
    Store, StoreError,
    model::{Environment, NewVariable, Variable},
};

/// Longest name of an environment, bytes.
const NAME: usize = 200;
/// Most variables of one environment.
const MOST: usize = 10_000;
/// Longest name of a variable, bytes.
const KEY: usize = 1000;
/// Longest value and longest note of a variable, bytes.
const VALUE: usize = 1 << 20;

/// Why an environment cannot be as it is given: a sentence that names the limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

/// Why nothing was taken over.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// What is in the file cannot be kept.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The store could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was taken over.
#[derive(Clone, Debug)]
pub enum Taken {
    /// A new environment.
    Environment(Environment),
    /// The globals, as they are now.
    Globals(Environment),
}

/// Holds a name to its limits.
///
/// # Errors
/// [`Unfit`].
pub fn check_name(name: &str) -> Result<(), Unfit> {
    if name.trim().is_empty() {
        return Err(Unfit("the name is empty".to_owned()));
    }
    within("name", name, NAME)
}

/// Holds variables to their limits.
///
/// # Errors
/// [`Unfit`].
pub fn check(variables: &[NewVariable]) -> Result<(), Unfit> {
    if variables.len() > MOST {
        return Err(Unfit(format!("there are {} variables; {MOST} are allowed", variables.len())));
    }
    variables.iter().try_for_each(|variable| {
        within("name of a variable", &variable.key, KEY)?;
        within("value of a variable", variable.value.as_deref().unwrap_or_default(), VALUE)?;
        within("description of a variable", variable.description.as_deref().unwrap_or_default(), VALUE)
    })
}

fn within(what: &str, text: &str, most: usize) -> Result<(), Unfit> {
    if text.len() <= most {
        return Ok(());
    }
    Err(Unfit(format!("the {what} has {} bytes; {most} are allowed", text.len())))
}

/// Keeps what a file holds: an environment is a new one, called `name` if it has no name of its own; globals are added to
/// those there are, over those of the same name.
///
/// # Errors
/// [`TakeError`]; then nothing has changed.
pub fn take(store: &Store, file: PostmanEnvironment, name: &str) -> Result<Taken, TakeError> {
    let given: Vec<NewVariable> = file.variables.into_iter().map(NewVariable::from).collect();
    if file.globals {
        let before = store.reader()?.globals()?.variables;
        let kept = before.into_iter().filter(|old| !given.iter().any(|new| new.key == old.key));
        let all: Vec<NewVariable> = kept.map(|old: Variable| NewVariable { value: None, ..old.into() }).collect();
        let all = [all, given].concat();
        check(&all)?;
        return Ok(Taken::Globals(store.set_globals(all)?));
    }
    let name = if file.name.is_empty() { name } else { &file.name };
    check_name(name)?;
    check(&given)?;
    Ok(Taken::Environment(store.add_environment(name, given)?))
}
