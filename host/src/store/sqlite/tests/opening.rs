//! Which files are opened, as whose, and which are refused and left alone.

use super::*;

#[test]
fn the_file_and_its_companions_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut store = Temporary::new();
    begun(&mut store);
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", store.file.display());
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file}"
        );
    }
}

#[test]
fn a_newer_database_is_refused() {
    let store = Temporary::new();
    store.conn.pragma_update(None, "user_version", 999).unwrap();
    let refused = SqliteStore::open(&store.file).unwrap_err();
    assert!(
        matches!(refused, StoreError::Newer { found: 999, .. }),
        "{refused:?}"
    );
    assert!(SqliteReader::open(&store.file).is_err());
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_left_as_it_is() {
    let file = file();
    let others = rusqlite::Connection::open(&file).unwrap();
    others
        .execute_batch("CREATE TABLE theirs (x); PRAGMA user_version = 1;")
        .unwrap();
    drop(others);
    for content in [
        fs::read(&file).unwrap(),
        b"not a database, but long enough ".repeat(40),
    ] {
        fs::write(&file, &content).unwrap();
        for refused in [
            SqliteStore::open(&file).map(|_| ()),
            SqliteReader::open(&file).map(|_| ()),
        ] {
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, StoreError::NotADatabase { .. }),
                "{refused:?}"
            );
        }
        assert_eq!(fs::read(&file).unwrap(), content);
    }
    fs::remove_file(&file).unwrap();
}

#[test]
fn a_missing_folder_is_told() {
    let file = file().join("below.db");
    let refused = SqliteStore::open(&file).unwrap_err();
    assert!(
        matches!(refused, StoreError::Unopenable { .. }),
        "{refused:?}"
    );
    assert!(matches!(
        SqliteReader::open(&file),
        Err(StoreError::Unopenable { .. })
    ));
}

#[test]
fn an_inventory_is_there_when_it_is_opened_again() {
    let mut store = Temporary::new();
    let run = begun(&mut store);
    let hosts = vec![HostFindings {
        host: host(),
        findings: vec![finding("a")],
    }];
    let page = Page { hosts, ..page() };
    let step = Commit::new(run, LEASE, Dataset::Detections);
    store
        .commit(&Commit {
            page: Some(&page),
            ..step
        })
        .unwrap();
    let again = SqliteStore::open(&store.file).unwrap();
    assert_eq!(again.reader().unwrap().totals().unwrap().findings, 1);
}
