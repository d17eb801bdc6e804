//! `qonduit import`: what other tools saw of machines, from a file.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal},
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{
    args::{self, Common, Database},
    exit::Exit,
    failure::{Failure, Result},
    interrupt,
    screen::{Screen, hint_line},
    time,
};
use crate::{
    import::{self, COLUMNS, Mapping, Reader},
    store::{Import as Step, Imported, SourceKind, Sources, SqliteStore, StoreError, Word as _},
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Import {
    /// What is imported, or `-` for standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// What the file is; without it, as it looks
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Name of the source; without it, that of the format
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Site of the assets that no other source knows
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// What a column of CSV or a key of NDJSON means, such as `ip="IP Address"`; may be repeated
    #[arg(long, value_name = "COLUMN=ITS COLUMN")]
    map: Vec<String>,
    /// The file tells of everything that the source knows: what it lacks is gone
    #[arg(long)]
    complete: bool,
    /// Prints what was done as JSON
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// XML of nmap (`-oX`)
    Nmap,
    /// With a header line
    Csv,
    /// One JSON object a line
    Ndjson,
    /// Asset export of runZero, JSON lines
    Discovery,
}

impl Format {
    fn kind(self) -> SourceKind {
        match self {
            Self::Nmap => SourceKind::Nmap,
            Self::Csv => SourceKind::Csv,
            Self::Ndjson => SourceKind::Ndjson,
            Self::Discovery => SourceKind::Discovery,
        }
    }
}

#[derive(Serialize)]
struct Done<'a> {
    source: &'a str,
    #[serde(flatten)]
    imported: Imported,
    /// Values that no field could hold.
    oddities: u64,
}

pub(super) fn run(common: &Common, args: &Import) -> Result<Exit> {
    let mapping = Mapping::parse(&args.map).map_err(|error| usage(&error.0))?;
    let name = if args.file == Path::new("-") {
        "standard input".to_owned()
    } else {
        args.file.display().to_string()
    };
    let mut input = open(&args.file)?;
    let kind = kind(args, &name, &mut input)?;
    if !args.map.is_empty() && !matches!(kind, SourceKind::Csv | SourceKind::Ndjson) {
        return Err(usage(
            "--map is for CSV and NDJSON; other formats say what is what",
        ));
    }
    let told = |sentence: &str| format!("`{name}` was not imported: {sentence}");
    let mut reader = Reader::new(kind, &mapping, input).map_err(|error| usage(&told(&error.0)))?;
    let mut store = SqliteStore::open(&args::database(common, &args.database)?)?;
    let source = args.source.as_deref().unwrap_or(kind.word());
    let step = Step {
        source,
        kind,
        site: args.site.as_deref(),
        file: &name,
        at: time::now(),
        is_complete: args.complete,
    };
    let interrupted = interrupt::watch();
    let mut display = Display::new();
    let mut records = std::iter::from_fn(|| {
        if interrupted.load(Ordering::Relaxed) {
            let sentence = told("somebody interrupted it; nothing was stored");
            return Some(Err(StoreError::Import(sentence)));
        }
        display.count();
        let next = reader.next()?;
        Some(next.map_err(|error| StoreError::Import(told(&error.0))))
    });
    let imported = store.import(&step, &mut records);
    display.end();
    let imported = match imported {
        Err(StoreError::Import(sentence)) if interrupted.load(Ordering::Relaxed) => {
            return Err(Failure::sentence(Exit::Interrupted, sentence));
        }
        other => other?,
    };
    // A rule may ask what other sources know.
    sync::apply_kept_rules(&mut store, time::now())?;
    let odd = reader.oddities();
    for sentence in &odd.first {
        hint_line("warning", sentence);
    }
    let more = odd.n - odd.first.len() as u64;
    if more > 0 {
        hint_line("warning", &format!("{more} more are like these"));
    }
    let mut screen = Screen::standard();
    if args.json {
        screen.json(&Done {
            source,
            imported,
            oddities: odd.n,
        })?;
    } else {
        screen.print(&summary(source, &imported))?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn summary(source: &str, imported: &Imported) -> String {
    let Imported {
        new,
        changed,
        unchanged,
        gone,
        merged,
    } = imported;
    let n = new + changed + unchanged;
    let machines = if n == 1 { "machine" } else { "machines" };
    let mut text = format!(
        "{n} {machines} of `{source}`: {new} new, {changed} changed, {unchanged} unchanged"
    );
    if *gone > 0 {
        text += &format!(", {gone} gone");
    }
    text + &format!("; other records know {merged} of them, too\n")
}

fn kind(args: &Import, name: &str, input: &mut impl BufRead) -> Result<SourceKind> {
    if let Some(format) = args.format {
        return Ok(format.kind());
    }
    let beginning = input.fill_buf().map_err(|error| unreadable(name, &error))?;
    if beginning.trim_ascii().is_empty() {
        return Err(usage(&format!("`{name}` was not imported: it is empty")));
    }
    import::guess(name, beginning).ok_or_else(|| {
        usage(&format!("it is not clear what `{name}` is"))
            .with_hint("--format says so: nmap, csv, ndjson or discovery")
    })
}

fn open(file: &Path) -> Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, io::stdin())));
    }
    let opened = File::open(file);
    let opened = opened.map_err(|error| unreadable(&file.display().to_string(), &error))?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, opened)))
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    usage(&format!("`{name}` cannot be read: {error}"))
}

fn usage(sentence: &str) -> Failure {
    Failure::sentence(Exit::Usage, sentence)
}

/// How many were read, while a person waits.
struct Display {
    bar: Option<indicatif::ProgressBar>,
    n: u64,
    said: Instant,
}

impl Display {
    fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            let style = indicatif::ProgressStyle::with_template("{spinner} {pos} machines read");
            bar.with_style(style.expect("the template is sound"))
        });
        Self {
            bar,
            n: 0,
            said: Instant::now(),
        }
    }

    fn count(&mut self) {
        self.n += 1;
        match &self.bar {
            Some(bar) => bar.set_position(self.n),
            None if self.said.elapsed() >= PAUSE => {
                hint_line("progress", &format!("{} machines read", self.n));
                self.said = Instant::now();
            }
            None => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

const PAUSE: Duration = Duration::from_secs(5);
const BUFFER: usize = 256 * 1024;

/// The columns that CSV and NDJSON may be mapped to.
pub(super) fn long_help() -> String {
    let mut text = EXAMPLES.to_owned();
    for (_, name, others, about) in COLUMNS {
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(" (also: {})", others.join(", "))
        };
        text += &format!("  {name:<15} {about}{others}\n");
    }
    text
}

const EXAMPLES: &str = "\
Examples:
  nmap -sV -O -oX scan.xml 192.0.2.0/24 && qonduit import scan.xml
  qonduit import hosts.csv --source cmdb --site \"Head office\" --complete
  qonduit import hosts.csv --map ip=\"Primary Address\" --map key=\"Asset Tag\"
  qonduit import assets.jsonl --format discovery
  qonduit sources                     who told of machines, and when
  qonduit assets --where 'source:nmap and not source:qualys'

A machine that another source knows becomes one asset with it when they share an identifier: a
number that Qualys left on it, one of its cloud provider or hardware, a MAC address, or a DNS
name together with an address. `qonduit show` tells which; `qonduit assets split` takes apart
what does not belong together. All of a file is stored, or nothing.

Columns of CSV and keys of NDJSON, in any case; all others are kept as attributes:
";
