//! `wasi:http` as the traits of `world`: the export, and what it imports.
//!
//! Decides nothing about a request. Built for WebAssembly alone.

#![allow(unreachable_pub, reason = "the generated macro names its items so")]

use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingRequest, IncomingResponse,
    Method, OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::world::{Answer, Broken, Call, Gone, Headers, Input, NoReply, Reply, Request, World};

struct Function;

wasip2::http::proxy::export!(Function);

impl wasip2::exports::http::incoming_handler::Guest for Function {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let told = told(&request);
        let mut body = Unopened(None, &request);
        let mut answer = Outgoing {
            out: Some(out),
            body: None,
        };
        // Whoever hung up needs to hear nothing.
        let _ = crate::route::serve(&told, &mut body, &Outside, &mut answer);
    }
}

fn told(request: &IncomingRequest) -> Request<'_> {
    let path = request.path_with_query().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    Request {
        method: match request.method() {
            Method::Get => "GET".to_owned(),
            Method::Head => "HEAD".to_owned(),
            Method::Post => "POST".to_owned(),
            Method::Put => "PUT".to_owned(),
            Method::Delete => "DELETE".to_owned(),
            Method::Connect => "CONNECT".to_owned(),
            Method::Options => "OPTIONS".to_owned(),
            Method::Trace => "TRACE".to_owned(),
            Method::Patch => "PATCH".to_owned(),
            Method::Other(other) => other,
        },
        path: path.to_owned(),
        query: crate::query::parse(query),
        headers: request,
    }
}

impl Headers for IncomingRequest {
    fn header(&self, name: &str) -> Option<String> {
        let values = self.headers().get(name);
        values.first().map(|value| text(value))
    }
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn texts(fields: &Fields) -> Vec<(String, String)> {
    let entries = fields.entries().into_iter();
    entries
        .map(|(name, value)| (name.to_ascii_lowercase(), text(&value)))
        .collect()
}

/// The body of the request, opened by whoever reads it: most of the smallest requests have none.
struct Unopened<'a>(Option<Body>, &'a IncomingRequest);

impl Input for Unopened<'_> {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let Self(body, request) = self;
        let opened = || Body::new(request.consume().expect("a body is taken once"), None);
        body.get_or_insert_with(opened).read()
    }
}

/// A body that comes in. Fields are dropped in their order: a stream is a child of its body.
struct Body {
    stream: InputStream,
    _body: IncomingBody,
    _reply: Option<IncomingResponse>,
    /// When it has to be over, of a reply.
    until: Option<u64>,
}

impl Body {
    fn new(body: IncomingBody, reply: Option<(IncomingResponse, u64)>) -> Self {
        let (reply, until) = reply.unzip();
        Self {
            stream: body.stream().expect("the stream is taken once"),
            _body: body,
            _reply: reply,
            until,
        }
    }
}

impl Input for Body {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        loop {
            match self.stream.read(CHUNK) {
                Ok(chunk) if !chunk.is_empty() => return Ok(Some(chunk)),
                Ok(_) => {}
                Err(StreamError::Closed) => return Ok(None),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(Broken::Cut(error.to_debug_string()));
                }
            }
            let ready = self.stream.subscribe();
            match self.until {
                None => ready.block(),
                Some(until) if !comes_first(&ready, until) => return Err(Broken::TimedOut),
                Some(_) => {}
            }
        }
    }
}

/// The answer to the request.
struct Outgoing {
    out: Option<ResponseOutparam>,
    body: Option<Open>,
}

/// What is written to, and what it belongs to: the host traps where they are not dropped in this
/// order, so they stay together.
type Open = (OutputStream, OutgoingBody);

fn end((stream, body): Open, trailers: &[(&str, &str)]) -> Result<(), Gone> {
    drop(stream);
    let trailers = (!trailers.is_empty()).then(|| fields(trailers));
    OutgoingBody::finish(body, trailers).map_err(|_| Gone)
}

