//! Words for connectors that people define, for the slots of their schedules, and for the log of a
//! run. What a schedule means is not known here: it is a text, and slots are times.

use serde::{Serialize, Serializer};

use super::{ConnectorId, Lease, Result, RunId, json};
use crate::guest::types::Timestamp;

/// Number of one slot that was taken.
pub type SlotId = i64;

/// The write side of connectors.
pub trait Connectors {
    /// Gives a name to the connector of an account, and finds or creates that. Refused when the
    /// account or the name has been given already.
    fn define(&mut self, definition: &Definition, now: Timestamp) -> Result<ConnectorId>;

    /// Changes what is defined. A schedule that is another one comes into force now.
    fn redefine(
        &mut self,
        connector: ConnectorId,
        definition: &Definition,
        now: Timestamp,
    ) -> Result<()>;

    /// Forgets the definition, and keeps all that was synced. Refused while a run goes on.
    fn undefine(&mut self, connector: ConnectorId, now: Timestamp) -> Result<()>;

    /// While it is paused, no slot of its schedule is due; nor are those afterwards.
    fn pause(&mut self, connector: ConnectorId, is_paused: bool, now: Timestamp) -> Result<()>;

    /// Leaves a slot for whoever looks for one first. False when one is open already.
    fn ask(&mut self, connector: ConnectorId, now: Timestamp) -> Result<bool>;

    /// Takes a slot: one that was left open, or else the given one if nobody took it before. `None`
    /// when there is nothing to take, or another process is at it.
    fn take(
        &mut self,
        connector: ConnectorId,
        slot: Option<(Timestamp, SlotCause)>,
        lease: &Lease<'_>,
    ) -> Result<Option<Slot>>;

    /// Prolongs the lease of a slot.
    fn hold(&mut self, slot: SlotId, lease: &Lease<'_>) -> Result<()>;

    /// Leaves a slot open, for the next one who looks.
    fn leave(&mut self, slot: SlotId, lease: &Lease<'_>) -> Result<()>;

    /// Ends a slot, with a sentence that says why it failed if it did.
    fn end_slot(&mut self, slot: SlotId, lease: &Lease<'_>, failed: Option<&str>) -> Result<()>;

    /// Adds lines to the log of a run. What is too much is left out, but for the ending.
    fn log(&mut self, run: RunId, lines: &[LogLine]) -> Result<()>;
}

/// The read side of connectors.
pub trait ConnectorReader {
    /// In the order of their names.
    fn connectors(&self) -> Result<Vec<Connector>>;

    /// Whose findings there are or will be, whether a sync made the connector or somebody defined
    /// it; in the order in which they came.
    fn accounts(&self) -> Result<Vec<KnownAccount>>;

    /// Who carries out the unfinished runs, and until when they have said to be at it.
    fn holders(&self) -> Result<Vec<(RunId, String, Timestamp)>>;

    /// The log of a run, oldest first.
    fn run_log(&self, run: RunId) -> Result<Vec<LogLine>>;
}

/// An account of Qualys that has a connector.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownAccount {
    pub connector_id: ConnectorId,
    /// Of the API, such as `https://qualysapi.qualys.com`.
    pub origin: String,
    pub username: String,
}

/// What people say of a connector.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Definition {
    pub name: String,
    pub description: Option<String>,
    pub origin: String,
    pub username: String,
    pub ca_file: Option<String>,
    #[serde(flatten)]
    pub password: PasswordFrom,
    /// Where the gateway answers, where the address of the API does not tell it.
    pub gateway_url: Option<String>,
    /// Who asks the gateway for tokens, in place of the username.
    pub client: Option<Client>,
    /// One JSON object, for the component.
    #[serde(serialize_with = "object")]
    pub settings: String,
    /// One JSON object, as it was written.
    #[serde(serialize_with = "maybe_object")]
    pub schedule: Option<String>,
    /// The configuration file that says all this, if one does.
    pub file: Option<String>,
}

/// Where the password comes from; never the password.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(
    tag = "password_from",
    content = "password_ref",
    rename_all = "lowercase"
)]
pub enum PasswordFrom {
    File(String),
    Variable(String),
    /// Asked for on the terminal.
    Prompt,
}

/// An API client, and where its secret comes from; never the secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Client {
    pub client_id: String,
    /// `user` or `subscription`, whom it speaks for.
    pub client_level: String,
    #[serde(flatten)]
    pub secret: SecretFrom,
}

/// Where the secret of an API client comes from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(
    tag = "client_secret_from",
    content = "client_secret_ref",
    rename_all = "lowercase"
)]
pub enum SecretFrom {
    File(String),
    Variable(String),
}

/// A connector that people defined.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Connector {
    pub connector_id: ConnectorId,
    #[serde(flatten)]
    pub definition: Definition,
    pub is_paused: bool,
    /// When its schedule came into force.
    #[serde(skip)]
    pub scheduled: Timestamp,
    /// The newest slot that was taken, or since when slots count.
    #[serde(skip)]
    pub taken: Timestamp,
    /// The slot that waits or is being carried out.
    #[serde(skip)]
    pub open: Option<Slot>,
    /// What the newest slot failed of, if it failed.
    pub trouble: Option<String>,
}

/// A slot that is not done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Slot {
    pub id: SlotId,
    pub at: Timestamp,
    pub cause: SlotCause,
    pub holder: Option<String>,
    pub lease_until: Timestamp,
}

/// Why a slot is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SlotCause {
    Scheduled,
    /// Made up for.
    Late,
    /// Somebody asked.
    Asked,
}

/// One line of the log of a run.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LogLine {
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
    #[serde(serialize_with = "json::word")]
    pub kind: LogKind,
    pub message: String,
}

/// What a line of the log tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogKind {
    Begun,
    Stage,
    Waiting,
    Again,
    Skipped,
    Note,
    Ended,
}

fn object<S: Serializer>(text: &str, to: S) -> std::result::Result<S::Ok, S::Error> {
    serde_json::from_str::<serde_json::Value>(text)
        .unwrap_or_default()
        .serialize(to)
}

fn maybe_object<S: Serializer>(
    text: &Option<String>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    match text {
        Some(text) => object(text, to),
        None => to.serialize_none(),
    }
}
