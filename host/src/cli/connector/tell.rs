//! A connector as people and machines read it.

use serde::Serialize;

use crate::{
    cli::{
        block::Block,
        exit::Exit,
        failure::{Failure, Result},
        screen::Look,
        table::{Column, Table},
        time,
    },
    schedule::{Definition, Schedule, ScheduleError},
    store::{Client, Connector, PasswordFrom, SecretFrom, SlotCause},
};

/// What is stored, and what follows from it at this moment.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    #[serde(flatten)]
    connector: &'a Connector,
    state: &'static str,
    next: Vec<String>,
    #[serde(skip)]
    times: Vec<String>,
    #[serde(skip)]
    mistake: Option<String>,
}

impl<'a> Told<'a> {
    pub(super) fn new(connector: &'a Connector) -> Self {
        let (mut times, mut next, mut mistake) = (Vec::new(), Vec::new(), None);
        match read(connector) {
            Ok(Some(schedule)) if !connector.is_paused => {
                let at = super::next(connector, &schedule, SHOWN);
                times = at.iter().map(|at| schedule.shown(*at)).collect();
                next = at.iter().map(|at| time::Rfc3339(*at).to_string()).collect();
            }
            Ok(_) => {}
            Err(error) => mistake = Some(error.to_string()),
        }
        Self {
            connector,
            state: state(connector, !next.is_empty()),
            next,
            times,
            mistake,
        }
    }
}

/// The schedule of a connector, if it has one.
pub(super) fn understood(connector: &Connector) -> Result<Option<Schedule>> {
    read(connector).map_err(Failure::from)
}

impl From<ScheduleError> for Failure {
    fn from(error: ScheduleError) -> Self {
        Self::of(Exit::Usage, &error)
    }
}

fn read(connector: &Connector) -> std::result::Result<Option<Schedule>, ScheduleError> {
    let text = connector.definition.schedule.as_ref();
    text.map(|text| Definition::kept(text, connector.scheduled))
        .transpose()
}

pub(super) fn table(rows: &[Told<'_>], _: Look) -> Table {
    let mut table = Table::new([
        Column::flexible("NAME", 8),
        Column::flexible("ACCOUNT", 8),
        Column::flexible("AT", 8),
        Column::flexible("SCHEDULE", 10),
        Column::text("STATE"),
        Column::text("NEXT"),
    ]);
    for row in rows {
        let defined = &row.connector.definition;
        table.row([
            defined.name.as_str().into(),
            defined.username.as_str().into(),
            defined.origin.trim_start_matches("https://").into(),
            words(row.connector).unwrap_or_default().into(),
            row.state.into(),
            row.times.first().cloned().unwrap_or_default().into(),
        ]);
    }
    table
}

pub(super) fn text(told: &Told<'_>, width: usize) -> String {
    let connector = told.connector;
    let defined = &connector.definition;
    let mut block = Block::new(&format!("connector {}", defined.name), width);
    block.maybe("description", defined.description.as_ref());
    let account = format!("{} at {}", defined.username, defined.origin);
    block.field("account", account);
    block.field("password", password(&defined.password));
    block.maybe("gateway", defined.gateway_url.as_ref());
    block.maybe("api client", defined.client.as_ref().map(client));
    block.maybe("ca_file", defined.ca_file.as_ref());
    block.maybe("defined in", defined.file.as_ref());
    if defined.settings != "{}" {
        block.field("settings", &defined.settings);
    }
    let schedule = words(connector).unwrap_or_else(|| "none".to_owned());
    block.field("schedule", schedule);
    block.maybe("mistake", told.mistake.as_ref());
    block.field("state", told.state);
    block.maybe("last failure", connector.trouble.as_ref());
    for (at, time) in told.times.iter().enumerate() {
        block.field(if at == 0 { "next runs" } else { "" }, time);
    }
    block.finish()
}

fn words(connector: &Connector) -> Option<String> {
    let text = connector.definition.schedule.as_ref()?;
    let definition: Definition = serde_json::from_str(text).ok()?;
    Some(definition.words())
}

fn state(connector: &Connector, has_next: bool) -> &'static str {
    match &connector.open {
        Some(open) if open.lease_until > time::now() => "running",
        Some(open) if open.cause == SlotCause::Asked => "asked for",
        _ if connector.is_paused => "paused",
        Some(_) => "unfinished",
        None if has_next => "scheduled",
        None if connector.definition.schedule.is_some() => "over",
        None => "by hand",
    }
}

fn password(from: &PasswordFrom) -> String {
    match from {
        PasswordFrom::File(file) => format!("in the file {file}"),
        PasswordFrom::Variable(name) => format!("in the variable {name}"),
        PasswordFrom::Prompt => "asked for on the terminal".to_owned(),
    }
}

fn client(client: &Client) -> String {
    let secret = match &client.secret {
        SecretFrom::File(file) => format!("in the file {file}"),
        SecretFrom::Variable(name) => format!("in the variable {name}"),
    };
    let Client {
        client_id,
        client_level,
        ..
    } = client;
    format!("{client_id} for the {client_level}, its secret {secret}")
}

const SHOWN: usize = 5;
