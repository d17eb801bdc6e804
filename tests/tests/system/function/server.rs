//! The hosts that the function is tested on, each started with the built component as its users
//! start it.
//!
//! A host that is not installed is told of, and is a failure where `CI` is set: what was not run
//! has not passed.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::client::{Answer, Request};
use crate::place::{binary, function, root};

/// Who runs the function.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// `wasmtime serve`, without any flag that grants more than the proxy world.
    Wasmtime,
    /// `wash dev`, wasmCloud on one machine.
    WasmCloud,
    /// `jco serve`, on Node.
    Node,
    /// `qonduit function`.
    Own,
}

/// A host that is running, ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) host: Host,
    child: Child,
    address: String,
    folder: TempDir,
}

impl Server {
    /// Nothing where the host is not installed.
    pub(crate) fn start(host: Host) -> Option<Self> {
        Self::start_with(host, |_| {})
    }

    /// With more arguments or variables.
    pub(crate) fn start_with(host: Host, prepare: impl FnOnce(&mut Command)) -> Option<Self> {
        Self::start_with_token(host, "", prepare)
    }

    /// The same of one that wants a token.
    pub(crate) fn start_with_token(
        host: Host,
        token: &str,
        prepare: impl FnOnce(&mut Command),
    ) -> Option<Self> {
        let component = function();
        let folder = tempfile::tempdir().expect("a folder can be made");
        let address = free_address();
        let Some(mut command) = command(host, component, &address, folder.path()) else {
            let how = "run `make hosts`";
            assert!(
                env::var_os("CI").is_none(),
                "{host:?} is not installed; {how}"
            );
            eprintln!("NOT RUN: {host:?} is not installed, so nothing was tested on it; {how}");
            return None;
        };
        prepare(&mut command);
        command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("log")).expect("a file can be made"));
        let mut child = command.spawn().expect("the host can be started");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        // Taken, or the host would stop once nobody reads what it says.
        thread::spawn(move || out.lines().for_each(drop));
        let mut server = Self {
            host,
            child,
            address,
            folder,
        };
        server.wait_until_ready(token);
        Some(server)
    }

    fn wait_until_ready(&mut self, token: &str) {
        let began = Instant::now();
        loop {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "{:?} has ended: {}", self.host, self.log());
            let answer = Request::new("GET", "/v1/health")
                .header(format!("authorization: Bearer {token}"))
                .try_send(&self.address);
            if answer.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            let waited = began.elapsed();
            assert!(
                waited < PATIENCE,
                "{:?} does not answer: {}",
                self.host,
                self.log()
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn ask(&self, request: &Request) -> Answer {
        let answer = request.try_send(&self.address);
        answer.unwrap_or_else(|error| panic!("{:?}: {error}: {}", self.host, self.log()))
    }

    /// Asks it to end, as Ctrl-C does, and tells how it did.
    #[cfg(unix)]
    pub(crate) fn interrupt(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        self.child.wait().expect("a child").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(host: Host, component: &Path, address: &str, folder: &Path) -> Option<Command> {
    let (name, port) = address.split_once(':').expect("host and port");
    Some(match host {
        Host::Wasmtime => {
            let mut command = Command::new(in_python("wasmtime_cli/wasmtime")?);
            command.args(["serve", "--addr", address]).arg(component);
            command
        }
        Host::WasmCloud => {
            let mut command = Command::new(in_python("wash_cli/wash")?);
            let component = component.display();
            let config = format!(
                "build:\n  command: \"true\"\n  component_path: {component}\n\
                 dev:\n  address: {address}\nworkload:\n  allowedHosts: [\"127.0.0.1\"]\n\
                 wit:\n  skip_fetch: true\n"
            );
            fs::create_dir(folder.join(".wash")).expect("a folder can be made");
            fs::write(folder.join(".wash/config.yaml"), config).expect("a file can be written");
            command.arg("dev");
            command
        }
        Host::Node => {
            let script = "target/hosts-node/node_modules/.bin/jco";
            let script = Some(root().join(script)).filter(|it| it.is_file())?;
            let mut command = Command::new("node");
            command.arg(script).arg("serve").arg(component);
            command.args(["--host", name, "--port", port]);
            command
        }
        Host::Own => {
            let mut command = Command::new(binary());
            command.args(["function", "--listen", address]);
            command
        }
    })
}

/// A program that a Python package brought along.
fn in_python(program: &str) -> Option<PathBuf> {
    let versions = fs::read_dir(root().join("target/hosts-python/lib")).ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path()));
    folders
        .map(|folder| folder.join("site-packages").join(program))
        .find(|program| program.is_file())
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// Others compile the component at their own pace, on a machine that has more to do.
const PATIENCE: Duration = Duration::from_secs(180);
