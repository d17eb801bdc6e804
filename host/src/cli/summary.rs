//! What a run did, for people. The same text ends a sync and shows an older run.

use super::{
    block::Block,
    table::{Column, Table},
    time,
};
use crate::{
    guest::types::{Dataset, Timestamp},
    store::{DatasetCounts, NoteKind, RunRow, RunState, Tally},
};

/// In lines of at most `width`.
pub(super) fn text(run: &RunRow, width: usize, now: Timestamp) -> String {
    let mut block = Block::new(&title(run), width);
    block.field("started", time::minute(run.started) + " UTC");
    block.field("took", took(run, now));
    block.field("findings", tally(&run.findings));
    block.field("calls", calls(run));
    block.maybe("warnings", (run.warnings > 0).then_some(run.warnings));
    block.maybe("skipped", (run.skipped > 0).then_some(run.skipped));
    let mut text = block.finish();
    if !run.datasets.is_empty() {
        text += "\n";
        text += &datasets(&run.datasets).render(width);
    }
    text + &notes(run, width)
}

/// How long it took, or takes so far.
pub(super) fn took(run: &RunRow, now: Timestamp) -> String {
    let secs = run.ended.unwrap_or(now).saturating_sub(run.started);
    time::duration(u64::try_from(secs).unwrap_or(0))
}

/// `12 hosts and batches` would say less than the words that people know from Qualys.
pub(super) fn name(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::HostIds => "host numbers",
        Dataset::ChangedHostIds => "changed hosts",
        Dataset::Hosts => "hosts",
        Dataset::Detections => "detections",
        Dataset::KnowledgeBase => "knowledge base",
        Dataset::AssetGroups => "asset groups",
        Dataset::Tags => "tags",
        Dataset::HostAssets => "host assets",
        Dataset::AssetView => "asset view",
        Dataset::WebApps => "web apps",
        Dataset::WebAppFindings => "web findings",
        Dataset::CveScores => "CVE scores",
    }
}

pub(super) fn bytes(bytes: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.into_iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => {
            let tenths = u128::from(bytes) * 10 / size as u128;
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}

fn title(run: &RunRow) -> String {
    let id = run.run_id;
    match (run.state, &run.reason) {
        (RunState::Complete, _) if run.skipped > 0 => {
            format!("run {id} is complete but for what it skipped")
        }
        (RunState::Complete, _) => format!("run {id} is complete"),
        (RunState::Unfinished, None) => {
            format!("run {id} is unfinished; `qonduit sync` goes on with it")
        }
        (RunState::Unfinished, Some(reason)) => format!("run {id} stands still: {reason}"),
        (RunState::Failed, Some(reason)) => format!("run {id} failed: {reason}"),
        (RunState::Failed, None) => format!("run {id} failed"),
        (RunState::Stopped, Some(reason)) => format!("run {id} was stopped: {reason}"),
        (RunState::Stopped, None) => format!("run {id} was stopped"),
    }
}

fn tally(tally: &Tally) -> String {
    let Tally {
        new,
        changed,
        unchanged,
        fixed,
        reopened,
        older,
        closed,
    } = tally;
    let mut text = format!("{new} new, {changed} changed");
    if fixed + reopened > 0 {
        text += &format!(" ({fixed} fixed, {reopened} reopened)");
    }
    text += &format!(", {unchanged} unchanged");
    if *closed > 0 {
        text += &format!(", {closed} closed");
    }
    if *older > 0 {
        text += &format!(", {older} older than what is stored");
    }
    text
}

fn calls(run: &RunRow) -> String {
    let mut text = format!("{}, {} received", run.calls, bytes(run.bytes));
    if run.waited_secs > 0 {
        text += &format!(", {} waited", time::duration(run.waited_secs));
    }
    text
}

fn datasets(counts: &[DatasetCounts]) -> Table {
    let mut table = Table::new([
        Column::text("DATASET"),
        Column::number("NEW"),
        Column::number("CHANGED"),
        Column::number("UNCHANGED"),
        Column::number("BATCHES"),
        Column::number("CALLS"),
        Column::text("WAITED"),
    ]);
    for row in counts {
        let batches = row.batches_done + row.batches_pending;
        let waited = (row.waited_secs > 0).then(|| time::duration(row.waited_secs));
        table.row([
            name(row.dataset).into(),
            row.tally.new.to_string().into(),
            row.tally.changed.to_string().into(),
            row.tally.unchanged.to_string().into(),
            format!("{}/{batches}", row.batches_done).into(),
            row.calls.to_string().into(),
            waited.unwrap_or_default().into(),
        ]);
    }
    table
}

fn notes(run: &RunRow, width: usize) -> String {
    let mut text = String::new();
    for (kind, heading, count) in [
        (NoteKind::Skip, "skipped", run.skipped),
        (NoteKind::Warning, "warnings", run.warnings),
        (NoteKind::LeftOut, "left out", 0),
    ] {
        let notes: Vec<_> = run.notes.iter().filter(|note| note.kind == kind).collect();
        if notes.is_empty() {
            continue;
        }
        let mut block = Block::new(&format!("{heading}:"), width);
        for note in notes.iter().take(SHOWN) {
            let mut line = name(note.dataset).to_owned();
            match (note.host_ids.as_slice(), &note.subject) {
                ([], None) => {}
                ([], Some(subject)) => line += &format!(", {subject}"),
                ([one], _) => line += &format!(", host {one}"),
                (all @ [first, .., last], _) => {
                    line += &format!(", {} hosts from {first} to {last}", all.len());
                }
            }
            block.item(&format!("{line}: {}", note.message));
        }
        let shown = u64::try_from(notes.len().min(SHOWN)).unwrap_or(u64::MAX);
        if let Some(more) = count.checked_sub(shown).filter(|more| *more > 0) {
            block.item(&format!("… and {more} more"));
        }
        text += "\n";
        text += &block.finish();
    }
    if !run.drift.is_empty() {
        let mut block = Block::new("unknown to this version, and passed over:", width);
        for drift in run.drift.iter().take(SHOWN) {
            let (dataset, times) = (name(drift.dataset), drift.n);
            block.item(&format!("{dataset}: {} ({times} times)", drift.name));
        }
        if let Some(more) = run.drift.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            block.item(&format!("… and {more} more"));
        }
        text += "\n";
        text += &block.finish();
    }
    text
}

