//! The gateway: tokens, and the list of assets for those who have one.
//!
//! It listens where the API does. Unlike all else here, a token lives by the real clock, as its
//! owner does. Refusals are JSON, limits are told with 429.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Response};
use serde_json::json;

use super::answer::{HTML, other_instead, strike, text};
use super::body::Body;
use super::state::{Slot, State};
use super::{Received, account, list};
use crate::sim::document::asset_view::{AssetView, Page};
use crate::sim::document::probe;
use crate::sim::fault::armed::{Harm, Victim};
use crate::sim::fault::{Instead, Written};
use crate::sim::limits::Excess;
use crate::sim::request::Api;
use crate::sim::request::form::Form;
use crate::sim::world::noise::mix;
use crate::sim::world::time::Timestamp;

/// `None` for a path of another server.
pub(crate) fn answer(state: &Arc<State>, received: &Received) -> Option<Response<Body>> {
    let path = received.path.trim_end_matches('/');
    let answer = match path {
        "/auth" | "/auth/oidc" | "/auth/oauth" => token,
        "/rest/2.0/search/am/asset" => assets,
        _ => return None,
    };
    let api = (path == "/rest/2.0/search/am/asset").then_some(Api::AssetView);
    state.stats().call(api, path);
    if received.method != Method::POST {
        return Some(text(405, HTML, probe::NOT_FOUND));
    }
    let harm = strike(
        state,
        Victim {
            api,
            path: &received.path,
            n_hosts: None,
        },
    );
    Some(match &harm.instead {
        Some(other) => instead(state, api, other),
        None => answer(state, received, &harm),
    })
}

/// For name and password, or for an API client and its secret.
fn token(state: &Arc<State>, received: &Received, _: &Harm) -> Response<Body> {
    let is_right = if received.path.trim_end_matches('/') == "/auth" {
        let mut form = Form::default();
        form.add(&received.body);
        let value = |name| form.value(name).unwrap_or_default();
        value("token") == "true" && account::is_right(state, value("username"), value("password"))
    } else {
        let header = |name| {
            let value = received.headers.get(name);
            value.and_then(|value: &HeaderValue| std::str::from_utf8(value.as_bytes()).ok())
        };
        header("clientid") == Some(&state.options.client_id)
            && header("clientsecret") == Some(&state.client_secret)
    };
    if !is_right {
        state.stats().wrong_passwords += 1;
        return refuse(401, "Unauthorized", "the credentials are wrong");
    }
    let ends = now() + Duration::from_secs(state.options.token_secs);
    let mut stats = state.stats();
    stats.tokens += 1;
    let claims = json!({
        "sub": state.options.username,
        "iss": "qualys-sim",
        "exp": ends.as_secs(),
        "jti": stats.tokens,
    });
    drop(stats);
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let sign = sign(state, &claims);
    text(201, "text/plain", format!("{head}.{claims}.{sign}"))
}

/// Nobody else can make it, as the password goes into it.
fn sign(state: &State, claims: &str) -> String {
    let text = [claims, &state.password].concat();
    let fold = |first: u64| {
        text.bytes()
            .fold(first, |sum, byte| mix(sum, u64::from(byte)))
    };
    let numbers = [fold(1), fold(2), fold(3)].map(u64::to_be_bytes);
    URL_SAFE_NO_PAD.encode(numbers.concat())
}

fn has_token(state: &State, headers: &HeaderMap) -> bool {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some([_, claims, signed]) = token.and_then(|token| {
        let parts: Vec<&str> = token.split('.').collect();
        <[&str; 3]>::try_from(parts).ok()
    }) else {
        return false;
    };
    let read = URL_SAFE_NO_PAD.decode(claims).ok();
    let read = read.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
    let ends = read.and_then(|claims| claims["exp"].as_u64()).unwrap_or(0);
    signed == sign(state, claims) && ends > now().as_secs()
}

