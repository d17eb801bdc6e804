use super::*;

fn key(criterion: Criterion, value: &str) -> Key {
    let value = value.to_owned();
    Key { criterion, value }
}

fn members(of: &[&[(Criterion, &str)]]) -> Vec<Member> {
    let keys = |keys: &&[(Criterion, &str)]| {
        let mut keys: Vec<_> = keys.iter().map(|(it, value)| key(*it, value)).collect();
        keys.sort();
        keys
    };
    let numbered = (10..).zip(of.iter().map(keys));
    numbered
        .map(|(record, keys)| Member { record, keys })
        .collect()
}

fn assets(of: &[&[(Criterion, &str)]]) -> Vec<RecordId> {
    assets_of(&members(of), &BTreeSet::new())
}

use Criterion::{DnsAndAddress as Dns, HardwareId, MacAddress as Mac, QgHostid, QualysAssetId};

#[test]
fn each_identifier_has_one_way_of_writing() {
    let told = Identifiers {
        qg_hostid: Some("A1B2-c3d4".into()),
        qualys_asset: Some(("QualysAPI.example".into(), 7)),
        cloud_instance: Some(("AWS".into(), " I-0ABC ".into())),
        hardware_ids: vec!["VMware-42 1D".into(), "To Be Filled By O.E.M.".into()],
        mac_addresses: vec!["00-11-22-AA-BB-CC".into(), "0011.22aa.bbcc".into()],
        dns_names: vec!["Web01.Example.".into()],
        addresses: vec![
            "192.0.2.1".into(),
            "::ffff:192.0.2.1".into(),
            "2001:DB8:0::1".into(),
        ],
    };
    assert_eq!(
        told.keys(),
        [
            key(QgHostid, "a1b2c3d4"),
            key(QualysAssetId, "qualysapi.example/7"),
            key(Criterion::CloudInstance, "aws/i-0abc"),
            key(HardwareId, "vmware421d"),
            key(Mac, "001122aabbcc"),
            key(Dns, "web01.example 192.0.2.1"),
            key(Dns, "web01.example 2001:db8::1"),
        ]
    );
}

#[test]
fn what_many_machines_have_identifies_none() {
    let told = Identifiers {
        qg_hostid: Some("0".into()),
        hardware_ids: ["", "0000-0000-0000", "None", "System Serial Number", "-"]
            .map(String::from)
            .into(),
        mac_addresses: [
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "01:00:5e:00:00:01",
            "00:00:5e:00:01:0a",
            "02:42:ac:11:00:02",
            "00:11:22:33:44",
            "zz:11:22:33:44:55",
        ]
        .map(String::from)
        .into(),
        dns_names: ["localhost", "localhost.localdomain", " ", "."]
            .map(String::from)
            .into(),
        addresses: vec!["192.0.2.1".into()],
        ..Identifiers::default()
    };
    assert_eq!(told.keys(), []);
    let local = Identifiers {
        dns_names: vec!["web01".into()],
        addresses: [
            "127.0.0.1",
            "169.254.1.1",
            "fe80::1",
            "::",
            "224.0.0.1",
            "no address",
        ]
        .map(String::from)
        .into(),
        ..Identifiers::default()
    };
    assert_eq!(local.keys(), []);
}

#[test]
fn records_that_share_an_identifier_are_one_asset() {
    assert_eq!(
        assets(&[&[(Mac, "a")], &[(Mac, "b")], &[(Mac, "a")]]),
        [10, 11, 10]
    );
}

#[test]
fn a_record_may_bring_two_others_together() {
    assert_eq!(
        assets(&[&[(Mac, "a")], &[(Dns, "n")], &[(Mac, "a"), (Dns, "n")]]),
        [10, 10, 10]
    );
}

#[test]
fn a_stronger_identifier_speaks_against_a_weaker_one() {
    // The same name and address, but two installations: the machine was set up anew.
    assert_eq!(
        assets(&[
            &[(QgHostid, "a"), (Dns, "n")],
            &[(QgHostid, "b"), (Dns, "n")]
        ]),
        [10, 11]
    );
    // An agent and a scan of one machine have numbers of their own in Qualys.
    assert_eq!(
        assets(&[
            &[(QgHostid, "a"), (QualysAssetId, "1")],
            &[(QgHostid, "a"), (QualysAssetId, "2")]
        ]),
        [10, 10]
    );
    // Another network card says nothing.
    assert_eq!(
        assets(&[&[(Mac, "a"), (Dns, "n")], &[(Mac, "b"), (Dns, "n")]]),
        [10, 10]
    );
}

#[test]
fn of_two_that_exclude_each_other_the_stronger_link_wins() {
    let records = assets(&[
        &[(HardwareId, "x"), (Dns, "n")],
        &[(HardwareId, "y"), (Mac, "m")],
        &[(Mac, "m"), (Dns, "n")],
    ]);
    assert_eq!(records, [10, 11, 11]);
}

#[test]
fn what_a_person_took_apart_stays_apart() {
    let records = members(&[&[(QgHostid, "a")], &[(QgHostid, "a")], &[(QgHostid, "a")]]);
    let apart = BTreeSet::from([(10, 12), (11, 12)]);
    assert_eq!(assets_of(&records, &apart), [10, 10, 12]);
}

#[test]
fn what_too_many_share_brings_none_together() {
    let one: &[(Criterion, &str)] = &[(Mac, "a")];
    let together = vec![one; MOST_SHARED];
    assert_eq!(assets(&together), vec![10; MOST_SHARED]);
    let too_many = vec![one; MOST_SHARED + 1];
    let numbers: Vec<_> = (10..).take(MOST_SHARED + 1).collect();
    assert_eq!(assets(&too_many), numbers);
}

#[test]
fn what_matched_is_named_with_the_strongest_first() {
    let records = members(&[
        &[(Mac, "a"), (Mac, "b"), (Dns, "n")],
        &[(Mac, "b"), (Dns, "n")],
        &[(Mac, "z")],
    ]);
    let assets = assets_of(&records, &BTreeSet::new());
    assert_eq!(
        matched_by(&records, &assets, 0),
        [key(Mac, "b"), key(Dns, "n")]
    );
    assert_eq!(matched_by(&records, &assets, 2), []);
    assert_eq!(key(Mac, "b").text(), "MAC address b");
}
