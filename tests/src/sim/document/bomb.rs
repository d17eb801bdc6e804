//! A body that is small on the way and huge once unpacked.

use super::xml::Xml;
use super::{Document, Step};

#[derive(Debug)]
pub(crate) struct Bomb {
    /// Pieces of 64 KiB that are still to come.
    left: u64,
}

impl Bomb {
    pub(crate) fn new(mebibytes: u64) -> Bomb {
        Bomb {
            left: mebibytes * 16,
        }
    }
}

impl Document for Bomb {
    fn write(&mut self, xml: &mut Xml) -> Step {
        if self.left == 0 {
            return Step::Complete;
        }
        self.left -= 1;
        xml.bytes.resize(xml.bytes.len() + 64 * 1024, b' ');
        Step::More
    }
}
