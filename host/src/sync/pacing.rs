//! What is known of the limits of each API, and which calls are underway.
//!
//! The rules are the component's; here they are only kept from call to call.

use std::collections::BTreeMap;

use super::clock;
use crate::guest::{
    GuestError, Instance,
    pace::{Admission, Limits, Signs},
    plan::Refusal,
    types::Dataset,
};

#[derive(Debug)]
pub(super) struct Pacing {
    settings: String,
    limits: BTreeMap<String, Limits>,
    in_flight: BTreeMap<String, u32>,
}

impl Pacing {
    pub(super) fn new(settings: String, known: Vec<(String, Limits)>) -> Self {
        Self {
            settings,
            limits: known.into_iter().collect(),
            in_flight: BTreeMap::new(),
        }
    }

    pub(super) fn admit(
        &self,
        guest: &mut Instance,
        dataset: Dataset,
    ) -> Result<Admission, GuestError> {
        let api = guest.api(dataset)?;
        let in_flight = self.in_flight.get(&api).copied().unwrap_or_default();
        guest.admit(
            &self.settings,
            dataset,
            &self.known(&api),
            in_flight,
            clock::now(),
        )
    }

    pub(super) fn begin(
        &mut self,
        guest: &mut Instance,
        dataset: Dataset,
    ) -> Result<(), GuestError> {
        *self.in_flight.entry(guest.api(dataset)?).or_default() += 1;
        Ok(())
    }

    /// Takes in what an answer tells, and returns the API with its limits, to be stored.
    pub(super) fn end(
        &mut self,
        guest: &mut Instance,
        dataset: Dataset,
        headers: Vec<(String, String)>,
        refusal: Option<Refusal>,
        was_given_up: bool,
    ) -> Result<(String, Limits), GuestError> {
        let api = guest.api(dataset)?;
        if let Some(n) = self.in_flight.get_mut(&api) {
            *n = n.saturating_sub(1);
        }
        let now = clock::next_second();
        let signs = Signs { headers, refusal };
        let mut limits = guest.observe(&self.settings, &self.known(&api), &signs, now)?;
        if was_given_up {
            limits = guest.give_up(&self.settings, &limits, now)?;
        }
        self.limits.insert(api.clone(), limits.clone());
        Ok((api, limits))
    }

    /// Gives up all calls that are underway, and returns the limits that this changes.
    pub(super) fn abandon(
        &mut self,
        guest: &mut Instance,
    ) -> Result<Vec<(String, Limits)>, GuestError> {
        let mut changed = Vec::new();
        for (api, n) in std::mem::take(&mut self.in_flight) {
            let mut limits = self.known(&api);
            for _ in 0..n {
                limits = guest.give_up(&self.settings, &limits, clock::now())?;
            }
            if n > 0 {
                changed.push((api, limits));
            }
        }
        Ok(changed)
    }

    fn known(&self, api: &str) -> Limits {
        self.limits.get(api).cloned().unwrap_or(Limits {
            calls_left: None,
            calls_allowed: None,
            window_secs: None,
            concurrent: None,
            not_before: None,
            held_until: Vec::new(),
        })
    }
}
