//! What is asked for by other names: attributes, days, words that people know (tests).

use super::*;

#[test]
fn attributes_are_named_with_their_source() {
    check("@qualys.last_boot:2026", "@qualys.last_boot~2026");
    check("@QUALYS.Cloud.Region:=eu", "@qualys.cloud.region=eu");
    check("has:@qualys.netbios", "@qualys.netbios?");
    check_problem(
        "os:x @qualsy.last_boot:1",
        5,
        "`@qualsy` is no source; attributes are asked for as `@qualys.NAME`",
        Some("@qualys.last_boot"),
    );
    check("has:@nmap-dc1.x", "@nmap-dc1.x?");
    check_problem(
        "has:@a$b.x",
        4,
        "`@a$b` is no source; attributes are asked for as `@qualys.NAME`",
        None,
    );
    let missing = "the name of an attribute is missing after `@qualys.`";
    check_problem("@qualys:x", 0, missing, None);
    check_problem("@qualys.:x", 0, missing, None);
    check("@qualys.factor/CVE_Age$:=3", "@qualys.factor/cve_age$=3");
    check_problem(
        &format!("@qualys.{}:x", "a".repeat(129)),
        0,
        &format!(
            "`{}` is no name of an attribute, which has 128 bytes at most",
            "a".repeat(40)
        ),
        None,
    );
    check_problem(
        "@qualys.a:>1",
        11,
        "`@qualys.a` has no order, so nothing is more or less than it",
        Some("@qualys.a:"),
    );
}

#[test]
fn days_and_breaches_are_compared_as_times() {
    // 30 days before 2026-11-21 is 2026-10-22.
    check("days_open:>=30", "open_since<=1792627200");
    check("days_open:<30", "open_since>1792627200");
    check("days_open:>29days", "open_since<=1792627200");
    check("days_open:<=29", "open_since>1792627200");
    check(
        "days_open:29",
        "open_since<=1792713600 open_since>1792627200 &",
    );
    check("has:days_open", "open_since?");
    check_problem(
        "days_open:soon",
        10,
        "`days_open` is a number of days",
        None,
    );
    check("breached:true", "due<1795219200");
    check("breached:no", "due>=1795219200");
    check("has:breached", "due?");
    check_problem(
        "breached:>yes",
        10,
        "`breached` has no order, so nothing is more or less than it",
        Some("breached:"),
    );
}

#[test]
fn some_words_are_known_by_other_names() {
    check("kev:cisa", "kev=true");
    check(
        "exploit:public and not kev:false",
        "exploit=true kev=false ! &",
    );
    check_problem(
        "kev:csia",
        4,
        "`kev` is `cisa`, `true` or `false`",
        Some("cisa"),
    );
    check_problem(
        "status:open",
        7,
        "`status` is one of `new`, `active`, `fixed`, `reopened`",
        Some("open:true"),
    );
    check("cwe:cwe-79 qid:QID-38173", "cwe=79 qid=38173 &");
    check_problem("cwe:qid-79", 4, "`cwe` is a whole number", None);
}

#[test]
fn a_time_is_told_alone() {
    assert_eq!(moment("2026-11-01", NOW), Some(1_793_491_200));
    assert_eq!(moment(" 7days ", NOW), Some(NOW - 7 * 86_400));
    assert_eq!(moment("2026-11-01T10:00:00Z", NOW), Some(1_793_527_200));
    assert_eq!(moment("soon", NOW), None);
}
