//! How fast detections are read: through the component, natively, and by others.

use std::{fs, hint::black_box, path::Path, process::Command, time::Instant};

use anyhow::Context;
use qonduit_component::{contract, ingest};
use qonduit_host::{
    config::{HttpOptions, Origin},
    guest::{Guest, plan::Body, types::Dataset},
    http::Client,
    secrets::Secret,
};

use crate::{
    report::{Report, median},
    subscription::Subscription,
};

pub(crate) fn measure(
    report: &mut Report,
    scale: f64,
    python: Option<&Path>,
) -> anyhow::Result<()> {
    let subscription = Subscription::start((1_800.0 * scale) as u64)?;
    let body = detections(&subscription.url)?;
    let file = subscription.file("detections.xml");
    fs::write(&file, &body)?;
    let megabytes = body.len() as f64 / 1e6;
    let guest = Guest::embedded()?;
    let (mut component, mut native, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        component.push(megabytes / through_component(&guest, &body)?);
        native.push(megabytes / natively(&body)?);
        bare.push(megabytes / bare_events(&body)?);
    }
    let (component, native, bare) = (median(component), median(native), median(bare));
    report.add(
        "reading detections into typed records, component against native",
        "0.75",
        format!(
            "{:.2} ({component:.0} against {native:.0} MB/s, {megabytes:.0} MB)",
            component / native
        ),
    );
    report.add(
        "the same against the bare event loop of quick-xml, native",
        "0.5, aim 1",
        format!("{:.2} ({bare:.0} MB/s)", component / bare),
    );
    match python {
        Some(python) => peers(report, python, &file, component)?,
        None => report.add(
            "the same against lxml and xmltodict",
            "4; 10",
            "not measured: no Python given".into(),
        ),
    }
    Ok(())
}

fn through_component(guest: &Guest, body: &[u8]) -> anyhow::Result<f64> {
    let started = Instant::now();
    let mut reader = guest.reader(Dataset::Detections, &"{}".to_owned())?;
    for chunk in body.chunks(CHUNK) {
        black_box(reader.push(chunk)?)
            .ok()
            .context("the answer is sound")?;
    }
    reader.finish()?.ok().context("the answer is whole")?;
    Ok(started.elapsed().as_secs_f64())
}

fn natively(body: &[u8]) -> anyhow::Result<f64> {
    let started = Instant::now();
    let mut reader = ingest::Reader::new(contract::types::Dataset::Detections, "{}");
    for chunk in body.chunks(CHUNK) {
        black_box(reader.push(chunk))
            .ok()
            .context("the answer is sound")?;
    }
    reader.finish().ok().context("the answer is whole")?;
    Ok(started.elapsed().as_secs_f64())
}

fn bare_events(body: &[u8]) -> anyhow::Result<f64> {
    let started = Instant::now();
    let mut reader = quick_xml::Reader::from_reader(body);
    while !matches!(
        black_box(reader.read_event()?),
        quick_xml::events::Event::Eof
    ) {}
    Ok(started.elapsed().as_secs_f64())
}

/// Both take the fields that the component takes.
fn peers(report: &mut Report, python: &Path, file: &Path, component: f64) -> anyhow::Result<()> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/peers.py");
    let output = Command::new(python).arg(script).arg(file).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    anyhow::ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for line in said.lines() {
        let (peer, speed) = line.split_once('\t').context("a line of peers.py")?;
        let speed: f64 = speed.parse()?;
        let reach = if peer.starts_with("lxml") { "4" } else { "10" };
        report.add(
            &format!("the same against Python's {peer}"),
            reach,
            format!("{:.1} ({speed:.0} MB/s)", component / speed),
        );
    }
    Ok(())
}

pub(crate) fn detections(url: &str) -> anyhow::Result<Vec<u8>> {
    let (origin, _) = Origin::parse(url)?;
    let client = Client::new(
        &origin,
        "sim-user",
        Secret::new("sim-password".into()),
        None,
        &HttpOptions::default(),
    )?;
    let form = [
        ("action", "list"),
        ("truncation_limit", "0"),
        ("status", "New,Active,Re-Opened,Fixed"),
        ("show_igs", "1"),
        ("show_results", "1"),
        ("show_qds", "1"),
        ("show_qds_factors", "1"),
        ("show_reopened_info", "1"),
        ("show_arf_data", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut response = client
            .post(
                "/api/5.0/fo/asset/host/vm/detection/",
                &Body::Form(form.into()),
                "*/*",
            )
            .await?;
        let mut body = Vec::new();
        while response.read_into(&mut body).await? {}
        Ok(body)
    })
}

const ROUNDS: usize = 7;
const CHUNK: usize = 256 << 10;
