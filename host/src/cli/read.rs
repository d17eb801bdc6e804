//! `qonduit read`: the records of a saved answer, without database or network.
//!
//! Memory stays flat: a piece of the file goes in, its records come out.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{
    args::{self, Common, Sets},
    exit::Exit,
    failure::{Failure, Result},
    screen::{Screen, hint_line},
    summary, text,
};
use crate::guest::{
    Guest,
    ingest::{End, Error},
    types::Dataset,
};

mod utf8;

#[derive(Args, Debug)]
pub(super) struct Read {
    /// What kind of list the document is
    dataset: Kind,
    /// Document as Qualys sent it, or `-` for standard input
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Prints warnings and counts of what was skipped as lines among the records, too
    #[arg(long, help_heading = "Output")]
    raw: bool,
    #[command(flatten)]
    sets: Sets,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Host list with `details=None`: numbers alone
    HostIds,
    /// Host list
    Hosts,
    /// Host list detection
    Detections,
    KnowledgeBase,
    AssetGroups,
    /// Search of tags at the portal, in XML or JSON
    Tags,
    /// Search of host assets at the portal, in XML or JSON: software and open ports
    HostAssets,
    AssetView,
    /// Search of web applications at the portal, in XML or JSON
    WebApps,
    /// Search of findings of web applications at the portal, in XML or JSON
    WebAppFindings,
    /// Qualys vulnerability scores (QVS) of CVEs, in JSON
    CveScores,
}

pub(super) fn run(common: &Common, args: &Read) -> Result<Exit> {
    let config = args::config(common, None, None, Some(&args.sets));
    let settings = config.sound()?.settings();
    let mut input = open(&args.file)?;
    let guest = Guest::embedded()?;
    if let Err(mistakes) = guest.instantiate()?.check_settings(&settings)? {
        return Err(Failure::sentence(Exit::Usage, mistakes.join("\n  ")));
    }
    let dataset = args.dataset.dataset();
    let mut reader = guest.reader(dataset, &settings)?;
    let mut decoder = utf8::Decoder::default();
    let mut screen = Screen::standard();
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = input
            .read(&mut chunk)
            .map_err(|error| unreadable(&args.file, &error))?;
        let piece = if n == 0 {
            decoder.finish()
        } else {
            decoder.decode(&chunk[..n])
        };
        if !piece.is_empty() {
            let records = reader.push_text(&piece)?;
            let records = records.map_err(|error| refused(&args.file, dataset, &error))?;
            print(&mut screen, &records, args.raw)?;
        }
        if n == 0 {
            break;
        }
    }
    let end = reader
        .finish()?
        .map_err(|error| refused(&args.file, dataset, &error))?;
    print_end(&mut screen, &end, args.raw)?;
    screen.flush()?;
    Ok(Exit::Ok)
}

fn print(screen: &mut Screen, records: &str, raw: bool) -> Result {
    if raw || !records.contains(WARNING) {
        return screen.print(&text::json(records));
    }
    for line in records.split_inclusive('\n') {
        if line.starts_with(WARNING) {
            screen.flush()?;
            hint_line("warning", &warning(line));
        } else {
            screen.print(&text::json(line))?;
        }
    }
    Ok(())
}

fn print_end(screen: &mut Screen, end: &End, raw: bool) -> Result {
    for skip in &end.skipped {
        if raw {
            let (rule, n) = (&skip.rule, skip.n);
            screen.json(&serde_json::json!({ "record": "skipped", "rule": rule, "n": n }))?;
        } else {
            screen.flush()?;
            hint_line(
                "note",
                &format!("{} records are left out by `{}`", skip.n, skip.rule),
            );
        }
    }
    if end.next.is_some() && !raw {
        screen.flush()?;
        hint_line("note", "this is not the last page of its list");
    }
    Ok(())
}

