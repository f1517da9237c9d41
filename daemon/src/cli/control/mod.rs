//! Talking to the running daemon: its control API over a loopback connection, past every proxy variable.
//!
//! - `answer`: what it says, and why it does not do what it was asked

mod answer;

pub use answer::{ControlError, odd, understood};

use super::report::{Exit, Report};
use crate::data_dir::{DataDir, Instance};
use answer::{read, refusal};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body, Frame};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// How long the daemon may take to answer what it has at hand.
const PATIENCE: Duration = Duration::from_secs(5);

/// A way to the daemon of one data folder.
#[derive(Debug)]
pub struct Control {
    /// Who it is.
    pub instance: Instance,
    token: String,
}

impl Control {
    /// Finds the daemon; `None` if none runs, or if it is not ready yet.
    ///
    /// # Errors
    /// A [`Report`] if what it left cannot be read.
    pub fn find(data: &DataDir) -> Result<Option<Self>, Report> {
        if !data.check()? {
            return Ok(None);
        }
        let Some(instance) = Instance::running(data)? else { return Ok(None) };
        match std::fs::read_to_string(data.token()) {
            Ok(token) => Ok(Some(Self { instance, token: token.trim().to_owned() })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Report::io(format!("cannot read {}", data.token().display()), error)),
        }
    }

    /// Finds the daemon, or says how to start it.
    ///
    /// # Errors
    /// A [`Report`] with [`Exit::NO_DAEMON`].
    pub fn connect(data: &DataDir) -> Result<Self, Report> {
        Self::find(data)?.ok_or_else(|| {
            let report = Report::new(Exit::NO_DAEMON, "no daemon is running");
            let folder = data.path().display();
            match data.is_chosen() {
                true => report
                    .because(format!("none uses {folder}"))
                    .advise("Start one with `waylay start`, with the same data folder."),
                false => report.advise("Start one with `waylay start`."),
            }
        })
    }

    /// Asks for something the daemon has at hand.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ControlError> {
        read(&self.ask(Method::GET, path, None, Some(PATIENCE)).await?)
    }

    /// Asks for a document, as it is.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn document(&self, path: &str) -> Result<Bytes, ControlError> {
        self.ask(Method::GET, path, None, None).await
    }

    /// Asks for something to be done, for as long as that takes.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, ControlError> {
        read(&self.ask(Method::POST, path, Some(body), None).await?)
    }

    /// Asks by any method for something to be done, for as long as that takes.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, ControlError> {
        read(&self.ask(method, path, body, None).await?)
    }

    /// Asks for something to be done at once, without a result.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn order(&self, method: Method, path: &str) -> Result<(), ControlError> {
        let body = (method == Method::POST).then(|| Value::Object(Default::default()));
        self.ask(method, path, body.as_ref(), Some(PATIENCE)).await.map(drop)
    }

    /// Asks by any method for something to be done that has no result.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn carry_out(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(), ControlError> {
        self.ask(method, path, body, None).await.map(drop)
    }

    /// Sends the bytes of a file, as they come from `pieces`, and waits for the answer for as long as that takes.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<T, ControlError> {
        self.hand_over(Method::POST, path, pieces).await
    }

    /// Puts the bytes of a file, as they come from `pieces`, and waits for the answer for as long as that takes.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<T, ControlError> {
        self.hand_over(Method::PUT, path, pieces).await
    }

    async fn hand_over<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<T, ControlError> {
        let (stream, address) = timeout(PATIENCE, self.dial()).await.map_err(|_| ControlError::Silent)??;
        let (mut head, ()) = self.head(address, method, path)?.into_parts();
        head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        let body = StreamBody::new(pieces.map_ok(Frame::data));
        read(&exchange(stream, Request::from_parts(head, body)).await?)
    }

    /// Asks for something to be done and hands on what is said of it, as it comes. An error of `each` ends it.
    ///
    /// # Errors
    /// [`ControlError`] as a report, and those of `each`.
    pub async fn stream(
        &self,
        path: &str,
        body: &Value,
        each: impl FnMut(Bytes) -> Result<(), Report>,
    ) -> Result<(), Report> {
        self.streamed((Method::POST, path, Some(body)), each).await
    }

    /// Follows something as it happens, likewise.
    ///
    /// # Errors
    /// Likewise.
    pub async fn follow(&self, path: &str, each: impl FnMut(Bytes) -> Result<(), Report>) -> Result<(), Report> {
        self.streamed((Method::GET, path, None), each).await
    }

    async fn streamed(
        &self,
        (method, path, body): (Method, &str, Option<&Value>),
        mut each: impl FnMut(Bytes) -> Result<(), Report>,
    ) -> Result<(), Report> {
        let dialled = timeout(PATIENCE, self.dial()).await.map_err(|_| ControlError::Silent)?;
        let (stream, address) = dialled?;
        let request = self.request(address, method, path, body)?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(ControlError::from)?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(ControlError::from)?;
        let (head, mut body) = answer.into_parts();
        if !head.status.is_success() {
            let body = body.collect().await.map_err(ControlError::from)?.to_bytes();
            return Err(refusal(head.status, &body).into());
        }
        while let Some(frame) = body.frame().await {
            if let Ok(bytes) = frame.map_err(ControlError::from)?.into_data() {
                each(bytes)?;
            }
        }
        connection.abort();
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        patience: Option<Duration>,
    ) -> Result<Bytes, ControlError> {
        let (stream, address) = timeout(PATIENCE, self.dial()).await.map_err(|_| ControlError::Silent)??;
        let request = self.request(address, method, path, body)?;
        let answer = exchange(stream, request);
        match patience {
            Some(patience) => timeout(patience, answer).await.map_err(|_| ControlError::Silent)?,
            None => answer.await,
        }
    }

    async fn dial(&self) -> Result<(TcpStream, SocketAddr), ControlError> {
        let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in &self.instance.ui {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok((stream, *address)),
                Err(error) => refused = error,
            }
        }
        Err(ControlError::Unreachable(refused))
    }

    fn request(
        &self,
        address: SocketAddr,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<Full<Bytes>>, ControlError> {
        let (mut head, ()) = self.head(address, method, path)?.into_parts();
        if body.is_some() {
            head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        Ok(Request::from_parts(head, Full::new(body)))
    }

    fn head(&self, address: SocketAddr, method: Method, path: &str) -> Result<Request<()>, ControlError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::HOST, address.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        request.body(()).map_err(|error| ControlError::Malformed(error.to_string()))
    }
}

async fn exchange<B>(stream: TcpStream, request: Request<B>) -> Result<Bytes, ControlError>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // The connection ends with the answer: a new one is dialled for each request.
    let answer = async {
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        Ok::<_, ControlError>((head.status, body.collect().await?.to_bytes()))
    };
    tokio::pin!(connection, answer);
    let (status, body) = tokio::select! {
        answer = &mut answer => answer?,
        ended = &mut connection => {
            ended?;
            answer.await?
        }
    };
    if status.is_success() { Ok(body) } else { Err(refusal(status, &body)) }
}
