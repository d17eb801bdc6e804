//! Serves the function over HTTP: takes requests, keeps them within limits, and ends cleanly.
//!
//! What a request means is the function's to say. Here is what any platform for functions does:
//! who may ask, how much, for how long, and how many at once.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};

use crate::{
    guest::{Body, Function, Unanswered},
    http::chain,
    secrets::Secret,
};

/// What a server of the function allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Of a body that comes in.
    pub body_bytes: u64,
    /// Requests that are carried out at once; further ones wait.
    pub at_once: usize,
    /// What a caller has to send as `Authorization: Bearer …`; nothing lets everybody in.
    pub token: Option<Secret>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("nothing can be served at `{address}`; choose another address with `--listen`")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("no runtime can be started")]
    Runtime(#[source] io::Error),
}

/// Serves until it is told to stop. `ready` is called with the address once there is one.
pub fn serve(
    function: Function,
    listen: SocketAddr,
    limits: Limits,
    stop: &AtomicBool,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    let served = runtime.block_on(async {
        let refused = |source| ServeError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        ready(listener.local_addr().map_err(refused)?);
        let server = Server {
            function,
            places: Arc::new(Semaphore::new(limits.at_once)),
            limits: Arc::new(limits),
        };
        server.run(listener, stop).await;
        Ok(())
    });
    // A function that is still at work is not waited for.
    runtime.shutdown_background();
    served
}

#[derive(Clone)]
struct Server {
    function: Function,
    limits: Arc<Limits>,
    places: Arc<Semaphore>,
}

impl Server {
    async fn run(&self, listener: TcpListener, stop: &AtomicBool) {
        let (end, ending) = watch::channel(false);
        let mut connections = JoinSet::new();
        while !stop.load(Ordering::Relaxed) {
            // Short, so that a request to end is noticed.
            match tokio::time::timeout(GLANCE, listener.accept()).await {
                Ok(Ok((stream, _))) => {
                    connections.spawn(self.clone().connection(stream, ending.clone()));
                }
                // Too many open files: a moment later there are fewer.
                Ok(Err(_)) => tokio::time::sleep(GLANCE).await,
                Err(_) => {}
            }
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        let _ = end.send(true);
        let ended = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_CALL, ended).await;
    }

    async fn connection(self, stream: TcpStream, mut ending: watch::Receiver<bool>) {
        let _ = stream.set_nodelay(true);
        let serve = service_fn(|request| self.answer(request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), serve);
        tokio::pin!(connection);
        tokio::select! {
            // What goes wrong here is the client's, which notices.
            _ = &mut connection => return,
            _ = ending.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn answer(
        &self,
        request: http::Request<Incoming>,
    ) -> Result<http::Response<Body>, Infallible> {
        if !self.is_welcome(&request) {
            return Ok(problem(401, "token", "No access", NO_ACCESS));
        }
        let (most, length) = (
            self.limits.body_bytes,
            request.headers().get("content-length"),
        );
        let length = length.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > most) {
            let detail = format!("the body is longer than {most} bytes; send it in parts");
            return Ok(problem(413, "body-too-large", "Body too large", &detail));
        }
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
            return Ok(problem(503, "ending", "The server ends", "try again later"));
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let request = request.map(|body| Limited::new(body, most).boxed_unsync());
        Ok(match self.function.answer(request).await {
            // The place is taken for as long as the body is there.
            Ok(answer) => answer.map(|body| {
                body.map_frame(move |frame| {
                    let _ = &place;
                    frame
                })
                .boxed_unsync()
            }),
            Err(Unanswered::TimedOut) => problem(
                504,
                "time-out",
                "Took too long",
                "the request took longer than it may; ask for less, or raise `--timeout`",
            ),
            Err(Unanswered::Failed(error)) => {
                tracing::error!(error = %chain(&error), "a request failed");
                let detail = "the function failed; its log tells why";
                problem(500, "internal", "A mistake in Qonduit", detail)
            }
        })
    }

    /// Compared without telling by the time it takes how much of a token is right.
    fn is_welcome(&self, request: &http::Request<Incoming>) -> bool {
        let Some(token) = &self.limits.token else {
            return true;
        };
        let given = request.headers().get("authorization");
        let given = given.map_or(&b""[..], |value| value.as_bytes());
        let given = given.strip_prefix(b"Bearer ").unwrap_or_default();
        let token = token.expose().as_bytes();
        let differs = given.iter().zip(token).fold(0, |all, (a, b)| all | (a ^ b));
        given.len() == token.len() && differs == 0
    }
}

/// An answer of the server, in the form that the function's own have.
fn problem(status: u16, kind: &str, title: &str, detail: &str) -> http::Response<Body> {
    let body = serde_json::json!({
        "type": format!("urn:qonduit:problem:{kind}"),
        "title": title,
        "status": status,
        "detail": detail,
    });
    let body = Full::new(Bytes::from(body.to_string())).map_err(|never| match never {});
    http::Response::builder()
        .status(status)
        .header("content-type", "application/problem+json")
        .header("connection", "close")
        .body(body.boxed_unsync())
        .expect("the status and the headers are sound")
}

const NO_ACCESS: &str = "this function wants a token; send `Authorization: Bearer …` with the one \
                         that it was started with, and credentials of Qualys as \
                         `x-qualys-authorization`";
const GLANCE: Duration = Duration::from_millis(100);
/// What is underway may end within this time.
const LAST_CALL: Duration = Duration::from_secs(8);
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
