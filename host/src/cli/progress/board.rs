//! What is known of the stage that is carried out, and the lines that say so. Draws nothing, and
//! reads no clock.

use crate::{
    cli::{summary, text, time},
    guest::types::{Dataset, Timestamp},
    sync::Event,
};

/// The numbers of one stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Board {
    stage: Option<Stage>,
    /// Of the whole run, as they were told last.
    hosts: u64,
    findings: u64,
    vulnerabilities: u64,
    waiting: Option<(Timestamp, String)>,
}

#[derive(Clone, Debug)]
struct Stage {
    dataset: Dataset,
    since: Timestamp,
    done: u64,
    pending: u64,
    /// Records when it began, and batches that were done before this process took it over.
    records_before: u64,
    done_before: Option<u64>,
}

impl Board {
    /// Takes in what was told. What ends a wait is any sign of work.
    pub(super) fn take(&mut self, event: &Event, now: Timestamp) {
        match event {
            Event::Stage { dataset, batches } => {
                self.waiting = None;
                self.stage = Some(Stage {
                    dataset: *dataset,
                    since: now,
                    done: 0,
                    pending: *batches,
                    records_before: self.records(*dataset),
                    done_before: None,
                });
            }
            Event::Batches { done, pending } => {
                self.waiting = None;
                if let Some(stage) = &mut self.stage {
                    (stage.done, stage.pending) = (*done, *pending);
                    stage.done_before.get_or_insert(done.saturating_sub(1));
                }
            }
            Event::Records {
                hosts,
                findings,
                vulnerabilities,
            } => {
                self.waiting = None;
                (self.hosts, self.findings, self.vulnerabilities) =
                    (*hosts, *findings, *vulnerabilities);
            }
            Event::Waiting { until, why } => self.waiting = Some((*until, why.clone())),
            Event::Run { .. }
            | Event::Resumed
            | Event::Retry { .. }
            | Event::Skipped { .. }
            | Event::Notice(_) => {}
        }
    }

    pub(super) fn is_in_stage(&self) -> bool {
        self.stage.is_some()
    }

    /// `detections       120/650  48210 findings  310/s  3 min 5 s left`
    pub(super) fn line(&self, now: Timestamp) -> String {
        let Some(stage) = &self.stage else {
            return String::new();
        };
        let elapsed = u64::try_from(now - stage.since).unwrap_or(0);
        let mut parts = vec![
            format!("{:<15}", summary::name(stage.dataset)),
            format!("{}/{} batches", stage.done, stage.done + stage.pending),
        ];
        parts.extend(self.counted(stage.dataset));
        let records = self
            .records(stage.dataset)
            .saturating_sub(stage.records_before);
        if let Some(rate) = records.checked_div(elapsed).filter(|rate| *rate > 0) {
            parts.push(format!("{rate}/s"));
        }
        let done_here = stage.done - stage.done_before.unwrap_or(stage.done).min(stage.done);
        if stage.pending > 0 && done_here > 0 && elapsed > 0 {
            let left = u128::from(elapsed) * u128::from(stage.pending) / u128::from(done_here);
            let left = u64::try_from(left).unwrap_or(u64::MAX);
            parts.push(format!("{} left", time::duration(left)));
        } else if stage.pending == 0 {
            parts.push(format!("done in {}", time::duration(elapsed)));
        }
        parts.join("  ")
    }

    /// `waiting 4 min 5 s, until 08:12 UTC: the rate limit of Qualys`, while a wait lasts.
    pub(super) fn wait(&self, now: Timestamp) -> Option<String> {
        let (until, why) = self.waiting.as_ref()?;
        let left = u64::try_from(until - now).ok().filter(|left| *left > 0)?;
        let at = time::minute(*until);
        let at = at.split(' ').next_back().unwrap_or_default();
        let (left, why) = (time::duration(left), text::line(why));
        Some(format!("waiting {left}, until {at} UTC: {why}"))
    }

