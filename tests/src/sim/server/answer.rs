//! From a call to its answer, in the order in which Qualys looks at a call.

use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Method, Response};

use super::body::Body;
use super::state::State;
use super::{Received, account, control, gateway, list, portal};
use crate::sim::document::{probe, simple_return};
use crate::sim::fault::armed::Victim;
use crate::sim::fault::{Instead, armed::Harm};
use crate::sim::limits::{self, Standing};
use crate::sim::request::form::Form;
use crate::sim::request::id_set::IdSet;
use crate::sim::request::{Api, Call, Refusal};

pub(crate) fn answer(state: &Arc<State>, received: &Received) -> Response<Body> {
    if received.path.starts_with("/_sim/") {
        return control::answer(state, received);
    }
    let response = if state.options.portal {
        text(200, HTML, probe::LOGIN_PAGE)
    } else {
        route(state, received)
    };
    *state
        .stats()
        .statuses
        .entry(response.status().as_u16())
        .or_default() += 1;
    response
}

fn route(state: &Arc<State>, received: &Received) -> Response<Body> {
    if let Some((api, version)) = Api::searched(&received.path) {
        state.stats().call(Some(api), &received.path);
        return portal::answer(state, received, api, version);
    }
    if let Some(response) = gateway::answer(state, received) {
        return response;
    }
    let api = Api::at(&received.path);
    state.stats().call(api.map(|(api, _)| api), &received.path);
    if received.query.len() > LONGEST_QUERY {
        return text(414, HTML, probe::TOO_LONG);
    }
    let mut form = Form::default();
    form.add(received.query.as_bytes());
    if received.method == Method::POST {
        form.add(&received.body);
    }
    match (api, received.path.trim_end_matches('/')) {
        (Some((api, version)), _) => call(
            state,
            received,
            Call {
                api,
                version,
                path: received.path.clone(),
                form,
                search: None,
            },
        ),
        (None, "/api/2.0/fo/session") => session(state, received, &form),
        (None, "/msp/about.php") => probe(state, received, probe::ABOUT.into()),
        (None, "/qps/rest/portal/version") => probe(state, received, probe::PORTAL_VERSION.into()),
        (None, "/qps/rest/2.0/search/am/user") if received.method == Method::POST => {
            probe(state, received, probe::users(&state.options.username))
        }
        (None, path) => {
            let is_rest = path.starts_with("/qps/rest/") || path.starts_with("/rest/");
            let changes = |action| path.contains(action) && is_rest;
            if ["/create/", "/update/", "/delete/"]
                .into_iter()
                .any(changes)
            {
                state.stats().forbidden_actions += 1;
            }
            text(404, HTML, probe::NOT_FOUND)
        }
    }
}

/// One of the lists. A wrong password is told first, then faults, limits and parameters.
fn call(state: &Arc<State>, received: &Received, call: Call) -> Response<Body> {
    if let Err(refusal) = account::check(state, &received.headers) {
        return refuse(state, &refusal);
    }
    if let Err(refusal) = check_requested_with(state, received) {
        return refuse(state, &refusal);
    }
    let n_hosts = match call.api {
        Api::Detections | Api::Hosts => call
            .form
            .value("ids")
            .and_then(|text| IdSet::parse(text).ok())
            .map(|ids| ids.len()),
        Api::ActivityLog
        | Api::AssetGroups
        | Api::KnowledgeBase
        | Api::Tags
        | Api::HostAssets
        | Api::AssetView
        | Api::WebApps
        | Api::WebFindings
        | Api::Qvs => None,
    };
    if let Some(n_hosts) = n_hosts {
        let mut stats = state.stats();
        stats.max_hosts_asked = stats.max_hosts_asked.max(n_hosts);
    }
    let harm = strike(
        state,
        Victim {
            api: Some(call.api),
            path: &call.path,
            n_hosts,
        },
    );
    match &harm.instead {
        Some(instead) => list::instead(state, call.api, instead),
        None => list::answer(state, received, call, &harm),
    }
}

fn session(state: &Arc<State>, received: &Received, form: &Form) -> Response<Body> {
    if let Err(refusal) = check_requested_with(state, received) {
        return refuse(state, &refusal);
    }
    let harm = strike(
        state,
        Victim {
            api: None,
            path: &received.path,
            n_hosts: None,
        },
    );
    if let Some(instead) = &harm.instead {
        return other_instead(state, instead);
    }
    let value = |name| form.value(name).unwrap_or_default();
    match form.value("action") {
        Some("login") => match account::log_in(state, value("username"), value("password")) {
            Some(session) => {
                let mut response = text(200, XML, simple_return::done("Logged in", state.now()));
                let cookie = format!("QualysSession={session}; path=/api; HttpOnly");
                let cookie = HeaderValue::from_str(&cookie).expect("hexadecimal digits");
                response.headers_mut().insert(SET_COOKIE, cookie);
                response
            }
            None => refuse(state, &account::bad_login()),
        },
        Some("logout") => {
            account::log_out(state, &received.headers);
            text(200, XML, simple_return::done("Logged out", state.now()))
        }
        Some(_) => refuse(state, &forbidden_action(state)),
        None => refuse(
            state,
            &Refusal::new(1903, "Missing required parameter(s): action"),
        ),
    }
}

