//! A tree as JSON and as one line.

use super::{Node, Tree, Value};
use crate::content::Hex;
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};
use std::fmt;

/// Bytes of a value that are shown.
const SHOWN: usize = 256;

impl Value<'_> {
    fn wire(&self) -> &'static str {
        match self {
            Self::Varint(_) => "varint",
            Self::I64(_) => "i64",
            Self::I32(_) => "i32",
            Self::Text(_) | Self::Message(_) | Self::Bytes(_) => "len",
            Self::Group(_) => "group",
        }
    }
}

/// `{"number", "wire", "value"}`.
impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut node = serializer.serialize_struct("Node", 3)?;
        node.serialize_field("number", &self.number)?;
        node.serialize_field("wire", self.value.wire())?;
        node.serialize_field("value", &self.value)?;
        node.end()
    }
}

/// An object with every reading there is; integers of 64 bits are strings, for JavaScript's sake.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serializer.serialize_map(None)?;
        match self {
            Self::Varint(n) => {
                value.serialize_entry("uint", &n.to_string())?;
                value.serialize_entry("sint", &zigzag(*n).to_string())?;
            }
            Self::I64(n) => {
                value.serialize_entry("uint", &n.to_string())?;
                value.serialize_entry("float", &f64::from_bits(*n))?;
            }
            Self::I32(n) => {
                value.serialize_entry("uint", &n.to_string())?;
                value.serialize_entry("float", &widened(f32::from_bits(*n)))?;
            }
            Self::Text(text) => value.serialize_entry("text", text)?,
            Self::Message(nodes) | Self::Group(nodes) => value.serialize_entry("message", nodes)?,
            Self::Bytes(bytes) => {
                value.serialize_entry("hex", &Hex::of(bytes, SHOWN).to_string())?;
                value.serialize_entry("length", &bytes.len())?;
            }
        }
        value.end()
    }
}

/// How `sint32` and `sint64` are written: 0, -1, 1, -2.
fn zigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// The double of the same shortest digits: 0.1 stays 0.1.
fn widened(float: f32) -> f64 {
    float.to_string().parse().unwrap_or(f64::NAN)
}

/// `1: "name", 2: 5, 3: {1: 0x00ff}`.
impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(&self.nodes, f)
    }
}

fn list(nodes: &[Node<'_>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, Node { number, value }) in nodes.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        write!(f, "{comma}{number}: ")?;
        match value {
            Value::Varint(n) => write!(f, "{n}")?,
            Value::I64(n) => fraction(f64::from_bits(*n), n, f)?,
            Value::I32(n) => fraction(widened(f32::from_bits(*n)), n, f)?,
            Value::Text(text) => write!(f, "{text:?}")?,
            Value::Bytes(bytes) => write!(f, "0x{}", Hex::of(bytes, SHOWN))?,
            Value::Message(nodes) | Value::Group(nodes) => {
                f.write_str("{")?;
                list(nodes, f)?;
                f.write_str("}")?;
            }
        }
    }
    Ok(())
}

/// Bits that make a fraction of a usual size are likely meant as one.
fn fraction(float: f64, bits: impl fmt::Display, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if (1e-6..1e15).contains(&float.abs()) { write!(f, "{float}") } else { write!(f, "{bits}") }
}
