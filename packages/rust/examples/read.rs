//! Reads a saved answer of detections: `read answer.xml` prints its records, `read answer.xml ocsf`
//! what an export makes of them.

use qonduit_connector::{Guest, export, types::Dataset};
use std::{env, error::Error, fs::File, io::Read, time::UNIX_EPOCH};

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("expected a file")?;
    let guest = Guest::embedded()?;
    let options = export::Options {
        format: export::Format::Ocsf,
        subject: export::Subject::Findings,
        version: None,
        safe_cells: false,
        made: UNIX_EPOCH.elapsed()?.as_secs() as i64,
    };
    let mut exporter = match env::args().nth(2) {
        Some(_) => Some(guest.exporter(&options)??),
        None => None,
    };
    let mut reader = guest.reader(Dataset::Detections, &"{}".to_owned())?;
    let (mut body, mut chunk) = (File::open(&file)?, vec![0; 256 << 10]);
    while let n @ 1.. = body.read(&mut chunk)? {
        match (reader.push_lines(&chunk[..n])?, &mut exporter) {
            (Ok(lines), Some(exporter)) => print!("{}", exporter.push_text(&lines)??),
            (Ok(lines), None) => print!("{lines}"),
            (Err(_), _) => break,
        }
    }
    if let Err(error) = reader.finish()? {
        return Err(format!("{file}: {}", guest.instantiate()?.explain(&error)?).into());
    }
    if let Some(exporter) = &mut exporter {
        print!("{}", exporter.finish_text()??.text);
    }
    Ok(())
}
