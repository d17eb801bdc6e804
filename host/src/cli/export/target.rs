//! Where an export goes: standard output, or a file that appears only when it is complete.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::manifest::Manifest;
use crate::cli::{
    exit::Exit,
    failure::{Failure, Result},
};

/// Dropped before [`Target::finish`], it leaves nothing behind.
pub(super) enum Target {
    Stdout(BufWriter<io::StdoutLock<'static>>),
    /// Beside its place, so that renaming it is one step.
    New {
        temporary: BufWriter<Counted>,
        file: PathBuf,
    },
    /// A pipe or a device cannot be replaced, only written to.
    Device {
        device: BufWriter<fs::File>,
        file: PathBuf,
    },
}

impl Target {
    pub(super) fn open(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file.filter(|file| *file != Path::new("-")) else {
            return Ok(Self::Stdout(BufWriter::with_capacity(
                BUFFER,
                io::stdout().lock(),
            )));
        };
        // A link stays a link, and what it leads to is replaced.
        let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let there = fs::metadata(&file);
        let opened =
            match &there {
                Ok(there) if there.is_dir() => {
                    let message = format!("`{}` is a folder; name a file in it", file.display());
                    return Err(Failure::new(Exit::Usage, message));
                }
                Ok(there) if !there.is_file() => fs::OpenOptions::new()
                    .write(true)
                    .open(&file)
                    .map(|device| {
                        let device = BufWriter::with_capacity(BUFFER, device);
                        Self::Device {
                            device,
                            file: file.clone(),
                        }
                    }),
                _ => beside(&file).map(|temporary| {
                    if let Ok(there) = &there {
                        // A file that somebody shares stays shared; at worst it is for its owner alone.
                        let _ = temporary.as_file().set_permissions(there.permissions());
                    }
                    let temporary = BufWriter::with_capacity(BUFFER, Counted::new(temporary));
                    Self::New {
                        temporary,
                        file: file.clone(),
                    }
                }),
            };
        opened.map_err(|error| unwritable(&file, &error))
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result {
        match self {
            Self::Stdout(out) => Ok(out.write_all(bytes)?),
            Self::New { temporary, file } => temporary
                .write_all(bytes)
                .map_err(|error| unwritable(file, &error)),
            Self::Device { device, file } => device
                .write_all(bytes)
                .map_err(|error| unwritable(file, &error)),
        }
    }

    /// From here on the file is there, as a whole, and its manifest beside it.
    pub(super) fn finish(self, manifest: &Manifest) -> Result {
        match self {
            Self::Stdout(mut out) => Ok(out.flush()?),
            Self::Device { mut device, file } => {
                device.flush().map_err(|error| unwritable(&file, &error))
            }
            Self::New { temporary, file } => {
                let written = temporary
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error);
                let Counted {
                    temporary,
                    hash,
                    n_bytes,
                } = written.map_err(|error| unwritable(&file, &error))?;
                let synced = temporary.as_file().sync_all();
                synced.map_err(|error| unwritable(&file, &error))?;
                let sha256 = hash
                    .finalize()
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                // Written before the file takes its place: both are there, or neither.
                let place = place(&file);
                let told = Manifest {
                    file: file
                        .file_name()
                        .map(|it| it.to_string_lossy().into())
                        .unwrap_or_default(),
                    bytes: n_bytes,
                    sha256,
                    ..manifest.clone()
                };
                let beside_it = tell(&place, &told, temporary.as_file())
                    .map_err(|error| unwritable(&place, &error))?;
                let persist = |temporary: NamedTempFile, place: &Path| {
                    let placed = temporary.persist(place).map(drop);
                    placed.map_err(|error| unwritable(place, &error.error))
                };
                persist(temporary, &file)?;
                persist(beside_it, &place)
            }
        }
    }
}

/// A file that knows what was written to it.
pub(super) struct Counted {
    temporary: NamedTempFile,
    hash: Sha256,
    n_bytes: u64,
}

impl Counted {
    fn new(temporary: NamedTempFile) -> Self {
        Self {
            temporary,
            hash: Sha256::new(),
            n_bytes: 0,
        }
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.temporary.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// `FILE.manifest.json`.
fn place(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".manifest.json");
    name.into()
}

/// Writes a manifest that may be read by whoever may read the export.
fn tell(place: &Path, manifest: &Manifest, export: &fs::File) -> io::Result<NamedTempFile> {
    let mut temporary = beside(place)?;
    let _ = temporary
        .as_file()
        .set_permissions(export.metadata()?.permissions());
    let mut text = serde_json::to_vec_pretty(manifest)?;
    text.push(b'\n');
    temporary.write_all(&text)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// For its owner alone, as the inventory is.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".qonduit-export-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    let file = file.display();
    let message = match error.kind() {
        io::ErrorKind::BrokenPipe => return io::Error::from(error.kind()).into(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!(
                "no space is left for `{file}`; free some and try again, nothing is half written"
            )
        }
        io::ErrorKind::NotFound => format!("the folder of `{file}` is not there; create it first"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("`{file}` may not be written; check the permissions of its folder")
        }
        _ => format!("`{file}` cannot be written: {error}"),
    };
    Failure::new(Exit::Database, message)
}

const BUFFER: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_appears_when_it_is_complete() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("out.csv");
        fs::write(&file, "old").expect("a file can be written");
        let mut target = Target::open(Some(&file)).expect("can be opened");
        target.write(b"new").expect("can be written");
        assert_eq!(fs::read(&file).expect("is there"), b"old");
        target.finish(&Manifest::default()).expect("can be placed");
        assert_eq!(fs::read(&file).expect("is there"), b"new");
        let manifest = fs::read(folder.path().join("out.csv.manifest.json")).expect("is there");
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("is JSON");
        assert_eq!(manifest["file"], "out.csv");
        assert_eq!(manifest["bytes"], 3);
        // As `printf new | sha256sum` prints it.
        assert_eq!(manifest["sha256"], SHA256_OF_NEW);
    }

    const SHA256_OF_NEW: &str = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_for_its_owner_alone_and_another_stays_what_it_was() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("out.csv");
        let export = || {
            let target = Target::open(Some(&file)).expect("can be opened");
            target.finish(&Manifest::default()).expect("can be placed");
            fs::metadata(&file).expect("is there").permissions().mode() & 0o777
        };
        assert_eq!(export(), 0o600);
        let shared = fs::Permissions::from_mode(0o640);
        fs::set_permissions(&file, shared).expect("is ours");
        assert_eq!(export(), 0o640);
    }

    #[test]
    fn an_export_that_stops_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut target = Target::open(Some(&folder.path().join("out.csv"))).expect("can be opened");
        target.write(b"half").expect("can be written");
        drop(target);
        assert_eq!(
            fs::read_dir(folder.path()).expect("can be listed").count(),
            0
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_sentence() {
        let failure = Target::open(Some(Path::new("/no/such/folder/out.csv"))).err();
        let report = failure.expect("fails").report(false);
        assert!(
            report.contains("the folder of `/no/such/folder/out.csv` is not there"),
            "{report}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_a_sentence() {
        let mut target = Target::open(Some(Path::new("/dev/full"))).expect("can be opened");
        target.write(b"x").expect("is kept in memory");
        let failure = target
            .finish(&Manifest::default())
            .expect_err("does not fit");
        assert_eq!(failure.exit, Exit::Database);
        assert!(
            failure
                .report(false)
                .starts_with("error: no space is left for `/dev/full`\n")
        );
    }
}
