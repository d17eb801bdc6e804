//! The contract in `wit/`, as Rust types and traits.
//!
//! Generated, so that records, their documentation and their JSON have one definition. What is
//! added by hand is how a type is written in JSON, and nothing else: names in snake_case (as Rust
//! has them), enum cases in lower case with hyphens, times as RFC 3339.

#![allow(missing_debug_implementations, unreachable_pub, clippy::all)]

wit_bindgen::generate!({
    path: "../wit",
    world: "connector",
    additional_derives: [PartialEq],
    additional_type_attributes: {
        "qonduit:connector/types@0.1.0/severity": [#[derive(serde::Serialize)] #[serde(rename_all = "kebab-case")]],
        "qonduit:connector/types@0.1.0/risk": [#[derive(serde::Serialize)] #[serde(rename_all = "kebab-case")]],
        "qonduit:connector/types@0.1.0/risk-source": [#[derive(serde::Serialize)] #[serde(rename_all = "kebab-case")]],
        "qonduit:connector/types@0.1.0/status": [#[derive(serde::Serialize)] #[serde(rename_all = "kebab-case")]],
        "qonduit:connector/types@0.1.0/certainty": [#[derive(serde::Serialize)] #[serde(rename_all = "kebab-case")]],
        "qonduit:connector/types@0.1.0/tag": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/cloud": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/cvss": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/qualys-host": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/finding": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/vulnerability": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/qualys-tag": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/asset-group": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/web-app": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/web-finding-kind": [#[derive(serde::Serialize)] #[serde(rename_all = "kebab-case")]],
        "qonduit:connector/types@0.1.0/weakness": [#[derive(serde::Serialize)]],
        "qonduit:connector/types@0.1.0/web-app-finding": [#[derive(serde::Serialize)]],
        "qonduit:connector/ingest@0.1.0/warning": [#[derive(serde::Serialize)]],
    },
    additional_member_attributes: {
        "qonduit:connector/types@0.1.0/qualys-host.first-found": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/qualys-host.last-vm-scan": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/qualys-host.last-check-in": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/qualys-host.last-seen": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/qualys-host.attributes": [#[serde(serialize_with = "crate::json::raw")]],
        "qonduit:connector/types@0.1.0/finding.first-found": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/finding.last-found": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/finding.last-test": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/finding.last-update": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/finding.last-fixed": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/finding.attributes": [#[serde(serialize_with = "crate::json::raw")]],
        "qonduit:connector/types@0.1.0/vulnerability.published": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/vulnerability.modified": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/vulnerability.patch-published": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/vulnerability.attributes": [#[serde(serialize_with = "crate::json::raw")]],
        "qonduit:connector/types@0.1.0/qualys-tag.attributes": [#[serde(serialize_with = "crate::json::raw")]],
        "qonduit:connector/types@0.1.0/asset-group.attributes": [#[serde(serialize_with = "crate::json::raw")]],
        "qonduit:connector/types@0.1.0/web-app.last-scan": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app.created": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app.updated": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app.attributes": [#[serde(serialize_with = "crate::json::raw")]],
        "qonduit:connector/types@0.1.0/web-app-finding.first-detected": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app-finding.last-detected": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app-finding.last-tested": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app-finding.fixed": [#[serde(serialize_with = "crate::json::time")]],
        "qonduit:connector/types@0.1.0/web-app-finding.attributes": [#[serde(serialize_with = "crate::json::raw")]],
    },
    generate_unused_types: true,
    pub_export_macro: true,
});

pub use exports::qonduit::connector::{filter, ingest, pace, plan, types};
