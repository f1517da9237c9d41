//! What a collection is. Its JSON is that of the API and of the store; files of Postman are read into it and written
//! from it.

use crate::request::{Auth, Draft, Extra, Field, Settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tree of requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Collection {
    /// Its name, unique only by habit.
    pub name: String,
    /// A note, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who asks, where a request or folder in it inherits that.
    #[serde(skip_serializing_if = "Auth::is_inherited")]
    pub auth: Auth,
    /// Values for all requests in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Scripts as the file had them (`event` of a Postman file). They are kept, and never run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<Value>,
    /// How its requests are sent, where they do not say so themselves.
    #[serde(skip_serializing_if = "Settings::is_default")]
    pub settings: Settings,
    /// What is in it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What the file it was read from said besides.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// A folder or a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(clippy::large_enum_variant, reason = "most items are requests, and they are the larger ones")]
pub enum Item {
    /// A folder.
    Folder(Folder),
    /// A request.
    Request(Saved),
}

/// Requests that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// A note, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who asks, where a request or folder in it inherits that.
    #[serde(skip_serializing_if = "Auth::is_inherited")]
    pub auth: Auth,
    /// Values for all requests in it; they win over those of what is around it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Scripts as the file had them. They are kept, and never run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<Value>,
    /// How its requests are sent, where they do not say so themselves.
    #[serde(skip_serializing_if = "Settings::is_default")]
    pub settings: Settings,
    /// What is in it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What the file it was read from said besides.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// A request that is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// A note, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The request as it is written, with the settings that are its own.
    pub request: Draft,
    /// Values for this request alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Scripts as the file had them. They are kept, and never run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<Value>,
    /// The exchange it was made from, such as `7.42`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What came back, once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// What the file it was read from said besides.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// A response to a request that is kept, and what was asked for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Example {
    /// Its name.
    pub name: String,
    /// What was asked, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Draft>,
    /// Status, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The reason phrase.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// In order, duplicates apart. Without what says how the body was coded: `body` is decoded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Field>,
    /// The body, decoded.
    #[serde(skip_serializing_if = "ExampleBody::is_none")]
    pub body: ExampleBody,
    /// What it is to be shown as: `json`, `html`, `xml`, `text`, `javascript`; empty if nobody said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// How long it took, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<f64>,
    /// The exchange it was made from, such as `7.42`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What the file it was read from said besides.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// The body of an example.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum ExampleBody {
    /// There is none.
    #[default]
    None,
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// Bytes that are no text.
    Bytes {
        /// In Base64.
        base64: String,
    },
}

/// A name for a text that requests use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub key: String,
    /// What stands for it.
    #[serde(default)]
    pub value: String,
    /// Masked, and exported empty.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Kept, but not used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the file it was read from said besides.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

impl ExampleBody {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Item {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Folder(folder) => &folder.name,
            Self::Request(saved) => &saved.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_in_which_collections_are_kept_stays() {
        let text = r##"{"name":"C","variables":[{"key":"k","value":"v","secret":true}],"items":[
            {"kind":"folder","name":"F","auth":{"type":"none"},"items":[
                {"kind":"request","name":"R","request":{"url":"{{base}}/x"},"scripts":[{"listen":"test"}],
                 "examples":[{"name":"E","status":200,"body":{"mode":"text","text":"{}"},"language":"json"}]}]}],
            "extra":{"info":{"version":"1"}}}"##;
        let collection: Collection = serde_json::from_str(text).unwrap();
        let shown = serde_json::to_value(&collection).unwrap();
        assert_eq!(shown, serde_json::from_str::<Value>(text).unwrap());
        for bad in [r#"{"nam":"x"}"#, r#"{"items":[{"kind":"folder","request":{}}]}"#, r#"{"items":[{"name":"x"}]}"#] {
            assert!(serde_json::from_str::<Collection>(bad).is_err(), "{bad}");
        }
    }
}
