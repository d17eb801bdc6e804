//! What must not be there: imports of the component, modules that look up, second files that name
//! a library, files that grew.

use std::{collections::BTreeSet, fs, path::PathBuf};

use qonduit_host::guest::Guest;
use wasmparser::{Parser, Payload};

use crate::place::{component, files, function, root};

#[test]
fn the_component_imports_nothing() {
    let embedded = Guest::embedded().expect("the component can be loaded");
    assert_eq!(embedded.imports(), Vec::<String>::new());

    let file = fs::read(component()).expect("a component");
    let built = Guest::from_bytes(&file).expect("the built component can be loaded");
    assert_eq!(built.imports(), Vec::<String>::new());
    // Another reader sees none either, at any depth.
    let mut n_exports = 0;
    for payload in Parser::new(0).parse_all(&file) {
        match payload.expect("a sound component") {
            Payload::ComponentImportSection(imports) => {
                // The interfaces of the contract are wrapped in components of their own, which
                // take their types; what reaches out would be a function or an instance.
                for import in imports {
                    let import = import.expect("a sound import");
                    let name = format!("{:?}", import.name);
                    assert!(name.contains("import-"), "the component imports {name}");
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.expect("a sound import");
                    let is_own = import.module.starts_with("[export]") || import.module.is_empty();
                    assert!(
                        is_own,
                        "a core module imports {}.{}",
                        import.module, import.name
                    );
                }
            }
            Payload::ComponentExportSection(exports) => n_exports += exports.count(),
            _ => {}
        }
    }
    assert!(n_exports >= 5, "the interfaces are exported");
}

/// No file, no variable, no socket, no store: what every host of the proxy world has, and no more.
#[test]
fn the_function_imports_nothing_but_http_streams_and_clocks() {
    let file = fs::read(function()).expect("a component");
    let (mut depth, mut imports, mut exports) = (0, BTreeSet::new(), BTreeSet::new());
    let name = |name: &str| {
        name.split_once('@')
            .map_or(name, |(name, _)| name)
            .to_owned()
    };
    for payload in Parser::new(0).parse_all(&file) {
        match payload.expect("a sound component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                let section = section.into_iter();
                imports.extend(section.map(|it| name(it.expect("a sound import").name.name)));
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                let section = section.into_iter();
                exports.extend(section.map(|it| name(it.expect("a sound export").name.name)));
            }
            _ => {}
        }
    }
    let expected = [
        "wasi:clocks/monotonic-clock",
        "wasi:clocks/wall-clock",
        "wasi:http/outgoing-handler",
        "wasi:http/types",
        "wasi:io/error",
        "wasi:io/poll",
        "wasi:io/streams",
    ];
    assert_eq!(imports, BTreeSet::from(expected.map(str::to_owned)));
    assert_eq!(
        exports,
        BTreeSet::from(["wasi:http/incoming-handler".to_owned()])
    );
    assert!(file.len() < 3 << 20, "{} bytes", file.len());
}

#[test]
fn one_place_names_each_library() {
    for (library, places) in [
        (
            "wasmtime",
            &["packages/rust/src/", "host/src/guest.rs", "host/src/guest/"][..],
        ),
        ("reqwest", &["host/src/http.rs", "host/src/http/"]),
        (
            "rusqlite",
            &["host/src/store/sqlite.rs", "host/src/store/sqlite/"],
        ),
    ] {
        let naming: Vec<_> = sources(&["host/src", "packages/rust/src"])
            .into_iter()
            .filter(|(_, text)| code(text).contains(&format!("{library}::")))
            .map(|(file, _)| file)
            .collect();
        assert!(!naming.is_empty(), "nobody names {library}");
        for file in naming {
            assert!(
                places.iter().any(|it| file.starts_with(it)),
                "{file} names {library}"
            );
        }
    }
}

#[test]
fn modules_of_the_host_look_only_down() {
    let mut n_named = 0;
    for (file, text) in sources(&["host/src"]) {
        let module = module(&file);
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        for named in named(&text) {
            n_named += 1;
            let is_down = named == module || height(&named) < height(&module);
            assert!(is_down, "{file}: `{module}` names `{named}`");
        }
    }
    assert!(n_named > 50, "only {n_named} uses were found");
}

/// Of two modules, the higher one may name the lower one. Equal heights do not know each other.
fn height(module: &str) -> u8 {
    match module {
        "cli" => 60,
        "doctor" | "schedule" => 50,
        "function" | "import" | "sync" => 40,
        "http" | "store" => 30,
        "guest" => 20,
        "config" => 10,
        "html" | "platform" | "secrets" | "telemetry" | "time" => 0,
        other => panic!(
            "`{other}` has no place among the layers: give it one here and in ARCHITECTURE.md"
        ),
    }
}

/// `host/src/cli/sync.rs` belongs to `cli`.
fn module(file: &str) -> String {
    let inside = file.strip_prefix("host/src/").expect("a file of the host");
    inside.split(['/', '.']).next().expect("a name").to_owned()
}

