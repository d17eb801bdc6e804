//! The function: its size, its start, and what `wasmtime serve` makes of it.
//!
//! The server is that of others, so the figures are those that a user of it has. Where it is not
//! installed, its rows say so.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use qonduit_host::guest::{Body, Function, Guest, NoReply, Outside, Sending, types::Dataset};

use crate::{
    reading::detections,
    report::{Report, median},
    subscription::Subscription,
};

pub(crate) fn measure(report: &mut Report, scale: f64) -> anyhow::Result<()> {
    let function = Path::new("target/component/qonduit-function.wasm");
    let bytes = fs::metadata(function)
        .context("run `make function` first")?
        .len();
    report.add(
        "size of the function",
        "3 MB",
        format!("{:.2} MB", bytes as f64 / 1e6),
    );
    starts(report)?;
    let Some(wasmtime) = wasmtime() else {
        let missing = || "not measured: run `make hosts`".to_owned();
        report.add("the function on `wasmtime serve`", "", missing());
        return Ok(());
    };
    throughput(report, &wasmtime, function, scale)?;
    requests(report, &wasmtime, function)
}

/// From the precompiled file to the first record, in this process.
fn starts(report: &mut Report) -> anyhow::Result<()> {
    let file = std::env::temp_dir().join(format!("qonduit-bench-{}.cwasm", std::process::id()));
    let guest = Guest::embedded()?;
    fs::write(&file, guest.precompile()?)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        // SAFETY: the file holds what `Guest::precompile` returned, and nobody else knows it.
        let guest = unsafe { guest.from_precompiled(&file) }?;
        let mut reader = guest.reader(Dataset::Detections, &"{}".to_owned())?;
        let page = reader.push(ONE_HOST.as_bytes())?;
        ensure!(
            page.is_ok_and(|page| page.hosts.len() == 1),
            "no record came"
        );
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let component = median(times);

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let function = Function::embedded(Arc::new(Nobody), Duration::from_secs(60))?;
    fs::write(&file, function.precompile()?)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        // SAFETY: the file holds what `Function::precompile` returned, and nobody else knows it.
        let function = unsafe { function.from_precompiled(&file) }?;
        let body = Full::new(Bytes::from_static(ONE_HOST.as_bytes()));
        let body: Body = body.map_err(|never| match never {}).boxed_unsync();
        let request = http::Request::post("http://localhost/v1/read/detections").body(body)?;
        let lines = runtime.block_on(async {
            let mut answer = function.answer(request).await?;
            let frame = answer.body_mut().frame().await.context("no record came")?;
            anyhow::Ok(
                frame
                    .map_err(|error| anyhow::anyhow!("{error}"))?
                    .into_data(),
            )
        })?;
        ensure!(lines.is_ok_and(|it| it.starts_with(b"{\"record\":\"host\"")));
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(&file)?;
    report.add(
        "from the precompiled form to the first record: component, function",
        "2 ms",
        format!("{component:.2} ms, {:.2} ms", median(times)),
    );
    Ok(())
}

/// The start asks nobody.
struct Nobody;

impl Outside for Nobody {
    fn send(&self, _: http::Request<Bytes>) -> Sending {
        Box::pin(async { Err(NoReply::TimedOut) })
    }
}

