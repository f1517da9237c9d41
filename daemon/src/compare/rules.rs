//! What does not count.
//!
//! | rule | what it ignores |
//! |---|---|
//! | `status` | the status |
//! | `body` | the body, whatever it is |
//! | `header:NAME` | a field of the head; `*` stands for anything |
//! | `trailer:NAME` | likewise behind the body |
//! | `$.items[*].price` | a value of a JSON body, and all in it (RFC 9535: names, indices, `*` and `..`) |

use super::json::path::Pattern;
use waylay_storage::model::Field;

/// Fields that differ each time, or say how the answer was carried rather than what it is. Of `set-cookie`, only values and
/// expiry are passed over.
pub const NOISE: &[&str] = &[
    "age",
    "alt-svc",
    "cf-cache-status",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "nel",
    "report-to",
    "request-id",
    "server-timing",
    "set-cookie",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "via",
    "x-amz-cf-*",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-b3-*",
    "x-cache",
    "x-cache-hits",
    "x-cloud-trace-context",
    "x-correlation-id",
    "x-ratelimit-*",
    "x-request-id",
    "x-response-time",
    "x-runtime",
    "x-served-by",
    "x-timer",
    "x-trace-id",
];

/// Longest rule, bytes.
pub const LONGEST_RULE: usize = 500;
/// Most rules, and most names of noise.
pub const MOST_RULES: usize = 200;

/// What does not count.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    noise: Vec<Name>,
    status: bool,
    body: bool,
    headers: Vec<Name>,
    trailers: Vec<Name>,
    paths: Vec<Pattern>,
}

/// A rule that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{rule}' is no rule: {why}")]
pub struct BadRule {
    /// As it was given, the beginning of it.
    pub rule: String,
    /// Why not.
    pub why: String,
}

impl Rules {
    /// With the names of fields that are `noise`, and what else is to be ignored.
    ///
    /// # Errors
    /// [`BadRule`] for the first that cannot be understood.
    pub fn new(
        noise: impl IntoIterator<Item = impl AsRef<str>>,
        ignore: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, BadRule> {
        let mut rules = Self::default();
        for name in noise {
            rules.noise.push(Name::parse(name.as_ref(), name.as_ref())?);
        }
        for rule in ignore {
            rules.add(rule.as_ref())?;
        }
        Ok(rules)
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// [`BadRule`]
    pub fn add(&mut self, rule: &str) -> Result<(), BadRule> {
        let rule = rule.trim();
        if rule.len() > LONGEST_RULE {
            return Err(bad(rule, format!("it has {} bytes; {LONGEST_RULE} are allowed", rule.len())));
        }
        match rule.split_once(':') {
            _ if rule.starts_with('$') => self.paths.push(Pattern::parse(rule).map_err(|why| bad(rule, why))?),
            None if rule == "status" => self.status = true,
            None if rule == "body" => self.body = true,
            Some(("header", name)) => self.headers.push(Name::parse(name, rule)?),
            Some(("trailer", name)) => self.trailers.push(Name::parse(name, rule)?),
            _ => {
                let why = "write status, body, header:NAME, trailer:NAME, or a JSON path such as $.items[*].price";
                return Err(bad(rule, why));
            }
        }
        Ok(())
    }

    pub(super) fn ignores_status(&self) -> bool {
        self.status
    }

    pub(super) fn ignores_body(&self) -> bool {
        self.body
    }

    pub(super) fn ignores_header(&self, name: &str) -> bool {
        self.headers.iter().any(|pattern| pattern.matches(name))
    }

    pub(super) fn ignores_trailer(&self, name: &str) -> bool {
        self.trailers.iter().any(|pattern| pattern.matches(name))
    }

    pub(super) fn is_noise(&self, name: &str) -> bool {
        self.noise.iter().any(|pattern| pattern.matches(name))
    }

    pub(super) fn paths(&self) -> &[Pattern] {
        &self.paths
    }
}

/// The name of a field in lower case, as rules and differences have it.
pub(super) fn name(field: &Field) -> String {
    String::from_utf8_lossy(&field.name).to_ascii_lowercase()
}

/// The name of a field, in which `*` stands for anything.
#[derive(Clone, Debug)]
struct Name(String);

impl Name {
    fn parse(name: &str, rule: &str) -> Result<Self, BadRule> {
        let name = name.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            return Err(bad(rule, format!("'{}' is no name of a header field", shown(name))));
        }
        if name.len() > LONGEST_RULE {
            return Err(bad(rule, format!("it has {} bytes; {LONGEST_RULE} are allowed", name.len())));
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// Whether `name`, in lower case, is meant. Each `*` takes the first place that fits: that finds a match if there is one.
    fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut left) = name.strip_prefix(first) else { return false };
        let mut rest = rest.split('*').peekable();
        while let Some(piece) = rest.next() {
            if rest.peek().is_none() {
                return left.ends_with(piece);
            }
            let Some(at) = left.find(piece) else { return false };
            left = &left[at + piece.len()..];
        }
        true
    }
}

fn bad(rule: &str, why: impl Into<String>) -> BadRule {
    BadRule { rule: shown(rule), why: why.into() }
}

fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
