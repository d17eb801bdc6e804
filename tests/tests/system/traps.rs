//! A component that fails is a mistake of ours, and costs a run, not more: the host ends with a
//! sentence, the inventory stays sound, and nothing secret is shown.
//!
//! The component is part of the binary, so a binary is made here whose component is another one of
//! the same length: the body of one function traps.

use std::{fs, ops::Range, path::PathBuf};

use wasmparser::{ExternalKind, Parser, Payload};

use crate::{
    outcome::Outcome,
    place::{Place, bare, binary, component},
    secrets::expect_no_secret,
};

#[test]
fn a_trap_while_reading_ends_the_run_with_a_sentence() {
    let place = Place::new(&["--hosts", "20"]);
    place.sync(&[]).expect_exit(0);
    let before = place.content();
    let broken = broken_binary(&place, "qonduit:connector/ingest@0.1.0#[method]reader.push");
    let outcome = sync_with(&broken, &place);
    outcome.expect_error(
        1,
        &["the component failed in `ingest.push`", "please report it"],
    );
    assert!(outcome.stderr.contains("because:"), "{outcome:#?}");
    assert_eq!(place.content(), before);
    assert_eq!(place.count("SELECT count(*) FROM runs WHERE state = 0"), 1);
    // The password of the simulator is no marked one, but the marked search knows its own.
    expect_no_secret(place.folder(), &outcome);
    assert!(
        !outcome.stderr.contains(place.sim.password()),
        "{outcome:#?}"
    );

    // The whole binary goes on where the broken one stopped.
    place.sync(&[]).expect_exit(0);
    assert_eq!(place.count("SELECT count(*) FROM runs WHERE state = 0"), 0);
    place.expect_truth();
}

#[test]
fn a_trap_while_planning_ends_the_run_with_a_sentence() {
    let place = Place::new(&["--hosts", "20"]);
    let broken = broken_binary(&place, "qonduit:connector/plan@0.1.0#after");
    sync_with(&broken, &place).expect_error(1, &["the component failed in `plan.after`"]);
    place.sync(&[]).expect_exit(0);
    place.expect_truth();
}

fn sync_with(binary: &PathBuf, place: &Place) -> Outcome {
    let mut command = std::process::Command::new(binary);
    bare(&mut command, place.folder());
    command
        .args(["sync", "-vv"])
        .env("QONDUIT_PASSWORD", place.sim.password());
    command.env("RUST_BACKTRACE", "full");
    Outcome::of(command)
}

pub(crate) fn broken_binary(place: &Place, function: &str) -> PathBuf {
    let component = fs::read(component()).expect("a component");
    let mut bytes = fs::read(binary()).expect("the binary can be read");
    let at = find(&bytes, &component).expect("the binary carries the component as it is built");
    let body = body_of(&component, function);
    // No local variables, `unreachable`, and then nothing until the end of the function.
    let body = &mut bytes[at + body.start..at + body.end];
    let last = body.len() - 1;
    body.fill(0x01);
    (body[0], body[1], body[last]) = (0x00, 0x00, 0x0b);
    let broken = place.path("qonduit-broken");
    fs::write(&broken, bytes).expect("the binary can be written");
    let permissions = fs::metadata(binary()).expect("the binary").permissions();
    fs::set_permissions(&broken, permissions).expect("the binary can be made runnable");
    broken
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let start = &part[..64];
    let at = |from: usize| memchr::memmem::find(&bytes[from..], start).map(|at| at + from);
    let mut found = at(0);
    while let Some(place) = found {
        if bytes[place..].starts_with(part) {
            return Some(place);
        }
        found = at(place + 1);
    }
    None
}

/// Where the body of an exported function lies in the component.
fn body_of(component: &[u8], name: &str) -> Range<usize> {
    let (mut n_imported, mut index, mut bodies) = (0, None, Vec::new());
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("a sound component") {
            Payload::ImportSection(imports) if index.is_none() && bodies.is_empty() => {
                n_imported += imports.count() as usize;
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("a sound export");
                    if export.kind == ExternalKind::Func && export.name == name {
                        assert_eq!(
                            index.replace(export.index as usize),
                            None,
                            "one is called so"
                        );
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            _ => {}
        }
    }
    let index = index.unwrap_or_else(|| panic!("nothing is called `{name}`"));
    let range = bodies.swap_remove(index - n_imported);
    range.start as usize..range.end as usize
}
