use super::*;

#[track_caller]
fn check(text: &str, mistakes: &[&str]) {
    assert_eq!(parse(text).err().unwrap_or_default(), mistakes);
}

#[test]
fn an_empty_object_is_enough() {
    assert_eq!(parse("{}"), Ok(Settings::default()));
}

#[test]
fn what_is_written_goes_before_the_default() {
    let text = r#"{"api": {"detections": "3.0"}, "waits": {"busy_secs": 90}, "tags": false}"#;
    let settings = parse(text).unwrap();
    assert_eq!(settings.api.detections, Version::V3);
    assert_eq!(settings.api.host_list, Version::V5);
    assert_eq!(settings.waits.busy_secs, 90);
    assert_eq!(settings.waits.longest_secs, 900);
    assert!(!settings.tags);
}

#[test]
fn runs_that_differ_in_haste_and_rules_build_on_each_other() {
    let of = |text: &str| parse(text).unwrap().fetched_by();
    let same = r#"{"batch_hosts": 7, "kernel_filter": 3, "business_impact": true, "waits": {"busy_secs": 9},
        "full_every_days": 0, "max_attempts": 2, "most_vanished_percent": 9}"#;
    assert_eq!(of(same), of("{}"));
    for other in [
        r#"{"tags": false}"#,
        r#"{"fixed": false}"#,
        r#"{"detection_window_days": 3}"#,
        r#"{"api": {"detections": "4.0"}}"#,
    ] {
        assert_ne!(of(other), of("{}"), "{other}");
    }
}

#[test]
fn retired_versions_are_told_of() {
    let advice = |text: &str| parse(text).unwrap().advise();
    assert_eq!(advice("{}"), [""; 0]);
    let old = r#"{"api": {"detections": "4.0", "knowledge_base": "3.0", "host_list": "5.0"}}"#;
    let expected = [
        ("4.0", "detections", "5.0"),
        ("3.0", "knowledge_base", "4.0"),
    ];
    assert_eq!(
        advice(old),
        expected.map(|(version, key, newest)| format!(
            "Qualys retired version {version} of `api.{key}` in June 2026 and may switch it \
             off; set it to `{newest}`"
        ))
    );
}

#[test]
fn the_defaults_are_themselves_sound() {
    let text = serde_json::to_string(&Settings::default()).unwrap();
    assert_eq!(parse(&text), Ok(Settings::default()));
}

#[test]
fn all_mistakes_of_shape_are_named_at_once() {
    check(
        r#"{"batch_host": 1, "waits": {"busy": 3, "longest_secs": "x"}, "tags": 1, "zzz": 1}"#,
        &[
            "`batch_host` is no setting; did you mean `batch_hosts`?",
            "`tags` must be `true` or `false`",
            "`waits.busy` is no setting; did you mean `waits.busy_secs`?",
            "`waits.longest_secs` must be a whole number",
            "`zzz` is no setting",
        ],
    );
}

#[test]
fn all_mistakes_of_value_are_named_at_once() {
    check(
        r#"{"batch_hosts": 0, "max_attempts": 21, "api": {"knowledge_base": "5.0"},
            "waits": {"busy_secs": 1000}}"#,
        &[
            "`api.knowledge_base` must be one of `2.0`, `3.0`, `4.0`",
            "`batch_hosts` must be from 1 to 5000",
            "`max_attempts` must be from 1 to 20",
            "`waits.busy_secs` must not be above `waits.longest_secs`",
        ],
    );
}

#[test]
fn a_version_that_is_not_read_is_a_mistake() {
    for version in ["2.0", "4.0"] {
        check(
            &format!(r#"{{"api": {{"qvs": "{version}"}}}}"#),
            &["`api.qvs` must be `3.0`"],
        );
    }
}

#[test]
fn a_version_that_never_was_is_named_with_its_key() {
    check(
        r#"{"api": {"host_list": "5", "detections": 5}}"#,
        &[
            "`api.detections` must be text in quotes",
            "`api.host_list` must be one of `2.0`, `3.0`, `4.0`, `5.0`",
        ],
    );
}

#[test]
fn a_key_that_is_there_twice_is_a_mistake() {
    check(
        r#"{"tags": true, "tags": false}"#,
        &["duplicate field `tags` at line 1 column 21"],
    );
}

#[test]
fn numbers_that_no_count_can_be_are_refused() {
    for number in ["-1", "1.5", "4294967296", "1e400", "null", "[]"] {
        assert!(
            parse(&format!(r#"{{"batch_hosts": {number}}}"#)).is_err(),
            "{number}"
        );
    }
}

#[test]
fn anything_but_an_object_is_refused() {
    check("[]", &["the settings must be one JSON object"]);
    assert!(parse("").is_err());
    assert!(parse("{").is_err());
    assert!(parse(&"[".repeat(100_000)).is_err());
}
