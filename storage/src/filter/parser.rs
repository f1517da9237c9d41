//! Tokens to an expression: `OR`, parentheses, negation.

use super::{
    FilterError,
    expression::Expression,
    lexer::{self, Span, Term, Token},
    terms::{self, Budget},
};
use jiff::Zoned;
use std::{iter::Peekable, vec::IntoIter};

/// Deepest nesting of parentheses.
const DEPTH: usize = 32;

/// Reads a filter at a time.
pub(super) fn parse(text: &str, now: &Zoned) -> Result<Expression, FilterError> {
    let mut parser = Parser { tokens: lexer::tokens(text)?.into_iter().peekable(), budget: Budget::new(now) };
    if parser.tokens.peek().is_none() {
        return Ok(Expression::default());
    }
    let expression = parser.any(0)?;
    match parser.tokens.next() {
        Some((_, span)) => Err(stray(span)),
        None => Ok(match expression {
            all @ Expression::All(_) => all,
            one => Expression::All(vec![one]),
        }),
    }
}

struct Parser<'a> {
    tokens: Peekable<IntoIter<(Token, Span)>>,
    budget: Budget<'a>,
}

impl Parser<'_> {
    /// Terms with `OR` between them.
    fn any(&mut self, depth: usize) -> Result<Expression, FilterError> {
        let mut choices = vec![self.all(None, depth)?];
        while let Some((_, or)) = self.tokens.next_if(|(token, _)| matches!(token, Token::Or)) {
            choices.push(self.all(Some(or), depth)?);
        }
        Ok(terms::one_of(choices))
    }

    /// Terms side by side, with or without `AND` between them; at least one. `operator` is what stands in front.
    fn all(&mut self, operator: Option<Span>, depth: usize) -> Result<Expression, FilterError> {
        let mut parts = vec![self.one(operator, depth)?];
        loop {
            let and = self.tokens.next_if(|(token, _)| matches!(token, Token::And)).map(|(_, span)| span);
            if and.is_none() && !self.tokens.peek().is_some_and(|(token, _)| begins(token)) {
                break;
            }
            parts.push(self.one(and, depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self, operator: Option<Span>, depth: usize) -> Result<Expression, FilterError> {
        match self.tokens.next_if(|(token, _)| begins(token)) {
            Some((Token::Term { negated, term }, span)) => Ok(negate(self.term(&term, span)?, negated)),
            Some((Token::Open { negated }, span)) => Ok(negate(self.group(span, depth + 1)?, negated)),
            _ => Err(self.missing(operator)),
        }
    }

    fn group(&mut self, open: Span, depth: usize) -> Result<Expression, FilterError> {
        if depth > DEPTH {
            return Err(open.error(format!("parentheses are nested deeper than {DEPTH}: write the filter flatter")));
        }
        if let Some((Token::Close, close)) = self.tokens.peek() {
            let span = Span { length: close.offset + close.length - open.offset, ..open };
            return Err(span.error("the parentheses are empty; to search for them, put them in quotes"));
        }
        let not_closed = || open.error("this '(' is not closed: add a ')', or put it in quotes to search for it");
        if self.tokens.peek().is_none() {
            return Err(not_closed());
        }
        let inner = self.any(depth)?;
        self.tokens.next().map(|_| inner).ok_or_else(not_closed)
    }

    fn term(&mut self, term: &Term, span: Span) -> Result<Expression, FilterError> {
        match term {
            Term::Bare(value) => terms::bare(value, &mut self.budget),
            Term::Keyed { key, operator, values } => terms::keyed(*key, *operator, values, &mut self.budget),
            Term::Tilde { sign, argument } => {
                self.budget.term(span)?;
                sign.expression(argument.as_ref(), span, &mut self.budget)
            }
        }
    }

    /// What to say where a term must stand and none does: behind an operator, or before what comes.
    fn missing(&mut self, operator: Option<Span>) -> FilterError {
        let quote = "to search for the word itself, put it in quotes";
        match (operator, self.tokens.peek()) {
            (Some(span), _) => span.error(format!("a term must stand behind it; {quote}")),
            (None, Some((Token::Close, span))) => stray(*span),
            (None, Some((_, span))) => span.error(format!("a term must stand before it; {quote}")),
            (None, None) => Span { offset: 0, length: 0 }.error("a term is missing"),
        }
    }
}

fn stray(close: Span) -> FilterError {
    close.error("this ')' closes nothing; to search for it, put it in quotes")
}

/// Whether a term or a group begins with this token.
fn begins(token: &Token) -> bool {
    matches!(token, Token::Open { .. } | Token::Term { .. })
}

fn negate(expression: Expression, negated: bool) -> Expression {
    if negated { Expression::Not(Box::new(expression)) } else { expression }
}
