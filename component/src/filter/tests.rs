use proptest::prelude::*;

use super::*;
use crate::contract::filter::{Comparison, Operator};

/// 2026-11-21T00:00:00Z.
const NOW: Timestamp = 1_795_219_200;

/// The terms in a short form: `field op value`, `&`, `|`, `!`.
fn written(terms: &[Term]) -> String {
    let sign = |operator| match operator {
        Operator::Equal => "=",
        Operator::Contains => "~",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Exists => "?",
    };
    let steps = terms.iter().map(|term| match term {
        Term::Compare(Comparison {
            field,
            operator,
            value,
        }) => {
            format!("{field}{}{value}", sign(*operator))
        }
        Term::AllOf => "&".to_owned(),
        Term::AnyOf => "|".to_owned(),
        Term::Negate => "!".to_owned(),
    });
    steps.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(expression: &str, expected: &str) {
    match compile(expression, NOW) {
        Ok(terms) => assert_eq!(written(&terms), expected, "{expression}"),
        Err(problem) => panic!("{expression}: {problem:?}"),
    }
}

#[track_caller]
fn check_problem(expression: &str, offset: u32, message: &str, suggestion: Option<&str>) {
    let problem = compile(expression, NOW).expect_err(expression);
    let found = (
        problem.offset,
        problem.message.as_str(),
        problem.suggestion.as_deref(),
    );
    assert_eq!(found, (offset, message, suggestion), "{expression}");
}

#[test]
fn an_empty_expression_selects_everything() {
    check("", "");
    check(" \t\n", "");
}

#[test]
fn every_operator_has_its_sign() {
    check("os:windows", "os~windows");
    check("os:=windows", "os=windows");
    check("qds:>70", "qds>70");
    check("qds:>=70", "qds>=70");
    check("qds:<70", "qds<70");
    check("qds:<=70", "qds<=70");
    check("has:tag", "tag?");
}

#[test]
fn not_binds_closest_then_and_then_or() {
    check("qid:1 or qid:2 and not qid:3", "qid=1 qid=2 qid=3 ! & |");
    check("(qid:1 or qid:2) and qid:3", "qid=1 qid=2 | qid=3 &");
    check("not (qid:1 qid:2)", "qid=1 qid=2 & !");
    check("not not qid:1", "qid=1 ! !");
    check("qid:1 and qid:2 and qid:3", "qid=1 qid=2 & qid=3 &");
}

#[test]
fn and_may_be_left_out_and_keywords_come_in_any_case() {
    check("qid:1 qid:2 OR qid:3", "qid=1 qid=2 & qid=3 |");
    check("qid:1 AND NOT(qid:2)or(qid:3)", "qid=1 qid=2 ! & qid=3 |");
}

#[test]
fn the_example_of_the_manual_is_read() {
    check(
        r#"source:qualys and severity:>=high and os:windows and not tag:"lab""#,
        "source~qualys severity>=high & os~windows & tag~lab ! &",
    );
}

#[test]
fn numbers_are_written_in_one_way() {
    check("host_id:007", "host_id=7");
    check("host_id:4294967297", "host_id=4294967297");
    check("cvss:>=7", "cvss>=7");
    check("cvss:>=07.50", "cvss>=7.5");
    check("cvss:0.0", "cvss=0");
    check_problem("port:80%", 5, "`port` is a whole number", None);
    check_problem("port:-1", 5, "`port` is a whole number", None);
    check_problem(
        "port:18446744073709551616",
        5,
        "`port` is a whole number",
        None,
    );
    check_problem("cvss:7.", 5, "`cvss` is a number", None);
    check_problem("cvss:1e1", 5, "`cvss` is a number", None);
}

#[test]
fn words_are_known_in_any_case_and_by_what_qualys_calls_them() {
    check("severity:HIGH", "severity=high");
    check("severity:>=4", "severity>=high");
    check("risk:>none", "risk>none");
    check("status:Re-Opened", "status=reopened");
    check("certainty:info", "certainty=information");
    check("Severity:low", "severity=low");
}

#[test]
fn flags_are_true_or_false() {
    check("patchable:yes", "patchable=true");
    check("not ignored:=FALSE", "ignored=false !");
    check_problem("ignored:maybe", 8, "`ignored` is `true` or `false`", None);
    check_problem(
        "ignored:ture",
        8,
        "`ignored` is `true` or `false`",
        Some("true"),
    );
}

#[test]
fn an_age_compares_as_people_say_it() {
    // 30 days before 2026-11-21 is 2026-10-22.
    check("last_seen:<30days", "last_seen>1792627200");
    check("last_seen:<=30days", "last_seen>=1792627200");
    check("last_seen:>30days", "last_seen<1792627200");
    check("last_seen:>=30d", "last_seen<=1792627200");
    check("last_seen:>4000000000y", "last_seen<0");
    let message = "an age is compared with `<` or `>`";
    check_problem("last_seen:30days", 10, message, Some("last_seen:<30days"));
}

#[test]
fn a_day_is_all_of_it() {
    check(
        "last_fixed:2026-11-01",
        "last_fixed>=1793491200 last_fixed<1793577600 &",
    );
    check(
        "not last_fixed:=2026-11-01",
        "last_fixed>=1793491200 last_fixed<1793577600 & !",
    );
    check("last_fixed:<2026-11-01", "last_fixed<1793491200");
    check("last_fixed:<=2026-11-01", "last_fixed<1793577600");
    check("last_fixed:>2026-11-01", "last_fixed>=1793577600");
    check("last_fixed:>=2026-11-01", "last_fixed>=1793491200");
}

#[test]
fn a_moment_is_a_second() {
    check("last_found:>2026-11-01T10:00:00Z", "last_found>1793527200");
    check(
        "last_found:2026-11-01T11:00:00+01:00",
        "last_found=1793527200",
    );
    check(
        r#"last_found:<="2026-11-01 10:00:00Z""#,
        "last_found<=1793527200",
    );
}

#[test]
fn a_number_without_a_unit_is_no_age() {
    let message = "`last_seen` is a day such as `2026-11-01`, a moment such as \
        `2026-11-01T10:00:00Z`, or an age such as `30days`";
    check_problem("last_seen:<30", 11, message, Some("30days"));
    check_problem("last_seen:soon", 10, message, None);
}

#[test]
fn values_keep_wildcards_and_odd_signs() {
    check("dns:web%.example.com", "dns~web%.example.com");
    check("ip:fe80::1", "ip~fe80::1");
    check(r"name:CORP\web01", r"name~CORP\\web01");
    check(r"name:=CORP\web01", r"name=CORP\web01");
}

#[test]
fn quotations_hold_spaces_and_escapes() {
    check(r#"tag:"a (b) or c""#, "tag~a (b) or c");
    check(r#"tag:"say \"hi\"""#, r#"tag~say "hi""#);
    check(r#"tag:"50\% of 5%""#, r"tag~50\% of 5%");
    check(r#"tag:="50\% of 5%""#, "tag=50% of 5%");
    check(r#"tag:"a\\b""#, r"tag~a\\b");
    check(r#"tag:="a\\b""#, r"tag=a\b");
    check(r#"tag:="""#, "tag=");
    check(r#"tag:"ä"os:x"#, "tag~ä os~x &");
}

#[test]
fn quotations_that_are_broken_are_shown_where() {
    check_problem(r#"os:x tag:"lab"#, 9, "the quotation never ends", None);
    check_problem(r#"tag:"lab\"#, 4, "the quotation never ends", None);
    check_problem(r#"tag:"ä\d""#, 7, r"`\d` stands for nothing", Some(r"\\d"));
}

#[test]
fn a_misspelt_name_is_answered_with_the_right_one() {
    check_problem(
        "os:x severty:high",
        5,
        "`severty` is no field",
        Some("severity"),
    );
    check_problem(
        "has:sevreity",
        4,
        "`sevreity` is no field",
        Some("severity"),
    );
    check_problem("colour:red", 0, "`colour` is no field", None);
    check_problem(":red", 0, "the name of a field is missing", None);
    check_problem("(qid:1 or:2)", 7, "`or` is no field", Some("os"));
    check_problem("has: os", 4, "the name of a field is missing", None);
}

#[test]
fn a_misspelt_word_is_answered_with_the_right_one() {
    let message = "`severity` is one of `info`, `low`, `medium`, `high`, `critical`";
    check_problem("severity:>=hihg", 11, message, Some("high"));
    check_problem("severity:6", 9, message, None);
    check_problem("severity:hi%", 9, message, None);
}

#[test]
fn what_has_no_order_is_not_compared() {
    let message = |field| format!("`{field}` has no order, so nothing is more or less than it");
    check_problem("os:>windows", 4, &message("os"), Some("os:"));
    check_problem("status:<=new", 9, &message("status"), Some("status:"));
    check_problem(
        "patchable:>no",
        11,
        &message("patchable"),
        Some("patchable:"),
    );
}

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

#[test]
fn a_forgotten_colon_is_recognized() {
    check_problem(
        "severity>=high",
        8,
        "`:` is missing after `severity`",
        Some("severity:>=high"),
    );
    let message = "`windows` is no comparison such as `os:windows`";
    check_problem("windows", 0, message, Some("name:windows"));
    let message = "`status` is no comparison such as `os:windows`";
    check_problem("status new", 0, message, Some("status:"));
    check_problem(
        "qid:1 adn qid:2",
        6,
        "`adn` is no comparison such as `os:windows`",
        Some("and"),
    );
}

#[test]
fn what_is_missing_is_named() {
    let missing = "a comparison such as `os:windows` is missing";
    check_problem("qid:1 and", 9, missing, None);
    check_problem("or qid:1", 0, missing, None);
    check_problem("qid:1 or or qid:2", 9, missing, None);
    check_problem("()", 1, missing, None);
    check_problem("not", 3, missing, None);
    check_problem("os: windows", 3, "a value for `os` is missing", None);
    check_problem("os:=", 4, "a value for `os` is missing", None);
    check_problem(
        r#"os:"""#,
        3,
        "every `os` contains an empty text",
        Some("has:os"),
    );
}

#[test]
fn parentheses_come_in_pairs() {
    check_problem("qid:1 and (qid:2 or qid:3", 10, "`(` is never closed", None);
    check_problem("(qid:1))", 7, "`)` closes nothing", None);
}

#[test]
fn nothing_grows_without_end() {
    let nested = |n: usize| format!("{}qid:1{}", "(".repeat(n), ")".repeat(n));
    check(&nested(64), "qid=1");
    check_problem(&nested(65), 65, "nested more than 64 deep", None);
    check_problem(
        &"not ".repeat(1000),
        65 * 4,
        "nested more than 64 deep",
        None,
    );
    let many = |n: usize| vec!["qid:1"; n].join(" ");
    assert_eq!(compile(&many(256), NOW).unwrap().len(), 256 + 255);
    check_problem(&many(257), 256 * 6, "more than 256 comparisons", None);
    check_problem(
        &"ä".repeat(3000),
        4096,
        "the expression is longer than 4096 bytes",
        None,
    );
}

#[test]
fn values_and_wildcards_are_limited() {
    let long = "x".repeat(1025);
    check(&format!("os:{}", &long[1..]), &format!("os~{}", &long[1..]));
    check_problem(
        &format!("os:{long}"),
        3,
        "the value is longer than 1024 bytes",
        None,
    );
    check("os:%a%b%c%d%e%f%g%", "os~%a%b%c%d%e%f%g%");
    let many = "more than 8 times `%` in one value";
    check_problem("os:%a%b%c%d%e%f%g%h%", 3, many, None);
    check(r#"os:"\%%%%%%%%""#, r"os~\%%%%%%%%");
    check(r#"os:"\%%%%%%%%%""#, r"os~\%%%%%%%%%");
}

/// Whether the postfix form leaves one result.
fn is_balanced(terms: &[Term]) -> bool {
    let depth = terms.iter().try_fold(0_usize, |depth, term| match term {
        Term::Compare(_) => Some(depth + 1),
        Term::AllOf | Term::AnyOf => depth.checked_sub(1).filter(|left| *left > 0),
        Term::Negate => Some(depth).filter(|depth| *depth > 0),
    });
    depth == Some(usize::from(!terms.is_empty()))
}

fn expression() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "os:windows",
        "qid:>1",
        "has:tag",
        "last_seen:<1d",
        "last_found:2026-11-01",
        "tag:\"a b\"",
        "@qualys.x:1",
        "days_open:3",
        "and",
        "or",
        "not",
        "(",
        ")",
        " ",
        "severity",
        ":",
        ">=",
        "high",
        "\"",
        "\\",
        "%",
        "ä",
    ]);
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_or_its_mistake_is_within(text in prop_oneof![".{0,60}", expression()]) {
        match compile(&text, NOW) {
            Ok(terms) => prop_assert!(is_balanced(&terms), "{}", written(&terms)),
            Err(problem) => prop_assert!(text.is_char_boundary(problem.offset as usize)),
        }
    }

    #[test]
    fn any_text_can_be_quoted(text in ".{0,200}", now in any::<i64>()) {
        let quoted = text.replace('\\', r"\\").replace('"', "\\\"").replace('%', r"\%");
        let terms = compile(&format!("name:=\"{quoted}\""), now).unwrap();
        prop_assert_eq!(written(&terms), format!("name={text}"));
    }
}
