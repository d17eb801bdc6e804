//! Files that are not as they should be: each ends with a sentence, and is left as it was.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use crate::{
    outcome::Outcome,
    place::{Place, bare, binary},
};

const WORLD: [&str; 2] = ["--hosts", "30"];

/// A file in the place of the database is refused, and not a byte of it is changed.
#[track_caller]
fn check_left_alone(place: &Place, content: &[u8], words: &[&str]) {
    let file = place.path("qonduit.db");
    fs::write(&file, content).expect("a file can be written");
    place.sync(&[]).expect_error(5, words);
    place.run(&["assets"]).expect_error(5, words);
    assert!(
        fs::read(&file).expect("a file can be read") == content,
        "it was changed"
    );
    assert_eq!(place.all_calls(), 0, "nobody was asked in vain");
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let place = Place::new(&WORLD);
    let words = ["holds no database of Qonduit", "choose another file"];
    check_left_alone(
        &place,
        "not a database at all\n".repeat(500).as_bytes(),
        &words,
    );

    let other = place.path("other.db");
    let sql = rusqlite::Connection::open(&other).expect("a database");
    sql.execute_batch("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')")
        .expect("a table");
    drop(sql);
    check_left_alone(&place, &fs::read(&other).expect("a file"), &words);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    let known = place.count("PRAGMA user_version");
    place
        .sql()
        .execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("a version");
    let before = fs::read(place.path("qonduit.db")).expect("a file");
    let n_calls = place.all_calls();
    let words = ["newer version", "schema 99", "update qonduit"];
    place.sync(&[]).expect_error(5, &words);
    place.run(&["findings"]).expect_error(5, &words);
    assert!(fs::read(place.path("qonduit.db")).expect("a file") == before);
    assert_eq!(place.all_calls(), n_calls);
    place
        .sql()
        .execute_batch(&format!("PRAGMA user_version = {known}"))
        .expect("a version");
    place.expect_truth();
}

#[test]
fn a_damaged_database_is_named() {
    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    place
        .sql()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("a checkpoint");
    let file = place.path("qonduit.db");
    let mut bytes = fs::read(&file).expect("a file");
    bytes[4096..].fill(0xa5);
    fs::write(&file, bytes).expect("a file can be written");
    place
        .run(&["export", "findings"])
        .expect_error(5, &["is damaged", "sync again"]);
    place.sync(&[]).expect_error(5, &["is damaged"]);
}

#[test]
fn an_empty_file_becomes_an_inventory() {
    let place = Place::new(&WORLD);
    fs::write(place.path("qonduit.db"), "").expect("a file can be written");
    place.sync(&[]).expect_exit(0);
    place.expect_truth();
}

#[test]
fn a_new_inventory_is_for_its_owner_alone() {
    let place = Place::new(&WORLD);
    place.sync(&[]).expect_exit(0);
    let mode = fs::metadata(place.path("qonduit.db"))
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let place = Place::new(&WORLD);
    fs::write(place.path("file"), "").expect("a file can be written");
    for db in ["no/such/folder/q.db", "file/q.db", "/proc/q.db"] {
        let outcome = place.run(&["sync", "--db", db]);
        outcome.expect_error(5, &[db, "cannot be opened", "may write there"]);
        place.run(&["assets", "--db", db]).expect_error(5, &[db]);
    }
    assert_eq!(place.all_calls(), 0);
}

