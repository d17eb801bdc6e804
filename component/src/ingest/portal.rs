//! `ServiceResponse`: what stands around the lists of the portal.
//!
//! It tells success or a refusal by a word, whatever the HTTP status, and the next page by the last
//! id of this one. What a word means is for `plan` to say.

use super::element::Element;
use super::raw::Leaf;
use crate::contract::plan::Refusal;

#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    word: Option<String>,
    message: String,
    resolution: String,
    has_more: bool,
    last_id: Option<u64>,
    /// Where the envelope does not name the last one.
    highest_id: Option<u64>,
}

impl Envelope {
    pub(super) fn take(&mut self, leaf: &Leaf<'_>) {
        let Some(text) = leaf.text() else { return };
        match leaf.element {
            Element::PortalCode => self.word = Some(text.to_ascii_uppercase()),
            Element::PortalMessage => self.message = text.into_owned(),
            Element::PortalResolution => self.resolution = text.into_owned(),
            Element::PortalHasMore => {
                self.has_more = text == "1" || text.eq_ignore_ascii_case("true");
            }
            Element::PortalLastId => self.last_id = text.parse().ok(),
            _ => {}
        }
    }

    pub(super) fn saw(&mut self, id: u64) {
        self.highest_id = self.highest_id.max(Some(id));
    }

    /// What the document says in place of a list.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let word = self.word.as_ref().filter(|word| *word != SUCCESS)?;
        let texts = [self.message.as_str(), self.resolution.as_str()];
        let texts: Vec<&str> = texts.into_iter().filter(|it| !it.is_empty()).collect();
        Some(Refusal {
            code: None,
            word: Some(word.clone()),
            text: texts.join(" "),
            wait_secs: None,
        })
    }

    /// In the form of the lists of VMDR; without a way onward it is empty, and `plan` ends the walk.
    pub(super) fn next(&self) -> Option<String> {
        let behind = || self.last_id.or(self.highest_id)?.checked_add(1);
        let query = || behind().map_or_else(String::new, |id| format!("id_min={id}"));
        self.has_more.then(query)
    }
}

const SUCCESS: &str = "SUCCESS";