fn probe(state: &Arc<State>, received: &Received, told: String) -> Response<Body> {
    if let Err(refusal) = account::check(state, &received.headers) {
        return match received.path.starts_with("/qps/") {
            true => text(401, XML, probe::INVALID_CREDENTIALS),
            false => refuse(state, &refusal),
        };
    }
    let harm = strike(
        state,
        Victim {
            api: None,
            path: &received.path,
            n_hosts: None,
        },
    );
    match &harm.instead {
        Some(instead) => other_instead(state, instead),
        None => {
            let mut response = text(200, XML, told);
            // Portal APIs tell no limits.
            if !received.path.starts_with("/qps/") {
                let standing = Standing {
                    remaining: state.options.rate_limit.0,
                    running: 0,
                };
                list::write_standing(state, standing, response.headers_mut());
            }
            response
        }
    }
}

/// A reading client sends `list` and nothing else; every other action is counted against it.
pub(crate) fn forbidden_action(state: &State) -> Refusal {
    state.stats().forbidden_actions += 1;
    Refusal::new(
        1905,
        "parameter action has invalid value (the simulator only lists)",
    )
}

pub(crate) fn refuse(state: &Arc<State>, refusal: &Refusal) -> Response<Body> {
    state.stats().refuse(refusal.code);
    text(
        refusal.status,
        XML,
        simple_return::refusal(refusal, state.now()),
    )
}

/// The answer of a fault where there is no list to answer with.
pub(crate) fn other_instead(state: &Arc<State>, instead: &Instead) -> Response<Body> {
    let conflict = |code, text: &str| Refusal {
        status: 409,
        code,
        text: text.into(),
        item: None,
    };
    match instead {
        Instead::Busy => refuse(state, &limits::busy(1)),
        Instead::Expired => {
            let text = "This account has expired.".into();
            refuse(
                state,
                &Refusal {
                    status: 200,
                    code: 2001,
                    text,
                    item: None,
                },
            )
        }
        Instead::GzipBomb { .. } | Instead::InternalError => {
            text(200, XML, simple_return::internal_error())
        }
        Instead::NotLicensed => text(200, XML, probe::NOT_LICENSED),
        Instead::Maintenance => text(503, HTML, probe::MAINTENANCE),
        Instead::RateLimited { secs } => refuse(state, &limits::rate_limited(*secs)),
        Instead::Redirect => {
            let mut response = text(302, HTML, "<html><body>Moved</body></html>\n");
            response
                .headers_mut()
                .insert(LOCATION, HeaderValue::from_static(ELSEWHERE));
            response
        }
        Instead::SecurId => refuse(
            state,
            &conflict(
                2011,
                "SecureID authentication is required for this account, so API access is blocked",
            ),
        ),
        Instead::Status(status) => text(
            *status,
            HTML,
            format!("<html><body><h1>Error {status}</h1></body></html>\n"),
        ),
        Instead::Unauthorized => refuse(state, &account::bad_login()),
        Instead::Unregistered => refuse(
            state,
            &conflict(
                2003,
                "Registration must be completed before API requests will be served for this account",
            ),
        ),
    }
}

pub(crate) fn text(
    status: u16,
    kind: &'static str,
    text: impl Into<bytes::Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::text(text));
    *response.status_mut() = hyper::StatusCode::from_u16(status).expect("a status from a table");
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(crate) fn strike(state: &Arc<State>, victim: Victim<'_>) -> Harm {
    let harm = state.faults().strike(victim);
    let mut stats = state.stats();
    for name in &harm.names {
        *stats.faults.entry(name.clone()).or_default() += 1;
    }
    harm
}

fn check_requested_with(state: &Arc<State>, received: &Received) -> Result<(), Refusal> {
    let is_given = received
        .headers
        .get(REQUESTED_WITH)
        .is_some_and(|value| !value.is_empty());
    if is_given {
        return Ok(());
    }
    state.stats().missing_requested_with += 1;
    Err(Refusal::new(
        1903,
        "Missing required header: X-Requested-With",
    ))
}

pub(crate) const XML: &str = "application/xml";
pub(crate) const HTML: &str = "text/html; charset=iso-8859-1";
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
const ELSEWHERE: &str = "https://collector.attacker.invalid/api/5.0/fo/asset/host/?action=list";
/// Apache's limit of a request line, about.
const LONGEST_QUERY: usize = 8_190;
