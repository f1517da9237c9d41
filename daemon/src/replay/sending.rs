//! From the first request to the last.

use super::{
    Plan, Step,
    asked::Cookies,
    evolving::{self, Evolving},
    judge::{self, Done, With},
    original::{self, Original, Unsent},
    pace::{Gate, Span, due},
    steps::Subject,
};
use crate::{
    agent::{Agent, Errand, JarChoice, Order, Returned, Task, Watch},
    capture::{Recording, recorder::now_us},
    collection::stored::Request,
    request::Draft,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use url::Url;
use waylay_storage::{
    Reader, Store, StoreError,
    model::{ExchangeId, Replayed, Source, Verdict},
};

/// How long a request may take at least, milliseconds, where the settings do not say.
const TIMEOUT: u64 = 60_000;
/// Why what a web page wrote is skipped.
const FOREIGN: &str = "It was not sent: a web page wrote it, and your variables, client certificates and private networks would be \
                       used for it. Look at it first; `--as-mine`, in the API \"as_mine\": true, sends it as yours.";

/// What the requests of a replay have in common.
pub(super) struct Sending {
    pub agent: Arc<Agent>,
    pub store: Arc<Store>,
    /// Those nobody uses.
    pub readers: Mutex<Vec<Reader>>,
    pub cookies: Mutex<Evolving>,
    /// So much later it is for us than for the cookies it began with, microseconds.
    pub behind: i64,
    pub plan: Plan,
    pub recording: Arc<Recording>,
    pub cancel: CancellationToken,
}

impl Sending {
    /// One after the other, or several at once. `false` if it was ended before all had been sent.
    pub(super) async fn all(self: Arc<Self>, steps: Vec<Step>, results: mpsc::Sender<Done>) -> bool {
        let Some(first) = steps.first().map(|step| step.then) else { return true };
        let (began, mut before) = (Instant::now(), None);
        let (mut gate, mut tasks) = (Gate::new(self.plan.concurrency), JoinSet::new());
        let mut all = true;
        for step in steps {
            let at = due(self.plan.timing, self.plan.interval, first, step.then, before);
            if !self.may_begin(step.then, began + at, &mut gate, &mut tasks).await || results.is_closed() {
                all = false;
                break;
            }
            before = Some(began.elapsed());
            gate.begin(step.position, step.then);
            let (sending, results) = (Arc::clone(&self), results.clone());
            tasks.spawn(async move {
                let position = step.position;
                let done = sending.one(step).await;
                // Who judges has given up: the replay ends by that.
                let _ = results.send(done).await;
                position
            });
        }
        while tasks.join_next().await.is_some() {}
        all && !self.cancel.is_cancelled()
    }

    /// Waits until it is time and others are over. `false` if the replay ends instead.
    async fn may_begin(&self, then: Span, at: Instant, gate: &mut Gate, tasks: &mut JoinSet<i64>) -> bool {
        loop {
            while let Some(ended) = tasks.try_join_next() {
                gate.end(ended.unwrap_or_default());
            }
            // One whose session was ended from elsewhere has nowhere to go on.
            if self.cancel.is_cancelled() || self.recording.session().is_none() {
                return false;
            }
            let (early, open) = (Instant::now() < at, gate.is_open(then));
            if !early && open {
                return true;
            }
            tokio::select! {
                () = self.cancel.cancelled() => return false,
                () = sleep_until(at), if early => {}
                Some(ended) = tasks.join_next(), if !open => gate.end(ended.unwrap_or_default()),
            }
        }
    }

    async fn one(self: &Arc<Self>, step: Step) -> Done {
        let row = Replayed {
            position: step.position,
            original: None,
            item: None,
            name: None,
            method: String::new(),
            url: String::new(),
            status: None,
            result: None,
            result_status: None,
            duration_us: None,
            verdict: Verdict::Skipped,
            comparison: None,
            error: None,
        };
        match step.subject {
            Subject::Exchange(id) => self.captured(id, Replayed { original: Some(id), ..row }).await,
            Subject::Request(request) => self.saved(*request, row).await,
        }
    }

    /// One that was captured.
    async fn captured(self: &Arc<Self>, id: ExchangeId, row: Replayed) -> Done {
        let skipped =
            |row: Replayed, why: &str| Done { row: Replayed { error: judge::why(why), ..row }, with: With::Nothing };
        let Original { exchange, url, draft } = match self.read(id).await {
            Ok(Ok(original)) => original,
            Ok(Err(Unsent { method, url, status, why })) => {
                return skipped(Replayed { method, url, status, ..row }, &format!("It was not sent: {why}."));
            }
            Err(error) => return skipped(row, &format!("It was not sent, as it could not be read: {error}.")),
        };
        let row = Replayed { method: exchange.method.clone(), url: url.clone(), status: exchange.status, ..row };
        let Some(draft) = self.own(draft) else { return skipped(row, FOREIGN) };
        let place = url.parse().ok();
        let errand = Errand {
            task: Task::Plain(Box::new(self.with_cookies(draft, place.as_ref()))),
            // Four times as long as it took.
            timeout_ms: TIMEOUT.max(exchange.timings.end_us.map_or(0, |us| us.unsigned_abs() / 250)),
            adjust: None,
        };
        let returned = self.send(errand, place.as_ref()).await;
        done(row, if self.plan.diff { With::Original(id) } else { With::Nothing }, returned)
    }

    /// One of a collection, compared with its first example.
    async fn saved(self: &Arc<Self>, request: Request, row: Replayed) -> Done {
        let Request { id, saved, around } = request;
        let example = saved.examples.into_iter().next().filter(|_| self.plan.diff);
        let draft = saved.request;
        let row = Replayed {
            item: Some(id),
            name: Some(saved.name),
            method: if draft.method.is_empty() { "GET".to_owned() } else { draft.method.clone() },
            url: draft.url.clone(),
            status: example.as_ref().and_then(|example| example.status),
            ..row
        };
        let Some(mut draft) = self.own(draft) else {
            return Done { row: Replayed { error: judge::why(FOREIGN), ..row }, with: With::Nothing };
        };
        draft.settings.cookie_jar = Some(false);
        let order = Order {
            draft,
            environment: self.plan.environment,
            jar: JarChoice::None,
            as_of: None,
            variables: Vec::new(),
            data: Vec::new(),
            around,
            made_from: None,
            source: Source::Replay,
            guest: None,
        };
        let sending = Arc::clone(self);
        let adjust = move |draft: &mut Draft| sending.adjust(draft);
        let errand = Errand { task: Task::Order(Box::new(order)), timeout_ms: TIMEOUT, adjust: Some(Box::new(adjust)) };
        let returned = self.send(errand, None).await;
        done(row, example.map_or(With::Nothing, |example| With::Example(Box::new(example))), returned)
    }

    /// A request that may be sent as the user's: their own, or any with their word.
    fn own(&self, draft: Draft) -> Option<Draft> {
        (self.plan.as_mine || draft.written_by.is_none()).then_some(Draft { written_by: None, ..draft })
    }

    /// Where a request of a collection goes, and with which cookies, once its variables have their values.
    fn adjust(&self, draft: &mut Draft) {
        if let Some(instead) = self.plan.target.as_ref().and_then(|target| target.instead(&draft.url)) {
            draft.url = instead;
        }
        match (&self.plan.cookies, draft.url.parse::<Url>()) {
            (Cookies::Evolve | Cookies::From(_), Ok(url)) => self.cookies().give(&url, draft, self.now_us()),
            (Cookies::None, _) => evolving::strip(draft),
            _ => {}
        }
    }

    fn with_cookies(&self, mut draft: Draft, url: Option<&Url>) -> Draft {
        match (&self.plan.cookies, url) {
            (Cookies::Evolve, Some(url)) => self.cookies().apply(url, &mut draft, now_us()),
            (Cookies::From(_), Some(url)) => {
                draft.headers.retain(|field| !field.key.eq_ignore_ascii_case("cookie"));
                self.cookies().give(url, &mut draft, self.now_us());
            }
            (Cookies::None, _) => evolving::strip(&mut draft),
            _ => {}
        }
        draft
    }

    /// Sends one. Its answer's cookies are those of `url`, the captured one, or else of where it went.
    async fn send(&self, errand: Errand, url: Option<&Url>) -> Result<Returned, StoreError> {
        let watch = Watch { cancel: self.cancel.child_token(), ..Watch::default() };
        let returned = self.agent.run(errand, (Source::Replay, Arc::clone(&self.recording)), &watch).await?;
        if matches!(self.plan.cookies, Cookies::Evolve | Cookies::From(_)) {
            for (hop, head) in &returned.hops {
                if let Some(url) = url.cloned().or_else(|| hop.url.parse().ok()) {
                    self.cookies().learn(&url, head, self.now_us());
                }
            }
        }
        Ok(returned)
    }

    async fn read(self: &Arc<Self>, id: ExchangeId) -> Result<Result<Original, Unsent>, StoreError> {
        let sending = Arc::clone(self);
        let read = move || {
            let idle = sending.readers().pop().filter(Reader::is_current);
            let reader = idle.map_or_else(|| sending.store.reader(), Ok)?;
            let found = original::read(&reader, id, sending.plan.target.as_ref());
            sending.readers().push(reader);
            found
        };
        tokio::task::spawn_blocking(read).await.unwrap_or(Err(StoreError::Closed))
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is for the cookies, microseconds since the Unix epoch.
    fn now_us(&self) -> i64 {
        now_us() - self.behind
    }

    fn cookies(&self) -> MutexGuard<'_, Evolving> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is stored of one that was sent.
fn done(row: Replayed, with: With, returned: Result<Returned, StoreError>) -> Done {
    let failed = |row, error| Done { row: Replayed { verdict: Verdict::Failed, error, ..row }, with: With::Nothing };
    let returned = match returned {
        Ok(returned) => returned,
        Err(error) => return failed(row, judge::why(&format!("It could not be sent: {error}."))),
    };
    let last = returned.hops.last().map(|(hop, _)| hop);
    let row = Replayed { result: last.map(|hop| hop.id), result_status: last.and_then(|hop| hop.status), ..row };
    match &returned.error {
        Some(error) => failed(row, judge::error(error)),
        None => Done { row: Replayed { verdict: Verdict::Sent, ..row }, with },
    }
}
