//! Machines that other tools saw, beside those of Qualys, through the commands.

use serde_json::Value;

use crate::place::{Place, lines};

fn write(place: &Place, name: &str, text: &str) -> String {
    let file = place.path(name);
    std::fs::write(&file, text).expect("a file can be written");
    file.to_str().expect("a path is text").to_owned()
}

fn nmap(hosts: &[(&str, &str)]) -> String {
    let hosts = hosts.iter().map(|(address, name)| {
        format!(
            "<host><status state=\"up\"/><address addr=\"{address}\" addrtype=\"ipv4\"/>\
             <hostnames><hostname name=\"{name}\" type=\"PTR\"/></hostnames><ports>\
             <port protocol=\"tcp\" portid=\"4711\"><state state=\"open\"/></port></ports></host>"
        )
    });
    let hosts: String = hosts.collect();
    format!("<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun>\n<nmaprun>{hosts}</nmaprun>\n")
}

/// A host of Qualys that is an asset of its own, with a name and an address.
fn single(place: &Place) -> Value {
    let is_it = |row: &Value| {
        let several = place.run(&["show", "--asset", &row["asset_id"].to_string(), "--json"]);
        let shown = lines(&several.stdout);
        row["dns"].is_string()
            && shown[0]["records"]
                .as_array()
                .is_some_and(|it| it.len() == 1)
    };
    let rows = place.export(&["assets", "--kind", "host"]);
    rows.into_iter().find(is_it).expect("the sample has one")
}

fn shown(place: &Place, asset: &Value) -> Value {
    let outcome = place.run(&["show", "--asset", &asset.to_string(), "--json"]);
    outcome.expect_exit(0);
    lines(&outcome.stdout).remove(0)
}

#[test]
fn a_scan_of_the_network_finds_what_qualys_knows_and_what_it_does_not() {
    let place = Place::new(&["--hosts", "40"]);
    place.sync(&[]).expect_exit(0);
    let n = place.export(&["assets"]).len();
    let host = single(&place);
    let text = |key: &str| host[key].as_str().expect("a text").to_owned();
    let (address, name) = (text("ip"), text("dns").to_uppercase());
    let scan = nmap(&[(&address, &name), ("203.0.113.9", "printer.example")]);
    let file = write(&place, "scan.xml", &scan);

    let outcome = place.run(&["import", &file, "--json", "--site", "Lab"]);
    outcome.expect_exit(0);
    let done = &lines(&outcome.stdout)[0];
    let counts = ["new", "changed", "unchanged", "gone", "merged"].map(|key| done[key].clone());
    assert_eq!(counts, [2, 0, 0, 0, 1].map(Value::from));
    let assets = place.export(&["assets"]);
    assert_eq!(assets.len(), n + 1);
    let one = shown(&place, &host["asset_id"]);
    assert_eq!(one["sources"], serde_json::json!(["nmap", "qualys"]));
    assert_eq!(one["host_id"], host["host_id"]);
    let matched = &one["records"][0]["matched_by"][0];
    assert_eq!(matched["criterion"], "dns-and-address");
    assert!(
        one["ports"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|it| it["source"] == "nmap")
    );
    let printer = assets
        .iter()
        .find(|it| it["name"] == "printer.example")
        .expect("is there");
    assert_eq!(
        (&printer["site"], &printer["host_id"]),
        (&"Lab".into(), &Value::Null)
    );
    let by_source = place.export(&["assets", "--where", "source:=nmap and not source:=qualys"]);
    assert_eq!(by_source.len(), 1);

    // The same again changes nothing, and a sync keeps what was merged.
    place.run(&["import", &file]).expect_exit(0);
    place.sim.set_day(1);
    place.sync(&[]).expect_exit(0);
    place.expect_truth();
    assert_eq!(
        shown(&place, &host["asset_id"])["sources"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[test]
fn a_wrong_merge_is_taken_apart_for_good() {
    let place = Place::new(&["--hosts", "40"]);
    place.sync(&[]).expect_exit(0);
    let host = single(&place);
    let (address, name) = (
        host["ip"].as_str().expect("one"),
        host["dns"].as_str().expect("one"),
    );
    let file = write(&place, "scan.xml", &nmap(&[(address, name)]));
    place.run(&["import", &file]).expect_exit(0);
    let one = shown(&place, &host["asset_id"]);
    let record = one["records"].as_array().expect("a list");
    let record = record
        .iter()
        .find(|it| it["source"] == "nmap")
        .expect("is there");
    let number = record["record_id"].to_string();
    place.run(&["assets", "split", &number]).expect_exit(0);
    place.run(&["import", &file]).expect_exit(0);
    place.sync(&["settings.full_every_days=0"]).expect_exit(0);
    let alone = shown(&place, &host["asset_id"]);
    assert_eq!(alone["sources"], serde_json::json!(["qualys"]));
    place
        .run(&["assets", "split", &number])
        .expect_error(2, &["shares its asset"]);
    let asset = host["asset_id"].to_string();
    place
        .run(&["assets", "merge", &asset, &number])
        .expect_exit(0);
    assert_eq!(
        shown(&place, &host["asset_id"])["sources"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    place.expect_truth();
}

#[test]
fn a_file_that_cannot_be_imported_changes_nothing() {
    let place = Place::new(&["--hosts", "10"]);
    place.sync(&[]).expect_exit(0);
    let before = place.content();
    let bad = [
        ("empty.csv", "", &["`", "empty.csv", "it is empty"][..]),
        (
            "rows.csv",
            "ip,os\n192.0.2.1,a\n192.0.2.2\n",
            &["line 3 has 1 cells"],
        ),
        (
            "twice.csv",
            "id,ip\nx,192.0.2.1\nx,192.0.2.2\n",
            &["lines 2 and 3 are both `x`"],
        ),
        (
            "cut.xml",
            "<nmaprun><host><status state=\"up\"/>",
            &["before nmap was done"],
        ),
        (
            "cut.jsonl",
            "{\"id\": 1, \"ip\": \"192.0.2.1\"}\n{\"id\"",
            &["line 2 is no JSON object"],
        ),
        ("what.txt", "hello", &["it is not clear what"]),
    ];
    for (name, text, words) in bad {
        let file = write(&place, name, text);
        place.run(&["import", &file]).expect_error(2, words);
    }
    let file = write(&place, "columns.csv", "Asset Tag,Room\n1,2\n");
    let map = ["import", &file, "--map", "ip=Adress"];
    place
        .run(&map)
        .expect_error(2, &["there is no column `Adress`", "`Asset Tag`, `Room`"]);
    place
        .run(&["import", "/no/such/file.xml"])
        .expect_error(2, &["cannot be read"]);
    assert_eq!(place.content(), before);
    let sources = place.run(&["sources", "--json"]);
    assert_eq!(lines(&sources.stdout).len(), 1, "only Qualys");
}
