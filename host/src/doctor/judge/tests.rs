use super::*;
use crate::{doctor::Verdict, guest::ingest::Page};

fn answer(outcome: Outcome, host_ids: Vec<u64>) -> Answer {
    let page = Page {
        host_ids,
        ..Page::default()
    };
    Answer {
        page,
        outcome,
        has_more: false,
        is_web_page: false,
        is_out_of_order: false,
    }
}

fn origin(url: &str) -> Origin {
    Origin::parse(url).expect("is an origin").0
}

#[test]
fn the_portal_is_told_from_the_api() {
    let page = Answer {
        is_web_page: true,
        ..answer(Outcome::Delivered, vec![])
    };
    let check = address(&origin("https://vm.example.net"), "acme2ab", &page);
    assert_eq!(check.verdict, Verdict::Problem);
    assert_eq!(
        check.message,
        "`https://vm.example.net` answers with a web page that is not Qualys' API"
    );
    assert_eq!(
        check.advice.as_deref(),
        Some("the login name looks like US2: pass `--platform US2`")
    );
}

#[test]
fn maintenance_is_no_wrong_address() {
    let why = "it answered with HTTP status 503".to_owned();
    let down = Answer {
        is_out_of_order: true,
        ..answer(Outcome::Hindered(why), vec![])
    };
    let check = address(&origin("https://qualysapi.qualys.eu"), "acme-ab", &down);
    assert_eq!(
        (check.verdict, check.act),
        (Verdict::Problem, Some(Act::Wait))
    );
    assert!(!down.is_of_qualys());
}

#[test]
fn a_login_name_of_another_platform_is_a_warning() {
    let delivered = answer(Outcome::Delivered, vec![]);
    let check = address(
        &origin("https://qualysapi.qualys.com"),
        "acme-ab",
        &delivered,
    );
    assert_eq!(check.verdict, Verdict::Warning);
    assert!(
        check
            .message
            .ends_with("is the API of US1, but the login name looks like EU1")
    );
    let check = address(
        &origin("https://qualysapi.qualys.eu"),
        "acme-ab",
        &delivered,
    );
    assert_eq!(
        check.message,
        "`https://qualysapi.qualys.eu` is the API of platform EU1"
    );
}

#[test]
fn a_refused_password_is_a_matter_of_rights() {
    let refused = Outcome::Refused(Failure::Unauthorized, Some("Bad Login (code 2000)".into()));
    let check = credentials("acme_ab", &answer(refused, vec![]));
    assert_eq!(
        (check.verdict, check.act),
        (Verdict::Problem, Some(Act::Rights))
    );
    assert!(
        check.message.ends_with("; it says: Bad Login (code 2000)"),
        "{}",
        check.message
    );
}

#[test]
fn no_host_is_a_warning_as_qualys_refuses_without_a_word() {
    let check = hosts(&answer(Outcome::Delivered, vec![]));
    assert_eq!(
        (check.verdict, check.message.as_str()),
        (Verdict::Warning, "the account sees no host")
    );
    assert_eq!(
        hosts(&answer(Outcome::Delivered, vec![5])).verdict,
        Verdict::Ok
    );
}

#[test]
fn few_calls_left_are_a_warning() {
    let told = |left| {
        limits(
            "limits",
            &Limits {
                calls_left: Some(left),
                calls_allowed: Some(300),
                window_secs: Some(3_600),
                concurrent: Some(2),
                ..Limits::default()
            },
        )
    };
    assert_eq!(
        told(295),
        Check::ok("limits", "295 of 300 calls an hour are left, 2 at once")
    );
    assert_eq!(told(29).verdict, Verdict::Warning);
}

#[test]
fn a_role_that_cannot_be_told_is_no_problem() {
    assert_eq!(
        role("acme_ab", &Document::Refused(403)).verdict,
        Verdict::Warning
    );
    let list = "<User><username>acme_ab</username><roleList><name>Manager</name></roleList></User>";
    let check = role("acme_ab", &Document::Text(list.to_owned()));
    assert_eq!(
        check,
        Check::ok("role", "Manager, with all hosts of the subscription")
    );
}

#[test]
fn a_retired_version_is_a_warning_that_says_what_to_set() {
    let said = "Qualys retired version 4.0 of `api.detections` in June 2026 and may switch it off; \
                set it to `5.0`";
    let check = version(said.to_owned());
    assert_eq!((check.check, check.verdict), ("versions", Verdict::Warning));
    assert!(
        check.message.ends_with("may switch it off"),
        "{}",
        check.message
    );
    assert_eq!(check.advice.as_deref(), Some("set it to `5.0`"));
}
