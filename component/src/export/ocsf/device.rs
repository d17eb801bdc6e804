//! What OCSF says of an asset: the device of a host, the resource of a web application, and Device
//! Inventory Info around a device.

use core::net::IpAddr;

use crate::contract::export::Asset;
use crate::export::{
    row::AssetRow,
    value::{Field, Value, field, millis, of_json},
};

/// Of `device`.
pub(in crate::export) const DEVICE: &[Field<Asset>] = &[
    field("type_id", "0: nothing tells", |_| Value::Number(0)),
    field("type", "`Unknown`", |_| "Unknown".into()),
    field("uid", "host_id, else `asset-` and asset_id", |it| {
        let number = it.host_id.map(|id| id.to_string());
        number
            .unwrap_or_else(|| format!("asset-{}", it.asset_id))
            .into()
    }),
    field("uid_alt", "qualys_asset_id", |it| {
        it.qualys_asset_id.map(|id| id.to_string()).into()
    }),
    field("name", "name", |it| Value::from(&it.name).unless_empty()),
    field("hostname", "dns, else netbios", |it| {
        it.dns.as_deref().or(it.netbios.as_deref()).into()
    }),
    field("ip", "ip, else ipv6", |it| {
        address(&it.ip).or(address(&it.ipv6)).into()
    }),
    field(
        "network_interfaces",
        "ip and ipv6, as `ip`, when there are both",
        |it| match (address(&it.ip), address(&it.ipv6)) {
            (Some(ip), Some(ipv6)) => Value::MadeJson(
                format!(r#"[{{"ip":"{ip}","type_id":0}},{{"ip":"{ipv6}","type_id":0}}]"#)
                    .into_bytes(),
            ),
            _ => Value::Absent,
        },
    ),
    field("instance_uid", "cloud.instance", |it| {
        it.cloud
            .as_ref()
            .and_then(|cloud| cloud.instance.as_deref())
            .into()
    }),
    field("os.name", "os", |it| (&it.os).into()),
    field(
        "os.type_id",
        "by the name: 100 Windows, 200 Linux, 300 macOS, 400 Solaris, 401 AIX, 402 HP-UX, else 0",
        |it| it.os.as_deref().map(|os| os_type(os).0).into(),
    ),
    field("os.type", "its name", |it| {
        it.os.as_deref().map(|os| os_type(os).1).into()
    }),
    field("first_seen_time", "first_found", |it| {
        millis(it.first_found)
    }),
    field("last_seen_time", "last_seen", |it| millis(it.last_seen)),
    field("groups", "asset_group_ids, as `uid`", |it| {
        if it.asset_group_ids.is_empty() {
            return Value::Absent;
        }
        let uid = |id: &u64| serde_json::json!({ "uid": id.to_string() });
        of_json(&it.asset_group_ids.iter().map(uid).collect::<Vec<_>>())
    }),
    field("risk_score", "trurisk", |it| it.trurisk.into()),
];

/// Of each of `resources`.
pub(in crate::export) const RESOURCE: &[Field<Asset>] = &[
    field("uid", "web_app_id, else `asset-` and asset_id", |it| {
        let number = it.web_app_id.map(|id| id.to_string());
        number
            .unwrap_or_else(|| format!("asset-{}", it.asset_id))
            .into()
    }),
    field("name", "name", |it| Value::from(&it.name).unless_empty()),
    field("type", "`Web Application`", |_| "Web Application".into()),
    field("owner.name", "web.owner", |it| {
        it.web.as_ref().and_then(|web| web.owner.as_deref()).into()
    }),
    field("labels", "names of tags", |it| {
        let names: Vec<_> = it.tags.iter().map(|tag| tag.name.as_str()).collect();
        if names.is_empty() {
            Value::Absent
        } else {
            of_json(&names)
        }
    }),
];

/// Of an event of class 5001, beside `metadata` and `device`.
pub(in crate::export) const INVENTORY: &[Field<AssetRow>] = &[
    field("category_uid", "5: Discovery", |_| Value::Number(5)),
    field("category_name", "`Discovery`", |_| "Discovery".into()),
    field("class_uid", "5001", |_| Value::Number(5001)),
    field("class_name", "`Device Inventory Info`", |_| {
        "Device Inventory Info".into()
    }),
    field("activity_id", "2", |_| Value::Number(2)),
    field("activity_name", "`Collect`", |_| "Collect".into()),
    field("type_uid", "500102", |_| Value::Number(500_102)),
    field("severity_id", "1", |_| Value::Number(1)),
    field("severity", "`Informational`", |_| "Informational".into()),
    field("time", "last_seen, else the time of the export", |row| {
        Value::Millis(row.asset.last_seen.unwrap_or(row.made))
    }),
    field("message", "name", |row| row.title().into()),
    field("unmapped.asset_id", "asset_id", |row| {
        row.asset.asset_id.into()
    }),
    field("unmapped.criticality", "criticality", |row| {
        row.asset.criticality.into()
    }),
    field("unmapped.tracking_method", "tracking_method", |row| {
        (&row.asset.tracking_method).into()
    }),
    field("unmapped.qg_hostid", "qg_hostid", |row| {
        (&row.asset.qg_hostid).into()
    }),
    field("unmapped.cloud_provider", "cloud.provider", |row| {
        row.asset
            .cloud
            .as_ref()
            .map(|cloud| cloud.provider.as_str())
            .into()
    }),
    field("unmapped.open_findings", "open_findings", |row| {
        row.asset.open_findings.into()
    }),
    field("unmapped.open_critical", "open_by_severity", |row| {
        row.asset.open_by_severity.critical.into()
    }),
    field("unmapped.open_high", "open_by_severity", |row| {
        row.asset.open_by_severity.high.into()
    }),
];

/// The schema takes nothing else for an address.
fn address(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .filter(|text| text.parse::<IpAddr>().is_ok())
}

/// As far as the name tells.
fn os_type(os: &str) -> (i64, &'static str) {
    let os = os.to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| os.contains(word));
    if names(&["windows"]) {
        (100, "Windows")
    } else if names(&LINUX) {
        (200, "Linux")
    } else if names(&["mac os", "macos", "os x"]) {
        (300, "macOS")
    } else if names(&["solaris", "sunos"]) {
        (400, "Solaris")
    } else if names(&["aix"]) {
        (401, "AIX")
    } else if names(&["hp-ux", "hpux"]) {
        (402, "HP-UX")
    } else {
        (0, "Unknown")
    }
}

const LINUX: [&str; 12] = [
    "linux",
    "ubuntu",
    "debian",
    "centos",
    "red hat",
    "fedora",
    "suse",
    "rocky",
    "almalinux",
    "oracle enterprise",
    "amazon linux",
    "photon",
];
