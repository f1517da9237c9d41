//! `waylay environment new`, `set`, `unset`, `use`, `rename` and `rm`.

use super::{NewArgs, RenameArgs, SetArgs, UnsetArgs, UseArgs, find, reader, show::shown, value::assignment};
use crate::{
    cli::{
        Context, block_on,
        control::Control,
        output::{Format, notice},
        own::Hand,
        report::{Exit, Report},
    },
    engine::environments::{check, check_name},
    view::environment::{Environment, Globals},
};
use http::Method;
use serde_json::{Value, json};
use waylay_storage::{
    Reader, Store,
    model::{self, NewVariable, VariableType},
};

/// Whose variables.
enum Whose {
    Environment(model::Environment),
    Globals(model::Environment),
}

pub(super) fn new(context: &Context, args: &NewArgs) -> Result<Exit, Report> {
    let kind = if args.secret { VariableType::Secret } else { VariableType::Default };
    let read = |word: &String| {
        let (key, value) = assignment(word, args.literal, |name| std::env::var_os(name))?;
        Ok(NewVariable { key, value: Some(value), kind, disabled: false, description: None })
    };
    let variables = args.variables.iter().map(read).collect::<Result<Vec<_>, Report>>()?;
    check_name(&args.name)?;
    check(&variables)?;
    let hand = Hand::begin(context)?;
    let made: Environment = match &hand {
        Hand::Daemon(control) => {
            let body = json!({ "name": args.name, "variables": json(&variables) });
            block_on(async { Ok(control.post("/environments", &body).await?) })?
        }
        Hand::Own(store, _) => Environment::new(store.add_environment(&args.name, variables)?, false),
    };
    hand.give_back()?;
    match context.output.format {
        Format::Text => notice(format_args!("environment {} is \"{}\"", made.id, args.name)),
        _ => return shown(context, &made, &made.variables),
    }
    Ok(Exit::OK)
}

pub(super) fn set(context: &Context, args: &SetArgs) -> Result<Exit, Report> {
    let (whose, words) = whose(&reader(context)?, args.globals, &args.words, "KEY=VALUE")?;
    let read = |word: &String| assignment(word, args.literal, |name| std::env::var_os(name));
    let set = words.iter().map(read).collect::<Result<Vec<_>, Report>>()?;
    let kind = match (args.secret, args.public) {
        (true, _) => Some(VariableType::Secret),
        (_, true) => Some(VariableType::Default),
        _ => None,
    };
    let mut variables = kept(&whose);
    for (key, value) in set {
        if !variables.iter().any(|variable| variable.key == key) {
            let kind = VariableType::Default;
            variables.push(NewVariable { key: key.clone(), value: None, kind, disabled: false, description: None });
        }
        for variable in variables.iter_mut().filter(|variable| variable.key == key) {
            variable.value = Some(value.clone());
            variable.kind = kind.unwrap_or(variable.kind);
        }
    }
    change(context, &whose, whose.name(), variables)
}

pub(super) fn unset(context: &Context, args: &UnsetArgs) -> Result<Exit, Report> {
    let (whose, keys) = whose(&reader(context)?, args.globals, &args.words, "KEY")?;
    let mut variables = kept(&whose);
    for key in keys {
        let before = variables.len();
        variables.retain(|variable| variable.key != *key);
        if variables.len() == before {
            return Err(Report::new(Exit::NOT_FOUND, format!("there is no variable '{key}'"))
                .advise("`waylay environment show` shows those there are; nothing was changed."));
        }
    }
    change(context, &whose, whose.name(), variables)
}

pub(super) fn rename(context: &Context, args: &RenameArgs) -> Result<Exit, Report> {
    let whose = Whose::Environment(find(&reader(context)?, &args.name)?);
    let variables = kept(&whose);
    change(context, &whose, &args.new, variables)
}

pub(super) fn activate(context: &Context, args: &UseArgs) -> Result<Exit, Report> {
    let found = args.name.as_ref().map(|name| find(&reader(context)?, name)).transpose()?;
    let id = found.as_ref().map(|environment| environment.id);
    let hand = Hand::take(context)?;
    match &hand {
        Hand::Daemon(control) => done(control, Method::PUT, "/environments/active", Some(&json!({ "id": id })))?,
        Hand::Own(store, _) => store.use_environment(id)?,
    }
    hand.give_back()?;
    match (context.output.format, found) {
        (Format::Text, Some(used)) => notice(format_args!("requests are sent with \"{}\" from now on", used.name)),
        (Format::Text, None) => notice("requests are sent without an environment from now on"),
        _ => context.output.document(&json!({ "id": id }))?,
    }
    Ok(Exit::OK)
}

