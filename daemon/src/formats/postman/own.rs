//! `_waylay`: what the model says of an object of a file beyond what Postman has words for.
//!
//! It holds the fields of the model that reading the object alone would not give back, and a seal over the object. Where
//! somebody has changed the object since, the seal is broken, and what the object says counts.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The member's name.
pub const MEMBER: &str = "_waylay";
/// The seal's, within it.
const SEAL: &str = "of";

/// What has to be said besides, if anything, so that `model` is read where reading alone gives `read`. `said` are the parts of
/// the file that say something about it.
pub fn besides<T: Serialize>(model: &T, read: &T, said: &[&Value]) -> Option<Value> {
    let (Ok(Value::Object(model)), Ok(Value::Object(read))) = (serde_json::to_value(model), serde_json::to_value(read))
    else {
        return None;
    };
    let mut besides = Map::new();
    for (key, value) in &model {
        if read.get(key) != Some(value) {
            besides.insert(key.clone(), value.clone());
        }
    }
    for key in read.keys().filter(|key| !model.contains_key(*key)) {
        besides.insert(key.clone(), Value::Null);
    }
    if besides.is_empty() {
        return None;
    }
    besides.insert(SEAL.into(), seal(said).into());
    Some(Value::Object(besides))
}

/// Why what stands under `_waylay` does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Void {
    /// The seal is broken.
    Changed,
    /// It does not fit the model.
    Unfit,
}

/// `read` with what stands under `_waylay`.
///
/// # Errors
/// If that does not count; `read` stays as it is.
pub fn apply<T: Serialize + DeserializeOwned>(read: &mut T, besides: Value, said: &[&Value]) -> Result<(), Void> {
    let Value::Object(mut besides) = besides else { return Err(Void::Unfit) };
    if besides.shift_remove(SEAL).as_ref().and_then(Value::as_str) != Some(seal(said).as_str()) {
        return Err(Void::Changed);
    }
    let Ok(Value::Object(mut model)) = serde_json::to_value(&*read) else { return Err(Void::Unfit) };
    for (key, value) in besides {
        match value {
            Value::Null => drop(model.shift_remove(&key)),
            value => drop(model.insert(key, value)),
        }
    }
    *read = serde_json::from_value(Value::Object(model)).map_err(|_| Void::Unfit)?;
    Ok(())
}

/// A hash over values, whatever the order of their members and the writing of their text.
fn seal(said: &[&Value]) -> String {
    let mut hash = Sha256::new();
    for value in said {
        add(&mut hash, value);
    }
    let mut text = String::with_capacity(32);
    for byte in &hash.finalize()[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Array(elements) => {
            hash.update([b'[']);
            hash.update((elements.len() as u64).to_le_bytes());
            elements.iter().for_each(|element| add(hash, element));
        }
        Value::Object(members) => {
            hash.update([b'{']);
            hash.update((members.len() as u64).to_le_bytes());
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            for (key, value) in members {
                add_text(hash, b'k', key);
                add(hash, value);
            }
        }
        Value::String(text) => add_text(hash, b'"', text),
        Value::Number(number) => add_text(hash, b'0', &number.to_string()),
        Value::Bool(flag) => hash.update([b'b', u8::from(*flag)]),
        Value::Null => hash.update([b'n']),
    }
}

fn add_text(hash: &mut Sha256, kind: u8, text: &str) {
    hash.update([kind]);
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}
