//! Lines that move: one for each stage, and one below for what is waited for.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::board::{Board, told};
use crate::{
    cli::time,
    sync::{Event, Progress},
};

#[derive(Debug)]
pub(super) struct Terminal {
    bars: &'static MultiProgress,
    board: Arc<Mutex<Board>>,
    stage: Option<ProgressBar>,
    wait: Option<ProgressBar>,
}

impl Default for Terminal {
    fn default() -> Self {
        let bars = BARS.get_or_init(MultiProgress::new);
        Self {
            bars,
            board: Arc::default(),
            stage: None,
            wait: None,
        }
    }
}

/// Runs it while no line is on the screen.
pub(in crate::cli) fn aside(write: &mut dyn FnMut()) {
    match BARS.get() {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

impl Progress for Terminal {
    fn event(&mut self, event: &Event) {
        if matches!(event, Event::Stage { .. }) {
            self.end_stage();
            // The lines of the stage before keep its numbers.
            let board = self.board().clone();
            self.board = Arc::new(Mutex::new(board));
        }
        self.board().take(event, time::now());
        if let Some(line) = told(event) {
            // Whatever cannot be shown now can be shown with the next line.
            let _ = self.bars.println(line);
        }
        if self.stage.is_none() && self.board().is_in_stage() {
            self.begin_stage();
        }
        if let Event::Batches { done, pending } = event
            && let Some(stage) = &self.stage
        {
            stage.set_length(done + pending);
            stage.set_position(*done);
        }
    }
}

impl Terminal {
    fn board(&self) -> std::sync::MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_stage(&mut self) {
        let line = self.bar("{bar:12.dim} {line}", |board| board.line(time::now()));
        let wait = self.bar("{line}", |board| {
            board.wait(time::now()).unwrap_or_default()
        });
        (self.stage, self.wait) = (Some(line), Some(wait));
    }

    /// A line that draws itself anew several times a second, so that a wait counts down.
    fn bar(&self, template: &str, line: fn(&Board) -> String) -> ProgressBar {
        let board = Arc::clone(&self.board);
        let draw = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let board = board.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = out.write_str(&line(&board));
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is sound")
            .with_key("line", draw);
        let bar = self.bars.add(ProgressBar::new(0).with_style(style));
        bar.enable_steady_tick(TICK);
        bar
    }

    /// Leaves its line on the screen.
    fn end_stage(&mut self) {
        if let Some(wait) = self.wait.take() {
            wait.finish_and_clear();
        }
        if let Some(stage) = self.stage.take() {
            stage.abandon();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_stage();
    }
}

static BARS: OnceLock<MultiProgress> = OnceLock::new();
const TICK: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::types::Dataset;

    #[test]
    fn a_whole_run_is_shown_without_a_terminal_to_show_it_on() {
        let mut terminal = Terminal::default();
        for event in [
            Event::Resumed,
            Event::Stage {
                dataset: Dataset::Hosts,
                batches: 2,
            },
            Event::Batches {
                done: 1,
                pending: 1,
            },
            Event::Waiting {
                until: 1,
                why: "rate limit".to_owned(),
            },
            Event::Stage {
                dataset: Dataset::Detections,
                batches: 1,
            },
            Event::Skipped {
                subject: "host 5".to_owned(),
                why: "server-error".to_owned(),
            },
        ] {
            terminal.event(&event);
        }
        aside(&mut || {});
    }
}
