//! The columns of an imported table, and which of its own columns each is taken from.

use super::ImportError;

/// What a column may mean.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Column {
    Key,
    Name,
    Ip,
    Dns,
    Netbios,
    Os,
    Mac,
    HardwareId,
    QgHostid,
    CloudProvider,
    CloudInstance,
    FirstFound,
    LastSeen,
    Tags,
    Ports,
}

/// Name, other names that a table may use for it, and what it is.
type Definition = (Column, &'static str, &'static [&'static str], &'static str);

/// In the order of the manual.
#[rustfmt::skip]
pub const COLUMNS: &[Definition] = &[
    (Column::Key, "key", &["id", "asset_id", "record_id"], "name of the machine within the source, the same in the next file"),
    (Column::Name, "name", &["asset", "asset_name", "display_name", "computer_name"], "what people call it"),
    (Column::Ip, "ip", &["ipv4", "ipv6", "ip_address", "address", "addresses", "ip_addresses"], "an address, IPv4 or IPv6"),
    (Column::Dns, "dns", &["fqdn", "hostname", "host_name", "dns_name", "host"], "a DNS name"),
    (Column::Netbios, "netbios", &["netbios_name"], "NetBIOS name"),
    (Column::Os, "os", &["operating_system", "os_name"], "operating system"),
    (Column::Mac, "mac", &["mac_address", "macs", "mac_addresses"], "MAC address"),
    (Column::HardwareId, "hardware_id", &["serial", "serial_number", "uuid", "bios_serial", "bios_uuid"], "serial number or UUID of the hardware"),
    (Column::QgHostid, "qg_hostid", &["qualys_host_uuid"], "number that Qualys left on the machine (QG_HOSTID)"),
    (Column::CloudProvider, "cloud_provider", &[], "cloud provider, such as `AWS`"),
    (Column::CloudInstance, "cloud_instance", &["instance_id", "cloud_instance_id"], "number of the machine there"),
    (Column::FirstFound, "first_found", &["first_seen", "created", "created_at"], "when it was seen first: a day, a moment or seconds since 1970"),
    (Column::LastSeen, "last_seen", &["last_found", "updated_at", "last_updated"], "when it was seen last"),
    (Column::Tags, "tags", &["tag", "labels"], "tags, with commas between them"),
    (Column::Ports, "ports", &["open_ports"], "open ports, such as `22/tcp, 443/tcp/https`"),
];

impl Column {
    /// As people write it.
    pub fn name(self) -> &'static str {
        let of = |definition: &&Definition| definition.0 == self;
        COLUMNS.iter().find(of).expect("every column is defined").1
    }

    pub(super) fn is_shown_as_attribute(self) -> bool {
        matches!(
            self,
            Self::Mac
                | Self::HardwareId
                | Self::QgHostid
                | Self::CloudProvider
                | Self::CloudInstance
        )
    }

    fn named(name: &str) -> Option<Self> {
        COLUMNS
            .iter()
            .find(|it| it.1.eq_ignore_ascii_case(name))
            .map(|it| it.0)
    }

    /// By the name or one of the others, whatever stands between the words.
    fn called(header: &str) -> Option<Self> {
        let plain: String = header
            .trim()
            .chars()
            .map(|letter| {
                if letter.is_alphanumeric() {
                    letter.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        let of = |it: &&Definition| it.1 == plain || it.2.contains(&plain.as_str());
        COLUMNS.iter().find(of).map(|it| it.0)
    }
}

/// What somebody says of the columns; the others are known by their names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Mapping(Vec<(Column, String)>);

impl Mapping {
    /// Each as `COLUMN=ITS COLUMN`.
    pub fn parse(said: &[String]) -> Result<Self, ImportError> {
        let one = |text: &String| {
            let (name, from) = text.split_once('=').ok_or_else(|| {
                ImportError(format!(
                    "`{text}` is no mapping; it is like ip=\"IP Address\""
                ))
            })?;
            let column = Column::named(name.trim()).ok_or_else(|| {
                let known: Vec<_> = COLUMNS.iter().map(|it| it.1).collect();
                ImportError(format!(
                    "`{}` is nothing that a column can be mapped to; it is one of {}",
                    name.trim(),
                    known.join(", ")
                ))
            })?;
            Ok((column, from.trim().to_owned()))
        };
        said.iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// What the column of this name means. What somebody says goes before what it is called.
    pub(super) fn of(&self, header: &str) -> Option<Column> {
        let said = self
            .0
            .iter()
            .find(|(_, from)| from.eq_ignore_ascii_case(header.trim()));
        match said {
            Some((column, _)) => Some(*column),
            None => Column::called(header).filter(|column| !self.names(*column)),
        }
    }

    fn names(&self, column: Column) -> bool {
        self.0.iter().any(|(named, _)| *named == column)
    }

    /// A column that somebody names and the table lacks is a mistake; so is a table of which no
    /// column tells which machine a line is about.
    pub(super) fn check(&self, headers: &[&str]) -> Result<(), ImportError> {
        let list = headers
            .iter()
            .map(|it| format!("`{it}`"))
            .collect::<Vec<_>>()
            .join(", ");
        for (_, from) in &self.0 {
            if !headers
                .iter()
                .any(|it| it.trim().eq_ignore_ascii_case(from))
            {
                return Err(ImportError(format!(
                    "there is no column `{from}`; it has {list}"
                )));
            }
        }
        let tells = |column: Option<Column>| {
            column.is_some_and(|column| {
                !matches!(
                    column,
                    Column::Os
                        | Column::CloudProvider
                        | Column::FirstFound
                        | Column::LastSeen
                        | Column::Tags
                        | Column::Ports
                )
            })
        };
        if !headers.iter().any(|it| tells(self.of(it))) {
            return Err(ImportError(format!(
                "no column tells which machine a line is about; name one, such as --map \
                 ip=COLUMN, of {list}"
            )));
        }
        Ok(())
    }
}
