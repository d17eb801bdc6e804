//! The answers of the lists: limits, headers, and the document with its delivery.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use super::Received;
use super::answer::{XML, forbidden_action, other_instead, refuse, text};
use super::body::{Body, Delivery, End, Source};
use super::state::{Slot, State};
use crate::sim::document::asset_groups::AssetGroups;
use crate::sim::document::bomb::Bomb;
use crate::sim::document::detections::Detections;
use crate::sim::document::host_assets::HostAssets;
use crate::sim::document::hosts::Hosts;
use crate::sim::document::knowledge_base::KnowledgeBase;
use crate::sim::document::qvs::Qvs;
use crate::sim::document::tags::Tags;
use crate::sim::document::web_apps::{WebApps, WebFindings};
use crate::sim::document::{Frame, probe};
use crate::sim::fault::armed::Harm;
use crate::sim::fault::{Delivered, Instead, Place};
use crate::sim::limits::{Excess, Standing};
use crate::sim::request::parameter;
use crate::sim::request::{Api, Call, Refusal};

pub(crate) fn answer(
    state: &Arc<State>,
    received: &Received,
    call: Call,
    harm: &Harm,
) -> Response<Body> {
    let api = call.api;
    let (standing, mut slot) = match admit(state, api) {
        Ok(admitted) => admitted,
        Err(excess) => {
            let mut response = refuse(state, &excess.refusal());
            write_excess(state, excess, response.headers_mut());
            return response;
        }
    };
    let mut response = match check(state, &call) {
        Ok(()) => {
            let is_gzip = !state.options.no_gzip && accepts_gzip(&received.headers);
            deliver(state, call, harm, is_gzip, Some(slot))
        }
        // Refused parameters have cost a call of the window, but hold no slot any longer.
        Err(refusal) => {
            slot.is_complete = true;
            refuse(state, &refusal)
        }
    };
    write_standing(state, standing, response.headers_mut());
    response
}

/// The answer to a search. The portal counts no calls and tells of no limits.
pub(crate) fn searched(
    state: &Arc<State>,
    received: &Received,
    call: Call,
    harm: &Harm,
) -> Response<Body> {
    let is_gzip = !state.options.no_gzip && accepts_gzip(&received.headers);
    deliver(state, call, harm, is_gzip, None)
}

/// The answer of a fault in place of a list, with the headers that a list would have.
pub(crate) fn instead(state: &Arc<State>, api: Api, instead: &Instead) -> Response<Body> {
    if state.limits().is_early(api, Instant::now()) {
        state.stats().calls_before_wait_ended += 1;
    }
    let standing = Standing {
        remaining: state.options.rate_limit.0,
        running: 1,
    };
    let mut response = match instead {
        Instead::GzipBomb { mebibytes } => {
            let body = Body::streamed(Box::new(Bomb::new(*mebibytes)), true, Delivery::default());
            xml(body.counted(state, api, None), true)
        }
        _ => other_instead(state, instead),
    };
    let headers = response.headers_mut();
    match instead {
        Instead::Busy => write_excess(
            state,
            Excess::Busy {
                running: 2,
                to_finish: 1,
            },
            headers,
        ),
        Instead::RateLimited { secs } => {
            let until = Instant::now() + Duration::from_secs(*secs);
            state.limits().tell_to_wait(api, until);
            write_excess(
                state,
                Excess::Rate {
                    running: 0,
                    wait_secs: *secs,
                },
                headers,
            );
        }
        _ => write_standing(state, standing, headers),
    }
    response
}

fn admit(state: &Arc<State>, api: Api) -> Result<(Standing, Slot), Excess> {
    let now = Instant::now();
    let mut limits = state.limits();
    let is_early = limits.is_early(api, now);
    let admitted = limits.admit(api, now);
    drop(limits);
    let mut stats = state.stats();
    stats.calls_before_wait_ended += u64::from(is_early);
    match admitted {
        Ok(standing) => {
            stats.running(api, standing.running);
            Ok((standing, Slot::new(Arc::clone(state), api)))
        }
        Err(excess) => {
            stats.calls_over_limit += 1;
            Err(excess)
        }
    }
}

fn check(state: &Arc<State>, call: &Call) -> Result<(), Refusal> {
    if state.options.retired_versions_gone && call.api.is_retired(call.version) {
        let text = format!("API version {}.0 has reached its end of life", call.version);
        return Err(Refusal {
            status: 404,
            code: 1901,
            text,
            item: None,
        });
    }
    if call
        .form
        .value("action")
        .is_some_and(|action| action != "list")
    {
        return Err(forbidden_action(state));
    }
    let ignored = parameter::check(call.api, call.version, &call.form)?;
    state
        .stats()
        .ignored_parameters
        .extend(ignored.into_iter().map(str::to_owned));
    Ok(())
}

