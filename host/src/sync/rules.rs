//! Hands the store what the rules in the settings say. Needs neither network nor password.

use super::SyncError;
use crate::{
    guest::{
        Guest, GuestError, Instance,
        plan::Settings,
        rules::{ImportRule, Rule},
        types::Timestamp,
    },
    store::{
        Applied, ConnectorId, KeptRule, RuleRow, RuleSet, Store, StoreError, Verdicts, Word as _,
    },
};

/// Judges by these settings what is stored of a connector.
pub fn apply_rules(
    settings: &Settings,
    connector: ConnectorId,
    store: &mut dyn Store,
    now: Timestamp,
) -> Result<Applied, SyncError> {
    Ok(sound(settings, now)?.apply(connector, store, now)?)
}

/// What [`apply_rules`] would do, and the rules as they would be then; nothing is kept.
pub fn try_rules(
    settings: &Settings,
    connector: ConnectorId,
    store: &mut dyn Store,
    now: Timestamp,
) -> Result<(Applied, Vec<RuleRow>), SyncError> {
    Ok(store.try_rules(connector, &sound(settings, now)?.set, now)?)
}

/// Judges again by the import rules that were applied last: what another source told may have
/// changed what they say.
pub fn apply_kept_rules(store: &mut dyn Store, now: Timestamp) -> Result<(), SyncError> {
    let mut guest = Guest::embedded()?.instantiate()?;
    for kept in store.reader()?.kept_rules()? {
        let mut import = Vec::with_capacity(kept.import.len());
        for KeptRule {
            rule,
            setting,
            is_of_asset,
            expression,
        } in kept.import
        {
            // One that a newer version wrote and this one cannot read says nothing.
            let terms = guest.compile(&expression, now)?.ok();
            if let (Some(rule), Some(terms)) = (Rule::from_word(&rule), terms) {
                import.push(ImportRule {
                    rule,
                    setting,
                    is_of_asset,
                    expression,
                    terms,
                });
            }
        }
        let set = RuleSet {
            verdicts: kept.verdicts,
            import,
        };
        store.apply_rules(kept.connector_id, &set, now)?;
    }
    Ok(())
}

fn sound(settings: &Settings, now: Timestamp) -> Result<Rules, SyncError> {
    let mut plan = Guest::embedded()?.instantiate()?;
    plan.check_settings(settings)?
        .map_err(SyncError::Settings)?;
    Ok(Rules::of(&mut plan, settings, now)?)
}

/// What the settings say of what is stored.
#[derive(Clone)]
pub(super) struct Rules {
    set: RuleSet,
    site: Option<String>,
    maps_business_impact: bool,
}

impl Rules {
    pub(super) fn of(
        plan: &mut Instance,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Self, GuestError> {
        Ok(Rules {
            set: RuleSet {
                verdicts: Verdicts::ask(|properties| plan.put_aside_by(settings, properties))?,
                import: plan.import_rules(settings, now)?,
            },
            site: plan.site(settings)?,
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
        store.set_site(connector, self.site.as_deref())?;
        store.apply_rules(connector, &self.set, now)
    }
}

/// What became of the findings and the assets, as a sentence; `None` when nothing did.
pub fn told(applied: Applied) -> Option<String> {
    let Applied {
        put_aside,
        taken_back,
        assets_left_out,
        assets_taken_back,
    } = applied;
    let mut parts = Vec::new();
    if put_aside + taken_back > 0 {
        parts.push(format!(
            "{put_aside} findings are put aside, {taken_back} taken back"
        ));
    }
    if assets_left_out + assets_taken_back > 0 {
        parts.push(format!(
            "{assets_left_out} assets are left out, {assets_taken_back} taken back"
        ));
    }
    (!parts.is_empty()).then(|| format!("by the rules, {}", parts.join("; ")))
}
