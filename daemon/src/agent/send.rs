//! From an order to an entry of the history.

use super::{
    Console, Guest, Hop, News, Order, Outcome, SendError, Watch, consent,
    console::{Entry, Level, Used},
    cookies::Cookies,
    hop::Limits,
    outflow::Source,
    ready::Ready,
    route::{Open, Route, blocking, random_word},
    running::Running,
    scopes::{self, Masks, Resolved},
};
use crate::{
    capture::recorder::{micros, now_us},
    exchange::Asker,
    jars::Jars,
    request::{
        Draft, Settings, auth,
        body::{Piece, Plan},
        draft::{Auth, Body, Language},
        headers::Line,
        variables::{Unresolved, has_reference},
    },
};
use bytes::Bytes;
use serde::Serialize;
use std::{
    fs::File,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;
use waylay_storage::{
    Store, StoreError,
    model::{ExchangeId, NewSend, Part, SendEnd, SendState},
};

/// The setting with the settings of all requests.
const SETTINGS: &str = "send.settings";

/// Opens a file for reading, as the draft names it; with its length.
pub type OpenFile = dyn Fn(&str) -> Result<(File, u64), SendError> + Send + Sync;

/// Sends.
pub struct Agent {
    /// Who asks: what is common to all sends.
    pub(crate) asker: Asker,
    store: Arc<Store>,
    open_file: Arc<OpenFile>,
    files: PathBuf,
    general: Mutex<Option<Settings>>,
    /// What cookies come from, and go to.
    pub jars: Arc<Jars>,
    /// Those under way.
    pub running: Arc<Running>,
    /// What has been sent.
    pub console: Console,
}

/// A last change of a request and of how it is sent, when variables have their values; the history has it as it was.
pub type Shape = Box<dyn FnOnce(&mut Draft, &mut Settings) + Send>;

/// What came of it, hop by hop.
#[derive(Default)]
pub(super) struct Carried {
    /// The exchanges, in order.
    pub hops: Vec<Hop>,
    /// The heads of the responses, those of the hops that had one.
    pub heads: Vec<Bytes>,
    /// What should be known although it did not stand in the way.
    pub warnings: Vec<String>,
    /// Why it failed, if it did.
    pub error: Option<SendError>,
}

/// What would be sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Preview {
    /// Method.
    pub method: String,
    /// The URL as it would be sent; as it is written where it cannot be.
    pub url: String,
    /// All fields, in order.
    pub headers: Vec<Shown>,
    /// The variables it uses; of secrets, dots.
    pub variables: Vec<Used>,
    /// Names without a value, and where they stand.
    pub unresolved: Vec<Unresolved>,
    /// What should be known.
    pub warnings: Vec<String>,
    /// Why it cannot be sent.
    pub error: Option<SendError>,
}

/// A field that would be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its name.
    pub key: String,
    /// Its value; lossy where it is no UTF-8.
    pub value: String,
    /// It is not written in the request.
    pub automatic: bool,
    /// It can be left out.
    pub removable: bool,
}

impl Agent {
    /// Sends as `asker`. Keys of TLS sessions are written into the folder `files`.
    pub fn new(asker: Asker, store: Arc<Store>, open_file: Arc<OpenFile>, files: PathBuf) -> Self {
        Self {
            asker,
            jars: Arc::new(Jars::new(Arc::clone(&store))),
            store,
            open_file,
            files,
            general: Mutex::default(),
            running: Arc::default(),
            console: Console::default(),
        }
    }

    /// The settings of all requests.
    ///
    /// # Errors
    /// Those of the store. May block.
    pub fn general(&self) -> Result<Settings, StoreError> {
        let mut general = self.general.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*general {
            return Ok(known.clone());
        }
        // What another version wrote and this one does not understand counts for nothing.
        let kept = self.store.setting(SETTINGS)?.and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default();
        Ok(general.insert(kept).clone())
    }

