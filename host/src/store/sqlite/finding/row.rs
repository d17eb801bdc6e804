//! The columns of a finding: what is bound where, and the statements that it is bound to.

use rusqlite::ToSql;

use super::{Closed, StoredResults};
use crate::{
    guest::{
        rules::Rule,
        types::{Finding, Timestamp},
    },
    store::{AssetId, FindingId, content::ContentHash, word::Word},
};

pub(super) struct Values<'a> {
    pub(super) finding: &'a Finding,
    pub(super) risk: u8,
    pub(super) closed: Option<Closed>,
    pub(super) put_aside_by: Option<Rule>,
    pub(super) hash: ContentHash,
    pub(super) asset: AssetId,
    pub(super) results: StoredResults,
    /// When it came, or changed.
    pub(super) now: Timestamp,
}

impl Values<'_> {
    /// In the order of [`UPDATE`].
    pub(super) fn with_same_standing<T>(
        &self,
        id: FindingId,
        run: impl FnOnce(&[&dyn ToSql]) -> T,
    ) -> T {
        let finding = self.finding;
        run(&[
            &id,
            &finding.last_found,
            &self.hash,
            &finding.certainty.place(),
            &finding.qualys_severity,
            &self.risk,
            &finding.risk_score,
            &finding.risk_source.map(Word::place),
            &finding.qds,
            &finding.port,
            &finding.protocol,
            &finding.fqdn,
            &finding.ssl,
            &finding.instance,
            &finding.first_found,
            &finding.last_test,
            &finding.last_update,
            &finding.last_fixed,
            &finding.times_found,
            &finding.affects_running_kernel,
            &finding.affects_running_service,
            &finding.affects_exploitable_config,
            &self.results.hash,
            &self.results.text,
            &self.now,
        ])
    }

    /// In the order of [`INSERT`] and [`UPDATE_STANDING`].
    pub(super) fn with<T>(&self, id: FindingId, run: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        let finding = self.finding;
        self.with_same_standing(id, |same| {
            let mut values = [&id as &dyn ToSql; 35];
            values[..same.len()].copy_from_slice(same);
            let (severity, status) = (finding.severity.place(), finding.status.map(Word::place));
            let (closed_at, reason) = (self.closed.map(|it| it.0), self.closed.map(|it| it.1));
            let put_aside_by = self.put_aside_by.map(Word::place);
            let rest: [&dyn ToSql; 10] = [
                &finding.qid,
                &severity,
                &status,
                &finding.is_ignored,
                &finding.is_disabled,
                &self.asset,
                &finding.finding_key,
                &closed_at,
                &reason,
                &put_aside_by,
            ];
            values[same.len()..].copy_from_slice(&rest);
            run(&values)
        })
    }
}

pub(super) const STORED: &str =
    "SELECT id, finding_key, content_hash, qid, severity, status, is_open,
    is_ignored, is_disabled, last_test_at, last_update_at, last_found_at, closed_at,
    closed_reason, results_hash, text_id, put_aside_by
  FROM findings WHERE id BETWEEN ?1 AND ?2 ORDER BY id";

pub(super) const INSERT: &str = "INSERT INTO findings (id, last_found_at, content_hash, certainty,
    qualys_severity, risk, risk_score, risk_source, qds, port, protocol, fqdn, ssl, instance,
    first_found_at, last_test_at, last_update_at, last_fixed_at, times_found,
    affects_running_kernel, affects_running_service, affects_exploitable_config,
    results_hash, text_id, changed_at, qid, severity, status, is_ignored, is_disabled, asset_id, finding_key,
    closed_at, closed_reason, put_aside_by, first_seen_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
    ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?25)";

pub(super) const UPDATE: &str =
    "UPDATE findings SET last_found_at = ?2, content_hash = ?3, certainty = ?4,
    qualys_severity = ?5, risk = ?6, risk_score = ?7, risk_source = ?8, qds = ?9, port = ?10,
    protocol = ?11, fqdn = ?12, ssl = ?13, instance = ?14, first_found_at = ?15,
    last_test_at = ?16, last_update_at = ?17, last_fixed_at = ?18, times_found = ?19,
    affects_running_kernel = ?20, affects_running_service = ?21,
    affects_exploitable_config = ?22, results_hash = ?23, text_id = ?24,
    changed_at = ?25
  WHERE id = ?1";

pub(super) const UPDATE_STANDING: &str =
    "UPDATE findings SET last_found_at = ?2, content_hash = ?3,
    certainty = ?4, qualys_severity = ?5, risk = ?6, risk_score = ?7, risk_source = ?8, qds = ?9,
    port = ?10, protocol = ?11, fqdn = ?12, ssl = ?13, instance = ?14, first_found_at = ?15,
    last_test_at = ?16, last_update_at = ?17, last_fixed_at = ?18, times_found = ?19,
    affects_running_kernel = ?20, affects_running_service = ?21,
    affects_exploitable_config = ?22, results_hash = ?23, text_id = ?24, changed_at = ?25,
    qid = ?26, severity = ?27, status = ?28, is_ignored = ?29, is_disabled = ?30,
    closed_at = ?33, closed_reason = ?34, put_aside_by = ?35
  WHERE id = ?1 AND asset_id = ?31 AND finding_key = ?32";
