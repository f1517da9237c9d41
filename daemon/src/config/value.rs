//! What a setting can hold.

use super::{BadPattern, HostPattern};
use crate::logging::Filter;
use serde::Serialize;
use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
};
use toml_edit::Item;

/// A setting's type and bounds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// 0 to 65535.
    Port,
    /// True or false.
    Switch,
    /// 1 to 600 seconds.
    Seconds,
    /// A number of bytes, with a unit or without.
    Size,
    /// A number of bytes, or off.
    SizeLimit,
    /// A number of days, hours or minutes, or off.
    AgeLimit,
    /// IP addresses of the loopback network.
    LoopbackAddresses,
    /// Paths of files; made absolute, from a file relative to it.
    Files,
    /// Path of one file, or none; likewise.
    File,
    /// Host names and IP addresses, without a port.
    Hosts,
    /// Patterns of hosts.
    HostPatterns,
    /// Directives of [`Filter`].
    LogLevel,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A setting's value, within the bounds of its [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Of [`Kind::Port`].
    Port(u16),
    /// Of [`Kind::Switch`].
    Switch(bool),
    /// Of [`Kind::Seconds`].
    Seconds(u64),
    /// Of [`Kind::Size`]: bytes.
    Size(u64),
    /// Of [`Kind::SizeLimit`]: bytes; `None` is off.
    SizeLimit(Option<u64>),
    /// Of [`Kind::AgeLimit`]: minutes; `None` is off.
    AgeLimit(Option<u64>),
    /// Of [`Kind::LoopbackAddresses`].
    Addresses(Vec<IpAddr>),
    /// Of [`Kind::Files`].
    Files(Vec<PathBuf>),
    /// Of [`Kind::File`].
    File(Option<PathBuf>),
    /// Of [`Kind::Hosts`].
    Hosts(Vec<String>),
    /// Of [`Kind::HostPatterns`].
    HostPatterns(Vec<HostPattern>),
    /// Of [`Kind::LogLevel`] and [`Kind::Choice`].
    Text(String),
}

impl Kind {
    /// Whether several values may be given.
    pub fn is_list(self) -> bool {
        matches!(self, Self::LoopbackAddresses | Self::Files | Self::Hosts | Self::HostPatterns)
    }

    /// Splits a variable's text into values: files as in `PATH`, other lists at commas.
    pub fn split(self, text: &str) -> Vec<&str> {
        let separator = match self {
            Self::Files if cfg!(windows) => ';',
            Self::Files => ':',
            Self::LoopbackAddresses | Self::Hosts | Self::HostPatterns => ',',
            _ => return vec![text],
        };
        text.split(separator).map(str::trim).filter(|word| !word.is_empty()).collect()
    }

    /// Reads a value as words of the command line; paths relative to the working directory.
    ///
    /// # Errors
    /// What the setting must be, as a sentence that begins with "it".
    pub fn read_text(self, words: &[&str]) -> Result<Value, String> {
        if self.is_list() {
            return self.read_list(words, Path::new(""));
        }
        match words {
            [] | [""] if matches!(self, Self::File) => Ok(Value::File(None)),
            [word] => self.read_word(word),
            _ => Err("it takes one value".into()),
        }
    }

    /// Reads a value from a TOML item; paths relative to `folder`.
    ///
    /// # Errors
    /// As [`Kind::read_text`].
    pub(super) fn read_item(self, item: &Item, folder: &Path) -> Result<Value, String> {
        match self {
            Self::Port => {
                let port = item.as_integer().and_then(|n| u16::try_from(n).ok());
                port.map(Value::Port).ok_or_else(|| PORT.into())
            }
            Self::Seconds => {
                item.as_integer().and_then(|n| u64::try_from(n).ok()).ok_or_else(|| SECONDS.into()).and_then(seconds)
            }
            Self::Size => match item.as_integer() {
                Some(n) => self.read_word(&n.to_string()),
                None => self.read_word(item.as_str().ok_or(SIZE)?),
            },
            Self::SizeLimit => match item.as_integer() {
                Some(n) => self.read_word(&n.to_string()),
                None => self.read_word(item.as_str().ok_or(SIZE_LIMIT)?),
            },
            Self::AgeLimit => self.read_word(item.as_str().ok_or(AGE_LIMIT)?),
            Self::Switch => item.as_bool().map(Value::Switch).ok_or_else(|| SWITCH.into()),
            Self::File => {
                file(folder, item.as_str().ok_or("it must be a text in quotes")?).map(|f| Value::File(Some(f)))
            }
            Self::LogLevel | Self::Choice(_) => self.read_word(item.as_str().ok_or("it must be a text in quotes")?),
            Self::LoopbackAddresses | Self::Files | Self::Hosts | Self::HostPatterns => {
                let texts =
                    item.as_array().and_then(|array| array.iter().map(|v| v.as_str()).collect::<Option<Vec<_>>>());
                self.read_list(&texts.ok_or("it must be a list of texts, like [\"a\", \"b\"]")?, folder)
            }
        }
    }

