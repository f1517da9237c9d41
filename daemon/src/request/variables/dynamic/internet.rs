//! Addresses, domains, accounts.

use super::{Dynamic, Variable, people};

pub(super) const ALL: &[Variable] = &[
    Variable("$randomIP", |d| d.list(4, 4, |d| d.number(0, 255).to_string(), ".")),
    Variable("$randomIPV6", |d| d.list(8, 8, |d| d.hex(4), ":")),
    Variable("$randomMACAddress", |d| d.list(6, 6, |d| d.hex(2), ":")),
    Variable("$randomPassword", |d| d.string(ALPHANUMERIC, 15)),
    Variable("$randomLocale", |d| d.word(LOCALES)),
    Variable("$randomUserAgent", user_agent),
    Variable("$randomProtocol", |d| d.word(&["http", "https"])),
    Variable("$randomSemver", |d| d.list(3, 3, |d| d.number(0, 9).to_string(), ".")),
    Variable("$randomDomainName", domain),
    Variable("$randomDomainSuffix", |d| d.word(SUFFIXES)),
    Variable("$randomDomainWord", domain_word),
    Variable("$randomEmail", |d| format!("{}@{}", user(d), d.pick(PROVIDERS))),
    Variable("$randomExampleEmail", |d| format!("{}@example.{}", user(d), d.pick(&["com", "net", "org"]))),
    Variable("$randomUserName", user),
    Variable("$randomUrl", |d| format!("{}://{}", d.pick(&["http", "https"]), domain(d))),
];

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const SUFFIXES: &[&str] = &["com", "biz", "info", "name", "net", "org"];

const PROVIDERS: &[&str] = &["gmail.com", "yahoo.com", "hotmail.com"];

/// ISO 639-1.
const LOCALES: &[&str] = &[
    "af", "am", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu",
    "fa", "fi", "fr", "fy", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km",
    "ko", "ky", "la", "lt", "lv", "mk", "mn", "ms", "mt", "nb", "nl", "nn", "ny", "pl", "pt", "ro", "ru", "si", "sk",
    "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "yi", "zh", "zu",
];

pub(super) fn domain_word(d: &mut Dynamic) -> String {
    d.pick(people::FIRST).to_lowercase()
}

fn domain(d: &mut Dynamic) -> String {
    format!("{}.{}", domain_word(d), d.pick(SUFFIXES))
}

fn user(d: &mut Dynamic) -> String {
    let first = d.pick(people::FIRST);
    match d.number(0, 2) {
        0 => format!("{first}{}", d.number(0, 99)),
        1 => format!("{first}{}{}", d.pick(&[".", "_"]), d.pick(people::LAST)),
        _ => format!("{first}{}{}{}", d.pick(&[".", "_"]), d.pick(people::LAST), d.number(0, 99)),
    }
}

fn user_agent(d: &mut Dynamic) -> String {
    let system = d.pick(&[
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "X11; Ubuntu; Linux x86_64",
    ]);
    let version = d.number(90, 150);
    if d.chance() {
        return format!("Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0");
    }
    format!("Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36")
}
