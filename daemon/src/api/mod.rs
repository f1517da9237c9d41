//! The control API and the UI's files, on loopback ports of their own. Whatever the UI and the command line can do, a
//! call here can do.
//!
//! A connection ends up in [`server`]; each of its requests passes the [`guard`] before anything else looks at it, and
//! each answer gets the fields of [`headers`] on its way out. What the UI is made of comes from [`files`], everything
//! else is below `/api/v1` (see [`routes`]):
//!
//! - [`login`]: one-time codes against a cookie
//! - [`status`], [`sessions`], [`runs`], [`ca`]: the daemon, its sessions, the ports of `waylay run`, the certificate
//! - [`proxy`]: whether clients are let in
//! - [`certificates`], [`proxies`]: who we are to origins, and by which proxies they are reached
//! - [`passthrough`]: the hosts whose tunnels are relayed unread
//! - [`exchanges`], [`bodies`], [`messages`], [`cookies`]: what was captured
//! - [`facets`]: how many there are of what
//! - [`events`]: the same, as it happens
//! - [`export`], [`import`]: files of other tools
//! - [`curl`]: requests as commands of curl
//! - [`deletions`]: deleting and bringing back; [`sql`]: queries; [`store`]: room and damage
//! - [`history`]: what was sent and what was captured, as one list; [`captured`] adds to it
//! - [`jars`]: cookies that are sent along
//! - [`environments`]: variables of requests; [`folder`]: files of requests
//! - [`collections`]: requests that are kept
//! - [`conversations`]: WebSockets and event streams made here
//! - [`send`]: requests made here; [`console`]: what became of them, step by step
//! - [`replays`]: requests that are sent again; [`diff`]: two exchanges compared
//! - [`agent`]: web pages that hand requests over
//! - [`hoppscotch`]: another agent's protocol, on a port of its own
//! - [`openapi`]: all of this, for programs
//!
//! They share [`readers`] of the store, [`input`] that is read with our own errors, and the one shape of an [`error`].
//! [Secrets](crate::secret) are compared in constant time; [`token`] is the one that programs show. [`slots`] bound the connections.

mod agent;
mod bodies;
mod ca;
mod captured;
mod certificates;
mod collections;
mod console;
mod conversations;
mod cookies;
mod curl;
mod deletions;
mod diff;
mod environments;
mod error;
mod events;
mod exchanges;
mod export;
mod facets;
mod files;
mod folder;
mod guard;
mod headers;
mod history;
mod hoppscotch;
mod import;
mod input;
mod jars;
mod login;
mod messages;
mod openapi;
mod passthrough;
mod proxies;
mod proxy;
mod readers;
mod replays;
mod runs;
mod send;
mod server;
mod sessions;
mod slots;
mod sql;
mod status;
mod store;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use sql::value as sql_value;
pub use token::Token;

use crate::engine::{Engine, StartError, imports::shelf::Shelf};
use axum::{
    Router,
    routing::{delete, get, patch, post, put},
};
use events::Hub;
use files::Files;
use guard::Guard;
use readers::Readers;
use server::{Gate, Limits};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

/// Bodies that are decoded at once: each may take twice [`bodies::LONGEST`] of memory.
const DECODING_AT_ONCE: usize = 2;

/// Exports at once.
const EXPORTING_AT_ONCE: usize = 2;

/// Requests of pages at once that have come with their files, which may take much room on the disk.
const LENDING_AT_ONCE: usize = 4;

/// The API of a running daemon, ready to serve.
pub struct Api {
    shared: Shared,
}

/// What all calls share.
#[derive(Clone)]
pub(crate) struct Shared {
    engine: Arc<Engine>,
    guard: Arc<Guard>,
    readers: Arc<Readers>,
    decoding: Arc<Semaphore>,
    exporting: Arc<Semaphore>,
    importing: Arc<Semaphore>,
    lending: Arc<Semaphore>,
    imports: Arc<Shelf>,
    hub: Arc<Hub>,
    files: Files,
    hoppscotch: Arc<hoppscotch::Listener>,
    addresses: Arc<[SocketAddr]>,
    stopping: CancellationToken,
}

