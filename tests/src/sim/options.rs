//! What can be chosen when the simulator starts, on the command line and in tests alike.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::fault::{Fault, table};
use super::limits::Allowance;
use super::world::Scale;
use super::world::time::Timestamp;

/// A Qualys subscription that does not exist: host list, detections, knowledge base, asset
/// groups and web applications of an invented company, with the limits, the quirks and, on demand, the faults of the
/// real APIs. The same options give the same bytes.
#[derive(Clone, Debug, Parser)]
#[command(name = "qualys-sim", version, after_help = AFTER_HELP, after_long_help = after_help())]
pub struct Options {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8765", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Allow an address that other machines can reach
    #[arg(long)]
    pub allow_remote: bool,
    /// Write the URL into this file once calls are accepted
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Speak HTTPS, with a certificate for 127.0.0.1, ::1 and localhost made at the start
    #[arg(long)]
    pub tls: bool,
    /// Write the certificate of the authority that signed the one above into this file
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca_out: Option<PathBuf>,
    /// User name
    #[arg(long, default_value = "sim-user", value_name = "NAME")]
    pub username: String,
    /// Take the password from this file instead of `sim-password`
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,

    /// API client that the gateway gives tokens to, besides the user
    #[arg(long, default_value = "sim-client", value_name = "ID")]
    pub client_id: String,
    /// Take the secret of the API client from this file instead of `sim-secret`
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// How long a token of the gateway is good, by the real clock
    #[arg(long, default_value_t = 14_400, value_name = "SECS")]
    pub token_secs: u64,

    /// What all records are drawn from
    #[arg(
        long,
        default_value_t = 1,
        value_name = "NUMBER",
        help_heading = "Data"
    )]
    pub seed: u64,
    /// Hosts on day 0, up to 10 million; none of them is held in memory
    #[arg(long, default_value_t = 1_000, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(0..=10_000_000), help_heading = "Data")]
    pub hosts: u64,
    /// Fewest and most detections of a host on day 0, all statuses together
    #[arg(long, default_value = "10-100", value_name = "MIN-MAX", value_parser = parse_range, help_heading = "Data")]
    pub detections: (u32, u32),
    /// Web applications on day 0, up to 1 million
    #[arg(long, default_value_t = 5, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(0..=1_000_000), help_heading = "Data")]
    pub web_apps: u64,
    /// Fewest and most findings of a web application, all statuses together
    #[arg(long, default_value = "5-30", value_name = "MIN-MAX", value_parser = parse_range, help_heading = "Data")]
    pub web_findings: (u32, u32),
    /// Factor for the length of RESULTS texts, about 900 bytes on average at 1
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = parse_factor, help_heading = "Data")]
    pub results_scale: f64,
    /// Day to begin with; POST /_sim/day moves it
    #[arg(
        long,
        default_value_t = 0,
        value_name = "NUMBER",
        help_heading = "Data"
    )]
    pub day: u32,
    /// Date of day 0; every day's present is 12:00 UTC
    #[arg(
        long,
        default_value = "2026-11-01",
        value_name = "YYYY-MM-DD",
        help_heading = "Data"
    )]
    pub base_date: String,
    /// Share of the hosts that is scanned on a day
    #[arg(long, default_value_t = 20.0, value_name = "PERCENT", value_parser = parse_percent, help_heading = "Data")]
    pub changed_percent: f64,
    /// Share of the hosts that appears, and share that is purged, on a day
    #[arg(long, default_value_t = 0.2, value_name = "PERCENT", value_parser = parse_percent, help_heading = "Data")]
    pub churn_percent: f64,

    /// Calls per API in a rolling window of that many seconds (Qualys Standard is 300/3600)
    #[arg(long, default_value = "10000/3600", value_name = "CALLS/SECS", value_parser = parse_rate, help_heading = "Limits")]
    pub rate_limit: (usize, u64),
    /// Calls per API at once (Qualys Standard is 2)
    #[arg(
        long,
        default_value_t = 4,
        value_name = "NUMBER",
        help_heading = "Limits"
    )]
    pub concurrency: usize,
    /// Allow several knowledge base calls at once
    #[arg(long, help_heading = "Limits")]
    pub parallel_knowledge_base: bool,
    /// How long a call that the client gave up keeps its slot
    #[arg(
        long,
        default_value_t = 0,
        value_name = "SECS",
        help_heading = "Limits"
    )]
    pub held_slot_secs: u64,

    /// Refuse versions after their announced end of life: lists below 5.0, knowledge base below 4.0
    #[arg(long, help_heading = "Behaviour")]
    pub retired_versions_gone: bool,
    /// A subscription without CVSS scoring
    #[arg(long, help_heading = "Behaviour")]
    pub no_cvss: bool,
    /// Never compress, whatever the client accepts
    #[arg(long, help_heading = "Behaviour")]
    pub no_gzip: bool,
    /// An evaluation subscription: comments before, within and after each document
    #[arg(long, help_heading = "Behaviour")]
    pub trial: bool,
    /// Several HOST_LIST elements in one document
    #[arg(long, help_heading = "Behaviour")]
    pub split_host_lists: bool,
    /// A WARNING without link on the last page
    #[arg(long, help_heading = "Behaviour")]
    pub notice: bool,
    /// Without what strict clients stumble over: empty elements, id ranges, NETWORK_ID, OS_CPE
    #[arg(long, help_heading = "Behaviour")]
    pub plain: bool,
    /// Links to the next page name this server, not one that only Qualys' engineers reach
    #[arg(long, help_heading = "Behaviour")]
    pub own_links: bool,
    /// The server of the user interface: every path answers with a login page
    #[arg(long, help_heading = "Behaviour")]
    pub portal: bool,
    /// Something that goes wrong, see below; may be repeated
    #[arg(long, value_name = "KIND[:NAME=VALUE,...]", help_heading = "Behaviour")]
    pub fault: Vec<Fault>,
}

