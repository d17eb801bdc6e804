//! Compares an inventory with what the simulator says is true.

use std::{collections::BTreeMap, fmt::Debug};

use qonduit_component::time;
use qonduit_host::{
    guest::types::Status,
    store::{AssetKind, ClosedReason, FindingQuery, FindingRow, Store, Word},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    place::{Place, lines},
    sim::client,
};

/// Findings by host and key, or hosts by number.
pub(crate) type Rows<R = Value> = BTreeMap<(u64, String), R>;

/// A finding as a line of the truth has it. There are hundreds of thousands on each day of a long
/// year, so they are no JSON values.
#[derive(Debug, Deserialize, PartialEq)]
struct Delivered {
    host_id: u64,
    qid: u64,
    finding_key: String,
    severity: u8,
    status: Option<String>,
    port: Option<u16>,
    protocol: Option<String>,
    ssl: Option<bool>,
    fqdn: Option<String>,
    instance: Option<String>,
    is_ignored: bool,
    is_disabled: bool,
    affects_running_kernel: Option<bool>,
    affects_running_service: Option<bool>,
    affects_exploitable_config: Option<bool>,
    last_found: Option<String>,
}

impl Delivered {
    fn of(row: FindingRow) -> Self {
        Delivered {
            host_id: row.host_id.expect("a host"),
            qid: row.qid.into(),
            finding_key: row.finding_key,
            severity: row.qualys_severity,
            status: row.status.map(|it: Status| it.word().to_owned()),
            port: row.port,
            protocol: row.protocol,
            ssl: Some(row.ssl),
            fqdn: row.fqdn,
            instance: row.instance,
            is_ignored: row.is_ignored,
            is_disabled: row.is_disabled,
            affects_running_kernel: row.affects_running_kernel,
            affects_running_service: row.affects_running_service,
            affects_exploitable_config: row.affects_exploitable_config,
            last_found: row.last_found.map(time::format),
        }
    }
}

impl Place {
    /// What the inventory holds and Qualys still delivers, in the words of the truth.
    pub(crate) fn findings(&self) -> Rows {
        let hosts = self.hosts();
        // After a year most of what is kept is closed.
        let there = "not closed:vanished and not closed:host-purged";
        self.findings_where(&["--where", there], |row| !is_gone(&hosts, row))
    }

    /// Those that it keeps, but Qualys speaks of no more.
    pub(crate) fn closed_findings(&self) -> Rows {
        let hosts = self.hosts();
        self.findings_where(&[], |row| is_gone(&hosts, row))
    }

    fn findings_where(&self, filter: &[&str], is_wanted: impl Fn(&Value) -> bool) -> Rows {
        let rows = self.export(&[&["findings", "--all", "--kind", "host"], filter].concat());
        by_key(rows.iter().filter(|row| is_wanted(row)).map(|row| {
            let mut kept = json!({ "severity": row["qualys_severity"] });
            for key in TRUE_KEYS {
                kept[key] = row[key].clone();
            }
            kept
        }))
    }

