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
    n_rows: u64,
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

    pub(super) fn count(&mut self) {
        self.n_rows += 1;
    }

    /// What the document says in place of a list.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let word = self.word.as_ref().filter(|word| *word != SUCCESS)?;
        Some(self.refused(Some(word.clone())))
    }

    /// The same of the gateway, which does not speak of success in what is no list.
    pub(super) fn refusal_of_gateway(&self) -> Option<Refusal> {
        match &self.word {
            Some(_) => self.refusal(),
            None => Some(self.refused(None)),
        }
    }

    fn refused(&self, word: Option<String>) -> Refusal {
        let texts = [self.message.as_str(), self.resolution.as_str()];
        let texts: Vec<&str> = texts.into_iter().filter(|it| !it.is_empty()).collect();
        Refusal {
            code: None,
            word,
            text: texts.join(" "),
            wait_secs: None,
        }
    }

    /// In the form of the lists of VMDR; without a way onward it is empty, and `plan` ends the walk.
    pub(super) fn next(&self) -> Option<String> {
        let behind = || self.last_id.or(self.highest_id)?.checked_add(1);
        let query = || behind().map_or_else(String::new, |id| format!("id_min={id}"));
        self.has_more.then(query)
    }

    /// The same of the gateway. It has been seen to end a long list early, saying that there is no
    /// more: only a page without rows is the end.
    pub(super) fn next_of_gateway(&self) -> Option<String> {
        let behind = self.last_id.and_then(|id| id.checked_add(1));
        match behind {
            Some(id) if self.has_more || self.n_rows > 0 => Some(format!("id_min={id}")),
            _ => self.has_more.then(String::new),
        }
    }
}

const SUCCESS: &str = "SUCCESS";
