//! SQL functions that filters use. They read heads of at most half a MiB and patterns that are bounded, in one pass.
//!
//! - `wl_regex(pattern, text)`: whether the regular expression matches some part
//! - `wl_fields(pattern, head, head)`: whether it matches some field, written `name: value`, of either head
//! - `wl_field(name, part, head, head)`: whether either head has a field of that name whose value contains the part
//! - `wl_cookie(name, part, request, response)`: whether a cookie of that name is brought or set, likewise

use super::{heads, pattern::Pattern};
use rusqlite::{
    Connection, Result,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};
use std::sync::Arc;

/// Makes the functions known to a connection.
pub(crate) fn register(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    db.create_scalar_function("wl_regex", 2, flags, |call| {
        let pattern = pattern(call)?;
        Ok(bytes(call, 1).map(|text| pattern.is_match(text)))
    })?;
    db.create_scalar_function("wl_fields", 3, flags, |call| {
        let pattern = pattern(call)?;
        Ok([1, 2].into_iter().any(|head| heads::matches(bytes(call, head).unwrap_or_default(), &pattern)))
    })?;
    db.create_scalar_function("wl_field", 4, flags, |call| {
        let (name, part) = (bytes(call, 0).unwrap_or_default(), bytes(call, 1));
        Ok([2, 3].into_iter().any(|head| heads::has_field(bytes(call, head).unwrap_or_default(), name, part)))
    })?;
    db.create_scalar_function("wl_cookie", 4, flags, |call| {
        let (name, part) = (bytes(call, 0).unwrap_or_default(), bytes(call, 1));
        let [request, response] = [2, 3].map(|head| bytes(call, head).unwrap_or_default());
        Ok(heads::has_cookie(request, response, name, part))
    })
}

/// The compiled first argument; SQLite keeps it from row to row.
fn pattern(call: &Context<'_>) -> Result<Arc<Pattern>> {
    type Problem = Box<dyn std::error::Error + Send + Sync>;
    call.get_or_create_aux(0, |text| -> Result<Pattern, Problem> { Ok(Pattern::new(text.as_str()?)?) })
}

/// Text or a blob as bytes; `None` for what is neither.
fn bytes<'a>(call: &'a Context<'_>, argument: usize) -> Option<&'a [u8]> {
    match call.get_raw(argument) {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}
