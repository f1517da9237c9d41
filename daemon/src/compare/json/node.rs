//! Values of JSON (RFC 8259) as they are compared. Numbers keep their digits, so that long ones are not taken for each other.

use std::{borrow::Cow, fmt};

/// Deepest nesting that is looked into.
const DEEPEST: usize = 200;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Node {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// In order.
    Array(Vec<Node>),
    /// In order; of a name that stands there twice, the last value, as most readers have it.
    Object(Vec<(String, Node)>),
    /// In an array, one that does not count.
    Ignored,
}

/// A number as it is written.
#[derive(Clone, Debug)]
pub(in super::super) struct Number(String);

impl PartialEq for Number {
    /// `1`, `1.0` and `1e0` are one number, as far as a double tells numbers apart for sure.
    fn eq(&self, other: &Self) -> bool {
        let short = |number: &Self| number.0.bytes().filter(u8::is_ascii_digit).count() <= 15;
        self.0 == other.0 || (short(self) && short(other) && self.0.parse::<f64>() == other.0.parse::<f64>())
    }
}

/// Reads a document; `None` if it is not JSON, or nested deeper than is looked into.
pub(in super::super) fn parse(text: &str) -> Option<Node> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.space();
    (reader.at == text.len()).then_some(node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Node> {
        self.space();
        match self.peek()? {
            b'{' if depth < DEEPEST => self.object(depth),
            b'[' if depth < DEEPEST => self.array(depth),
            b'"' => self.string().map(|text| Node::Text(text.into_owned())),
            b't' => self.word("true", Node::Bool(true)),
            b'f' => self.word("false", Node::Bool(false)),
            b'n' => self.word("null", Node::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Some(Node::Object(entries));
        }
        loop {
            self.space();
            let key = self.string()?.into_owned();
            self.space();
            if !self.take(b':') {
                return None;
            }
            entries.push((key, self.value(depth + 1)?));
            self.space();
            if self.take(b'}') {
                return Some(Node::Object(last_of_each(entries)));
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Some(Node::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Some(Node::Array(items));
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let (bytes, begin) = (self.text.as_bytes(), self.at);
        let (mut at, mut plain) = (begin + 1, true);
        loop {
            match bytes.get(at)? {
                b'"' => break,
                b'\\' => (at, plain) = (at + 2, false),
                0..0x20 => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        if plain {
            return Some(Cow::Borrowed(&self.text[begin + 1..at]));
        }
        let quoted = self.text.get(begin..=at)?;
        // A lone half of a surrogate pair is no text; as most readers have it, it is replaced.
        let read = serde_json::from_str::<String>(quoted).ok();
        Some(Cow::Owned(read.or_else(|| lenient(quoted))?))
    }

    fn number(&mut self) -> Option<Node> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        let number = &rest[..end];
        is_number(number).then(|| {
            self.at += end;
            Node::Number(Number(number.to_owned()))
        })
    }

    fn word(&mut self, word: &str, node: Node) -> Option<Node> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            node
        })
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// RFC 8259, 6.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// A string with an escape that stands for no character, which is shown as it is written.
fn lenient(quoted: &str) -> Option<String> {
    let escaped = quoted.replace("\\u", "\\\\u");
    serde_json::from_str(&escaped).ok()
}

fn last_of_each(entries: Vec<(String, Node)>) -> Vec<(String, Node)> {
    let mut places = std::collections::HashMap::with_capacity(entries.len());
    let mut kept: Vec<(String, Node)> = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        match places.get(&key) {
            Some(place) => {
                let place: &usize = place;
                kept[*place].1 = node;
            }
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, node));
            }
        }
    }
    kept
}

impl fmt::Display for Node {
    /// As JSON, without spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(Number(number)) => f.write_str(number),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Ignored => f.write_str("…"),
            Self::Array(items) => {
                f.write_str("[")?;
                for (n, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if n > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(entries) => {
                f.write_str("{")?;
                for (n, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{}:{value}", if n > 0 { "," } else { "" }, quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_members_with_one_name_the_last_counts() {
        assert_eq!(
            parse("{\"a\":1,\"b\":2,\"a\":3}").map(|node| node.to_string()).as_deref(),
            Some("{\"a\":3,\"b\":2}")
        );
    }

    #[test]
    fn what_is_no_json_is_not_read() {
        for bad in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "nul",
            "\"a",
            "\"\u{1}\"",
            "[1] 2",
            "{a:1}",
            "--1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let deep = "[".repeat(DEEPEST) + &"]".repeat(DEEPEST);
        assert!(parse(&deep).is_some());
        assert!(parse(&format!("[{deep}]")).is_none());
        assert!(parse(&"[".repeat(1_000_000)).is_none());
    }

    #[test]
    fn numbers_are_told_apart_by_their_digits_where_doubles_do_not() {
        let same = |a: &str, b: &str| parse(a).unwrap() == parse(b).unwrap();
        assert!(same("1", "1.0") && same("1e2", "100") && same("-0", "0"));
        assert!(!same("12345678901234567890123", "12345678901234567890124"));
        assert!(!same("9007199254740993", "9007199254740992"));
    }

    proptest::proptest! {
        #[test]
        fn it_reads_what_serde_reads(text in r#"[\[\]{}",:0-9a-z\\u .eE+-]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            // Numbers beyond a double are refused there.
            if theirs {
                proptest::prop_assert!(parse(&text).is_some(), "{}", text);
            }
        }

        #[test]
        fn what_is_written_is_read(text in "\\PC{0,20}", number in proptest::num::i64::ANY) {
            let node = Node::Object(vec![(text.clone(), Node::Array(vec![Node::Text(text), Node::Number(Number(number.to_string()))]))]);
            proptest::prop_assert_eq!(parse(&node.to_string()), Some(node));
        }
    }
}
