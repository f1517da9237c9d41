//! Dates of cookies, which are written in more ways than one (RFC 6265bis, section 5.1.1).

use jiff::civil;

/// Seconds since 1970, if there is such a date. Only the digits' places matter, words are skipped.
pub fn parse(text: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = clock(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1..=2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(token, 2..=4)
        {
            year = Some(found);
        }
    }
    let (hour, minute, second) = time?;
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    if year < 1601 {
        return None;
    }
    let date = civil::Date::new(i16::try_from(year).ok()?, month?, i8::try_from(day?).ok()?).ok()?;
    let time = civil::Time::new(hour, minute, second, 0).ok()?;
    Some(date.to_datetime(time).duration_since(civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs())
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e)
}

/// `hh:mm:ss`, each of one or two digits; behind a byte that is no digit anything may follow. It need not be a time of day:
/// the first that looks like one counts.
fn clock(token: &[u8]) -> Option<(i8, i8, i8)> {
    let mut parts = token.splitn(3, |byte| *byte == b':');
    let exact = |part: &[u8]| part.iter().all(u8::is_ascii_digit).then(|| number(part, 1..=2)).flatten();
    let hour = exact(parts.next()?)?;
    let minute = exact(parts.next()?)?;
    let second = number(parts.next()?, 1..=2)?;
    // Two digits fit.
    Some((hour as i8, minute as i8, second as i8))
}

/// The digits that a token begins with, if they are as many.
fn number(token: &[u8], digits: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let count = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits.contains(&count).then(|| token[..count].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

/// 1 to 12, by the first three letters.
fn month_of(token: &[u8]) -> Option<i8> {
    const MONTHS: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let letters = token.get(..3)?;
    let found = MONTHS.chunks_exact(3).position(|month| month.eq_ignore_ascii_case(letters))?;
    Some(found as i8 + 1)
}
