//! Plain lines, for logs and pipes: when a stage begins and ends, and every few seconds between.

use std::io::{self, Write};

use super::board::{Board, told};
use crate::{
    cli::time,
    guest::types::Timestamp,
    sync::{Event, Progress},
};

#[derive(Debug, Default)]
pub(super) struct Plain {
    board: Board,
    said_at: Timestamp,
    last: String,
}

impl Progress for Plain {
    fn event(&mut self, event: &Event) {
        let mut out = io::stderr().lock();
        for line in self.lines(event, time::now()) {
            // Nobody may be there to read it.
            let _ = writeln!(out, "{line}");
        }
    }
}

impl Plain {
    fn lines(&mut self, event: &Event, now: Timestamp) -> Vec<String> {
        let is_stage = matches!(event, Event::Stage { .. });
        let mut lines = Vec::new();
        if is_stage && self.board.is_in_stage() {
            lines.extend(self.line(now));
        }
        self.board.take(event, now);
        lines.extend(told(event));
        match event {
            Event::Waiting { .. } => lines.extend(self.board.wait(now)),
            Event::Batches { pending: 0, .. } => lines.extend(self.line(now)),
            Event::Batches { .. } | Event::Records { .. } if now - self.said_at >= PAUSE => {
                lines.extend(self.line(now));
            }
            _ if is_stage => lines.extend(self.line(now)),
            _ => {}
        }
        lines
    }

    /// Says nothing twice.
    fn line(&mut self, now: Timestamp) -> Option<String> {
        let line = self.board.line(now);
        self.said_at = now;
        (!line.is_empty() && line != self.last).then(|| {
            self.last.clone_from(&line);
            line
        })
    }
}

const PAUSE: Timestamp = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::sample::NOW, guest::types::Dataset};

    #[test]
    fn a_line_comes_at_the_ends_of_a_stage_and_every_few_seconds() {
        let mut plain = Plain::default();
        let stage = Event::Stage {
            dataset: Dataset::Hosts,
            batches: 3,
        };
        let batch = |done| Event::Batches {
            done,
            pending: 3 - done,
        };
        assert_eq!(
            plain.lines(&stage, NOW),
            ["hosts            0/3 batches  0 hosts"]
        );
        assert!(plain.lines(&batch(1), NOW + 4).is_empty());
        assert_eq!(
            plain.lines(&batch(2), NOW + 6),
            ["hosts            2/3 batches  0 hosts  3 s left"]
        );
        assert_eq!(
            plain.lines(&batch(3), NOW + 7),
            ["hosts            3/3 batches  0 hosts  done in 7 s"]
        );
    }

    #[test]
    fn what_happens_once_is_said_at_once() {
        let mut plain = Plain::default();
        let retry = Event::Retry {
            what: "the subscription is busy".to_owned(),
            wait_secs: 60,
        };
        assert_eq!(
            plain.lines(&retry, NOW),
            ["again in 1 min 0 s: the subscription is busy"]
        );
        let why = "rate limit".to_owned();
        let wait = Event::Waiting {
            until: NOW + 60,
            why,
        };
        assert_eq!(
            plain.lines(&wait, NOW),
            ["waiting 1 min 0 s, until 08:01 UTC: rate limit"]
        );
    }
}
