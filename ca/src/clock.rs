//! Unix seconds, and how they become certificate dates.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

use crate::error::CaError;

/// Seconds in an hour.
pub(crate) const HOUR: i64 = 60 * 60;
/// Seconds in a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// Where an [`Authority`](crate::Authority) reads the time; tests pass one they can move.
pub type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// Whole seconds since 1970; negative before, and clamped to what 64 bits hold.
pub(crate) fn unix(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    }
}

/// A certificate date. Fails outside the years -9999 to 9999, which X.509 cannot write either.
pub(crate) fn date(unix: i64) -> Result<OffsetDateTime, CaError> {
    OffsetDateTime::from_unix_timestamp(unix).map_err(|_| CaError::Clock { seconds: unix })
}

/// `2031-04-05`, in UTC, for messages.
pub(crate) fn day(unix: i64) -> String {
    match OffsetDateTime::from_unix_timestamp(unix) {
        Ok(date) => format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()),
        Err(_) => format!("{unix} s after 1970"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn counts_seconds_on_both_sides_of_1970() {
        assert_eq!(unix(UNIX_EPOCH + Duration::from_millis(1_500)), 1);
        assert_eq!(unix(UNIX_EPOCH - Duration::from_secs(5)), -5);
    }

    #[test]
    fn writes_days_and_refuses_what_no_certificate_holds() {
        assert_eq!(day(1_775_347_200), "2026-04-05");
        assert!(date(i64::MAX).is_err());
        assert!(day(i64::MAX).contains("after 1970"));
    }
}
