//! The answer of a sync: one JSON object a line, of records and of what is told about them.

use serde_json::Value;

use crate::{
    render::push_line,
    world::{Answer, Gone},
};

/// Begins with the first line that is worth sending.
pub(super) struct Lines<'a> {
    answer: &'a mut dyn Answer,
    out: Vec<u8>,
    has_begun: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(answer: &'a mut dyn Answer) -> Self {
        Self {
            answer,
            out: Vec::new(),
            has_begun: false,
        }
    }

    /// Something about the records.
    pub(super) fn tell(&mut self, record: &str, line: &Value) -> Result<(), Gone> {
        push_line(&mut self.out, record, line);
        self.write(AT_ONCE)
    }

    /// Whole lines of records.
    pub(super) fn records(&mut self, lines: &str) -> Result<(), Gone> {
        self.out.extend_from_slice(lines.as_bytes());
        self.write(AT_ONCE)
    }

    /// The last line.
    pub(super) fn end(mut self, record: &str, line: &Value) -> Result<(), Gone> {
        self.tell(record, line)?;
        self.write(0)?;
        self.answer.finish(&[("x-qonduit-status", "complete")])
    }

    /// Sends what has come together. A caller that waits is to see that something happens.
    pub(super) fn flush(&mut self) -> Result<(), Gone> {
        self.write(0)
    }

    fn write(&mut self, least: usize) -> Result<(), Gone> {
        if self.out.len() < least {
            return Ok(());
        }
        if !self.has_begun {
            self.has_begun = true;
            let headers = [
                ("content-type", "application/x-ndjson"),
                ("cache-control", "no-store"),
                ("trailer", "x-qonduit-status"),
            ];
            self.answer.begin(200, &headers)?;
        }
        self.answer.write(&self.out)?;
        self.out.clear();
        Ok(())
    }
}

const AT_ONCE: usize = 64 << 10;
