//! The asset export of runZero, JSON lines: `addresses`, `macs`, `names`, `services` and so on, as
//! its API describes an asset.

use serde_json::{Map, Value};

use super::{Oddities, column::Column, json::text, row::Row};
use crate::guest::types::OpenPort;

pub(super) fn take(row: &mut Row, asset: &Map<String, Value>, odd: &mut Oddities) {
    for (name, value) in asset {
        match name.as_str() {
            "services" => services(row, value),
            "tags" => tags(row, value, odd),
            // Told by `services` more fully.
            "service_ports_tcp" | "service_ports_udp" => {
                if !asset.contains_key("services") {
                    ports(row, name, value);
                }
            }
            "attributes" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    row.attribute(name, &text(value));
                }
            }
            _ => match (column(name), value) {
                (Some(column), Value::Array(list)) => {
                    for value in list {
                        row.take(column, name, &text(value), odd);
                    }
                }
                (Some(column), value) => row.take(column, name, &text(value), odd),
                (None, Value::Array(list)) => {
                    let list: Vec<_> = list.iter().map(text).collect();
                    row.attribute(name, &list.join(", "));
                }
                (None, Value::Object(_)) => {}
                (None, value) => row.attribute(name, &text(value)),
            },
        }
    }
}

fn column(name: &str) -> Option<Column> {
    Some(match name {
        "id" => Column::Key,
        "names" => Column::Dns,
        "addresses" | "addresses_extra" => Column::Ip,
        "macs" => Column::Mac,
        "os" => Column::Os,
        "first_seen" => Column::FirstFound,
        "last_seen" => Column::LastSeen,
        _ => return None,
    })
}

/// Keys are like `192.0.2.1/22/tcp`; their protocol is what was spoken there.
fn services(row: &mut Row, value: &Value) {
    for (key, service) in value.as_object().into_iter().flatten() {
        let mut parts = key.rsplit('/');
        let (protocol, port) = (parts.next(), parts.next());
        let Some(port) = port
            .and_then(|port| port.parse().ok())
            .filter(|port| *port != 0)
        else {
            continue;
        };
        let spoken = service
            .get("protocol")
            .map(text)
            .filter(|text| !text.is_empty());
        row.port(OpenPort {
            port,
            protocol: protocol.map(str::to_lowercase),
            service: spoken,
        });
    }
}

fn ports(row: &mut Row, name: &str, value: &Value) {
    let protocol = name.rsplit('_').next().map(str::to_owned);
    for port in value.as_array().into_iter().flatten() {
        if let Ok(port) = text(port).parse() {
            row.port(OpenPort {
                port,
                protocol: protocol.clone(),
                service: None,
            });
        }
    }
}

/// A tag without a value is its name alone.
fn tags(row: &mut Row, value: &Value, odd: &mut Oddities) {
    let mut one = |tag: &str| row.take(Column::Tags, "tags", tag, odd);
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match text(value) {
                    value if value.is_empty() => one(name),
                    value => one(&format!("{name}={value}")),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|tag| one(&text(tag))),
        other => one(&text(other)),
    }
}
