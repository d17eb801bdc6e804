//! The bytes that a hash is made of. What goes into them is for each record to say.

use sha2::{Digest, Sha256};

use super::ContentHash;
use crate::guest::types::{Cvss, Tag};

/// Every value is preceded by its length or by whether it is there, so that no two records run
/// together into the same bytes.
#[derive(Default)]
pub(super) struct Hash(pub(super) Vec<u8>);

impl Hash {
    pub(super) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn maybe_number(&mut self, number: Option<u64>) {
        self.0.push(u8::from(number.is_some()));
        self.number(number.unwrap_or_default());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn maybe_text(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// In no order, each row once.
    pub(super) fn set(&mut self, rows: &mut Vec<Vec<u8>>) {
        rows.sort_unstable();
        rows.dedup();
        self.number(rows.len() as u64);
        for row in rows {
            self.number(row.len() as u64);
            self.bytes(row);
        }
    }

    pub(super) fn numbers(&mut self, numbers: &[u64]) {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        self.number(sorted.len() as u64);
        sorted.into_iter().for_each(|number| self.number(number));
    }

    pub(super) fn tags(&mut self, tags: &[Tag]) {
        let mut sorted: Vec<_> = tags.iter().map(|Tag { id, name }| (name, *id)).collect();
        sorted.sort_unstable();
        self.number(sorted.len() as u64);
        for (name, id) in sorted {
            self.text(name);
            self.maybe_number(id);
        }
    }

    pub(super) fn cvss(&mut self, cvss: &Cvss) {
        let Cvss {
            version,
            base,
            temporal,
            vector,
        } = cvss;
        self.text(version);
        self.number(u64::from(base.to_bits()));
        self.maybe_number(temporal.map(|score| u64::from(score.to_bits())));
        self.maybe_text(vector.as_deref());
    }

    pub(super) fn end(self) -> ContentHash {
        let digest = Sha256::digest(self.0);
        i64::from_le_bytes(*digest.first_chunk().expect("SHA-256 has 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_do_not_run_together() {
        let hash = |first: &str, second: &str| {
            let mut hash = Hash::default();
            hash.text(first);
            hash.text(second);
            hash.end()
        };
        assert_ne!(hash("ab", "c"), hash("a", "bc"));
    }

    #[test]
    fn the_order_of_a_set_does_not_count() {
        let hash = |numbers: &[u64]| {
            let mut hash = Hash::default();
            hash.numbers(numbers);
            hash.end()
        };
        assert_eq!(hash(&[2, 1]), hash(&[1, 2]));
        assert_ne!(hash(&[1, 2]), hash(&[1, 2, 2]));
    }
}