/// A long answer, in and out at once.
fn throughput(
    report: &mut Report,
    wasmtime: &Path,
    function: &Path,
    scale: f64,
) -> anyhow::Result<()> {
    let subscription = Subscription::start((3_000.0 * scale) as u64)?;
    let answer = Arc::new(detections(&subscription.url)?);
    drop(subscription);
    let length = answer.len();
    let mut rates = Vec::new();
    // Compiled and kept by the first one, so that the memory is that of serving alone.
    drop(Server::start(wasmtime, function)?);
    let server = Server::start(wasmtime, function)?;
    for _ in 0..3 {
        let started = Instant::now();
        let stream = TcpStream::connect(&server.address)?;
        let (mut out, body) = (stream.try_clone()?, Arc::clone(&answer));
        let sending = thread::spawn(move || -> std::io::Result<()> {
            write!(
                out,
                "POST /v1/read/detections HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            )?;
            out.write_all(&body)
        });
        let mut reader = BufReader::with_capacity(1 << 20, stream);
        let (mut end, mut n_read) = (Vec::new(), 0);
        loop {
            let chunk = reader.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            n_read += chunk.len();
            end.extend_from_slice(&chunk[chunk.len().saturating_sub(4_096)..]);
            end.drain(..end.len().saturating_sub(4_096));
            let n = chunk.len();
            reader.consume(n);
        }
        sending.join().expect("sending does not panic")?;
        let end = String::from_utf8_lossy(&end).into_owned();
        ensure!(
            end.contains("\"complete\":true") && n_read > length / 2,
            "{end}"
        );
        rates.push(length as f64 / 1e6 / started.elapsed().as_secs_f64());
    }
    report.add(
        &format!(
            "{:.0} MB of detections through it on `wasmtime serve`",
            length as f64 / 1e6
        ),
        "80 MB/s",
        format!("{:.0} MB/s", median(rates)),
    );
    report.add(
        "peak memory of the server meanwhile",
        "60 MB",
        format!("{:.0} MB", server.peak_kib()? as f64 * 1.024 / 1e3),
    );
    Ok(())
}

/// The smallest request, beside that of a function that does nothing. Both see the same machine.
fn requests(report: &mut Report, wasmtime: &Path, function: &Path) -> anyhow::Result<()> {
    let hello = Path::new("target/wasm32-unknown-unknown/guest/examples/hello.wasm");
    let (own, hello) = (
        Server::start(wasmtime, function)?,
        Server::start(wasmtime, hello)?,
    );
    let (mut rates, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..7 {
        let pair = [rate(&own)?, rate(&hello)?];
        ratios.push(pair[0] / pair[1]);
        rates
            .iter_mut()
            .zip(pair)
            .for_each(|(rates, rate)| rates.push(rate));
    }
    let [own, hello] = rates.map(median);
    report.add(
        "smallest requests a second on `wasmtime serve`, beside those of a function that says hello",
        "0.7",
        format!("{own:.0}, {hello:.0}: {:.2}", median(ratios)),
    );
    Ok(())
}

/// Requests a second over connections that stay.
fn rate(server: &Server) -> anyhow::Result<f64> {
    let started = Instant::now();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let address = server.address.clone();
            thread::spawn(move || -> anyhow::Result<u32> {
                let mut stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                let mut reader = BufReader::new(stream.try_clone()?);
                let mut n = 0;
                while started.elapsed() < ROUND {
                    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")?;
                    skip_answer(&mut reader)?;
                    n += 1;
                }
                Ok(n)
            })
        })
        .collect();
    let mut n = 0;
    for worker in workers {
        n += worker.join().expect("a worker does not panic")?;
    }
    Ok(f64::from(n) / started.elapsed().as_secs_f64())
}

fn skip_answer(reader: &mut impl BufRead) -> anyhow::Result<()> {
    let mut length = None;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(n) = line.strip_prefix("content-length: ") {
            length = Some(n.parse::<u64>()?);
        }
    }
    if let Some(length) = length {
        std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
        return Ok(());
    }
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim_end(), 16)?;
        std::io::copy(&mut reader.take(size + 2), &mut std::io::sink())?;
        if size == 0 {
            return Ok(());
        }
    }
}

/// `wasmtime serve`, ended when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(wasmtime: &Path, component: &Path) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        drop(listener);
        let child = Command::new(wasmtime)
            .args(["serve", "--addr", &address])
            .arg(component)
            // Errors that are handled would be written down with where they arose.
            .env_remove("RUST_BACKTRACE")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { child, address };
        for _ in 0..600 {
            if TcpStream::connect(&server.address).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(100));
        }
        anyhow::bail!("`wasmtime serve` does not listen")
    }

    fn peak_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line
            .context("no peak is told")?
            .trim()
            .trim_end_matches(" kB");
        Ok(number.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wasmtime() -> Option<PathBuf> {
    let versions = fs::read_dir("target/hosts-python/lib").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path()));
    folders
        .map(|folder| folder.join("site-packages/wasmtime_cli/wasmtime"))
        .find(|program| program.is_file())
}

const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_secs(2);
const ONE_HOST: &str = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>7</ID>\
    <DETECTION_LIST><DETECTION><UNIQUE_VULN_ID>1</UNIQUE_VULN_ID><QID>101</QID></DETECTION>\
    </DETECTION_LIST></HOST></HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>";
