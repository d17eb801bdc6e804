//! Opens the file, or says why not, and brings an older one up to date.
//!
//! Nothing is written before it is certain that the file is ours.

use std::{fs, io, path::Path, sync::Arc, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{
    fail::{Fail, Result},
    function,
};
use crate::store::StoreError;

/// The file is created when it is not there, for its owner alone.
pub(super) fn for_writing(file: &Path) -> std::result::Result<Connection, StoreError> {
    create(file)?;
    let open = || -> Result<Connection> {
        let mut conn = connect(file)?;
        let version = version(&conn, file)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 32768;
             PRAGMA journal_size_limit = 134217728;
             PRAGMA cache_size = -32768;
             PRAGMA foreign_keys = ON;",
        )?;
        migrate(&mut conn, version, file)?;
        Ok(conn)
    };
    open().map_err(|fail| fail.told(file, "open"))
}

/// A connection that cannot write. An older file is brought up to date first.
pub(super) fn for_reading(file: &Path) -> std::result::Result<Connection, StoreError> {
    let open = || -> Result<(Connection, i64)> {
        let conn = connect(file)?;
        let version = version(&conn, file)?;
        // An index made for one query costs a pass over everything, where the first page needs none.
        conn.execute_batch(
            "PRAGMA query_only = ON;
             PRAGMA cache_size = -16384;
             PRAGMA automatic_index = OFF;",
        )?;
        function::add(&conn)?;
        Ok((conn, version))
    };
    let (conn, version) = open().map_err(|fail| fail.told(file, "open"))?;
    if version < NEWEST {
        drop(for_writing(file)?);
    }
    Ok(conn)
}

fn connect(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    conn.busy_timeout(PATIENCE)?;
    conn.set_prepared_statement_cache_capacity(128);
    // Else every statement that compares a column with a bound value is parsed anew each time
    // it is bound, in case another plan would suit the value.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch("PRAGMA temp_store = MEMORY;")?;
    Ok(conn)
}

fn create(file: &Path) -> std::result::Result<(), StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unopenable {
            file: file.to_owned(),
            source: Arc::new(error),
        }),
    }
}

/// Schema version of the file; 0 for an empty one.
fn version(conn: &Connection, file: &Path) -> Result<i64> {
    let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_empty = application == 0 && found == 0 && tables == 0;
    if application != APPLICATION && !is_empty {
        return Err(StoreError::NotADatabase {
            file: file.to_owned(),
        }
        .into());
    }
    if found > NEWEST {
        let file = file.to_owned();
        return Err(StoreError::Newer {
            file,
            found,
            known: NEWEST,
        }
        .into());
    }
    Ok(found)
}

fn migrate(conn: &mut Connection, version: i64, file: &Path) -> Result<()> {
    if version == NEWEST {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let done = self::version(&tx, file)?;
    for (number, sql) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > done) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.commit().map_err(Fail::from)
}

/// `Qond`, which `file` and others show.
const APPLICATION: i64 = 0x516f_6e64;
const PATIENCE: Duration = Duration::from_secs(10);
const NEWEST: i64 = MIGRATIONS.len() as i64;
/// In the order of their numbers; one that was released never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_tags.sql"),
    include_str!("migrations/0003_connectors.sql"),
    include_str!("migrations/0004_software.sql"),
    include_str!("migrations/0005_web_apps.sql"),
    include_str!("migrations/0006_sources.sql"),
    include_str!("migrations/0007_changes.sql"),
];
