use super::*;

#[derive(Default)]
struct Given<'a> {
    file: &'a str,
    environment: &'a [(&'a str, &'a str)],
    arguments: &'a [(&'static str, &'a str)],
    sets: &'a [&'a str],
}

fn load(given: &Given<'_>) -> Config {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("q.toml");
    std::fs::write(&file, given.file).expect("a file can be written");
    let arguments = given
        .arguments
        .iter()
        .map(|(path, value)| (*path, Some(value.into())));
    let sets: Vec<_> = given.sets.iter().map(|&set| set.to_owned()).collect();
    let environment = given
        .environment
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    let layer = Layer::arguments(arguments, &sets);
    Config::load(layer, &FileChoice::Named(file), environment)
}

/// Without the folder of the file.
fn mistakes(given: &Given<'_>) -> Vec<String> {
    let short = |text: String| {
        text.rsplit_once("/q.toml")
            .map_or(text.clone(), |(_, it)| format!("q.toml{it}"))
    };
    load(given)
        .mistakes()
        .iter()
        .map(|mistake| short(mistake.to_string()))
        .collect()
}

const SOUND: &str = "platform = \"EU1\"\nusername = \"acme-ab\"\n";

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let file = "username = \"file-a\"\ndb = \"file.db\"\nca_file = \"/file.pem\"\n";
    let config = load(&Given {
        file,
        environment: &[("QONDUIT_USERNAME", "env-a"), ("QONDUIT_DB", "env.db")],
        arguments: &[("username", "arg-a")],
        ..Given::default()
    });
    let account = config.account().expect("is complete");
    assert_eq!(account.username, "arg-a");
    assert_eq!(config.db(), Path::new("env.db"));
    assert_eq!(account.ca_file.as_deref(), Some(Path::new("/file.pem")));
}

#[test]
fn an_address_above_replaces_a_platform_below() {
    let arguments = &[("api_url", "https://api.example.net")];
    let config = load(&Given {
        file: SOUND,
        arguments,
        ..Given::default()
    });
    assert_eq!(
        config.account().expect("is complete").origin.as_str(),
        "https://api.example.net"
    );
    let both = "platform = \"US1\"\napi_url = \"https://api.example.net\"\nusername = \"a\"\n";
    let said = mistakes(&Given {
        file: both,
        ..Given::default()
    });
    assert_eq!(
        said,
        ["q.toml: both `platform` and `api_url` are given; keep one"]
    );
}

