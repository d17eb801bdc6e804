//! Tables in `RESULTS` that name software and open ports: the packages that a detection complains
//! about, and the lists of a few QIDs of gathered information.
//!
//! Nearly all results are none of these, so the first bytes decide. A text that looks like a table
//! and is none costs nothing but its rows: there are no warnings here. Nothing is copied before all
//! results of a host were looked at, since most name what others have named.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use memchr::{memchr, memmem, memrchr};

use super::asset;
use crate::contract::types::{
    Finding, HostInventory, OpenPort, Software, SoftwareSource, Status, Timestamp,
};
use crate::time;

/// What the results of one host name, each thing once; `None` when there was no table.
pub(super) fn inventory(host_id: u64, findings: &[Finding]) -> Option<HostInventory> {
    let mut tables = Tables::default();
    for finding in findings {
        tables.add(finding);
    }
    if tables.software.is_empty() && tables.ports.is_empty() {
        return None;
    }
    let port = |((port, protocol), service): ((u16, &str), Option<&str>)| OpenPort {
        port,
        protocol: Some(protocol.to_owned()),
        service: service.map(str::to_owned),
    };
    Some(HostInventory {
        host_id,
        source: SoftwareSource::DetectionResults,
        software: tables.software.into_iter().map(Entry::copied).collect(),
        ports: tables.ports.into_iter().map(port).collect(),
        mac_addresses: Vec::new(),
        hardware_ids: Vec::new(),
    })
}

#[derive(Debug, Default)]
struct Tables<'a> {
    /// In the order of name and version.
    software: Vec<Entry<'a>>,
    ports: BTreeMap<(u16, &'static str), Option<&'a str>>,
}

/// A row of a table.
#[derive(Debug)]
struct Entry<'a> {
    name: &'a str,
    version: Option<&'a str>,
    required: Option<&'a str>,
    publisher: Option<&'a str>,
    installed: Option<Timestamp>,
    is_package: bool,
}

impl<'a> Tables<'a> {
    /// What is fixed tells what was there before.
    #[inline]
    fn add(&mut self, finding: &'a Finding) {
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

    fn add_software(&mut self, results: &'a str, is_list: bool) {
        let mut table = Table::new(results);
        let Some(header) = table.next() else { return };
        let Some(columns) = Columns::of(header.cells(), is_list) else {
            return;
        };
        // Where blanks set cells off, text has as many as it has words.
        let n_cells = (table.separator == b' ').then_some(header.n);
        for row in table.filter(|row| n_cells.is_none_or(|n| n == row.n)) {
            if self.software.len() == MAX_ROWS {
                return;
            }
            let software = columns.software(row.cells());
            // The header may come again.
            let software = software.filter(|it| it.name != header.cells()[columns.name]);
            if let Some(software) = software {
                self.merge(software);
            }
        }
    }

    /// Several detections complain about one package; the latest version that one of them asks
    /// for mends them all.
    fn merge(&mut self, software: Entry<'a>) {
        let key = (software.name, software.version);
        let found = self
            .software
            .binary_search_by(|it| (it.name, it.version).cmp(&key));
        let known = match found {
            Ok(at) => &mut self.software[at],
            Err(at) => return self.software.insert(at, software),
        };
        known.is_package |= software.is_package;
        known.publisher = known.publisher.or(software.publisher);
        known.installed = known.installed.or(software.installed);
        known.required = match (known.required, software.required) {
            (Some(one), Some(other)) if by_version(one, other) == Ordering::Less => Some(other),
            (one, other) => one.or(other),
        };
    }

    fn add_ports(&mut self, results: &'a str, protocol: &'static str) {
        let mut table = Table::new(results);
        let Some(header) = table.next() else { return };
        let at = |name| header.cells().iter().position(|cell| is(cell, name));
        let Some(port_at) = at("port") else { return };
        // What is assigned to a port is no more than a guess at what answers there.
        let service_at = at("service detected");
        for row in table {
            let row = row.cells();
            let Some(Ok(port)) = row.get(port_at).map(|cell| cell.parse::<u16>()) else {
                continue;
            };
            let service = service_at.and_then(|at| known(row.get(at)?));
            if port != 0 {
                let entry = self.ports.entry((port, protocol)).or_default();
                *entry = entry.or(service);
            }
        }
    }
}

impl Entry<'_> {
    fn copied(self) -> Software {
        Software {
            version: self.version.map(str::to_owned),
            required_version: self.required.map(str::to_owned),
            publisher: self.publisher.map(str::to_owned),
            is_package: self.is_package,
            installed: self.installed,
            ..asset::named(self.name.to_owned())
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
/// line that tells the shape of the table, cells may end with a blank. Lines without a second cell
/// are text, and passed over.
struct Table<'a> {
    rest: &'a str,
    /// What is left of a line with `;;`.
    parts: &'a str,
    has_parts: bool,
    separator: u8,
}

impl<'a> Table<'a> {
    fn new(results: &'a str) -> Self {
        let (rest, is_shaped) = match results.split_once('\n') {
            Some((first, rest)) if first.starts_with(SHAPE) => (rest, true),
            _ => (results, false),
        };
        let has_blanks = is_shaped && memchr(b'\t', rest.as_bytes()).is_none();
        Self {
            rest,
            parts: "",
            has_parts: memmem::find(rest.as_bytes(), PART).is_some(),
            separator: if has_blanks { b' ' } else { b'\t' },
        }
    }

    /// The next line with a second cell; what is between is passed over in one go.
    fn line(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let at = memchr(self.separator, bytes)?;
        let start = memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        let line = &self.rest[start..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some(line)
    }
}

impl<'a> Iterator for Table<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            if self.parts.is_empty() {
                self.parts = self.line()?;
            }
            let part = if self.has_parts {
                let (part, others) = self.parts.split_once(";;").unwrap_or((self.parts, ""));
                self.parts = others;
                part
            } else {
                std::mem::take(&mut self.parts)
            };
            let row = Row::of(part, self.separator);
            if row.n > 1 {
                return Some(row);
            }
        }
    }
}

