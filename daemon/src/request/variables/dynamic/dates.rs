//! Days and months, and moments around now.

use super::{Dynamic, Variable};
use jiff::SignedDuration;

pub(super) const ALL: &[Variable] = &[
    Variable("$randomDateFuture", |d| date(d, YEAR, 1)),
    Variable("$randomDatePast", |d| date(d, YEAR, -1)),
    Variable("$randomDateRecent", |d| date(d, DAY, -1)),
    Variable("$randomWeekday", |d| {
        d.word(&["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
    }),
    Variable("$randomMonth", |d| d.word(MONTHS)),
];

const DAY: u64 = 24 * 60 * 60;
const YEAR: u64 = 365 * DAY;

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment at most so many seconds away, in the form of JavaScript.
fn date(d: &mut Dynamic, most: u64, direction: i64) -> String {
    let seconds = direction * d.number(1, most) as i64;
    // Only at the very end of time there is nothing further on.
    let moment = d.now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or_else(|_| d.now.clone());
    moment.strftime("%a %b %d %Y %H:%M:%S GMT%z (%Z)").to_string()
}