#[test]
fn the_login_name_tells_the_platform_when_nothing_else_does() {
    let config = load(&Given {
        file: "username = \"acme2ab\"",
        ..Given::default()
    });
    let account = config.account().expect("is complete");
    assert_eq!(
        account.origin.as_str(),
        "https://qualysapi.qg2.apps.qualys.com"
    );
    assert_eq!(
        config.notes,
        [
            "the login name `acme2ab` belongs to platform US2, so qualysapi.qg2.apps.qualys.com is called"
        ]
    );
    let said = mistakes(&Given {
        file: "username = \"ann@example.net\"",
        ..Given::default()
    });
    assert_eq!(
        said,
        [
            "the login name `ann@example.net` does not tell the platform of the account; give \
          `platform` or `api_url`"
        ]
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_their_lines() {
    let file = "\
platfrom = \"US1\"
password = \"Winter2026\"
db = 5

[http]
idle_timeout_sec = 10
connect_timeout_secs = 0
max_call_secs = \"60\"
";
    assert_eq!(
        mistakes(&Given {
            file,
            ..Given::default()
        }),
        [
            "q.toml:3: `db` must be text in quotes",
            "q.toml:6: unknown key `http.idle_timeout_sec`; did you mean `http.idle_timeout_secs`?",
            "q.toml:8: `http.max_call_secs` must be a whole number from 10 to 86400",
            "q.toml:2: a password does not belong here; write it to a file of its own and give \
             `password_file`",
            "q.toml:1: unknown key `platfrom`; did you mean `platform`?",
            "q.toml:7: `http.connect_timeout_secs` must be a whole number from 1 to 600",
            "no username is given; pass `--username`, or set `username` in qonduit.toml",
        ]
    );
}

#[test]
fn a_password_in_the_file_is_not_repeated() {
    let config = load(&Given {
        file: "password = \"Winter2026\"",
        ..Given::default()
    });
    assert!(!format!("{config:?} {:?}", config.mistakes()).contains("Winter2026"));
}

#[test]
fn a_file_that_is_no_toml_is_a_mistake_with_its_line() {
    let said = mistakes(&Given {
        file: "username = \"a\"\nplatform = US1\n",
        ..Given::default()
    });
    assert!(said[0].starts_with("q.toml:2: "), "{said:?}");
    let missing = FileChoice::Named(PathBuf::from("no-such-file.toml"));
    let config = Config::load(Layer::default(), &missing, []);
    assert!(
        config
            .sound()
            .is_err_and(|error| error.to_string().contains("there is no such file"))
    );
}

#[test]
fn settings_of_the_command_line_replace_key_by_key() {
    let file = "[settings]\nfixed = false\n[settings.waits]\nbusy_secs = 30\nlongest_secs = 60\n";
    let sets = &[
        "settings.waits.busy_secs=10",
        "settings.api.host_list=\"4.0\"",
    ];
    let config = load(&Given {
        file,
        sets,
        ..Given::default()
    });
    assert_eq!(
        config.settings(),
        r#"{"api":{"host_list":"4.0"},"fixed":false,"waits":{"busy_secs":10,"longest_secs":60}}"#
    );
}

#[test]
fn a_version_on_the_command_line_needs_no_quotes() {
    for version in ["4.0", "\"4.0\"", "'4.0'"] {
        let config = load(&Given {
            file: SOUND,
            sets: &[&format!("settings.api.detections={version}")],
            ..Given::default()
        });
        assert_eq!(config.settings(), r#"{"api":{"detections":"4.0"}}"#);
    }
}

#[test]
fn what_is_in_force_tells_who_gave_each_setting() {
    let file = "[settings]\nfixed = false\n[settings.waits]\nbusy_secs = 30\n";
    let sets = &["settings.waits.busy_secs=10"];
    let config = load(&Given {
        file,
        sets,
        ..Given::default()
    });
    let rows = config.settings_in_force();
    let row = |path: &str| {
        let (_, value, who) = rows.iter().find(|row| row.0 == path).expect("is a setting");
        let who = who.rsplit('/').next().unwrap_or_default();
        format!("{value} from {who}")
    };
    assert_eq!(row("settings.fixed"), "false from q.toml");
    assert_eq!(row("settings.waits.busy_secs"), "10 from command line");
    assert_eq!(row("settings.batch_hosts"), "500 from default");
}

#[test]
fn http_options_come_from_every_layer() {
    let config = load(&Given {
        file: "[http]\nconnect_timeout_secs = 7\nmax_call_secs = 60\n",
        environment: &[("QONDUIT_HTTP_MAX_CALL_SECS", "120")],
        sets: &["http.idle_timeout_secs=20"],
        ..Given::default()
    });
    config.sound().expect("has no mistake");
    let expected = HttpOptions {
        connect_timeout: Duration::from_secs(7),
        idle_timeout: Duration::from_secs(20),
        max_call: Duration::from_secs(120),
        ..HttpOptions::default()
    };
    assert_eq!(config.http(), expected);
}

#[test]
fn paths_of_the_file_count_from_its_folder() {
    let config = load(&Given {
        file: "db = \"data/q.db\"",
        ..Given::default()
    });
    let folder = config
        .file
        .as_deref()
        .and_then(Path::parent)
        .expect("has a folder");
    assert_eq!(config.db(), folder.join("data/q.db"));
    assert_eq!(load(&Given::default()).db(), Path::new("qonduit.db"));
}

#[test]
fn an_empty_variable_counts_as_not_set_and_a_foreign_one_is_named() {
    let environment = &[
        ("QONDUIT_DB", ""),
        ("QONDUIT_USER", "ann"),
        ("HOME", "/root"),
    ];
    let config = load(&Given {
        file: SOUND,
        environment,
        ..Given::default()
    });
    assert_eq!(config.db(), Path::new("qonduit.db"));
    assert_eq!(
        config.notes,
        ["the variable `QONDUIT_USER` means nothing to qonduit"]
    );
}

#[test]
fn a_password_variable_goes_before_the_file_of_the_file() {
    let file = "password_file = \"/pw\"";
    assert_eq!(
        load(&Given {
            file,
            ..Given::default()
        })
        .password_source(),
        "/pw"
    );
    let environment = &[("QONDUIT_PASSWORD", "Winter2026")];
    let given = Given {
        file,
        environment,
        ..Given::default()
    };
    assert_eq!(load(&given).password_source(), "set in QONDUIT_PASSWORD");
    let arguments = &[("password_file", "-")];
    assert_eq!(load(&Given { arguments, ..given }).password_source(), "-");
}
