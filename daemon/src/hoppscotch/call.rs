//! What a page asks for by `/execute`. Whatever is optional may be missing or null, and what is not known is ignored.

use super::{
    members::{BadJson, Place, put_aside},
    octets::Octets,
};
use crate::platform::At;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{fs::File, io::Read};

/// A request to send.
#[derive(Debug)]
pub struct Call {
    /// The page's number for it: milliseconds of its clock.
    pub id: i64,
    /// Absolute, with its query.
    pub url: String,
    /// Any token.
    pub method: String,
    /// `HTTP/1.1`, for instance.
    pub version: String,
    /// In the order in which they came.
    pub headers: Vec<(String, String)>,
    /// What is sent behind the head.
    pub content: Option<Content>,
    /// Who asks.
    pub auth: Auth,
    /// How the origin is checked, and what is shown to it.
    pub security: Security,
    /// The proxy on the way.
    pub proxy: Option<Proxy>,
    /// How it is sent.
    pub options: Options,
}

/// A body. Its bytes stay where they are.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// What it is.
    pub kind: Kind,
    /// Its value, as JSON.
    pub content: Place,
    /// Its media type.
    #[serde(default)]
    pub media_type: Option<String>,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text, sent as it is.
    Text,
    /// A JSON value.
    Json,
    /// A text, likewise.
    Xml,
    /// A text that is encoded already.
    Urlencoded,
    /// Bytes.
    Binary,
    /// `multipart/form-data`.
    #[serde(alias = "form")]
    Multipart,
}

/// Who asks. Members that a kind does not have are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Auth {
    /// `basic`, for instance.
    pub kind: Option<String>,
    /// Of Basic and Digest.
    pub username: Option<String>,
    /// Likewise.
    pub password: Option<String>,
    /// Of Bearer.
    pub token: Option<String>,
    /// The name of an API key.
    pub key: Option<String>,
    /// The API key.
    pub value: Option<String>,
    /// Where it stands: `header` or `query`.
    #[serde(rename = "in")]
    pub place: Option<String>,
    /// Of OAuth 2.0.
    pub access_token: Option<String>,
}

/// How the origin is checked, and what is shown to it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Security {
    /// Whether its certificate must name it.
    pub verify_host: Option<bool>,
    /// Whether its certificate must come from an issuer that is trusted.
    pub verify_peer: Option<bool>,
    /// Ours, and issuers of theirs.
    pub certificates: Option<Certificates>,
}

/// Ours, and issuers of theirs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Certificates {
    /// Ours.
    pub client: Option<ClientCertificate>,
    /// Issuers, each PEM with one or several.
    pub ca: Option<Vec<Octets>>,
}

/// A client certificate with its key.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ClientCertificate {
    /// Two files.
    Pem {
        /// The certificate.
        cert: Octets,
        /// Its key.
        key: Octets,
    },
    /// One file, PKCS#12.
    Pfx {
        /// The file.
        data: Octets,
        /// Its passphrase.
        #[serde(default)]
        password: Option<String>,
    },
}

/// The proxy on the way.
#[derive(Debug, Deserialize)]
pub struct Proxy {
    /// With credentials, perhaps.
    pub url: String,
    /// Those, by themselves.
    #[serde(default)]
    pub auth: Option<ProxyAuth>,
}

/// Who one is to a proxy.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProxyAuth {
    /// The name.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
}

/// How it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// Whether redirects are followed; by itself not.
    pub follow_redirects: Option<bool>,
    /// How many in a row.
    pub max_redirects: Option<u32>,
    /// For the whole of it, milliseconds.
    pub timeout: Option<u64>,
    /// Whether codings of the answer are undone; by itself they are.
    pub decompress: Option<bool>,
    /// Whether cookies that one hop sets reach the next; by itself not.
    pub cookies: Option<bool>,
}

