//! What ECS says of an asset, by itself and in its findings.

use core::net::IpAddr;

use super::VERSION;
use crate::contract::export::Asset;
use crate::export::{
    row::AssetRow,
    value::{Field, Value, field, of_json, time},
    word::{self, KINDS},
};

pub(in crate::export) const ASSET: &[Field<AssetRow>] = &[
    field(
        "@timestamp",
        "last_seen, else the time of the export",
        |row| Value::Time(row.asset.last_seen.unwrap_or(row.made)),
    ),
    field("ecs.version", "the version of the schema", |_| {
        VERSION.into()
    }),
    field("message", "name", |row| row.title().into()),
    field("tags", "names of tags", |row| row.parts.json("tags")),
    field("event.kind", "`asset`", |_| "asset".into()),
    field(
        "event.category",
        "`host`; `web` for a web application",
        |row| {
            Value::Json(if row.is_host() {
                br#"["host"]"#
            } else {
                br#"["web"]"#
            })
        },
    ),
    field("event.type", "`info`", |_| Value::Json(br#"["info"]"#)),
    field("event.module", "`qonduit`", |_| "qonduit".into()),
    field("event.dataset", "`qonduit.asset`", |_| {
        "qonduit.asset".into()
    }),
    field("event.provider", "`Qualys`", |_| "Qualys".into()),
    field("event.ingested", "the time of the export", |row| {
        Value::Time(row.made)
    }),
    field("host", "the asset, when it is a host: see below", |row| {
        row.parts.json("host")
    }),
    field("cloud", "cloud: see below", |row| row.parts.json("cloud")),
    field("related.ip", "ip and ipv6", |row| row.parts.json("ip")),
    field("url.full", "web.url", |row| {
        row.asset
            .web
            .as_ref()
            .and_then(|it| it.url.as_deref())
            .into()
    }),
    field("observer.vendor", "`Qualys`", |_| "Qualys".into()),
    field("qonduit.asset_id", "asset_id", |row| {
        row.asset.asset_id.into()
    }),
    field("qonduit.asset_name", "name", |row| (&row.asset.name).into()),
    field("qonduit.web_app_id", "web_app_id", |row| {
        row.asset.web_app_id.into()
    }),
    field("qonduit.asset_kind", "kind", |row| {
        word::of(KINDS, row.asset.kind).into()
    }),
    field("qonduit.qualys_asset_id", "qualys_asset_id", |row| {
        row.asset.qualys_asset_id.into()
    }),
    field("qonduit.tracking_method", "tracking_method", |row| {
        (&row.asset.tracking_method).into()
    }),
    field("qonduit.qg_hostid", "qg_hostid", |row| {
        (&row.asset.qg_hostid).into()
    }),
    field("qonduit.trurisk", "trurisk", |row| row.asset.trurisk.into()),
    field("qonduit.criticality", "criticality", |row| {
        row.asset.criticality.into()
    }),
    field("qonduit.first_found", "first_found", |row| {
        time(row.asset.first_found)
    }),
    field("qonduit.last_seen", "last_seen", |row| {
        time(row.asset.last_seen)
    }),
    field("qonduit.open_findings", "open_findings", |row| {
        row.asset.open_findings.into()
    }),
    field("qonduit.open_by_severity", "open_by_severity", |row| {
        of_json(&row.asset.open_by_severity)
    }),
];

/// Of `host`.
pub(in crate::export) const HOST: &[Field<Asset>] = &[
    field("id", "host_id", |it| {
        it.host_id.map(|id| id.to_string()).into()
    }),
    field("name", "name", |it| Value::from(&it.name).unless_empty()),
    field("hostname", "netbios, else dns", |it| {
        it.netbios.as_deref().or(it.dns.as_deref()).into()
    }),
    field("domain", "what follows the first dot of dns", |it| {
        it.dns
            .as_deref()
            .and_then(|dns| dns.split_once('.'))
            .map(|(_, domain)| domain)
            .into()
    }),
    field("ip", "ip and ipv6", |it| {
        let addresses = addresses(it);
        if addresses.is_empty() {
            Value::Absent
        } else {
            of_json(&addresses)
        }
    }),
    field("os.full", "os", |it| (&it.os).into()),
];

/// Of `cloud`.
pub(in crate::export) const CLOUD: &[Field<Asset>] = &[
    field("provider", "cloud.provider in lower case", |it| {
        it.cloud
            .as_ref()
            .map(|cloud| cloud.provider.to_ascii_lowercase())
            .into()
    }),
    field("service.name", "cloud.service", |it| {
        it.cloud
            .as_ref()
            .and_then(|cloud| cloud.service.as_deref())
            .into()
    }),
    field("instance.id", "cloud.instance", |it| {
        it.cloud
            .as_ref()
            .and_then(|cloud| cloud.instance.as_deref())
            .into()
    }),
];

/// Elasticsearch refuses a document whose address is none.
pub(super) fn addresses(asset: &Asset) -> Vec<&str> {
    let all = [&asset.ip, &asset.ipv6]
        .into_iter()
        .filter_map(|it| it.as_deref());
    all.filter(|text| text.parse::<IpAddr>().is_ok()).collect()
}
