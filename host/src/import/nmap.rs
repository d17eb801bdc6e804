//! XML of nmap (`-oX`), as its DTD has it: hosts that are up, with addresses, names, open ports and
//! the likeliest operating system.

use std::io::BufRead;

use quick_xml::{
    Reader as Xml, XmlVersion,
    events::{BytesStart, Event},
};

use super::{ImportError, Oddities, Result, column::Column, row::Row};
use crate::{guest::types::OpenPort, store::ImportedRecord};

#[derive(Debug)]
pub(super) struct Reader<R> {
    xml: Xml<R>,
    buffer: Vec<u8>,
    has_begun: bool,
    odd: Oddities,
}

/// A host as far as it was read.
struct Host {
    row: Row,
    is_up: bool,
    port: Option<OpenPort>,
    is_open: bool,
    best_os: u8,
    os: Option<String>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(input: R) -> Self {
        let mut xml = Xml::from_reader(input);
        xml.config_mut().expand_empty_elements = true;
        Self {
            xml,
            buffer: Vec::new(),
            has_begun: false,
            odd: Oddities::default(),
        }
    }

    pub(super) fn oddities(&self) -> &Oddities {
        &self.odd
    }

    /// The place is the number of the byte behind the host.
    pub(super) fn next_record(&mut self) -> Result<Option<(u64, ImportedRecord)>> {
        let mut host: Option<Host> = None;
        loop {
            self.buffer.clear();
            let at = self.xml.buffer_position();
            let event = self.xml.read_event_into(&mut self.buffer);
            let event = event.map_err(|error| match error {
                // What was opened is not closed.
                quick_xml::Error::Syntax(_) => cut_off(at),
                error => ImportError(format!("it is no sound XML at byte {at}: {error}")),
            })?;
            match event {
                Event::Start(element) => match (element.name().as_ref(), &mut host) {
                    ("nmaprun", _) => self.has_begun = true,
                    (_, _) if !self.has_begun => {
                        return Err(ImportError("it is XML, but not of nmap".to_owned()));
                    }
                    ("host", _) => host = Some(Host::new(at, &element, &mut self.odd)),
                    (_, Some(host)) => host.element(&element, &mut self.odd),
                    _ => {}
                },
                Event::End(element) => match (element.name().as_ref(), &mut host) {
                    ("port", Some(host)) => host.end_port(),
                    ("host", Some(_)) => {
                        let done = host.take().filter(|host| host.is_up);
                        if let Some(record) = done.and_then(|host| host.finish(&mut self.odd)) {
                            return Ok(Some((at, record)));
                        }
                    }
                    ("nmaprun", _) => return Ok(None),
                    _ => {}
                },
                Event::Eof if at == 0 => return Err(ImportError("it is empty".to_owned())),
                Event::Eof if !self.has_begun => {
                    return Err(ImportError("it is not XML of nmap".to_owned()));
                }
                Event::Eof => return Err(cut_off(at)),
                _ => {}
            }
        }
    }
}

impl Host {
    fn new(place: u64, element: &BytesStart<'_>, odd: &mut Oddities) -> Self {
        let mut row = Row::new(place);
        for (name, column) in [
            ("starttime", Column::FirstFound),
            ("endtime", Column::LastSeen),
        ] {
            if let Some(time) = attribute(element, name) {
                row.take(column, name, &time, odd);
            }
        }
        Self {
            row,
            is_up: true,
            port: None,
            is_open: false,
            best_os: 0,
            os: None,
        }
    }

    fn element(&mut self, element: &BytesStart<'_>, odd: &mut Oddities) {
        let told = |name| attribute(element, name);
        match element.name().as_ref() {
            // Of the host, outside of its ports.
            "status" => self.is_up = told("state").is_none_or(|state| state == "up"),
            "address" => {
                let (address, kind) = (told("addr").unwrap_or_default(), told("addrtype"));
                if kind.as_deref() == Some("mac") {
                    self.row.take(Column::Mac, "mac", &address, odd);
                    self.row
                        .attribute("mac_vendor", &told("vendor").unwrap_or_default());
                } else {
                    // The same address is looked for in the next scan.
                    self.row.take(Column::Key, "address", &address, odd);
                    self.row.take(Column::Ip, "address", &address, odd);
                }
            }
            "hostname" => {
                let name = told("name").unwrap_or_default();
                self.row.take(Column::Dns, "hostname", &name, odd);
            }
            "port" => {
                self.is_open = false;
                let number = told("portid").and_then(|port| port.parse().ok());
                self.port = number.map(|port| OpenPort {
                    port,
                    protocol: told("protocol"),
                    service: None,
                });
            }
            "state" => self.is_open = told("state").as_deref() == Some("open"),
            "service" => {
                if let Some(port) = &mut self.port {
                    let parts = ["name", "product", "version"].map(told);
                    let parts: Vec<_> = parts.into_iter().flatten().collect();
                    port.service = (!parts.is_empty()).then(|| parts.join(" "));
                }
            }
            "osmatch" => {
                let accuracy = told("accuracy").and_then(|it| it.parse().ok()).unwrap_or(0);
                if accuracy > self.best_os {
                    (self.best_os, self.os) = (accuracy, told("name"));
                }
            }
            _ => {}
        }
    }

    fn end_port(&mut self) {
        if let Some(port) = self.port.take()
            && self.is_open
        {
            self.row.port(port);
        }
    }

    fn finish(mut self, odd: &mut Oddities) -> Option<ImportedRecord> {
        if let Some(os) = &self.os {
            self.row.take(Column::Os, "os", os, odd);
            self.row.attribute("os_accuracy", &self.best_os.to_string());
        }
        self.row.finish()
    }
}

fn cut_off(at: u64) -> ImportError {
    ImportError(format!(
        "it ends at byte {at}, before nmap was done; let nmap finish, or scan again"
    ))
}

/// Without what cannot be read, which says nothing.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    let text = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(text.into_owned()).filter(|text| !text.is_empty())
}
