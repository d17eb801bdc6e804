//! The promises, kept by SQLite, and what only a file can do wrong.

use std::{
    fs,
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use super::{SqliteReader, SqliteStore, Tools, commit};
use crate::{
    guest::{ingest::HostFindings, ingest::Page, plan::Window, types::Dataset},
    store::{
        Commit, Digests, FindingQuery, FindingSort, Query, Reader, RunId, Store, StoreError,
        load::Load,
        promises::{self, LEASE, finding, host, page},
    },
};

mod opening;

promises::keep_promises! {
    Temporary::new();
    a_finding_is_known_by_its_key,
    a_key_that_comes_twice_is_one_finding,
    an_older_record_never_wins,
    a_finding_that_comes_back_is_reopened,
    detections_never_overwrite_the_host_list,
    a_qid_is_unknown_until_its_entry_comes,
    a_score_of_zero_takes_the_risk_off,
    texts_come_back_as_they_were,
    one_process_carries_out_a_run,
    a_released_run_is_resumed_at_once,
    a_stage_begins_once_and_its_batches_follow_each_other,
    only_a_complete_run_moves_the_watermark,
    warnings_are_counted_and_the_first_are_kept,
    groups_and_hosts_each_tell_their_own_side,
    tags_are_counted_on_hosts_by_their_number,
    pages_go_on_where_they_ended_while_rows_change,
    every_order_goes_through_every_row_once,
    a_token_of_another_list_is_refused,
    filters_select_what_they_say,
    a_filter_that_makes_no_sense_is_an_error,
    every_field_can_be_asked_for_in_every_list,
    counters_equal_a_recount_after_any_history,
    what_a_complete_answer_lacks_is_closed,
    a_closed_finding_that_comes_back_keeps_its_past,
    hosts_that_are_listed_no_more_are_gone_until_they_return,
    silent_hosts_are_inactive_until_they_speak,
    rules_work_on_what_is_stored_and_on_what_comes,
    what_a_person_says_of_a_tag_outlives_every_sync,
    an_incremental_run_is_about_what_changed_and_what_is_new,
    runs_with_other_settings_have_another_history,
    an_export_hands_over_every_row_until_it_is_stopped,
    rows_are_written_with_the_words_of_the_contract,
    a_connector_is_defined_once,
    a_slot_is_taken_once,
    a_slot_that_was_left_is_taken_up,
    a_paused_connector_makes_up_for_nothing,
    the_log_of_a_run_is_bounded,
    a_list_replaces_what_it_told_before,
    results_tell_of_software_where_no_other_list_does,
    tables_that_are_gone_tell_nothing,
    software_of_hosts_that_are_gone_is_not_counted,
    software_is_found_by_parts_and_in_pages,
    software_is_counted_right_after_any_history,
    web_applications_are_assets_beside_the_hosts,
    equal_web_findings_are_not_written_and_older_ones_never_win,
    a_finding_brings_a_web_application_that_the_list_did_not,
    what_the_whole_list_of_web_findings_lacks_is_closed,
    web_applications_that_are_listed_no_more_are_gone,
    what_is_said_of_hosts_leaves_web_applications_alone,
    expressions_mean_the_same_to_the_store_and_to_the_component,
    the_history_of_a_finding_is_told_in_order,
    days_are_told_from_the_first_to_the_last,
    targets_tell_what_is_past_them_and_how_long_fixing_takes,
    cves_are_asked_for_that_findings_name,
    an_older_score_never_wins,
    a_machine_that_two_sources_know_is_one_asset,
    the_order_of_sources_makes_no_difference,
    what_a_person_splits_stays_split,
    two_hosts_of_qualys_may_be_one_machine,
    network_cards_of_host_assets_identify_a_host,
    an_import_is_whole_or_not_at_all,
    an_equal_record_is_not_written_and_a_missing_one_may_go,
    an_asset_is_there_as_long_as_one_source_knows_it,
    an_asset_keeps_the_site_of_its_oldest_record,
    counters_hold_after_any_merges_and_splits,
    an_import_rule_keeps_out_what_it_does_not_select,
    what_a_rule_put_aside_stays_so_when_it_is_delivered_again,
    an_asset_that_another_source_knows_is_not_unknown,
    counters_hold_after_any_change_of_rules,
}

#[test]
fn the_fields_of_the_store_are_those_of_the_component() {
    let known = super::field::FIELDS.iter().map(|field| field.name);
    let known: Vec<_> = known.collect();
    let told = promises::fields();
    let told: Vec<_> = told.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(known, told);
}

#[test]
fn a_second_sync_with_nothing_changed_writes_no_record() {
    let mut store = Temporary::new();
    let run = begun(&mut store);
    let load = Load {
        hosts: 5,
        findings_of_a_host: 20,
        results_bytes: 900,
        qids: 30,
        scanned: LEASE.now,
    };
    let page = load.detections(0, 5);
    let step = Commit {
        page: Some(&page),
        ..Commit::new(run, LEASE, Dataset::Detections)
    };
    store.commit(&step).unwrap();
    let before = store.conn.total_changes();
    let tally = store.commit(&step).unwrap().tally;
    assert_eq!((tally.new, tally.changed, tally.unchanged), (0, 0, 100));
    // The lease, and the counts of the run.
    assert_eq!(store.conn.total_changes() - before, 2);
}

#[test]
fn a_step_that_is_cut_off_leaves_nothing() {
    let mut store = Temporary::new();
    let run = begun(&mut store);
    let hosts = vec![HostFindings {
        host: host(),
        findings: vec![finding("a")],
    }];
    let page = Page {
        hosts,
        host_ids: vec![1],
        ..page()
    };
    let step = Commit {
        page: Some(&page),
        calls: 1,
        ..Commit::new(run, LEASE, Dataset::Detections)
    };
    let tx = store.conn.transaction().unwrap();
    commit::write(&tx, &mut Tools::new(), &step).unwrap();
    drop(tx);
    let reader = store.reader().unwrap();
    assert_eq!(reader.totals().unwrap().findings, 0);
    assert_eq!(reader.run(run).unwrap().unwrap().calls, 0);
    assert!(store.run_hosts(run).unwrap().is_empty());
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

#[test]
fn a_full_disk_names_the_file_and_leaves_nothing() {
    let mut store = Temporary::new();
    let run = begun(&mut store);
    let load = Load {
        hosts: 100,
        findings_of_a_host: 50,
        results_bytes: 900,
        qids: 30,
        scanned: LEASE.now,
    };
    let page = load.detections(0, 100);
    let pages: i64 = store
        .conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    store
        .conn
        .pragma_update(None, "max_page_count", pages + 20)
        .unwrap();
    let step = Commit {
        page: Some(&page),
        ..Commit::new(run, LEASE, Dataset::Detections)
    };
    let refused = store.commit(&step).unwrap_err();
    assert!(matches!(refused, StoreError::Full { .. }), "{refused:?}");
    assert!(refused.to_string().contains("qonduit-test-"), "{refused}");
    store
        .conn
        .pragma_update(None, "max_page_count", 1_000_000)
        .unwrap();
    assert_eq!(store.reader().unwrap().totals().unwrap().findings, 0);
    assert_eq!(store.commit(&step).unwrap().tally.new, 5_000);
}

#[test]
fn gathered_steps_are_seen_together() {
    let mut store = Temporary::new();
    let run = begun(&mut store);
    let load = Load {
        hosts: 2,
        findings_of_a_host: 70,
        // About as long as a text has to be to be shared, so that both ways are taken.
        results_bytes: 2_000,
        qids: 30,
        scanned: LEASE.now,
    };
    store.gather();
    for host in 0..2 {
        let page = load.detections(host, host + 1);
        let digests = Digests::of(&page);
        let step = Commit {
            page: Some(&page),
            digests: Some(&digests),
            ..Commit::new(run, LEASE, Dataset::Detections)
        };
        assert_eq!(store.commit(&step).unwrap().tally.new, 70);
        // Twice in one transaction: what was written is found again.
        assert_eq!(store.commit(&step).unwrap().tally.unchanged, 70);
    }
    let seen = |store: &Temporary| store.reader().unwrap().totals().unwrap();
    assert_eq!(seen(&store).findings, 0);
    store.acknowledge().unwrap();
    assert_eq!((seen(&store).findings, seen(&store).assets), (140, 2));
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

#[test]
fn a_step_that_fails_takes_the_gathered_ones_with_it() {
    let mut store = Temporary::new();
    let run = begun(&mut store);
    let page = Page {
        host_ids: vec![1],
        ..page()
    };
    let step = Commit {
        page: Some(&page),
        ..Commit::new(run, LEASE, Dataset::HostIds)
    };
    let of_another = Commit {
        run: run + 1,
        ..step
    };
    store.gather();
    store.commit(&step).unwrap();
    let lost = |error: Result<_, StoreError>| matches!(error, Err(StoreError::LeaseLost { .. }));
    assert!(lost(store.commit(&of_another).map(drop)));
    // The next one is told why, and not stored by itself.
    assert!(lost(store.commit(&step).map(drop)));
    assert!(lost(store.acknowledge()));
    assert!(store.run_hosts(run).unwrap().is_empty());
    store.commit(&step).unwrap();
    assert_eq!(store.run_hosts(run).unwrap(), [1]);
}

#[cfg(unix)]
#[test]
fn the_lists_that_people_open_first_need_no_sorting() {
    let store = Temporary::new();
    let plan = |sql: &str| {
        let mut statement = store
            .conn
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap();
        let rows = statement
            .query_map([], |row| row.get::<_, String>(3))
            .unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    };
    let newest = "ORDER BY f.last_found_sort DESC, f.id DESC LIMIT 51";
    let behind = "(f.last_found_sort, f.id) < (5, 6)";
    let lists = [
        format!("SELECT f.id FROM findings f WHERE f.is_open = 1 {newest}"),
        format!("SELECT f.id FROM findings f WHERE f.is_open = 1 AND {behind} {newest}"),
        format!("SELECT f.id FROM findings f WHERE f.is_open = 1 AND f.severity = 4 {newest}"),
        "SELECT a.id FROM assets a WHERE a.gone_at IS NULL AND a.left_out_by IS NULL AND a.is_primary = 1 ORDER BY a.open_findings DESC, a.id DESC LIMIT 51"
            .into(),
    ];
    for list in lists {
        let plan = plan(&list);
        assert!(
            plan.contains("INDEX") && !plan.contains("TEMP B-TREE"),
            "{list}: {plan}"
        );
    }
}

#[test]
fn a_reader_cannot_write() {
    let store = Temporary::new();
    let reader = SqliteReader::open(&store.file).unwrap();
    assert!(reader.conn.execute("DELETE FROM findings", []).is_err());
    let query = FindingQuery {
        sort: FindingSort::Severity,
        ..FindingQuery::default()
    };
    assert!(reader.findings(&query).unwrap().rows.is_empty());
    assert!(reader.assets(&Query::default()).unwrap().next.is_none());
}

fn begun(store: &mut SqliteStore) -> RunId {
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    store
        .begin_run(connector, "{}", Window::Full, &LEASE)
        .unwrap()
}

fn file() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("qonduit-test-{}-{number}.db", std::process::id()))
}

/// Removes its file in the end.
struct Temporary(Option<SqliteStore>);

impl Temporary {
    fn new() -> Self {
        Temporary(Some(SqliteStore::open(&file()).unwrap()))
    }
}

impl Deref for Temporary {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        self.0.as_ref().expect("open until it is dropped")
    }
}

impl DerefMut for Temporary {
    fn deref_mut(&mut self) -> &mut SqliteStore {
        self.0.as_mut().expect("open until it is dropped")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let Some(store) = self.0.take() else { return };
        let file = store.file.clone();
        drop(store);
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", file.display()));
        }
    }
}
