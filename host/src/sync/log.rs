//! The log of a run: what it tells whoever watches is kept for those who look later.
//!
//! Lines are collected here and stored by the steps of the run, so that nothing is logged that was
//! not kept.

use super::{Event, Progress, clock};
use crate::{
    store::{LogKind, LogLine, Word},
    time::Rfc3339,
};

/// Passes on what it is told, and remembers it.
pub(super) struct Logged<'a> {
    progress: &'a mut dyn Progress,
    lines: Vec<LogLine>,
    /// Retries come in floods when nothing works.
    n_dropped: u64,
}

impl Progress for Logged<'_> {
    fn event(&mut self, event: &Event) {
        if let Some((kind, message)) = line(event) {
            self.add(kind, message);
        }
        self.progress.event(event);
    }
}

impl<'a> Logged<'a> {
    pub(super) fn new(progress: &'a mut dyn Progress) -> Self {
        Self {
            progress,
            lines: Vec::new(),
            n_dropped: 0,
        }
    }

    pub(super) fn add(&mut self, kind: LogKind, message: String) {
        if self.lines.len() >= MOST_WAITING && kind != LogKind::Ended {
            self.n_dropped += 1;
            return;
        }
        let at = clock::now();
        self.lines.push(LogLine { at, kind, message });
    }

    /// What is to be stored with the next step.
    pub(super) fn take(&mut self) -> Vec<LogLine> {
        if self.n_dropped > 0 {
            let message = format!("{} more lines were left out", self.n_dropped);
            self.n_dropped = 0;
            self.lines.push(LogLine {
                at: clock::now(),
                kind: LogKind::Note,
                message,
            });
        }
        std::mem::take(&mut self.lines)
    }
}

/// What a log says of an event; nothing of mere counts.
pub(crate) fn line(event: &Event) -> Option<(LogKind, String)> {
    Some(match event {
        Event::Run { run, holder } => (
            LogKind::Begun,
            format!("run {run} is carried out by {holder}"),
        ),
        Event::Resumed => (
            LogKind::Note,
            "going on with the run that was not finished".to_owned(),
        ),
        Event::Stage { dataset, batches } => {
            let plural = if *batches == 1 { "batch" } else { "batches" };
            let message = format!("{} begins with {batches} {plural}", dataset.word());
            (LogKind::Stage, message)
        }
        Event::Waiting { until, why } => {
            let message = format!("waiting until {}: {why}", Rfc3339(*until));
            (LogKind::Waiting, message)
        }
        Event::Retry { what, wait_secs } => {
            (LogKind::Again, format!("again in {wait_secs} s: {what}"))
        }
        Event::Skipped { subject, why } => (LogKind::Skipped, format!("{subject}: {why}")),
        Event::Notice(notice) => (LogKind::Note, notice.clone()),
        Event::Batches { .. } | Event::Records { .. } => return None,
    })
}

/// Between two steps.
const MOST_WAITING: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::types::Dataset;

    #[derive(Default)]
    struct Nobody(usize);

    impl Progress for Nobody {
        fn event(&mut self, _: &Event) {
            self.0 += 1;
        }
    }

    #[test]
    fn what_is_told_is_passed_on_and_kept_and_counts_are_not() {
        let mut nobody = Nobody::default();
        let mut logged = Logged::new(&mut nobody);
        let stage = Event::Stage {
            dataset: Dataset::KnowledgeBase,
            batches: 1,
        };
        logged.event(&stage);
        logged.event(&Event::Batches {
            done: 1,
            pending: 0,
        });
        let lines = logged.take();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].message, "knowledge-base begins with 1 batch");
        assert_eq!(lines[0].kind, LogKind::Stage);
        for _ in 0..1_000 {
            logged.event(&Event::Resumed);
        }
        logged.add(LogKind::Ended, "complete".to_owned());
        let lines = logged.take();
        assert_eq!(lines.len(), 202);
        assert_eq!(lines[200].message, "complete");
        assert_eq!(lines[201].message, "800 more lines were left out");
        assert!(logged.take().is_empty());
        assert_eq!(nobody.0, 1_002);
    }
}
