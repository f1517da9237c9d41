//! Who may ask at all. Every request passes here before anything else looks at it.
//!
//! In this order: the [`host`] it was addressed to (a page that rebinds its name to 127.0.0.1 still says its own name),
//! the method, then for everything under `/api` the [`origin`](auth) and the credentials, then the content type. What
//! lies outside `/api` are the files of the UI, which hold no data.
//!
//! - [`host`]: the addresses we answer to
//! - [`auth`]: token, or cookie and what must come with it
//! - [`visit`]: pages of other origins that are paired, on the paths that are for them
//! - [`logins`]: one-time codes and the browser sessions they open

pub(crate) mod auth;
pub(crate) mod host;
pub(crate) mod logins;
pub(crate) mod visit;

pub(crate) use auth::Caller;
pub(crate) use logins::{Admission, Logins};

use super::error::ApiError;
use crate::secret::Digest;
use axum::http::{Method, request::Parts};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is needed to judge a request.
pub(crate) struct Guard {
    /// Of the token file.
    token: Digest,
    logins: Mutex<Logins>,
}

impl Guard {
    pub(crate) fn new(token: Digest) -> Self {
        Self { token, logins: Mutex::default() }
    }

    /// Judges a request that arrived on a listener's `port`.
    ///
    /// # Errors
    /// 421 for a foreign host, 405 for methods nothing here has, 401 and 403 for the credentials, 415 for the content
    /// type.
    pub(crate) fn admit(&self, request: &Parts, port: u16) -> Result<Caller, ApiError> {
        let origin = host::own_origin(request, port)?;
        if !served_methods(&request.method) {
            return Err(ApiError::method_not_allowed(request.method.as_str()).allow(SERVED));
        }
        if !is_api(request.uri.path()) {
            return Ok(Caller::Anyone);
        }
        let caller = auth::caller(request, port, &origin, &self.token, &mut self.logins())?;
        auth::content_type(request, &caller)?;
        Ok(caller)
    }

    pub(crate) fn logins(&self) -> MutexGuard<'_, Logins> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a path belongs to the API. Anything else is looked for among the files of the UI, and only there.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// `OPTIONS` is not among them: there is no CORS here, so no preflight ever succeeds.
fn served_methods(method: &Method) -> bool {
    SERVED.split(", ").any(|served| served == method.as_str())
}

const SERVED: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

#[cfg(test)]
mod tests;
