//! The hops of a send: redirects are followed, and who asks "who are you?" is answered.

use super::{
    Hop, SendError, Watch,
    cookies::Cookies,
    hop::{Incoming, Limits, ask},
    outflow::Source,
    ready::Ready,
    redirect::{self, onward},
    scopes::Within,
    ways::doubt,
};
use crate::{
    capture::recorder::now_us,
    exchange::{Asker, run::ReceivedHead},
    request::{
        Settings,
        auth::digest::{self, Algorithm, Asking, Challenge, Protection},
        body::{Piece, Plan},
    },
};
use bytes::Bytes;
use http::header;
use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
};

/// Opens what a body is made of; may block.
pub(super) type Open = dyn Fn(&Piece) -> Result<Source, SendError> + Send + Sync;

/// What a send needs to be under way.
pub(super) struct Route<'a> {
    pub asker: &'a Asker,
    pub settings: &'a Settings,
    /// Where its cookies come from, and those of its answers go.
    pub cookies: &'a Cookies,
    /// User name and password for Digest.
    pub digest: Option<(&'a str, &'a str)>,
    pub open: Arc<Open>,
    /// The folder for files.
    pub files: &'a Path,
    pub limits: Limits,
    /// Where the hops may lead.
    pub within: Within,
    /// Whether a redirect has led to another origin.
    pub left: bool,
    pub watch: &'a Watch,
    /// What has happened so far.
    pub hops: Vec<Hop>,
    /// The heads of the responses so far.
    pub heads: Vec<Bytes>,
    pub warnings: Vec<String>,
}

impl Route<'_> {
    /// To the end.
    pub(super) async fn go(&mut self, mut ready: Ready) -> Result<(), SendError> {
        let (mut redirects, mut answered) = (0, Answered::default());
        loop {
            let incoming = self.hop(&ready).await?;
            if let Some(challenge) = self.asked(&incoming, &answered) {
                answered.answer(&challenge, self, &mut ready).await?;
                incoming.pass(&self.limits, self.watch).await?;
                continue;
            }
            let next = match ready.base() {
                Some(base) => self.redirected(&incoming, &ready, &base),
                None => Ok(None),
            };
            match next {
                Ok(Some(next)) => {
                    let most = self.settings.max_redirects.unwrap_or(redirect::USUAL);
                    if redirects >= most {
                        incoming.finish(&self.limits, self.watch).await?;
                        let message =
                            format!("The request was sent on more than {most} times; the last answer is kept.");
                        let hint = "raise the setting \"max_redirects\", or look at the hops: they may go in a circle";
                        return Err(SendError::new("redirect", "too many", message, hint));
                    }
                    redirects += 1;
                    if self.digest.is_some() {
                        // What was answered is good for one URL; the next place may ask anew, unless it is another's.
                        answered = Answered { spent: answered.spent || next.leaves, ..Answered::default() };
                        ready.remove("Authorization");
                    }
                    self.left |= next.leaves;
                    incoming.pass(&self.limits, self.watch).await?;
                    ready = ready.follow(self.settings, &next)?;
                }
                Ok(None) => return incoming.finish(&self.limits, self.watch).await,
                Err(error) => {
                    incoming.finish(&self.limits, self.watch).await?;
                    return Err(error);
                }
            }
        }
    }

    async fn hop(&mut self, ready: &Ready) -> Result<Incoming, SendError> {
        let body = self.body(&ready.plan).await?;
        let (lines, both) = self.cookies.give(ready).await?;
        let (out, mut warnings) = ready.outgoing(&lines, self.settings, body, self.files)?;
        let out = out.within(&self.within, self.left)?;
        warnings.extend(both);
        warnings.extend(doubt(&self.asker.pool.connector().routes, &out.origin, now_us()));
        self.warn(warnings);
        match ask(self.asker, out, &self.limits, self.watch).await {
            Ok(incoming) => {
                self.hops.push(incoming.hop.clone());
                let head = incoming.response.extensions().get::<ReceivedHead>();
                self.heads.push(head.map(|received| received.head.clone()).unwrap_or_default());
                let kept = self.cookies.keep(ready, incoming.hop.id, incoming.response.headers()).await;
                self.warn(kept);
                Ok(incoming)
            }
            Err((error, hop)) => {
                self.hops.extend(hop);
                Err(match self.within.guest() {
                    Some(guest) => guest.told(error),
                    None => error,
                })
            }
        }
    }

    /// Each is told once.
    fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        for warning in warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    /// What the body is made of, opened anew.
    async fn body(&self, plan: &Plan) -> Result<Vec<Source>, SendError> {
        let (open, pieces) = (Arc::clone(&self.open), plan.pieces.clone());
        blocking(move || pieces.iter().map(|piece| open(piece)).collect()).await
    }

    async fn hash(&self, plan: &Plan, algorithm: Algorithm) -> Result<String, SendError> {
        let sources = self.body(plan).await?;
        blocking(move || {
            let mut hasher = algorithm.hasher();
            let mut buffer = vec![0; 64 << 10];
            for source in sources {
                match source {
                    Source::Bytes(bytes) => hasher.update(&bytes),
                    Source::Read(from, len) => {
                        let mut from = from.take(len);
                        loop {
                            match from.read(&mut buffer).map_err(|e| unreadable(&e))? {
                                0 => break,
                                n => hasher.update(&buffer[..n]),
                            }
                        }
                    }
                }
            }
            Ok(hasher.finish())
        })
        .await
    }

    fn redirected(
        &self,
        incoming: &Incoming,
        ready: &Ready,
        base: &url::Url,
    ) -> Result<Option<redirect::Onward>, SendError> {
        let location = incoming.response.headers().get(header::LOCATION).map(|v| v.as_bytes());
        onward(self.settings, &ready.method, base, incoming.response.status().as_u16(), location)
    }

    /// The challenge that is to be answered.
    fn asked(&self, incoming: &Incoming, answered: &Answered) -> Option<Challenge> {
        self.digest?;
        if incoming.response.status() != http::StatusCode::UNAUTHORIZED {
            return None;
        }
        let values = incoming.response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let challenge = digest::challenge(values.map(|v| v.as_bytes()))?;
        // Asked once more, it was wrong, unless what was answered was only too old (RFC 7616, 3.3).
        let again = !answered.once || (challenge.stale && answered.count < 3);
        (again && !answered.spent).then_some(challenge)
    }
}

