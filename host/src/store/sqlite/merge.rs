//! Keeps records of one machine together as one asset. What makes them one is decided in
//! `identity`; here it is stored, and what is counted moves along.

mod keys;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row};

use super::{
    FINDINGS_OF_AN_ASSET,
    counter::{Counters, Named},
    fail::Result,
    software,
};
use crate::store::{
    AssetId, RecordId,
    identity::{self, Criterion, Key, Member},
};

/// Of a row of `assets`.
macro_rules! hidden_sql {
    () => {
        "(gone_at IS NOT NULL OR left_out_by IS NOT NULL)"
    };
}

/// What a record was to the inventory before it changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Before {
    Absent,
    /// Gone, or left out by a rule.
    Hidden,
    Shown,
}

/// To be asked before a record is changed.
pub(super) fn before(tx: &Connection, record: RecordId) -> Result<Before> {
    let hidden = concat!("SELECT ", hidden_sql!(), " FROM assets WHERE id = ?1");
    let is_hidden = tx
        .prepare_cached(hidden)?
        .query_row([record], |row| row.get(0))?;
    Ok(if is_hidden {
        Before::Hidden
    } else {
        Before::Shown
    })
}

/// As a row of `assets` has it.
#[derive(Clone, Debug)]
struct Record {
    id: RecordId,
    standing: Standing,
    /// What decides which of several is the primary one, the lowest first.
    rank: (bool, bool, bool, i64, RecordId),
    is_present: bool,
    /// Imports bring no findings.
    has_findings: bool,
    open_by_severity: [i64; 5],
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Standing {
    asset: AssetId,
    is_primary: bool,
    records: i64,
    matched_by: Option<String>,
}

/// Brings a record together with those that it belongs to, or takes it from those that it does not
/// belong to any more, and counts its asset. `told` are its identifiers of these criteria; those of
/// others stay.
pub(super) fn settle(
    tx: &Connection,
    counters: &mut Counters,
    record: RecordId,
    before: Before,
    told: Option<(&[Criterion], &[Key])>,
) -> Result<()> {
    if let Some((criteria, keys)) = told {
        keys::write(tx, record, criteria, keys)?;
    }
    let records = related(tx, record)?;
    let is_shown = |one: &Record| one.id == record && one.is_present;
    let is_shown = records.iter().any(is_shown);
    // A record that was not there until now has no software yet.
    if before != Before::Absent && is_shown != (before == Before::Shown) {
        software::recounted(tx, counters, record, !is_shown)?;
    }
    let mut members = Vec::with_capacity(records.len());
    for one in &records {
        let keys = if records.len() > 1 {
            keys::of(tx, one.id)?
        } else {
            vec![]
        };
        members.push(Member {
            record: one.id,
            keys,
        });
    }
    let assets = identity::assets_of(&members, &kept_apart(tx, &members)?);
    let after = standings(&records, &members, &assets);

    let was_present = |one: &Record| match before {
        _ if one.id != record => one.is_present,
        Before::Shown => true,
        Before::Absent | Before::Hidden => false,
    };
    let present = |asset_of: &dyn Fn(usize) -> AssetId, is_present: &dyn Fn(&Record) -> bool| {
        let places = (0..records.len()).filter(|place| is_present(&records[*place]));
        places.map(asset_of).collect::<BTreeSet<_>>().len() as i64
    };
    let old = present(&|place| records[place].standing.asset, &was_present);
    let new = present(&|place| after[place].asset, &|one| one.is_present);
    counters.add(Named::Assets, new - old);

    if records
        .iter()
        .zip(&after)
        .all(|(one, after)| one.standing == *after)
    {
        return Ok(());
    }
    let moved = |place: usize| records[place].standing.asset != after[place].asset;
    let is_partition_new = (0..records.len()).any(moved);
    let before: Vec<AssetId> = records.iter().map(|it| it.standing.asset).collect();
    let shown = if is_partition_new {
        [
            (shown(tx, &records, &before)?, -1),
            (shown(tx, &records, &assets)?, 1),
        ]
    } else {
        Default::default()
    };
    let open = open_findings(tx, &records, is_partition_new)?;
    write(tx, &records, &after, &open)?;
    for (software_of, sign) in shown {
        for software in software_of.into_values().flatten() {
            counters.software(software, sign);
        }
    }
    Ok(())
}

/// For a record that is an asset of its own until it is settled.
pub(super) fn next_id(tx: &Connection) -> Result<RecordId> {
    let next = "SELECT ifnull(max(id), 0) + 1 FROM assets";
    Ok(tx.prepare_cached(next)?.query_row([], |row| row.get(0))?)
}

/// The record, those of its asset, and those of every asset with which it shares an identifier.
fn related(tx: &Connection, record: RecordId) -> Result<Vec<Record>> {
    let mut statement = tx.prepare_cached(
        "SELECT asset_id FROM assets WHERE id = ?1
         UNION SELECT a.asset_id FROM identities i JOIN identities o
           ON o.criterion = i.criterion AND o.value = i.value
         JOIN assets a ON a.id = o.record_id WHERE i.record_id = ?1",
    )?;
    let assets = statement.query_map([record], |row| row.get(0))?;
    let assets: Vec<AssetId> = assets.collect::<rusqlite::Result<_>>()?;
    let mut statement = tx.prepare_cached(RECORDS)?;
    let mut records = Vec::new();
    for asset in assets {
        for row in statement.query_map([asset], read)? {
            records.push(row?);
        }
    }
    records.sort_unstable_by_key(|one| one.id);
    Ok(records)
}

const RECORDS: &str = concat!(
    "SELECT id, asset_id, is_primary, records, matched_by, ",
    hidden_sql!(),
    ", connector_id IS NULL, is_partial, ifnull(last_seen_at, 0), ifnull(host_id, id),
    open_info, open_low, open_medium, open_high, open_critical
  FROM assets WHERE asset_id = ?1"
);

fn read(row: &Row<'_>) -> rusqlite::Result<Record> {
    let id = row.get(0)?;
    let (is_hidden, is_imported): (bool, bool) = (row.get(5)?, row.get(6)?);
    let last_seen: i64 = row.get(8)?;
    Ok(Record {
        id,
        standing: Standing {
            asset: row.get(1)?,
            is_primary: row.get(2)?,
            records: row.get(3)?,
            matched_by: row.get(4)?,
        },
        rank: (
            is_hidden,
            is_imported,
            row.get(7)?,
            -last_seen,
            // The order in which answers come makes no difference.
            row.get(9)?,
        ),
        is_present: !is_hidden,
        has_findings: !is_imported,
        open_by_severity: [
            row.get(10)?,
            row.get(11)?,
            row.get(12)?,
            row.get(13)?,
            row.get(14)?,
        ],
    })
}

fn kept_apart(tx: &Connection, members: &[Member]) -> Result<BTreeSet<(RecordId, RecordId)>> {
    let mut apart = BTreeSet::new();
    if members.len() > 1 {
        let mut statement =
            tx.prepare_cached("SELECT other_id FROM kept_apart WHERE record_id = ?1")?;
        for member in members {
            for other in statement.query_map([member.record], |row| row.get(0))? {
                apart.insert((member.record, other?));
            }
        }
    }
    Ok(apart)
}

fn standings(records: &[Record], members: &[Member], assets: &[AssetId]) -> Vec<Standing> {
    let of_asset = |asset: AssetId| records.iter().zip(assets).filter(move |it| *it.1 == asset);
    let standing = |(place, (record, asset)): (usize, (&Record, &AssetId))| {
        let primary = of_asset(*asset)
            .map(|(one, _)| one)
            .min_by_key(|one| one.rank);
        let matched = identity::matched_by(members, assets, place);
        Standing {
            asset: *asset,
            is_primary: primary.is_some_and(|primary| primary.id == record.id),
            records: of_asset(*asset).count() as i64,
            matched_by: (!matched.is_empty())
                .then(|| serde_json::to_string(&matched).expect("texts are JSON")),
        }
    };
    records
        .iter()
        .zip(assets)
        .enumerate()
        .map(standing)
        .collect()
}

/// The open findings of each record itself, or with its primary record where the records of assets
/// stay the same. The primary record has the sum of all; which part of it is whose is counted
/// again only where several may have findings.
fn open_findings(
    tx: &Connection,
    records: &[Record],
    is_partition_new: bool,
) -> Result<Vec<[i64; 5]>> {
    if !is_partition_new {
        return Ok(records.iter().map(|it| it.open_by_severity).collect());
    }
    let of_asset = |asset| records.iter().filter(move |it| it.standing.asset == asset);
    let mut statement = tx.prepare_cached(
        "SELECT severity, count(*) FROM findings
         WHERE id BETWEEN ?1 AND ?2 AND is_open = 1 GROUP BY severity",
    )?;
    let mut open = Vec::with_capacity(records.len());
    for record in records {
        let asset = record.standing.asset;
        open.push(if !record.has_findings {
            [0; 5]
        } else if of_asset(asset).filter(|it| it.has_findings).count() == 1 {
            of_asset(asset).fold([0; 5], |sum, it| add(sum, it.open_by_severity))
        } else {
            let first = record.id * FINDINGS_OF_AN_ASSET;
            let mut own = [0; 5];
            let mut rows = statement.query((first, first + FINDINGS_OF_AN_ASSET - 1))?;
            while let Some(row) = rows.next()? {
                own[usize::from(row.get::<_, u8>(0)?)] = row.get(1)?;
            }
            own
        });
    }
    Ok(open)
}

fn add(mut sum: [i64; 5], more: [i64; 5]) -> [i64; 5] {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
    sum
}

fn write(tx: &Connection, records: &[Record], after: &[Standing], open: &[[i64; 5]]) -> Result<()> {
    let mut sums: BTreeMap<AssetId, [i64; 5]> = BTreeMap::new();
    for (standing, open) in after.iter().zip(open) {
        let sum = sums.entry(standing.asset).or_default();
        *sum = add(*sum, *open);
    }
    let mut update = tx.prepare_cached(
        "UPDATE assets SET asset_id = ?2, is_primary = ?3, records = ?4, matched_by = ?5,
           open_info = ?6, open_low = ?7, open_medium = ?8, open_high = ?9, open_critical = ?10,
           open_findings = ?6 + ?7 + ?8 + ?9 + ?10
         WHERE id = ?1",
    )?;
    for (record, standing) in records.iter().zip(after) {
        let Standing {
            asset,
            is_primary,
            records,
            matched_by,
        } = standing;
        let sum = if *is_primary { sums[asset] } else { [0; 5] };
        if record.standing == *standing && record.open_by_severity == sum {
            continue;
        }
        let [info, low, medium, high, critical] = sum;
        update.execute((
            record.id, asset, is_primary, records, matched_by, info, low, medium, high, critical,
        ))?;
    }
    Ok(())
}

/// What software each asset shows, as the records are divided among them; nothing where a single
/// record has any, as it then counts the same wherever it belongs.
fn shown(
    tx: &Connection,
    records: &[Record],
    assets: &[AssetId],
) -> Result<BTreeMap<AssetId, BTreeSet<i64>>> {
    let mut shown: BTreeMap<AssetId, BTreeSet<i64>> = BTreeMap::new();
    let mut of_record = Vec::new();
    for (record, asset) in records.iter().zip(assets) {
        if record.is_present && software::has_any(tx, record.id)? {
            of_record.push((record.id, *asset));
        }
    }
    if of_record.len() > 1 {
        for (record, asset) in of_record {
            let software = software::shown_of_record(tx, record)?;
            shown.entry(asset).or_default().extend(software);
        }
    }
    Ok(shown)
}
