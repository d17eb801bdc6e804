//! Pages as a large subscription would send them, made up from a seed: for benchmarks and tests.
//!
//! The same seed gives the same pages. Scores, statuses and texts are spread the way they are in
//! practice: few critical findings, a quarter fixed, texts that resemble each other.

use std::fmt::Write;

use crate::guest::{
    ingest::{HostFindings, Page},
    types::{
        Certainty, Finding, HostId, QualysHost, RiskSource, Severity, Status, Tag, Timestamp,
        Vulnerability,
    },
};

use super::word::Word;

/// A subscription that does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub hosts: u64,
    pub findings_of_a_host: u32,
    /// About how long each text of `RESULTS` is.
    pub results_bytes: usize,
    pub qids: u32,
    /// When the scans ended; a later time is a later scan of the same hosts.
    pub scanned: Timestamp,
}

impl Load {
    /// The page that holds the hosts from `first` on, without those past the last.
    pub fn detections(&self, first: u64, hosts: u64) -> Page {
        let hosts = first..(first + hosts).min(self.hosts);
        Page {
            hosts: hosts.map(|host| self.host(host)).collect(),
            ..Page::default()
        }
    }

    /// The knowledge base, all of it.
    pub fn knowledge_base(&self) -> Page {
        let entries = (0..self.qids).map(|number| self.vulnerability(number));
        Page {
            vulnerabilities: entries.collect(),
            ..Page::default()
        }
    }

    fn host(&self, number: u64) -> HostFindings {
        let mut random = Random(number);
        let host = qualys_host(
            number,
            self.scanned - random.below(30 * 86_400).cast_signed(),
        );
        let findings = (0..self.findings_of_a_host).map(|place| {
            self.finding(
                &mut random,
                host.host_id,
                u64::from(place),
                host.last_vm_scan,
            )
        });
        HostFindings {
            findings: findings.collect(),
            host,
        }
    }

    fn finding(
        &self,
        random: &mut Random,
        host_id: HostId,
        place: u64,
        scanned: Option<Timestamp>,
    ) -> Finding {
        // Low numbers are frequent, as a few checks are on nearly every machine.
        let spread = u64::from(self.qids);
        let qid = 38_000 + (random.below(spread) * random.below(spread) / spread) as u32;
        let severity = severity(qid);
        let status = match random.below(20) {
            0 => Status::New,
            1..=4 => Status::Fixed,
            5 => Status::Reopened,
            _ => Status::Active,
        };
        let qds = u8::try_from(1 + random.below(100)).ok();
        Finding {
            finding_key: (host_id * 10_000 + place).to_string(),
            host_id,
            qid,
            certainty: Certainty::Confirmed,
            severity,
            qualys_severity: severity.place() + 1,
            risk: Word::at_place(severity.place() + 1).expect("every severity has a risk"),
            risk_score: qds.map(f32::from),
            risk_source: Some(RiskSource::Qds),
            status: Some(status),
            port: random.below(4).checked_sub(1).map(|_| 443),
            protocol: Some("tcp".into()),
            fqdn: None,
            ssl: false,
            instance: None,
            results: Some(results(random, self.results_bytes)),
            first_found: scanned.map(|at| at - 90 * 86_400),
            last_found: scanned,
            last_test: scanned,
            last_update: scanned,
            last_fixed: scanned.filter(|_| status == Status::Fixed),
            times_found: Some(random.below(300) as u32),
            qds,
            is_ignored: random.below(50) == 0,
            is_disabled: false,
            affects_running_kernel: None,
            affects_running_service: Some(random.below(2) == 0),
            affects_exploitable_config: None,
            attributes: "{}".into(),
        }
    }

