//! What goes wrong on demand, as a client sees it.

use std::time::{Duration, Instant};

use super::client::{Answer, basic, detections, hosts, send, start};

/// Status and code of a host list under a fault.
#[track_caller]
fn check(fault: &str, status: u16, code: Option<u32>) -> Answer {
    let sim = start(&["--hosts", "20", "--fault", fault]);
    let answer = hosts(&sim, "");
    assert_eq!((answer.status, answer.code()), (status, code), "{fault}");
    assert_eq!(sim.stats().faults[fault], 1);
    answer
}

#[test]
fn accounts_and_limits_refuse() {
    let limited = check("rate-limited:secs=7", 409, Some(1965));
    assert_eq!(limited.header("x-ratelimit-towait-sec"), Some("7"));
    let busy = check("busy", 409, Some(1960));
    assert_eq!(busy.header("x-ratelimit-towait-sec"), None);
    check("unregistered", 409, Some(2003));
    check("securid", 409, Some(2011));
    check("unauthorized", 401, Some(2000));
    check("expired", 200, Some(2001));
}

#[test]
fn servers_fail() {
    check("error:status=502", 502, None);
    assert!(
        check("maintenance", 503, None)
            .text()
            .contains("scheduled maintenance")
    );
    assert!(
        check("internal-error", 200, None)
            .text()
            .contains("<GENERIC_RETURN>")
    );
    let moved = check("redirect", 302, None);
    assert!(
        moved
            .header("location")
            .unwrap()
            .starts_with("https://collector.attacker.invalid/")
    );
}

#[test]
fn documents_are_odd_where_they_were_asked_to_be() {
    assert!(check("no-hosts", 200, None).text().contains("<DATETIME>"));
    assert!(
        check("entity-bomb", 200, None)
            .text()
            .contains("<!ENTITY laugh9")
    );
    let broken = check("broken-host:host=#3", 200, None).text();
    assert_eq!(
        broken.matches("<HOST>").count(),
        broken.matches("</HOST>").count()
    );
    assert_eq!(
        broken.matches("<OWNER>").count(),
        broken.matches("</OWNER>").count() + 1
    );
}

#[test]
fn results_hold_bytes_that_xml_does_not_allow() {
    let sim = start(&["--hosts", "20"]);
    for (fault, bytes) in [
        ("control-characters", &b"\x1b[0m"[..]),
        ("nul", b"before\0after"),
        ("invalid-utf8", b"caf\xe9 \xff"),
    ] {
        sim.clear_faults();
        sim.inject(fault);
        let page = detections(&sim, "");
        assert!(
            page.bytes
                .windows(bytes.len())
                .any(|window| window == bytes),
            "{fault}"
        );
    }
}

#[test]
fn links_lead_astray() {
    let sim = start(&["--hosts", "20"]);
    for (fault, expected) in [
        (
            "link-elsewhere",
            "https://collector.attacker.invalid/collect/?action=list",
        ),
        (
            "link-purge",
            "/api/5.0/fo/asset/host/?action=purge&truncation_limit=5",
        ),
        ("link-loop", "cloud_agent_activationkey=0]]>"),
    ] {
        sim.clear_faults();
        sim.inject(fault);
        assert!(
            hosts(&sim, "truncation_limit=5").text().contains(expected),
            "{fault}"
        );
    }
}

#[test]
fn a_cut_body_looks_complete_and_a_reset_one_does_not() {
    let sim = start(&["--hosts", "100"]);
    let whole = hosts(&sim, "").bytes.len();
    sim.inject("cut:part=0.5,first=1");
    let cut = hosts(&sim, "");
    assert_eq!((cut.is_complete, cut.bytes.len()), (true, whole / 2));
    sim.inject("reset:at=10000,first=1");
    let reset = hosts(&sim, "");
    assert_eq!((reset.is_complete, reset.bytes.len()), (false, 10_000));
    assert_eq!(hosts(&sim, "").bytes.len(), whole);
}

#[test]
fn a_slow_body_takes_its_time() {
    let sim = start(&["--hosts", "2", "--fault", "drip:bytes=2000"]);
    let begun = Instant::now();
    let answer = hosts(&sim, "details=None");
    let expected = Duration::from_millis(answer.bytes.len() as u64 / 2 - 150);
    assert!(answer.is_complete && begun.elapsed() >= expected);
}

#[test]
fn only_calls_for_many_hosts_stall() {
    let sim = start(&["--hosts", "50", "--fault", "stall:secs=1,over-hosts=9"]);
    let ids = |count: usize| {
        let ids = sim.host_ids();
        ids[..count]
            .iter()
            .map(u64::to_string)
            .collect::<Vec<_>>()
            .join(",")
    };
    let timed = |count: usize| {
        let begun = Instant::now();
        assert!(detections(&sim, &format!("ids={}&truncation_limit=0", ids(count))).is_complete);
        begun.elapsed()
    };
    assert!(timed(9) < Duration::from_secs(1));
    assert!(timed(10) >= Duration::from_secs(1));
}

#[test]
fn one_host_never_comes() {
    use std::io::Read;
    let sim = start(&["--hosts", "50", "--fault", "stall-host:host=#5"]);
    let ids = sim.host_ids();
    let headers = [&*basic(&sim), "X-Requested-With: test"];
    let path = "/api/5.0/fo/asset/host/vm/detection/";
    let mut stream = super::client::open(&sim, "POST", path, &headers, "action=list");
    stream
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap_err();
    let told = String::from_utf8_lossy(&bytes);
    assert!(told.contains(&format!("<ID>{}</ID>", ids[4])));
    assert!(!told.contains(&format!("<ID>{}</ID>", ids[5])));
    let others = format!("ids={},{}&truncation_limit=0", ids[4], ids[6]);
    assert!(detections(&sim, &others).is_complete);
}

#[test]
fn a_small_body_may_be_large_inside() {
    let sim = start(&["--fault", "gzip-bomb:mib=4"]);
    let answer = hosts(&sim, "");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.bytes.len() < 1 << 20);
    let mut decoder = flate2::read::GzDecoder::new(answer.bytes.as_slice());
    assert_eq!(
        std::io::copy(&mut decoder, &mut std::io::sink()).unwrap(),
        4 << 20
    );
}

#[test]
fn faults_come_and_go_from_outside() {
    let sim = start(&[]);
    let post = |body: &str| send(&sim, "POST", "/_sim/faults", &[], body);
    assert_eq!(
        post("busy:on=detections\nerror:on=/api/5.0/fo/asset/host/vm\n").status,
        200
    );
    assert_eq!(detections(&sim, "").status, 409);
    assert_eq!(hosts(&sim, "").status, 200);
    let refused = post("flood");
    assert_eq!(refused.status, 400);
    assert!(refused.text().starts_with("unknown fault `flood`"));
    send(&sim, "DELETE", "/_sim/faults", &[], "");
    assert_eq!(detections(&sim, "").status, 200);
}
