//! Columns of the software of assets. The names are those of the JSON keys.

use super::csv::{Column, maybe, time};
use crate::store::{InstalledRow, Word};

pub(super) const SOFTWARE: &[Column<InstalledRow>] = &[
    ("host_id", |row| row.host_id.to_string()),
    ("asset_name", |row| row.asset_name.clone()),
    ("name", |row| row.installed.software.name.clone()),
    ("version", |row| {
        maybe(row.installed.software.version.as_ref())
    }),
    ("required_version", |row| {
        maybe(row.installed.required_version.as_ref())
    }),
    ("publisher", |row| {
        maybe(row.installed.software.publisher.as_ref())
    }),
    ("category", |row| {
        maybe(row.installed.software.category.as_ref())
    }),
    ("is_package", |row| {
        row.installed.software.is_package.to_string()
    }),
    ("end_of_life", |row| {
        time(row.installed.software.end_of_life)
    }),
    ("installed", |row| time(row.installed.installed)),
    ("source", |row| row.installed.source.word().to_owned()),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        guest::types::SoftwareSource,
        store::{AssetSoftware, SoftwareName},
    };

    #[test]
    fn every_key_of_the_json_has_its_column() {
        let row = InstalledRow {
            host_id: 7,
            asset_name: "web-1".to_owned(),
            installed: AssetSoftware {
                software: SoftwareName {
                    name: "bash".to_owned(),
                    version: None,
                    publisher: None,
                    category: None,
                    is_package: true,
                    end_of_life: None,
                },
                required_version: None,
                installed: None,
                source: SoftwareSource::HostAssets,
            },
        };
        let json = serde_json::to_value(&row).expect("is JSON");
        let keys: Vec<_> = json.as_object().expect("is an object").keys().collect();
        let mut columns: Vec<_> = SOFTWARE.iter().map(|(name, _)| *name).collect();
        columns.sort_unstable();
        assert_eq!(keys, columns);
    }
}