    fn records(&self, dataset: Dataset) -> u64 {
        match dataset {
            Dataset::Hosts => self.hosts,
            Dataset::Detections | Dataset::WebAppFindings => self.findings,
            Dataset::KnowledgeBase => self.vulnerabilities,
            Dataset::HostIds
            | Dataset::ChangedHostIds
            | Dataset::AssetGroups
            | Dataset::Tags
            | Dataset::HostAssets
            | Dataset::AssetView
            | Dataset::WebApps
            | Dataset::CveScores => 0,
        }
    }

    fn counted(&self, dataset: Dataset) -> Option<String> {
        match dataset {
            Dataset::Hosts => Some(format!("{} hosts", self.hosts)),
            Dataset::Detections | Dataset::WebAppFindings => {
                Some(format!("{} findings", self.findings))
            }
            Dataset::KnowledgeBase => Some(format!("{} entries", self.vulnerabilities)),
            Dataset::HostIds
            | Dataset::ChangedHostIds
            | Dataset::AssetGroups
            | Dataset::Tags
            | Dataset::HostAssets
            | Dataset::AssetView
            | Dataset::WebApps
            | Dataset::CveScores => None,
        }
    }
}

/// A line of its own for what is told once.
pub(super) fn told(event: &Event) -> Option<String> {
    let line = match event {
        Event::Resumed => "going on with the run that was not finished".to_owned(),
        Event::Retry { what, wait_secs } => {
            format!("again in {}: {what}", time::duration(*wait_secs))
        }
        Event::Skipped { subject, why } => format!("skipped {subject}: {why}"),
        Event::Notice(notice) => notice.clone(),
        Event::Run { .. }
        | Event::Stage { .. }
        | Event::Batches { .. }
        | Event::Records { .. }
        | Event::Waiting { .. } => return None,
    };
    Some(text::line(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sample::NOW;

    fn board(events: &[Event]) -> Board {
        let mut board = Board::default();
        events.iter().for_each(|event| board.take(event, NOW));
        board
    }

    const STAGE: Event = Event::Stage {
        dataset: Dataset::Detections,
        batches: 650,
    };

    #[test]
    fn the_line_tells_rate_and_time_left() {
        let board = board(&[
            STAGE,
            Event::Batches {
                done: 1,
                pending: 649,
            },
            Event::Batches {
                done: 100,
                pending: 550,
            },
            Event::Records {
                hosts: 0,
                findings: 31_000,
                vulnerabilities: 0,
            },
        ]);
        assert_eq!(
            board.line(NOW + 100),
            "detections       100/650 batches  31000 findings  310/s  9 min 10 s left"
        );
    }

    #[test]
    fn what_was_done_before_a_crash_does_not_count_for_the_time_left() {
        let board = board(&[
            STAGE,
            Event::Batches {
                done: 601,
                pending: 49,
            },
        ]);
        assert_eq!(
            board.line(NOW + 10),
            "detections       601/650 batches  0 findings  8 min 10 s left"
        );
    }

    #[test]
    fn a_stage_that_is_done_tells_how_long_it_took() {
        let board = board(&[
            STAGE,
            Event::Batches {
                done: 650,
                pending: 0,
            },
        ]);
        assert_eq!(
            board.line(NOW + 5),
            "detections       650/650 batches  0 findings  done in 5 s"
        );
    }

    #[test]
    fn a_wait_counts_down_and_ends_with_the_next_sign_of_work() {
        let why = "the rate limit of Qualys\u{1b}".to_owned();
        let mut board = board(&[
            STAGE,
            Event::Waiting {
                until: NOW + 300,
                why,
            },
        ]);
        assert_eq!(
            board.wait(NOW + 55).as_deref(),
            Some("waiting 4 min 5 s, until 08:05 UTC: the rate limit of Qualys\u{fffd}")
        );
        assert_eq!(board.wait(NOW + 300), None);
        board.take(
            &Event::Batches {
                done: 1,
                pending: 1,
            },
            NOW + 56,
        );
        assert_eq!(board.wait(NOW + 57), None);
    }

    #[test]
    fn nothing_is_told_before_the_first_stage() {
        assert_eq!(Board::default().line(NOW), "");
    }
}
