//! One call: the request that the component planned, its answer through a reader, the records to
//! the store while they come in.
//!
//! Whether the answer is good, and what follows from it, is for the component to say: here it is
//! only summed up in the words of the contract.

use std::collections::VecDeque;

use tokio::sync::oneshot::error::TryRecvError;

use super::{
    SyncError, clock,
    step::Step,
    writer::{Receipt, Writer, settle},
};
use crate::{
    guest::{
        Guest, GuestError, Reader,
        ingest::{Drift, End, Error as ReadError, Page},
        plan::{Answer, Ending, Refusal, Request},
        types::{HostId, Timestamp},
    },
    http::{Client, HttpError, Response, chain},
    store::{Committed, Digests, Seen, Tally},
};

/// What a call needs to know.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) client: Client,
    pub(super) guest: Guest,
    pub(super) writer: Writer,
    pub(super) settings: String,
    pub(super) request: Request,
    pub(super) step: Step,
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) answer: Answer,
    pub(super) headers: Vec<(String, String)>,
    /// The last records, to be stored together with the fate of the batch.
    pub(super) page: Page,
    pub(super) tally: Tally,
    /// What was stored of detections.
    pub(super) seen: Vec<Seen>,
    pub(super) as_of: Option<Timestamp>,
    /// Hosts whose silence says nothing, and whether that holds for all of the others too.
    pub(super) unsure_hosts: Vec<HostId>,
    pub(super) is_sure: bool,
    /// What the reader did not know.
    pub(super) drift: Vec<Drift>,
    pub(super) n_bytes: u64,
    /// What went wrong on the way, for people.
    pub(super) trouble: Option<String>,
    /// The component failed over this answer. Other answers have readers of their own.
    pub(super) trap: Option<GuestError>,
}

/// Errors of the store end the run; all others are part of the answer. So is a component that
/// failed over it: the batch is made smaller until what it failed over stands alone.
pub(super) async fn fetch(call: Call) -> Result<Fetched, SyncError> {
    let path = &call.request.path;
    let mut response = match call.client.ask(&call.request, clock::now()).await {
        Ok(response) => response,
        Err(error) => return Ok(unanswered(&error)),
    };
    tracing::debug!(dataset = ?call.step.dataset, path, status = response.status, "Qualys answers");
    let mut reader = call.guest.reader(call.step.dataset, &call.settings)?;
    let mut pages = Pages {
        call: &call,
        is_success: is_success(&response),
        page: Page::default(),
        n_bytes: 0,
        receipts: VecDeque::new(),
        tally: Tally::default(),
        seen: Vec::new(),
    };
    let read = read(&mut response, &mut reader, &mut pages).await?;
    let answer = answer(&mut reader, &read, &response)?;
    pages.settle().await?;
    let (tally, seen) = (pages.tally, std::mem::take(&mut pages.seen));
    Ok(Fetched {
        seen,
        ..sum_up(response, read, answer, pages.page, tally)
    })
}

/// How the body came to its end.
enum Read {
    Whole(Result<End, ReadError>),
    Broken(HttpError),
    Trapped(GuestError),
}

async fn read(
    response: &mut Response,
    reader: &mut Reader,
    pages: &mut Pages<'_>,
) -> Result<Read, SyncError> {
    let mut buffer = Vec::with_capacity(CHUNK + CHUNK / 4);
    loop {
        let more = match response.read_into(&mut buffer).await {
            Ok(more) => more,
            Err(error) => return Ok(Read::Broken(error)),
        };
        if buffer.len() >= CHUNK || !more {
            match reader.push(&buffer) {
                Ok(Ok(page)) => pages.add(page, buffer.len()).await?,
                Ok(Err(error)) => return Ok(Read::Whole(Err(error))),
                Err(trap) => return Ok(Read::Trapped(trap)),
            }
            buffer.clear();
        }
        if !more {
            return Ok(reader.finish().map_or_else(Read::Trapped, Read::Whole));
        }
    }
}

/// Collects small pages into ones that are worth a transaction, and stores one while the next is
/// being read.
struct Pages<'a> {
    call: &'a Call,
    /// The body of any other answer is read for what it says of itself, never for records.
    is_success: bool,
    page: Page,
    n_bytes: usize,
    receipts: VecDeque<Receipt<Committed>>,
    tally: Tally,
    seen: Vec<Seen>,
}

impl Pages<'_> {
    async fn add(&mut self, page: Page, n_bytes: usize) -> Result<(), SyncError> {
        if !self.is_success {
            return Ok(());
        }
        self.page.append(page);
        self.n_bytes += n_bytes;
        if self.n_bytes < PAGE {
            return Ok(());
        }
        self.n_bytes = 0;
        self.collect()?;
        let step = self.call.step.clone();
        let page = std::mem::take(&mut self.page);
        let digests = Digests::of(&page);
        let receipt = self
            .call
            .writer
            .hand_over(move |store| step.save(store, &page, &digests))
            .await?;
        self.receipts.push_back(receipt);
        Ok(())
    }

    /// Takes note of what has been stored meanwhile, so that a store that fails ends the call.
    fn collect(&mut self) -> Result<(), SyncError> {
        while let Some(first) = self.receipts.front_mut() {
            match first.try_recv() {
                Ok(committed) => {
                    let committed = committed?;
                    self.tally += committed.tally;
                    self.seen.extend(committed.seen);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Closed) => return Err(SyncError::WriterGone),
            }
            self.receipts.pop_front();
        }
        Ok(())
    }

    /// Waits for what was handed over.
    async fn settle(&mut self) -> Result<(), SyncError> {
        for receipt in self.receipts.drain(..) {
            let committed = settle(receipt).await?;
            self.tally += committed.tally;
            self.seen.extend(committed.seen);
        }
        Ok(())
    }
}

