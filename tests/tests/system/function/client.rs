//! An HTTP client that sends and reads at once, as a stream in both directions wants it, and tells a
//! body that ended from one that was broken off.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::Duration,
};

use serde_json::Value;

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<String>,
    body: Vec<u8>,
    /// How many bytes of the body come before the connection is closed.
    cut: Option<usize>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
    trailers: Vec<(String, String)>,
    /// Whether the body came to its end.
    pub(crate) is_complete: bool,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            cut: None,
        }
    }

    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::new("POST", path)
        }
    }

    pub(crate) fn header(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }

    /// Hangs up in the middle of the body.
    pub(crate) fn cut(mut self, at: usize) -> Self {
        self.cut = Some(at);
        self
    }

    pub(crate) fn try_send(&self, address: &str) -> io::Result<Answer> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        let headers: String = self.headers.iter().map(|it| format!("{it}\r\n")).collect();
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close, TE\r\nTE: trailers\r\n\
             {headers}Content-Length: {}\r\n\r\n",
            self.method,
            self.path,
            self.body.len()
        );
        let (mut out, body, cut) = (stream.try_clone()?, self.body.clone(), self.cut);
        let sending = thread::spawn(move || {
            let part = &body[..cut.unwrap_or(body.len())];
            // Whoever answers early may take no more of it.
            let _ = out
                .write_all(head.as_bytes())
                .and_then(|()| out.write_all(part));
            if cut.is_some() {
                let _ = out.shutdown(Shutdown::Write);
            }
        });
        let answer = read(stream);
        sending.join().expect("sending does not panic");
        answer
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    pub(crate) fn trailer(&self, name: &str) -> Option<&str> {
        find(&self.trailers, name)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let read = serde_json::from_slice(&self.bytes);
        read.unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.text();
        let read =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(read).collect()
    }

    /// The last word of the kind of a problem.
    #[track_caller]
    pub(crate) fn kind(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        kind.strip_prefix("urn:qonduit:problem:")
            .unwrap_or(&kind)
            .to_owned()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn read(stream: TcpStream) -> io::Result<Answer> {
    let mut reader = BufReader::new(stream);
    let status = line(&mut reader)?;
    let status = status
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let Some(status) = status else {
        return Err(io::Error::other("there is no status"));
    };
    let headers = fields(&mut reader)?;
    let (mut bytes, mut trailers) = (Vec::new(), Vec::new());
    let is_complete = match find(&headers, "content-length").and_then(|it| it.parse().ok()) {
        Some(length) => {
            let n = (&mut reader).take(length).read_to_end(&mut bytes)?;
            n as u64 == length
        }
        None if find(&headers, "transfer-encoding").is_some() => {
            match chunks(&mut reader, &mut bytes) {
                Ok(()) => {
                    trailers = fields(&mut reader)?;
                    true
                }
                Err(_) => false,
            }
        }
        None => reader.read_to_end(&mut bytes).is_ok(),
    };
    Ok(Answer {
        status,
        headers,
        bytes,
        trailers,
        is_complete,
    })
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn fields(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut fields = Vec::new();
    while let Some((name, value)) = line(reader)?.split_once(':') {
        fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok(fields)
}

fn chunks(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(reader)?;
        let size = u64::from_str_radix(&size, 16).map_err(io::Error::other)?;
        if size == 0 {
            return Ok(());
        }
        let read = reader.take(size).read_to_end(bytes)? as u64;
        if read < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line(reader)?;
    }
}
