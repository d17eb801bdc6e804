//! The score of a CVE: leaves to a record.
//!
//! Most lists come as one text with commas in a list of its own. Days of trending and the like have
//! no field and become attributes.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::{CveScore, Timestamp};
use crate::cve;
use crate::time;

/// A score in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    number: Option<u64>,
    score: Option<u8>,
    /// Whether a score came that cannot be one.
    is_odd: bool,
    changed: Option<Timestamp>,
    published: Option<Timestamp>,
    epss: Option<f32>,
    exploit_maturity: Vec<String>,
    threat_actors: Vec<String>,
    malware: Vec<String>,
    is_known_exploited: Option<bool>,
    attributes: Attributes,
}

impl Draft {
    /// What begins under the name of its member, which is that of the CVE.
    pub(super) fn named(name: &[u8]) -> Self {
        let name = str::from_utf8(name).unwrap_or_default();
        Self {
            number: cve::number(&name.to_ascii_uppercase()),
            ..Self::default()
        }
    }

    pub(super) fn subject(&self) -> Subject {
        self.number.map_or(Subject::Unknown, Subject::Cve)
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        if field.is_null() {
            return;
        }
        match field.leaf.element {
            Element::CveScoreId if self.number.is_none() => {
                self.number = field.text().and_then(|name| cve::number(&name));
            }
            Element::CveScoreValue => match score(&mut field) {
                Some(score) => self.score = Some(score).filter(|score| *score > 0),
                None => self.is_odd = field.leaf.text().is_some(),
            },
            Element::CveScoreChanged => self.changed = moment(&mut field),
            Element::CveScorePublished => self.published = moment(&mut field),
            Element::CveScoreEpss => self.epss = probability(&mut field),
            Element::CveScoreMaturity => add(&mut self.exploit_maturity, &field),
            Element::CveScoreActors => add(&mut self.threat_actors, &field),
            Element::CveScoreMalware => add(&mut self.malware, &field),
            Element::CveScoreKnownExploited => {
                self.is_known_exploited =
                    field.word(|text| match text.to_ascii_uppercase().as_str() {
                        "YES" | "TRUE" | "1" => Some(true),
                        "NO" | "FALSE" | "0" => Some(false),
                        _ => None,
                    });
            }
            Element::CveScoreNote => self.attributes.note_snake(field.leaf),
            _ => {}
        }
    }

    /// `None` for one that is of no CVE, and for one whose score cannot be told: what is known of it
    /// is kept.
    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Option<CveScore> {
        let Some(number) = self.number else {
            warnings.add(Subject::Unknown, "a score without a CVE is left out");
            return None;
        };
        if self.is_odd {
            return None;
        }
        Some(CveScore {
            cve: cve::name(number),
            score: self.score,
            changed: self.changed,
            published: self.published,
            epss: self.epss,
            exploit_maturity: self.exploit_maturity,
            threat_actors: self.threat_actors,
            malware: self.malware,
            is_known_exploited: self.is_known_exploited,
            attributes: self.attributes.take(Subject::Cve(number), warnings),
        })
    }
}

/// 1 to 100, or 0 for none.
fn score(field: &mut Field<'_, '_>) -> Option<u8> {
    let score = field.decimal()?;
    if !(0.0..=100.0).contains(&score) {
        let name = field.leaf.shown_name();
        field.warn(format!("`{name}` is not from 0 to 100: `{score}`"));
        return None;
    }
    Some(score.round() as u8)
}

fn probability(field: &mut Field<'_, '_>) -> Option<f32> {
    let value = field.decimal()?;
    if !(0.0..=1.0).contains(&value) {
        let name = field.leaf.shown_name();
        field.warn(format!("`{name}` is not from 0 to 1: `{value}`"));
        return None;
    }
    Some(value)
}

/// Seconds since 1970, as Qualys sends them here; its other way of writing a time is read too.
fn moment(field: &mut Field<'_, '_>) -> Option<Timestamp> {
    let text = field.leaf.text()?;
    match text.parse::<i64>() {
        Ok(0) => None,
        Ok(secs) if (0..=time::LATEST).contains(&secs) => Some(secs),
        Ok(millis) if (0..=time::LATEST).contains(&(millis / 1_000)) => Some(millis / 1_000),
        _ => field.time(),
    }
}

/// Words with commas between them.
fn add(list: &mut Vec<String>, field: &Field<'_, '_>) {
    let Some(text) = field.text() else { return };
    for word in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        if list.len() < MOST_WORDS && !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    }
}

/// No list comes near it; each word is compared with those before it.
const MOST_WORDS: usize = 1_000;