pub(super) fn rm(context: &Context, name: &str) -> Result<Exit, Report> {
    let found = find(&reader(context)?, name)?;
    let hand = Hand::take(context)?;
    match &hand {
        Hand::Daemon(control) => done(control, Method::DELETE, &format!("/environments/{}", found.id), None)?,
        Hand::Own(store, _) => store.remove_environment(found.id)?,
    }
    hand.give_back()?;
    match context.output.format {
        Format::Text => notice(format_args!("environment {} \"{}\" is gone", found.id, found.name)),
        _ => context.output.document(&json!({ "removed": found.id }))?,
    }
    Ok(Exit::OK)
}

/// Takes the environment off the words, unless the globals are meant.
fn whose<'a>(reader: &Reader, globals: bool, words: &'a [String], rest: &str) -> Result<(Whose, &'a [String]), Report> {
    if globals {
        return Ok((Whose::Globals(reader.globals()?), words));
    }
    let (name, words) = words.split_first().unzip();
    let (name, words) = (name.map_or("", String::as_str), words.unwrap_or_default());
    let whose = Whose::Environment(find(reader, name)?);
    if words.is_empty() {
        let report = Report::new(Exit::USAGE, "no variable is named");
        return Err(report.advise(format!("Write {rest} behind the environment.")));
    }
    Ok((whose, words))
}

/// The variables as they are; those that are not changed are not told, so that nobody else's change is undone.
fn kept(whose: &Whose) -> Vec<NewVariable> {
    let (Whose::Environment(environment) | Whose::Globals(environment)) = whose;
    let kept = |variable: &model::Variable| NewVariable { value: None, ..variable.clone().into() };
    environment.variables.iter().map(kept).collect()
}

fn change(context: &Context, whose: &Whose, name: &str, variables: Vec<NewVariable>) -> Result<Exit, Report> {
    if let Whose::Environment(_) = whose {
        check_name(name)?;
    }
    check(&variables)?;
    let hand = Hand::take(context)?;
    let changed = match (&hand, whose) {
        (Hand::Daemon(control), whose) => by_daemon(control, whose, name, &variables)?,
        (Hand::Own(store, _), whose) => by_hand(store, whose, name, variables)?,
    };
    hand.give_back()?;
    let variables = match &changed {
        Changed::Environment(environment) => &environment.variables,
        Changed::Globals(globals) => &globals.variables,
    };
    shown(context, &changed, variables)
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Changed {
    Environment(Environment),
    Globals(Globals),
}

fn by_daemon(control: &Control, whose: &Whose, name: &str, variables: &[NewVariable]) -> Result<Changed, Report> {
    let variables = json(variables);
    block_on(async {
        Ok(match whose {
            Whose::Environment(environment) => {
                let (path, body) =
                    (format!("/environments/{}", environment.id), json!({ "name": name, "variables": variables }));
                Changed::Environment(control.send(Method::PUT, &path, Some(&body)).await?)
            }
            Whose::Globals(_) => {
                let body = json!({ "variables": variables });
                Changed::Globals(control.send(Method::PUT, "/globals", Some(&body)).await?)
            }
        })
    })
}

fn by_hand(store: &Store, whose: &Whose, name: &str, variables: Vec<NewVariable>) -> Result<Changed, Report> {
    Ok(match whose {
        Whose::Environment(environment) => {
            Changed::Environment(Environment::new(store.change_environment(environment.id, name, variables)?, false))
        }
        Whose::Globals(_) => Changed::Globals(Globals::new(store.set_globals(variables)?, false)),
    })
}

fn done(control: &Control, method: Method, path: &str, body: Option<&Value>) -> Result<(), Report> {
    block_on(async { Ok(control.carry_out(method, path, body).await?) })
}

fn json(variables: &[NewVariable]) -> Vec<Value> {
    let one = |variable: &NewVariable| {
        let NewVariable { key, value, kind, disabled, description } = variable;
        json!({ "key": key, "value": value, "type": kind, "disabled": disabled, "description": description })
    };
    variables.iter().map(one).collect()
}

impl Whose {
    fn name(&self) -> &str {
        let (Self::Environment(environment) | Self::Globals(environment)) = self;
        &environment.name
    }
}