struct Row<'a> {
    cells: [&'a str; MAX_CELLS],
    n: usize,
}

impl<'a> Row<'a> {
    fn of(line: &'a str, separator: u8) -> Self {
        let mut row = Row {
            cells: [""; MAX_CELLS],
            n: 0,
        };
        let mut rest = Some(line);
        while let (Some(text), true) = (rest, row.n < MAX_CELLS) {
            let at = memchr(separator, text.as_bytes());
            let cell = &text[..at.unwrap_or(text.len())];
            row.cells[row.n] = cell.trim();
            row.n += 1;
            rest = at.map(|at| &text[at + 1..]);
        }
        row
    }

    fn cells(&self) -> &[&'a str] {
        &self.cells[..self.n]
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
            is_package: at(&["package", "package name"]).is_some(),
        })
    }

    /// `None` for text among the rows.
    fn software<'a>(&self, row: &[&'a str]) -> Option<Entry<'a>> {
        let cell = |at: Option<usize>| known(row.get(at?)?);
        let version = row.get(self.version)?;
        Some(Entry {
            name: cell(Some(self.name)).filter(|name| name.len() <= MAX_NAME)?,
            version: known(version),
            required: cell(self.required),
            publisher: cell(self.publisher),
            installed: cell(self.installed).and_then(day),
            is_package: self.is_package,
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
fn known(cell: &str) -> Option<&str> {
    let is_absent =
        cell.len() <= LONGEST_ABSENT && ABSENT.iter().any(|word| cell.eq_ignore_ascii_case(word));
    (!is_absent).then_some(cell)
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

/// Installed packages of Linux and Unix, and what Windows Installer lists.
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
/// What stands in a cell that says nothing.
const ABSENT: [&str; 6] = ["", "-", "n/a", "null", "not found", "unknown"];
const LONGEST_ABSENT: usize = 9;
const PART: &[u8] = b";;";
const MAX_NAME: usize = 500;
const MAX_ROWS: usize = 100_000;
/// No header that is known has as many.
const MAX_CELLS: usize = 8;

#[cfg(test)]
mod tests;