    /// Changes the settings of all requests.
    ///
    /// # Errors
    /// Those of the store. May block.
    pub fn set_general(&self, settings: Settings) -> Result<(), StoreError> {
        let json = serde_json::to_value(&settings).unwrap_or_default();
        let mut general = self.general.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.set_setting(SETTINGS, &json)?;
        *general = Some(settings);
        Ok(())
    }

    /// What would be sent.
    pub async fn preview(self: &Arc<Self>, order: Order) -> Result<Preview, StoreError> {
        let resolved = self.resolve(&order).await?;
        let mut preview = Preview {
            method: order.draft.method.clone(),
            url: order.draft.url.clone(),
            variables: resolved.used,
            unresolved: resolved.unresolved,
            warnings: warnings(&resolved.draft),
            ..Preview::default()
        };
        let open = self.opener(resolved.within.guest().cloned());
        match self.ready(resolved.draft, resolved.settings, resolved.problem, open).await {
            Ok((ready, _)) => {
                let (lines, both) = match resolved.cookies.give(&ready).await {
                    Ok(given) => given,
                    Err(error) => return Ok(Preview { error: Some(error), ..preview }),
                };
                preview.warnings.extend(both);
                let shown = |line: Line| Shown {
                    value: resolved.masks.hide(String::from_utf8_lossy(&line.value).into_owned()),
                    key: line.key,
                    automatic: line.automatic,
                    removable: line.removable,
                };
                preview.url = resolved.masks.hide(ready.target.url());
                preview.method = ready.method;
                preview.headers = lines.into_iter().map(shown).collect();
            }
            Err(error) => preview.error = Some(error),
        }
        Ok(preview)
    }

    /// Sends, and comes back when all of the answer has come and its rows are stored. To be spawned: what is begun has an
    /// end in the history, however it is watched.
    ///
    /// # Errors
    /// Those of the store, with which there is no history.
    pub async fn send(self: Arc<Self>, order: Order, watch: Watch) -> Result<Outcome, StoreError> {
        let began = Instant::now();
        let resolved = self.resolve(&order).await?;
        self.send_resolved(order, resolved, watch, began).await
    }

    /// [`send`](Self::send), where the request is given another shape before it goes out.
    ///
    /// # Errors
    /// Likewise.
    pub async fn send_shaped(self: Arc<Self>, order: Order, watch: Watch, shape: Shape) -> Result<Outcome, StoreError> {
        let began = Instant::now();
        let mut resolved = self.resolve(&order).await?;
        shape(&mut resolved.draft, &mut resolved.settings);
        self.send_resolved(order, resolved, watch, began).await
    }

    /// [`send`](Self::send) with the values of the variables, beginning at `began`.
    pub(super) async fn send_resolved(
        self: Arc<Self>,
        order: Order,
        resolved: Resolved,
        watch: Watch,
        began: Instant,
    ) -> Result<Outcome, StoreError> {
        let at_us = now_us();
        let new = NewSend {
            at_us,
            method: if order.draft.method.is_empty() { "GET".to_owned() } else { order.draft.method.clone() },
            url: order.draft.url.clone(),
            request: serde_json::to_string(&order.draft).unwrap_or_default(),
            environment: resolved.environment.clone(),
            made_from: order.made_from.clone(),
        };
        let (method, url) = (new.method.clone(), new.url.clone());
        let send = self.stored(move |store| store.begin_send(&new)).await?;
        let _under_way = self.running.add(send, watch.cancel.clone());
        watch.tell(|| News::Begun(send)).await;
        let (used, masks) = (resolved.used.clone(), resolved.masks.clone());
        let asker = Asker { source: order.source, ..self.asker.clone() };
        let Carried { hops, warnings, error, .. } = self.carry(&asker, resolved, &watch, began).await;
        let outcome = Outcome { send, hops, error, warnings };
        self.end(&outcome, (method, url), (used, masks), &watch, began).await?;
        Ok(outcome)
    }

