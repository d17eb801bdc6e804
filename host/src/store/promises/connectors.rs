//! Connectors that people define, slots that are taken once, and logs that stay bounded.

use super::{LEASE, NOW};
use crate::store::{
    Client, Connector, Definition, KnownAccount, Lease, LogKind, LogLine, PasswordFrom, SecretFrom,
    SlotCause, Store, StoreError,
};

fn definition(name: &str, username: &str) -> Definition {
    Definition {
        name: name.into(),
        description: Some("all of it".into()),
        origin: "https://a".into(),
        username: username.into(),
        ca_file: None,
        password: PasswordFrom::Variable("SECRET".into()),
        gateway_url: Some("https://gateway.a".into()),
        client: Some(Client {
            client_id: "robot".into(),
            client_level: "subscription".into(),
            secret: SecretFrom::File("/run/secrets/robot".into()),
        }),
        settings: r#"{"batch_hosts":200}"#.into(),
        schedule: Some(r#"{"every":"1 hour"}"#.into()),
        file: None,
    }
}

const OTHER: Lease<'static> = Lease {
    holder: "other",
    ..LEASE
};

fn connectors(store: &dyn Store) -> Vec<Connector> {
    store.reader().unwrap().connectors().unwrap()
}

pub(in crate::store) fn a_connector_is_defined_once(store: &mut dyn Store) {
    // A sync has been there before; its inventory is the connector's from here on.
    let made = store.connector("https://a", "user").unwrap();
    let one = definition("one", "user");
    assert_eq!(store.define(&one, NOW).unwrap(), made);
    let refused = store.define(&definition("two", "user"), NOW);
    assert!(
        matches!(&refused, Err(StoreError::AccountDefined { name, .. }) if name == "one"),
        "{refused:?}"
    );
    let refused = store.define(&definition("ONE", "other"), NOW);
    assert!(
        matches!(refused, Err(StoreError::NameTaken { .. })),
        "{refused:?}"
    );
    let two = store.define(&definition("two", "other"), NOW).unwrap();
    let refused = store.redefine(two, &one, NOW);
    assert!(
        matches!(refused, Err(StoreError::NameTaken { .. })),
        "{refused:?}"
    );

    let found = connectors(store);
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0].definition, found[0].connector_id), (&one, made));
    assert_eq!((found[0].scheduled, found[0].taken), (NOW, NOW - 1));
    // Another schedule comes into force when it is written, another description does not.
    let described = Definition {
        description: None,
        password: PasswordFrom::Prompt,
        client: None,
        ..one.clone()
    };
    store.redefine(made, &described, NOW + 50).unwrap();
    assert_eq!(connectors(store)[0].scheduled, NOW);
    let rescheduled = Definition {
        schedule: None,
        ..described
    };
    store.redefine(made, &rescheduled, NOW + 60).unwrap();
    assert_eq!(connectors(store)[0].scheduled, NOW + 60);
    assert_eq!(connectors(store)[0].definition, rescheduled);
    // Nobody removes a connector from under its run.
    store
        .begin_run(made, "{}", crate::guest::plan::Window::Full, &LEASE)
        .unwrap();
    let refused = store.undefine(made, LEASE.now);
    assert!(
        matches!(refused, Err(StoreError::RunInProgress { .. })),
        "{refused:?}"
    );
    store.undefine(made, LEASE.until).unwrap();
    assert_eq!(connectors(store).len(), 1);
    assert_eq!(store.connector("https://a", "user").unwrap(), made);
    let known = [(made, "user"), (two, "other")].map(|(connector_id, username)| KnownAccount {
        connector_id,
        origin: "https://a".into(),
        username: username.into(),
    });
    assert_eq!(store.reader().unwrap().accounts().unwrap(), known);
}