impl Api {
    /// Prepares to serve on `addresses`, which must be loopback and have one port. From here on, neither the proxy nor
    /// a sent request reaches them.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn new(engine: Arc<Engine>, token: Token, addresses: &[SocketAddr]) -> io::Result<Self> {
        engine.guard().protect_api(addresses);
        let hub = Arc::new(Hub::new()?);
        let commits = Arc::clone(&hub);
        engine.store().on_commit(move |batch| commits.committed(batch));
        let changes = Arc::clone(&hub);
        let console = Arc::clone(&hub);
        engine.agent().console.on_change(move || console.console_changed());
        let conversations = Arc::clone(&hub);
        engine.conversations().on_change(move |id| conversations.conversation_changed(id));
        let paired = Arc::clone(&hub);
        engine.pairings().on_change(move || paired.pairings_changed());
        engine.store().on_change(move |changed| changes.changed(changed));
        let shared = Shared {
            guard: Arc::new(Guard::new(token.digest())),
            readers: Arc::new(Readers::new(&engine.settings().data_dir)),
            decoding: Arc::new(Semaphore::new(DECODING_AT_ONCE)),
            exporting: Arc::new(Semaphore::new(EXPORTING_AT_ONCE)),
            importing: Arc::new(Semaphore::new(1)),
            lending: Arc::new(Semaphore::new(LENDING_AT_ONCE)),
            imports: Arc::default(),
            hub,
            files: Files::default(),
            hoppscotch: Arc::default(),
            addresses: addresses.into(),
            stopping: engine.stopping().clone(),
            engine,
        };
        Ok(Self { shared })
    }

    /// A link that logs a browser in, once and within ten minutes.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn login_link(&self) -> io::Result<String> {
        login::link(&self.shared)
    }

    /// Opens the port for clients of the Hoppscotch Agent at once, and answers where it is.
    ///
    /// # Errors
    /// If it cannot be listened on.
    pub async fn open_hoppscotch(&self) -> Result<Vec<SocketAddr>, StartError> {
        self.shared.hoppscotch.open(&self.shared).await?;
        Ok(self.shared.hoppscotch.addresses().await)
    }

    /// Serves on `listeners`, bound to the addresses given before, until the daemon stops; answers under way then are
    /// finished.
    pub async fn serve(self, listeners: Vec<TcpListener>) {
        self.serve_within(Limits::default(), listeners).await;
    }

    async fn serve_within(self, limits: Limits, listeners: Vec<TcpListener>) {
        let (shared, stopping) = (self.shared.clone(), self.shared.stopping.clone());
        let besides = tokio::spawn(hoppscotch::Listener::keep(shared.clone()));
        server::serve(Gate { shared, routes: routes(self.shared) }, limits, listeners, stopping).await;
        // It ends with the daemon as well.
        let _ = besides.await;
    }
}

