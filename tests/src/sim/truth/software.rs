//! The software and the ports of each host, and which list tells of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Walk, line};
use crate::sim::document::xml::Xml;
use crate::sim::document::{Document, Step};
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::software;

#[derive(Debug)]
pub(crate) struct Software {
    walk: Walk,
}

impl Software {
    pub(crate) fn new(world: &Arc<World>, day: u32) -> Software {
        Software {
            walk: Walk::new(world, day),
        }
    }
}

impl Document for Software {
    fn write(&mut self, out: &mut Xml) -> Step {
        let Some(host) = self.walk.host() else {
            return Step::Complete;
        };
        let ports: Vec<Value> = software::listed_ports(&host)
            .map(|port| {
                json!({
                    "port": port.number,
                    "protocol": port.protocol.to_lowercase(),
                    "service": Some(port.service).filter(|name| !name.is_empty()),
                })
            })
            .collect();
        line(
            out,
            &json!({
                "host_id": host.id,
                "software": self.software(&host),
                "ports": ports,
            }),
        );
        Step::More
    }
}

impl Software {
    /// By name. Results are believed where the asset tells of nothing.
    fn software(&self, host: &Host) -> Vec<Value> {
        let mut programs = BTreeMap::new();
        for program in software::listed_programs(host) {
            programs.insert(program.name, (program, "host-assets", None));
        }
        if programs.is_empty() {
            let rows = self.walk.world.rows(host);
            for row in rows.filter(software::is_there) {
                for program in software::complained(host, &row) {
                    let required = program.required().version();
                    programs.insert(program.name, (program, "detection-results", Some(required)));
                }
            }
        }
        let programs = programs.into_values();
        programs
            .map(|(program, source, required)| {
                json!({
                    "name": program.name,
                    "version": program.version(),
                    "required_version": required,
                    "source": source,
                })
            })
            .collect()
    }
}
