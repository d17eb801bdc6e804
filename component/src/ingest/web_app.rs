//! `WebApp` of Qualys WAS: leaves to a web application.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::{Tag, Timestamp, WebApp};

/// A web application in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    id: Option<u64>,
    name: Option<String>,
    url: Option<String>,
    owner: Owner,
    scope: Option<String>,
    tags: Vec<Tag>,
    tag: (Option<u64>, Option<String>),
    risk_score: Option<u32>,
    last_scan: Option<Timestamp>,
    last_scan_status: Option<String>,
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    /// Name of the attribute whose value comes.
    attribute: Option<String>,
    attributes: Attributes,
}

#[derive(Debug, Default)]
struct Owner {
    names: Vec<String>,
    login: Option<String>,
    id: Option<String>,
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        self.id.map_or(Subject::Unknown, Subject::WebApp)
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        // The portal writes out what is absent.
        let is_null = field.is_null();
        match field.leaf.element {
            Element::WebAppName => self.name = field.text(),
            Element::WebAppTagName => self.tag.1 = field.text(),
            Element::WebAppTag => {
                if let (id, Some(name)) = std::mem::take(&mut self.tag) {
                    self.tags.push(Tag { id, name });
                }
            }
            Element::WebAppAttribute => self.attribute = None,
            _ if is_null => {}
            Element::WebAppId if self.id.is_none() => self.id = field.number(),
            Element::WebAppUrl => self.url = field.text(),
            Element::WebAppOwnerId => self.owner.id = field.text(),
            Element::WebAppOwnerLogin => self.owner.login = field.text(),
            Element::WebAppOwnerName => self.owner.names.extend(field.text()),
            Element::WebAppScope => self.scope = field.text(),
            Element::WebAppTagId => self.tag.0 = field.number(),
            Element::WebAppRiskScore => self.risk_score = field.number(),
            Element::WebAppLastScanId => self.attributes.note_as("last_scan_id", field.leaf),
            Element::WebAppLastScanName => self.attributes.note_as("last_scan_name", field.leaf),
            Element::WebAppLastScanTime => self.last_scan = self.last_scan.max(field.time()),
            Element::WebAppLastScanStatus => self.last_scan_status = field.text(),
            Element::WebAppCreated => self.created = field.time(),
            Element::WebAppUpdated => self.updated = field.time(),
            Element::WebAppAttributeName => self.attribute = field.text(),
            Element::WebAppAttributeValue => {
                if let Some(name) = self.attribute.take() {
                    let attributes = &mut self.attributes;
                    attributes.add("attribute/", name.as_bytes(), field.leaf.text);
                }
            }
            Element::WebAppNote => self.attributes.note_snake(field.leaf),
            _ => {}
        }
    }

    /// `None` for a web application without a number.
    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Option<WebApp> {
        let Some(id) = self.id else {
            let message = "a web application without a number is left out";
            warnings.add(Subject::Unknown, message);
            return None;
        };
        let name = self.name.or_else(|| self.url.clone());
        let owner = (!self.owner.names.is_empty()).then(|| self.owner.names.join(" "));
        Some(WebApp {
            web_app_id: id,
            name: name.unwrap_or_default(),
            url: self.url,
            owner: owner.or(self.owner.login).or(self.owner.id),
            scope: self.scope,
            tags: self.tags,
            risk_score: self.risk_score,
            last_scan: self.last_scan,
            last_scan_status: self.last_scan_status,
            created: self.created,
            updated: self.updated,
            attributes: self.attributes.take(Subject::WebApp(id), warnings),
        })
    }
}