pub(super) fn unreadable(error: &io::Error) -> SendError {
    let message = format!("The body of the request could not be read to its end: {error}.");
    SendError::new("body", "not read", message, "look at the file, and send it again")
}

/// Files and the store block; the runtime must not.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SendError> + Send + 'static,
) -> Result<T, SendError> {
    let gone =
        |e| Err(SendError::new("store", "stopping", format!("The request was not sent: {e}."), "start Waylay again"));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(gone)
}

/// What has been answered to this origin.
#[derive(Default)]
struct Answered {
    once: bool,
    count: u32,
    /// It is not the origin the credentials are for.
    spent: bool,
}

impl Answered {
    async fn answer(&mut self, challenge: &Challenge, route: &Route<'_>, ready: &mut Ready) -> Result<(), SendError> {
        let Some((username, password)) = route.digest else { return Ok(()) };
        (self.once, self.count) = (true, self.count + 1);
        let body = match challenge.protection {
            Protection::AuthInt => Some(route.hash(&ready.plan, challenge.algorithm).await?),
            _ => None,
        };
        let cnonce = random_word().map_err(|e| SendError::new("auth", "not sent", format!("{e}."), ""))?;
        let (method, uri) = (ready.method.as_str(), ready.target.path.as_str());
        let asking = Asking { username, password, method, uri, body: body.as_deref(), cnonce: &cnonce, count: 1 };
        let value = challenge.answer(&asking);
        ready.set("Authorization", value);
        Ok(())
    }
}

/// Random letters and digits: 128 bits.
pub(super) fn random_word() -> Result<String, getrandom::Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|b| format!("{b:02x}")).collect())
}
