//! Sizes, durations and times as people read them.

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// Bytes in decimal units, three digits at most: `0 B`, `999 B`, `1.2 kB`, `34 MB`.
pub fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64 / 1000.0, "kB");
    for larger in ["MB", "GB", "TB"] {
        if value >= 999.5 {
            (value, unit) = (value / 1000.0, larger);
        }
    }
    if value < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// A number and what it counts: `1 exchange`, `2 exchanges`.
pub fn count(n: impl Into<i128>, what: &str) -> String {
    match n.into() {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// Microseconds: `0.3 ms`, `34 ms`, `1.20 s`, `2 min 5 s`.
pub fn duration(us: i64) -> String {
    let us = us.max(0);
    match us {
        0..9_950 => format!("{:.1} ms", us as f64 / 1e3),
        9_950..999_500 => format!("{:.0} ms", us as f64 / 1e3),
        999_500..59_995_000 => format!("{:.2} s", us as f64 / 1e6),
        _ => {
            let seconds = us / 1_000_000;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

/// A moment (microseconds since the Unix epoch) in the local time zone: the time alone if it is of today, else with
/// its date.
pub fn short_time(us: i64, now: &Zoned) -> String {
    let Some(time) = local(us, now.time_zone()) else { return us.to_string() };
    let format = if time.date() == now.date() { "%H:%M:%S%.3f" } else { "%m-%d %H:%M:%S" };
    time.strftime(format).to_string()
}

/// A moment with its date and milliseconds, in the local time zone.
pub fn full_time(us: i64, zone: &TimeZone) -> String {
    local(us, zone).map_or_else(|| us.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string())
}

fn local(us: i64, zone: &TimeZone) -> Option<Zoned> {
    Timestamp::from_microsecond(us).ok().map(|time| time.to_zoned(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let all = [0, 999, 1000, 1234, 9_949, 9_950, 999_499, 999_500, 5_000_000_000, u64::MAX];
        let wanted =
            ["0 B", "999 B", "1.0 kB", "1.2 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "5.0 GB", "18446744 TB"];
        assert_eq!(all.map(size), wanted);
    }

    #[test]
    fn counts() {
        assert_eq!([0, 1, 2].map(|n| count(n, "exchange")), ["0 exchanges", "1 exchange", "2 exchanges"]);
    }

    #[test]
    fn durations() {
        let all = [-5, 0, 340, 9_949, 9_950, 999_499, 1_200_000, 59_994_999, 125_000_000, i64::MAX];
        let wanted = ["0.0 ms", "0.0 ms", "0.3 ms", "9.9 ms", "10 ms", "999 ms", "1.20 s", "59.99 s", "2 min 5 s"];
        assert_eq!(all.map(duration)[..9], wanted);
    }

    #[test]
    fn times() {
        let now: Zoned = "2026-03-02T12:00:00[UTC]".parse().unwrap();
        let us = now.timestamp().as_microsecond();
        assert_eq!(short_time(us - 1_500, &now), "11:59:59.998");
        assert_eq!(short_time(us - 86_400_000_000, &now), "03-01 12:00:00");
        assert_eq!(full_time(us, &TimeZone::UTC), "2026-03-02 12:00:00.000");
        assert_eq!(full_time(i64::MAX, &TimeZone::UTC), i64::MAX.to_string());
    }
}