impl Answer for Outgoing {
    fn begin(&mut self, status: u16, headers: &[(&str, &str)]) -> Result<(), Gone> {
        let fields = fields(headers);
        let response = OutgoingResponse::new(fields);
        // What a response has from the start.
        if status != 200 {
            response
                .set_status_code(status)
                .expect("the status is one of HTTP");
        }
        let body = response.body().expect("the body is taken once");
        let out = self.out.take().expect("an answer begins once");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("the stream is taken once");
        self.body = Some((stream, body));
        Ok(())
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Gone> {
        let (stream, _) = self.body.as_ref().expect("an answer has begun");
        while !bytes.is_empty() {
            let n_free = usize::try_from(stream.check_write().map_err(gone)?).unwrap_or(usize::MAX);
            if n_free == 0 {
                stream.subscribe().block();
                continue;
            }
            let (now, later) = bytes.split_at(n_free.min(bytes.len()));
            stream.write(now).map_err(gone)?;
            bytes = later;
        }
        Ok(())
    }

    fn finish(&mut self, trailers: &[(&str, &str)]) -> Result<(), Gone> {
        let open = self.body.take().expect("an answer ends once");
        open.0.blocking_flush().map_err(gone)?;
        end(open, trailers)
    }

    /// Each call of the host costs about as much as all that is done here.
    fn send(&mut self, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Gone> {
        self.begin(status, headers)?;
        let open = self.body.take().expect("an answer has begun");
        for piece in body.chunks(MOST_AT_ONCE) {
            open.0.blocking_write_and_flush(piece).map_err(gone)?;
        }
        end(open, &[])
    }

    fn abort(&mut self) {
        if let Some((stream, body)) = self.body.take() {
            // What was written is still worth having.
            let _ = stream.blocking_flush();
            // A body that is dropped before it was finished is broken off.
            drop(stream);
            drop(body);
        }
    }
}

fn gone(_: StreamError) -> Gone {
    Gone
}

fn fields(headers: &[(&str, &str)]) -> Fields {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    let list: Vec<_> = headers.iter().map(owned).collect();
    if let Ok(fields) = Fields::from_list(&list) {
        return fields;
    }
    let fields = Fields::new();
    for (name, value) in headers {
        // A host may forbid a name; what is said by it is said elsewhere, too.
        let _ = fields.append(name, value.as_bytes());
    }
    fields
}

/// Clock and network of the host.
struct Outside;

impl World for Outside {
    fn now(&self) -> i64 {
        i64::try_from(wall_clock::now().seconds).unwrap_or(i64::MAX)
    }

    fn ticks(&self) -> u64 {
        monotonic_clock::now() / 1_000_000
    }

    fn wait_until(&self, ticks: u64) {
        let left = ticks.saturating_sub(self.ticks());
        monotonic_clock::subscribe_duration(left * 1_000_000).block();
    }

    fn send(&self, call: &Call, until: u64) -> Result<Reply<'_>, NoReply> {
        let reply = answered(post(call)?, until)?;
        let body = reply.consume().expect("a body is taken once");
        Ok(Reply {
            status: reply.status(),
            headers: texts(&reply.headers()),
            body: Box::new(Body::new(body, Some((reply, until)))),
        })
    }
}

/// Sends a call as a whole.
fn post(call: &Call) -> Result<FutureIncomingResponse, NoReply> {
    let mut headers: Vec<(&str, &str)> = Vec::new();
    headers.extend(call.headers.iter().map(|(name, value)| (&**name, &**value)));
    let length = call.body.len().to_string();
    headers.push(("content-length", &length));
    let scheme = if call.is_secure {
        Scheme::Https
    } else {
        Scheme::Http
    };
    let request = OutgoingRequest::new(fields(&headers));
    let refused = |()| NoReply::Unreachable("the host refuses the address".to_owned());
    request.set_method(&Method::Post).map_err(refused)?;
    request.set_scheme(Some(&scheme)).map_err(refused)?;
    request
        .set_authority(Some(&call.authority))
        .map_err(refused)?;
    request
        .set_path_with_query(Some(&call.path))
        .map_err(refused)?;
    let body = request.body().expect("the body is taken once");
    let reply = outgoing_handler::handle(request, None).map_err(|error| unreachable(&error))?;
    // Whoever does not take the body may still answer.
    let _ = write_all(body, &call.body);
    Ok(reply)
}

fn write_all(body: OutgoingBody, mut bytes: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().expect("the stream is taken once");
    while !bytes.is_empty() {
        let n_free = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if n_free == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(n_free.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    stream.flush()?;
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
    Ok(())
}

fn answered(reply: FutureIncomingResponse, until: u64) -> Result<IncomingResponse, NoReply> {
    loop {
        match reply.get() {
            Some(Ok(Ok(reply))) => return Ok(reply),
            Some(Ok(Err(error))) => return Err(unreachable(&error)),
            Some(Err(())) => unreachable!("a reply is taken once"),
            None if comes_first(&reply.subscribe(), until) => {}
            None => return Err(NoReply::TimedOut),
        }
    }
}

fn unreachable(error: &ErrorCode) -> NoReply {
    match error {
        ErrorCode::ConnectionTimeout | ErrorCode::HttpResponseTimeout => NoReply::TimedOut,
        ErrorCode::InternalError(Some(why)) => NoReply::Unreachable(why.clone()),
        ErrorCode::HttpRequestDenied => {
            NoReply::Unreachable("the host of the function lets no call through to it".to_owned())
        }
        other => NoReply::Unreachable(format!("{other:?}")),
    }
}

/// Whether something is ready before a time.
fn comes_first(ready: &Pollable, until: u64) -> bool {
    let left = until.saturating_sub(Outside.ticks());
    let time = monotonic_clock::subscribe_duration(left * 1_000_000);
    poll(&[ready, &time]).contains(&0)
}

const CHUNK: u64 = 256 << 10;
/// What `blocking-write-and-flush` takes.
const MOST_AT_ONCE: usize = 4_096;
