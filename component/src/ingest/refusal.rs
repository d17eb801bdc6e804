//! `SIMPLE_RETURN` and `GENERIC_RETURN`: what Qualys sends in place of a list, with whatever HTTP
//! status. What a code means is for `plan` to say.

use super::element::Element;
use crate::contract::plan::Refusal;

#[derive(Debug, Default)]
pub(super) struct Parts {
    code: Option<u32>,
    text: String,
    wait_secs: Option<u32>,
    key: String,
}

impl Parts {
    pub(super) fn code_from(&mut self, number: Option<&[u8]>) {
        self.code = number.and_then(|digits| std::str::from_utf8(digits).ok()?.trim().parse().ok());
    }

    pub(super) fn take(&mut self, element: Element, text: &str) {
        match element {
            Element::RefusalCode => self.code = text.parse().ok(),
            Element::RefusalText | Element::GenericReturn => self.text = text.to_owned(),
            Element::RefusalKey => self.key = text.to_owned(),
            Element::RefusalValue if self.key == "SECONDS_TO_WAIT" => {
                self.wait_secs = text.parse().ok()
            }
            _ => {}
        }
    }

    pub(super) fn settle(self) -> Refusal {
        Refusal {
            code: self.code,
            text: self.text,
            wait_secs: self.wait_secs,
        }
    }
}
