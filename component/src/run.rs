//! A whole run in one hand, for callers that keep no work list: see `run` in the contract.
//!
//! Every decision is that of `plan` and `pace`; this only holds between two calls what these ask for.
//! It reads no clock and sends nothing.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::contract::ingest::Page;
use crate::contract::pace::{Admission, Limits, Signs};
use crate::contract::plan::{
    Answer, Batch, Ending, Facts, Failure, Fate, History, Outcome, Window,
};
use crate::contract::run::{Call, Skip, Step, Stop, Summary};
use crate::contract::types::{Dataset, HostId, Qid, Timestamp};
use crate::{ingest, json, pace, plan, settings};

/// See `run.run` in the contract.
#[derive(Debug)]
pub struct Run {
    settings: String,
    window: Window,
    history: History,
    /// Those that have not begun.
    stages: VecDeque<Dataset>,
    work: VecDeque<Pending>,
    limits: BTreeMap<&'static str, Limits>,
    flying: Option<Flying>,
    seen: Seen,
    first_answer: Option<Timestamp>,
    calls: u32,
    left_out: Vec<Dataset>,
    skipped: Vec<Skip>,
    n_skipped_in_a_row: u32,
    stop: Option<Stop>,
}

#[derive(Debug)]
struct Pending {
    batch: Batch,
    not_before: Option<Timestamp>,
}

/// A call that was asked for and has not come to its end.
#[derive(Debug)]
struct Flying {
    batch: Batch,
    begun: Timestamp,
    answer: Option<Answering>,
}

#[derive(Debug)]
struct Answering {
    status: u16,
    headers: Vec<(String, String)>,
    reader: ingest::Reader,
}

/// What later stages ask for by the records of earlier ones.
#[derive(Debug, Default)]
struct Seen {
    hosts: BTreeSet<HostId>,
    qids: BTreeSet<Qid>,
    cves: BTreeSet<String>,
}

impl Run {
    /// Settings that are mistaken are told by the first step.
    pub fn new(text: String, history: History, now: Timestamp) -> Self {
        let mistakes = settings::parse(&text).err();
        let stop = mistakes.map(|mistakes| Stop {
            failure: Failure::BadRequest,
            dataset: None,
            message: format!("the settings are mistaken: {}", mistakes.join("; ")),
        });
        Self {
            window: plan::choose_window(&text, &history, now),
            stages: plan::stages(&text).into(),
            settings: text,
            history,
            work: VecDeque::new(),
            limits: BTreeMap::new(),
            flying: None,
            seen: Seen::default(),
            first_answer: None,
            calls: 0,
            left_out: Vec::new(),
            skipped: Vec::new(),
            n_skipped_in_a_row: 0,
            stop,
        }
    }

    /// What is to be done now.
    pub fn next(&mut self, now: Timestamp) -> Step {
        self.ended(now);
        if let Some(stop) = &self.stop {
            return Step::Failed(stop.clone());
        }
        while self.work.is_empty() {
            let Some(dataset) = self.stages.pop_front() else {
                return Step::Done(self.summary());
            };
            let batches = plan::stage(&self.settings, dataset, &self.facts());
            self.work.extend(batches.into_iter().map(pending(None)));
        }
        let is_due = |it: &Pending| it.not_before.is_none_or(|time| time <= now);
        let Some(at) = self.work.iter().position(is_due) else {
            let first = self.work.iter().filter_map(|it| it.not_before).min();
            return Step::Wait(first.unwrap_or(now));
        };
        let dataset = self.work[at].batch.dataset;
        let known = self.limits.entry(pace::api(dataset)).or_default();
        match pace::admit(&self.settings, dataset, known, 0, now) {
            Admission::Now => {}
            Admission::At(hold) => return Step::Wait(hold.until),
            // There is none that could end.
            Admission::WhenOneEnds => return Step::Wait(now + 1),
        }
        let Some(Pending { batch, .. }) = self.work.remove(at) else {
            return Step::Wait(now);
        };
        let request = plan::ask(&self.settings, &batch);
        self.calls = self.calls.saturating_add(1);
        self.flying = Some(Flying {
            batch,
            begun: now,
            answer: None,
        });
        Step::Ask(Call { dataset, request })
    }

    /// An answer begins.
    pub fn answered(&mut self, status: u16, headers: Vec<(String, String)>) {
        if let Some(flying) = &mut self.flying {
            flying.answer = Some(Answering {
                status,
                headers,
                reader: ingest::Reader::new(flying.batch.dataset, &self.settings),
            });
        }
    }

    /// The records that this chunk completed.
    pub fn push(&mut self, chunk: &[u8]) -> Page {
        let Some(Flying { batch, answer, .. }) = &mut self.flying else {
            return ingest::no_page();
        };
        let Some(answering) = answer else {
            return ingest::no_page();
        };
        // What is wrong is kept by the reader, and told at the end.
        let page = answering.reader.push(chunk).ok();
        let is_success = (200..300).contains(&answering.status);
        let Some(page) = page.filter(|_| is_success) else {
            return ingest::no_page();
        };
        let of_run = match self.window {
            Window::Full => Dataset::HostIds,
            Window::ProcessedSince(_) | Window::ScannedSince(_) => Dataset::ChangedHostIds,
        };
        self.seen.note(batch.dataset == of_run, &page);
        page
    }

    /// The same as lines of JSON.
    pub fn push_lines(&mut self, chunk: &[u8]) -> String {
        json::lines(&self.push(chunk))
    }

