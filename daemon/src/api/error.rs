//! The one shape of an error: `{"error": {"code", "message", "hint"}}`.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{io, time::Duration};
use waylay_storage::StoreError;

/// What went wrong, why, and what to do about it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    /// A stable word for programs.
    code: &'static str,
    /// A sentence for people.
    message: String,
    /// What to do, if there is anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Where the error is; most have no such place.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    place: Option<Box<Place>>,
    /// The methods that are served, where another one was asked for (RFC 9110, 15.5.6).
    #[serde(skip)]
    allow: Option<&'static str>,
}

/// The part of the input that is in error.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Place {
    /// Of a text: bytes.
    Text {
        /// Where it begins.
        offset: usize,
        /// How long it is.
        length: usize,
    },
    /// Of a JSON file.
    Json {
        /// The JSON path, such as `$.item[3].request.url`.
        json_path: String,
    },
    /// Of a set of rules.
    Entry {
        /// The list.
        field: &'static str,
        /// The entry of it, as it was given.
        entry: String,
    },
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), hint: None, place: None, allow: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into()).filter(|h| !h.is_empty());
        self
    }

    /// Says which methods are served.
    pub(crate) fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Names the entry that is in error.
    pub(crate) fn about(mut self, field: &'static str, entry: String) -> Self {
        self.place = Some(Box::new(Place::Entry { field, entry }));
        self
    }

    /// Names the part of a JSON file that is in error.
    pub(crate) fn in_json(mut self, json_path: String) -> Self {
        self.place = Some(Box::new(Place::Json { json_path }));
        self
    }

    /// Marks the part of the filter that is in error.
    pub(crate) fn at(mut self, offset: usize, length: usize) -> Self {
        self.place = Some(Box::new(Place::Text { offset, length }));
        self
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message).hint(
            "in a browser, open the link that `waylay status` prints; in a program, send `Authorization: Bearer` with \
             the contents of the file `token` in the data folder",
        )
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// It makes no sense as things stand.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    pub(crate) fn no_exchange(id: &str) -> Self {
        Self::not_found(format!("there is no exchange '{}'", shown(id))).hint("ids look like 7.42; @last is the newest")
    }

    pub(crate) fn no_route(path: &str) -> Self {
        Self::not_found(format!("nothing is served at {}", shown(path))).hint("the API is at /api/v1, the UI at /")
    }

    pub(crate) fn method_not_allowed(method: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", format!("{} is not served here", shown(method)))
    }

    pub(crate) fn busy(what: &str, waited: Duration) -> Self {
        let message = format!("{what} could not begin within {} s", waited.as_secs());
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).hint("try again in a moment")
    }

    /// Something that is Waylay's own fault. What exactly goes to the log.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        let message = message.into();
        tracing::error!(error = %message, "the API could not answer");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message).hint("see the log in the data folder")
    }

    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

/// Text from outside for a message: printable, and not too much of it.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        shown.push('…');
    }
    shown
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadId(bad) => Self::no_exchange(&bad.0),
            StoreError::NoExchange(id) => Self::no_exchange(&id.to_string()),
            StoreError::StillOpen(id) => Self::conflict(error.to_string())
                .hint(format!("stop it first: POST /api/v1/sessions/{id}/stop, `waylay session stop`")),
            StoreError::SentSession => {
                Self::conflict(error.to_string()).hint("its exchanges can be deleted by the filter session:0")
            }
            StoreError::NoSend(id) => Self::not_found(StoreError::NoSend(id).to_string())
                .hint("an entry is a number, such as 12; GET /api/v1/history lists them"),
            StoreError::SendUnderWay(id) => Self::conflict(error.to_string())
                .hint(format!("it can be deleted once it is over; DELETE /api/v1/sends/{id} ends it")),
            StoreError::NoEnvironment(id) => Self::not_found(StoreError::NoEnvironment(id).to_string())
                .hint("an environment is a number, such as 3; GET /api/v1/environments lists them"),
            StoreError::NoSavedMessage(id) => Self::not_found(StoreError::NoSavedMessage(id).to_string())
                .hint("a saved message is a number, such as 3; GET /api/v1/saved-messages lists them"),
            StoreError::TooManyJars(_) => Self::conflict(error.to_string())
                .hint("delete one that is not needed any more: a page that is not paired has none to use"),
            StoreError::TooManySavedMessages(_) => Self::conflict(error.to_string()).hint("remove some first"),
            StoreError::NoCollection(id) => Self::not_found(StoreError::NoCollection(id).to_string())
                .hint("a collection is a number, such as 3; GET /api/v1/collections lists them"),
            StoreError::NoItem(id) => Self::not_found(StoreError::NoItem(id).to_string())
                .hint("an item is a number, such as 12; GET /api/v1/collections/{id} shows those of a collection"),
            StoreError::NoJar(id) => Self::not_found(StoreError::NoJar(id).to_string())
                .hint("a jar is a number, such as 1; GET /api/v1/jars lists them"),
            StoreError::NoCookie(id) => Self::not_found(StoreError::NoCookie(id).to_string())
                .hint("a cookie is a number, such as 12; GET /api/v1/jars/{id}/cookies lists those of a jar"),
            StoreError::NoCookieEvent { .. } => Self::not_found(error.to_string())
                .hint("GET /api/v1/sessions/{id}/cookies lists them with their positions"),
            StoreError::NoSyncDomain(_) => {
                Self::not_found(error.to_string()).hint("GET /api/v1/cookie-sync lists them")
            }
            StoreError::DefaultJar(_) => Self::conflict(error.to_string())
                .hint("make another the default one first, or delete the cookies in it"),
            StoreError::BadPlace(_) => Self::conflict(error.to_string()),
            StoreError::UnderWay(_) => Self::conflict(error.to_string()).hint("it can be deleted once it is over"),
            StoreError::Purged(_) => {
                Self::conflict(error.to_string()).hint("a deletion can be taken back for 30 seconds")
            }
            StoreError::NoDeletion(_) => Self::not_found(error.to_string()),
            StoreError::NoSession(id) => Self::not_found(StoreError::NoSession(id).to_string()),
            error @ StoreError::TooSlow(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow", error.to_string()),
            error @ StoreError::NoIndex => Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_index", error.to_string()),
            StoreError::Closed => Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the daemon is stopping"),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<io::Error> for ApiError {
    fn from(error: io::Error) -> Self {
        Self::internal(error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Shape<'a> {
            error: &'a ApiError,
        }
        // Strings and numbers only: nothing in it can fail to serialise.
        let body = serde_json::to_vec(&Shape { error: &self }).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(methods) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 11.6.1 asks for a challenge; browsers show no dialogue for this one.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"waylay\""));
        }
        response
    }
}
