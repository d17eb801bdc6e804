use super::*;
use crate::guest::types::OpenPort;

fn read(kind: SourceKind, mapping: &[&str], text: &str) -> Result<(Vec<ImportedRecord>, Oddities)> {
    let mapping: Vec<_> = mapping.iter().map(|it| (*it).to_owned()).collect();
    let mut reader = Reader::new(kind, &Mapping::parse(&mapping)?, text.as_bytes())?;
    let records = reader.by_ref().collect::<Result<Vec<_>>>()?;
    Ok((records, reader.oddities().clone()))
}

fn refused(kind: SourceKind, mapping: &[&str], text: &str) -> String {
    read(kind, mapping, text)
        .expect_err("is refused")
        .to_string()
}

fn port(port: u16, protocol: &str, service: Option<&str>) -> OpenPort {
    OpenPort {
        port,
        protocol: Some(protocol.to_owned()),
        service: service.map(str::to_owned),
    }
}

const NMAP: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="nmap.xsl" type="text/xsl"?>
<nmaprun scanner="nmap" args="nmap -A -oX - 192.0.2.0/29" start="1795161600" version="7.95">
<hosthint><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/></hosthint>
<host starttime="1795161600" endtime="1795161660"><status state="up" reason="arp-response"/>
<address addr="192.0.2.1" addrtype="ipv4"/>
<address addr="00:11:22:AA:BB:CC" addrtype="mac" vendor="Example &amp; Co"/>
<hostnames><hostname name="Web.example" type="user"/><hostname name="www.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="997"/>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" product="OpenSSH" version="9.6"/></port>
<port protocol="tcp" portid="23"><state state="filtered"/><service name="telnet"/></port>
<port protocol="udp" portid="161"><state state="open"/></port></ports>
<os><osmatch name="Linux 5" accuracy="91"/><osmatch name="Linux 6" accuracy="96"/><osmatch name="Other" accuracy="80"/></os>
</host>
<host><status state="down"/><address addr="192.0.2.2" addrtype="ipv4"/></host>
<host><status state="up"/><address addr="2001:DB8::5" addrtype="ipv6"/></host>
<runstats><finished time="1795161700"/></runstats>
</nmaprun>
"#;

#[test]
fn a_scan_of_nmap_tells_of_hosts_that_are_up() {
    let (records, odd) = read(SourceKind::Nmap, &[], NMAP).expect("is sound");
    assert_eq!((records.len(), odd.n), (2, 0));
    let web = &records[0];
    assert_eq!(
        (web.key.as_str(), web.name.as_str()),
        ("192.0.2.1", "web.example")
    );
    assert_eq!(web.os.as_deref(), Some("Linux 6"));
    assert_eq!(
        (web.first_found, web.last_seen),
        (Some(1_795_161_600), Some(1_795_161_660))
    );
    assert_eq!(
        web.ports,
        [
            port(22, "tcp", Some("ssh OpenSSH 9.6")),
            port(161, "udp", None)
        ]
    );
    assert_eq!(web.attributes["mac_vendor"], "Example & Co");
    assert_eq!(web.attributes["os_accuracy"], "96");
    let keys: Vec<_> = web
        .identifiers
        .keys()
        .iter()
        .map(crate::store::Key::text)
        .collect();
    assert_eq!(
        keys,
        [
            "MAC address 001122aabbcc",
            "DNS name and address web.example 192.0.2.1",
            "DNS name and address www.example 192.0.2.1"
        ]
    );
    assert_eq!(records[1].ipv6.as_deref(), Some("2001:db8::5"));
}

#[test]
fn a_scan_that_was_cut_off_is_no_scan() {
    let cut = &NMAP[..NMAP.len() - 60];
    let told = refused(SourceKind::Nmap, &[], cut);
    assert!(told.starts_with("it ends at byte "), "{told}");
    assert!(told.contains("before nmap was done"), "{told}");
    assert_eq!(refused(SourceKind::Nmap, &[], ""), "it is empty");
    assert_eq!(
        refused(SourceKind::Nmap, &[], "<html/>"),
        "it is XML, but not of nmap"
    );
    let none = r#"<nmaprun><host><status state="down"/></host></nmaprun>"#;
    assert_eq!(refused(SourceKind::Nmap, &[], none), "it names no machine");
    let told = refused(SourceKind::Nmap, &[], "<nmaprun><host></nmaprun>");
    assert!(told.starts_with("it is no sound XML at byte"), "{told}");
}

#[test]
fn columns_are_known_by_their_names_and_by_a_mapping() {
    let text = "\u{feff}Hostname;IP Address;Serial Number;Owner;Seen;Labels\r\n\
                WEB.example;192.0.2.1;ABC-12345;Anna;2026-11-20;\"prod, web\"\r\n\
                ;;;;;\r\n\
                printer;192.0.2.999;;;1795161600;\r\n";
    let (records, odd) =
        read(SourceKind::Csv, &["last_seen=seen", "key=owner"], text).expect("is sound");
    let web = &records[0];
    assert_eq!(
        (web.key.as_str(), web.name.as_str()),
        ("Anna", "web.example")
    );
    assert_eq!(
        (web.ip.as_deref(), web.last_seen),
        (Some("192.0.2.1"), Some(1_795_132_800))
    );
    assert_eq!(web.tags, ["prod", "web"]);
    assert_eq!(web.identifiers.hardware_ids, ["ABC-12345"]);
    assert_eq!(web.attributes["Serial Number"], "ABC-12345");
    let printer = &records[1];
    assert_eq!(
        (printer.key.as_str(), printer.ip.as_deref()),
        ("printer", None)
    );
    assert_eq!(printer.attributes["IP Address"], "192.0.2.999");
    assert_eq!(
        odd.first,
        [
            "line 3 names no machine and was left out",
            "line 4: `192.0.2.999` is no value of `ip`, kept as an attribute"
        ]
    );
}

