//! Filters as conditions on the rows of the index: narrow, and with indexes of their own.

use super::plan::Sql;
use crate::{
    filter::{
        Expression, Value,
        expression::{Column, Property, Range},
    },
    index::{
        columns::{Facet, kind_number, source_number},
        names::{self, Named},
    },
    model::{Kind, Source},
};

/// A condition that every match of a filter meets.
pub(super) struct Condition {
    pub(super) sql: Sql,
    /// What meets it is a match.
    pub(super) exact: bool,
}

/// What the index can tell of an expression; with nothing to tell, that all rows may match.
pub(super) fn condition(expression: &Expression) -> Condition {
    match expression {
        Expression::All(parts) => join(parts.iter().map(condition), " AND ", "1"),
        Expression::Any(parts) => join(parts.iter().map(condition), " OR ", "0"),
        Expression::Not(inner) => match condition(inner) {
            Condition { sql, exact: true } => {
                let mut not = Sql::new("NOT (", []);
                not.push(sql).add(")");
                Condition { sql: not, exact: true }
            }
            _ => anything(),
        },
        leaf => self::leaf(leaf).map_or_else(anything, |leaf| Condition { sql: leaf.sql, exact: leaf.exact }),
    }
}

/// Where an index leads for one term, or for the negation of one: `FROM … WHERE …`, and whether the rows come in the order
/// of `seq`.
pub(super) fn lead(term: &Expression) -> Option<(Sql, bool)> {
    let (leaf, negated) = match term {
        Expression::Not(inner) => (leaf(inner).filter(|leaf| leaf.exact)?, true),
        term => (leaf(term)?, false),
    };
    let mut from = Sql::new(format!("FROM ix.entry INDEXED BY {} WHERE ", leaf.index?), []);
    from.push(if negated { leaf.others? } else { leaf.sql });
    Some((from, leaf.ordered))
}

struct Leaf {
    sql: Sql,
    /// What meets everything else, where the index leads to that as well.
    others: Option<Sql>,
    exact: bool,
    index: Option<&'static str>,
    ordered: bool,
}

fn leaf(expression: &Expression) -> Option<Leaf> {
    let equal = |column: &str, value: i64, index| Leaf {
        sql: Sql::new(format!("{column} = ?"), [Value::Integer(value)]),
        others: None,
        exact: true,
        index: Some(index),
        ordered: true,
    };
    let flag = |column: &str, index| Leaf {
        sql: Sql::new(column, []),
        others: None,
        exact: true,
        index: Some(index),
        ordered: true,
    };
    let kind = |kind: Kind| match kind_number(kind) {
        0 => Leaf { index: None, ..equal("kind", 0, "") },
        number => {
            Leaf { sql: Sql::new(format!("(kind = {number} AND kind > 0)"), []), ..equal("kind", 0, "entry_kind") }
        }
    };
    let source = |source: Source| match source_number(source) {
        0 => Leaf { index: None, ..equal("source", 0, "") },
        number => Leaf {
            sql: Sql::new(format!("(source = {number} AND source > 0)"), []),
            ..equal("source", 0, "entry_source")
        },
    };
    Some(match expression {
        Expression::Session(id) => equal("session", *id, "entry_session"),
        Expression::Method(method) => words("method", "entry_method", Facet::Method, "text = ? COLLATE NOCASE", method),
        Expression::Contains(Column::Host, text) => words("host", "entry_host", Facet::Host, LIKE, &like(text)),
        Expression::Contains(Column::ContentType, text) => words("type", "entry_type", Facet::Type, LIKE, &like(text)),
        Expression::Matches(Column::Host, p) => {
            words("host", "entry_host", Facet::Host, "wl_regex(?, text)", p.as_str())
        }
        Expression::Matches(Column::ContentType, p) => {
            words("type", "entry_type", Facet::Type, "wl_regex(?, text)", p.as_str())
        }
        Expression::Contains(Column::Reason, text) => reason(LIKE, &like(text)),
        Expression::Matches(Column::Reason, p) => reason("wl_regex(?, text)", p.as_str()),
        Expression::Contains(Column::Process, text) => client("process LIKE ? ESCAPE '\\'", &like(text)),
        Expression::Matches(Column::Process, p) => client("wl_regex(?, process)", p.as_str()),
        Expression::Port(port) => {
            let test = "substr(text, instr(text, ':') + 1) = ?";
            words("target", "entry_target", Facet::Target, test, &port.to_string())
        }
        Expression::Scheme(scheme) => {
            let test = "substr(text, 1, instr(text, ':') - 1) = ?";
            words("target", "entry_target", Facet::Target, test, scheme.word())
        }
        Expression::Header { name, value } => {
            Leaf { exact: value.is_none(), ..named("fields", "entry_fields", Named::Field, &name.to_ascii_lowercase()) }
        }
        Expression::Cookie { name, value } => {
            Leaf { exact: value.is_none(), ..named("cookies", "entry_cookies", Named::Cookie, name) }
        }
        Expression::Status(from, to) if from == to && *from > 0 => equal("status", *from, "entry_status"),
        // 0 stands for none.
        Expression::Status(from, to) => range("status", "entry_status", Range { from: (*from).max(1), to: *to }),
        Expression::Size(r) => range("size", "entry_size", *r),
        // 0 also stands for none.
        Expression::Duration(r) => Leaf { exact: r.from > 0, ..range("duration_us", "entry_duration", *r) },
        Expression::Started(r) => range("started_us", "entry_started", *r),
        Expression::Source(s) => source(*s),
        Expression::Is(property) => match property {
            Property::Failed => flag("failed", "entry_failed"),
            Property::Truncated => flag("truncated", "entry_truncated"),
            Property::Omitted => flag("omitted", "entry_omitted"),
            Property::Passthrough => flag("passthrough", "entry_passthrough"),
            Property::Pending => Leaf { index: None, ..flag("0", "") },
            Property::Http => kind(Kind::Http),
            Property::WebSocket => kind(Kind::Websocket),
            Property::Sse => kind(Kind::Sse),
            Property::Grpc => kind(Kind::Grpc),
            Property::Tunnel => kind(Kind::Tunnel),
            Property::Pinned => kind(Kind::Pinned),
            Property::Replayed => source(Source::Replay),
            Property::Sent => source(Source::Send),
            Property::Imported => source(Source::Import),
        },
        _ => return None,
    })
}

