//! The endpoints under `/_sim/`: no part of Qualys, for tests and the curious.

use std::sync::Arc;

use hyper::{Method, Response};

use super::Received;
use super::answer::text;
use super::body::{Body, Delivery};
use super::state::State;
use crate::sim::fault::Fault;
use crate::sim::truth::web::{WebApps, WebFindings};
use crate::sim::truth::{self, AssetViews, Findings, Hosts, Software};

/// Answers this machine only, without password: nothing here is secret.
pub(crate) fn answer(state: &Arc<State>, received: &Received) -> Response<Body> {
    if !received.is_local {
        return text(403, PLAIN, "only for this machine\n");
    }
    let told = String::from_utf8_lossy(&received.body);
    match (&received.method, received.path.as_str()) {
        (&Method::GET, "/_sim/stats") => {
            let stats = serde_json::to_string_pretty(&*state.stats()).expect("counters are JSON");
            text(200, "application/json", stats + "\n")
        }
        (&Method::GET, "/_sim/day") => text(200, PLAIN, format!("{}\n", state.day())),
        (&Method::POST, "/_sim/day") => match parse_day(&told, state.day()) {
            Some(day) => {
                state.set_day(day);
                text(200, PLAIN, format!("{day}\n"))
            }
            None => text(400, PLAIN, "expected a day such as `3`, or `+1`\n"),
        },
        (&Method::POST, "/_sim/faults") => add_faults(state, &told),
        (&Method::DELETE, "/_sim/faults") => {
            state.faults().clear();
            text(200, PLAIN, "")
        }
        (&Method::GET, "/_sim/truth/hosts") => lines(Body::streamed(
            Box::new(Hosts::new(&state.world, state.day())),
            false,
            Delivery::default(),
        )),
        (&Method::GET, "/_sim/truth/findings") => lines(Body::streamed(
            Box::new(Findings::new(&state.world, state.day())),
            false,
            Delivery::default(),
        )),
        (&Method::GET, "/_sim/truth/asset_view") => lines(Body::streamed(
            Box::new(AssetViews::new(&state.world, state.day())),
            false,
            Delivery::default(),
        )),
        (&Method::GET, "/_sim/truth/tags") => text(
            200,
            "application/x-ndjson",
            truth::tags(&state.world, state.day()),
        ),
        (&Method::GET, "/_sim/truth/cve-scores") => text(
            200,
            "application/x-ndjson",
            truth::cve_scores(&state.world, state.day()),
        ),
        (&Method::GET, "/_sim/truth/web-apps") => lines(Body::streamed(
            Box::new(WebApps::new(&state.world, state.day())),
            false,
            Delivery::default(),
        )),
        (&Method::GET, "/_sim/truth/web-findings") => lines(Body::streamed(
            Box::new(WebFindings::new(&state.world, state.day())),
            false,
            Delivery::default(),
        )),
        (&Method::GET, "/_sim/truth/software") => lines(Body::streamed(
            Box::new(Software::new(&state.world, state.day())),
            false,
            Delivery::default(),
        )),
        _ => text(404, PLAIN, "see `qualys-sim --help` for the endpoints\n"),
    }
}

/// All of them or, if one is not understood, none.
fn add_faults(state: &Arc<State>, told: &str) -> Response<Body> {
    let lines = told.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines
        .map(str::parse::<Fault>)
        .collect::<Result<Vec<_>, _>>()
    {
        Ok(faults) => {
            let mut armed = state.faults();
            faults.into_iter().for_each(|fault| armed.add(fault));
            text(200, PLAIN, "")
        }
        Err(why) => text(400, PLAIN, why + "\n"),
    }
}

fn parse_day(told: &str, today: u32) -> Option<u32> {
    match told.trim().strip_prefix('+') {
        Some(days) => today.checked_add(days.parse().ok()?),
        None => told.trim().parse().ok(),
    }
}

fn lines(body: Body) -> Response<Body> {
    let mut response = text(200, "application/x-ndjson", "");
    *response.body_mut() = body;
    response
}

const PLAIN: &str = "text/plain; charset=utf-8";
