//! The filter language: `status:5xx -host:cdn method:POST,PUT "some text"`.
//!
//! Words and quoted text match the URL; `key:value` matches a property; `-` negates; all terms must hold. Keys:
//!
//! | key | matches |
//! |---|---|
//! | `session:7` | the session |
//! | `method:POST,PUT` | one of the methods |
//! | `status:404`, `status:5xx` | the status, or its class |
//! | `host:` `path:` `type:` | part of the host, the path and query, the response's media type |
//! | `is:` | `failed`, `pending`, `http`, `ws`, `sse`, `grpc`, `tunnel`, `passthrough`, `pinned` |
//!
//! Values may be quoted; commas between values mean "or" (except in `path:`). Letters match without regard to ASCII
//! case.
//!
//! - `lexer`: text to words, with their places
//! - `parser`: words to an expression
//! - `expression`: expressions and their SQL; values are always parameters

pub(crate) mod expression;
pub(crate) mod functions;
mod heads;
mod lexer;
mod parser;
pub(crate) mod pattern;
mod sql;
pub(crate) mod words;

pub(crate) use expression::Expression;
pub(crate) use sql::{Value, like};

/// A condition on exchanges. The default matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    expression: Expression,
}

/// Why a text is no filter, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// What is wrong and what would be right.
    pub message: String,
    /// Where the wrong part begins, in bytes.
    pub offset: usize,
    /// How long it is, in bytes.
    pub length: usize,
}

impl Filter {
    /// Reads a filter. Empty text is the filter that matches all.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { expression: parser::parse(text)? })
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression == Expression::default()
    }

    /// What it means.
    pub(crate) fn expression(&self) -> &Expression {
        &self.expression
    }

    /// A condition on rows of `exchange_listed`, and its parameters in order.
    pub(crate) fn sql(&self) -> (String, Vec<Value>) {
        self.expression.sql()
    }
}

#[cfg(test)]
mod tests;
