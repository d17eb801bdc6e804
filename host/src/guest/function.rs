//! The function, a component of its own: one request of HTTP in, its answer out.
//!
//! Each request has an instance of its own, which ends with it. The function reaches nothing but a
//! clock and what [`Outside`] lets through; its memory has a ceiling. What is said here goes for
//! `wasi:http` of any host: nothing of it is known to the function.

use std::{
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use tokio::{sync::oneshot, task::JoinHandle, time::error::Elapsed};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::{ProxyPre, http::types::Scheme};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use super::{Cause, GuestError, Result, load};

/// A body that is not whole yet.
pub type Body = UnsyncBoxBody<Bytes, Cause>;

/// An answer that is awaited.
pub type Sending =
    Pin<Box<dyn Future<Output = std::result::Result<http::Response<Body>, NoReply>> + Send>>;

/// Sends what the function wants to be sent, or refuses to.
pub trait Outside: Send + Sync {
    /// The body is there as a whole: the function asks for lists.
    fn send(&self, request: http::Request<Bytes>) -> Sending;
}

/// Why the function gets no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoReply {
    /// Nobody may call there, in words for people.
    #[error("{0}")]
    Denied(String),
    /// In words for people.
    #[error("{0}")]
    Unreachable(String),
    /// Nothing came in time.
    #[error("no answer came in time")]
    TimedOut,
}

/// The function, compiled and ready to be instantiated any number of times.
#[derive(Clone)]
pub struct Function {
    ready: ProxyPre<State>,
    outside: Arc<dyn Outside>,
    patience: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// That is a mistake of ours.
    #[error(transparent)]
    Failed(#[from] GuestError),
    /// It took longer than a request may.
    #[error("the function took too long")]
    TimedOut,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Function")
    }
}

impl Function {
    /// The function that this binary carries, who sends for it, and how long a request may take.
    pub fn embedded(outside: Arc<dyn Outside>, patience: Duration) -> Result<Self> {
        let mut config = Config::new();
        config.cache(Cache::from_file(None).ok());
        let engine = Engine::new(&config).map_err(load)?;
        let component = Component::new(&engine, EMBEDDED).map_err(load)?;
        Self::prepare(&component, outside, patience)
    }

    /// Compiles ahead of time, for the engine of this one: see [`Function::from_precompiled`].
    pub fn precompile(&self) -> Result<Vec<u8>> {
        let engine = self.ready.engine();
        engine.precompile_component(EMBEDDED).map_err(load)
    }

    /// Another one on the engine of this one. The file is mapped, so that only what runs is read.
    ///
    /// # Safety
    ///
    /// The file must hold what [`Function::precompile`] returned, and may not change while it is in
    /// use: it is run as machine code.
    pub unsafe fn from_precompiled(&self, file: &Path) -> Result<Self> {
        // SAFETY: the caller's promise is the one that is asked for here.
        let component = unsafe { Component::deserialize_file(self.ready.engine(), file) };
        let component = component.map_err(load)?;
        Self::prepare(&component, Arc::clone(&self.outside), self.patience)
    }

    fn prepare(
        component: &Component,
        outside: Arc<dyn Outside>,
        patience: Duration,
    ) -> Result<Self> {
        let mut linker = Linker::new(component.engine());
        wasmtime_wasi_http::p2::add_to_linker_async(&mut linker).map_err(load)?;
        let ready = linker.instantiate_pre(component).and_then(ProxyPre::new);
        Ok(Self {
            ready: ready.map_err(load)?,
            outside,
            patience,
        })
    }