/// `host 5: …`, from the line of the component.
fn warning(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let part = |key| value.get(key).and_then(serde_json::Value::as_str);
    match (part("subject"), part("message")) {
        (Some(subject), Some(message)) => format!("{subject}: {message}"),
        (None, Some(message)) => message.to_owned(),
        (_, None) => line.trim_end().to_owned(),
    }
}

fn open(file: &Path) -> Result<Box<dyn io::Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    match File::open(file) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(unreadable(file, &error)),
    }
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "is not there; check the path".to_owned(),
        io::ErrorKind::IsADirectory => "is a folder; name a file in it".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read; check its permissions".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    Failure::new(Exit::Usage, format!("`{}` {why}", file.display()))
}

fn refused(file: &Path, dataset: Dataset, error: &Error) -> Failure {
    let file = if file == Path::new("-") {
        "the document".to_owned()
    } else {
        format!("`{}`", file.display())
    };
    let list = summary::name(dataset);
    let (what, next) = match error {
        Error::CutOff(bytes) => (
            format!("{file} is cut off after {bytes} bytes"),
            "fetch and save the answer again",
        ),
        Error::Malformed(why) => (
            format!("{file} is no sound XML: {why}"),
            "fetch and save the answer again",
        ),
        Error::UnexpectedRoot(root) => (
            format!("{file} is a `{root}`, and no list of {list}"),
            "`qonduit read --help` names the kinds of lists",
        ),
        Error::Refused(refusal) => {
            let code = refusal
                .code
                .map(|code| format!(" (code {code})"))
                .unwrap_or_default();
            (
                format!("{file} is a refusal of Qualys: {}{code}", refusal.text),
                "ask Qualys again once that is seen to",
            )
        }
        Error::TooLarge(what) => (
            format!("{file} is no answer of Qualys: {what}"),
            "check where the document comes from",
        ),
    };
    Failure::sentence(Exit::Document, what).with_hint(next)
}

impl Kind {
    fn dataset(self) -> Dataset {
        match self {
            Self::HostIds => Dataset::HostIds,
            Self::Hosts => Dataset::Hosts,
            Self::Detections => Dataset::Detections,
            Self::KnowledgeBase => Dataset::KnowledgeBase,
            Self::AssetGroups => Dataset::AssetGroups,
            Self::Tags => Dataset::Tags,
            Self::HostAssets => Dataset::HostAssets,
            Self::AssetView => Dataset::AssetView,
            Self::WebApps => Dataset::WebApps,
            Self::WebAppFindings => Dataset::WebAppFindings,
            Self::CveScores => Dataset::CveScores,
        }
    }
}

/// How the component begins the line of a warning.
const WARNING: &str = "{\"record\":\"warning\"";
const CHUNK: usize = 256 * 1024;

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit read detections answer.xml | jq -c 'select(.record == \"finding\")'
  curl … | qonduit read knowledge-base - > entries.ndjson
  qonduit read detections answer.xml --set settings.results=false
  gunzip -c answer.xml.gz | qonduit read hosts -

Each line has a `record`: host-id, host, finding, vulnerability, asset-group, tag,
web-app, web-app-finding, cve-score; a host comes before its findings. Warnings go to standard error, one odd element does not
cost its neighbours. The exit code is 6 for a document that is cut off or another one.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_names_its_subject() {
        let line = r#"{"record":"warning","subject":"host 5","message":"no QID"}"#;
        assert!(line.starts_with(WARNING));
        assert_eq!(warning(line), "host 5: no QID");
        assert_eq!(
            warning(r#"{"record":"warning","subject":null,"message":"x"}"#),
            "x"
        );
    }

    #[test]
    fn a_document_that_cannot_be_read_has_its_own_exit_code() {
        let failure = refused(Path::new("a.xml"), Dataset::Hosts, &Error::CutOff(7));
        assert_eq!(failure.exit, Exit::Document);
        assert_eq!(
            failure.report(false),
            "error: `a.xml` is cut off after 7 bytes\nhint: fetch and save the answer again\n"
        );
    }
}