/// A part of a form.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum FormValue {
    /// A text.
    Text {
        /// The text.
        value: String,
    },
    /// A file.
    File {
        /// Its name.
        #[serde(default)]
        filename: Option<String>,
        /// Its media type.
        #[serde(default, rename = "contentType")]
        content_type: Option<String>,
        /// Its bytes, as JSON.
        data: Place,
    },
}

/// Why a call is none. Says which member.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadCall(pub String);

impl From<BadJson> for BadCall {
    fn from(error: BadJson) -> Self {
        Self(format!("The request cannot be read: {error}."))
    }
}

impl Call {
    /// Reads the JSON that is all of a file.
    ///
    /// # Errors
    /// [`BadCall`] names the member that is not as it should be.
    pub fn read(json: &File) -> Result<Self, BadCall> {
        let kept = put_aside(At { file: json, position: 0 }, 0, |path| path == ["content", "content"])?;
        let mut members: Map<String, Value> =
            serde_json::from_slice(&kept).map_err(|_| BadCall("The request is no JSON object.".to_owned()))?;
        let mut meta: Map<String, Value> = optional(&mut members, "meta")?.unwrap_or_default();
        Ok(Self {
            id: required(&mut members, "id")?,
            url: required(&mut members, "url")?,
            method: required(&mut members, "method")?,
            version: optional(&mut members, "version")?.unwrap_or_else(|| "HTTP/1.1".to_owned()),
            headers: headers(optional(&mut members, "headers")?.unwrap_or_default())?,
            content: optional(&mut members, "content")?,
            auth: optional(&mut members, "auth")?.unwrap_or_default(),
            security: optional(&mut members, "security")?.unwrap_or_default(),
            proxy: optional(&mut members, "proxy")?,
            options: optional(&mut meta, "options")?.unwrap_or_default(),
        })
    }
}

/// The parts of a form: names, and what has them, in order.
///
/// # Errors
/// [`BadCall`].
pub fn form(json: &File, place: Place) -> Result<Vec<(String, Vec<FormValue>)>, BadCall> {
    let Place(begins, length) = place;
    let from = At { file: json, position: begins }.take(length);
    let kept = put_aside(from, begins, |path| path == ["data"])?;
    serde_json::from_slice(&kept).map_err(|e| bad("content", &e))
}

fn optional<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Result<Option<T>, BadCall> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value).map(Some).map_err(|e| bad(name, &e)),
    }
}

fn required<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Result<T, BadCall> {
    optional(members, name)?.ok_or_else(|| BadCall(format!("The member '{name}' of the request is missing.")))
}

/// Values that are numbers or words are as they are written; those that are null are not there.
fn headers(members: Map<String, Value>) -> Result<Vec<(String, String)>, BadCall> {
    let mut headers: Vec<(String, String)> = Vec::with_capacity(members.len());
    for (name, value) in members {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(BadCall(format!("The header '{}' is neither a text nor a number.", name.escape_debug()))),
        };
        // A field has one name, however it is written: the last counts.
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        headers.push((name, value));
    }
    Ok(headers)
}

