//! Which detections of a host a call is about.

use std::ops::Range;

use super::form::Form;
use super::id_set::IdSet;
use crate::sim::world::life::Status;
use crate::sim::world::row::{Certainty, Row};
use crate::sim::world::time::{DAY, Timestamp};

#[derive(Clone, Debug)]
pub(crate) struct RowFilter {
    statuses: Vec<Status>,
    qids: Option<IdSet>,
    severities: Option<IdSet>,
    certainty: Option<Certainty>,
    has_information: bool,
    has_ignored: bool,
    has_disabled: bool,
    qds: Range<u64>,
    updated: Range<Timestamp>,
    processed: Range<Timestamp>,
    tested: Range<Timestamp>,
    pub(crate) running_kernel: Running,
    pub(crate) running_service: Running,
    pub(crate) exploitable_config: Running,
}

/// What is asked about a finding that may not be exploitable as the host runs now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Running {
    /// Not asked for: the element does not appear either.
    Absent,
    Shown,
    /// Leaves out findings of that kind with this answer.
    Without(bool),
    /// Leaves out everything but findings of that kind with this answer.
    Only(bool),
    /// Leaves out everything but findings of that kind.
    Related,
}

impl RowFilter {
    /// From parameters that have been checked.
    pub(crate) fn new(form: &Form, now: Timestamp) -> RowFilter {
        let date = |name: &str| form.value(name).and_then(Timestamp::parse);
        let between = |from: Option<Timestamp>, to: &str| {
            from.unwrap_or(Timestamp(i64::MIN))..date(to).unwrap_or(Timestamp(i64::MAX))
        };
        let ids = |name: &str| form.value(name).and_then(|text| IdSet::parse(text).ok());
        let days = form.number("max_days_since_detection_updated");
        let updated_since = days.map(|days| now.plus(-(days as i64) * DAY));
        RowFilter {
            statuses: statuses(form.value("status").unwrap_or("New,Active,Re-Opened")),
            qids: ids("qids"),
            severities: ids("severities"),
            certainty: match form.value("include_vuln_type") {
                Some("confirmed") => Some(Certainty::Confirmed),
                Some(_) => Some(Certainty::Potential),
                None => None,
            },
            has_information: form.is_set("show_igs"),
            has_ignored: form.is_set("include_ignored"),
            has_disabled: form.is_set("include_disabled"),
            qds: form.number("qds_min").unwrap_or(0)
                ..form.number("qds_max").map_or(101, |max| max + 1),
            updated: between(
                date("detection_updated_since").or(updated_since),
                "detection_updated_before",
            ),
            processed: between(
                date("detection_processed_after"),
                "detection_processed_before",
            ),
            tested: between(
                date("detection_last_tested_since"),
                "detection_last_tested_before",
            ),
            running_kernel: kernel(form),
            running_service: running(form, "arf_service_filter", "non-running-service"),
            exploitable_config: running(form, "arf_config_filter", "config-not-exploitable"),
        }
    }

    pub(crate) fn matches(&self, row: &Row) -> bool {
        let is_wanted = match row.status {
            None => self.has_information,
            Some(status) => {
                self.statuses.contains(&status)
                    && self
                        .certainty
                        .is_none_or(|certainty| certainty == row.certainty)
            }
        };
        is_wanted
            && (self.has_ignored || !row.is_ignored)
            && (self.has_disabled || !row.is_disabled)
            && self
                .qids
                .as_ref()
                .is_none_or(|qids| qids.contains(row.vulnerability.qid.into()))
            && self
                .severities
                .as_ref()
                .is_none_or(|set| set.contains(row.vulnerability.severity.into()))
            && row.qds.is_none_or(|qds| self.qds.contains(&qds.into()))
            && self.updated.contains(&row.last_update)
            && self.processed.contains(&row.last_processed)
            && self.tested.contains(&row.last_test)
            && self.running_kernel.matches(row.affects_running_kernel())
            && self.running_service.matches(row.affects_running_service())
            && self
                .exploitable_config
                .matches(row.affects_exploitable_config())
    }
}

