//! The field `Set-Cookie`, read as browsers read it (RFC 6265bis, section 5.6).

use super::{Rejected, SameSite, date};

/// Bytes that name and value may have together.
pub const MAX_PAIR: usize = 4096;

/// Bytes that the value of an attribute may have; a longer one is ignored.
pub const MAX_ATTRIBUTE: usize = 1024;

/// Ignored attributes that are told of, at most.
const MAX_IGNORED: usize = 16;

/// What a field says, before it is asked whether it may. Of two attributes of a name the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetCookie<'a> {
    /// Empty if there is none.
    pub name: &'a [u8],
    /// Quotes are part of it.
    pub value: &'a [u8],
    /// As written, without a leading dot. Empty counts as none, but takes the place of one before it.
    pub domain: Option<&'a [u8]>,
    /// Begins with `/`; anything else counts as none, but takes the place of one before it.
    pub path: Option<&'a [u8]>,
    /// Seconds since 1970.
    pub expires: Option<i64>,
    /// Seconds from now on; it counts more than `expires`.
    pub max_age: Option<i64>,
    /// Whether it has the attribute.
    pub secure: bool,
    /// Whether it has the attribute.
    pub http_only: bool,
    /// What it is sent with.
    pub same_site: SameSite,
    /// Whether it has the attribute.
    pub partitioned: bool,
    /// Attributes that have no effect, the first 16 of them.
    pub ignored: Vec<Ignored>,
}

/// An attribute without effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its name, as written.
    pub attribute: String,
    /// Why, as the end of a sentence that begins with it.
    pub reason: &'static str,
}

impl<'a> SetCookie<'a> {
    /// Reads a field.
    ///
    /// # Errors
    /// If it has a control character, is too large, or has neither name nor value: then a browser ignores all of it.
    pub fn parse(field: &'a [u8]) -> Result<Self, Rejected> {
        controls(field)?;
        let mut parts = field.split(|byte| *byte == b';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = named(pair).unwrap_or((b"", trim(pair)));
        let mut read = Self::pair(name, value)?;
        for part in parts {
            let (attribute, value) = named(part).unwrap_or((trim(part), b""));
            if attribute.is_empty() && value.is_empty() {
                continue;
            }
            if let Err(reason) = read.attribute(attribute, value)
                && read.ignored.len() < MAX_IGNORED
            {
                let shown = &attribute[..attribute.len().min(MAX_ATTRIBUTE)];
                read.ignored.push(Ignored { attribute: String::from_utf8_lossy(shown).into_owned(), reason });
            }
        }
        Ok(read)
    }

    /// A cookie without attributes.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn pair(name: &'a [u8], value: &'a [u8]) -> Result<Self, Rejected> {
        controls(name)?;
        controls(value)?;
        match name.len() + value.len() {
            0 => Err(Rejected::Empty),
            bytes if bytes > MAX_PAIR => Err(Rejected::TooLarge { bytes }),
            _ => Ok(Self { name, value, ..Self::default() }),
        }
    }

    /// Takes an attribute in, or says why it has no effect.
    fn attribute(&mut self, attribute: &[u8], value: &'a [u8]) -> Result<(), &'static str> {
        if value.len() > MAX_ATTRIBUTE {
            return Err("is longer than 1024 bytes");
        }
        let is = |name: &str| attribute.eq_ignore_ascii_case(name.as_bytes());
        if is("Expires") {
            self.expires = Some(date::parse(value).ok_or("is no date")?);
        } else if is("Max-Age") {
            self.max_age = Some(seconds(value).ok_or("is no number of seconds")?);
        } else if is("Domain") {
            let domain = value.strip_prefix(b".").unwrap_or(value);
            self.domain = Some(domain).filter(|domain| !domain.is_empty());
            self.domain.ok_or("is empty")?;
        } else if is("Path") {
            self.path = Some(value).filter(|path| path.starts_with(b"/"));
            self.path.ok_or("does not begin with a slash")?;
        } else if is("Secure") {
            self.secure = true;
        } else if is("HttpOnly") {
            self.http_only = true;
        } else if is("Partitioned") {
            self.partitioned = true;
        } else if is("SameSite") {
            let (same_site, known) = match value.to_ascii_lowercase().as_slice() {
                b"strict" => (SameSite::Strict, true),
                b"lax" => (SameSite::Lax, true),
                b"none" => (SameSite::None, true),
                _ => (SameSite::Unset, false),
            };
            self.same_site = same_site;
            return known.then_some(()).ok_or("is neither Strict nor Lax nor None");
        } else {
            return Err("is not known");
        }
        Ok(())
    }
}

fn controls(bytes: &[u8]) -> Result<(), Rejected> {
    match bytes.iter().position(|byte| byte.is_ascii_control() && *byte != b'\t') {
        Some(at) => Err(Rejected::ControlCharacter { byte: bytes[at], at }),
        None => Ok(()),
    }
}

/// What stands before the first `=` and behind it.
fn named(part: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = part.iter().position(|byte| *byte == b'=')?;
    Some((trim(&part[..at]), trim(&part[at + 1..])))
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// A number of digits, or one below zero; as large as there are any.
fn seconds(value: &[u8]) -> Option<i64> {
    let (below_zero, digits) = value.strip_prefix(b"-").map_or((false, value), |digits| (true, digits));
    if value.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if below_zero { -size } else { size })
}