    /// Reads a value as people type it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_word(self, word: &str) -> Result<Value, String> {
        match self {
            Self::Port => word.parse().map(Value::Port).map_err(|_| PORT.into()),
            Self::Seconds => word.parse().map_err(|_| SECONDS.into()).and_then(seconds),
            Self::Size => size(word).map(Value::Size).ok_or_else(|| SIZE.into()),
            Self::SizeLimit if word == OFF => Ok(Value::SizeLimit(None)),
            Self::SizeLimit => {
                size(word).filter(|n| *n > 0).map(|n| Value::SizeLimit(Some(n))).ok_or_else(|| SIZE_LIMIT.into())
            }
            Self::AgeLimit if word == OFF => Ok(Value::AgeLimit(None)),
            Self::AgeLimit => age(word).map(|n| Value::AgeLimit(Some(n))).ok_or_else(|| AGE_LIMIT.into()),
            Self::Switch => word.parse().map(Value::Switch).map_err(|_| SWITCH.into()),
            Self::LogLevel => Filter::parse(word).map(|_| Value::Text(word.into())).map_err(|error| error.to_string()),
            Self::File => file(Path::new(""), word).map(|file| Value::File(Some(file))),
            Self::Choice(words) if words.contains(&word) => Ok(Value::Text(word.into())),
            Self::Choice(words) => Err(format!("it must be {}", words.join(" or "))),
            Self::LoopbackAddresses | Self::Files | Self::Hosts | Self::HostPatterns => {
                self.read_list(&[word], Path::new(""))
            }
        }
    }

    fn read_list(self, words: &[&str], folder: &Path) -> Result<Value, String> {
        let words = words.iter().copied();
        match self {
            Self::LoopbackAddresses => words.map(loopback).collect::<Result<_, _>>().map(Value::Addresses),
            Self::Files => words.map(|word| file(folder, word)).collect::<Result<_, _>>().map(Value::Files),
            Self::HostPatterns => words.map(host_pattern).collect::<Result<_, _>>().map(Value::HostPatterns),
            _ => words.map(host).collect::<Result<_, _>>().map(Value::Hosts),
        }
    }
}

const PORT: &str = "it must be a port, 0 to 65535";
const SWITCH: &str = "it must be true or false";

const SECONDS: &str = "it must be a number of seconds, 1 to 600";

fn seconds(n: u64) -> Result<Value, String> {
    if (1..=600).contains(&n) { Ok(Value::Seconds(n)) } else { Err(SECONDS.into()) }
}

const SIZE: &str = "it must be a number of bytes, like 1073741824, 512 MiB or 1 GiB";

/// What the units stand for.
const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

fn size(word: &str) -> Option<u64> {
    let unit = UNITS.iter().find_map(|(name, bytes)| Some((word.strip_suffix(name)?.trim_end(), *bytes)));
    let (number, bytes) = unit.unwrap_or((word, 1));
    // Less than TOML's integers end at.
    number.parse::<u64>().ok()?.checked_mul(bytes).filter(|n| i64::try_from(*n).is_ok())
}

/// The word for no limit.
const OFF: &str = "off";
const SIZE_LIMIT: &str = "it must be a number of bytes, like 10 GiB, or off";
const AGE_LIMIT: &str = "it must be a number of days, hours or minutes, like 30d, 12h or 90m, or off";

/// Minutes in what ages are given in.
const AGES: [(char, u64); 3] = [('d', 24 * 60), ('h', 60), ('m', 1)];

/// Minutes, at most a hundred years.
fn age(word: &str) -> Option<u64> {
    let (unit, minutes) = AGES.iter().find(|(unit, _)| word.ends_with(*unit))?;
    let number = word.strip_suffix(*unit)?.trim_end().parse::<u64>().ok()?;
    number.checked_mul(*minutes).filter(|n| (1..=100 * 366 * 24 * 60).contains(n))
}

fn loopback(word: &str) -> Result<IpAddr, String> {
    let ip: IpAddr = word.parse().map_err(|_| format!("'{word}' is not an IP address"))?;
    if ip.to_canonical().is_loopback() {
        return Ok(ip);
    }
    Err(format!(
        "it must be of the loopback network, and {ip} is not: other machines are let in by `waylay start --listen {ip}` only"
    ))
}

fn file(folder: &Path, word: &str) -> Result<PathBuf, String> {
    std::path::absolute(folder.join(word)).map_err(|error| format!("'{word}' is not a path: {error}"))
}

/// Reads a host as people write it, with or without an IPv6 address's brackets; gives it as DNS writes it.
///
/// # Errors
/// What is wrong with it.
pub fn host(word: &str) -> Result<String, String> {
    if let Ok(ip) = word.parse::<IpAddr>() {
        return Ok(ip.to_string());
    }
    match url::Host::parse(word) {
        Ok(url::Host::Ipv6(ip)) => Ok(ip.to_string()),
        Ok(host) if !word.contains('*') => Ok(host.to_string()),
        _ => Err(format!("'{word}' is not a host: it takes names and IP addresses, without scheme, port or wildcard")),
    }
}

/// Reads a pattern of hosts.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn host_pattern(word: &str) -> Result<HostPattern, String> {
    word.parse().map_err(|e: BadPattern| format!("{e}; {}", BadPattern::HINT))
}