/// What serde says may quote what it met.
fn bad(name: &str, error: &serde_json::Error) -> BadCall {
    let why: String = error.to_string().chars().take(200).flat_map(char::escape_debug).collect();
    BadCall(format!("The member '{name}' of the request cannot be used: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(json: &str) -> Result<Call, String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(json.as_bytes()).unwrap();
        Call::read(&file).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_optional_may_be_missing_or_null() {
        let plain = r#"{"id":1,"url":"http://a/","method":"GET"}"#;
        let null = r#"{"id":1,"url":"http://a/","method":"GET","version":null,"headers":null,"params":null,"content":null,
            "auth":null,"security":null,"proxy":null,"meta":null,"new":[1]}"#;
        let nulls = r#"{"id":1,"url":"http://a/","method":"GET","params":[["a","b"]],"headers":{"a":null},
            "auth":{"kind":"oauth2","accessToken":null,"refreshToken":null,"grantType":{"kind":"implicit"}},
            "security":{"verifyHost":null,"verifyPeer":null,"certificates":{"client":null,"ca":null}},
            "meta":{"options":null}}"#;
        for json in [plain, null, nulls] {
            let call = read(json).unwrap();
            assert_eq!((call.id, call.url.as_str(), call.method.as_str()), (1, "http://a/", "GET"));
            assert_eq!((call.version.as_str(), call.headers.len()), ("HTTP/1.1", 0));
            assert!(call.content.is_none() && call.proxy.is_none() && call.options.follow_redirects.is_none());
        }
    }

    #[test]
    fn all_members_are_read() {
        let json = r#"{"id":1795314053950,"version":"HTTP/2.0","method":"POST","url":"https://a/",
            "headers":{"content-type":"a/b","X":7,"y":true,"content":"c","CONTENT-TYPE":"c/d"},
            "content":{"kind":"form","content":[["f",[{"kind":"text","value":"v"}]]],"mediaType":"m"},
            "auth":{"kind":"apikey","key":"k","value":"v","in":"query"},
            "security":{"verifyHost":false,"verifyPeer":true,"certificates":{"client":{"kind":"pfx","data":[1],"password":"p"},"ca":[[2,3]]}},
            "proxy":{"url":"http://p:1","auth":{"username":"u","password":"w"},"certificates":null},
            "meta":{"options":{"followRedirects":true,"maxRedirects":3,"timeout":9,"decompress":false,"cookies":true,"keepAlive":true}}}"#;
        let call = read(json).unwrap();
        let headers: Vec<_> = call.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(headers, [("X", "7"), ("y", "true"), ("content", "c"), ("CONTENT-TYPE", "c/d")]);
        let content = call.content.unwrap();
        assert_eq!((content.kind, content.media_type.as_deref()), (Kind::Multipart, Some("m")));
        let Place(from, length) = content.content;
        let value = &json.as_bytes()[from as usize..(from + length) as usize];
        assert_eq!(value, br#"[["f",[{"kind":"text","value":"v"}]]]"#);
        assert_eq!((call.auth.kind.as_deref(), call.auth.place.as_deref()), (Some("apikey"), Some("query")));
        assert_eq!((call.security.verify_host, call.security.verify_peer), (Some(false), Some(true)));
        let certificates = call.security.certificates.unwrap();
        assert!(
            matches!(certificates.client, Some(ClientCertificate::Pfx { data, password: Some(p) }) if data.0 == [1] && p == "p")
        );
        assert_eq!(certificates.ca.unwrap()[0].0, [2, 3]);
        assert_eq!(call.proxy.unwrap().auth.unwrap().password.as_deref(), Some("w"));
        assert_eq!((call.options.max_redirects, call.options.timeout), (Some(3), Some(9)));
    }

    #[test]
    fn what_is_bad_is_named() {
        for (json, says) in [
            ("[]", "no JSON object"),
            ("{", "no JSON: no name"),
            (r#"{"url":"x","method":"GET"}"#, "'id' of the request is missing"),
            (r#"{"id":"1","url":"x","method":"GET"}"#, "'id' of the request cannot be used: invalid type"),
            (r#"{"id":1,"method":"GET"}"#, "'url'"),
            (r#"{"id":1,"url":"x","method":"GET","headers":[["a","b"]]}"#, "'headers'"),
            (r#"{"id":1,"url":"x","method":"GET","headers":{"a":{}}}"#, "header 'a'"),
            (r#"{"id":1,"url":"x","method":"GET","content":{"kind":"stream","content":1}}"#, "'content'"),
            (r#"{"id":1,"url":"x","method":"GET","content":{"kind":"text"}}"#, "'content'"),
            (r#"{"id":1,"url":"x","method":"GET","meta":{"options":{"timeout":-1}}}"#, "'options'"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(says), "{json}: {error}");
        }
    }
}