/// What planning needs to know: the component's word, but for what it cannot have seen.
fn answer(reader: &mut Reader, read: &Read, response: &Response) -> Result<Answer, SyncError> {
    let status = response.status;
    if let Read::Trapped(_) = read {
        return Ok(Answer {
            ending: if is_success(response) {
                Ending::Unreadable
            } else {
                Ending::Answered(status)
            },
            refusal: None,
            next: None,
        });
    }
    let mut answer = reader.answer(status, &response.headers)?;
    if let (Read::Broken(error), true) = (read, is_success(response)) {
        answer.ending = ending_of(error);
    }
    Ok(answer)
}

fn sum_up(response: Response, read: Read, answer: Answer, page: Page, tally: Tally) -> Fetched {
    let (n_bytes, status) = (response.n_bytes(), response.status);
    let is_success = is_success(&response);
    let said = answer.refusal.as_ref().filter(|it| is_said(it)).map(said);
    let mut fetched = Fetched {
        answer,
        page,
        tally,
        seen: Vec::new(),
        as_of: None,
        unsure_hosts: Vec::new(),
        is_sure: true,
        drift: Vec::new(),
        n_bytes,
        trouble: None,
        trap: None,
        headers: response.headers,
    };
    let trouble = match read {
        Read::Whole(Ok(end)) => {
            fetched.as_of = end.as_of;
            fetched.unsure_hosts = end.unsure_hosts;
            fetched.is_sure = end.is_sure;
            fetched.drift = end.drift;
            None
        }
        Read::Whole(Err(error)) => trouble(&error, status),
        Read::Broken(error) => Some(chain(&error)),
        Read::Trapped(trap) => {
            let trouble = trap.to_string();
            fetched.trap = Some(trap);
            Some(trouble)
        }
    };
    fetched.trouble = if is_success {
        trouble.or(said)
    } else {
        let status = format!("HTTP status {status}");
        Some(said.map_or(status.clone(), |said| format!("{status}, {said}")))
    };
    fetched
}

/// What is wrong with a body that came to its end, for people.
fn trouble(error: &ReadError, status: u16) -> Option<String> {
    match error {
        ReadError::Refused(_) => None,
        // By its status it has no body: there is nothing more to tell.
        ReadError::CutOff(0) if status == NO_CONTENT => None,
        ReadError::CutOff(after) => Some(format!("the answer was cut off after {after} bytes")),
        ReadError::Malformed(what) | ReadError::TooLarge(what) => {
            Some(format!("the answer cannot be read: {what}"))
        }
        ReadError::UnexpectedRoot(root) => Some(format!("the answer is a `{root}` document")),
    }
}

/// A refusal that holds nothing but a wait was told by the headers alone.
fn is_said(refusal: &Refusal) -> bool {
    refusal.code.is_some() || refusal.word.is_some() || !refusal.text.is_empty()
}

fn is_success(response: &Response) -> bool {
    (200..300).contains(&response.status)
}

/// A refusal that says nothing but how long to wait.
fn wait(wait_secs: Option<u32>) -> Refusal {
    Refusal {
        code: None,
        word: None,
        text: String::new(),
        wait_secs,
    }
}

fn said(refusal: &Refusal) -> String {
    let text = &refusal.text;
    match (refusal.code, &refusal.word) {
        (Some(code), _) => format!("Qualys refused with code {code}: {text}"),
        (None, Some(word)) => format!("Qualys refused with code {word}: {text}"),
        (None, None) => format!("Qualys refused: {text}"),
    }
}

fn unanswered(error: &HttpError) -> Fetched {
    Fetched {
        answer: Answer {
            ending: ending_of(error),
            refusal: match error {
                HttpError::NoToken {
                    wait_secs: secs @ Some(_),
                    ..
                } => Some(wait(*secs)),
                _ => None,
            },
            next: None,
        },
        headers: Vec::new(),
        page: Page::default(),
        tally: Tally::default(),
        seen: Vec::new(),
        as_of: None,
        unsure_hosts: Vec::new(),
        is_sure: true,
        drift: Vec::new(),
        n_bytes: 0,
        trouble: Some(chain(error)),
        trap: None,
    }
}

fn ending_of(error: &HttpError) -> Ending {
    match error {
        HttpError::CaFile { .. } | HttpError::Setup(_) | HttpError::Unreachable { .. } => {
            Ending::Unreachable
        }
        HttpError::TimedOut { .. } | HttpError::TooSlow { .. } => Ending::TimedOut,
        HttpError::TooLarge { .. } => Ending::Unreadable,
        HttpError::Broken(_) => Ending::CutOff,
        HttpError::NoGateway => Ending::NoService,
        // Without a token there is no call; what keeps the one keeps the other.
        HttpError::NoToken { status, .. } => Ending::Answered(*status),
        HttpError::OddToken { .. } => Ending::AnotherDocument,
    }
}

const NO_CONTENT: u16 = 204;
/// Read at once: larger pieces are no faster.
const CHUNK: usize = 128 << 10;
/// Stored at once: smaller ones would spend their time on the disk's acknowledgements.
const PAGE: usize = 1 << 20;
