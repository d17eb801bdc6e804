//! `Tag` of the portal: leaves to a tag.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::QualysTag;

/// A tag in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    id: Option<u64>,
    name: Option<String>,
    parent: Option<u64>,
    color: Option<String>,
    rule_type: Option<String>,
    rule_text: Option<String>,
    criticality: Option<u8>,
    asset_group: Option<u64>,
    attributes: Attributes,
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        self.id.map_or(Subject::Unknown, Subject::Tag)
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        // The portal writes out what is absent.
        let is_null = field.leaf.text.trim_ascii() == b"null";
        match field.leaf.element {
            // A tag may well have this name.
            Element::PortalTagName => self.name = field.text(),
            _ if is_null => {}
            Element::PortalTagId if self.id.is_none() => self.id = field.number(),
            Element::PortalTagParent => self.parent = field.number(),
            Element::PortalTagColor => self.color = field.text(),
            Element::PortalTagRuleType => self.rule_type = field.text(),
            // Some are scripts.
            Element::PortalTagRuleText => self.rule_text = field.text(),
            Element::PortalTagCriticality => self.criticality = field.number(),
            Element::PortalTagGroup => self.asset_group = field.number(),
            Element::PortalTagNote => self.attributes.note_snake(field.leaf),
            _ => {}
        }
    }

    /// `None` for a tag without a number.
    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Option<QualysTag> {
        let Some(id) = self.id else {
            warnings.add(Subject::Unknown, "a tag without a number is left out");
            return None;
        };
        Some(QualysTag {
            tag_id: id,
            name: self.name.unwrap_or_default(),
            parent_tag_id: self.parent,
            color: self.color,
            // Tags that people put on hosts themselves.
            rule_type: self.rule_type.filter(|word| word != "STATIC"),
            rule_text: self.rule_text,
            criticality: self.criticality,
            asset_group_id: self.asset_group,
            attributes: self.attributes.take(Subject::Tag(id), warnings),
        })
    }
}
