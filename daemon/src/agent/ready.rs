//! A request with nothing left to be decided: what goes into its head, and what behind it.

use super::{
    SendError,
    hop::Outgoing,
    outflow::Source,
    redirect::{self, Onward},
    ways::way,
};
use crate::{
    request::{
        Draft, Settings,
        body::{Plan, plan},
        draft::{Auth, KeyPlace},
        headers::{BodyFacts, Line, lines},
        settings::HttpVersion,
        url::{Scheme, Target, target},
    },
    upstream::Origin,
};
use bytes::Bytes;
use std::{path::Path, sync::Arc};
use url::Url;

/// The request of the next hop.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub method: String,
    pub target: Target,
    /// In order; none of them comes of itself.
    pub lines: Vec<Line>,
    pub plan: Plan,
    /// Whether cookies of a jar are sent along.
    pub takes_cookies: bool,
    /// The name of the field with an API key, if there is one.
    credential: String,
}

impl Ready {
    /// From a draft without variables. `length` tells how long the parts of a body are that are not at hand.
    pub(super) fn new(
        draft: &Draft,
        settings: &Settings,
        boundary: &str,
        length: impl FnOnce(&Plan) -> Result<u64, SendError>,
    ) -> Result<Self, SendError> {
        let method = if draft.method.is_empty() { "GET" } else { draft.method.trim() };
        check_method(method)?;
        let target = target(draft, settings.encode_url.unwrap_or(true))?;
        let plan = plan(draft, boundary)?;
        let length = if plan.pieces.is_empty() { None } else { Some(length(&plan)?) };
        let facts = BodyFacts { content_type: plan.content_type.clone(), length };
        let lines = lines(draft, &target, &facts, settings)?;
        let credential = match &draft.auth {
            Auth::Apikey { key, place: KeyPlace::Header, .. } => key.clone(),
            _ => String::new(),
        };
        let takes_cookies = !draft.without.iter().any(|name| name.eq_ignore_ascii_case("cookie"));
        Ok(Self { method: method.to_owned(), target, lines, plan, takes_cookies, credential })
    }

    /// The URL as others resolve against it; `None` for a socket of this machine.
    pub(super) fn base(&self) -> Option<Url> {
        self.target.unix.is_none().then(|| self.target.url().parse().ok()).flatten()
    }

    /// The values of a field.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.lines.iter().filter(move |line| line.key.eq_ignore_ascii_case(name)).map(|line| &line.value[..])
    }

    /// Leaves a field out.
    pub(super) fn remove(&mut self, key: &str) {
        self.lines.retain(|line| !line.key.eq_ignore_ascii_case(key));
    }

    /// Puts a field at the end, in place of all that have its name.
    pub(super) fn set(&mut self, key: &str, value: String) {
        self.remove(key);
        let line = Line { key: key.to_owned(), value: value.into_bytes(), automatic: true, removable: true };
        self.lines.push(line);
    }

    /// Goes on to where a redirect leads.
    pub(super) fn follow(mut self, settings: &Settings, onward: &Onward) -> Result<Self, SendError> {
        let (base, url) = (self.base(), &onward.url);
        let next = Draft { url: url.as_str().to_owned(), ..Draft::default() };
        // As the origin wrote it: nothing in it is encoded once more.
        self.target = target(&next, false).or_else(|_| target(&next, true))?;
        let with_host = self.values("host").next().is_some();
        self.lines.retain(|line| redirect::stays(settings, onward, &line.key, &self.credential));
        if with_host {
            let value = self.target.authority().into_bytes();
            self.lines.insert(0, Line { key: "Host".to_owned(), value, automatic: true, removable: false });
        }
        if let Some(referer) = base.and_then(|base| redirect::referer(settings, &base, url)) {
            self.set("Referer", referer);
        }
        if onward.as_get {
            (self.method, self.plan) = ("GET".to_owned(), Plan::default());
        }
        Ok(self)
    }

    /// What goes out with these fields, and what of the settings has no effect.
    pub(super) fn outgoing(
        &self,
        lines: &[Line],
        settings: &Settings,
        body: Vec<Source>,
        files: &Path,
    ) -> Result<(Outgoing, Vec<String>), SendError> {
        let Target { scheme, host, port, unix, .. } = &self.target;
        let tls = *scheme == Scheme::Https;
        if tls && unix.is_some() {
            let message = "The request was not sent: TLS is not spoken over Unix sockets.";
            return Err(SendError::new("url", "not sent", message, "write http://unix:/path.sock:/resource"));
        }
        let (way, warnings) = way(settings, (host, *port), unix.clone(), files)?;
        let name = settings.server_name.as_deref().filter(|name| !name.is_empty());
        // The row names the socket in the way that URLs have for it.
        let place = unix.as_deref().map_or_else(|| host.clone(), |path| path.to_string_lossy().replace('/', "%2F"));
        let origin = Origin::new(tls, host, *port).greeted_as(name);
        let origin =
            Arc::new(Origin { host: if unix.is_some() { place } else { origin.host.clone() }, ..origin }.by(way));
        let out = Outgoing {
            origin,
            head: self.head(lines, settings),
            method: self.method.clone(),
            url: self.target.url(),
            body,
            chunked: self.values("transfer-encoding").next().is_some(),
        };
        Ok((out, warnings))
    }

    /// In the form of HTTP/1; without a `Host`, the target says where to.
    fn head(&self, lines: &[Line], settings: &Settings) -> Bytes {
        let version = if settings.http_version == Some(HttpVersion::Http10) { "1.0" } else { "1.1" };
        let whole = if self.values("host").next().is_none() && self.target.unix.is_none() {
            self.target.url()
        } else {
            self.target.path.clone()
        };
        let mut head = format!("{} {whole} HTTP/{version}\r\n", self.method).into_bytes();
        for Line { key, value, .. } in lines {
            head.extend_from_slice(key.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head.into()
    }
}

fn check_method(method: &str) -> Result<(), SendError> {
    let bad = |message: String, hint| Err(SendError::new("method", "not sent", message, hint));
    if method.eq_ignore_ascii_case("CONNECT") {
        let message = "CONNECT opens a tunnel and cannot be sent as a request.".to_owned();
        return bad(message, "send the request that is to go through the tunnel");
    }
    if http::Method::from_bytes(method.as_bytes()).is_err() || method.len() > 100 {
        let message = format!("'{}' is not a method.", method.chars().take(40).collect::<String>().escape_debug());
        return bad(message, "a method is a word without spaces, such as GET");
    }
    Ok(())
}