impl Running {
    fn matches(self, answer: Option<bool>) -> bool {
        match self {
            Running::Absent | Running::Shown => true,
            Running::Without(unwanted) => answer != Some(unwanted),
            Running::Only(wanted) => answer == Some(wanted),
            Running::Related => answer.is_some(),
        }
    }
}

/// `arf_kernel_filter` and `active_kernels_only` ask the same question with other numbers.
fn kernel(form: &Form) -> Running {
    match (
        form.number("arf_kernel_filter"),
        form.number("active_kernels_only"),
    ) {
        (Some(1), _) | (None, Some(1)) => Running::Without(false),
        (Some(2), _) | (None, Some(2)) => Running::Only(false),
        (Some(3), _) | (None, Some(3)) => Running::Only(true),
        (Some(4), _) => Running::Related,
        (Some(_), _) | (None, Some(_)) => Running::Shown,
        (None, None) => by_key(form, "non-running-kernel"),
    }
}

/// For services and configurations, 1 and 2 mean the exploitable ones: the reverse of kernels.
fn running(form: &Form, old_name: &str, key: &str) -> Running {
    match form.number(old_name) {
        Some(1) => Running::Without(true),
        Some(2) => Running::Only(true),
        Some(3) => Running::Only(false),
        Some(4) => Running::Related,
        Some(_) => Running::Shown,
        None => by_key(form, key),
    }
}

fn by_key(form: &Form, key: &str) -> Running {
    let is_filtered = form
        .value("arf_filter_keys")
        .is_some_and(|keys| keys.split(',').any(|k| k == key));
    match (is_filtered, form.is_set("show_arf_data")) {
        (true, _) => Running::Without(false),
        (false, true) => Running::Shown,
        (false, false) => Running::Absent,
    }
}

fn statuses(text: &str) -> Vec<Status> {
    text.split(',')
        .filter_map(|word| match word {
            "Active" => Some(Status::Active),
            "Fixed" => Some(Status::Fixed),
            "New" => Some(Status::New),
            "Re-Opened" => Some(Status::Reopened),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::small;

    fn rows(query: &str) -> Vec<Row> {
        let world = small(50);
        let mut form = Form::default();
        form.add(query.as_bytes());
        let filter = RowFilter::new(&form, world.now(0));
        let hosts = (0..50).filter_map(|index| world.host(index, 0));
        hosts
            .flat_map(|host| world.rows(&host).collect::<Vec<_>>())
            .filter(|row| filter.matches(row))
            .collect()
    }

    #[test]
    fn fixed_information_ignored_and_disabled_rows_come_only_when_asked_for() {
        for row in rows("") {
            assert!(matches!(
                row.status,
                Some(Status::New | Status::Active | Status::Reopened)
            ));
            assert!(!row.is_ignored && !row.is_disabled);
        }
        assert!(
            rows("status=Fixed")
                .iter()
                .all(|row| row.status == Some(Status::Fixed))
        );
        assert!(rows("show_igs=1").iter().any(|row| row.status.is_none()));
        assert!(rows("include_ignored=1").iter().any(|row| row.is_ignored));
        assert!(rows("include_disabled=1").iter().any(|row| row.is_disabled));
    }

    #[test]
    fn the_first_kernel_filter_leaves_out_kernels_that_do_not_run() {
        let all = rows("").len();
        let idle = rows("arf_kernel_filter=2").len();
        assert!(idle > 0);
        assert_eq!(rows("arf_kernel_filter=1").len(), all - idle);
        assert_eq!(
            rows("arf_filter_keys=non-running-kernel&show_arf_data=1").len(),
            all - idle
        );
        assert_eq!(
            rows("arf_kernel_filter=3").len() + idle,
            rows("arf_kernel_filter=4").len()
        );
    }
}
