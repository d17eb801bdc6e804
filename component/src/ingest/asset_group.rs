//! `ASSET_GROUP`: leaves to an asset group.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::AssetGroup;
use crate::normalize;

/// An asset group in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    id: Option<u64>,
    title: Option<String>,
    business_impact: Option<String>,
    host_ids: Vec<u64>,
    attributes: Attributes,
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        self.id.map_or(Subject::Unknown, Subject::AssetGroup)
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        match field.leaf.element {
            Element::GroupId if self.id.is_none() => self.id = field.number(),
            Element::GroupTitle => self.title = field.text(),
            Element::BusinessImpact => self.business_impact = field.text(),
            Element::GroupHostIds => self.host_ids = field.numbers(),
            Element::IpSetEntry => self.attributes.note_as("ip_set", field.leaf),
            Element::GroupNote => self.attributes.note(field.leaf),
            _ => {}
        }
    }

    /// `None` for a group without a number.
    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Option<AssetGroup> {
        let Some(id) = self.id else {
            let message = "an asset group without a number is left out";
            warnings.add(Subject::Unknown, message);
            return None;
        };
        Some(AssetGroup {
            id,
            title: self.title.unwrap_or_default(),
            impact: self.business_impact.as_deref().and_then(normalize::impact),
            business_impact: self.business_impact,
            host_ids: self.host_ids,
            attributes: self.attributes.take(Subject::AssetGroup(id), warnings),
        })
    }
}
