//! Long texts, compressed when that pays.

use std::{collections::BTreeSet, sync::mpsc, thread};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use zstd::bulk::Compressor;

/// Turns a text into what is stored: the text as it is, or a blob.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    buffer: Vec<u8>,
    jobs: mpsc::Sender<Job>,
}

struct Job {
    id: i64,
    body: Vec<u8>,
    done: mpsc::Sender<(i64, Vec<u8>)>,
}

/// Bodies that are being compressed on a thread of its own, while the rows beside them are
/// written: of what one writer does, compressing is the part that another can do.
#[derive(Debug)]
pub(super) struct Aside {
    done: mpsc::Sender<(i64, Vec<u8>)>,
    packed: mpsc::Receiver<(i64, Vec<u8>)>,
    underway: BTreeSet<i64>,
}

impl Packer {
    /// The thread ends with the packer.
    pub(super) fn new() -> Self {
        let (jobs, waiting) = mpsc::channel::<Job>();
        thread::spawn(move || {
            let (mut compressor, mut buffer) = (compressor(), Vec::new());
            for Job { id, body, done } in waiting {
                compress(&mut compressor, &mut buffer, &body);
                // A transaction that was given up waits no more.
                let _ = done.send((id, buffer.clone()));
            }
        });
        Packer {
            compressor: compressor(),
            buffer: Vec::new(),
            jobs,
        }
    }

    pub(super) fn pack<'a>(&'a mut self, text: &'a str) -> ToSqlOutput<'a> {
        if text.len() >= WORTH_COMPRESSING {
            compress(&mut self.compressor, &mut self.buffer, text.as_bytes());
            if self.buffer.len() < text.len() / 10 * 9 {
                return ToSqlOutput::Borrowed(ValueRef::Blob(&self.buffer));
            }
        }
        ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
    }

    pub(super) fn pack_maybe<'a>(&'a mut self, text: Option<&'a str>) -> ToSqlOutput<'a> {
        text.map_or(ToSqlOutput::Borrowed(ValueRef::Null), |text| {
            self.pack(text)
        })
    }
}

impl Aside {
    pub(super) fn new() -> Self {
        let (done, packed) = mpsc::channel();
        Aside {
            done,
            packed,
            underway: BTreeSet::new(),
        }
    }

    pub(super) fn compress(&mut self, packer: &Packer, id: i64, body: Vec<u8>) {
        let done = self.done.clone();
        packer
            .jobs
            .send(Job { id, body, done })
            .expect("the thread lives as long as its packer");
        self.underway.insert(id);
    }

    pub(super) fn is_underway(&self, id: i64) -> bool {
        self.underway.contains(&id)
    }

    /// Hands out every body that was given, compressed.
    pub(super) fn collect(&mut self) -> impl Iterator<Item = (i64, Vec<u8>)> {
        let n = std::mem::take(&mut self.underway).len();
        (0..n).map(|_| self.packed.recv().expect("every job is answered"))
    }
}

fn compressor() -> Compressor<'static> {
    Compressor::new(LEVEL).expect("the level is one that zstd has")
}

fn compress(compressor: &mut Compressor<'_>, buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.clear();
    buffer.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
    compressor
        .compress_to_buffer(bytes, buffer)
        .expect("the buffer has room for the worst case");
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
}

/// A text as it was before it was packed.
pub(super) struct LongText(pub(super) String);

impl FromSql for LongText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ValueRef::Blob(blob) = value else {
            return String::column_result(value).map(LongText);
        };
        let bytes = zstd::stream::decode_all(blob).map_err(FromSqlError::other)?;
        String::from_utf8(bytes)
            .map(LongText)
            .map_err(FromSqlError::other)
    }
}

const LEVEL: i32 = 1;
/// In bytes; below, the frame around the compressed text costs about what it saves.
const WORTH_COMPRESSING: usize = 256;
