//! What goes wrong on demand.
//!
//! A fault is text, `KIND[:NAME=VALUE,...]`, on the command line, in `POST /_sim/faults` and in
//! `Sim::inject`. This file gives it a type; `table` lists the kinds for people, `armed` decides
//! when one strikes. What a fault does to an answer is done where the answer is made.

pub(crate) mod armed;
pub(crate) mod table;

use std::str::FromStr;
use std::time::Duration;

use super::document::{Blemish, Link};
use super::request::Api;

/// One fault, and the calls that it strikes.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) on: Target,
    /// Strikes so many matching calls, then no more.
    pub(crate) first: Option<u64>,
    /// Leaves so many matching calls alone at the beginning.
    pub(crate) after: u64,
    /// Strikes one of so many.
    pub(crate) every: u64,
    /// Strikes only calls that name more hosts than this by id.
    pub(crate) over_hosts: Option<u64>,
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Delivered(Delivered),
    Instead(Instead),
    Written(Written),
}

/// Another answer than the one asked for.
#[derive(Clone, Debug)]
pub(crate) enum Instead {
    Busy,
    Expired,
    GzipBomb { mebibytes: u64 },
    InternalError,
    Maintenance,
    NotLicensed,
    RateLimited { secs: u64 },
    Redirect,
    SecurId,
    Status(u16),
    Unauthorized,
    Unregistered,
}

/// The answer asked for, with something wrong in it.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    Blemish(Blemish),
    BrokenHost(HostName),
    EntityBomb,
    Link(Link),
    /// There is more, but not from where on.
    NoCursor,
    NoHosts,
    StallHost(HostName),
}

