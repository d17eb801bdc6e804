//! A folder with a configuration and an inventory, a simulator beside it, and the real binary.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::SystemTime,
};

use qonduit_host::store::SqliteStore;
use qonduit_tests::sim::{Options, Sim};
use serde_json::Value;
use tempfile::TempDir;

use crate::outcome::Outcome;

/// Where one test keeps everything.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) sim: Sim,
}

impl Place {
    /// With arguments of the simulator. The waits are so short that tests can sit them out. Web
    /// applications are there only where a test names them, so that the others count hosts alone.
    pub(crate) fn new(simulator: &[&str]) -> Self {
        let mut arguments = simulator.to_vec();
        if !arguments.contains(&"--web-apps") {
            arguments.extend(["--web-apps", "0"]);
        }
        let place = Self {
            folder: tempfile::tempdir().expect("a folder can be made"),
            sim: Sim::start(Options::with(arguments)).expect("a free port"),
        };
        place.configure("");
        place
    }

    /// Writes the configuration anew, with more tables at its end.
    pub(crate) fn configure(&self, more: &str) {
        let (url, username) = (self.sim.url(), self.sim.username());
        let config = format!(
            "api_url = \"{url}\"\nusername = \"{username}\"\n\
             [settings]\nfull_every_days = 0\n[settings.waits]\nbusy_secs = 1\nunreachable_secs = 1\nmaintenance_secs = 1\n\
             longest_secs = 1\nheld_slot_secs = 1\n{more}"
        );
        fs::write(self.path("qonduit.toml"), config).expect("a file can be written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The binary, in this folder, with the right password and nothing else from outside.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command_in(self.folder.path());
        command
            .args(arguments)
            .env("QONDUIT_PASSWORD", self.sim.password());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments))
    }

    /// `qonduit sync --json`, with single keys of the configuration.
    pub(crate) fn sync(&self, sets: &[&str]) -> Outcome {
        Outcome::of(self.sync_command(sets))
    }

    pub(crate) fn sync_command(&self, sets: &[&str]) -> Command {
        let mut command = self.command(&["sync", "--json", "-v"]);
        command.args(sets.iter().flat_map(|set| ["--set", set]));
        command
    }

    /// A sync that is underway.
    pub(crate) fn start(&self, sets: &[&str]) -> Child {
        let mut command = self.sync_command(sets);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the binary can be started")
    }

    /// Lines of an export.
    pub(crate) fn export(&self, what: &[&str]) -> Vec<Value> {
        let outcome = self.run(&[&["export"], what].concat());
        outcome.expect_exit(0);
        lines(&outcome.stdout)
    }

    /// An export in the order of its hosts and keys, without the numbers that follow from the
    /// order in which answers came, and without when that was.
    pub(crate) fn ordered_export(&self, what: &[&str]) -> Vec<String> {
        let rows = self.export(what).into_iter().map(|mut row| {
            let row_object = row.as_object_mut().expect("an object");
            row_object.remove("finding_id");
            row_object.remove("asset_id");
            row_object.remove("first_seen");
            row.to_string()
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort();
        rows
    }

    /// Whether a process was ended before it had made the tables.
    pub(crate) fn store_is_empty(&self) -> bool {
        self.count("SELECT count(*) FROM sqlite_schema") == 0
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.path("qonduit.db")).expect("the inventory can be opened")
    }

    /// The database as SQLite sees it.
    pub(crate) fn sql(&self) -> rusqlite::Connection {
        let sql = rusqlite::Connection::open(self.path("qonduit.db")).expect("a database");
        sql.busy_timeout(std::time::Duration::from_secs(10))
            .expect("a patience");
        sql
    }

    /// One number out of the database.
    #[track_caller]
    pub(crate) fn count(&self, query: &str) -> i64 {
        self.sql()
            .query_row(query, [], |row| row.get(0))
            .expect(query)
    }

    /// Every row of the inventory as text, in order, without what belongs to runs alone.
    pub(crate) fn content(&self) -> Vec<String> {
        let sql = self.sql();
        let tables = TABLES.iter().flat_map(|(table, columns)| {
            let mut statement = sql
                .prepare(&format!("SELECT {columns} FROM {table}"))
                .expect(table);
            // When something was written is no part of what was.
            let names: Vec<&str> = statement.column_names().collect();
            let places: Vec<_> = (0..names.len())
                .filter(|at| names[*at] != "changed_at")
                .collect();
            let rows = statement.query_map([], |row| {
                let cells = places.iter().map(|at| format!("{:?}", row.get_ref(*at)));
                Ok(format!("{table}: {}", cells.collect::<Vec<_>>().join(" ")))
            });
            let mut rows: Vec<_> = rows.expect(table).map(|row| row.expect(table)).collect();
            rows.sort();
            rows
        });
        tables.collect()
    }

    pub(crate) fn calls(&self, api: &str) -> u64 {
        self.sim.stats().calls.get(api).copied().unwrap_or(0)
    }

    pub(crate) fn all_calls(&self) -> u64 {
        let stats = self.sim.stats();
        stats.calls.values().chain(stats.other_calls.values()).sum()
    }
}