    /// From hop to hop, for `asker`.
    pub(super) async fn carry(&self, asker: &Asker, resolved: Resolved, watch: &Watch, began: Instant) -> Carried {
        let settings = resolved.settings.clone();
        let mut warnings = warnings(&resolved.draft);
        let open = self.opener(resolved.within.guest().cloned());
        let ready = self.ready(resolved.draft, settings.clone(), resolved.problem, Arc::clone(&open)).await;
        let (ready, draft) = match ready {
            Ok(ready) => ready,
            Err(error) => return Carried { warnings, error: Some(error), ..Carried::default() },
        };
        let timeout = settings.timeout_ms.unwrap_or(0);
        let mut route = Route {
            asker,
            settings: &settings,
            cookies: &resolved.cookies,
            digest: match &draft.auth {
                Auth::Digest { username, password } => Some((username, password)),
                _ => None,
            },
            open,
            files: &self.files,
            limits: Limits {
                deadline: (timeout > 0 && watch.lasting.is_none())
                    .then(|| began.checked_add(Duration::from_millis(timeout)))
                    .flatten(),
                timeout_ms: timeout,
                max_response: settings.max_response_bytes.unwrap_or(0),
            },
            within: resolved.within,
            left: false,
            watch,
            hops: Vec::new(),
            heads: Vec::new(),
            warnings: Vec::new(),
        };
        let error = route.go(ready).await.err();
        warnings.append(&mut route.warnings);
        Carried { hops: route.hops, heads: route.heads, warnings, error }
    }

    /// Writes down how it ended.
    async fn end(
        &self,
        outcome: &Outcome,
        (method, url): (String, String),
        (variables, masks): (Vec<Used>, Masks),
        watch: &Watch,
        began: Instant,
    ) -> Result<(), StoreError> {
        let Outcome { send, hops, error, warnings } = outcome;
        let (first, last) = (hops.first(), hops.last());
        let duration_us = micros(began.elapsed());
        let status = last.and_then(|hop| hop.status);
        let end = SendEnd {
            state: match error {
                None => SendState::Done,
                Some(error) if error.stage == "cancelled" => SendState::Cancelled,
                Some(_) => SendState::Failed,
            },
            method: first.map_or(method, |hop| hop.method.clone()),
            url: masks.hide(first.map_or(url, |hop| hop.url.clone())),
            exchanges: hops.iter().map(|hop| hop.id.number).collect(),
            status: status.map(i64::from),
            duration_us,
            bytes: i64::try_from(
                watch.meter.sent.load(Ordering::Relaxed) + watch.meter.received.load(Ordering::Relaxed),
            )
            .unwrap_or(i64::MAX),
            error: error.as_ref().and_then(|error| serde_json::to_string(error).ok()),
        };
        let ended = match (&error, status) {
            (Some(error), _) => error.reason.clone(),
            (None, Some(status)) => status.to_string(),
            (None, None) => "-".to_owned(),
        };
        let entry = Entry {
            id: 0,
            at_us: now_us(),
            level: match (error, warnings.is_empty()) {
                (Some(_), _) => Level::Error,
                (None, false) => Level::Warn,
                (None, true) => Level::Log,
            },
            send: *send,
            title: format!("{} {} {ended}", end.method, end.url),
            duration_us,
            variables,
            hops: hops.iter().map(|hop| Hop { url: masks.hide(hop.url.clone()), ..hop.clone() }).collect(),
            warnings: warnings.clone(),
            error: error.clone(),
        };
        let send = *send;
        self.stored(move |store| store.end_send(send, end)).await?;
        self.console.add(entry);
        Ok(())
    }

    /// A request with nothing left to be decided, and the draft it is of.
    async fn ready(
        &self,
        draft: Draft,
        settings: Settings,
        problem: Option<SendError>,
        open: Arc<Open>,
    ) -> Result<(Ready, Draft), SendError> {
        // All ways to send pass here, with their variables filled in: what those are is told before, where it can be.
        if let Some(problem) = problem.or_else(|| consent::refusal(&draft)) {
            return Err(problem);
        }
        blocking(move || {
            let boundary = random_word().map_err(|e| SendError::new("body", "not sent", format!("{e}."), ""))?;
            let boundary = format!("waylay-{boundary}");
            let length = |plan: &Plan| -> Result<u64, SendError> {
                plan.pieces.iter().try_fold(0_u64, |sum, piece| Ok(sum.saturating_add(open(piece)?.len())))
            };
            Ok((Ready::new(&draft, &settings, &boundary, length)?, draft))
        })
        .await
    }

