//! What is known of the limits of each API, and which calls are underway.
//!
//! The rules are the component's; here they are only kept from call to call.

use std::collections::BTreeMap;

use super::clock;
use crate::guest::{
    GuestError, Instance,
    pace::{Admission, Limits, Signs},
    types::{Dataset, Timestamp},
};

#[derive(Debug)]
pub(super) struct Pacing {
    settings: String,
    limits: BTreeMap<String, Limits>,
    /// When each call began that is underway.
    in_flight: BTreeMap<String, Vec<Timestamp>>,
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
        let in_flight = self.in_flight.get(&api).map_or(0, Vec::len);
        guest.admit(
            &self.settings,
            dataset,
            &self.known(&api),
            u32::try_from(in_flight).unwrap_or(u32::MAX),
            clock::now(),
        )
    }

    /// Notes that a call begins, and when.
    pub(super) fn begin(
        &mut self,
        guest: &mut Instance,
        dataset: Dataset,
    ) -> Result<Timestamp, GuestError> {
        let begun = clock::now();
        let in_flight = self.in_flight.entry(guest.api(dataset)?).or_default();
        in_flight.push(begun);
        Ok(begun)
    }

    /// Takes in what an answer tells, and returns the API with its limits, to be stored.
    pub(super) fn end(
        &mut self,
        guest: &mut Instance,
        dataset: Dataset,
        signs: &Signs,
        was_given_up: bool,
    ) -> Result<(String, Limits), GuestError> {
        let api = guest.api(dataset)?;
        if let Some(in_flight) = self.in_flight.get_mut(&api)
            && let Some(at) = in_flight.iter().position(|begun| *begun == signs.begun)
        {
            in_flight.swap_remove(at);
        }
        let now = clock::next_second();
        let mut limits = guest.observe(&self.settings, &self.known(&api), signs, now)?;
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
        let now = clock::next_second();
        for (api, in_flight) in std::mem::take(&mut self.in_flight) {
            if in_flight.is_empty() {
                continue;
            }
            let mut limits = self.known(&api);
            for begun in in_flight {
                // Nothing was answered, but the call was made.
                let signs = Signs {
                    headers: Vec::new(),
                    refusal: None,
                    begun,
                };
                limits = guest.observe(&self.settings, &limits, &signs, now)?;
                limits = guest.give_up(&self.settings, &limits, now)?;
            }
            changed.push((api, limits));
        }
        Ok(changed)
    }

    fn known(&self, api: &str) -> Limits {
        self.limits.get(api).cloned().unwrap_or_default()
    }
}
