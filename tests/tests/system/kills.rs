//! A sync may be ended at any moment, and goes on where it was: nothing is lost, nothing doubled.

use std::{
    collections::BTreeSet,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use qonduit_host::store::{DatasetCounts, RunState, Store, Tally};

use crate::{
    outcome::Outcome,
    place::{Place, say},
};

const WORLD: [&str; 8] = [
    "--hosts",
    "200",
    "--detections",
    "5-20",
    "--concurrency",
    "4",
    "--web-apps",
    "12",
];
/// Small batches, so that there is much to lose count of.
const BATCHES: [&str; 8] = [
    "settings.batch_hosts=25",
    "settings.host_page=60",
    "settings.host_ids_page=100",
    "settings.batch_qids=400",
    "settings.web_app_page=5",
    "settings.web_app_finding_page=40",
    "settings.qvs=true",
    "settings.batch_cves=500",
];

#[test]
fn a_qid_that_qualys_does_not_know_is_noted_by_the_run_that_resumes() {
    let place = Place::new(&["--hosts", "20"]);
    place.sync(&[]).expect_exit(0);
    let sql = |text: &str| place.sql().execute_batch(text).expect(text);
    // One that is in no knowledge base; its answer is stored, and then the process cannot go on.
    sql("INSERT INTO qids (qid, findings) VALUES (999999, 1)");
    sql("CREATE TRIGGER full BEFORE UPDATE OF asked_at ON qids
         BEGIN SELECT RAISE(ABORT, 'no room'); END");
    let calls = place.calls("knowledge_base");
    assert_ne!(place.sync(&[]).code, Some(0));
    // It, and what was revised since.
    assert_eq!(place.calls("knowledge_base"), calls + 2);
    sql("DROP TRIGGER full");
    // Neither the run that resumes nor the one after it asks again.
    place.sync(&[]).expect_exit(0);
    let asked = "SELECT count(*) FROM qids WHERE qid = 999999 AND asked_at IS NOT NULL";
    assert_eq!(place.count(asked), 1);
    place.sync(&[]).expect_exit(0);
    assert_eq!(place.calls("knowledge_base"), calls + 3);
}

#[test]
fn kills_at_any_moment_leave_the_inventory_of_an_undisturbed_sync() {
    let calm = Place::new(&WORLD);
    let begun = Instant::now();
    calm.sync(&BATCHES).expect_exit(0);
    let span = begun.elapsed();
    calm.expect_truth();

    let mut random = Random(0x5eed);
    let (mut n_kills, mut n_rounds, mut stages) = (0, 0, BTreeSet::new());
    // The stages before the detections are short: a few more kills, if none has met them.
    while n_kills < 60 || (stages.len() < 4 && n_kills < 150) {
        n_rounds += 1;
        let place = Place::new(&WORLD);
        // At last a round is left to end in peace, or a slow machine would kill for ever.
        for n_kills_of_round in 0.. {
            let mut child = place.start(&BATCHES);
            if n_kills_of_round < 25 {
                // More often early than late.
                let part = random.part();
                thread::sleep(span.mul_f64(part * part * 0.6));
                child.kill().expect("a child can be killed");
            }
            let outcome = Outcome::of_child(child);
            match outcome.code {
                Some(_) => drop(outcome.expect_exit(0)),
                None => n_kills += 1,
            }
            let stage = check_sound(&place);
            stages.extend(stage.clone());
            if stage.as_deref() == Some(COMPLETE) {
                break;
            }
        }
        expect_like(&place, &calm);
    }
    say(&format!(
        "{n_kills} kills in {n_rounds} rounds, found in {stages:?}"
    ));
    assert!(stages.len() >= 4, "the kills met {stages:?} only");
}

/// What must hold at every moment, and the stage that the run is in.
fn check_sound(place: &Place) -> Option<String> {
    if !place.path("qonduit.db").exists() || place.store_is_empty() {
        return None;
    }
    let store = place.store();
    assert_eq!(store.recount().expect("counts"), Vec::<String>::new());
    let check = "PRAGMA integrity_check";
    let sound: String = place
        .sql()
        .query_row(check, [], |row| row.get(0))
        .expect("a check");
    assert_eq!(sound, "ok");
    // No batch is there twice.
    let n_twice = "SELECT count(*) FROM (SELECT 1 FROM batches WHERE state IN (0, 1)
                   GROUP BY run_id, dataset, scope HAVING count(*) > 1)";
    assert_eq!(place.count(n_twice), 0);
    let run = store
        .reader()
        .and_then(|reader| reader.run(1))
        .expect("runs can be read")?;
    match run.state {
        RunState::Unfinished => run.datasets.last().map(|it| format!("{:?}", it.dataset)),
        RunState::Complete => Some(COMPLETE.to_owned()),
        other => panic!("the run is {other:?}"),
    }
}

#[track_caller]
fn expect_like(place: &Place, calm: &Place) {
    let (found, expected) = (place.content(), calm.content());
    let differs = found
        .iter()
        .zip(&expected)
        .find(|(found, expected)| found != expected);
    assert_eq!((differs, found.len()), (None, expected.len()));
    for what in [
        &["findings", "--all"][..],
        &["assets"],
        &["vulnerabilities"],
    ] {
        let (found, expected) = (place.ordered_export(what), calm.ordered_export(what));
        let differs = found
            .iter()
            .zip(&expected)
            .find(|(found, expected)| found != expected);
        assert_eq!((differs, found.len()), (None, expected.len()), "{what:?}");
    }
    assert_eq!(place.count("SELECT count(*) FROM batches"), 0);
    assert_eq!(place.count("SELECT count(*) FROM runs"), 1);
    // Each batch was done once, however often it was begun.
    let run = |place: &Place| {
        place
            .store()
            .reader()
            .and_then(|it| it.run(1))
            .ok()
            .flatten()
    };
    let (found, expected) = (run(place).expect("a run"), run(calm).expect("a run"));
    assert_eq!(found.datasets.len(), expected.datasets.len());
    for (found, expected) in found.datasets.iter().zip(&expected.datasets) {
        let key = |it: &DatasetCounts| {
            let Tally {
                new,
                fixed,
                reopened,
                ..
            } = it.tally;
            (
                it.dataset,
                it.batches_done,
                it.batches_pending,
                it.calls,
                new,
                fixed,
                reopened,
            )
        };
        // A call is counted with what became of its batch, and so not when both were cut off.
        assert_eq!(key(found), key(expected));
    }
    assert!(place.all_calls() >= found.calls);
    assert_eq!(place.sim.stats().forbidden_actions, 0);
}

const COMPLETE: &str = "complete";

#[test]
fn an_interrupted_sync_says_so_and_goes_on() {
    for signal in ["INT", "TERM"] {
        let place = Place::new(&WORLD);
        // Silence in the middle of the detections, so that the signal meets a call underway.
        place
            .sim
            .inject("stall:secs=600,at=3000,after=2,on=detections");
        let child = place.start(&BATCHES);
        wait_until(|| place.sim.stats().faults.values().sum::<u64>() > 0);
        send(signal, child.id());
        let outcome = Outcome::of_child(child);
        outcome.expect_error(130, &["interrupted", "start the sync again"]);
        let n_kept = place.export(&["findings", "--all"]).len();
        assert!(n_kept > 0 && n_kept < place.true_findings().len());
        place.sim.clear_faults();
        let n_hosts = place.calls("hosts");
        let outcome = place.sync(&BATCHES);
        outcome
            .expect_exit(0)
            .expect_words(&["going on with the run"]);
        assert_eq!(
            place.calls("hosts"),
            n_hosts,
            "what was done is not done again"
        );
        assert_eq!(outcome.run()["run_id"], 1);
        place.expect_truth();
    }
}

#[test]
fn a_second_interrupt_ends_a_sync_at_once() {
    let place = Place::new(&["--hosts", "20"]);
    place.sim.inject("rate-limited:secs=600");
    let child = place.start(&[]);
    wait_until(|| place.sim.stats().refused.contains_key(&1965));
    send("INT", child.id());
    send("INT", child.id());
    Outcome::of_child(child).expect_exit(130);
}

#[test]
fn a_second_sync_is_refused_while_the_first_one_lives() {
    let place = Place::new(&["--hosts", "40"]);
    place.sim.inject("stall:secs=600,at=0,on=detections");
    let mut first = place.start(&[]);
    wait_until(|| place.sim.stats().faults.values().sum::<u64>() > 0);
    let holder = format!("process {}", first.id());
    place
        .sync(&[])
        .expect_error(5, &["is being carried out by", &holder, "wait for it"]);
    // Reading goes on meanwhile.
    assert_eq!(place.hosts().len(), 40);

    // Once it is dead, nobody waits for its lease.
    first.kill().expect("a child can be killed");
    first.wait().expect("a child can be waited for");
    place.sim.clear_faults();
    let outcome = place.sync(&[]);
    outcome.expect_exit(0);
    assert_eq!(outcome.run()["run_id"], 1);
    place.expect_truth();
}

#[test]
fn a_long_call_keeps_the_lease() {
    let place = Place::new(&["--hosts", "40"]);
    place.sim.inject("stall:secs=600,at=0,on=detections");
    let mut child = place.start(&[]);
    wait_until(|| place.sim.stats().faults.values().sum::<u64>() > 0);
    let sql = place.sql();
    // As if the last sign of life were long ago.
    sql.execute("UPDATE runs SET lease_until = 1", [])
        .expect("a lease can be shortened");
    wait_until(|| place.count("SELECT lease_until FROM runs") > 1);
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for");
}

#[test]
fn an_unfinished_run_goes_on_with_other_page_sizes() {
    let place = Place::new(&["--hosts", "60"]);
    place.sim.inject("unregistered:on=knowledge_base");
    place.sync(&[]).expect_exit(3);
    place.sim.clear_faults();
    let outcome = place.sync(&["settings.batch_hosts=20", "settings.kernel_filter=1"]);
    outcome.expect_exit(0);
    assert_eq!(outcome.run()["run_id"], 1);
    place.expect_truth();
}

#[test]
fn other_settings_begin_a_new_run_in_place_of_an_unfinished_one() {
    let place = Place::new(&["--hosts", "60"]);
    place.sim.inject("unregistered:on=knowledge_base");
    place.sync(&[]).expect_exit(3);
    place.sim.clear_faults();
    let outcome = place.sync(&["settings.asset_groups=false"]);
    outcome
        .expect_exit(0)
        .expect_words(&["what is to be fetched has changed"]);
    assert_eq!(outcome.run()["run_id"], 2);
    assert_eq!(place.count("SELECT state FROM runs WHERE id = 1"), 3);
    assert_eq!(place.count("SELECT count(*) FROM batches"), 0);
    place.expect_truth();
}

/// For as long as a slow machine may take.
#[track_caller]
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "it does not come about"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn send(signal: &str, process: u32) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{signal} {process}")])
        .status();
    assert!(sent.expect("a shell").success());
}

/// Numbers that are the same in every run of the test.
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
