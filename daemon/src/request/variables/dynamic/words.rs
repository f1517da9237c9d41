//! Words of the trade.

use super::{Dynamic, Variable, capitalised, plain::ABBREVIATIONS};

pub(super) const ALL: &[Variable] = &[
    Variable("$randomNoun", |d| d.word(NOUNS)),
    Variable("$randomVerb", |d| d.word(VERBS)),
    Variable("$randomIngverb", |d| d.word(ING_VERBS)),
    Variable("$randomAdjective", |d| d.word(ADJECTIVES)),
    Variable("$randomWord", word),
    Variable("$randomWords", |d| d.list(2, 5, word, " ")),
    Variable("$randomPhrase", phrase),
];

const NOUNS: &[&str] = &[
    "driver",
    "protocol",
    "bandwidth",
    "panel",
    "microchip",
    "program",
    "port",
    "card",
    "array",
    "interface",
    "system",
    "sensor",
    "firewall",
    "hard drive",
    "pixel",
    "alarm",
    "feed",
    "monitor",
    "application",
    "transmitter",
    "bus",
    "circuit",
    "capacitor",
    "matrix",
];

const VERBS: &[&str] = &[
    "back up",
    "bypass",
    "hack",
    "override",
    "compress",
    "copy",
    "navigate",
    "index",
    "connect",
    "generate",
    "quantify",
    "calculate",
    "synthesize",
    "input",
    "transmit",
    "program",
    "reboot",
    "parse",
];

const ING_VERBS: &[&str] = &[
    "backing up",
    "bypassing",
    "hacking",
    "overriding",
    "compressing",
    "copying",
    "navigating",
    "indexing",
    "connecting",
    "generating",
    "quantifying",
    "calculating",
    "synthesizing",
    "transmitting",
    "programming",
    "parsing",
];

const ADJECTIVES: &[&str] = &[
    "auxiliary",
    "primary",
    "back-end",
    "digital",
    "open-source",
    "virtual",
    "cross-platform",
    "redundant",
    "online",
    "haptic",
    "multi-byte",
    "bluetooth",
    "wireless",
    "1080p",
    "neural",
    "optical",
    "solid state",
    "mobile",
];

const OTHERS: &[&str] = &[
    "withdrawal",
    "orchard",
    "granite",
    "seamless",
    "markets",
    "island",
    "silver",
    "concrete",
    "harbour",
    "paradigm",
    "bridge",
    "cotton",
    "infrastructures",
    "lavender",
    "springs",
    "metrics",
    "synergistic",
    "grocery",
    "turquoise",
    "quality",
    "violet",
    "architect",
    "forward",
    "invoice",
    "holistic",
    "station",
    "garden",
    "horizon",
    "lantern",
    "compass",
];

/// Any word.
pub(super) fn word(d: &mut Dynamic) -> String {
    match d.number(0, 4) {
        0 => d.word(NOUNS),
        1 => d.word(ADJECTIVES),
        2 => d.word(ABBREVIATIONS),
        3 => d.word(VERBS),
        _ => d.word(OTHERS),
    }
}

fn phrase(d: &mut Dynamic) -> String {
    let (short, noun, other) = (d.pick(ABBREVIATIONS), d.pick(NOUNS), d.pick(NOUNS));
    let (verb, adjective) = (d.pick(VERBS), d.pick(ADJECTIVES));
    match d.number(0, 3) {
        0 => format!(
            "If we {verb} the {noun}, we can get to the {short} {other} through the {adjective} {short} {noun}!"
        ),
        1 => format!("Try to {verb} the {short} {noun}, maybe it will {} the {adjective} {other}!", d.pick(VERBS)),
        2 => format!("You can't {verb} the {noun} without {} the {adjective} {short} {other}!", d.pick(ING_VERBS)),
        _ => format!(
            "{} the {adjective} {noun} won't do anything, we need to {verb} the {short} {other}!",
            capitalised(d.pick(ING_VERBS))
        ),
    }
}
