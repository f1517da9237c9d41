//! Numbers with units, and ranges of them.

use super::{
    FilterError,
    expression::Range,
    lexer::{Operator, Value},
};

/// Units of sizes, in bytes. They are decimal, as the sizes in lists are.
const SIZES: &[(&str, f64)] =
    &[("", 1.0), ("b", 1.0), ("k", 1e3), ("kb", 1e3), ("m", 1e6), ("mb", 1e6), ("g", 1e9), ("gb", 1e9)];

/// Units of durations, in microseconds.
const DURATIONS: &[(&str, f64)] =
    &[("", 1e3), ("us", 1.0), ("ms", 1e3), ("s", 1e6), ("m", 6e7), ("min", 6e7), ("h", 3.6e9)];

/// Statuses have no unit.
const STATUSES: &[(&str, f64)] = &[("", 1.0)];

/// Greater numbers are taken for mistakes; all below are exact.
const GREATEST: f64 = 9e15;

/// `size>10k`, `size:10k..20k`, `size:0`
pub(super) fn sizes(operator: Operator, value: &Value) -> Result<Range, FilterError> {
    range(operator, &value.text, |text| quantity(text, SIZES))
        .ok_or_else(|| bad(value, "a size", "size>10k, size<1.5M or size:10k..20k"))
}

/// `dur>500`, `dur<2s`, `dur:100..200`
pub(super) fn durations(operator: Operator, value: &Value) -> Result<Range, FilterError> {
    range(operator, &value.text, |text| quantity(text, DURATIONS))
        .ok_or_else(|| bad(value, "a duration", "dur>500 (milliseconds), dur<2s or dur:100..200"))
}

/// `status>=400`, `status:400..499`, `status:404`
pub(super) fn statuses(operator: Operator, value: &Value) -> Result<Range, FilterError> {
    let status = |text: &str| {
        let digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        quantity(text, STATUSES).filter(|status| digits && *status >= 100)
    };
    range(operator, &value.text, status)
        .ok_or_else(|| bad(value, "a status", "one like 404, or a class like 5xx; 400..499 and status>=400 are ranges"))
}

fn bad(value: &Value, what: &str, right: &str) -> FilterError {
    value.span.error(format!("'{}' is not {what}: write {right}", value.text))
}

fn range(operator: Operator, text: &str, one: impl Fn(&str) -> Option<i64>) -> Option<Range> {
    let (from, to) = (i64::MIN, i64::MAX);
    Some(match operator {
        Operator::Is => match text.split_once("..") {
            None => one(text).map(|n| Range { from: n, to: n })?,
            Some(("", "")) => return None,
            Some((low, "")) => Range { from: one(low)?, to },
            Some(("", high)) => Range { from, to: one(high)? },
            Some((low, high)) => Range { from: one(low)?, to: one(high)? },
        },
        Operator::Greater => Range { from: one(text)? + 1, to },
        Operator::GreaterOrEqual => Range { from: one(text)?, to },
        Operator::Less => Range { from, to: one(text)? - 1 },
        Operator::LessOrEqual => Range { from, to: one(text)? },
        Operator::Matches => return None,
    })
}

/// A number with one of the units behind it, rounded to whole ones of the smallest unit.
pub(super) fn quantity(text: &str, units: &[(&str, f64)]) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1;
    if !number.starts_with(|c: char| c.is_ascii_digit()) || number.ends_with('.') {
        return None;
    }
    let product = (number.parse::<f64>().ok()? * factor).round();
    (product <= GREATEST).then_some(product as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        for (text, expected) in [
            ("0", Some(0)),
            ("10k", Some(10_000)),
            ("1.5MB", Some(1_500_000)),
            ("2G", Some(2_000_000_000)),
            ("7b", Some(7)),
            ("9000000000000001", None),
            ("1e3", None),
            ("-1", None),
            (".5k", None),
            ("1.k", None),
            ("1.2.3", None),
            ("k", None),
            ("", None),
            ("10x", None),
            ("inf", None),
        ] {
            assert_eq!(quantity(text, SIZES), expected, "{text}");
        }
        assert_eq!(quantity("500", DURATIONS), Some(500_000));
        assert_eq!(quantity("1.5s", DURATIONS), Some(1_500_000));
        assert_eq!(quantity("2min", DURATIONS), Some(120_000_000));
    }
}
