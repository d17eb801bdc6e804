//! Scores of CVEs.

use super::{ContentHash, Hash};
use crate::guest::types::CveScore;

pub(in crate::store) fn of_cve_score(score: &CveScore) -> ContentHash {
    let CveScore {
        cve,
        score,
        changed,
        published,
        epss,
        exploit_maturity,
        threat_actors,
        malware,
        is_known_exploited,
        attributes,
    } = score;
    let mut hash = Hash::default();
    hash.text(cve);
    hash.maybe_number(score.map(u64::from));
    for time in [changed, published] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    hash.maybe_number(epss.map(|epss| u64::from(epss.to_bits())));
    for words in [exploit_maturity, threat_actors, malware] {
        let mut rows: Vec<_> = words.iter().map(|word| word.clone().into_bytes()).collect();
        hash.set(&mut rows);
    }
    hash.maybe_number(is_known_exploited.map(u64::from));
    hash.text(attributes);
    hash.end()
}
