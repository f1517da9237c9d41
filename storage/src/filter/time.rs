//! Moments: how long ago, a date, a time of day.

use super::{FilterError, expression::Range, lexer::Value, numbers::quantity};
use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::{DateTime, Time},
};

/// Units of how long ago something was, in microseconds.
const AGES: &[(&str, f64)] = &[("s", 1e6), ("m", 6e7), ("min", 6e7), ("h", 3.6e9), ("d", 8.64e10), ("w", 6.048e11)];

/// What began then or later.
pub(super) fn since(value: &Value, now: &Zoned) -> Result<Range, FilterError> {
    Ok(Range { from: moment(value, "since", now)?, to: i64::MAX })
}

/// What began earlier.
pub(super) fn before(value: &Value, now: &Zoned) -> Result<Range, FilterError> {
    Ok(Range { from: i64::MIN, to: moment(value, "before", now)? - 1 })
}

/// Microseconds since the Unix epoch. What names no time zone is of the zone of `now`.
fn moment(value: &Value, key: &str, now: &Zoned) -> Result<i64, FilterError> {
    let text = &value.text[..];
    let zoned = match () {
        () if quantity(text, AGES).is_some() => {
            let age = quantity(text, AGES).unwrap_or_default();
            return Ok(now.timestamp().as_microsecond().saturating_sub(age));
        }
        () if text.eq_ignore_ascii_case("today") => now.start_of_day().ok(),
        () if text.eq_ignore_ascii_case("yesterday") => {
            now.checked_sub(1.day()).and_then(|day| day.start_of_day()).ok()
        }
        () if text.contains('-') => match text.parse::<Timestamp>() {
            Ok(time) => return Ok(time.as_microsecond()),
            Err(_) => text.parse::<DateTime>().and_then(|time| time.to_zoned(now.time_zone().clone())).ok(),
        },
        () if text.contains(':') => {
            text.parse::<Time>().and_then(|time| now.date().to_datetime(time).to_zoned(now.time_zone().clone())).ok()
        }
        () => None,
    };
    zoned.map(|time| time.timestamp().as_microsecond()).ok_or_else(|| {
        value.span.error(format!(
            "'{text}' is not a time: write how long ago, like {key}:10m, 2h or 3d, or a date like {key}:2026-01-31, \
             2026-01-31T10:00, 10:00, today or yesterday"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::lexer::{Form, Span};

    #[test]
    fn moments_are_read_in_the_zone_of_now() {
        let now: Zoned = "2026-03-29T12:00:00+02:00[Europe/Berlin]".parse().unwrap();
        let at = |text: &str| {
            let form = Form::Text { quoted: false, starred: false };
            let value = Value { text: text.into(), span: Span { offset: 0, length: text.len() }, form };
            since(&value, &now).ok().and_then(|range| Timestamp::from_microsecond(range.from).ok())
        };
        for (text, expected) in [
            ("10m", "2026-03-29T09:50:00Z"),
            ("36H", "2026-03-27T22:00:00Z"),
            ("1.5h", "2026-03-29T08:30:00Z"),
            ("3d", "2026-03-26T10:00:00Z"),
            ("2026-03-01", "2026-02-28T23:00:00Z"),
            ("2026-03-01T10:00", "2026-03-01T09:00:00Z"),
            ("2026-03-01 10:00:30.5", "2026-03-01T09:00:30.5Z"),
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
            ("2026-03-01T10:00:00-05:00", "2026-03-01T15:00:00Z"),
            // The clock was put forward in this night.
            ("today", "2026-03-28T23:00:00Z"),
            ("10:30", "2026-03-29T08:30:00Z"),
            ("yesterday", "2026-03-27T23:00:00Z"),
        ] {
            assert_eq!(at(text), Some(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "10", "m", "2026-13-01", "2026-02-30", "25:00", "soon", "1y", "-1d", "2026"] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
