//! What a query may do: read the views, and nothing else.

use rusqlite::{
    Connection, Error,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Bounds of what SQLite takes on for one query.
const LIMITS: [(Limit, i32); 9] = [
    (Limit::SQLITE_LIMIT_LENGTH, 64 << 20),
    (Limit::SQLITE_LIMIT_COLUMN, 200),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 100),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 0),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Functions that reach out of the database, where a build of SQLite has them.
const OUTSIDE: [&str; 6] = ["load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "sqlite_dbpage"];

/// Pragmas that tell what there is.
const TELLING: [&str; 3] = ["table_info", "table_xinfo", "table_list"];

/// Why the authorizer said no the last time.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Mutex<Option<String>>>);

impl Refused {
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, why: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }
}

/// Lets a connection do nothing but read.
pub(super) fn protect(db: &Connection) -> Result<Refused, Error> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    for (limit, most) in LIMITS {
        db.set_limit(limit, most)?;
    }
    let inner = inner_tables(db)?;
    let refused = Refused::default();
    let note = refused.clone();
    let judge = move |context: AuthContext<'_>| match refusal(&context, &inner) {
        None => Authorization::Allow,
        Some(why) => {
            note.note(why);
            Authorization::Deny
        }
    };
    db.authorizer(Some(judge))?;
    Ok(refused)
}

/// What the views are made of. It may change, and holds what was deleted a moment ago.
fn inner_tables(db: &Connection) -> Result<HashSet<String>, Error> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' OR name = 'exchange_listed'";
    db.prepare(sql)?.query_map([], |r| r.get(0))?.collect()
}

/// Why something may not be done.
fn refusal(context: &AuthContext<'_>, inner: &HashSet<String>) -> Option<String> {
    let what = match context.action {
        AuthAction::Select | AuthAction::Recursive => return None,
        AuthAction::Read { table_name, .. } if context.accessor.is_some() || !inner.contains(table_name) => {
            return None;
        }
        AuthAction::Read { table_name, .. } => {
            return Some(format!(
                "{table_name} is an inner table: read the views v_exchanges, v_headers, v_cookies, v_messages, v_sessions"
            ));
        }
        AuthAction::Function { function_name } if OUTSIDE.iter().any(|f| function_name.eq_ignore_ascii_case(f)) => {
            return Some(format!("{function_name}() is refused: it reaches out of the database"));
        }
        AuthAction::Function { .. } => return None,
        AuthAction::Pragma { pragma_name, .. } if TELLING.iter().any(|p| pragma_name.eq_ignore_ascii_case(p)) => {
            return None;
        }
        AuthAction::Pragma { pragma_name, .. } => format!("PRAGMA {pragma_name}"),
        AuthAction::Attach { .. } => "ATTACH".into(),
        AuthAction::Detach { .. } => "DETACH".into(),
        AuthAction::Insert { .. } => "INSERT".into(),
        AuthAction::Update { .. } => "UPDATE".into(),
        AuthAction::Delete { .. } => "DELETE".into(),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => "a transaction".into(),
        _ => "what the query does".into(),
    };
    Some(format!("{what} is refused: a query only reads"))
}