/// More would push the numbers off the screen; `--json` has all that were kept.
const SHOWN: usize = 10;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        cli::sample::NOW,
        store::{Drift, Note},
    };

    pub(in crate::cli) fn run_row() -> RunRow {
        let started = NOW - 7_200;
        let findings = Tally {
            new: 120,
            changed: 34,
            unchanged: 40_211,
            fixed: 12,
            reopened: 2,
            older: 0,
            closed: 0,
        };
        RunRow {
            run_id: 12,
            connector_id: 1,
            state: RunState::Complete,
            reason: None,
            started,
            ended: Some(started + 3_725),
            as_of: Some(started),
            watermark: Some(started),
            is_full: true,
            findings,
            calls: 812,
            waited_secs: 725,
            bytes: 4_402_341_478,
            skipped: 3,
            warnings: 0,
            datasets: vec![DatasetCounts {
                dataset: Dataset::Detections,
                tally: findings,
                calls: 700,
                waited_secs: 725,
                bytes: 4_402_341_478,
                batches_done: 650,
                batches_pending: 0,
            }],
            drift: vec![Drift {
                dataset: Dataset::Hosts,
                name: "HOST/FUTURE".to_owned(),
                n: 40,
            }],
            notes: vec![Note {
                kind: NoteKind::Skip,
                dataset: Dataset::Detections,
                subject: Some("ids=5-9".to_owned()),
                message: "server-error".to_owned(),
                host_ids: vec![5, 6, 9],
            }],
        }
    }

    #[test]
    fn the_summary_tells_what_was_done_and_what_was_not() {
        assert_eq!(
            text(&run_row(), 80, NOW),
            "run 12 is complete but for what it skipped\n  \
             started         2026-11-20 06:00 UTC\n  \
             took            1 h 2 min\n  \
             findings        120 new, 34 changed (12 fixed, 2 reopened), 40211 unchanged\n  \
             calls           812, 4.0 GiB received, 12 min 5 s waited\n  \
             skipped         3\n\n\
             DATASET     NEW  CHANGED  UNCHANGED  BATCHES  CALLS  WAITED\n\
             detections  120       34      40211  650/650    700  12 min 5 s\n\n\
             skipped:\n  \
             detections, 3 hosts from 5 to 9: server-error\n  \
             … and 2 more\n\n\
             unknown to this version, and passed over:\n  hosts: HOST/FUTURE (40 times)\n"
        );
    }

    #[test]
    fn sizes_have_one_decimal() {
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(4_402_341_478), "4.0 GiB");
    }
}
