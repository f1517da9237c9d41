//! Header fields, whatever their bytes.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use waylay_storage::model;

/// One header field or trailer. What was no field line stands in `value` under an empty name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// In the case it had on the wire.
    pub name: String,
    /// Without the white space around it. Bytes that are no UTF-8 are replaced by U+FFFD, and `bytes` has the truth.
    pub value: String,
    /// The value in base64, where it is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// The name in base64, where it is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_bytes: Option<String>,
}

impl From<&model::Field> for Field {
    fn from(field: &model::Field) -> Self {
        let (name, name_bytes) = text(&field.name);
        let (value, bytes) = text(&field.value);
        Self { name, value, bytes, name_bytes }
    }
}

/// Text for reading, and the bytes in base64 if the text is not all of them.
pub(super) fn text(bytes: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), Some(BASE64_STANDARD.encode(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn bytes_that_are_no_text_are_kept_beside_it() {
        let field = model::Field { name: Bytes::from_static(b"X-A"), value: Bytes::from_static(b"caf\xe9") };
        let view = Field::from(&field);
        let json = serde_json::to_string(&view).unwrap();
        assert_eq!(json, r#"{"name":"X-A","value":"caf�","bytes":"Y2Fm6Q=="}"#);
        assert_eq!(serde_json::from_str::<Field>(&json).unwrap(), view);
        let plain = Field::from(&model::Field { name: Bytes::from_static(b"a"), value: Bytes::from_static(b"b") });
        assert_eq!(serde_json::to_string(&plain).unwrap(), r#"{"name":"a","value":"b"}"#);
    }
}
