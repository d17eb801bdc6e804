//! Connectors that people defined, and the slots of their schedules. That a slot is taken once is
//! kept by one transaction and an index.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{SqliteReader, SqliteStore, code, fail::Result, log};
use crate::{
    guest::types::Timestamp,
    store::{
        self, Client, Connector, ConnectorId, ConnectorReader, Connectors, Definition,
        KnownAccount, Lease, LogLine, PasswordFrom, RunId, SecretFrom, Slot, SlotCause, SlotId,
        StoreError, word::Word,
    },
};

impl Connectors for SqliteStore {
    fn define(&mut self, definition: &Definition, now: Timestamp) -> store::Result<ConnectorId> {
        self.write("define connector", |tx, _| {
            let connector = account(tx, definition)?;
            let taken = "SELECT name FROM connector_definitions WHERE connector_id = ?1";
            let taken = tx
                .query_row(taken, [connector], |row| row.get(0))
                .optional()?;
            if let Some(name) = taken {
                return Err(StoreError::AccountDefined {
                    username: definition.username.clone(),
                    name,
                }
                .into());
            }
            refuse_name(tx, definition, connector)?;
            let insert = "INSERT INTO connector_definitions
                (connector_id, name, password_from, settings, scheduled_at, taken_at)
                VALUES (?1, ?2, 2, '{}', ?3, ?3 - 1)";
            tx.execute(insert, (connector, &definition.name, now))?;
            update(tx, connector, definition)?;
            Ok(connector)
        })
    }

    fn redefine(
        &mut self,
        connector: ConnectorId,
        definition: &Definition,
        now: Timestamp,
    ) -> store::Result<()> {
        self.write("change connector", |tx, _| {
            refuse_name(tx, definition, connector)?;
            let schedule = "UPDATE connector_definitions SET scheduled_at = ?3, taken_at = ?3 - 1
                WHERE connector_id = ?1 AND schedule IS NOT ?2";
            tx.execute(schedule, (connector, &definition.schedule, now))?;
            update(tx, connector, definition)
        })
    }

    fn undefine(&mut self, connector: ConnectorId, now: Timestamp) -> store::Result<()> {
        self.write("remove connector", |tx, _| {
            let busy = "SELECT id, holder FROM runs
                WHERE connector_id = ?1 AND state = 0 AND lease_until > ?2";
            let busy = tx
                .query_row(busy, (connector, now), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((run, holder)) = busy {
                return Err(StoreError::RunInProgress { run, holder }.into());
            }
            tx.execute("DELETE FROM slots WHERE connector_id = ?1", [connector])?;
            let definition = "DELETE FROM connector_definitions WHERE connector_id = ?1";
            tx.execute(definition, [connector])?;
            Ok(())
        })
    }

    fn pause(
        &mut self,
        connector: ConnectorId,
        is_paused: bool,
        now: Timestamp,
    ) -> store::Result<()> {
        self.write("pause connector", |tx, _| {
            // What would have been due meanwhile is not made up for.
            let pause = "UPDATE connector_definitions SET is_paused = ?2,
                taken_at = CASE WHEN ?2 = 0 THEN max(taken_at, ?3 - 1) ELSE taken_at END
                WHERE connector_id = ?1 AND is_paused <> ?2";
            tx.execute(pause, (connector, is_paused, now))?;
            Ok(())
        })
    }

    fn ask(&mut self, connector: ConnectorId, now: Timestamp) -> store::Result<bool> {
        self.write("ask for a run", |tx, _| {
            let ask = "INSERT INTO slots (connector_id, slot_at, cause) VALUES (?1, ?2, ?3)
                ON CONFLICT DO NOTHING";
            Ok(tx.execute(ask, (connector, now, SlotCause::Asked.place()))? == 1)
        })
    }

    fn take(
        &mut self,
        connector: ConnectorId,
        slot: Option<(Timestamp, SlotCause)>,
        lease: &Lease<'_>,
    ) -> store::Result<Option<Slot>> {
        self.write("take a slot", |tx, _| {
            if let Some(open) = open(tx, connector)? {
                if open.lease_until > lease.now {
                    return Ok(None);
                }
            } else if let Some((at, cause)) = slot {
                // One that lies ahead was taken by a clock that was wrong.
                let take = "UPDATE connector_definitions SET taken_at = ?2
                    WHERE connector_id = ?1 AND is_paused = 0
                      AND (taken_at < ?2 OR taken_at > ?3 + 3600)";
                if tx.execute(take, (connector, at, lease.now))? == 0 {
                    return Ok(None);
                }
                let add = "INSERT INTO slots (connector_id, slot_at, cause) VALUES (?1, ?2, ?3)";
                tx.execute(add, (connector, at, cause.place()))?;
            }
            let hold = "UPDATE slots SET holder = ?2, lease_until = ?3
                WHERE connector_id = ?1 AND state = 0";
            tx.execute(hold, (connector, lease.holder, lease.until))?;
            open(tx, connector)
        })
    }

    fn hold(&mut self, slot: SlotId, lease: &Lease<'_>) -> store::Result<()> {
        self.write("hold a slot", |tx, _| {
            held(tx, slot, lease.holder, lease.until)
        })
    }

    fn leave(&mut self, slot: SlotId, lease: &Lease<'_>) -> store::Result<()> {
        self.write("leave a slot", |tx, _| {
            held(tx, slot, lease.holder, lease.now)
        })
    }

    fn end_slot(
        &mut self,
        slot: SlotId,
        lease: &Lease<'_>,
        failed: Option<&str>,
    ) -> store::Result<()> {
        self.write("end a slot", |tx, _| {
            let state = if failed.is_some() { FAILED } else { DONE };
            let end = "UPDATE slots SET state = ?3, ended_at = ?4, reason = ?5, lease_until = 0
                WHERE id = ?1 AND holder = ?2 AND state = 0";
            tx.execute(end, (slot, lease.holder, state, lease.now, failed))?;
            // Only the newest one is shown; the runs themselves are kept.
            let forget = "DELETE FROM slots WHERE state <> 0 AND id < ?1
                AND connector_id = (SELECT connector_id FROM slots WHERE id = ?1)";
            tx.execute(forget, [slot])?;
            Ok(())
        })
    }

    fn log(&mut self, run: RunId, lines: &[LogLine]) -> store::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.write("log of a run", |tx, _| log::write(tx, run, lines))
    }
}

