//! Hands the store what the rules in the settings say. Needs neither network nor password.

use super::SyncError;
use crate::{
    guest::{Guest, GuestError, Instance, plan::Settings, types::Timestamp},
    store::{Applied, ConnectorId, Store, StoreError, Verdicts},
};

/// Judges by these settings what is stored of a connector.
pub fn apply_rules(
    settings: &Settings,
    connector: ConnectorId,
    store: &mut dyn Store,
    now: Timestamp,
) -> Result<Applied, SyncError> {
    let mut plan = Guest::embedded()?.instantiate()?;
    plan.check_settings(settings)?
        .map_err(SyncError::Settings)?;
    let rules = Rules::of(&mut plan, settings)?;
    Ok(rules.apply(connector, store, now)?)
}

/// What the settings say of what is stored.
pub(super) struct Rules {
    verdicts: Verdicts,
    maps_business_impact: bool,
}

impl Rules {
    pub(super) fn of(plan: &mut Instance, settings: &Settings) -> Result<Self, GuestError> {
        Ok(Rules {
            verdicts: Verdicts::ask(|properties| plan.put_aside_by(settings, properties))?,
            maps_business_impact: plan.maps_business_impact(settings)?,
        })
    }

    pub(super) fn apply(
        &self,
        connector: ConnectorId,
        store: &mut dyn Store,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        store.map_business_impact(connector, self.maps_business_impact)?;
        store.apply_rules(connector, &self.verdicts, now)
    }
}

/// What became of the findings, as a sentence; `None` when nothing did.
pub fn told(applied: Applied) -> Option<String> {
    let Applied {
        put_aside,
        taken_back,
    } = applied;
    (put_aside + taken_back > 0).then(|| {
        format!(
            "the rules have changed: {put_aside} findings are put aside, {taken_back} taken back"
        )
    })
}