    /// A text with the values that its variables have in an order.
    ///
    /// # Errors
    /// Those of the store; within, a variable without a value.
    pub async fn fill(self: &Arc<Self>, order: &Order, text: String) -> Result<Result<String, SendError>, StoreError> {
        if !has_reference(&text) {
            return Ok(Ok(text));
        }
        let (agent, order) = (Arc::clone(self), order.clone());
        let body = Body::Raw { raw: text, language: Language::Text };
        let draft = Draft { body, auth: Auth::None, ..Draft::default() };
        let order = Order { draft, ..order };
        let resolved = self.stored(move |store| scopes::resolve(store, &order, agent.general()?)).await?;
        Ok(match (resolved.problem, resolved.draft.body) {
            (None, Body::Raw { raw, .. }) => Ok(raw),
            (problem, _) => Err(problem.unwrap_or_else(SendError::cancelled)),
        })
    }

    pub(super) async fn resolve(self: &Arc<Self>, order: &Order) -> Result<Resolved, StoreError> {
        let (agent, order) = (Arc::clone(self), order.clone());
        self.stored(move |store| {
            let resolved = scopes::resolve(store, &order, agent.general()?)?;
            if resolved.settings.cookie_jar == Some(false) {
                return Ok(resolved);
            }
            Ok(match Cookies::of(&agent.jars, &order)? {
                Ok(cookies) => Resolved { cookies, ..resolved },
                Err(why) => Resolved { problem: resolved.problem.or(Some(why)), ..resolved },
            })
        })
        .await
    }

    /// The store blocks; the runtime must not.
    pub(super) async fn stored<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || work(&store)).await.unwrap_or(Err(StoreError::Closed))
    }

    /// What opens the parts of a body; those of a page's are what it has handed over.
    fn opener(&self, guest: Option<Arc<Guest>>) -> Arc<Open> {
        let (files, store) = (Arc::clone(&self.open_file), Arc::clone(&self.store));
        Arc::new(move |piece| match (piece, &guest) {
            (Piece::Bytes(bytes), _) => Ok(Source::Bytes(bytes.clone())),
            (Piece::File(src) | Piece::Captured(src), Some(guest)) => guest.open(src),
            (Piece::File(src), None) => files(src).map(|(file, len)| Source::Read(Box::new(file), len)),
            (Piece::Captured(id), None) => captured(&store, id),
        })
    }
}

/// The body of a captured request, if all of it is there.
fn captured(store: &Store, id: &str) -> Result<Source, SendError> {
    let bad = |message: String, hint: &str| SendError::new("body", "not sent", message, hint);
    let own = "give the request a body of its own";
    let gone = || bad(format!("The body is that of exchange '{}', which is there no more.", id.escape_debug()), own);
    let found: ExchangeId = id.parse().map_err(|_| gone())?;
    let body = store.reader().and_then(|reader| reader.body(found, Part::Request));
    let body = body.map_err(|e| bad(format!("The captured body could not be read: {e}."), own))?.ok_or_else(gone)?;
    if body.stored < body.size {
        let message = format!("Of the {} bytes of the body of exchange {found}, {} are kept.", body.size, body.stored);
        return Err(bad(message, own));
    }
    let size = body.size;
    Ok(Source::Read(Box::new(body), size))
}

fn warnings(draft: &Draft) -> Vec<String> {
    let not_sent = auth::not_sent(&draft.auth);
    not_sent
        .map(|kind| format!("Authentication by {kind} is kept, but not sent: Waylay does not know it yet."))
        .into_iter()
        .collect()
}