    /// Several hosts may be one asset, so an export of assets does not name each of them.
    pub(crate) fn hosts(&self) -> Rows {
        let sql = self.sql();
        let query =
            "SELECT host_id, name FROM assets WHERE host_id IS NOT NULL AND gone_at IS NULL";
        let mut statement = sql.prepare(query).expect(query);
        let host = |row: &rusqlite::Row<'_>| {
            let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
            Ok(json!({ "host_id": id.cast_unsigned(), "name": name }))
        };
        let hosts = statement.query_map([], host).expect(query);
        by_key(hosts.map(|host| host.expect("a host")))
    }

    pub(crate) fn true_findings(&self) -> Rows {
        by_key(self.truth("findings").into_iter().map(|mut row| {
            // Qualys sends no SSL where there is no service, which the inventory takes for no.
            if row["ssl"].is_null() {
                row["ssl"] = json!(false);
            }
            row
        }))
    }

    pub(crate) fn true_hosts(&self) -> Rows {
        by_key(self.truth("hosts").into_iter())
    }

    pub(crate) fn truth(&self, what: &str) -> Vec<Value> {
        lines(&self.truth_text(what))
    }

    fn truth_text(&self, what: &str) -> String {
        let answer = client::send(&self.sim, "GET", &format!("/_sim/truth/{what}"), &[], "");
        assert!(answer.is_complete, "the truth is complete");
        answer.text()
    }

    /// As [`Place::findings`], without a detour.
    fn delivered(&self) -> Rows<Delivered> {
        let hosts = self.hosts();
        let store = self.store();
        let reader = store.reader().expect("a reader");
        // One asset after the other, as lists of everything are given little time.
        let of_asset = |asset: i64| {
            let listing = reader.findings(&FindingQuery {
                asset: Some(asset),
                only_open: false,
                limit: 100_000,
                ..FindingQuery::default()
            });
            let listing = listing.expect("findings");
            assert!(listing.next.is_none(), "one page has all");
            listing.rows
        };
        let assets =
            "SELECT DISTINCT asset_id FROM assets WHERE host_id IS NOT NULL AND gone_at IS NULL";
        let sql = self.sql();
        let mut assets = sql.prepare(assets).expect(assets);
        let assets = assets.query_map([], |row| row.get(0)).expect("assets");
        let rows = assets.flat_map(|asset| of_asset(asset.expect("an asset")));
        let is_there = |row: &FindingRow| {
            row.asset_kind == AssetKind::Host
                && !matches!(
                    row.closed_reason,
                    Some(ClosedReason::Vanished | ClosedReason::HostPurged)
                )
                && hosts.contains_key(&(row.host_id.expect("a host"), String::new()))
        };
        by_key(rows.filter(is_there).map(Delivered::of))
    }

    fn truly_delivered(&self) -> Rows<Delivered> {
        let text = self.truth_text("findings");
        let rows = text.lines().map(|line| {
            let mut row: Delivered = serde_json::from_str(line).expect(line);
            // Qualys sends no SSL where there is no service, which the inventory takes for no.
            row.ssl.get_or_insert(false);
            row
        });
        by_key(rows)
    }

    /// The inventory is what a complete sync of the day must end up with.
    #[track_caller]
    pub(crate) fn expect_truth(&self) {
        self.expect_truth_without(&[]);
    }

    /// The same, but for the findings of hosts that could not be delivered.
    #[track_caller]
    pub(crate) fn expect_truth_without(&self, skipped: &[u64]) {
        expect_equal(&self.hosts(), &self.true_hosts());
        let mut truth = self.truly_delivered();
        truth.retain(|(host, _), _| !skipped.contains(host));
        assert!(!truth.is_empty(), "a truth without findings proves nothing");
        expect_equal(&self.delivered(), &truth);
        crate::web::expect_truth(self);
        self.expect_counts();
    }

    /// Counters and rollups are what a recount gives.
    #[track_caller]
    pub(crate) fn expect_counts(&self) {
        let wrong = self.store().recount().expect("counts");
        assert_eq!(wrong, Vec::<String>::new());
    }
}

/// What a row is found by.
trait Keyed {
    fn key(&self) -> (u64, String);
}

impl Keyed for Delivered {
    fn key(&self) -> (u64, String) {
        (self.host_id, self.finding_key.clone())
    }
}

/// The row of a host has no key of its own.
impl Keyed for Value {
    fn key(&self) -> (u64, String) {
        let host = self["host_id"].as_u64().expect("a host id");
        let key = self["finding_key"].as_str().unwrap_or_default();
        (host, key.to_owned())
    }
}

fn by_key<R: Keyed>(rows: impl Iterator<Item = R>) -> Rows<R> {
    let mut found = Rows::new();
    for row in rows {
        let key = row.key();
        assert!(
            found.insert(key.clone(), row).is_none(),
            "twice in a list: {key:?}"
        );
    }
    found
}

/// What was fixed before its host was purged stays closed as fixed.
fn is_gone(hosts: &Rows, row: &Value) -> bool {
    let host = row["host_id"].as_u64().expect("a host id");
    let is_vanished = matches!(
        row["closed_reason"].as_str(),
        Some("vanished" | "host-purged")
    );
    is_vanished || !hosts.contains_key(&(host, String::new()))
}

/// Names the first rows that differ, as whole inventories would fill the screen.
#[track_caller]
pub(crate) fn expect_equal<R: Debug + PartialEq>(found: &Rows<R>, expected: &Rows<R>) {
    let differs = |(key, row): &(&(u64, String), &R)| found.get(*key) != Some(*row);
    let lacking: Vec<_> = expected.iter().filter(differs).take(3).collect();
    let found_there: Vec<_> = lacking
        .iter()
        .filter_map(|(key, _)| found.get(*key))
        .collect();
    let unknown: Vec<_> = found
        .keys()
        .filter(|key| !expected.contains_key(key))
        .take(3)
        .collect();
    assert!(
        lacking.is_empty() && unknown.is_empty(),
        "{} rows found, {} expected\nexpected: {lacking:#?}\nfound there: {found_there:#?}\nnot expected: {unknown:?}",
        found.len(),
        expected.len(),
    );
}

const TRUE_KEYS: [&str; 15] = [
    "host_id",
    "qid",
    "finding_key",
    "status",
    "port",
    "protocol",
    "ssl",
    "fqdn",
    "instance",
    "is_ignored",
    "is_disabled",
    "affects_running_kernel",
    "affects_running_service",
    "affects_exploitable_config",
    "last_found",
];