fn routes(shared: Shared) -> Router {
    let v1 = Router::new()
        .route("/login", get(login::token).post(login::login))
        .route("/login-links", post(login::create_link))
        .route("/status", get(status::status))
        .route("/shutdown", post(status::shutdown))
        .route("/sessions", get(sessions::list).post(sessions::start))
        .route("/sessions/{id}", get(sessions::one).patch(sessions::change).delete(deletions::session))
        .route("/sessions/{id}/pause", post(sessions::pause))
        .route("/sessions/{id}/resume", post(sessions::resume))
        .route("/sessions/{id}/stop", post(sessions::stop))
        .route("/proxy", get(proxy::state).put(proxy::switch))
        .route("/recording-presets", get(sessions::presets))
        .route("/deletions", post(deletions::create))
        .route("/deletions/{id}", delete(deletions::undo))
        .route("/sql", post(sql::run))
        .route("/store/stats", get(store::stats))
        .route("/store/gc", post(store::gc))
        .route("/store/check", post(store::check))
        .route("/sessions/{id}/overview", get(facets::overview))
        .route("/sessions/{id}/cookies", get(cookies::list))
        .route("/facets", get(facets::facets))
        .route("/runs", post(runs::open))
        .route("/runs/{id}", delete(runs::close))
        .route("/passthrough", get(passthrough::list).post(passthrough::add).delete(passthrough::remove))
        .route("/certificates", get(certificates::list).post(certificates::add))
        .route("/certificates/{id}", delete(certificates::remove))
        .route("/upstream-proxies", get(proxies::show).put(proxies::set))
        .route("/exchanges", get(exchanges::list))
        .route("/exchanges/{id}", get(exchanges::one))
        .route("/exchanges/{id}/request/body", get(bodies::request))
        .route("/exchanges/{id}/response/body", get(bodies::response))
        .route("/exchanges/{id}/messages", get(messages::list))
        .route("/exchanges/{id}/messages/{number}", get(messages::one))
        .route("/exchanges/{id}/messages/{number}/payload", get(messages::payload))
        .route("/export/har", get(export::har))
        .route("/import", post(import::import))
        .route("/import/check", post(import::check::check))
        .route("/imports/{token}", post(import::check::commit).delete(import::check::drop_it))
        .route("/exchanges/{id}/curl", get(curl::of_exchange))
        .route("/curl", post(curl::of_request))
        .route("/send", post(send::send))
        .route("/send/preview", post(send::preview))
        .route("/send/settings", get(send::settings::show).put(send::settings::change))
        .route("/sends/{id}", delete(send::cancel))
        .route("/exchanges/{id}/request", get(send::captured::request))
        .route("/conversations", get(conversations::list).post(conversations::open))
        .route("/conversations/{id}", get(conversations::one).delete(conversations::forget))
        .route("/conversations/{id}/messages", post(conversations::send))
        .route("/conversations/{id}/close", post(conversations::close))
        .route("/conversations/{id}/events", get(conversations::live::events))
        .route("/saved-messages", get(conversations::saved::list).post(conversations::saved::create))
        .route("/saved-messages/{id}", put(conversations::saved::change).delete(conversations::saved::remove))
        .route("/replays", get(replays::list).post(replays::create))
        .route("/replays/{id}", get(replays::one).delete(replays::cancel))
        .route("/replays/{id}/results", get(replays::results))
        .route("/replays/{id}/report", get(replays::report))
        .route("/diff", get(diff::diff))
        .route("/diff/rules", get(diff::rules).put(diff::set_rules))
        .route("/console", get(console::list).delete(console::clear))
        .route("/history", get(history::list).post(history::add).delete(history::clear))
        .route("/history/settings", get(history::settings).put(history::set_settings))
        .route("/history/{id}", get(history::one).delete(history::remove))
        .route("/environments", get(environments::list).post(environments::create))
        .route("/environments/import", post(environments::import))
        .route("/environments/{id}/export", get(environments::export))
        .route("/globals/export", get(environments::export_globals))
        .route("/environments/active", put(environments::activate))
        .route("/environments/{id}", get(environments::one).put(environments::change).delete(environments::remove))
        .route("/globals", get(environments::globals).put(environments::set_globals))
        .route("/collections", get(collections::list).post(collections::create))
        .route("/collections/search", get(collections::search::search))
        .route("/collections/save", post(collections::save::save))
        .route("/collections/save/preview", post(collections::save::preview))
        .route("/collections/{id}/live", put(collections::save::fill).delete(collections::save::stop))
        .route("/collections/{id}/regroup", post(collections::save::regroup))
        .route("/collections/{id}", get(collections::one).put(collections::change))
        .route("/collections/{id}/export", get(collections::export::file))
        .route("/collections/{id}/export/report", get(collections::export::report))
        .route("/collections/{id}/duplicate", post(collections::duplicate))
        .route("/collections/{id}/items", post(collections::items::create))
        .route("/items/move", post(collections::items::relocate))
        .route("/items/{id}", get(collections::items::one).put(collections::items::change))
        .route("/items/{id}/duplicate", post(collections::items::duplicate))
        .route("/jars", get(jars::list).post(jars::create))
        .route("/jars/{id}", patch(jars::change))
        .route("/jars/{id}/domains", get(jars::domains).post(jars::add_domain))
        .route("/jars/{id}/cookies", get(jars::cookies::list).post(jars::cookies::create))
        .route("/jars/{id}/cookies/{cookie}", get(jars::cookies::one).put(jars::cookies::change))
        .route("/jars/{id}/cookies/{cookie}/history", get(jars::past::history))
        .route("/jars/{id}/cookies/{cookie}/restore", post(jars::past::restore))
        .route("/jars/{id}/at", get(jars::past::at))
        .route("/jars/{id}/explain", get(jars::explain::explain))
        .route("/jars/{id}/export", get(jars::files::export))
        .route("/jars/{id}/export/report", get(jars::files::report))
        .route("/jars/{id}/import", post(jars::files::import))
        .route("/cookie-sync", get(jars::sync::state).put(jars::sync::change))
        .route("/cookie-sync/domains", post(jars::sync::add))
        .route("/cookie-sync/domains/{id}", delete(jars::sync::remove))
        .route("/files", get(folder::list))
        .route("/files/{name}", put(folder::put).delete(folder::remove))
        .route("/agent/windows", get(agent::windows::list).post(agent::windows::open))
        .route("/agent/windows/{id}", delete(agent::windows::close))
        .route("/agent/pairings", get(agent::pairings::list))
        .route("/agent/pairings/{id}", patch(agent::pairings::change).delete(agent::pairings::revoke))
        .route("/agent/blocked", get(agent::blocked::list).post(agent::blocked::block).delete(agent::blocked::unblock))
        .route("/agent/capabilities", get(agent::page::capabilities))
        .route("/agent/pair", post(agent::page::pair))
        .route("/agent/send", post(agent::send::send))
        .route("/agent/sends/{id}/cancel", post(agent::send::cancel))
        .route("/agent/conversations", post(agent::conversations::open))
        .route("/agent/conversations/{id}", get(agent::conversations::one).delete(agent::conversations::forget))
        .route("/agent/conversations/{id}/messages", post(agent::conversations::send))
        .route("/agent/conversations/{id}/close", post(agent::conversations::close))
        .route("/agent/conversations/{id}/events", get(agent::conversations::events))
        .route("/events", get(events::stream))
        .route("/ca", get(ca::facts))
        .route("/ca.pem", get(ca::pem))
        .route("/openapi.json", get(openapi::serve));
    Router::new()
        .nest("/api/v1", v1)
        .fallback(server::no_route)
        .method_not_allowed_fallback(server::no_method)
        .with_state(shared)
}