fn assets(state: &Arc<State>, received: &Received, harm: &Harm) -> Response<Body> {
    if !has_token(state, &received.headers) {
        return refuse(401, "Unauthorized", "the token is missing or has ended");
    }
    let page = match page(received) {
        Ok(page) => page,
        Err((status, why)) => return refuse(status, "Bad Request", &why),
    };
    let now = Instant::now();
    let mut limits = state.limits();
    let is_early = limits.is_early(Api::AssetView, now);
    let admitted = limits.admit(Api::AssetView, now);
    drop(limits);
    state.stats().calls_before_wait_ended += u64::from(is_early);
    let standing = match admitted {
        Ok(standing) => standing,
        Err(excess) => {
            state.stats().calls_over_limit += 1;
            let secs = match excess {
                Excess::Busy { .. } => 1,
                Excess::Rate { wait_secs, .. } => wait_secs,
            };
            return too_many(state, secs);
        }
    };
    state.stats().running(Api::AssetView, standing.running);
    let slot = Slot::new(Arc::clone(state), Api::AssetView);
    let world = if harm.has_no_hosts() {
        &state.empty_world
    } else {
        &state.world
    };
    let (day, hides) = (state.day(), harm.written.iter().any(is_no_cursor));
    let document = || AssetView::new(Arc::clone(world), day, page, hides);
    let mut response = if document().is_empty() {
        let mut slot = slot;
        slot.is_complete = true;
        text(204, "application/json", "")
    } else {
        let length =
            || Body::streamed(Box::new(document()), false, Default::default()).count_bytes();
        let is_gzip = !state.options.no_gzip && list::accepts_gzip(&received.headers);
        let delivery = list::delivery(&harm.delivered, length);
        let body = Body::streamed(Box::new(document()), is_gzip, delivery);
        list::typed(
            "application/json",
            body.counted(state, Api::AssetView, Some(slot)),
            is_gzip,
        )
    };
    list::write_standing(state, standing, response.headers_mut());
    response
}

/// Only as much as a client needs that walks the list; all else is refused, not passed over.
fn page(received: &Received) -> Result<Page, (u16, String)> {
    let bad = |why: &str| (400, why.to_owned());
    let body = received.body.trim_ascii();
    if !matches!(body, b"" | b"{}") {
        return Err(bad("the simulator knows no filters"));
    }
    let mut form = Form::default();
    form.add(received.query.as_bytes());
    let mut page = Page {
        size: 100,
        behind: 0,
        since: None,
    };
    for (name, value) in form.iter() {
        match name {
            "pageSize" => {
                page.size = value.parse().map_err(|_| bad("pageSize is odd"))?;
                if !(1..=300).contains(&page.size) {
                    return Err((416, "pageSize must be from 1 to 300".to_owned()));
                }
            }
            "lastSeenAssetId" => {
                let id: i64 = value.parse().map_err(|_| bad("lastSeenAssetId is odd"))?;
                page.behind = u64::try_from(id).map_err(|_| bad("lastSeenAssetId is odd"))?;
            }
            "assetLastUpdated" => {
                let since = Timestamp::parse(value).ok_or(bad("assetLastUpdated is odd"))?;
                page.since = Some(since);
            }
            _ => return Err(bad(&format!("the parameter {name} is not known"))),
        }
    }
    Ok(page)
}

fn is_no_cursor(written: &Written) -> bool {
    matches!(written, Written::NoCursor)
}

fn instead(state: &Arc<State>, api: Option<Api>, instead: &Instead) -> Response<Body> {
    match (instead, api) {
        (Instead::RateLimited { secs }, api) => {
            if let Some(api) = api {
                if state.limits().is_early(api, Instant::now()) {
                    state.stats().calls_before_wait_ended += 1;
                }
                let until = Instant::now() + Duration::from_secs(*secs);
                state.limits().tell_to_wait(api, until);
            }
            too_many(state, *secs)
        }
        (Instead::Busy, _) => too_many(state, 1),
        // It tells what a token lacks as it tells that there is none.
        (Instead::NotLicensed | Instead::Unauthorized, _) => {
            refuse(401, "Unauthorized", "the token has no access to the module")
        }
        (Instead::InternalError, _) => refuse(500, "Internal Server Error", "try again"),
        (Instead::Expired | Instead::SecurId | Instead::Unregistered, _) => {
            refuse(403, "Forbidden", "the account may not do this")
        }
        _ => other_instead(state, instead),
    }
}

fn too_many(state: &State, secs: u64) -> Response<Body> {
    let mut response = refuse(429, "Too Many Requests", "the limit is exceeded");
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: u64| headers.insert(name, value.into());
    set("x-ratelimit-limit", state.options.rate_limit.0 as u64);
    set("x-ratelimit-window-sec", state.options.rate_limit.1);
    set("x-ratelimit-remaining", 0);
    set("x-ratelimit-towait-sec", secs);
    set("retry-after", secs);
    response
}

fn refuse(status: u16, error: &str, message: &str) -> Response<Body> {
    let told = json!({ "status": status, "error": error, "message": message });
    let mut response = text(status, "text/plain", told.to_string());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
