//! An HTTP client that hides nothing: it follows no redirect, retries nothing, and tells a body
//! that HTTP calls complete from one that was cut off.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qonduit_tests::sim::{Options, Sim};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
    /// Whether the last chunk came.
    pub(crate) is_complete: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The Qualys code of a refusal.
    pub(crate) fn code(&self) -> Option<u32> {
        self.elements("CODE").first()?.parse().ok()
    }

    /// Texts of all elements of that name, as written.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let values = text.split(&start).skip(1);
        values
            .filter_map(|rest| Some(rest.split_once(&end)?.0.to_owned()))
            .collect()
    }
}

pub(crate) fn start(arguments: &[&str]) -> Sim {
    Sim::start(Options::with(arguments.iter().copied())).expect("a free port")
}

pub(crate) fn hosts(sim: &Sim, query: &str) -> Answer {
    list(sim, "/api/5.0/fo/asset/host/", query)
}

pub(crate) fn detections(sim: &Sim, query: &str) -> Answer {
    list(sim, "/api/5.0/fo/asset/host/vm/detection/", query)
}

/// A POST with everything that Qualys wants.
pub(crate) fn list(sim: &Sim, path: &str, query: &str) -> Answer {
    send(
        sim,
        "POST",
        path,
        &[&basic(sim), "X-Requested-With: test"],
        &format!("action=list&{query}"),
    )
}

pub(crate) fn basic(sim: &Sim) -> String {
    let account = STANDARD.encode(format!("{}:{}", sim.username(), sim.password()));
    format!("Authorization: Basic {account}")
}

pub(crate) fn send(sim: &Sim, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    read(open(sim, method, path, headers, body))
}

/// Sends a call and leaves its answer unread.
pub(crate) fn open(sim: &Sim, method: &str, path: &str, headers: &[&str], body: &str) -> TcpStream {
    let address = sim.url().split_once("//").expect("a URL").1.to_owned();
    let mut stream = TcpStream::connect(&address).expect("the simulator listens");
    let headers: String = headers
        .iter()
        .map(|header| format!("{header}\r\n"))
        .collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the head is sent");
    stream.write_all(body.as_bytes()).expect("the body is sent");
    stream
}

pub(crate) fn read(stream: TcpStream) -> Answer {
    let mut reader = BufReader::new(stream);
    let line = |reader: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line of the head");
        line.trim_end().to_owned()
    };
    let status = line(&mut reader)
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut headers = Vec::new();
    while let Some((name, value)) = line(&mut reader).split_once(": ") {
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut bytes = Vec::new();
    let is_complete = read_chunks(&mut reader, &mut bytes).is_some();
    Answer {
        status: status.expect("a status"),
        headers,
        bytes,
        is_complete,
    }
}

fn read_chunks(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> Option<()> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = u64::from_str_radix(size.trim_end(), 16).ok()?;
        let read = reader.take(size).read_to_end(bytes).ok()?;
        reader.read_line(&mut String::new()).ok()?;
        if size == 0 {
            return Some(());
        }
        if (read as u64) < size {
            return None;
        }
    }
}
