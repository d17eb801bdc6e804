//! The reference page of the formats, printed from the tables that render them.

use std::fmt::Write as _;

use super::{
    csv, cyclonedx, defectdojo, ecs, ndjson, ocsf, subjects,
    value::Field,
    versions,
    word::{self, FORMATS, SUBJECTS},
};

/// A table of the page: where its fields stand, and what they are made from.
#[derive(Debug)]
pub struct Section {
    /// For people.
    pub title: &'static str,
    /// The word of the format.
    pub format: &'static str,
    /// The word of what is exported; nothing for a part of something.
    pub subject: &'static str,
    /// What the paths begin with.
    pub prefix: &'static str,
    /// Paths, and what they are made from.
    pub fields: Vec<(&'static str, &'static str)>,
}

/// Every table.
pub fn sections() -> Vec<Section> {
    let section = |title, format, subject, prefix, fields| Section {
        title,
        format,
        subject,
        prefix,
        fields,
    };
    vec![
        section(
            "NDJSON of findings",
            "ndjson",
            "findings",
            "",
            fields(ndjson::FINDING),
        ),
        section(
            "NDJSON of assets",
            "ndjson",
            "assets",
            "",
            fields(ndjson::ASSET),
        ),
        section(
            "NDJSON of vulnerabilities",
            "ndjson",
            "vulnerabilities",
            "",
            fields(ndjson::VULNERABILITY),
        ),
        section(
            "NDJSON of software",
            "ndjson",
            "software",
            "",
            fields(ndjson::SOFTWARE),
        ),
        section(
            "CSV of findings",
            "csv",
            "findings",
            "",
            named(csv::findings()),
        ),
        section("CSV of assets", "csv", "assets", "", named(csv::assets())),
        section(
            "CSV of vulnerabilities",
            "csv",
            "vulnerabilities",
            "",
            named(csv::vulnerabilities()),
        ),
        section(
            "CSV of software",
            "csv",
            "software",
            "",
            named(csv::software()),
        ),
        section(
            "OCSF of findings: Vulnerability Finding (2002)",
            "ocsf",
            "findings",
            "",
            fields(ocsf::FINDING),
        ),
        section(
            "OCSF: each of `vulnerabilities`",
            "ocsf",
            "",
            "vulnerabilities.",
            fields(ocsf::VULNERABILITY),
        ),
        section(
            "OCSF: `cve`",
            "ocsf",
            "",
            "vulnerabilities.cve.",
            fields(ocsf::CVE),
        ),
        section(
            "OCSF: each of `cvss`",
            "ocsf",
            "",
            "vulnerabilities.cve.cvss.",
            fields(ocsf::CVSS),
        ),
        section(
            "OCSF: `advisory`",
            "ocsf",
            "",
            "vulnerabilities.advisory.",
            fields(ocsf::ADVISORY),
        ),
        section(
            "OCSF: `device`",
            "ocsf",
            "",
            "device.",
            fields(ocsf::DEVICE),
        ),
        section(
            "OCSF: each of `resources`",
            "ocsf",
            "",
            "resources.",
            fields(ocsf::RESOURCE),
        ),
        section(
            "OCSF: `metadata` of every event",
            "ocsf",
            "",
            "metadata.",
            METADATA.to_vec(),
        ),
        section(
            "OCSF of assets: Device Inventory Info (5001)",
            "ocsf",
            "assets",
            "",
            fields(ocsf::INVENTORY),
        ),
        section(
            "ECS of findings",
            "ecs",
            "findings",
            "",
            fields(ecs::FINDING),
        ),
        section("ECS of assets", "ecs", "assets", "", fields(ecs::ASSET)),
        section("ECS: `host`", "ecs", "", "host.", fields(ecs::HOST)),
        section("ECS: `cloud`", "ecs", "", "cloud.", fields(ecs::CLOUD)),
        section(
            "DefectDojo: each of `findings`",
            "defectdojo",
            "findings",
            "findings.",
            fields(defectdojo::FINDING),
        ),
        section(
            "CycloneDX: each of `components`, an asset",
            "cyclonedx",
            "assets",
            "components.",
            fields(cyclonedx::COMPONENT),
        ),
        section(
            "CycloneDX: the components of an asset, its software",
            "cyclonedx",
            "",
            "components.components.",
            cyclonedx::PROGRAM.to_vec(),
        ),
        section(
            "CycloneDX: each of `vulnerabilities`, a finding",
            "cyclonedx",
            "",
            "vulnerabilities.",
            fields(cyclonedx::VULNERABILITY),
        ),
        section(
            "CycloneDX: each of `ratings`",
            "cyclonedx",
            "",
            "vulnerabilities.ratings.",
            fields(cyclonedx::RATING),
        ),
    ]
}

/// The page as it is in `docs/export-formats.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    page += "| format | takes | versions |\n|---|---|---|\n";
    for (format, name) in FORMATS {
        let takes: Vec<_> = subjects(*format)
            .iter()
            .map(|it| word::of(SUBJECTS, *it))
            .collect();
        let versions = versions(*format).join(", ");
        writeln!(page, "| `{name}` | {} | {versions} |", takes.join(", ")).expect("memory");
    }
    page += NOTES;
    for Section {
        title,
        prefix,
        fields,
        ..
    } in sections()
    {
        write!(page, "\n## {title}\n\n| where | made from |\n|---|---|\n").expect("memory");
        for (path, from) in fields {
            let from = if from.contains(' ') || from.contains('`') || from.parse::<u32>().is_ok() {
                from.to_owned()
            } else {
                format!("`{from}`")
            };
            writeln!(page, "| `{prefix}{path}` | {from} |").expect("memory");
        }
    }
    page
}

fn fields<R>(table: &'static [Field<R>]) -> Vec<(&'static str, &'static str)> {
    named(table.iter().collect())
}

fn named<R>(table: Vec<&'static Field<R>>) -> Vec<(&'static str, &'static str)> {
    table.iter().map(|field| (field.path, field.from)).collect()
}

/// Written in front of an event, before its table.
const METADATA: &[(&str, &str)] = &[
    ("version", "the version that was chosen"),
    ("product.name", "`Qualys VMDR`"),
    ("product.vendor_name", "`Qualys`"),
    ("labels", "names of tags of the asset"),
];

const HEAD: &str = "\
# Export formats

Printed from the tables of the component that render them (`component/src/export/`); a test holds
this page to them. Names on the right are those of the NDJSON, which are the words of the contract.
*The entry* is that of the QID in the knowledge base.

";

const NOTES: &str = "
- **NDJSON** has every key in every line, `null` where nothing is known. **CSV** is RFC 4180: lines
  end with CR LF, lists are joined with `; `, and cells that a spreadsheet would run as a formula get
  a `'` before them unless that is switched off.
- **OCSF, ECS, DefectDojo and CycloneDX** leave out what is not known.
- **OCSF**: one event a line. Each of `vulnerabilities` has exactly one of `cve` and `advisory`: a QID
  without a CVE is an advisory. Times are milliseconds since 1970.
- **ECS**: one document a line. What the schema has no field for is under `qonduit`, the status first
  of all.
- **DefectDojo**: one document for the *Generic Findings Import*. `unique_id_from_tool` tells it which
  findings it has already.
- **CycloneDX**: one document. A finding affects its asset, and those programs of it that have the
  name of a product of the entry.
- HTML of the knowledge base is written as plain text in all but NDJSON and CSV.
";
