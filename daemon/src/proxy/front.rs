//! What a request on a proxy port is: CONNECT, a proxy request, or a visit to the port itself.

use super::{
    Port,
    clients::{Busy, Client},
    connect, password,
};
use crate::{
    capture::{ClientConnection, recorder::now_us},
    exchange::{self, Asker, Held, ResponseBody},
    onboarding::{Visit, Way, is_own_host, visit::local_end},
};
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, combinators::BoxBody};
use hudsucker::{Body, HttpContext, HttpHandler, RequestOrResponse};
use std::{io, net::SocketAddr, sync::Arc};
use waylay_storage::{
    Event,
    model::{Connection, Role},
};

/// The handler of one port, or of one connection on it.
///
/// hudsucker clones the port's handler for every connection it accepts, and that clone for every request on it. This is
/// how connections are told from each other, and how it is known when they begin and end.
pub struct Front {
    port: Port,
    /// Where it listens.
    bound: SocketAddr,
    client: Option<Arc<Client>>,
}

impl Clone for Front {
    fn clone(&self) -> Self {
        let client = self.client.clone().unwrap_or_else(|| self.port.shared.clients.accepted());
        Self { port: self.port.clone(), bound: self.bound, client: Some(client) }
    }
}

impl Front {
    /// A handler for `port`, which listens on `bound`.
    pub fn new(port: Port, bound: SocketAddr) -> Self {
        Self { port, bound, client: None }
    }

    /// The client's connection, numbered by its first request.
    fn connection(&self, peer: SocketAddr) -> Arc<ClientConnection> {
        let capture = &self.port.shared.pool.connector().capture;
        let id = capture.ids().next_connection();
        let row = Box::new(Connection {
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
            via: None,
            via_us: None,
            process: None,
        });
        let (shared, queue) = (Arc::clone(&self.port.shared), Arc::clone(&capture.queue));
        Arc::new(ClientConnection::new(id, move || {
            shared.processes.find(&row);
            queue.push(Event::Connection(row));
        }))
    }

    fn visit(&self, request: &Request<Body>, way: Way, peer: SocketAddr) -> Response<ResponseBody> {
        self.port.shared.onboarding.answer(&Visit::new(request, way, local_end(self.bound, peer)))
    }

    fn asker(&self, client: &Client, peer: SocketAddr) -> Asker {
        Asker {
            source: self.port.source,
            connection: Some(client.connection(|| self.connection(peer))),
            recording: Arc::clone(&self.port.recording),
            origin: None,
            heads: None,
            pool: Arc::clone(&self.port.shared.pool),
            tasks: self.port.tasks.clone(),
            stopping: self.port.stopping.clone(),
        }
    }
}

impl HttpHandler for Front {
    async fn handle_request(&mut self, context: &HttpContext, mut request: Request<Body>) -> RequestOrResponse {
        let peer = context.client_addr;
        // What is asked is always a clone.
        let client = self.client.get_or_insert_with(|| self.port.shared.clients.accepted()).clone();
        client.heard(peer);
        let busy = client.busy();
        if request.uri().authority().is_none() {
            // Somebody opened the port in a browser, or forgot that it is a proxy.
            return self.visit(&request, Way::Direct, peer).map(|body| boxed(body, busy)).into();
        }
        if let Some(password) = &self.port.shared.password
            && !password.admits(peer.ip(), request.headers_mut())
        {
            return password::required().map(|body| boxed(body, busy)).into();
        }
        if request.method() == Method::CONNECT {
            drop(busy);
            return connect::take_over(&self.port, client, peer, request).into();
        }
        if request.headers().contains_key(header::UPGRADE) {
            request.extensions_mut().insert(Held::new(client.busy()));
        }
        let response = if request.uri().host().is_some_and(is_own_host) {
            self.visit(&request, Way::Proxied, peer)
        } else {
            exchange::run(&self.asker(&client, peer), request).await
        };
        response.map(|body| boxed(body, busy)).into()
    }
}

/// hudsucker's body wants to be Sync and to have its own error; only plain proxy requests pay for this box.
fn boxed(body: ResponseBody, busy: Busy) -> Body {
    let error = move |e: hyper::Error| {
        let _until_the_body_is_gone = &busy;
        hudsucker::Error::Io(io::Error::other(e))
    };
    Body::from(BoxBody::new(body.map_err(error)))
}
