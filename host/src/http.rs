//! Calls to Qualys. The only file that names the HTTP client.
//!
//! A call goes to the configured origin or not at all: redirects are answers like any other, and a
//! link in an answer is never followed. Here stands what the client library does not check: that
//! an answer does not drip, stall or swell without end. What an answer means is not looked at.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use reqwest::header::{ACCEPT, CONTENT_TYPE};

use crate::{
    config::{self, HttpOptions, Origin},
    guest::plan::{Body, Document},
    secrets::Secret,
};

/// Why no answer came, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the CA file `{}` cannot be used; it must hold certificates in PEM form", .file.display())]
    CaFile {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] Cause),
    #[error("`{origin}` cannot be reached; check the address, the network and the proxy")]
    Unreachable {
        origin: Origin,
        #[source]
        source: Cause,
    },
    #[error("`{origin}` did not answer in time")]
    TimedOut { origin: Origin },
    #[error("`{origin}` answers more slowly than {least} bytes a second")]
    TooSlow { origin: Origin, least: u64 },
    #[error("the answer is larger than {most} bytes")]
    TooLarge { most: u64 },
    #[error("the connection broke in the middle of an answer")]
    Broken(#[source] Cause),
}

/// What the client library itself said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

type Result<T> = std::result::Result<T, HttpError>;

/// Speaks to one origin as one user.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: Origin,
    username: String,
    password: Secret,
    options: HttpOptions,
}

impl Client {
    /// As a sync is configured.
    pub fn configured(sync: &config::Sync) -> Result<Self> {
        Self::new(
            &sync.origin,
            &sync.username,
            sync.password.clone(),
            sync.ca_file.as_deref(),
            &sync.http,
        )
    }

    pub fn new(
        origin: &Origin,
        username: &str,
        password: Secret,
        ca_file: Option<&Path>,
        options: &HttpOptions,
    ) -> Result<Self> {
        // Fails only when another part of the process was first, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(PRODUCT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(options.connect_timeout)
            .tls_certs_merge(ca_file.map_or(Ok(Vec::new()), certificates)?)
            .build()
            .map_err(|error| HttpError::Setup(error.into()))?;
        Ok(Self {
            http,
            origin: origin.clone(),
            username: username.to_owned(),
            password,
            options: *options,
        })
    }

    /// Sends a body; a query would grow too long with many ids.
    pub async fn post(&self, path: &str, body: &Body, accept: &str) -> Result<Response> {
        let request = self.request(reqwest::Method::POST, path);
        let request = match body {
            Body::Form(form) => request.form(form),
            Body::Document(Document { content_type, text }) => request
                .header(CONTENT_TYPE, content_type)
                .body(text.clone()),
        };
        self.send(request, accept).await
    }

    pub async fn get(&self, path: &str) -> Result<Response> {
        self.send(self.request(reqwest::Method::GET, path), "*/*")
            .await
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.origin.as_str()))
            .basic_auth(&self.username, Some(self.password.expose()))
            // Without it Qualys refuses the call; its text shows up in Qualys' logs.
            .header("X-Requested-With", PRODUCT)
    }

    async fn send(&self, request: reqwest::RequestBuilder, accept: &str) -> Result<Response> {
        let started = Instant::now();
        let sent = request.header(ACCEPT, accept).send();
        let body = match tokio::time::timeout(self.options.idle_timeout, sent).await {
            Err(_) => {
                return Err(HttpError::TimedOut {
                    origin: self.origin.clone(),
                });
            }
            Ok(Err(error)) => {
                return Err(HttpError::Unreachable {
                    origin: self.origin.clone(),
                    // The URL holds nothing secret, but says nothing new either.
                    source: error.without_url().into(),
                });
            }
            Ok(Ok(body)) => body,
        };
        let text = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        Ok(Response {
            status: body.status().as_u16(),
            headers: body
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body,
            n_bytes: 0,
            started,
            window: Window {
                started: Instant::now(),
                n_bytes: 0,
            },
            origin: self.origin.clone(),
            options: self.options,
        })
    }
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    body: reqwest::Response,
    n_bytes: u64,
    started: Instant,
    window: Window,
    origin: Origin,
    options: HttpOptions,
}

/// A stretch of time over which the speed is averaged.
#[derive(Debug)]
struct Window {
    started: Instant,
    n_bytes: u64,
}

impl Response {
    /// Appends what comes next, decompressed; `false` at the end. That the end is the true one
    /// only the document itself can tell.
    pub async fn read_into(&mut self, buffer: &mut Vec<u8>) -> Result<bool> {
        let left = self.options.max_call.saturating_sub(self.started.elapsed());
        let patience = self.options.idle_timeout.min(left);
        let chunk = match tokio::time::timeout(patience, self.body.chunk()).await {
            Err(_) => {
                return Err(HttpError::TimedOut {
                    origin: self.origin.clone(),
                });
            }
            Ok(Err(error)) => return Err(HttpError::Broken(error.without_url().into())),
            Ok(Ok(None)) => return Ok(false),
            Ok(Ok(Some(chunk))) => chunk,
        };
        self.n_bytes += chunk.len() as u64;
        if self.n_bytes > self.options.max_answer_bytes {
            return Err(HttpError::TooLarge {
                most: self.options.max_answer_bytes,
            });
        }
        self.check_speed(chunk.len() as u64)?;
        buffer.extend_from_slice(&chunk);
        Ok(true)
    }

    /// Of the body, decompressed, so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Qualys pauses for minutes in the middle of an answer, so the average is over as long as a
    /// pause may last.
    fn check_speed(&mut self, n_bytes: u64) -> Result<()> {
        self.window.n_bytes += n_bytes;
        let elapsed = self.window.started.elapsed();
        if elapsed < self.options.idle_timeout.max(SHORTEST_WINDOW) {
            return Ok(());
        }
        let least = self.options.min_bytes_per_sec;
        if self.window.n_bytes < least.saturating_mul(elapsed.as_secs()) {
            return Err(HttpError::TooSlow {
                origin: self.origin.clone(),
                least,
            });
        }
        self.window = Window {
            started: Instant::now(),
            n_bytes: 0,
        };
        Ok(())
    }
}

fn certificates(file: &Path) -> Result<Vec<reqwest::Certificate>> {
    let unusable = |source: Cause| HttpError::CaFile {
        file: file.to_owned(),
        source,
    };
    let pem = fs::read(file).map_err(|error| unusable(error.into()))?;
    let found =
        reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.into()))?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in it".into()));
    }
    Ok(found)
}

/// Who calls; some proxies answer nobody who does not say.
const PRODUCT: &str = concat!("qonduit/", env!("CARGO_PKG_VERSION"));
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
