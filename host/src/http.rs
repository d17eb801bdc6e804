//! Calls to Qualys. The only file that names the HTTP client.
//!
//! A call goes to a configured origin or not at all: redirects are answers like any other, and a
//! link in an answer is never followed. Name and password go with calls of the API; the gateway
//! sees them where it gives a token, which goes with all other calls to it. Here stands what the
//! client library does not check: that an answer does not drip, stall or swell without end. What an
//! answer means is not looked at.

mod error;
mod relay;
mod setup;
mod token;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

use crate::{
    config::{self, ClientLevel, HttpOptions, Origin},
    guest::{
        plan::{Body, Document, Request, Service},
        types::Timestamp,
    },
    secrets::{Redaction, Secret},
};
pub(crate) use error::chain;
pub use error::{Cause, HttpError};
use error::{of, wait_secs};
pub use relay::Relay;
use setup::plain;
use token::{Keeper, Kept, Token};

type Result<T> = std::result::Result<T, HttpError>;

/// Speaks to one origin as one user.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: Origin,
    username: String,
    password: Secret,
    options: HttpOptions,
    /// With the token that all clones use.
    gateway: Option<Arc<Keeper>>,
    redaction: Redaction,
}

impl Client {
    /// As a sync is configured.
    pub fn configured(sync: &config::Sync) -> Result<Self> {
        let mut client = Self::new(
            &sync.origin,
            &sync.username,
            sync.password.clone(),
            sync.ca_file.as_deref(),
            &sync.http,
        )?;
        if let Some(gateway) = &sync.gateway {
            if let Some(own) = &gateway.client {
                client.redaction.add(&own.secret);
            }
            client.gateway = Some(Arc::new(Keeper::new(gateway.clone())));
        }
        Ok(client)
    }

    pub fn new(
        origin: &Origin,
        username: &str,
        password: Secret,
        ca_file: Option<&Path>,
        options: &HttpOptions,
    ) -> Result<Self> {
        let http = plain(ca_file, options)?;
        Ok(Self {
            http,
            origin: origin.clone(),
            username: username.to_owned(),
            redaction: Redaction::new(username, &password),
            password,
            options: *options,
            gateway: None,
        })
    }

    /// Name and password, as the value of a header.
    fn basic(&self) -> Secret {
        let account = format!("{}:{}", self.username, self.password.expose());
        Secret::new(format!("Basic {}", STANDARD.encode(account)))
    }

    /// Of all secrets that this client sends, those to come too.
    pub fn redaction(&self) -> Redaction {
        self.redaction.clone()
    }

    /// Carries out what the component planned.
    pub async fn ask(&self, request: &Request, now: Timestamp) -> Result<Response> {
        match request.service {
            Service::Api => {
                let post = self.request(reqwest::Method::POST, &with_query(request));
                let post = with_body(post, &request.body);
                self.send(post, &request.accept).await
            }
            Service::Gateway => self.ask_gateway(request, now).await,
        }
    }

    /// Sends a body; a query would grow too long with many ids.
    pub async fn post(&self, path: &str, body: &Body, accept: &str) -> Result<Response> {
        let request = self.request(reqwest::Method::POST, path);
        self.send(with_body(request, body), accept).await
    }

    /// A token may have been ended before its time, so one that is refused is exchanged once. The
    /// gateway also refuses it where the account lacks a module: then the second refusal stands.
    async fn ask_gateway(&self, request: &Request, now: Timestamp) -> Result<Response> {
        let gateway = self.gateway.as_ref().ok_or(HttpError::NoGateway)?;
        let mut token = self.token(gateway, None, now).await?;
        let mut is_second = false;
        loop {
            let origin = gateway.gateway.origin.as_str();
            let url = format!("{origin}{}", with_query(request));
            let post = self
                .http
                .post(url)
                .bearer_auth(token.secret.expose())
                .header("X-Requested-With", PRODUCT);
            let sent = self.send(with_body(post, &request.body), &request.accept);
            let response = of(sent.await, &gateway.gateway.origin)?;
            if response.status != 401 || is_second {
                return Ok(response);
            }
            is_second = true;
            token = self.token(gateway, Some(&token), now).await?;
        }
    }

    /// Whether the gateway gives a token, for those who only want to know.
    pub async fn has_token(&self, now: Timestamp) -> Result<()> {
        let gateway = self.gateway.as_ref().ok_or(HttpError::NoGateway)?;
        self.token(gateway, None, now).await.map(drop)
    }

    /// The token in use, or a new one in place of one that was refused or is about to end.
    async fn token(
        &self,
        gateway: &Keeper,
        refused: Option<&Token>,
        now: Timestamp,
    ) -> Result<Token> {
        let origin = &gateway.gateway.origin;
        let no_token = |status, wait_secs| HttpError::NoToken {
            origin: origin.clone(),
            status,
            wait_secs,
        };
        let mut kept = gateway.kept().await;
        if let Some(token) = kept.usable(refused, now) {
            return Ok(token);
        }
        if let Kept::Refused(status) = *kept {
            return Err(no_token(status, None));
        }
        let sent = self.send(self.login(gateway), "*/*").await;
        let mut response = of(sent, origin)?;
        let status = response.status;
        if token::is_final(status) {
            *kept = Kept::Refused(status);
        }
        if !(200..300).contains(&status) {
            return Err(no_token(status, wait_secs(&response.headers)));
        }
        let mut body = Vec::new();
        while response.read_into(&mut body).await? {
            if response.n_bytes() > token::MOST_BYTES {
                break;
            }
        }
        let token = Token::read(&body, now).ok_or_else(|| HttpError::OddToken {
            origin: origin.clone(),
        })?;
        self.redaction.add_token(&token.secret);
        *kept = Kept::Token(token.clone());
        Ok(token)
    }

    fn login(&self, gateway: &Keeper) -> reqwest::RequestBuilder {
        let origin = gateway.gateway.origin.as_str();
        let post = |path: &str| {
            let request = self.http.post(format!("{origin}{path}"));
            request.header("X-Requested-With", PRODUCT)
        };
        let Some(client) = &gateway.gateway.client else {
            let form = [
                ("username", self.username.as_str()),
                ("password", self.password.expose()),
                ("token", "true"),
            ];
            return post("/auth").form(&form);
        };
        let path = match client.level {
            ClientLevel::User => "/auth/oidc",
            ClientLevel::Subscription => "/auth/oauth",
        };
        let secret = HeaderValue::from_bytes(client.secret.expose().as_bytes());
        let secret = secret.map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let request = post(path).header("clientId", &client.id);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match secret {
            Ok(secret) => request.header("clientSecret", secret),
            // No secret of Qualys holds a control character; without it the gateway refuses.
            Err(_) => request,
        }
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

fn with_query(request: &Request) -> String {
    let mut path = request.path.clone();
    if !request.query.is_empty() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(&request.query).finish();
        path.push('?');
        path.push_str(&query);
    }
    path
}

fn with_body(request: reqwest::RequestBuilder, body: &Body) -> reqwest::RequestBuilder {
    match body {
        Body::Form(form) => request.form(form),
        Body::Document(Document { content_type, text }) => request
            .header(CONTENT_TYPE, content_type)
            .body(text.clone()),
    }
}

/// Who calls; some proxies answer nobody who does not say.
const PRODUCT: &str = concat!("qonduit/", env!("CARGO_PKG_VERSION"));
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
