//! Tables in `RESULTS` that name software and open ports: the packages that a detection complains
//! about, and the lists of a few QIDs of gathered information.
//!
//! Nearly all results are none of these, so the first bytes decide. A text that looks like a table
//! and is none costs nothing but its rows: there are no warnings here.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::asset;
use crate::contract::types::{
    Finding, HostInventory, OpenPort, Software, SoftwareSource, Status, Timestamp,
};
use crate::time;

/// What the tables of one host name, each thing once.
#[derive(Debug, Default)]
pub(super) struct Tables {
    software: BTreeMap<(String, Option<String>), Software>,
    ports: BTreeMap<(u16, &'static str), Option<String>>,
}

impl Tables {
    /// Looks for a table in the results of a finding. What is fixed tells what was there before.
    #[inline]
    pub(super) fn add(&mut self, finding: &Finding) {
        let Some(results) = finding.results.as_deref() else {
            return;
        };
        let is_list = match finding.qid {
            OPEN_TCP_PORTS => return self.add_ports(results, "tcp"),
            OPEN_UDP_PORTS => return self.add_ports(results, "udp"),
            qid => LISTS_OF_SOFTWARE.contains(&qid),
        };
        if (is_list || may_be_packages(results)) && finding.status != Some(Status::Fixed) {
            self.add_software(results, is_list);
        }
    }

    /// `None` when there was no table.
    pub(super) fn finish(self, host_id: u64) -> Option<HostInventory> {
        if self.software.is_empty() && self.ports.is_empty() {
            return None;
        }
        let port = |((port, protocol), service): ((u16, &str), _)| OpenPort {
            port,
            protocol: Some(protocol.to_owned()),
            service,
        };
        Some(HostInventory {
            host_id,
            source: SoftwareSource::DetectionResults,
            software: self.software.into_values().collect(),
            ports: self.ports.into_iter().map(port).collect(),
        })
    }

    fn add_software(&mut self, results: &str, is_list: bool) {
        let mut table = Table::new(results);
        let Some(header) = table.next() else { return };
        let Some(columns) = Columns::of(&header, is_list) else {
            return;
        };
        for row in table {
            if row == header || self.software.len() == MAX_ROWS {
                continue;
            }
            if let Some(software) = columns.software(&row) {
                self.merge(software);
            }
        }
    }

    /// Several detections complain about one package; the latest version that one of them asks
    /// for mends them all.
    fn merge(&mut self, software: Software) {
        let key = (software.name.clone(), software.version.clone());
        let Some(known) = self.software.get_mut(&key) else {
            self.software.insert(key, software);
            return;
        };
        known.is_package |= software.is_package;
        known.publisher = known.publisher.take().or(software.publisher);
        known.installed = known.installed.or(software.installed);
        known.required_version = match (known.required_version.take(), software.required_version) {
            (Some(one), Some(other)) if by_version(&one, &other) == Ordering::Less => Some(other),
            (one, other) => one.or(other),
        };
    }

    fn add_ports(&mut self, results: &str, protocol: &'static str) {
        let mut table = Table::new(results);
        let Some(header) = table.next() else { return };
        let Some(port_at) = header.iter().position(|cell| is(cell, "port")) else {
            return;
        };
        // What is assigned to a port is no more than a guess at what answers there.
        let service_at = header.iter().position(|cell| is(cell, "service detected"));
        for row in table {
            let Some(Ok(port)) = row.get(port_at).map(|cell| cell.parse::<u16>()) else {
                continue;
            };
            let service = service_at.and_then(|at| known(row.get(at)?));
            if port != 0 {
                let entry = self.ports.entry((port, protocol)).or_default();
                *entry = entry.take().or(service);
            }
        }
    }
}

/// Whether results may begin with the header of a table of packages.
#[inline]
fn may_be_packages(results: &str) -> bool {
    let bytes = results.as_bytes();
    let begins = |name: &str| {
        let start = bytes.get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    };
    match bytes.first() {
        Some(b'P' | b'p') => begins("package") || begins("product"),
        Some(b'S' | b's') => begins("software"),
        Some(b'A' | b'a') => begins("application"),
        Some(b'#') => begins(SHAPE),
        _ => false,
    }
}

/// The rows of a table, header first. Rows end with a line or with `;;`, cells with a tab; behind a
/// line that tells the shape of the table, cells may end with a blank.
struct Table<'a> {
    lines: std::str::Split<'a, char>,
    parts: std::str::Split<'a, &'static str>,
    has_blanks: bool,
}

