//! Environments and globals: sets of variables, of which the user makes, changes and removes.

use crate::{
    Changes, Reader, Store, StoreError,
    model::{Environment, NewVariable},
    reader::unknown,
    store::now_us,
};
use rusqlite::{Connection, Error, OptionalExtension, Row, Transaction, params};

const GLOBALS: &str = "globals";
const ENVIRONMENT: &str = "environment";

impl Store {
    /// Adds an environment, which is not active.
    pub fn add_environment(&self, name: &str, variables: Vec<NewVariable>) -> Result<Environment, StoreError> {
        let (name, now) = (name.to_owned(), now_us());
        self.change_environments(move |tx| insert(tx, ENVIRONMENT, &name, &variables, now))
    }

    /// Changes an environment, and gives it back as it is then. A variable without a value keeps the one it has.
    ///
    /// # Errors
    /// [`StoreError::NoEnvironment`].
    pub fn change_environment(
        &self,
        id: i64,
        name: &str,
        variables: Vec<NewVariable>,
    ) -> Result<Environment, StoreError> {
        let (name, now) = (name.to_owned(), now_us());
        let changed = self.change_environments(move |tx| {
            let Some(old) = find(tx, "id = ?1 AND kind = ?2", params![id, ENVIRONMENT])? else { return Ok(None) };
            update(tx, &old, &name, &variables, now).map(Some)
        })?;
        changed.ok_or(StoreError::NoEnvironment(id))
    }

    /// Removes an environment for good.
    ///
    /// # Errors
    /// [`StoreError::NoEnvironment`].
    pub fn remove_environment(&self, id: i64) -> Result<(), StoreError> {
        let removed = self.change_environments(move |tx| {
            tx.prepare_cached("DELETE FROM environment WHERE id = ?1 AND kind = ?2")?.execute(params![id, ENVIRONMENT])
        })?;
        if removed > 0 { Ok(()) } else { Err(StoreError::NoEnvironment(id)) }
    }

    /// Has requests sent with an environment from now on, or with none.
    ///
    /// # Errors
    /// [`StoreError::NoEnvironment`]; then all is as it was.
    pub fn use_environment(&self, id: Option<i64>) -> Result<(), StoreError> {
        let found = self.change_environments(move |tx| {
            let known = "SELECT EXISTS (SELECT 1 FROM environment WHERE id = ?1 AND kind = ?2)";
            if let Some(id) = id
                && !tx.query_row(known, params![id, ENVIRONMENT], |r| r.get::<_, bool>(0))?
            {
                return Ok(false);
            }
            tx.execute("UPDATE environment SET active = 0 WHERE active = 1", [])?;
            tx.execute("UPDATE environment SET active = 1 WHERE id = ?1", [id])?;
            Ok(true)
        })?;
        if found { Ok(()) } else { Err(StoreError::NoEnvironment(id.unwrap_or_default())) }
    }

    /// Changes the globals, and gives them back as they are then. A variable without a value keeps the one it has.
    pub fn set_globals(&self, variables: Vec<NewVariable>) -> Result<Environment, StoreError> {
        let now = now_us();
        self.change_environments(move |tx| match find(tx, "kind = ?1", params![GLOBALS])? {
            Some(old) => update(tx, &old, "", &variables, now),
            None => insert(tx, GLOBALS, "", &variables, now),
        })
    }

    fn change_environments<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.cleaner.within(work)?;
        self.told(&Changes { environments: true, ..Changes::default() });
        Ok(done)
    }
}