pub(in crate::store) fn a_slot_is_taken_once(store: &mut dyn Store) {
    let connector = store.define(&definition("one", "user"), NOW - 10).unwrap();
    let slot = Some((NOW, SlotCause::Scheduled));
    let taken = store.take(connector, slot, &LEASE).unwrap().unwrap();
    assert_eq!((taken.at, taken.cause), (NOW, SlotCause::Scheduled));
    assert_eq!(store.take(connector, slot, &OTHER).unwrap(), None);
    // Nor does the next one begin while this one goes on, or an asked one.
    let next = Some((NOW + 1, SlotCause::Scheduled));
    assert_eq!(store.take(connector, next, &OTHER).unwrap(), None);
    assert!(!store.ask(connector, NOW).unwrap());
    store
        .end_slot(taken.id, &LEASE, Some("no network"))
        .unwrap();
    assert_eq!(connectors(store)[0].trouble.as_deref(), Some("no network"));
    assert_eq!(
        store.take(connector, slot, &OTHER).unwrap(),
        None,
        "it is done"
    );
    assert_eq!(store.take(connector, None, &OTHER).unwrap(), None);
    // What somebody asks for is taken by whoever comes first.
    assert!(store.ask(connector, NOW).unwrap());
    let asked = store.take(connector, None, &OTHER).unwrap().unwrap();
    assert_eq!(asked.cause, SlotCause::Asked);
    assert_eq!(store.take(connector, None, &LEASE).unwrap(), None);
    store.end_slot(asked.id, &OTHER, None).unwrap();
    assert_eq!(connectors(store)[0].trouble, None);
}

pub(in crate::store) fn a_slot_that_was_left_is_taken_up(store: &mut dyn Store) {
    let connector = store.define(&definition("one", "user"), NOW - 10).unwrap();
    let slot = Some((NOW, SlotCause::Late));
    let taken = store.take(connector, slot, &LEASE).unwrap().unwrap();
    store.leave(taken.id, &LEASE).unwrap();
    let again = store.take(connector, None, &OTHER).unwrap().unwrap();
    assert_eq!(
        (again.id, again.at, again.cause),
        (taken.id, NOW, SlotCause::Late)
    );
    // The first one has nothing to say any more.
    store.end_slot(taken.id, &LEASE, None).unwrap();
    assert!(connectors(store)[0].open.is_some());
    // A process that died is not waited for once its lease is over.
    let later = Lease {
        now: OTHER.until,
        until: OTHER.until + 60,
        ..LEASE
    };
    assert!(store.take(connector, None, &later).unwrap().is_some());
}

pub(in crate::store) fn a_paused_connector_makes_up_for_nothing(store: &mut dyn Store) {
    let connector = store.define(&definition("one", "user"), NOW - 10).unwrap();
    store.pause(connector, true, NOW).unwrap();
    let slot = Some((NOW, SlotCause::Scheduled));
    assert_eq!(store.take(connector, slot, &LEASE).unwrap(), None);
    assert!(store.ask(connector, NOW).unwrap(), "unless somebody asks");
    store.pause(connector, false, NOW + 100).unwrap();
    assert_eq!(connectors(store)[0].taken, NOW + 99);
}

pub(in crate::store) fn the_log_of_a_run_is_bounded(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store
        .begin_run(connector, "{}", crate::guest::plan::Window::Full, &LEASE)
        .unwrap();
    let line = |kind, message: String| LogLine {
        at: NOW,
        kind,
        message,
    };
    let lines: Vec<_> = (1..=6_000)
        .map(|n| line(LogKind::Again, format!("line {n}")))
        .collect();
    store.log(run, &lines[..10]).unwrap();
    store.log(run, &lines[10..]).unwrap();
    store.log(run, &lines).unwrap();
    let end = line(LogKind::Ended, "x".repeat(10_000));
    store.log(run, std::slice::from_ref(&end)).unwrap();
    let log = store.reader().unwrap().run_log(run).unwrap();
    assert_eq!(log.len(), 5_001);
    assert_eq!(log[4_998], lines[4_998]);
    assert_eq!(log[4_999].message, "more was left out, as the log is full");
    assert_eq!(log[5_000].kind, LogKind::Ended);
    assert_eq!(log[5_000].message.len(), 2_000);
}