impl<'a> Table<'a> {
    fn new(results: &'a str) -> Self {
        let (has_blanks, results) = match results.split_once('\n') {
            Some((first, rest)) if first.starts_with(SHAPE) => (!rest.contains('\t'), rest),
            _ => (false, results),
        };
        Self {
            lines: results.split('\n'),
            parts: "".split(";;"),
            has_blanks,
        }
    }
}

impl<'a> Iterator for Table<'a> {
    type Item = Vec<&'a str>;

    fn next(&mut self) -> Option<Vec<&'a str>> {
        loop {
            while let Some(part) = self.parts.next() {
                let row = part.trim_matches(['\r', ' ']);
                if row.is_empty() {
                    continue;
                }
                return Some(if self.has_blanks {
                    row.split_ascii_whitespace().collect()
                } else {
                    row.split('\t').map(str::trim).collect()
                });
            }
            self.parts = self.lines.next()?.split(";;");
        }
    }
}

/// Where in a row stands what.
struct Columns {
    name: usize,
    version: usize,
    required: Option<usize>,
    publisher: Option<usize>,
    installed: Option<usize>,
    is_package: bool,
}

impl Columns {
    /// A list of software may call its columns anything; other tables must tell what is installed.
    fn of(header: &[&str], is_list: bool) -> Option<Self> {
        let at = |names: &[&str]| {
            let is_one = |cell: &&str| names.iter().any(|name| is(cell, name));
            header.iter().position(is_one)
        };
        let versions: &[&str] = if is_list {
            &["installed version", "display version", "version"]
        } else {
            &["installed version"]
        };
        let name = at(NAMES)?;
        Some(Self {
            name,
            version: at(versions)?,
            required: at(&["required version", "fixed version"]),
            publisher: at(&["publisher", "vendor"]),
            installed: at(&["install date"]),
            is_package: is(&header[name][..header[name].len().min(7)], "package"),
        })
    }

    /// `None` for text among the rows.
    fn software(&self, row: &[&str]) -> Option<Software> {
        let version = *row.get(self.version)?;
        let name = known(row.get(self.name)?).filter(|name| name.len() <= MAX_NAME)?;
        let cell = |at: Option<usize>| known(row.get(at?)?);
        Some(Software {
            version: known(version),
            required_version: cell(self.required),
            publisher: cell(self.publisher),
            is_package: self.is_package,
            installed: cell(self.installed).and_then(|text| day(&text)),
            ..asset::named(name)
        })
    }
}

/// A header with blanks or underscores, in any case.
fn is(cell: &str, name: &str) -> bool {
    let plain = |byte: u8| match byte {
        b'_' => b' ',
        other => other.to_ascii_lowercase(),
    };
    cell.len() == name.len() && cell.bytes().map(plain).eq(name.bytes())
}

/// A cell that says something.
fn known(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let is_absent = ["", "-", "n/a", "null", "not found", "unknown"]
        .iter()
        .any(|word| cell.eq_ignore_ascii_case(word));
    (!is_absent).then(|| cell.to_owned())
}

/// `20260131`, as installers of Windows write a day.
fn day(text: &str) -> Option<Timestamp> {
    let is_day = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_day {
        return None;
    }
    let (year, month, day) = (&text[..4], &text[4..6], &text[6..]);
    time::parse(format!("{year}-{month}-{day}T00:00:00Z"))
}

/// Numbers by their value, all else letter by letter: near enough to what package managers do.
fn by_version(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (parts(one), parts(other));
    loop {
        let order = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(Ok(one)), Some(Ok(other))) => one.cmp(&other),
            (Some(Err(one)), Some(Err(other))) => one.cmp(other),
            (Some(Ok(_)), Some(Err(_))) => Ordering::Greater,
            (Some(Err(_)), Some(Ok(_))) => Ordering::Less,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The runs of digits and of other characters.
fn parts(version: &str) -> impl Iterator<Item = Result<u128, &str>> {
    let mut rest = version;
    std::iter::from_fn(move || {
        let is_number = rest.bytes().next()?.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != is_number);
        let (part, others) = rest.split_at(end.unwrap_or(rest.len()));
        rest = others;
        Some(part.parse().map_err(|_| part))
    })
}

/// Installed packages of Linux and of Solaris-like systems, and what Windows Installer lists.
const LISTS_OF_SOFTWARE: [u32; 2] = [45141, 90235];
const OPEN_TCP_PORTS: u32 = 82023;
const OPEN_UDP_PORTS: u32 = 82004;
const NAMES: &[&str] = &[
    "package",
    "package name",
    "product",
    "product name",
    "software",
    "application",
    "display name",
    "name",
];
/// Begins a line before the header: how many columns there are.
const SHAPE: &str = "#table";
const MAX_NAME: usize = 500;
const MAX_ROWS: usize = 100_000;

#[cfg(test)]
mod tests;