impl Reader {
    /// All environments by name, the globals apart.
    pub fn environments(&self) -> Result<Vec<Environment>, StoreError> {
        let sql = format!("{SELECT} WHERE kind = ?1 ORDER BY name COLLATE NOCASE, id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([ENVIRONMENT], environment)?;
        rows.map(|row| row.map_err(unreadable)).collect()
    }

    /// One environment.
    pub fn environment(&self, id: i64) -> Result<Option<Environment>, StoreError> {
        find(&self.db, "id = ?1 AND kind = ?2", params![id, ENVIRONMENT]).map_err(unreadable)
    }

    /// The environment that requests are sent with.
    pub fn active_environment(&self) -> Result<Option<Environment>, StoreError> {
        find(&self.db, "active = 1", params![]).map_err(unreadable)
    }

    /// The globals, which have no name. Number 0 if none were ever set.
    pub fn globals(&self) -> Result<Environment, StoreError> {
        let none = Environment { id: 0, name: String::new(), active: false, variables: Vec::new(), changed_us: 0 };
        Ok(find(&self.db, "kind = ?1", params![GLOBALS]).map_err(unreadable)?.unwrap_or(none))
    }
}

const SELECT: &str = "SELECT id, name, active, changed_us, variables FROM environment";

fn find(db: &Connection, which: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Option<Environment>, Error> {
    db.prepare_cached(&format!("{SELECT} WHERE {which}"))?.query_row(params, environment).optional()
}

fn environment(row: &Row<'_>) -> Result<Environment, Error> {
    let variables = serde_json::from_str(row.get_ref(4)?.as_str()?);
    Ok(Environment {
        id: row.get(0)?,
        name: row.get(1)?,
        active: row.get(2)?,
        changed_us: row.get(3)?,
        variables: variables.map_err(|e| Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, e.into()))?,
    })
}

/// The values may be secret: they are not told.
fn unreadable(error: Error) -> StoreError {
    match error {
        Error::FromSqlConversionFailure(..) => unknown("list of variables", "…"),
        other => other.into(),
    }
}

fn insert(
    tx: &Transaction<'_>,
    kind: &str,
    name: &str,
    variables: &[NewVariable],
    now_us: i64,
) -> Result<Environment, Error> {
    let none = Environment { id: 0, name: String::new(), active: false, variables: Vec::new(), changed_us: 0 };
    let new = changed(&none, name, variables, now_us);
    let sql = "INSERT INTO environment (kind, name, variables, changed_us) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute(params![kind, new.name, json(&new), now_us])?;
    Ok(Environment { id: tx.last_insert_rowid(), ..new })
}

fn update(
    tx: &Transaction<'_>,
    old: &Environment,
    name: &str,
    variables: &[NewVariable],
    now_us: i64,
) -> Result<Environment, Error> {
    let new = changed(old, name, variables, now_us);
    let sql = "UPDATE environment SET name = ?2, variables = ?3, changed_us = ?4 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![new.id, new.name, json(&new), now_us])?;
    Ok(new)
}

fn changed(old: &Environment, name: &str, variables: &[NewVariable], now_us: i64) -> Environment {
    let variables = NewVariable::all_over(variables, &old.variables);
    Environment { id: old.id, name: name.to_owned(), active: old.active, variables, changed_us: now_us }
}

fn json(environment: &Environment) -> String {
    // Texts and switches: this cannot fail.
    serde_json::to_string(&environment.variables).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::store,
        model::{Variable, VariableType},
    };

    fn variable(key: &str, value: Option<&str>, kind: VariableType) -> NewVariable {
        let value = value.map(str::to_owned);
        NewVariable { key: key.into(), value, kind, disabled: false, description: None }
    }

    fn values(variables: &[Variable]) -> Vec<(&str, &str)> {
        variables.iter().map(|v| (v.key.as_str(), v.value.as_str())).collect()
    }

    #[test]
    fn what_is_not_said_keeps_its_value() {
        use VariableType::{Default, Secret};
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let set = |name: &str, value| vec![variable("base", Some(name), Default), variable("key", value, Secret)];
        let made = store.add_environment("one", set("http://a", Some("s3cret"))).unwrap();
        let changed = store.change_environment(made.id, "uno", set("http://b", None)).unwrap();
        assert_eq!(values(&changed.variables), [("base", "http://b"), ("key", "s3cret")]);
        let twice = [variable("key", None, Secret), variable("key", None, Secret), variable("other", None, Secret)];
        let twice = store.change_environment(made.id, "uno", twice.to_vec()).unwrap();
        assert_eq!(values(&twice.variables), [("key", "s3cret"), ("key", ""), ("other", "")]);
        assert_eq!(store.reader().unwrap().environment(made.id).unwrap(), Some(twice));
        let missing = store.change_environment(made.id + 1, "x", Vec::new());
        assert!(matches!(missing, Err(StoreError::NoEnvironment(id)) if id == made.id + 1));
    }

    #[test]
    fn one_is_active_and_numbers_do_not_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let [one, two] = ["b", "A"].map(|name| store.add_environment(name, Vec::new()).unwrap().id);
        let reader = store.reader().unwrap();
        let active = || reader.active_environment().unwrap().map(|found| found.id);
        assert_eq!(active(), None);
        for id in [Some(one), Some(two), None, Some(two)] {
            store.use_environment(id).unwrap();
            assert_eq!(active(), id);
        }
        assert!(matches!(store.use_environment(Some(99)), Err(StoreError::NoEnvironment(99))));
        assert_eq!(active(), Some(two), "nothing has changed");
        let names: Vec<_> = reader.environments().unwrap().into_iter().map(|e| (e.name, e.active)).collect();
        assert_eq!(names, [("A".into(), true), ("b".into(), false)]);
        store.remove_environment(two).unwrap();
        assert_eq!(active(), None);
        assert!(matches!(store.remove_environment(two), Err(StoreError::NoEnvironment(_))));
        assert_eq!(store.add_environment("c", Vec::new()).unwrap().id, two + 1);
    }

    #[test]
    fn globals_are_no_environment() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let reader = store.reader().unwrap();
        assert_eq!(reader.globals().unwrap().variables, []);
        for value in ["1", "2"] {
            store.set_globals(vec![variable("n", Some(value), VariableType::Default)]).unwrap();
        }
        let globals = reader.globals().unwrap();
        assert_eq!(values(&globals.variables), [("n", "2")]);
        assert!(reader.environments().unwrap().is_empty() && reader.environment(globals.id).unwrap().is_none());
        for refused in [store.use_environment(Some(globals.id)), store.remove_environment(globals.id)] {
            assert!(matches!(refused, Err(StoreError::NoEnvironment(_))));
        }
    }
}
