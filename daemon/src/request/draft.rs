//! A request as it is written: with variables, disabled fields, and all that is only of use to whoever edits it.

use super::Settings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a file said about something beyond what is known here; kept as it was, for whoever gets the file back.
pub type Extra = serde_json::Map<String, serde_json::Value>;

/// A request as it is written. Every text may hold variables, `{{name}}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// Any token (RFC 9110, 9.1); empty for GET.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// As typed, with the query; without a scheme `http://` is meant. `http://unix:/path.sock:/resource` leads to a
    /// Unix socket.
    pub url: String,
    /// If given, it stands for the query of `url`: those that are enabled are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Vec<Field>>,
    /// Values for the segments of the path that are written as `:name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path_variables: Vec<Field>,
    /// In order; a name may occur more than once. What is written here wins over what would be sent by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Field>,
    /// Names, in lower case, of fields that are not to be sent by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// What is sent behind the head.
    #[serde(skip_serializing_if = "Body::is_none")]
    pub body: Body,
    /// Who asks.
    #[serde(skip_serializing_if = "Auth::is_inherited")]
    pub auth: Auth,
    /// How it is to be sent.
    #[serde(skip_serializing_if = "Settings::is_default")]
    pub settings: Settings,
    /// Who wrote it, where that is not the user: the origin of a web page, or [`SOME_PAGE`]. Such a request is not sent as the
    /// user's own without the user's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_by: Option<String>,
    /// What the file it was read from said besides, by the part of the request it was said about.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// Who wrote a request that was sent for a web page, where it is not known which.
pub const SOME_PAGE: &str = "a web page";

/// A name and its value: of a header field, of a query, of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// The value's bytes in Base64, where they are no UTF-8; `value` is then only for reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// Kept, but not sent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the file it was read from said besides.
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// The body of a request. Files are named as the folder for files has them, or by an absolute path where that is allowed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase", deny_unknown_fields)]
pub enum Body {
    /// There is none.
    #[default]
    None,
    /// A text.
    Raw {
        /// The text.
        raw: String,
        /// What it is written in; decides about the media type.
        #[serde(default)]
        language: Language,
    },
    /// Bytes.
    Bytes {
        /// In Base64.
        base64: String,
    },
    /// `application/x-www-form-urlencoded`.
    Urlencoded {
        /// In order.
        urlencoded: Vec<Field>,
    },
    /// `multipart/form-data` (RFC 7578).
    Formdata {
        /// In order.
        formdata: Vec<Part>,
    },
    /// A file as it is.
    File {
        /// The file; empty if none has been chosen.
        src: String,
    },
    /// A GraphQL operation, sent as JSON.
    Graphql {
        /// The document.
        query: String,
        /// A JSON object; empty for none.
        #[serde(default)]
        variables: String,
        /// Which operation of the document; empty for none.
        #[serde(default)]
        operation_name: String,
    },
    /// The body of a captured request, byte for byte.
    Captured {
        /// The exchange, such as `7.42`.
        exchange: String,
        /// How long it is, bytes; for reading only.
        #[serde(default)]
        size: u64,
    },
}

/// What a raw body is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// `text/plain`.
    #[default]
    Text,
    /// `application/json`; comments are not sent.
    Json,
    /// `application/javascript`.
    Javascript,
    /// `text/html`.
    Html,
    /// `application/xml`.
    Xml,
}

/// A part of `multipart/form-data`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// The field's name.
    pub key: String,
    /// Its value, unless it is made of files.
    pub value: String,
    /// The files it is made of: a part each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src: Option<Vec<String>>,
    /// Its media type; empty for the usual one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// The name that is sent for the file, if not its own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file_name: String,
    /// Kept, but not sent.
    #[serde(skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// A note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the file it was read from said besides.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub extra: Extra,
}

/// How a request says who asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Auth {
    /// As the folder or collection around it says; by itself like `None`.
    #[default]
    Inherit,
    /// It does not.
    None,
    /// RFC 7617.
    Basic {
        /// User name, without a colon.
        username: String,
        /// Password.
        #[serde(default)]
        password: String,
    },
    /// RFC 6750.
    Bearer {
        /// The token.
        token: String,
    },
    /// A field or a parameter.
    Apikey {
        /// Its name.
        key: String,
        /// The key.
        value: String,
        /// Where it stands.
        #[serde(rename = "in", default)]
        place: KeyPlace,
    },
    /// RFC 7616. The first request goes without; what the server asks is then answered.
    Digest {
        /// User name.
        username: String,
        /// Password.
        #[serde(default)]
        password: String,
    },
    /// A kind that is kept, but cannot be sent yet.
    #[serde(untagged)]
    Other(BTreeMap<String, serde_json::Value>),
}

/// Where an API key stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyPlace {
    /// A header field.
    #[default]
    Header,
    /// A parameter of the query.
    Query,
}

impl Body {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Auth {
    /// Whether nothing is said here.
    pub fn is_inherited(&self) -> bool {
        matches!(self, Self::Inherit)
    }
}

impl Field {
    /// An enabled field.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into(), ..Self::default() }
    }

    /// Whether it is one of a query or a form that is sent: enabled, and not an empty line.
    pub fn is_sent(&self) -> bool {
        !(self.disabled || self.key.is_empty() && self.value.is_empty())
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_which_drafts_are_kept_stay() {
        let text = r#"{"method":"POST","url":"{{base}}/a?x=1","headers":[{"key":"X","value":"1","disabled":true}],
            "body":{"mode":"formdata","formdata":[{"key":"f","value":"","src":["a.png"],"content_type":"image/png"}]},
            "auth":{"type":"apikey","key":"k","value":"v","in":"query"},
            "settings":{"http_version":"2","max_redirects":3}}"#;
        let draft: Draft = serde_json::from_str(text).unwrap();
        let shown = serde_json::to_value(&draft).unwrap();
        assert_eq!(shown, serde_json::from_str::<serde_json::Value>(text).unwrap());
        for (auth, kept) in [
            (r#"{"type":"none"}"#, Auth::None),
            (r#"{"type":"bearer","token":"t"}"#, Auth::Bearer { token: "t".into() }),
        ] {
            assert_eq!(serde_json::from_str::<Auth>(auth).unwrap(), kept);
        }
        let other = r#"{"type":"oauth2","accessToken":"x"}"#;
        let kept: Auth = serde_json::from_str(other).unwrap();
        assert!(matches!(&kept, Auth::Other(fields) if fields["type"] == "oauth2"));
        let shown = serde_json::to_value(&kept).unwrap();
        assert_eq!(shown, serde_json::from_str::<serde_json::Value>(other).unwrap());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for bad in [r#"{"url":"x","headerz":[]}"#, r#"{"body":{"mode":"smoke"}}"#, r#"{"settings":{"http":"3"}}"#] {
            assert!(serde_json::from_str::<Draft>(bad).is_err(), "{bad}");
        }
    }
}