impl ConnectorReader for SqliteReader {
    fn connectors(&self) -> store::Result<Vec<Connector>> {
        self.read("connectors", |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT c.id, d.name, d.description, c.origin, c.username, d.ca_file,
                   d.password_from, d.password_ref, d.settings, d.schedule, d.file, d.is_paused,
                   d.scheduled_at, d.taken_at, d.gateway_url, d.client_id, d.client_level,
                   d.secret_from, d.secret_ref,
                   (SELECT reason FROM slots s WHERE s.connector_id = c.id AND s.state <> 0
                    ORDER BY s.id DESC LIMIT 1)
                 FROM connector_definitions d JOIN connectors c ON c.id = d.connector_id
                 ORDER BY d.name",
            )?;
            let rows = statement.query_map([], connector)?;
            let mut connectors = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            for connector in &mut connectors {
                connector.open = open(conn, connector.connector_id)?;
            }
            Ok(connectors)
        })
    }

    fn accounts(&self) -> store::Result<Vec<KnownAccount>> {
        self.read("accounts", |conn| {
            let mut statement =
                conn.prepare_cached("SELECT id, origin, username FROM connectors ORDER BY id")?;
            let account = |row: &Row<'_>| {
                Ok(KnownAccount {
                    connector_id: row.get(0)?,
                    origin: row.get(1)?,
                    username: row.get(2)?,
                })
            };
            Ok(statement
                .query_map([], account)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    fn holders(&self) -> store::Result<Vec<(RunId, String, Timestamp)>> {
        self.read("holders of runs", |conn| {
            let mut statement =
                conn.prepare_cached("SELECT id, holder, lease_until FROM runs WHERE state = 0")?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn run_log(&self, run: RunId) -> store::Result<Vec<LogLine>> {
        self.read("log of a run", |conn| log::read(conn, run))
    }
}

/// The connector of the account, whether a sync has made it or nobody yet.
fn account(tx: &Connection, definition: &Definition) -> Result<ConnectorId> {
    let account = (&definition.origin, &definition.username);
    let insert = "INSERT INTO connectors (origin, username) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.execute(insert, account)?;
    let find = "SELECT id FROM connectors WHERE origin = ?1 AND username = ?2";
    Ok(tx.query_row(find, account, |row| row.get(0))?)
}

fn refuse_name(tx: &Connection, definition: &Definition, connector: ConnectorId) -> Result<()> {
    let taken = "SELECT EXISTS (SELECT 1 FROM connector_definitions
        WHERE name = ?1 AND connector_id <> ?2)";
    if tx.query_row(taken, (&definition.name, connector), |row| row.get(0))? {
        let name = definition.name.clone();
        return Err(StoreError::NameTaken { name }.into());
    }
    Ok(())
}

fn update(tx: &Connection, connector: ConnectorId, definition: &Definition) -> Result<()> {
    let (from, reference) = match &definition.password {
        PasswordFrom::File(file) => (0, Some(file)),
        PasswordFrom::Variable(name) => (1, Some(name)),
        PasswordFrom::Prompt => (2, None),
    };
    let client = definition.client.as_ref();
    let secret = client.map(|client| match &client.secret {
        SecretFrom::File(file) => (0, file),
        SecretFrom::Variable(name) => (1, name),
    });
    tx.prepare_cached(
        "UPDATE connector_definitions SET name = ?2, description = ?3, ca_file = ?4,
           password_from = ?5, password_ref = ?6, settings = ?7, schedule = ?8, file = ?9,
           gateway_url = ?10, client_id = ?11, client_level = ?12, secret_from = ?13,
           secret_ref = ?14
         WHERE connector_id = ?1",
    )?
    .execute((
        connector,
        &definition.name,
        &definition.description,
        &definition.ca_file,
        from,
        reference,
        &definition.settings,
        &definition.schedule,
        &definition.file,
        &definition.gateway_url,
        client.map(|client| &client.client_id),
        client.map(|client| &client.client_level),
        secret.map(|(from, _)| from),
        secret.map(|(_, reference)| reference),
    ))?;
    Ok(())
}

fn connector(row: &Row<'_>) -> rusqlite::Result<Connector> {
    let reference = row.get::<_, Option<String>>(7)?.unwrap_or_default();
    let password = match row.get::<_, u8>(6)? {
        0 => PasswordFrom::File(reference),
        1 => PasswordFrom::Variable(reference),
        _ => PasswordFrom::Prompt,
    };
    let client = match row.get::<_, Option<String>>(15)? {
        Some(client_id) => Some(Client {
            client_id,
            client_level: row.get(16)?,
            secret: match row.get::<_, u8>(17)? {
                0 => SecretFrom::File(row.get(18)?),
                _ => SecretFrom::Variable(row.get(18)?),
            },
        }),
        None => None,
    };
    Ok(Connector {
        connector_id: row.get(0)?,
        definition: Definition {
            name: row.get(1)?,
            description: row.get(2)?,
            origin: row.get(3)?,
            username: row.get(4)?,
            ca_file: row.get(5)?,
            password,
            gateway_url: row.get(14)?,
            client,
            settings: row.get(8)?,
            schedule: row.get(9)?,
            file: row.get(10)?,
        },
        is_paused: row.get(11)?,
        scheduled: row.get(12)?,
        taken: row.get(13)?,
        trouble: row.get(19)?,
        open: None,
    })
}

fn open(conn: &Connection, connector: ConnectorId) -> Result<Option<Slot>> {
    let found = conn
        .prepare_cached(
            "SELECT id, slot_at, cause, holder, lease_until FROM slots
             WHERE connector_id = ?1 AND state = 0",
        )?
        .query_row([connector], |row| {
            Ok(Slot {
                id: row.get(0)?,
                at: row.get(1)?,
                cause: code::word(row, 2)?,
                holder: row.get(3)?,
                lease_until: row.get(4)?,
            })
        });
    Ok(found.optional()?)
}

fn held(tx: &Connection, slot: SlotId, holder: &str, until: Timestamp) -> Result<()> {
    let hold = "UPDATE slots SET lease_until = ?3 WHERE id = ?1 AND holder = ?2 AND state = 0";
    tx.prepare_cached(hold)?.execute((slot, holder, until))?;
    Ok(())
}

const DONE: u8 = 1;
const FAILED: u8 = 2;
