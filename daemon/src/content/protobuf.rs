//! Protocol Buffers read without their schema (protobuf.dev, "Encoding").
//!
//! The wire tells field numbers and the width of values, not their types. What a length-delimited field holds is
//! guessed: text, a message, or bytes.
//!
//! - this file: [`decode`]
//! - `display`: a tree as JSON and as one line

mod display;
#[cfg(test)]
mod tests;

/// Messages within messages that are followed.
const DEPTH: u32 = 32;

/// Fields that are kept, of all depths together.
const NODES: usize = 2000;

/// Highest number of a field.
const HIGHEST: u64 = (1 << 29) - 1;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree<'a> {
    /// Its fields in their order.
    pub nodes: Vec<Node<'a>>,
    /// There are more than 2,000 fields; the rest is left out, and was not looked at.
    pub truncated: bool,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// Its number.
    pub number: u32,
    /// Its value.
    pub value: Value<'a>,
}

/// The value of a field, by what can be known or guessed.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// An integer, a truth value or an enum: wire type 0.
    Varint(u64),
    /// Eight bytes: wire type 1.
    I64(u64),
    /// Four bytes: wire type 5.
    I32(u32),
    /// Length-delimited (wire type 2), and likely text.
    Text(&'a str),
    /// Length-delimited, and likely a message.
    Message(Vec<Node<'a>>),
    /// Length-delimited, and neither.
    Bytes(&'a [u8]),
    /// The fields between the marks of a group: wire types 3 and 4.
    Group(Vec<Node<'a>>),
}

/// Reads a message; `None` if the bytes are none. Work is bounded by 32 times their length.
pub fn decode(bytes: &[u8]) -> Option<Tree<'_>> {
    let mut decoder = Decoder { left: NODES, truncated: false };
    let nodes = decoder.fields(&mut { bytes }, None, DEPTH)?;
    Some(Tree { nodes, truncated: decoder.truncated })
}

/// What may still be kept.
struct Decoder {
    left: usize,
    truncated: bool,
}

impl Decoder {
    /// The fields up to the end of the bytes, or to the end of the group whose number is given.
    fn fields<'a>(&mut self, bytes: &mut &'a [u8], group: Option<u32>, depth: u32) -> Option<Vec<Node<'a>>> {
        let mut nodes = Vec::new();
        while !bytes.is_empty() {
            if self.left == 0 {
                self.truncated = true;
                return Some(nodes);
            }
            let tag = varint(bytes)?;
            let number = u32::try_from(Some(tag >> 3).filter(|number| (1..=HIGHEST).contains(number))?).ok()?;
            self.left -= 1;
            let value = match tag & 7 {
                0 => Value::Varint(varint(bytes)?),
                1 => Value::I64(u64::from_le_bytes(fixed(bytes)?)),
                2 => self.guess(delimited(bytes)?, depth),
                3 => Value::Group(self.fields(bytes, Some(number), depth.checked_sub(1)?)?),
                4 if group == Some(number) => {
                    self.left += 1; // a mark, not a field
                    return Some(nodes);
                }
                5 => Value::I32(u32::from_le_bytes(fixed(bytes)?)),
                _ => return None,
            };
            nodes.push(Node { number, value });
        }
        group.is_none().then_some(nodes)
    }

    /// Text is what is printable. Some messages are, too: those with a length-delimited field that ends where it should
    /// are hardly text by chance (`\n$` and a UUID is field 1), others (`01`) are.
    fn guess<'a>(&mut self, bytes: &'a [u8], depth: u32) -> Value<'a> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(is_unprintable));
        if let Some("") = text {
            return Value::Text("");
        }
        let before = (self.left, self.truncated);
        let message = depth.checked_sub(1).and_then(|depth| self.fields(&mut { bytes }, None, depth));
        match (text, message) {
            (None, Some(nodes)) => Value::Message(nodes),
            (Some(_), Some(nodes)) if nodes.iter().any(is_delimited) => Value::Message(nodes),
            (text, _) => {
                (self.left, self.truncated) = before;
                text.map_or(Value::Bytes(bytes), Value::Text)
            }
        }
    }
}

fn is_unprintable(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

fn is_delimited(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Text(text) => !text.is_empty(),
        Value::Message(_) | Value::Bytes(_) => true,
        Value::Varint(_) | Value::I64(_) | Value::I32(_) | Value::Group(_) => false,
    }
}

/// Ten bytes at most, and no more than 64 bits.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(first & 0x7f);
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if *first < 0x80 {
            return Some(value);
        }
    }
    None
}

fn fixed<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (value, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*value)
}

fn delimited<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(varint(bytes)?).ok()?;
    let (value, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(value)
}