/// The modules that follow `crate::`, in braces or not.
fn named(text: &str) -> BTreeSet<String> {
    let text = code(text);
    let mut named = BTreeSet::new();
    for (at, found) in text.match_indices("crate::") {
        let rest = &text[at + found.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            named.insert(word(rest));
            continue;
        };
        let (mut depth, mut is_start) = (0, true);
        for (at, char) in group.char_indices() {
            match char {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_start = true,
                _ if depth == 0 && is_start && !char.is_whitespace() => {
                    named.insert(word(&group[at..]));
                    is_start = false;
                }
                _ => {}
            }
        }
    }
    named.remove("");
    named
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|char| char.is_alphanumeric() || *char == '_')
        .collect()
}

/// Without comments, and without the tests at the end.
fn code(text: &str) -> String {
    let code = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn uses_are_found_in_every_way_of_writing_them() {
    let text = "use crate::store::Row; // crate::no\nuse crate::{\n  guest::{a, types::{b}},\n  http,\n};\n\
                fn f(it: &crate::config::Sync) {}\n#[cfg(test)]\nmod tests { use crate::cli; }";
    let expected = ["config", "guest", "http", "store"].map(str::to_owned);
    assert_eq!(named(text), BTreeSet::from(expected));
}

#[test]
fn the_component_knows_no_clock_and_no_outside() {
    for (file, text) in sources(&["component/src"]) {
        let text = code(&text);
        for banned in [
            "SystemTime",
            "Instant::now",
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
        ] {
            assert!(!text.contains(banned), "{file} names {banned}");
        }
    }
    let bans = fs::read_to_string(root().join("component/clippy.toml")).expect("bans");
    for banned in [
        "SystemTime::now",
        "Instant::now",
        "std::env::var",
        "std::fs::read",
        "TcpStream::connect",
        "thread::spawn",
    ] {
        assert!(bans.contains(banned), "clippy.toml does not ban {banned}");
    }
}

#[test]
fn only_the_clock_of_a_run_and_the_command_line_read_the_time() {
    let naming = |what: &str| -> BTreeSet<String> {
        let all = sources(&["host/src"]).into_iter();
        let found = all.filter(|(_, text)| code(text).contains(what));
        found.map(|(file, _)| file).collect()
    };
    let one = |file: &str| BTreeSet::from([file.to_owned()]);
    assert_eq!(naming("SystemTime::now"), one("host/src/time.rs"));
    for file in naming("time::now").union(&naming("time::{Rfc3339, now}")) {
        let clocks = ["host/src/sync/clock.rs", "host/src/schedule/daemon.rs"];
        let is_allowed = file.starts_with("host/src/cli/") || clocks.contains(&file.as_str());
        assert!(is_allowed, "{file} reads the clock");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (file, text) in sources(&ALL) {
        // The tests of a module in a file of their own go with the header of the module.
        let is_of_module = file.ends_with("/tests.rs") || file == "host/src/main.rs";
        assert!(
            text.starts_with("//!") || is_of_module,
            "{file} does not begin with what it is for"
        );
    }
}

#[test]
fn files_are_short_enough_to_be_read_in_one_go() {
    let long: Vec<_> = sources(&ALL)
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(file, _)| file)
        .collect();
    for file in &long {
        assert!(
            LONG.iter().any(|(name, _)| name == file),
            "{file} is longer than {MOST_LINES} lines"
        );
    }
    for (name, reason) in LONG {
        assert!(
            long.iter().any(|file| file == name),
            "{name} is short again: take it off the list"
        );
        assert!(!reason.is_empty());
    }
}

const ALL: [&str; 9] = [
    "component/src",
    "component/tests",
    "function/src",
    "host/src",
    "packages/rust/src",
    "packages/tool/src",
    "packages/tool/tests",
    "tests/src",
    "tests/tests",
];
const MOST_LINES: usize = 400;
/// Longer files, and why they are.
const LONG: &[(&str, &str)] = &[
    (
        "host/src/store/promises/software.rs",
        "promises that share their makers of records",
    ),
    (
        "host/src/store/promises/sources.rs",
        "promises that share their makers of records",
    ),
    (
        "tests/src/sim/world/host.rs",
        "all that a host is follows from its number",
    ),
    (
        "host/src/sync/engine.rs",
        "one loop, whose steps are read against each other",
    ),
];

/// Paths from the root, with forward slashes, and texts.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|it| it == "rs");
    let rust = folders.iter().flat_map(|folder| {
        let mut found = files(&root().join(folder));
        found.retain(is_rust);
        assert!(!found.is_empty(), "`{folder}` holds no source");
        found
    });
    rust.map(|file| {
        let name = file
            .strip_prefix(root())
            .expect("below the root")
            .to_string_lossy();
        let text = fs::read_to_string(&file).expect("a source can be read");
        (name.replace('\\', "/"), text)
    })
    .collect()
}
