//! `ASSET_GROUP`: leaves to an asset group.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Fields, Warnings};
use super::raw::Record;
use crate::contract::types::AssetGroup;

/// `None` for a group without a number.
pub(super) fn read(record: Record<'_>, warnings: &mut Warnings) -> Option<AssetGroup> {
    let mut fields = Fields {
        record,
        warnings,
        subject: None,
    };
    let id = record
        .leaves()
        .iter()
        .find(|leaf| leaf.element == Element::GroupId);
    let Some(id) = id.and_then(|leaf| fields.number::<u64>(leaf)) else {
        fields.warn("an asset group without a number is left out");
        return None;
    };
    fields.subject = Some(format!("asset group {id}"));
    let mut group = AssetGroup {
        id,
        title: String::new(),
        business_impact: None,
        host_ids: Vec::new(),
        attributes: String::new(),
    };
    let mut attributes = Attributes::default();
    for leaf in record.leaves() {
        match leaf.element {
            Element::GroupTitle => group.title = fields.text(leaf).unwrap_or_default(),
            Element::BusinessImpact => group.business_impact = fields.text(leaf),
            Element::GroupHostIds => group.host_ids = fields.numbers(leaf),
            Element::IpSetEntry => attributes.note_as("ip_set", record, leaf),
            Element::GroupNote => attributes.note(record, leaf),
            _ => {}
        }
    }
    group.attributes = attributes.into_json();
    Some(group)
}
