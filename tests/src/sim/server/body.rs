//! The body of an answer: a document, written while it is sent.
//!
//! Made only as fast as the client reads, in pieces of about 128 KiB, compressed on request and
//! delivered badly on demand. It knows no document by name.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Frame;
use tokio::time::Sleep;

use super::state::{Slot, State};
use crate::sim::document::xml::Xml;
use crate::sim::document::{Document, Step};
use crate::sim::request::Api;

pub(crate) struct Body {
    source: Source,
    encoder: Option<GzEncoder<Vec<u8>>>,
    /// What happens to the bytes on their way.
    delivery: Delivery,
    ready: VecDeque<Bytes>,
    is_written: bool,
    is_over: bool,
    is_breaking: bool,
    sent: u64,
    sleep: Option<Pin<Box<Sleep>>>,
    slot: Option<Slot>,
    counter: Option<(Arc<State>, Api)>,
}

pub(crate) type Source = Box<dyn Document + Sync>;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivery {
    pub(crate) bytes_per_sec: Option<u64>,
    /// At that byte, silence for so long.
    pub(crate) stall: Option<(u64, Duration)>,
    pub(crate) end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) at: u64,
    /// Closes the connection instead of ending the body as HTTP wants it.
    pub(crate) is_reset: bool,
}

impl Body {
    pub(crate) fn streamed(source: Source, is_gzip: bool, delivery: Delivery) -> Body {
        Body {
            source,
            encoder: is_gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast())),
            delivery,
            ready: VecDeque::new(),
            is_written: false,
            is_over: false,
            is_breaking: false,
            sent: 0,
            sleep: None,
            slot: None,
            counter: None,
        }
    }

    /// A short text, known in advance.
    pub(crate) fn text(text: impl Into<Bytes>) -> Body {
        let mut body = Body::streamed(Box::new(Nothing), false, Delivery::default());
        body.ready.push_back(text.into());
        body
    }

    /// Counts the bytes, and gives the slot back at the end.
    pub(crate) fn counted(mut self, state: &Arc<State>, api: Api, slot: Option<Slot>) -> Body {
        self.counter = Some((Arc::clone(state), api));
        self.slot = slot;
        self
    }

    /// How many bytes there would be in all. Consumes the body.
    pub(crate) fn count_bytes(mut self) -> u64 {
        let mut bytes = 0;
        while !self.is_written {
            let _ = self.write();
            bytes += self
                .ready
                .drain(..)
                .map(|piece| piece.len() as u64)
                .sum::<u64>();
        }
        bytes
    }

    /// Writes about one piece more; says how long nothing comes after it.
    fn write(&mut self) -> Option<Duration> {
        let mut xml = Xml {
            bytes: Vec::with_capacity(PIECE_BYTES + SPARE_BYTES),
        };
        let mut stall = None;
        while xml.bytes.len() < PIECE_BYTES && stall.is_none() && !self.is_written {
            match self.source.write(&mut xml) {
                Step::More => {}
                Step::Complete => self.is_written = true,
                Step::Stall(wait) => stall = Some(wait),
            }
        }
        let bytes = match &mut self.encoder {
            Some(encoder) => compress(encoder, &xml.bytes, self.is_written, stall.is_some()),
            None => xml.bytes,
        };
        if !bytes.is_empty() {
            self.ready.push_back(bytes.into());
        }
        stall
    }

    /// The next bytes to send, as the delivery allows.
    fn deliver(&mut self) -> Delivered {
        if let Some((_, wait)) = self.delivery.stall.filter(|(at, _)| self.sent >= *at) {
            self.delivery.stall = None;
            return Delivered::Wait(wait);
        }
        if let Some(end) = self.delivery.end.filter(|end| self.sent >= end.at) {
            self.ready.clear();
            self.is_written = true;
            return if end.is_reset {
                Delivered::Broken
            } else {
                Delivered::Over
            };
        }
        let Some(piece) = self.ready.front_mut() else {
            return if self.is_written {
                Delivered::Over
            } else {
                Delivered::Empty
            };
        };
        let limits = [
            self.delivery
                .bytes_per_sec
                .map(|bytes| (bytes / DRIPS_PER_SEC).max(1)),
            self.delivery.stall.map(|(at, _)| at - self.sent),
            self.delivery.end.map(|end| end.at - self.sent),
        ];
        let most = limits.into_iter().flatten().min().unwrap_or(u64::MAX);
        let length = piece.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        let bytes = piece.split_to(length);
        if piece.is_empty() {
            self.ready.pop_front();
        }
        self.sent += bytes.len() as u64;
        Delivered::Bytes(bytes)
    }

    fn wait(&mut self, wait: Duration) {
        // Tokio cannot wait for ever, but for some years.
        self.sleep = Some(Box::pin(tokio::time::sleep(
            wait.min(Duration::from_secs(1 << 30)),
        )));
    }
}

enum Delivered {
    Broken,
    Bytes(Bytes),
    Empty,
    Over,
    Wait(Duration),
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = &mut *self;
        loop {
            if body.is_over {
                return Poll::Ready(None);
            }
            if let Some(sleep) = &mut body.sleep {
                ready!(sleep.as_mut().poll(context));
                body.sleep = None;
            }
            match body.deliver() {
                Delivered::Bytes(bytes) => {
                    if let Some((state, api)) = &body.counter {
                        state.stats().sent(Some(*api), bytes.len() as u64);
                    }
                    if body.delivery.bytes_per_sec.is_some() {
                        body.wait(Duration::from_secs(1) / DRIPS_PER_SEC as u32);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Delivered::Empty => {
                    if let Some(wait) = body.write() {
                        // What was written so far is sent before the silence begins.
                        let at = body.sent + body.ready.iter().map(|p| p.len() as u64).sum::<u64>();
                        body.delivery.stall = Some((at, wait));
                    }
                }
                Delivered::Wait(wait) => body.wait(wait),
                Delivered::Over => {
                    body.is_over = true;
                    if let Some(slot) = &mut body.slot {
                        slot.is_complete = true;
                    }
                    body.slot = None;
                }
                // What was sent before has to leave the server's own buffers first.
                Delivered::Broken if !body.is_breaking => {
                    body.is_breaking = true;
                    body.wait(Duration::from_millis(50));
                }
                Delivered::Broken => {
                    body.is_over = true;
                    return Poll::Ready(Some(Err(io::Error::other("cut off on demand"))));
                }
            }
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

struct Nothing;

impl Document for Nothing {
    fn write(&mut self, _: &mut Xml) -> Step {
        Step::Complete
    }
}

fn compress(encoder: &mut GzEncoder<Vec<u8>>, bytes: &[u8], is_last: bool, flush: bool) -> Vec<u8> {
    encoder
        .write_all(bytes)
        .expect("writing into memory does not fail");
    if is_last {
        encoder
            .try_finish()
            .expect("writing into memory does not fail");
    } else if flush {
        encoder.flush().expect("writing into memory does not fail");
    }
    std::mem::take(encoder.get_mut())
}

const PIECE_BYTES: usize = 128 * 1024;
/// A host can be longer than what was left of a piece.
const SPARE_BYTES: usize = 192 * 1024;
const DRIPS_PER_SEC: u64 = 10;
