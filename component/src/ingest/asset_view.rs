//! An asset of Global AssetView: leaves to what is installed on a host, and which ports are open.
//!
//! Dates come in three ways, and as words where there is none. Assets that no host of VMDR belongs
//! to, and software that somebody has chosen to ignore, are left out and counted.

use super::asset;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use super::raw::Leaf;
use crate::contract::types::{HostInventory, OpenPort, Software, SoftwareSource, Timestamp};
use crate::rules::Rules;
use crate::time;

/// An asset in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    asset: Option<u64>,
    host: Option<u64>,
    software: Vec<Software>,
    ports: Vec<OpenPort>,
    mac_addresses: Vec<String>,
    hardware_ids: Vec<String>,
    product: Product,
    port: Port,
    n_ignored: u64,
    n_left_out: u64,
}

/// A piece of software in the making.
#[derive(Debug, Default)]
struct Product {
    full_name: Option<String>,
    product_name: Option<String>,
    discovered_name: Option<String>,
    version: Option<String>,
    publisher: Option<String>,
    category: Option<String>,
    end_of_life: Option<Timestamp>,
    installed: Option<Timestamp>,
    is_package: bool,
    is_ignored: bool,
}

/// An open port in the making.
#[derive(Debug, Default)]
struct Port {
    port: Option<u16>,
    protocol: Option<String>,
    service: Option<String>,
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        match (self.host, self.asset) {
            (Some(host), _) => Subject::Host(host),
            (None, Some(asset)) => Subject::Asset(asset),
            (None, None) => Subject::Unknown,
        }
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        let product = &mut self.product;
        match field.leaf.element {
            Element::ViewProduct => self.end_of_product(),
            Element::ViewPort => self.end_of_port(),
            // Absent values are written out by some.
            _ if field.leaf.text.trim_ascii() == b"null" => {}
            Element::ViewAssetId => self.asset = field.number(),
            Element::ViewHostId => self.host = field.number(),
            Element::ViewFullName => product.full_name = field.text(),
            Element::ViewProductName => product.product_name = field.text(),
            Element::ViewDiscoveredName => product.discovered_name = field.text(),
            Element::ViewVersion => product.version = field.text(),
            Element::ViewPublisher => product.publisher = field.text(),
            Element::ViewCategory => product.category = field.text(),
            Element::ViewIsPackage => product.is_package = is_true(field.leaf),
            Element::ViewIsIgnored => product.is_ignored = is_true(field.leaf),
            Element::ViewInstallDate => product.installed = date(&mut field),
            Element::ViewEndOfLife => product.end_of_life = date(&mut field),
            Element::ViewPortNumber => self.port.port = field.number(),
            Element::ViewProtocol => self.port.protocol = field.text(),
            Element::ViewService => self.port.service = field.text(),
            Element::ViewMac => self.mac_addresses.extend(field.text()),
            Element::ViewHardwareId => self.hardware_ids.extend(field.text()),
            _ => {}
        }
    }

    /// `None` for an asset that no host belongs to.
    pub(super) fn finish(
        self,
        rules: &mut Rules,
        warnings: &mut Warnings,
    ) -> Option<HostInventory> {
        // Seen by a sensor of another kind alone, in a cloud for one. 0 has been seen too.
        let Some(host_id) = self.host.filter(|host| *host > 0) else {
            rules.leave_out("no_host", 1);
            return None;
        };
        rules.leave_out("ignored_software", self.n_ignored);
        if self.n_left_out > 0 {
            let message = format!("{} entries without a name are left out", self.n_left_out);
            warnings.add(Subject::Host(host_id), message);
        }
        Some(HostInventory {
            host_id,
            source: SoftwareSource::AssetView,
            software: self.software,
            ports: self.ports,
            mac_addresses: asset::distinct(self.mac_addresses),
            hardware_ids: asset::distinct(self.hardware_ids),
        })
    }

    fn end_of_product(&mut self) {
        let product = std::mem::take(&mut self.product);
        if product.is_ignored {
            self.n_ignored += 1;
            return;
        }
        let names = [
            product.full_name,
            product.product_name,
            product.discovered_name,
        ];
        let Some(name) = names.into_iter().flatten().next() else {
            self.n_left_out += 1;
            return;
        };
        self.software.push(Software {
            name,
            version: product.version,
            required_version: None,
            publisher: product.publisher,
            category: product.category,
            is_package: product.is_package,
            end_of_life: product.end_of_life,
            installed: product.installed,
        });
    }

    fn end_of_port(&mut self) {
        let port = std::mem::take(&mut self.port);
        let Some(number) = port.port else {
            self.n_left_out += 1;
            return;
        };
        self.ports.push(OpenPort {
            port: number,
            protocol: port.protocol.map(|word| word.to_ascii_lowercase()),
            service: port.service,
        });
    }
}

fn is_true(leaf: &Leaf<'_>) -> bool {
    let text = leaf.text.trim_ascii();
    text == b"1" || text.eq_ignore_ascii_case(b"true")
}

/// Nothing for a word such as `Not Announced` and for 0, which stands for never; a warning for a
/// number or date that is neither.
fn date(field: &mut Field<'_, '_>) -> Option<Timestamp> {
    let text = field.leaf.text()?;
    if text.starts_with(|letter: char| !letter.is_ascii_digit()) || text == "0" {
        return None;
    }
    let time = match text.parse::<i64>() {
        Ok(millis) => Some(millis.div_euclid(1_000)),
        // Parts of a second, and an offset of nothing in place of `Z`.
        Err(_) => time::parse(text.as_bytes()).or_else(|| {
            let (second, rest) = text.split_at_checked("YYYY-MM-DDThh:mm:ss".len())?;
            let parts =
                rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            let is_utc = ["", "Z", "+0000", "+00:00"].contains(&parts);
            time::parse(format!("{second}Z")).filter(|_| is_utc)
        }),
    };
    if time.is_none() {
        let name = field.leaf.shown_name();
        let shown: String = text.chars().take(40).collect();
        field.warn(format!("`{name}` is no time: `{shown}`"));
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Timestamp>, n_warnings: usize) {
        let mut warnings = Warnings::default();
        let leaf = Leaf {
            element: Element::ViewInstallDate,
            name: b"installDate",
            attributes: b"",
            text: text.as_bytes(),
        };
        let mut field = Field {
            leaf: &leaf,
            subject: Subject::Unknown,
            warnings: &mut warnings,
        };
        assert_eq!(date(&mut field), expected, "{text}");
        assert_eq!(warnings.take().len(), n_warnings, "{text}");
    }

    #[test]
    fn dates_come_in_three_ways() {
        check("2026-09-21T14:13:20.000Z", Some(1_790_000_000), 0);
        check("2026-09-21T14:13:20Z", Some(1_790_000_000), 0);
        check("2026-09-21T14:13:20.5+00:00", Some(1_790_000_000), 0);
        check("2026-09-21T14:13:20+0000", Some(1_790_000_000), 0);
        check("1790000000999", Some(1_790_000_000), 0);
        check("2026-09-21", Some(1_789_948_800), 0);
    }

    #[test]
    fn what_stands_for_no_date_is_none() {
        for text in ["0", "", " ", "Not Announced", "Unknown", "N/A", "-1"] {
            check(text, None, 0);
        }
    }

    #[test]
    fn what_is_no_date_is_told() {
        check("2026-13-01", None, 1);
        check("2026-09-21T14:13:20+02:00", None, 1);
        check("99999999999999999999", None, 1);
        check("12/31/2026", None, 1);
    }
}