    /// Answers one request. The answer's body comes while the function works; dropping it ends the
    /// function.
    pub async fn answer(
        &self,
        request: http::Request<Body>,
    ) -> std::result::Result<http::Response<Body>, Unanswered> {
        let mut store = Store::new(self.ready.engine(), State::new(Arc::clone(&self.outside)));
        store.limiter(|state| &mut state.limits);
        let (send, answered) = oneshot::channel();
        let request = request.map(|body| body.map_err(broken).boxed_unsync());
        let mut http = store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request);
        let request = request.map_err(trapped)?;
        let out = http.new_response_outparam(send).map_err(trapped)?;
        let ready = self.ready.clone();
        // What takes too long is dropped, which breaks off an answer that has begun.
        let work: Work = tokio::spawn(tokio::time::timeout(self.patience, async move {
            let proxy = ready.instantiate_async(&mut store).await?;
            let door = proxy.wasi_http_incoming_handler();
            door.call_handle(store, request, out).await
        }));
        match answered.await {
            Ok(Ok(answer)) => Ok(answer.map(|body| Answered { body, work }.boxed_unsync())),
            Ok(Err(code)) => Err(trapped(wasmtime::format_err!("{code:?}")).into()),
            Err(_) => Err(match work.await {
                Ok(Err(_)) => Unanswered::TimedOut,
                Ok(Ok(Err(trap))) => trapped(trap).into(),
                Ok(Ok(Ok(()))) => trapped(wasmtime::format_err!("it did not answer")).into(),
                Err(ended) => trapped(wasmtime::format_err!("{ended}")).into(),
            }),
        }
    }
}

type Work = JoinHandle<std::result::Result<wasmtime::Result<()>, Elapsed>>;

/// A body that ends well only if the function did. One that trapped, or was ended as it took too
/// long, would else look as if all had been said.
struct Answered {
    body: WasiBody,
    work: Work,
}

impl http_body::Body for Answered {
    type Data = Bytes;
    type Error = Cause;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Cause>>> {
        if let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(context)) {
            return Poll::Ready(Some(frame.map_err(Into::into)));
        }
        Poll::Ready(match ready!(Pin::new(&mut self.work).poll(context)) {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(trap))) => Some(Err(trap.into())),
            Ok(Err(elapsed)) => Some(Err(elapsed.into())),
            Err(ended) => Some(Err(ended.into())),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// What belongs to one request.
struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    limits: StoreLimits,
}

impl State {
    fn new(outside: Arc<dyn Outside>) -> Self {
        Self {
            table: ResourceTable::new(),
            // Neither arguments, variables, files, sockets nor standard streams.
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            hooks: Hooks(outside),
            limits: StoreLimitsBuilder::new().memory_size(MAX_MEMORY).build(),
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}

struct Hooks(Arc<dyn Outside>);

type Sent<T> = std::result::Result<T, Error>;
type Rest = Box<dyn Future<Output = Sent<()>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Rest,
    ) -> Box<dyn Future<Output = Sent<(http::Response<WasiBody>, Rest)>> + Send> {
        let outside = Arc::clone(&self.0);
        Box::new(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let sending = outside.send(http::Request::from_parts(parts, body));
            let patience = options.and_then(|options| options.first_byte_timeout);
            let sent = match patience {
                Some(patience) => tokio::time::timeout(patience, sending).await,
                None => Ok(sending.await),
            };
            let reply = sent.unwrap_or(Err(NoReply::TimedOut)).map_err(unsent)?;
            let reply = reply.map(|body| body.map_err(broken).boxed_unsync());
            let rest: Rest = Box::new(async { Ok(()) });
            Ok((reply, rest))
        })
    }
}

fn unsent(why: NoReply) -> Error {
    match why {
        NoReply::TimedOut => Error::HttpResponseTimeout,
        NoReply::Denied(why) | NoReply::Unreachable(why) => Error::InternalError(Some(why)),
    }
}

fn broken(why: Cause) -> Error {
    Error::InternalError(Some(why.to_string()))
}

fn trapped(error: wasmtime::Error) -> GuestError {
    GuestError::Trapped {
        operation: "function",
        source: error.into(),
    }
}

const EMBEDDED: &[u8] = include_bytes!(env!("QONDUIT_FUNCTION"));
/// A request keeps one host and one page, or the work list of a large subscription.
const MAX_MEMORY: usize = 256 << 20;