/// The binary in a folder, with nothing from outside.
pub(crate) fn command_in(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    bare(&mut command, folder);
    command
}

/// Takes away what the environment of the tests may hold.
pub(crate) fn bare(command: &mut Command, folder: &Path) {
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let lower = name.to_string_lossy().to_lowercase();
        if lower.starts_with("qonduit_") || lower.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
}

/// The binary that was built together with this test.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = std::env::current_exe().expect("a test is a program");
        let folder = test.ancestors().nth(2).expect("tests are built in `deps`");
        let binary = folder.join(format!("qonduit{}", std::env::consts::EXE_SUFFIX));
        let built = modified(&binary);
        assert!(
            built.is_some(),
            "`{}` is missing: build the workspace first, as `make test` does",
            binary.display()
        );
        let [host, crate_, wit] =
            ["host/src", "packages/rust/src", "wit"].map(|it| root().join(it));
        let sources = [&host, &crate_, &wit, component(), function()];
        expect_newer(&binary, built, &sources);
        binary
    })
}

/// The component that was built of the sources as they are now.
pub(crate) fn component() -> &'static Path {
    static COMPONENT: OnceLock<PathBuf> = OnceLock::new();
    COMPONENT.get_or_init(|| built("qonduit.wasm", "built", &["component", "wit"]))
}

/// The function that was built of the sources as they are now.
pub(crate) fn function() -> &'static Path {
    static FUNCTION: OnceLock<PathBuf> = OnceLock::new();
    let sources = ["component", "function", "wit"];
    FUNCTION.get_or_init(|| built("qonduit-function.wasm", "function-built", &sources))
}

/// The binary carries what lies there, however old it is, so that a test of a changed component
/// would otherwise pass by what it was before.
fn built(name: &str, stamp: &str, sources: &[&str]) -> PathBuf {
    let folder = root().join("target/component");
    // The file itself keeps its time while its bytes are the same.
    let stamp = folder.join(stamp);
    let built = modified(&stamp);
    assert!(
        built.is_some(),
        "`{}` is missing: run `make component function` first",
        stamp.display()
    );
    let of_crate = |folder: &&str| {
        let folder = root().join(folder);
        match folder.join("Cargo.toml") {
            manifest if manifest.is_file() => vec![folder.join("src"), manifest],
            _ => vec![folder],
        }
    };
    let sources: Vec<PathBuf> = sources.iter().flat_map(of_crate).collect();
    expect_newer(&stamp, built, &sources);
    folder.join(name)
}

#[track_caller]
fn expect_newer(product: &Path, built: Option<SystemTime>, sources: &[impl AsRef<Path>]) {
    let newest = sources
        .iter()
        .flat_map(|it| files(it.as_ref()))
        .max_by_key(|file| modified(file));
    let newest = newest.expect("there are sources");
    assert!(
        modified(&newest) <= built,
        "`{}` is older than `{}`: build the workspace first, as `make test` does",
        product.display(),
        newest.display()
    );
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the workspace")
}

