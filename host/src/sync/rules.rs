//! Hands the store what the rules in the settings say. Needs neither network nor password.

use super::SyncError;
use crate::{
    guest::{Guest, GuestError, Instance, plan::Settings},
    store::{Applied, ConnectorId, Store, Verdicts},
};

/// Judges by these settings what is stored of a connector.
pub fn apply_rules(
    settings: &Settings,
    connector: ConnectorId,
    store: &mut dyn Store,
) -> Result<Applied, SyncError> {
    let mut plan = Guest::embedded()?.instantiate()?;
    plan.check_settings(settings)?
        .map_err(SyncError::Settings)?;
    let verdicts = verdicts(&mut plan, settings)?;
    Ok(store.apply_rules(connector, &verdicts)?)
}

pub(super) fn verdicts(plan: &mut Instance, settings: &Settings) -> Result<Verdicts, GuestError> {
    Verdicts::ask(|properties| plan.put_aside_by(settings, properties))
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