#[test]
fn without_the_right_to_write_nothing_is_written() {
    let place = Place::new(&WORLD);
    let folder = place.folder();
    let binary = place.path("qonduit");
    fs::copy(self::binary(), &binary).expect("the binary can be copied");
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new(&binary);
        bare(&mut command, folder);
        command
            .args(arguments)
            .env("QONDUIT_PASSWORD", place.sim.password());
        command.env("HOME", "/nonexistent");
        // Nothing is forbidden to root, so it has to step down first.
        if fs::metadata(folder).expect("a folder").uid() == 0 {
            command.uid(65_534).gid(65_534);
        }
        Outcome::of(command)
    };
    mode(folder, 0o555);
    as_nobody(&["sync"]).expect_error(5, &["cannot be opened", "may write there"]);
    mode(folder, 0o755);
    assert_eq!(place.all_calls(), 0);

    place.sync(&[]).expect_exit(0);
    place
        .sql()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("a checkpoint");
    let before = place.content();
    for file in ["qonduit.db", "qonduit.db-wal", "qonduit.db-shm"] {
        if place.path(file).exists() {
            mode(&place.path(file), 0o444);
        }
    }
    mode(folder, 0o555);
    let n_calls = place.all_calls();
    let outcome = as_nobody(&["sync"]);
    outcome.expect_error(5, &["qonduit.db", "permissions"]);
    mode(folder, 0o755);
    mode(&place.path("qonduit.db"), 0o644);
    assert_eq!(place.all_calls(), n_calls);
    assert_eq!(place.content(), before);
    place.expect_truth();
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode can be set");
}

#[test]
fn a_disk_without_space_ends_the_run_and_half_writes_nothing() {
    let place = Place::new(&["--hosts", "120"]);
    // A file that may not grow, as a disk that is full for everybody cannot be had everywhere.
    let limited = |limit: &str| {
        let mut command = Command::new("sh");
        bare(&mut command, place.folder());
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
        command
            .args(["-c", &script])
            .arg(binary())
            .args(["sync", "--quiet"]);
        command.args(["--set", "settings.batch_hosts=10"]);
        command.env("QONDUIT_PASSWORD", place.sim.password());
        Outcome::of(command)
    };
    for limit in ["400", "1000", "6000"] {
        limited(limit).expect_error(5, &["qonduit.db"]);
        if place.path("qonduit.db").exists() && !place.store_is_empty() {
            assert_eq!(
                qonduit_host::store::Store::recount(&place.store()).expect("counts"),
                Vec::<String>::new()
            );
        }
    }
    let n_kept = place.findings().len();
    assert!(n_kept > 0 && n_kept < place.true_findings().len());
    let outcome = place.sync(&["settings.batch_hosts=10"]);
    outcome.expect_exit(0);
    assert_eq!(outcome.run()["run_id"], 1);
    place.expect_truth();
}

#[test]
fn an_export_to_a_full_disk_leaves_no_half_file() {
    // More than the limit below, which leaves room for the component itself.
    let place = Place::new(&["--hosts", "150"]);
    place.sync(&[]).expect_exit(0);
    let mut command = Command::new("sh");
    bare(&mut command, place.folder());
    let script = "trap '' XFSZ; ulimit -f 16000; exec \"$0\" export findings --all -o out.ndjson";
    command.args(["-c", script]).arg(binary());
    Outcome::of(command).expect_error(5, &["out.ndjson"]);
    let left = fs::read_dir(place.folder()).expect("a folder");
    let names = left.map(|it| {
        it.expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let odd: Vec<_> = names.filter(|name| !name.starts_with("qonduit.")).collect();
    assert_eq!(odd, Vec::<String>::new());
}

#[test]
fn a_configuration_with_mistakes_starts_nothing() {
    let place = Place::new(&WORLD);
    for (config, words) in [
        (
            "api_url = \"http://127.0.0.1:1",
            &["qonduit.toml:1:", "string"][..],
        ),
        ("usrname = \"me\"", &["usrname", "username"]),
        ("username = 5", &["username"]),
        (
            "[settings]\nbatch_host = 5",
            &["batch_host", "did you mean `batch_hosts`"],
        ),
        (
            "[settings]\nbatch_hosts = 0",
            &["batch_hosts", "from 1 to 5000"],
        ),
        ("[http]\nidle_timeout_secs = 0", &["idle_timeout_secs"]),
        ("platform = \"US9\"", &["US9"]),
        ("password = \"x\"", &["password"]),
    ] {
        fs::write(place.path("qonduit.toml"), config).expect("a file can be written");
        let outcome = place.run(&["sync", "--username", "me"]);
        outcome.expect_error(2, words);
        assert!(!place.path("qonduit.db").exists(), "{config}");
    }
    assert_eq!(place.all_calls(), 0);
}
