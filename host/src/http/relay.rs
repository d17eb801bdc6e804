//! Sends for the function, which knows neither password nor token: they are added here, on the way
//! out, and to calls of the configured addresses alone.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use reqwest::header::{AUTHORIZATION, HOST, HeaderValue};

use super::{Client, HttpError, chain, setup::plain};
use crate::{
    config::{self, HttpOptions},
    guest::{Body, NoReply, Outside, Sending, types::Timestamp},
    secrets::Secret,
};

/// With an account, it calls this account's addresses and no other one. Without, it calls where the
/// function wants to, with what the function's caller brought along.
#[derive(Clone, Debug)]
pub struct Relay(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    account: Option<Client>,
    options: HttpOptions,
    now: fn() -> Timestamp,
}

impl Relay {
    /// For one account.
    pub fn with_account(account: &config::Sync, now: fn() -> Timestamp) -> Result<Self, HttpError> {
        let client = Client::configured(account)?;
        Ok(Self(Arc::new(Inner {
            http: client.http.clone(),
            options: account.http,
            account: Some(client),
            now,
        })))
    }

    /// For whoever brings name and password along.
    pub fn open(
        ca_file: Option<&std::path::Path>,
        options: &HttpOptions,
        now: fn() -> Timestamp,
    ) -> Result<Self, HttpError> {
        Ok(Self(Arc::new(Inner {
            http: plain(ca_file, options)?,
            account: None,
            options: *options,
            now,
        })))
    }
}

impl Outside for Relay {
    fn send(&self, request: http::Request<Bytes>) -> Sending {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.send(request).await })
    }
}

impl Inner {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, NoReply> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let mut headers = parts.headers;
        headers.remove(HOST);
        if let Some(client) = &self.account {
            let authorization = self.authorization(client, &url).await?;
            headers.insert(AUTHORIZATION, authorization);
        }
        let call = self
            .http
            .request(parts.method, &url)
            .headers(headers)
            .body(body);
        let sent = tokio::time::timeout(self.options.idle_timeout, call.send()).await;
        let reply = match sent {
            Err(_) => return Err(NoReply::TimedOut),
            Ok(Err(error)) => return Err(NoReply::Unreachable(chain(&error.without_url()))),
            Ok(Ok(reply)) => reply,
        };
        let reply = http::Response::from(reply);
        let whole = |error: reqwest::Error| error.without_url().into();
        Ok(reply.map(|body| body.map_err(whole).boxed_unsync()))
    }

    /// What a call of the account's own addresses goes with; the function has no say in it.
    async fn authorization(&self, client: &Client, url: &str) -> Result<HeaderValue, NoReply> {
        let is_of = |origin: &str| {
            url.strip_prefix(origin)
                .is_some_and(|it| it.starts_with('/'))
        };
        let value = if is_of(client.origin.as_str()) {
            client.basic()
        } else if let Some(keeper) = client.gateway.as_ref().filter(|keeper| {
            let origin = keeper.gateway.origin.as_str();
            is_of(origin)
        }) {
            let token = client.token(keeper, None, (self.now)()).await;
            let token = token.map_err(|error| NoReply::Unreachable(error.to_string()))?;
            Secret::new(format!("Bearer {}", token.secret.expose()))
        } else {
            let own = &client.origin;
            let why = format!("this function calls `{own}` alone; name that address as `api`");
            return Err(NoReply::Denied(why));
        };
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
            NoReply::Denied("the password has signs that no header can hold".to_owned())
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}
