//! The text of `RESULTS`, cut from pools that are made once.
//!
//! Lengths are skewed as in real answers: 80 % below 600 bytes, 18 % up to 4 KB, 2 % up to
//! 50 KB, about 900 bytes on average. Text is kept as Qualys sends it, with entities inside.

use super::noise::{below, mix, pick};
use super::vulnerability::Family;

#[derive(Debug)]
pub(crate) struct Pools {
    packages: Pool,
    files: Pool,
    services: Pool,
    lengths: Vec<u32>,
}

#[derive(Debug)]
struct Pool {
    text: Vec<u8>,
    line_starts: Vec<u32>,
}

impl Pools {
    pub(crate) fn new(seed: u64, scale: f64) -> Pools {
        let lengths: Vec<u32> = (0..LENGTHS)
            .map(|nth| (length(nth as f64 / LENGTHS as f64) * scale) as u32)
            .collect();
        let longest = lengths.iter().copied().max().unwrap_or(0) as usize;
        let pool = |line: fn(&mut String, u64), salt| {
            Pool::new(line, mix(seed, salt), POOL_BYTES + longest + LONGEST_LINE)
        };
        Pools {
            packages: pool(package, 1),
            files: pool(file, 2),
            services: pool(service, 3),
            lengths,
        }
    }

    /// Whole lines.
    pub(crate) fn text(&self, family: Family, noise: u64) -> &[u8] {
        let pool = match family {
            Family::Linux => &self.packages,
            Family::Windows | Family::Application => &self.files,
            Family::Network | Family::Information | Family::Web => &self.services,
        };
        let length = self.lengths[(noise & (LENGTHS - 1)) as usize] as usize;
        let starts = &pool.line_starts;
        let start = starts[below(noise, starts.len() as u64) as usize] as usize;
        let rest = &pool.text[start + length..];
        let end = memchr::memchr(b'\n', rest).expect("a pool ends with a line break");
        &pool.text[start..start + length + end]
    }
}

impl Pool {
    fn new(line: fn(&mut String, u64), salt: u64, bytes: usize) -> Pool {
        let mut text = String::with_capacity(bytes + LONGEST_LINE);
        let mut line_starts = Vec::new();
        for nth in 0.. {
            if text.len() >= bytes {
                break;
            }
            if text.len() < POOL_BYTES {
                line_starts.push(text.len() as u32);
            }
            line(&mut text, mix(salt, nth));
            text.push('\n');
        }
        Pool {
            text: text.into_bytes(),
            line_starts,
        }
    }
}

/// The length at that part of the distribution, evenly spread in its logarithm.
fn length(quantile: f64) -> f64 {
    let between = |from: f64, to: f64, part: f64| from * (to / from).powf(part);
    match quantile {
        q if q < 0.80 => between(100.0, 600.0, q / 0.80),
        q if q < 0.98 => between(600.0, 4_096.0, (q - 0.80) / 0.18),
        q => between(4_096.0, 51_200.0, (q - 0.98) / 0.02),
    }
}

/// Text below a table of packages, without a tab.
fn package(line: &mut String, noise: u64) {
    let package = pick(&["bash", "openssl", "glibc", "kernel-core"], noise);
    let [major, minor, patch] = [8, 16, 24].map(|shift| noise >> shift & 31);
    line.push_str(&match noise >> 61 {
        0 => "The system was not restarted after its last update.".to_owned(),
        1 => format!("/usr/lib64/lib{package}.so.{major}.{minor} is in use by process {patch}"),
        _ => format!("{package}-{major}.{minor}.{patch}.el8_9.x86_64 comes from \"baseos\""),
    });
}

fn file(line: &mut String, noise: u64) {
    let path = pick(
        &[
            r"%windir%\System32\ntoskrnl.exe",
            r"%windir%\System32\drivers\http.sys",
            r"C:\Program Files\Contoso\Rapport &quot;Büro&quot;\report.dll",
            r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        ],
        noise,
    );
    let (build, revision) = (17_763 + (noise >> 8 & 0xff), noise >> 16 & 0xfff);
    line.push_str(&match noise >> 60 {
        0..=2 => format!(
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{{{noise:016X}}} DisplayVersion = 11.0.{revision}"
        ),
        3 => "The system is missing &lt;KB5034127&gt; &amp; its successors.".into(),
        _ => format!("{path}\tVersion is\t10.0.{build}.{revision}"),
    });
}

fn service(line: &mut String, noise: u64) {
    let cipher = pick(
        &[
            "AES256-SHA",
            "RC4-MD5",
            "DES-CBC3-SHA",
            "ECDHE-RSA-AES128-SHA",
        ],
        noise,
    );
    line.push_str(&match noise >> 61 {
        0 => format!(
            "Certificate #{} CN=host{:x}.example.com doesn&apos;t resolve",
            noise & 3,
            noise >> 40
        ),
        1 => format!(
            "{}\ttcp\t{}\tOpenSSH_8.{}p1",
            noise & 0x3fff,
            pick(&["ssh", "http", "https"], noise),
            noise >> 8 & 9
        ),
        2 => "Server: Apache/2.4.57 (Unix) &lt;!-- détails masqués --&gt;".into(),
        _ => format!(
            "TLSv1.{}\t{cipher}\tRSA\tRSA\tSHA1\t{}(128)\tMEDIUM",
            noise >> 8 & 3,
            &cipher[..3]
        ),
    });
}

const LENGTHS: u64 = 4_096;
const POOL_BYTES: usize = 512 * 1024;
const LONGEST_LINE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_skewed_around_nine_hundred_bytes() {
        let pools = Pools::new(1, 1.0);
        let mut lengths: Vec<usize> = (0..20_000)
            .map(|nth| pools.text(Family::Windows, mix(7, nth)).len())
            .collect();
        lengths.sort_unstable();
        let mean = lengths.iter().sum::<usize>() / lengths.len();
        assert!((850..=1_050).contains(&mean), "{mean}");
        assert!(
            (300..=450).contains(&lengths[10_000]),
            "{}",
            lengths[10_000]
        );
        assert!(lengths[19_999] > 40_000 && lengths[19_999] < 52_000);
    }

    #[test]
    fn text_is_whole_lines_that_fit_into_cdata() {
        let pools = Pools::new(1, 0.1);
        for nth in 0..1_000 {
            let text = pools.text(Family::Network, mix(8, nth));
            let text = std::str::from_utf8(text).expect("lines are cut at their ends");
            assert!(!text.contains("]]>") && !text.ends_with('\n'));
        }
    }
}