/// All files below, in order; the file itself where it is one. Nothing can be said of a folder
/// that is not there.
#[track_caller]
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    assert!(path.exists(), "`{}` is missing", path.display());
    walk(path)
}

fn walk(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).expect("a folder can be read");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| walk(path)).collect()
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|it| it.modified()).ok()
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

/// Shows output while a test runs with `--nocapture`, and where it fails.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The tables of the inventory. Numbers that depend on the order in which answers came are left
/// out, as calls run at once.
const TABLES: &[(&str, &str)] = &[
    (
        "assets",
        "host_id, kind, web_app_id, open_findings, open_info, open_low, open_medium, open_high, open_critical, \
         content_hash, is_partial, name, ip, ipv6, dns, netbios, os, tracking_method, network_id, \
         qualys_asset_id, qg_hostid, cloud_provider, cloud_service, cloud_instance, trurisk, \
         criticality, first_found_at, last_vm_scan_at, last_check_in_at, last_seen_at, gone_at, \
         attributes",
    ),
    (
        "asset_tags JOIN assets ON assets.id = asset_tags.asset_id",
        "host_id, web_app_id, asset_tags.name, tag_id",
    ),
    (
        "asset_groups",
        "asset_group_id, content_hash, title, business_impact, attributes",
    ),
    ("asset_group_hosts", "*"),
    (
        "tags",
        "tag_id, content_hash, name, parent_tag_id, color, rule_type, rule_text, criticality, \
         attributes",
    ),
    (
        "software",
        "digest, name, version, publisher, category, is_package, end_of_life_at, assets",
    ),
    (
        "asset_software JOIN assets ON assets.id = asset_software.asset_id \
         JOIN software ON software.id = software_id",
        "host_id, source, digest, required_version, installed_at",
    ),
    (
        "asset_ports JOIN assets ON assets.id = asset_ports.asset_id",
        "host_id, source, port, protocol, service",
    ),
    (
        "asset_inventories JOIN assets ON assets.id = asset_inventories.asset_id",
        "host_id, source, asset_inventories.content_hash",
    ),
    (
        "findings JOIN assets ON assets.id = findings.asset_id",
        "host_id, web_app_id, findings.id & 1048575, qid, severity, status, is_ignored, is_disabled, is_open, \
         last_found_at, findings.content_hash, finding_key, certainty, qualys_severity, risk, \
         risk_score, risk_source, qds, port, protocol, fqdn, ssl, instance, findings.first_found_at, \
         last_test_at, last_update_at, last_fixed_at, times_found, affects_running_kernel, \
         affects_running_service, affects_exploitable_config, closed_at, closed_reason, \
         put_aside_by, results_hash",
    ),
    (
        "finding_history JOIN assets ON assets.id = finding_id >> 20",
        "host_id, web_app_id, finding_id & 1048575, from_status, to_status",
    ),
    (
        "web_apps JOIN assets ON assets.id = web_apps.asset_id",
        "web_app_id, url, owner, scope, risk_score, last_scan_status, created_at, updated_at",
    ),
    (
        "web_findings JOIN assets ON assets.id = finding_id >> 20",
        "web_app_id, web_finding_id, web_findings.kind, web_findings.name, url, param, \
         weakness_group, cwe, owasp, wasc, is_protected, original_severity, ignored_reason, \
         ignored_comment, cvss",
    ),
    ("texts", "digest, n_uses"),
    (
        "text_bodies JOIN texts ON texts.id = text_id",
        "digest, body",
    ),
    (
        "qids",
        "qid, findings, open_findings, is_known, is_riskless, asked_at IS NULL",
    ),
    ("vulnerabilities", "*"),
    ("vulnerability_cves", "*"),
    ("cve_scores", "cve, content_hash, score, asked_at IS NULL"),
    ("vulnerability_texts", "*"),
    ("finding_counts", "*"),
    ("counts", "*"),
];
