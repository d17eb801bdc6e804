//! How fast detections are read in other languages, through their packages, beside what is used
//! there; and how large the component is.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

use crate::{reading, report::Report, subscription::Subscription};

pub(crate) fn measure(
    report: &mut Report,
    scale: f64,
    python: Option<&Path>,
) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("a workspace")?;
    let size = fs::metadata(root.join("target/component/qonduit.wasm"))?.len();
    report.add(
        "size of the component, its bill of materials and the names of its functions with it",
        "1.5 MB",
        format!("{:.2} MB", size as f64 / 1e6),
    );
    let subscription = Subscription::start((600.0 * scale) as u64)?;
    let file = subscription.file("detections.xml");
    fs::write(&file, reading::detections(&subscription.url)?)?;
    let packages = root.join("target/packages");
    if packages.join("js/node.js").is_file() {
        let mut command = Command::new("node");
        command.arg(root.join("tests/bench/packages.mjs"));
        command.args([&file, &packages.join("js"), &packages.join("tools")]);
        let speeds = speeds(command)?;
        for way in ["lines", "records"] {
            ratio(report, "Node", way, "3", "fast-xml-parser", &speeds)?;
        }
    } else {
        absent(report, "Node", "the JavaScript package");
    }
    match python.filter(|_| has_wheel(&packages)) {
        Some(python) => {
            let mut command = Command::new(python);
            command.arg(root.join("tests/bench/packages.py")).arg(&file);
            let speeds = speeds(command)?;
            ratio(report, "Python", "component", "1.2", "lxml", &speeds)?;
            ratio(report, "Python", "component", "3", "xmltodict", &speeds)?;
        }
        None => absent(report, "Python", "Python or the wheel"),
    }
    Ok(())
}

fn has_wheel(packages: &Path) -> bool {
    let files = fs::read_dir(packages.join("python"));
    let mut files = files.into_iter().flatten().flatten();
    files.any(|file| PathBuf::from(file.file_name()).extension() == Some("whl".as_ref()))
}

fn absent(report: &mut Report, language: &str, what: &str) {
    report.add(
        &format!("reading detections in {language}"),
        "",
        format!("not measured: {what} is missing"),
    );
}

fn speeds(mut command: Command) -> anyhow::Result<BTreeMap<String, f64>> {
    let output = command.output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let lines = said.lines().map(|line| {
        let (name, speed) = line.split_once('\t').context("a name and a speed")?;
        Ok((name.to_owned(), speed.parse()?))
    });
    lines.collect()
}

fn ratio(
    report: &mut Report,
    language: &str,
    way: &str,
    reach: &str,
    peer: &str,
    speeds: &BTreeMap<String, f64>,
) -> anyhow::Result<()> {
    let of = |name: &str| speeds.get(name).copied().context("a speed for each way");
    let (ours, theirs) = (of(way)?, of(peer)?);
    let way = match way {
        "component" => "dictionaries",
        way => way,
    };
    report.add(
        &format!("reading detections in {language} into {way}, against {peer}"),
        reach,
        format!("{:.1} ({ours:.0} against {theirs:.0} MB/s)", ours / theirs),
    );
    Ok(())
}
