//! Long texts, compressed when that pays.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use zstd::bulk::Compressor;

/// Turns a text into what is stored: the text as it is, or a blob.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    buffer: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Self {
        let compressor = Compressor::new(LEVEL).expect("the level is one that zstd has");
        Packer {
            compressor,
            buffer: Vec::new(),
        }
    }

    pub(super) fn pack<'a>(&'a mut self, text: &'a str) -> ToSqlOutput<'a> {
        if text.len() >= WORTH_COMPRESSING {
            let packed = self.compress(text.as_bytes());
            if packed.len() < text.len() / 10 * 9 {
                // Borrowed again, because the borrow above would last for the text as well.
                return ToSqlOutput::Borrowed(ValueRef::Blob(&self.buffer));
            }
        }
        ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
    }

    pub(super) fn compress(&mut self, bytes: &[u8]) -> &[u8] {
        self.buffer.clear();
        self.buffer
            .reserve(zstd::zstd_safe::compress_bound(bytes.len()));
        self.compressor
            .compress_to_buffer(bytes, &mut self.buffer)
            .expect("the buffer has room for the worst case");
        &self.buffer
    }

    pub(super) fn pack_maybe<'a>(&'a mut self, text: Option<&'a str>) -> ToSqlOutput<'a> {
        text.map_or(ToSqlOutput::Borrowed(ValueRef::Null), |text| {
            self.pack(text)
        })
    }
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
