//! Finds the mistakes in settings, all at once, so that nobody corrects a file line by line.
//!
//! Which keys there are, and of what kind, is read off the defaults. A default of `null` or of a
//! list says nothing of the kind; there serde judges.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{Settings, Version};
use crate::filter::closest::closest;
use crate::import_rules;

/// Keys that do not exist, and values of another kind than the default.
pub(super) fn shape(written: &Value) -> Vec<String> {
    let defaults =
        serde_json::to_value(Settings::default()).expect("settings are plain text, numbers, lists");
    let mut mistakes = Vec::new();
    if written.is_object() {
        compare(written, &defaults, "", &mut mistakes);
    } else {
        mistakes.push("the settings must be one JSON object".to_owned());
    }
    mistakes
}

/// Values that are of the right kind, but out of range or at odds with another.
pub(super) fn values(settings: &Settings) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (key, version) in [
        ("api.asset_groups", settings.api.asset_groups),
        ("api.detections", settings.api.detections),
        ("api.host_list", settings.api.host_list),
        ("api.knowledge_base", settings.api.knowledge_base),
        ("api.qvs", settings.api.qvs),
    ] {
        if !versions(key).contains(&version) {
            mistakes.push(not_a_version(key));
        }
    }
    let waits = &settings.waits;
    for (key, value, least, most) in [
        ("asset_view_page", settings.asset_view_page, 1, 300),
        ("batch_cves", settings.batch_cves, 1, 1000),
        ("batch_hosts", settings.batch_hosts, 1, 5000),
        ("batch_qids", settings.batch_qids, 1, 1000),
        ("config_filter", settings.config_filter, 0, 4),
        ("kernel_filter", settings.kernel_filter, 0, 4),
        ("service_filter", settings.service_filter, 0, 4),
        (
            "detection_window_days",
            settings.detection_window_days,
            0,
            365,
        ),
        ("full_every_days", settings.full_every_days, 0, 365),
        ("inactive_after_days", settings.inactive_after_days, 0, 3650),
        (
            "most_vanished_percent",
            settings.most_vanished_percent,
            1,
            100,
        ),
        ("overlap_secs", settings.overlap_secs, 0, 7 * DAY),
        ("group_page", settings.group_page, 100, 10_000),
        ("host_asset_page", settings.host_asset_page, 1, 1000),
        ("host_ids_page", settings.host_ids_page, 100, 1_000_000),
        ("host_page", settings.host_page, 1, 5000),
        ("max_attempts", settings.max_attempts, 1, 20),
        ("tag_page", settings.tag_page, 1, 1000),
        (
            "web_app_finding_page",
            settings.web_app_finding_page,
            1,
            1000,
        ),
        ("web_app_page", settings.web_app_page, 1, 1000),
        ("waits.busy_secs", waits.busy_secs, 1, DAY),
        ("waits.held_slot_secs", waits.held_slot_secs, 1, DAY),
        ("waits.longest_secs", waits.longest_secs, 1, DAY),
        ("waits.maintenance_secs", waits.maintenance_secs, 1, DAY),
        ("waits.unreachable_secs", waits.unreachable_secs, 1, DAY),
    ] {
        if !(least..=most).contains(&value) {
            mistakes.push(format!("`{key}` must be from {least} to {most}"));
        }
    }
    for (key, value) in [
        ("waits.busy_secs", waits.busy_secs),
        ("waits.maintenance_secs", waits.maintenance_secs),
        ("waits.unreachable_secs", waits.unreachable_secs),
    ] {
        if value > waits.longest_secs {
            mistakes.push(format!("`{key}` must not be above `waits.longest_secs`"));
        }
    }
    mistakes.extend(import_rules::mistakes(&settings.rules));
    mistakes
}

fn compare(written: &Value, default: &Value, path: &str, mistakes: &mut Vec<String>) {
    let (Value::Object(written), Value::Object(known)) = (written, default) else {
        mistakes.extend(kind(written, default, path));
        return;
    };
    for (name, value) in written {
        let key = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match known.get(name) {
            Some(default) => compare(value, default, &key, mistakes),
            None => mistakes.push(unknown(&key, name, known.keys().map(String::as_str))),
        }
    }
}

fn unknown<'a>(key: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let hint = closest(name, known).map(|meant| {
        format!(
            "; did you mean `{}{meant}`?",
            &key[..key.len() - name.len()]
        )
    });
    format!("`{key}` is no setting{}", hint.unwrap_or_default())
}

fn kind(written: &Value, default: &Value, path: &str) -> Option<String> {
    let is_count = |value: &Value| value.as_u64().is_some_and(|n| u32::try_from(n).is_ok());
    match (default, written) {
        (Value::Bool(_), Value::Bool(_)) | (Value::Null | Value::Array(_), _) => None,
        (Value::Bool(_), _) => Some(format!("`{path}` must be `true` or `false`")),
        (Value::Number(_), value) if is_count(value) => None,
        (Value::Number(_), _) => Some(format!("`{path}` must be a whole number")),
        (Value::String(_), Value::String(text)) => version(path, text),
        (Value::String(_), _) => Some(format!("`{path}` must be text in quotes")),
        (Value::Object(_), _) => Some(format!("`{path}` must be an object")),
    }
}

/// Versions are the only texts among the settings.
fn version(path: &str, text: &str) -> Option<String> {
    let is_version = Version::ALL.iter().any(|version| version.text() == text);
    (path.starts_with("api.") && !is_version).then(|| not_a_version(path))
}

fn versions(key: &str) -> RangeInclusive<Version> {
    match key {
        "api.asset_groups" => Version::V2..=Version::V2,
        "api.knowledge_base" => Version::V2..=Version::V4,
        // Before, there was no way to ask for what changed.
        "api.qvs" => Version::V3..=Version::V3,
        _ => Version::V2..=Version::V5,
    }
}

fn not_a_version(key: &str) -> String {
    let versions: Vec<String> = Version::ALL
        .iter()
        .filter(|version| versions(key).contains(version))
        .map(|version| format!("`{}`", version.text()))
        .collect();
    match versions.as_slice() {
        [only] => format!("`{key}` must be {only}"),
        several => format!("`{key}` must be one of {}", several.join(", ")),
    }
}

const DAY: u32 = 86_400;