    fn vulnerability(&self, number: u32) -> Vulnerability {
        let mut random = Random(u64::from(number) + 1_000_000_007);
        let qid = 38_000 + number;
        let severity = severity(qid);
        let text = |random: &mut Random| Some(results(random, self.results_bytes));
        Vulnerability {
            qid,
            title: format!(
                "{} Security Update {number}",
                WORDS[number as usize % WORDS.len()]
            ),
            vuln_type: Some("Vulnerability".into()),
            severity,
            qualys_severity: severity.place() + 1,
            category: Some("Local".into()),
            cves: (0..random.below(4))
                .map(|n| format!("CVE-2026-{}", number * 4 + n as u32))
                .collect(),
            cvss: vec![],
            risk_score: Some(random.below(100) as f32 / 10.0),
            risk_source: Some(RiskSource::CvssV3),
            is_patchable: random.below(3) > 0,
            is_disabled: false,
            published: Some(self.scanned - 86_400),
            modified: Some(self.scanned),
            patch_published: None,
            diagnosis: text(&mut random),
            consequence: text(&mut random),
            solution: text(&mut random),
            threats: vec![],
            vendor_references: vec![],
            software: vec![],
            exploits: Vec::new(),
            malware: Vec::new(),
            compliance: Vec::new(),
            attributes: "{}".into(),
        }
    }
}

fn qualys_host(number: u64, scanned: Timestamp) -> QualysHost {
    let name = format!("host-{number:06}.example.com");
    QualysHost {
        host_id: 3_000_000_000 + number,
        qualys_asset_id: Some(7_000_000 + number),
        name: name.clone(),
        ip: Some(format!(
            "10.{}.{}.{}",
            number >> 16 & 255,
            number >> 8 & 255,
            number & 255
        )),
        ipv6: None,
        dns: Some(name),
        netbios: None,
        os: Some(["Ubuntu Linux 22.04", "Windows Server 2022"][number as usize % 2].into()),
        tracking_method: Some("AGENT".into()),
        network_id: None,
        qg_hostid: None,
        cloud: None,
        tags: vec![Tag {
            id: Some(number % 7),
            name: format!("site-{}", number % 7),
        }],
        asset_group_ids: vec![],
        trurisk: u16::try_from(number % 1_000).ok(),
        criticality: u8::try_from(number % 5 + 1).ok(),
        first_found: Some(scanned - 400 * 86_400),
        last_vm_scan: Some(scanned),
        last_check_in: Some(scanned),
        last_seen: Some(scanned),
        attributes: "{}".into(),
    }
}

fn severity(qid: u32) -> Severity {
    match qid.wrapping_mul(2_654_435_761) >> 24 {
        0..=12 => Severity::Critical,
        13..=64 => Severity::High,
        65..=179 => Severity::Medium,
        180..=230 => Severity::Low,
        _ => Severity::Info,
    }
}

fn results(random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 80);
    text.push_str("Package\tInstalled Version\tRequired Version\n");
    while text.len() < bytes {
        let package = WORDS[random.below(WORDS.len() as u64) as usize];
        let (major, minor, build) = (random.below(10), random.below(40), random.below(5_000));
        let line = writeln!(
            text,
            "{package}\t{major}.{minor}.{build}-{}ubuntu{}\t{major}.{minor}.{}",
            random.below(9),
            random.below(20),
            build + random.below(90),
        );
        line.expect("writing to a text does not fail");
    }
    text
}

/// SplitMix64: small, and good enough for made-up data.
#[derive(Clone, Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

const WORDS: [&str; 24] = [
    "openssl",
    "libcurl4",
    "linux-image-generic",
    "python3.10",
    "bind9-libs",
    "sudo",
    "vim-tiny",
    "libxml2",
    "perl-base",
    "openssh-server",
    "systemd",
    "glibc-common",
    "zlib1g",
    "libtiff5",
    "postgresql-client-14",
    "nginx-core",
    "apache2-bin",
    "libgnutls30",
    "krb5-locales",
    "expat",
    "libssh-4",
    "git-man",
    "snapd",
    "containerd",
];
