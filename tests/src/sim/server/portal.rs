//! Searches of the portal: the same world, in the portal's manner.
//!
//! Rows are asked for by a document, refusals are words, and no header tells of limits.

use std::sync::Arc;

use hyper::{Method, Response};

use super::answer::{HTML, XML, strike, text};
use super::body::Body;
use super::state::State;
use super::{Received, account, list};
use crate::sim::document::probe;
use crate::sim::fault::armed::Victim;
use crate::sim::request::search::Search;
use crate::sim::request::{Api, Call, form::Form};

pub(crate) fn answer(
    state: &Arc<State>,
    received: &Received,
    api: Api,
    version: u8,
) -> Response<Body> {
    if received.method != Method::POST {
        return text(405, HTML, probe::NOT_FOUND);
    }
    if account::check(state, &received.headers).is_err() {
        return text(401, XML, probe::INVALID_CREDENTIALS);
    }
    let harm = strike(
        state,
        Victim {
            api: Some(api),
            path: &received.path,
            n_hosts: None,
        },
    );
    if let Some(instead) = &harm.instead {
        return list::instead(state, api, instead);
    }
    let search = match Search::parse(&received.body) {
        Ok(search) if search.updated_after.is_some() && api != Api::HostAssets => {
            return text(200, XML, probe::invalid_request("tags have no `updated`"));
        }
        Ok(search) => search,
        Err(why) => return text(200, XML, probe::invalid_request(&why)),
    };
    // A criterion of another list is refused, as the portal does.
    if search.has_times() && api != Api::WebFindings {
        return text(200, XML, probe::invalid_request("the field is not known"));
    }
    let call = Call {
        api,
        version,
        path: received.path.clone(),
        form: Form::default(),
        search: Some(search),
    };
    list::searched(state, received, call, &harm)
}
