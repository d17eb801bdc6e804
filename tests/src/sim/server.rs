//! The HTTP server: connections in, answers out. What an answer says is decided elsewhere.

pub(crate) mod account;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod control;
pub(crate) mod gateway;
pub(crate) mod list;
pub(crate) mod portal;
pub(crate) mod state;
pub(crate) mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use body::Body;
use state::State;

/// A call as it arrived, body and all.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) is_local: bool,
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            continue;
        };
        // Without this, the short lines of errors wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            match tls {
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        talk(stream, peer, state).await;
                    }
                }
                None => talk(stream, peer, state).await,
            }
        });
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin, peer: SocketAddr, state: Arc<State>) {
    let service = service_fn(move |request| receive(request, peer, Arc::clone(&state)));
    // A client that goes away in the middle is no news; the body has counted it.
    let _ = hyper::server::conn::http1::Builder::new()
        .max_buf_size(1 << 20)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn receive(
    request: Request<Incoming>,
    peer: SocketAddr,
    state: Arc<State>,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MOST_BODY_BYTES).collect().await;
    let received = Received {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        headers: head.headers,
        body: body
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default(),
        is_local: peer.ip().is_loopback(),
    };
    Ok(answer::answer(&state, &received))
}

/// A million ids fit.
const MOST_BODY_BYTES: usize = 16 << 20;
