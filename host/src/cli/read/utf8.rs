//! Bytes to text, piece by piece: a character may be cut in two, and Qualys sends bytes that are
//! no UTF-8 inside of results.

/// Keeps the beginning of a character until its end arrives.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    kept: Vec<u8>,
}

impl Decoder {
    /// What is no UTF-8 becomes a replacement character.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(self.kept.len() + bytes.len());
        let joined;
        let bytes = if self.kept.is_empty() {
            bytes
        } else {
            joined = [std::mem::take(&mut self.kept).as_slice(), bytes].concat();
            &joined
        };
        let mut rest = bytes.len();
        for chunk in bytes.utf8_chunks() {
            text += chunk.valid();
            rest -= chunk.valid().len() + chunk.invalid().len();
            if chunk.invalid().is_empty() {
                continue;
            }
            if rest == 0 && is_beginning(chunk.invalid()) {
                self.kept = chunk.invalid().to_vec();
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// After the last bytes.
    pub(super) fn finish(&mut self) -> String {
        let is_cut = !std::mem::take(&mut self.kept).is_empty();
        if is_cut {
            char::REPLACEMENT_CHARACTER.to_string()
        } else {
            String::new()
        }
    }
}

/// Whether more bytes could make it a character.
fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(pieces: &[&[u8]]) -> String {
        let mut decoder = Decoder::default();
        let mut text: String = pieces.iter().map(|piece| decoder.decode(piece)).collect();
        text += &decoder.finish();
        text
    }

    #[test]
    fn a_character_may_be_cut_anywhere() {
        let text = "aé€😀z";
        for at in 0..=text.len() {
            let (left, right) = text.as_bytes().split_at(at);
            assert_eq!(decoded(&[left, right]), text, "cut at {at}");
        }
        let bytes: Vec<_> = text.as_bytes().chunks(1).collect();
        assert_eq!(decoded(&bytes), text);
    }

    #[test]
    fn other_bytes_are_replaced() {
        assert_eq!(decoded(&[b"a\xffb"]), "a\u{fffd}b");
        assert_eq!(decoded(&[b"a\xe2", b"b"]), "a\u{fffd}b");
        assert_eq!(decoded(&[b"a\xe2\x82"]), "a\u{fffd}");
    }
}
