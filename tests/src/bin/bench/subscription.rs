//! A simulated subscription in a process of its own, so that its memory is not ours.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::process;

pub(crate) struct Subscription {
    child: Child,
    folder: PathBuf,
    pub(crate) url: String,
}

impl Subscription {
    /// Without compression, which would measure the simulator's.
    pub(crate) fn start(hosts: u64) -> anyhow::Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("qonduit-bench-{}-{hosts}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("password"), "sim-password")?;
        let ready = folder.join("url");
        let mut child = Command::new(process::binary("qualys-sim")?)
            .args([
                "--listen",
                "127.0.0.1:0",
                "--no-gzip",
                "--hosts",
                &hosts.to_string(),
                "--ready-file",
            ])
            .arg(&ready)
            .stdout(Stdio::null())
            .spawn()
            .context("qualys-sim does not start")?;
        for _ in 0..200 {
            if let Ok(url) = fs::read_to_string(&ready) {
                return Ok(Self {
                    child,
                    folder,
                    url: url.trim().to_owned(),
                });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        bail!("qualys-sim is not ready")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A sync into the named database.
    pub(crate) fn sync(&self, db: &Path, set: &[&str]) -> anyhow::Result<Command> {
        sync(&self.url, &self.folder, db, set)
    }
}

/// A sync of the simulator at an address; the folder holds its password.
pub(crate) fn sync(url: &str, folder: &Path, db: &Path, set: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(process::binary("qonduit")?);
    command
        .args(["sync", "--quiet", "--json", "--username", "sim-user"])
        .args(["--api-url", url])
        .arg("--password-file")
        .arg(folder.join("password"))
        .arg("--db")
        .arg(db)
        .current_dir(folder);
    for setting in set {
        command.args(["--set", setting]);
    }
    Ok(command)
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