const LIKE: &str = "text LIKE ? ESCAPE '\\'";

fn words(column: &str, index: &'static str, facet: Facet, test: &str, value: &str) -> Leaf {
    let one_of = |test: &str, more: &str| {
        let sql = format!("{column} IN (SELECT id FROM ix.word WHERE facet = {} AND {test}{more})", facet as i64);
        Sql::new(sql, [Value::Text(value.into())])
    };
    // 0 stands for none, which is no word.
    let others = one_of(&format!("NOT ({test})"), " UNION ALL SELECT 0");
    Leaf { sql: one_of(test, ""), others: Some(others), exact: true, index: Some(index), ordered: false }
}

fn reason(test: &str, value: &str) -> Leaf {
    let any = words("reason", "entry_reason", Facet::Reason, test, value);
    // Its index has only those that have one.
    let sql = Sql::new(format!("({} AND reason > 0)", any.sql.text), [Value::Text(value.into())]);
    Leaf { sql, others: None, ..any }
}

/// Those with one of the sets that have a name.
fn named(column: &str, index: &'static str, named: Named, name: &str) -> Leaf {
    let kind = named as i64;
    let sets = |with: &str| {
        let test = format!("instr(text, CAST(? AS BLOB)) {with}");
        let sql = format!("{column} IN (SELECT id FROM ix.names WHERE kind = {kind} AND {test})");
        Sql::new(sql, [Value::Text(names::between(name))])
    };
    Leaf { sql: sets("> 0"), others: Some(sets("= 0")), exact: true, index: Some(index), ordered: false }
}

/// Those of clients whose connection meets a condition. What is known of it may come after the exchange.
fn client(test: &str, value: &str) -> Leaf {
    let sql = format!("client IN (SELECT id FROM main.connection WHERE {test})");
    let sql = Sql::new(sql, [Value::Text(value.into())]);
    Leaf { sql, others: None, exact: true, index: Some("entry_client"), ordered: false }
}

fn range(column: &str, index: &'static str, range: Range) -> Leaf {
    let values = [Value::Integer(range.from), Value::Integer(range.to)];
    let sql = Sql::new(format!("{column} BETWEEN ? AND ?"), values);
    Leaf { sql, others: None, exact: true, index: Some(index), ordered: false }
}

fn like(text: &str) -> String {
    crate::filter::like(text)
}

fn anything() -> Condition {
    Condition { sql: Sql::new("1", []), exact: false }
}

fn join(parts: impl Iterator<Item = Condition>, operator: &str, none: &str) -> Condition {
    let mut whole = Condition { sql: Sql::new("(", []), exact: true };
    for (number, part) in parts.enumerate() {
        whole.sql.add(if number > 0 { operator } else { "" }).push(part.sql);
        whole.exact &= part.exact;
    }
    if whole.sql.text == "(" {
        whole.sql.add(none);
    }
    whole.sql.add(")");
    whole
}
