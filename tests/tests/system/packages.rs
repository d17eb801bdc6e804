//! The packages for other languages, as `make packages` left them: their own tests, and their
//! examples, which fetch from the simulator what it knows to be true.
//!
//! What is missing on this machine is told; where CI is set, that is a failure.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    outcome::Outcome,
    place::{Place, component, lines, root},
};

/// A way to call the contract: how its examples are started.
struct Language {
    name: &'static str,
    /// A file that `make packages` leaves.
    built: &'static str,
    program: &'static str,
    folder: &'static str,
    ending: &'static str,
    /// What the reader example wants to know beside the file.
    takes_dataset: bool,
}

const JAVASCRIPT: Language = Language {
    name: "JavaScript",
    built: "target/packages/js/package.json",
    program: "node",
    folder: "target/packages/try/examples",
    ending: ".mjs",
    takes_dataset: true,
};

const PYTHON: Language = Language {
    name: "Python",
    built: "target/packages/python",
    program: "target/packages/env/bin/python",
    folder: "packages/python/examples",
    ending: ".py",
    takes_dataset: true,
};

const RUST: Language = Language {
    name: "Rust",
    built: "target/release/examples/sync",
    program: "",
    folder: "target/release/examples",
    ending: "",
    takes_dataset: false,
};

impl Language {
    /// Whether its package is there, and made of the component as it is.
    fn is_built(&self) -> bool {
        let built = root().join(self.built);
        let name = self.name;
        if !built.exists() {
            let missing = format!("{name}: not tested, as `{}` is missing", built.display());
            assert!(env::var_os("CI").is_none(), "{missing}");
            eprintln!("{missing}: run `make packages`, which says what it lacks");
            return false;
        }
        let of = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
        assert!(
            of(&built) >= of(component()),
            "{name}: `{}` is older than the component: run `make packages`",
            built.display()
        );
        true
    }

    fn example(&self, name: &str) -> Command {
        let file = root()
            .join(self.folder)
            .join(format!("{name}{}", self.ending));
        if self.program.is_empty() {
            return Command::new(file);
        }
        let mut command = if self.program.contains('/') {
            Command::new(root().join(self.program))
        } else {
            Command::new(self.program)
        };
        command.arg(file);
        command
    }

    fn sync(&self, place: &Place, password: &str) -> Outcome {
        let mut command = self.example("sync");
        command.env("QUALYS_URL", place.sim.url());
        command.env("QUALYS_USERNAME", place.sim.username());
        command.env("QUALYS_PASSWORD", password);
        output(command)
    }
}

fn output(mut command: Command) -> Outcome {
    command.env("QONDUIT_ROOT", root());
    command.env("QONDUIT_FIXTURES", root().join("tests/fixtures"));
    command.stdin(Stdio::null());
    Outcome::of(command)
}

#[test]
fn the_loop_of_every_language_fetches_what_is_true() {
    let place = Place::new(&["--hosts", "60"]);
    let truth = place.true_findings().len();
    for language in [JAVASCRIPT, PYTHON, RUST] {
        if !language.is_built() {
            continue;
        }
        let outcome = language.sync(&place, place.sim.password());
        outcome.expect_exit(0);
        let counts = outcome.stdout.lines();
        let findings = counts.filter_map(|line| line.strip_prefix("finding "));
        let findings: Vec<_> = findings.collect();
        assert_eq!(findings, [truth.to_string()], "{}", language.name);
    }
    assert_eq!(place.sim.stats().forbidden_actions, 0);
}

#[test]
fn a_loop_that_is_refused_ends_with_a_sentence() {
    let place = Place::new(&["--hosts", "2"]);
    for language in [JAVASCRIPT, PYTHON, RUST] {
        if !language.is_built() {
            continue;
        }
        let outcome = language.sync(&place, "wrong");
        assert!(outcome.stderr.contains("does not accept"), "{outcome:?}");
        assert_ne!(outcome.code, Some(0));
    }
}

