//! What the doors know of the outside: a request, its answer, a clock, and calls to others.
//!
//! Traits and plain values; nothing here decides.

/// A request, whose body is still to be read.
pub struct Request<'a> {
    /// In capitals.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Names and values behind the path, decoded.
    pub query: Vec<(String, String)>,
    /// Asked for one by one: most requests need none, and each is copied.
    pub headers: &'a dyn Headers,
}

/// The headers of a request.
pub trait Headers {
    /// The first of this name, which is in lower case.
    fn header(&self, name: &str) -> Option<String>;
}

impl Request<'_> {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.header(name)
    }

    /// The first value of this name in the query.
    pub fn option(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Why no more of a body comes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Broken {
    /// Whoever sent it hung up, in the words of the host.
    Cut(String),
    /// It took longer than was allowed.
    TimedOut,
}

/// A body that comes in.
pub trait Input {
    /// What comes next; nothing at its end.
    fn read(&mut self) -> Result<Option<Vec<u8>>, Broken>;
}

/// Whoever asked has hung up, so that nothing needs to be said any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gone;

/// The answer, which begins once and ends once. One that is dropped before it ended is broken off,
/// which the client of whoever asked reports as an error.
pub trait Answer {
    /// Sends status and headers.
    fn begin(&mut self, status: u16, headers: &[(&str, &str)]) -> Result<(), Gone>;
    /// Waits until whoever asked takes it.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Gone>;
    /// Ends the body, with trailers for those who asked for them.
    fn finish(&mut self, trailers: &[(&str, &str)]) -> Result<(), Gone>;
    /// Breaks the body off.
    fn abort(&mut self);
    /// Begins and ends an answer whose body is short.
    fn send(&mut self, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Result<(), Gone> {
        self.begin(status, headers)?;
        self.write(body)?;
        self.finish(&[])
    }
}

/// A POST to another server.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whether it goes over TLS.
    pub is_secure: bool,
    /// Host and port.
    pub authority: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

/// What came back.
pub struct Reply<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Still to be read.
    pub body: Box<dyn Input + 'a>,
}

/// Why nothing came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NoReply {
    /// No connection, in the words of the host.
    Unreachable(String),
    /// It took longer than was allowed.
    TimedOut,
}

/// Clock and network.
pub trait World {
    /// Seconds since 1970.
    fn now(&self) -> i64;
    /// Milliseconds since some time in the past; never set back.
    fn ticks(&self) -> u64;
    /// Waits until the clock of [`World::ticks`] is there.
    fn wait_until(&self, ticks: u64);
    /// Sends a call, which has to be over at the time of [`World::ticks`], with its body.
    fn send(&self, call: &Call, until: u64) -> Result<Reply<'_>, NoReply>;
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Headers for tests.
#[cfg(test)]
pub(crate) struct Known<'a>(pub(crate) &'a [(&'a str, &'a str)]);

#[cfg(test)]
impl Headers for Known<'_> {
    fn header(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}
