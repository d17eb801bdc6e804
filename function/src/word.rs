//! The words of addresses and work lists: datasets by name.

use qonduit_component::contract::types::Dataset;

/// Every dataset, by the name that it has in the contract.
pub const DATASETS: &[(&str, Dataset)] = &[
    ("host-ids", Dataset::HostIds),
    ("hosts", Dataset::Hosts),
    ("detections", Dataset::Detections),
    ("knowledge-base", Dataset::KnowledgeBase),
    ("asset-groups", Dataset::AssetGroups),
    ("tags", Dataset::Tags),
    ("changed-host-ids", Dataset::ChangedHostIds),
    ("host-assets", Dataset::HostAssets),
    ("asset-view", Dataset::AssetView),
    ("web-apps", Dataset::WebApps),
    ("web-app-findings", Dataset::WebAppFindings),
    ("cve-scores", Dataset::CveScores),
];

/// The dataset of this name.
pub fn dataset(name: &str) -> Option<Dataset> {
    let found = DATASETS.iter().find(|(known, _)| *known == name);
    found.map(|(_, dataset)| *dataset)
}

/// The name of a dataset.
pub fn name(dataset: Dataset) -> &'static str {
    let found = DATASETS.iter().find(|(_, known)| *known == dataset);
    found.expect("every dataset has a name").0
}

/// All names, for messages.
pub fn names() -> String {
    let names: Vec<_> = DATASETS.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dataset_has_a_name_of_its_own() {
        for (place, (word, known)) in DATASETS.iter().enumerate() {
            assert_eq!(
                *known as usize, place,
                "{word} is in the order of the contract"
            );
            assert_eq!(dataset(word), Some(*known));
            assert_eq!(name(*known), *word);
        }
    }
}
