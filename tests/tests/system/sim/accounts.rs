//! Who may call, and how they say who they are.

use super::client::{basic, hosts, list, send, start};

const HOSTS: &str = "/api/5.0/fo/asset/host/?action=list&details=None";

#[test]
fn a_wrong_password_is_refused_and_counted() {
    let sim = start(&[]);
    let wrong = "Authorization: Basic c2ltLXVzZXI6d3Jvbmc=";
    let answer = send(&sim, "GET", HOSTS, &[wrong, "X-Requested-With: test"], "");
    assert_eq!((answer.status, answer.code()), (401, Some(2000)));
    let answer = send(&sim, "GET", HOSTS, &["X-Requested-With: test"], "");
    assert_eq!((answer.status, answer.code()), (401, Some(2000)));
    assert_eq!(sim.stats().wrong_passwords, 1);
}

#[test]
fn a_call_without_requested_with_is_refused() {
    let sim = start(&[]);
    let answer = send(&sim, "GET", HOSTS, &[&basic(&sim)], "");
    assert_eq!(answer.status, 400);
    assert_eq!(sim.stats().missing_requested_with, 1);
}

#[test]
fn get_and_post_say_the_same() {
    let sim = start(&[]);
    let get = send(
        &sim,
        "GET",
        HOSTS,
        &[&basic(&sim), "X-Requested-With: test"],
        "",
    );
    let post = hosts(&sim, "details=None");
    assert_eq!(get.status, 200);
    assert_eq!(get.bytes, post.bytes);
}

#[test]
fn a_session_serves_until_it_is_logged_out() {
    let sim = start(&[]);
    let path = "/api/2.0/fo/session/";
    let log_in = "action=login&username=sim-user&password=sim-password";
    let requested_with = "X-Requested-With: test";
    let answer = send(&sim, "POST", path, &[requested_with], log_in);
    assert!(answer.text().contains("<TEXT>Logged in</TEXT>"));
    let cookie = answer
        .header("set-cookie")
        .and_then(|cookie| cookie.split(';').next())
        .unwrap();
    let cookie = format!("Cookie: {cookie}");
    assert_eq!(
        send(&sim, "GET", HOSTS, &[&cookie, requested_with], "").status,
        200
    );
    send(
        &sim,
        "POST",
        path,
        &[&cookie, requested_with],
        "action=logout",
    );
    assert_eq!(
        send(&sim, "GET", HOSTS, &[&cookie, requested_with], "").status,
        401
    );
    let wrong = "action=login&username=sim-user&password=x";
    assert_eq!(
        send(&sim, "POST", path, &[requested_with], wrong).status,
        401
    );
}

#[test]
fn probes_tell_who_one_is() {
    let sim = start(&[]);
    let basic = basic(&sim);
    let about = send(&sim, "GET", "/msp/about.php", &[&basic], "");
    assert!(about.text().contains("<WEB-VERSION>"));
    assert_eq!(about.header("x-ratelimit-limit"), Some("10000"));
    let version = send(&sim, "GET", "/qps/rest/portal/version", &[&basic], "");
    assert!(
        version
            .text()
            .contains("<responseCode>SUCCESS</responseCode>")
    );
    let users = send(
        &sim,
        "POST",
        "/qps/rest/2.0/search/am/user/",
        &[&basic],
        "<ServiceRequest/>",
    );
    assert!(users.text().contains("<username>sim-user</username>"));
    let log = list(
        &sim,
        "/api/2.0/fo/activity_log/",
        "truncation_limit=1&username=sim-user",
    );
    assert!(log.text().starts_with("----BEGIN_RESPONSE_BODY_CSV"));
    let stranger = send(&sim, "GET", "/qps/rest/portal/version", &[], "");
    assert_eq!(stranger.status, 401);
    assert!(stranger.text().contains("INVALID_CREDENTIALS"));
}

#[test]
fn the_portal_answers_everything_with_a_login_page() {
    let sim = start(&["--portal"]);
    let answer = hosts(&sim, "details=None");
    assert_eq!(answer.status, 200);
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=iso-8859-1")
    );
}

#[test]
fn an_address_that_others_reach_needs_a_word() {
    use qonduit_tests::sim::{Options, Sim};
    let mut options = Options::with([]);
    options.listen = "0.0.0.0:0".parse().unwrap();
    let error = Sim::start(options).unwrap_err();
    assert!(error.to_string().contains("--allow-remote"));
}

#[tokio::test]
async fn an_asynchronous_test_may_start_and_stop_it() {
    let sim = start(&["--tls"]);
    assert!(sim.url().starts_with("https://127.0.0.1:"));
    assert!(
        sim.authority()
            .is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----"))
    );
}
