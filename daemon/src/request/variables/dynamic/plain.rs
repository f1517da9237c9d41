//! Identifiers, the time, numbers and colours.

use super::{Dynamic, Variable};
use jiff::Unit;

pub(super) const ALL: &[Variable] = &[
    Variable("$guid", uuid),
    Variable("$timestamp", |d| d.now.timestamp().as_second().to_string()),
    Variable("$isoTimestamp", iso_timestamp),
    Variable("$randomUUID", uuid),
    Variable("$randomAlphaNumeric", |d| d.string(b"0123456789abcdefghijklmnopqrstuvwxyz", 1)),
    Variable("$randomBoolean", |d| d.chance().to_string()),
    Variable("$randomInt", |d| d.number(0, 1000).to_string()),
    Variable("$randomColor", |d| d.word(COLORS)),
    Variable("$randomHexColor", |d| format!("#{}", d.hex(6))),
    Variable("$randomAbbreviation", |d| d.word(ABBREVIATIONS)),
];

pub(super) const ABBREVIATIONS: &[&str] = &[
    "TCP", "HTTP", "SDD", "RAM", "GB", "CSS", "SSL", "AGP", "SQL", "FTP", "PCI", "AI", "ADP", "RSS", "XML", "EXE",
    "COM", "HDD", "THX", "SMTP", "SMS", "USB", "PNG", "SAS", "IB", "SCSI", "JSON", "XSS", "JBOD",
];

const COLORS: &[&str] = &[
    "red",
    "green",
    "blue",
    "yellow",
    "purple",
    "mint",
    "teal",
    "white",
    "black",
    "orange",
    "pink",
    "grey",
    "maroon",
    "violet",
    "turquoise",
    "tan",
    "salmon",
    "plum",
    "orchid",
    "olive",
    "magenta",
    "lime",
    "ivory",
    "indigo",
    "gold",
    "fuchsia",
    "cyan",
    "azure",
    "lavender",
    "silver",
];

/// Version 4 of RFC 9562.
fn uuid(d: &mut Dynamic) -> String {
    let variant = d.string(b"89ab", 1);
    format!("{}-{}-4{}-{variant}{}-{}", d.hex(8), d.hex(4), d.hex(3), d.hex(3), d.hex(12))
}

fn iso_timestamp(d: &mut Dynamic) -> String {
    // Only a moment at the very end of time could not be rounded.
    let now = d.now.timestamp();
    let now =
        now.round(jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Trunc)).unwrap_or(now);
    format!("{now:.3}")
}
