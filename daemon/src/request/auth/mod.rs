//! Who asks.

mod challenge;
pub mod digest;

use super::{
    Field, Problem,
    draft::{Auth, KeyPlace},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The header field that says who asks, if it is known before anything has been asked. An API key in the query is added by
/// [`super::url::target`], Digest answers what the server asks.
///
/// # Errors
/// If it cannot be said in the form the protocol has for it.
pub fn field(auth: &Auth) -> Result<Option<Field>, Problem> {
    match auth {
        Auth::Basic { username, password } => basic(username, password).map(Some),
        Auth::Bearer { token } => Ok(Some(bearer(token))),
        Auth::Apikey { key, value, place: KeyPlace::Header } if !key.is_empty() => {
            Ok(Some(Field::new(key.as_str(), value.as_str())))
        }
        Auth::Inherit | Auth::None | Auth::Apikey { .. } | Auth::Digest { .. } | Auth::Other(_) => Ok(None),
    }
}

/// `Authorization` of RFC 7617, in UTF-8.
///
/// # Errors
/// If the user name has a colon, which would end it.
pub fn basic(username: &str, password: &str) -> Result<Field, Problem> {
    if username.contains(':') {
        let hint = "Check the user name, or write the field Authorization yourself.";
        return Err(Problem::new("auth", "A user name with a colon cannot be sent by Basic authentication.", hint));
    }
    Ok(Field::new("Authorization", format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))))
}

/// `Authorization` of RFC 6750.
pub fn bearer(token: &str) -> Field {
    Field::new("Authorization", format!("Bearer {token}"))
}

/// The name of a kind that is kept, but not sent.
pub fn not_sent(auth: &Auth) -> Option<&str> {
    match auth {
        Auth::Other(fields) => Some(fields.get("type").and_then(|kind| kind.as_str()).unwrap_or("unknown")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_field() {
        let key = |key: &str, place| Auth::Apikey { key: key.into(), value: "v".into(), place };
        let (username, password) = ("test".to_owned(), "123£".to_owned());
        let other: Auth = serde_json::from_str(r#"{"type":"hawk"}"#).unwrap();
        assert_eq!((not_sent(&other), not_sent(&Auth::None)), (Some("hawk"), None));
        for (auth, sent) in [
            (Auth::Inherit, None),
            (Auth::None, None),
            // RFC 7617, 2.1
            (
                Auth::Basic { username: username.clone(), password: password.clone() },
                Some("Authorization: Basic dGVzdDoxMjPCow=="),
            ),
            (Auth::Bearer { token: "mF_9.B5f-4.1JqM".into() }, Some("Authorization: Bearer mF_9.B5f-4.1JqM")),
            (key("X-Key", KeyPlace::Header), Some("X-Key: v")),
            (key("k", KeyPlace::Query), None),
            (key("", KeyPlace::Header), None),
            (Auth::Digest { username, password }, None),
            (other, None),
        ] {
            let field = field(&auth).unwrap().map(|field| format!("{}: {}", field.key, field.value));
            assert_eq!(field.as_deref(), sent, "{auth:?}");
        }
        assert_eq!(basic("a:b", "").unwrap_err().stage, "auth");
    }
}