impl Options {
    /// The defaults on a free port, with more arguments as on the command line.
    ///
    /// # Panics
    ///
    /// If an argument is not understood: in a test, that is a mistake of the test.
    pub fn with<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Options {
        let always = ["qualys-sim", "--listen", "127.0.0.1:0"];
        match Options::try_parse_from(always.into_iter().chain(arguments)) {
            Ok(options) => options,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn scale(&self) -> anyhow::Result<Scale> {
        let start = Timestamp::parse(&format!("{}T12:00:00Z", self.base_date));
        let start = start.ok_or_else(|| {
            anyhow::anyhow!(
                "`--base-date {}` is not of the form YYYY-MM-DD",
                self.base_date
            )
        })?;
        Ok(Scale {
            seed: self.seed,
            hosts: self.hosts,
            detections: self.detections,
            results_scale: self.results_scale,
            web_apps: self.web_apps,
            web_findings: self.web_findings,
            scanned_per_mille: (self.changed_percent * 10.0).round() as u32,
            churn: (self.churn_percent * 1_000.0).round() as u32,
            start,
        })
    }

    pub(crate) fn allowance(&self) -> Allowance {
        Allowance {
            calls: self.rate_limit.0,
            window: Duration::from_secs(self.rate_limit.1),
            concurrency: self.concurrency,
            is_knowledge_base_alone: !self.parallel_knowledge_base,
            hold: Duration::from_secs(self.held_slot_secs),
        }
    }
}

fn after_help() -> String {
    format!("{}\n\n{ENDPOINTS}", table::help())
}

fn parse_range(text: &str) -> Result<(u32, u32), String> {
    let read = |text: &str| text.parse::<u32>().ok();
    let range = text
        .split_once('-')
        .and_then(|(min, max)| Some((read(min)?, read(max)?)));
    // Beyond this, one host would have to have one QID twice.
    range
        .filter(|(min, max)| min <= max && *max <= 400)
        .ok_or_else(|| "expected MIN-MAX, at most 400".into())
}

fn parse_factor(text: &str) -> Result<f64, String> {
    let factor = text
        .parse()
        .ok()
        .filter(|factor| (0.0..=100.0).contains(factor));
    factor.ok_or_else(|| "expected a number from 0 to 100".into())
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let percent = text
        .parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "expected a number from 0 to 100".into())
}

fn parse_rate(text: &str) -> Result<(usize, u64), String> {
    let parts = text
        .split_once('/')
        .and_then(|(calls, secs)| Some((calls.parse::<usize>().ok()?, secs.parse::<u64>().ok()?)));
    parts
        .filter(|(_, secs)| *secs > 0)
        .ok_or_else(|| "expected CALLS/SECS, such as 300/3600".into())
}

const AFTER_HELP: &str = "`--help` also lists the faults and the endpoints for tests.";

const ENDPOINTS: &str = "\
Endpoints that are no part of Qualys, for this machine only and without password:
  GET /_sim/stats               what was called, sent and refused, as JSON
  POST /_sim/day                body `3` goes to day 3, `+1` a day on
  POST /_sim/faults             body as for --fault, one a line
  DELETE /_sim/faults           no faults from here on
  GET /_sim/truth/hosts         what a complete sync of today must end up with, as NDJSON
  GET /_sim/truth/findings      the same for findings
  GET /_sim/truth/tags          the same for tags
  GET /_sim/truth/asset_view    the same for software and open ports of Global AssetView
  GET /_sim/truth/web-apps      the same for web applications
  GET /_sim/truth/web-findings  the same for findings of web applications
  GET /_sim/truth/cve-scores    the same for scores of CVEs";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Options::command().debug_assert();
    }

    #[test]
    fn arguments_are_checked_at_the_door() {
        let options = Options::with(["--rate-limit", "3/10", "--detections", "5-6"]);
        assert_eq!((options.rate_limit, options.detections), ((3, 10), (5, 6)));
        for arguments in [
            ["--rate-limit", "3"],
            ["--detections", "9-5"],
            ["--fault", "x"],
        ] {
            let all = ["qualys-sim"].into_iter().chain(arguments);
            assert!(Options::try_parse_from(all).is_err(), "{arguments:?}");
        }
    }
}