/// The answer asked for, badly delivered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Delivered {
    /// The body ends early, but HTTP says that it is complete.
    Cut(Place),
    Drip {
        bytes_per_sec: u64,
    },
    /// The connection is closed in the middle.
    Reset(Place),
    Stall {
        at: u64,
        wait: Duration,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Byte(u64),
    /// Of the whole body, from 0 to 1.
    Part(f64),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum HostName {
    Id(u64),
    Index(u64),
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    All,
    Api(Api),
    Path(String),
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Fault, String> {
        let (kind, arguments) = text.split_once(':').unwrap_or((text, ""));
        let mut given = Arguments::new(arguments)?;
        let kind = parse_kind(kind, &mut given)?;
        let on = match given.take("on") {
            None => Target::All,
            Some(path) if path.starts_with('/') => Target::Path(path),
            Some(word) => Target::Api(Api::named(&word).ok_or_else(|| {
                let known: Vec<&str> = Api::ALL.into_iter().map(Api::word).collect();
                format!(
                    "unknown API `{word}`, expected a path or one of {}",
                    known.join(", ")
                )
            })?),
        };
        let fault = Fault {
            kind,
            on,
            first: given.number("first")?,
            after: given.number("after")?.unwrap_or(0),
            every: given.number("every")?.unwrap_or(1).max(1),
            over_hosts: given.number("over-hosts")?,
            text: text.into(),
        };
        given.finish()?;
        Ok(fault)
    }
}

fn parse_kind(kind: &str, given: &mut Arguments) -> Result<Kind, String> {
    Ok(match kind {
        "busy" => Kind::Instead(Instead::Busy),
        "control-characters" => Kind::Written(Written::Blemish(Blemish::ControlCharacters)),
        "cut" => Kind::Delivered(Delivered::Cut(given.place()?)),
        "drip" => {
            let bytes_per_sec = given.number("bytes")?.unwrap_or(1_000).max(1);
            Kind::Delivered(Delivered::Drip { bytes_per_sec })
        }
        "entity-bomb" => Kind::Written(Written::EntityBomb),
        "error" => {
            let status = given.number("status")?.unwrap_or(500);
            let status = u16::try_from(status)
                .ok()
                .filter(|status| (400..600).contains(status));
            Kind::Instead(Instead::Status(
                status.ok_or("`status` must be from 400 to 599")?,
            ))
        }
        "expired" => Kind::Instead(Instead::Expired),
        "broken-host" => Kind::Written(Written::BrokenHost(given.host()?)),
        "gzip-bomb" => Kind::Instead(Instead::GzipBomb {
            mebibytes: given.number("mib")?.unwrap_or(1_024),
        }),
        "internal-error" => Kind::Instead(Instead::InternalError),
        "invalid-utf8" => Kind::Written(Written::Blemish(Blemish::InvalidUtf8)),
        "link-elsewhere" => Kind::Written(Written::Link(Link::Elsewhere)),
        "link-loop" => Kind::Written(Written::Link(Link::Same)),
        "link-purge" => Kind::Written(Written::Link(Link::Purge)),
        "maintenance" => Kind::Instead(Instead::Maintenance),
        "no-cursor" => Kind::Written(Written::NoCursor),
        "no-hosts" => Kind::Written(Written::NoHosts),
        "not-licensed" => Kind::Instead(Instead::NotLicensed),
        "nul" => Kind::Written(Written::Blemish(Blemish::Nul)),
        "rate-limited" => Kind::Instead(Instead::RateLimited {
            secs: given.number("secs")?.unwrap_or(5),
        }),
        "redirect" => Kind::Instead(Instead::Redirect),
        "reset" => Kind::Delivered(Delivered::Reset(given.place()?)),
        "securid" => Kind::Instead(Instead::SecurId),
        "stall" => {
            let wait = Duration::from_secs(given.number("secs")?.unwrap_or(3_600));
            Kind::Delivered(Delivered::Stall {
                at: given.number("at")?.unwrap_or(0),
                wait,
            })
        }
        "stall-host" => Kind::Written(Written::StallHost(given.host()?)),
        "unauthorized" => Kind::Instead(Instead::Unauthorized),
        "unregistered" => Kind::Instead(Instead::Unregistered),
        _ => {
            let known: Vec<&str> = table::FAULTS.iter().map(|fault| fault.kind).collect();
            return Err(format!(
                "unknown fault `{kind}`, expected one of {}",
                known.join(", ")
            ));
        }
    })
}

/// `NAME=VALUE` pairs, of which none may be left over.
struct Arguments(Vec<(String, String)>);

impl Arguments {
    fn new(text: &str) -> Result<Arguments, String> {
        let pairs = text.split(',').filter(|pair| !pair.is_empty());
        let split = |pair: &str| {
            let (name, value) = pair
                .split_once('=')
                .ok_or(format!("`{pair}` is not NAME=VALUE"))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        Ok(Arguments(pairs.map(split).collect::<Result<_, String>>()?))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(place).1)
    }

    fn number(&mut self, name: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .parse()
            .map(Some)
            .map_err(|_| format!("`{name}={value}` is not a whole number"))
    }

    fn place(&mut self) -> Result<Place, String> {
        if let Some(part) = self.take("part") {
            let part = part.parse().ok().filter(|part| (0.0..=1.0).contains(part));
            return part
                .map(Place::Part)
                .ok_or("`part` must be from 0 to 1".into());
        }
        Ok(self.number("at")?.map_or(Place::Part(0.5), Place::Byte))
    }

    fn host(&mut self) -> Result<HostName, String> {
        let name = self
            .take("host")
            .ok_or("`host` is missing: an id, or #N for the Nth host")?;
        let read = match name.strip_prefix('#') {
            Some(index) => index.parse().map(HostName::Index),
            None => name.parse().map(HostName::Id),
        };
        read.map_err(|_| format!("`host={name}` is neither an id nor #N"))
    }

    fn finish(self) -> Result<(), String> {
        match self.0.first() {
            Some((name, _)) => Err(format!("unknown argument `{name}`")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_the_table_can_be_asked_for() {
        for fault in table::FAULTS {
            let read = fault.example.parse::<Fault>();
            assert!(read.is_ok(), "{}: {read:?}", fault.example);
            assert!(fault.example.starts_with(fault.kind));
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let error = |text: &str| text.parse::<Fault>().unwrap_err();
        assert!(error("flood").starts_with("unknown fault `flood`, expected one of"));
        assert_eq!(error("cut:at=x"), "`at=x` is not a whole number");
        assert_eq!(error("busy:secs=3"), "unknown argument `secs`");
        assert_eq!(error("busy:first"), "`first` is not NAME=VALUE");
    }
}