#[test]
fn a_table_that_does_not_fit_is_told_of_before_anything_is_read() {
    let text = "Asset Tag,Room\n1,2\n";
    assert_eq!(
        refused(SourceKind::Csv, &["ip=Adress"], text),
        "there is no column `Adress`; it has `Asset Tag`, `Room`"
    );
    assert_eq!(
        refused(SourceKind::Csv, &[], text),
        "no column tells which machine a line is about; name one, such as --map ip=COLUMN, of \
         `Asset Tag`, `Room`"
    );
    assert_eq!(refused(SourceKind::Csv, &[], ""), "it is empty");
    assert_eq!(
        refused(SourceKind::Csv, &[], "ip,os\n"),
        "it names no machine"
    );
    assert_eq!(
        refused(SourceKind::Csv, &[], "ip,os\n192.0.2.1,Linux\n192.0.2.2\n"),
        "line 3 has 1 cells where the header has 2"
    );
    assert_eq!(
        refused(SourceKind::Csv, &["address=x"], text),
        "`address` is nothing that a column can be mapped to; it is one of key, name, ip, dns, \
         netbios, os, mac, hardware_id, qg_hostid, cloud_provider, cloud_instance, first_found, \
         last_seen, tags, ports"
    );
    assert_eq!(
        refused(SourceKind::Csv, &["ip"], text),
        "`ip` is no mapping; it is like ip=\"IP Address\""
    );
}

#[test]
fn two_lines_that_claim_one_name_are_refused() {
    let text = "id,ip\nweb,192.0.2.1\nother,192.0.2.2\nweb,192.0.2.3\n";
    assert_eq!(
        refused(SourceKind::Csv, &[], text),
        "lines 2 and 4 are both `web`; one line a machine, or name a column that tells them apart \
         with --map key=COLUMN"
    );
}

#[test]
fn objects_may_be_nested_and_hold_lists() {
    let text = concat!(
        r#"{"id": 7, "net": {"ip": ["192.0.2.1", "192.0.2.2"]}, "cpu": {"cores": 8}, "#,
        r#""note": null, "ports": "22/tcp, 443/TCP/https"}"#,
        "\n\n",
        r#"{"id": "8", "ports": "none"}"#,
    );
    let (records, odd) = read(SourceKind::Ndjson, &["ip=net.ip"], text).expect("is sound");
    let one = &records[0];
    assert_eq!((one.key.as_str(), one.name.as_str()), ("7", "192.0.2.1"));
    assert_eq!(one.attributes["cpu.cores"], "8");
    assert_eq!(one.attributes["other_addresses"], "192.0.2.2");
    assert_eq!(
        one.ports,
        [port(22, "tcp", None), port(443, "tcp", Some("https"))]
    );
    assert!(!one.attributes.contains_key("note"));
    assert_eq!(records[1].name, "8");
    assert_eq!(
        odd.first,
        ["line 3: `none` is no value of `ports`, kept as an attribute"]
    );
    let broken = "{\"id\": 1}\n{\"id\": 2";
    let told = refused(SourceKind::Ndjson, &[], broken);
    assert!(told.starts_with("line 2 is no JSON object: EOF"), "{told}");
    assert_eq!(refused(SourceKind::Ndjson, &[], ""), "it is empty");
}

#[test]
fn the_export_of_a_discovery_tool_needs_no_mapping() {
    let text = concat!(
        r#"{"id":"a-1","names":["WEB.EXAMPLE"],"addresses":["192.0.2.1"],"#,
        r#""addresses_extra":["2001:db8::1"],"macs":["00:11:22:aa:bb:cc"],"os":"Ubuntu Linux","#,
        r#""type":"Server","alive":true,"first_seen":1795161600,"last_seen":1795161660,"#,
        r#""tags":{"env":"prod","scanned":""},"service_ports_tcp":["22","80"],"#,
        r#""services":{"192.0.2.1/22/tcp":{"protocol":"ssh"},"192.0.2.1/0/icmp":{}},"#,
        r#""attributes":{"ipmi.version":"2.0"},"rtts":{"icmp":[1]}}"#,
        "\n",
    );
    let beginning = text.as_bytes();
    assert_eq!(
        guess("assets.jsonl", beginning),
        Some(SourceKind::Discovery)
    );
    let (records, odd) = read(SourceKind::Discovery, &[], text).expect("is sound");
    assert_eq!(odd.n, 0);
    let web = &records[0];
    assert_eq!(
        (web.key.as_str(), web.name.as_str()),
        ("a-1", "web.example")
    );
    assert_eq!(
        (web.ip.as_deref(), web.ipv6.as_deref()),
        (Some("192.0.2.1"), Some("2001:db8::1"))
    );
    assert_eq!(web.tags, ["env=prod", "scanned"]);
    assert_eq!(web.ports, [port(22, "tcp", Some("ssh"))]);
    assert_eq!(web.attributes["type"], "Server");
    assert_eq!(web.attributes["ipmi.version"], "2.0");
    assert_eq!(
        (web.first_found, web.last_seen),
        (Some(1_795_161_600), Some(1_795_161_660))
    );
}

#[test]
fn a_file_is_known_by_how_it_begins() {
    assert_eq!(guess("x", NMAP.as_bytes()), Some(SourceKind::Nmap));
    assert_eq!(guess("x.xml", b"<html>"), None);
    assert_eq!(guess("x", b"{\"id\": 1}\n"), Some(SourceKind::Ndjson));
    assert_eq!(guess("Hosts.CSV", b"ip,os\n"), Some(SourceKind::Csv));
    assert_eq!(guess("hosts.txt", b"ip,os\n"), None);
}