#[test]
fn the_reader_of_every_language_gives_the_same_records() {
    let answer = root().join("tests/fixtures/detections/each-status.xml");
    let expected = fs::read_to_string(answer.with_extension("expected.ndjson"));
    let mut expected = lines(&expected.expect("an expected file"));
    expected.pop();
    for language in [JAVASCRIPT, PYTHON, RUST] {
        if !language.is_built() {
            continue;
        }
        let read = |more: &[&str], file: &Path| {
            let mut command = language.example("read");
            if language.takes_dataset {
                command.arg("detections");
            }
            command.arg(file).args(more);
            output(command)
        };
        let records = read(&[], &answer);
        records.expect_exit(0);
        assert_eq!(lines(&records.stdout), expected, "{}", language.name);
        let ocsf = read(&["ocsf"], &answer);
        ocsf.expect_exit(0);
        let n = lines(&ocsf.stdout)
            .iter()
            .filter(|it| it["class_uid"] == 2002)
            .count();
        let findings = expected.iter().filter(|it| it["record"] == "finding");
        assert_eq!(n, findings.count(), "{}", language.name);
        let cut = root().join("tests/fixtures/detections/cut-off-in-the-results.xml");
        let told = read(&[], &cut);
        assert_ne!(told.code, Some(0));
        let bytes = fs::metadata(&cut).expect("a fixture").len();
        let said = format!("was cut off after {bytes} bytes; ask for it again");
        assert!(told.stderr.contains(&said), "{}: {told:?}", language.name);
    }
}

#[test]
fn the_package_for_javascript_passes_its_tests() {
    if !JAVASCRIPT.is_built() {
        return;
    }
    let folder = root().join("target/packages/try");
    let mut command = Command::new("node");
    command.arg("--test").current_dir(&folder);
    for file in tests_in(&folder, ".test.mjs") {
        command.arg(file);
    }
    let outcome = output(command);
    outcome.expect_exit(0);
    assert!(outcome.stdout.contains("pass 10"), "{}", outcome.stdout);
}

#[test]
fn the_package_for_python_passes_its_tests_and_its_types_are_checked() {
    if !PYTHON.is_built() {
        return;
    }
    let folder = root().join("packages/python");
    let python = |arguments: &[&str]| {
        let mut command = Command::new(root().join(PYTHON.program));
        command.args(arguments).current_dir(&folder);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        output(command)
    };
    let tests = python(&["-m", "unittest", "discover", "-s", "tests"]);
    tests.expect_exit(0);
    assert!(tests.stderr.contains("Ran 9 tests"), "{}", tests.stderr);
    let cache = root().join("target/packages/mypy");
    let cache = format!("--cache-dir={}", cache.display());
    let sources = [
        "-m",
        "mypy",
        "--strict",
        &cache,
        "src",
        "tests",
        "examples/read.py",
    ];
    python(&sources).expect_exit(0);
}

#[test]
fn the_loop_of_every_language_is_of_forty_lines() {
    for (file, comment) in [
        ("packages/js/examples/sync.mjs", "//"),
        ("packages/python/examples/sync.py", "\"\"\""),
        ("packages/rust/examples/sync.rs", "//"),
    ] {
        let text = fs::read_to_string(root().join(file)).expect("an example");
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(comment));
        let n = lines.count();
        assert!(n <= 40, "{file} has {n} lines");
    }
}

#[test]
fn a_list_of_npm_packages_names_no_registry() {
    let lock = fs::read_to_string(root().join("packages/js/package-lock.json"));
    let lock: Value = serde_json::from_str(&lock.expect("a lock file")).expect("JSON");
    let packages = lock["packages"].as_object().expect("packages");
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        assert!(package["resolved"].is_null(), "{name}");
        assert!(!package["integrity"].is_null(), "{name} is not pinned");
    }
}

fn tests_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).expect("a folder");
    let files = all.map(|file| file.expect("a file").path());
    let mut files: Vec<_> = files
        .filter(|file| file.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "`{}` holds no test", folder.display());
    files
}