    /// The body came to its end, or broke off: what went wrong, in words for people.
    pub fn ended(&mut self, now: Timestamp) -> Option<String> {
        let mut flying = self.flying.take()?;
        let Some(answering) = &mut flying.answer else {
            self.settle(flying, unanswered(Ending::Unreachable), "", now);
            return None;
        };
        let read = answering.reader.finish();
        let status = answering.status;
        let answer = answering.reader.answer(status, &answering.headers);
        let is_success = (200..300).contains(&status);
        let trouble = match read {
            Ok(end) => {
                if self.first_answer.is_none() {
                    self.first_answer = end.as_of;
                }
                None
            }
            Err(_) if answer.ending == Ending::Answered(status) && answer.refusal.is_none() => None,
            Err(error) => Some(ingest::explain(&error)),
        };
        let trouble = match trouble {
            said if is_success => said,
            Some(said)
                if answer
                    .refusal
                    .as_ref()
                    .is_some_and(|it| !it.text.is_empty()) =>
            {
                Some(format!("HTTP status {status}: {said}"))
            }
            _ => Some(format!("HTTP status {status}")),
        };
        self.settle(flying, answer, trouble.as_deref().unwrap_or_default(), now);
        trouble
    }

    /// No answer came.
    pub fn unanswered(&mut self, ending: Ending, now: Timestamp) {
        if let Some(flying) = self.flying.take() {
            self.settle(flying, unanswered(ending), "no answer came", now);
        }
    }

    fn settle(&mut self, flying: Flying, answer: Answer, trouble: &str, now: Timestamp) {
        let Flying {
            batch,
            begun,
            answer: answering,
        } = flying;
        let dataset = batch.dataset;
        let known = self.limits.entry(pace::api(dataset)).or_default();
        if answer.ending == Ending::TimedOut {
            *known = pace::give_up(&self.settings, known, now);
        }
        let signs = Signs {
            headers: answering.map(|it| it.headers).unwrap_or_default(),
            refusal: answer.refusal.clone(),
            begun,
        };
        *known = pace::observe(&self.settings, known, &signs, now);
        let Outcome { fate, follow } = plan::after(&self.settings, &batch, &answer, now);
        let not_before = match fate {
            Fate::AgainAt(time) => Some(time),
            _ => None,
        };
        self.work
            .extend(follow.into_iter().map(pending(not_before)));
        match fate {
            Fate::Done => self.n_skipped_in_a_row = 0,
            Fate::Split | Fate::AgainAt(_) => {}
            Fate::LeftOut(_) => self.left_out.push(dataset),
            Fate::Failed(failure) => self.fail(failure, dataset, trouble),
            Fate::Skipped(setback) => {
                self.skipped.push(Skip {
                    dataset,
                    scope: batch.scope,
                    setback,
                });
                self.n_skipped_in_a_row += 1;
                // One row after another: not the rows but the server is in trouble.
                if self.n_skipped_in_a_row >= MOST_SKIPPED {
                    self.fail(Failure::OutOfRetries, dataset, trouble);
                }
            }
        }
    }

    fn fail(&mut self, failure: Failure, dataset: Dataset, trouble: &str) {
        let why = words(failure);
        let said = match trouble {
            "" => String::new(),
            trouble => format!(" ({trouble})"),
        };
        self.stop = Some(Stop {
            failure,
            dataset: Some(dataset),
            message: format!("{why}{said}"),
        });
    }

    fn facts(&self) -> Facts {
        Facts {
            hosts: self.seen.hosts.iter().copied().collect(),
            unknown_qids: self.seen.qids.iter().copied().collect(),
            window: self.window,
            watermark: self.history.watermark,
            left_out: self.left_out.clone(),
            unknown_cves: self.seen.cves.iter().cloned().collect(),
            known_cves: Vec::new(),
        }
    }

    fn summary(&self) -> Summary {
        Summary {
            watermark: self.first_answer.filter(|_| self.skipped.is_empty()),
            is_full: self.window == Window::Full,
            calls: self.calls,
            left_out: self.left_out.clone(),
            skipped: self.skipped.clone(),
        }
    }
}

impl Seen {
    /// The run is about the hosts of one list only: all of them, or those that changed.
    fn note(&mut self, is_of_run: bool, page: &Page) {
        if is_of_run {
            self.hosts.extend(&page.host_ids);
        }
        let findings = page.hosts.iter().flat_map(|host| &host.findings);
        self.qids.extend(findings.map(|finding| finding.qid));
        self.qids
            .extend(page.web_app_findings.iter().map(|it| it.qid));
        let cves = page.vulnerabilities.iter().flat_map(|it| &it.cves);
        self.cves.extend(cves.cloned());
    }
}

fn pending(not_before: Option<Timestamp>) -> impl FnMut(Batch) -> Pending {
    move |batch| Pending { batch, not_before }
}

fn unanswered(ending: Ending) -> Answer {
    Answer {
        ending,
        refusal: None,
        next: None,
    }
}

/// Who has to act, and how.
fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::Unauthorized => {
            "Qualys does not accept the user name or the password; check both before the next try, as \
             accounts get locked"
        }
        Failure::AccountExpired => "the account has expired; have it renewed in Qualys",
        Failure::RegistrationIncomplete => {
            "the account's registration is not completed, or a second factor is demanded; log in to \
             Qualys once, or use another account"
        }
        Failure::Forbidden => {
            "the account has no right to this list; have an administrator of Qualys grant it"
        }
        Failure::NotLicensed => "the subscription lacks the module that serves this list",
        Failure::NotAnApi => "the address is not that of Qualys' API; check it",
        Failure::BadRequest => "Qualys does not accept a parameter; check the settings",
        Failure::CursorLoop => "the list does not come to an end; try again later",
        Failure::OutOfRetries => "Qualys could not be reached after all tries; try again later",
    }
}

/// After so many rows that nobody could deliver, the next one will not be either.
const MOST_SKIPPED: u32 = 10;
