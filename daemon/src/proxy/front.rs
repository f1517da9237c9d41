//! What a request on a proxy port is: CONNECT, a proxy request, or a visit to the port itself.

use super::{Port, connect};
use crate::{
    capture::recorder::now_us,
    exchange::{self, Asker, ResponseBody, page},
};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, combinators::BoxBody};
use hudsucker::{Body, HttpContext, HttpHandler, RequestOrResponse};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use waylay_storage::{
    Event,
    model::{Connection, Role},
};

const CONNECTIONS_REMEMBERED: usize = 1024;

/// The handler of one port.
#[derive(Clone)]
pub struct Front {
    port: Port,
    /// hudsucker does not tell connections apart; their addresses do. For plain requests only.
    connections: Arc<Mutex<HashMap<SocketAddr, i64>>>,
}

impl Front {
    /// A handler for `port`.
    pub fn new(port: Port) -> Self {
        Self { port, connections: Arc::default() }
    }

    /// A row for the client's connection, made by its first request.
    fn connection(&self, peer: SocketAddr) -> i64 {
        let capture = &self.port.shared.pool.connector().capture;
        let mut known = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = known.get(&peer) {
            return *id;
        }
        if known.len() >= CONNECTIONS_REMEMBERED {
            known.clear();
        }
        let id = capture.ids().next_connection();
        known.insert(peer, id);
        capture.queue.push(Event::Connection(Box::new(Connection {
            id,
            role: Role::Client,
            opened_us: now_us(),
            peer,
            local: None,
            authority: String::new(),
            dns_us: None,
            connect_us: None,
            tls_us: None,
            tls: None,
        })));
        id
    }

    fn asker(&self, peer: SocketAddr) -> Asker {
        let recording = Arc::clone(&self.port.recording);
        Asker {
            source: self.port.source,
            connection: recording.session().map(|_| self.connection(peer)),
            recording,
            origin: None,
            heads: None,
            pool: Arc::clone(&self.port.shared.pool),
            tasks: self.port.tasks.clone(),
            stopping: self.port.stopping.clone(),
        }
    }
}

impl HttpHandler for Front {
    async fn handle_request(&mut self, context: &HttpContext, request: Request<Body>) -> RequestOrResponse {
        if request.method() == Method::CONNECT {
            return connect::take_over(&self.port, context.client_addr, request).into();
        }
        let response = if request.uri().authority().is_some() {
            exchange::run(&self.asker(context.client_addr), request).await
        } else {
            visit()
        };
        response.map(boxed).into()
    }
}

/// Somebody opened the port in a browser, or forgot that it is a proxy.
fn visit() -> Response<ResponseBody> {
    page::plain(
        StatusCode::BAD_REQUEST,
        "text/plain; charset=utf-8",
        "This is Waylay's proxy port. Set it as the HTTP and HTTPS proxy of a program, or run `waylay run -- COMMAND`.\n\
         `waylay status` prints the address of the user interface.\n"
            .to_owned(),
    )
}

/// hudsucker's body wants to be Sync and to have its own error; only plain proxy requests pay for this box.
fn boxed(body: ResponseBody) -> Body {
    let error = |e: hyper::Error| hudsucker::Error::Io(io::Error::other(e));
    Body::from(BoxBody::new(body.map_err(error)))
}
