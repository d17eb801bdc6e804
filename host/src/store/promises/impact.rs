//! The impact of tags and assets, and who has the last word.

use super::{LEASE, all, begun, detections, finding, host, page};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        types::{self, AssetGroup, Dataset, Impact, QualysHost, QualysTag},
    },
    store::{AssetImpact, Commit, RunId, Store, TagImpact},
};

fn group(id: u64, title: &str, impact: Option<Impact>) -> AssetGroup {
    AssetGroup {
        id,
        title: title.into(),
        business_impact: None,
        impact,
        host_ids: vec![1],
        attributes: "{}".into(),
    }
}

fn tag(tag_id: u64, name: &str, asset_group_id: Option<u64>) -> QualysTag {
    QualysTag {
        tag_id,
        name: name.into(),
        parent_tag_id: None,
        color: None,
        rule_type: None,
        rule_text: None,
        criticality: None,
        asset_group_id,
        attributes: "{}".into(),
    }
}

/// One host with the tags 5 and 6, which is in the groups 50 and 70; 5 is the tag of 50.
fn sync(store: &mut dyn Store, run: RunId) {
    let tagged = QualysHost {
        tags: [(5, "plant"), (6, "lab")]
            .map(|(id, name)| types::Tag {
                id: Some(id),
                name: name.into(),
            })
            .to_vec(),
        ..host()
    };
    let pages = [
        (
            Dataset::AssetGroups,
            Page {
                asset_groups: vec![
                    group(50, "Plant", Some(Impact::High)),
                    group(70, "Office", Some(Impact::Medium)),
                ],
                ..page()
            },
        ),
        (
            Dataset::Tags,
            Page {
                tags: vec![tag(5, "plant", Some(50)), tag(6, "lab", None)],
                ..page()
            },
        ),
        (
            Dataset::Hosts,
            Page {
                hosts: vec![HostFindings {
                    host: tagged,
                    findings: Vec::new(),
                }],
                ..page()
            },
        ),
    ];
    for (dataset, page) in &pages {
        let step = Commit {
            page: Some(page),
            ..Commit::new(run, LEASE, *dataset)
        };
        store.commit(&step).unwrap();
    }
}

pub(in crate::store) fn what_a_person_says_of_a_tag_outlives_every_sync(store: &mut dyn Store) {
    let run = begun(store);
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    sync(store, run);
    detections(store, run, &[finding("a")]);
    let asset = all(store)[0].finding.asset_id;
    let of_asset = |store: &dyn Store| store.reader().unwrap().impact(asset).unwrap();
    let of_tag = |store: &dyn Store, name: &str| {
        let tags = store.reader().unwrap().tags_by_name(name).unwrap();
        (tags[0].impact, tags[0].is_impact_set)
    };
    let impact = |impact, of: &str| {
        Some(AssetImpact {
            impact,
            of: of.into(),
        })
    };

    // Off by default.
    assert_eq!(
        (of_asset(store), of_tag(store, "PLANT")),
        (None, (None, false))
    );
    store.map_business_impact(connector, true).unwrap();
    assert_eq!(of_asset(store), impact(Impact::High, "Plant"));
    assert_eq!(of_tag(store, "plant"), (Some(Impact::High), false));

    // A person comes first, also with "none", and a sync that brings all of it again changes nothing.
    let say = |store: &mut dyn Store, tag, said| {
        store.set_tag_impact(connector, tag, said).unwrap();
        sync(store, run);
    };
    say(store, 5, TagImpact::Is(Impact::Low));
    assert_eq!(of_tag(store, "plant"), (Some(Impact::Low), true));
    assert_eq!(of_asset(store), impact(Impact::Medium, "Office"));
    say(store, 5, TagImpact::IsNone);
    assert_eq!(of_tag(store, "plant"), (None, true));
    say(store, 6, TagImpact::Is(Impact::High));
    assert_eq!(of_asset(store), impact(Impact::High, "lab"));
    assert_eq!(store.reader().unwrap().tags_by_number(6).unwrap().len(), 1);

    say(store, 5, TagImpact::Unset);
    say(store, 6, TagImpact::Unset);
    assert_eq!(of_tag(store, "plant"), (Some(Impact::High), false));
    store.map_business_impact(connector, false).unwrap();
    assert_eq!(
        (of_asset(store), of_tag(store, "plant")),
        (None, (None, false))
    );
}