fn deliver(
    state: &Arc<State>,
    call: Call,
    harm: &Harm,
    is_gzip: bool,
    slot: Option<Slot>,
) -> Response<Body> {
    let api = call.api;
    if api == Api::ActivityLog {
        if let Some(mut slot) = slot {
            slot.is_complete = true;
        }
        return text(
            200,
            "text/csv",
            probe::activity_log(&state.now().to_string()),
        );
    }
    let source = || document(state, call.clone(), harm);
    let length = || Body::streamed(source(), is_gzip, Delivery::default()).count_bytes();
    let delivery = delivery(&harm.delivered, length);
    let body = Body::streamed(source(), is_gzip, delivery);
    let kind = if api == Api::Qvs { JSON } else { XML };
    typed(kind, body.counted(state, api, slot), is_gzip)
}

fn document(state: &Arc<State>, call: Call, harm: &Harm) -> Source {
    let options = &state.options;
    let mut frame = Frame {
        is_trial: options.trial,
        splits_lists: options.split_host_lists,
        is_plain: options.plain,
        warns: options.notice,
        link_origin: state.link_origin.get().cloned(),
        ..Frame::default()
    };
    let world = if harm.has_no_hosts() {
        &state.empty_world
    } else {
        &state.world
    };
    harm.apply(&mut frame, world);
    let (world, day) = (Arc::clone(world), state.day());
    match call.api {
        Api::AssetGroups => Box::new(AssetGroups::new(world, day, frame, call)),
        Api::Detections => Box::new(Detections::new(world, day, frame, call)),
        Api::Hosts => Box::new(Hosts::new(world, day, frame, call)),
        Api::KnowledgeBase => Box::new(KnowledgeBase::new(
            world,
            day,
            frame,
            call,
            !options.no_cvss,
        )),
        Api::Tags => Box::new(Tags::new(world, day, frame, call)),
        Api::HostAssets => Box::new(HostAssets::new(world, day, frame, call)),
        Api::WebApps => Box::new(WebApps::new(world, day, frame, call)),
        Api::WebFindings => Box::new(WebFindings::new(world, day, frame, call)),
        Api::Qvs => Box::new(Qvs::new(world, day, &call)),
        Api::ActivityLog => unreachable!("answered as text"),
        Api::AssetView => unreachable!("answered by the gateway"),
    }
}

/// Where parts are meant, the body is written once in vain to know its length.
pub(crate) fn delivery(faults: &[Delivered], length: impl Fn() -> u64) -> Delivery {
    let byte = |place: Place| match place {
        Place::Byte(at) => at,
        Place::Part(part) => (length() as f64 * part) as u64,
    };
    let mut delivery = Delivery::default();
    for fault in faults {
        match *fault {
            Delivered::Cut(place) => {
                delivery.end = Some(End {
                    at: byte(place),
                    is_reset: false,
                })
            }
            Delivered::Drip { bytes_per_sec } => delivery.bytes_per_sec = Some(bytes_per_sec),
            Delivered::Reset(place) => {
                delivery.end = Some(End {
                    at: byte(place),
                    is_reset: true,
                })
            }
            Delivered::Stall { at, wait } => delivery.stall = Some((at, wait)),
        }
    }
    delivery
}

fn xml(body: Body, is_gzip: bool) -> Response<Body> {
    typed(XML, body, is_gzip)
}

pub(crate) fn typed(kind: &'static str, body: Body, is_gzip: bool) -> Response<Body> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if is_gzip {
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    accepted
        .split(',')
        .map(|coding| coding.split(';').next().unwrap_or("").trim())
        .any(|c| c == "gzip")
}

pub(crate) fn write_standing(state: &State, standing: Standing, headers: &mut HeaderMap) {
    let mut set = |name: &'static str, value: usize| headers.insert(name, value.into());
    set("x-ratelimit-limit", state.options.rate_limit.0);
    set(
        "x-ratelimit-window-sec",
        state.options.rate_limit.1 as usize,
    );
    set("x-ratelimit-remaining", standing.remaining);
    set("x-ratelimit-towait-sec", 0);
    set("x-concurrency-limit-limit", state.options.concurrency);
    set("x-concurrency-limit-running", standing.running);
    headers.insert(
        "keep-alive",
        HeaderValue::from_static("timeout=300, max=250"),
    );
}

/// Over the concurrency limit, Qualys names neither a wait nor what remains.
fn write_excess(state: &State, excess: Excess, headers: &mut HeaderMap) {
    let (running, wait_secs) = match excess {
        Excess::Busy { running, .. } => (running, None),
        Excess::Rate { running, wait_secs } => (running, Some(wait_secs)),
    };
    write_standing(
        state,
        Standing {
            remaining: 0,
            running,
        },
        headers,
    );
    match wait_secs {
        Some(secs) => {
            headers.insert("x-ratelimit-towait-sec", secs.into());
        }
        None => {
            headers.remove("x-ratelimit-remaining");
            headers.remove("x-ratelimit-towait-sec");
        }
    }
}

const JSON: &str = "application/json";
