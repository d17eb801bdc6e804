//! `SIMPLE_RETURN` and `GENERIC_RETURN`: what Qualys sends in place of a list, with whatever HTTP
//! status. What a code means is for `plan` to say.

use super::element::Element;
use super::raw::Leaf;
use crate::contract::plan::Refusal;
use crate::xml;

#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    code: Option<u32>,
    text: String,
    wait_secs: Option<u32>,
    key: String,
}

impl Parts {
    pub(super) fn take(&mut self, leaf: &Leaf<'_>) {
        let text = leaf.text().unwrap_or_default();
        match leaf.element {
            Element::RefusalCode => self.code = text.parse().ok(),
            Element::RefusalText => self.text = text.into_owned(),
            Element::GenericReturn => {
                let number = xml::attribute(leaf.attributes, b"number");
                self.code =
                    number.and_then(|digits| str::from_utf8(digits).ok()?.trim().parse().ok());
                self.text = text.into_owned();
            }
            Element::RefusalKey => self.key = text.into_owned(),
            Element::RefusalValue if self.key == "SECONDS_TO_WAIT" => {
                self.wait_secs = text.parse().ok();
            }
            _ => {}
        }
    }

    pub(super) fn settle(self) -> Refusal {
        Refusal {
            code: self.code,
            word: None,
            text: self.text,
            wait_secs: self.wait_secs,
        }
    }
}
