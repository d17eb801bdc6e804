//! Qualys vulnerability scores: one JSON object with a member for each CVE, all in one answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::xml::Xml;
use super::{Document, Step};
use crate::sim::request::Call;
use crate::sim::world::World;
use crate::sim::world::cve::{self, CveScore};
use crate::sim::world::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Qvs {
    world: Arc<World>,
    day: u32,
    names: std::collections::btree_set::IntoIter<String>,
    changed: std::ops::Range<Timestamp>,
    scores: std::ops::RangeInclusive<u64>,
    has_factors: bool,
    n_written: usize,
    is_begun: bool,
}

impl Qvs {
    pub(crate) fn new(world: Arc<World>, day: u32, call: &Call) -> Qvs {
        let form = &call.form;
        let date = |name: &str| form.value(name).and_then(Timestamp::parse);
        let after = date("qvs_last_modified_after").unwrap_or(Timestamp(i64::MIN));
        let before = date("qvs_last_modified_before").unwrap_or(Timestamp(i64::MAX));
        let all = cve::all(&world);
        let names: BTreeSet<String> = match form.value("cve") {
            Some(names) => names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect(),
            None => all.clone(),
        };
        Qvs {
            names: names
                .intersection(&all)
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter(),
            changed: after..before,
            scores: form.number("qvs_min").unwrap_or(0)..=form.number("qvs_max").unwrap_or(100),
            has_factors: form.value("details") == Some("All"),
            n_written: 0,
            is_begun: false,
            world,
            day,
        }
    }

    fn next(&mut self) -> Option<CveScore> {
        let (world, day) = (Arc::clone(&self.world), self.day);
        self.names.by_ref().find_map(|name| {
            CveScore::of(&world, &name, day).filter(|score| {
                self.changed.contains(&score.changed) && self.scores.contains(&score.score)
            })
        })
    }
}

impl Document for Qvs {
    fn write(&mut self, out: &mut Xml) -> Step {
        if !std::mem::replace(&mut self.is_begun, true) {
            out.raw("{");
        }
        let Some(score) = self.next() else {
            out.raw("}\n");
            return Step::Complete;
        };
        if self.n_written > 0 {
            out.raw(",");
        }
        self.n_written += 1;
        out.raw(&format!(
            "\n\"{}\":{}",
            score.cve,
            member(&score, self.has_factors)
        ));
        Step::More
    }
}

/// Numbers are texts, times are seconds, and most lists are one text with commas.
fn member(score: &CveScore, has_factors: bool) -> Value {
    let base = json!({
        "id": score.cve,
        "idType": "CVE",
        "qvs": score.score.to_string(),
        "qvsLastChangedDate": score.changed.0,
        "nvdPublishedDate": score.published.0,
    });
    if !has_factors {
        return json!({ "base": base });
    }
    let joined = |words: &[&str]| match words {
        [] => json!([]),
        words => json!([words.join(",")]),
    };
    let mut factors = json!({
        "cvss": "7.5",
        "cvssVersion": "v3",
        "cvssString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        "epss": [format!("0.{:03}", score.epss)],
        "threatActors": joined(score.threat_actors),
        "exploitMaturity": joined(score.exploit_maturity),
        "trending": ["11012026,11022026"],
        "mitigationControls": [[]],
        "malwareName": score.malware,
        "malwareHash": [],
        "rti": ["Easy_Exploit"],
    });
    if let Some(is_known) = score.is_known_exploited {
        factors["cisaVuln"] = json!([if is_known { "YES" } else { "NO" }]);
    }
    json!({ "base": base, "contributingFactors": factors })
}