impl Value {
    /// The value as words of the command line.
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Port(port) => vec![port.to_string()],
            Self::Switch(on) => vec![on.to_string()],
            Self::Seconds(n) => vec![n.to_string()],
            Self::Size(n) => vec![match UNITS.iter().find(|(_, bytes)| *n > 0 && n % bytes == 0) {
                Some((unit, bytes)) => format!("{} {unit}", n / bytes),
                None => n.to_string(),
            }],
            Self::SizeLimit(Some(n)) => Self::Size(*n).words(),
            Self::AgeLimit(Some(n)) => vec![match AGES.iter().find(|(_, minutes)| n % minutes == 0) {
                Some((unit, minutes)) => format!("{}{unit}", n / minutes),
                None => format!("{n}m"),
            }],
            Self::SizeLimit(None) | Self::AgeLimit(None) => vec![OFF.into()],
            Self::Text(text) => vec![text.clone()],
            Self::Addresses(list) => list.iter().map(IpAddr::to_string).collect(),
            Self::Files(list) => list.iter().map(|path| path.display().to_string()).collect(),
            Self::File(file) => file.iter().map(|path| path.display().to_string()).collect(),
            Self::Hosts(list) => list.clone(),
            Self::HostPatterns(list) => list.iter().map(HostPattern::to_string).collect(),
        }
    }

    /// The value as TOML.
    pub(super) fn item(&self) -> Item {
        match self {
            Self::Port(port) => toml_edit::value(i64::from(*port)),
            Self::Switch(on) => toml_edit::value(*on),
            // At most 600.
            Self::Seconds(n) => toml_edit::value(n.cast_signed()),
            Self::Size(n) if n % 1024 != 0 => toml_edit::value(n.cast_signed()),
            Self::Size(_) => toml_edit::value(self.to_string()),
            Self::SizeLimit(_) | Self::AgeLimit(_) => toml_edit::value(self.to_string()),
            Self::Text(text) => toml_edit::value(text),
            Self::File(_) => toml_edit::value(self.to_string()),
            list => toml_edit::value(list.words().into_iter().collect::<toml_edit::Array>()),
        }
    }
}

/// For reading: list items separated by a space.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.words().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_to_their_bounds() {
        let read = |kind: Kind, text| kind.read_text(&kind.split(text));
        assert_eq!(read(Kind::Port, "0"), Ok(Value::Port(0)));
        for bad in ["-1", "65536", "", "x", "1 "] {
            assert_eq!(read(Kind::Port, bad), Err(PORT.into()), "{bad:?}");
        }
        assert_eq!(read(Kind::Switch, "false"), Ok(Value::Switch(false)));
        assert!(read(Kind::Switch, "no").is_err());
        assert_eq!(read(Kind::Seconds, "600"), Ok(Value::Seconds(600)));
        for bad in ["0", "601", "-1", "1.5", ""] {
            assert_eq!(read(Kind::Seconds, bad), Err(SECONDS.into()), "{bad:?}");
        }
        assert!(read(Kind::Choice(&["text", "json"]), "xml").unwrap_err().contains("text or json"));
        assert!(Kind::Port.read_text(&["1", "2"]).is_err());
    }

    #[test]
    fn sizes_have_units() {
        let read = |text| Kind::Size.read_text(&Kind::Size.split(text));
        for (text, bytes, shown) in [
            ("0", 0, "0"),
            ("1000", 1000, "1000"),
            ("1 GiB", 1 << 30, "1 GiB"),
            ("1048576", 1 << 20, "1 MiB"),
            ("3072MiB", 3 << 30, "3 GiB"),
        ] {
            let value = read(text).unwrap();
            assert_eq!((&value, value.to_string().as_str()), (&Value::Size(bytes), shown));
            assert_eq!(Kind::Size.read_item(&value.item(), Path::new("")), Ok(value), "as TOML");
        }
        for bad in ["", "-1", "1 GB", "1.5 GiB", "GiB", "9223372036854775808", "9999999 TiB"] {
            assert_eq!(read(bad), Err(SIZE.into()), "{bad:?}");
        }
    }

    #[test]
    fn only_the_loopback_network_is_listened_on_by_setting() {
        let read = |text| Kind::LoopbackAddresses.read_text(&Kind::LoopbackAddresses.split(text));
        assert_eq!(read("127.0.0.1, ::1").unwrap().to_string(), "127.0.0.1 ::1");
        for open in ["0.0.0.0", "::", "192.168.1.2", "::ffff:10.0.0.1"] {
            assert!(read(open).unwrap_err().contains("start --listen"), "{open}");
        }
    }

    #[test]
    fn hosts_are_written_as_dns_writes_them() {
        for (word, wanted) in [
            ("Example.COM", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("[::1]", "::1"),
            ("::1", "::1"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(host(word).as_deref(), Ok(wanted));
        }
        for bad in ["", "https://a.example", "a.example:443", "*.example", "a b", "a/b"] {
            assert!(host(bad).is_err(), "{bad:?}");
        }
    }
}
