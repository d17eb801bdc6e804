//! Whether a record is the one that is stored: a hash of all that it says.
//!
//! Lists whose order means nothing are sorted first. The structs are taken apart field by field,
//! so that a new field of the contract does not compile until it is thought of here.

mod hash;
mod import;
mod score;
mod software;
mod web;

use sha2::{Digest, Sha256};

use super::{Tally, word::Word};
use crate::guest::{
    ingest::Page,
    types::{AssetGroup, Cloud, Finding, QualysHost, QualysTag, Vulnerability},
};

use hash::Hash;
pub(super) use import::of_import;
pub(super) use score::of_cve_score;
pub(super) use software::{of_inventory, of_software};
pub(super) use web::{of_web_app, of_web_finding};

/// What becomes of one record of this hash, where that one is stored.
pub(super) fn compared(stored: Option<ContentHash>, hash: ContentHash) -> Tally {
    let mut tally = Tally::default();
    match stored {
        None => tally.new = 1,
        Some(known) if known == hash => tally.unchanged = 1,
        Some(_) => tally.changed = 1,
    }
    tally
}

/// Half as wide as a digest: it only has to tell one record from its successor.
pub(super) type ContentHash = i64;
/// Tells any two texts apart, also when someone wants them confused.
pub(super) type TextDigest = [u8; 16];

fn text_digest(text: &str) -> TextDigest {
    let digest = Sha256::digest(text);
    *digest.first_chunk().expect("SHA-256 has 32 bytes")
}

pub(super) fn short(digest: &TextDigest) -> ContentHash {
    i64::from_le_bytes(*digest.first_chunk().expect("a digest has 16 bytes"))
}

/// Digests of the findings of a page, in their order. Made where a page is read, so that the one
/// writer has less to do.
#[derive(Clone, Debug)]
pub struct Digests(Vec<FindingDigest>);

#[derive(Clone, Copy, Debug)]
pub(super) struct FindingDigest {
    pub(super) results: Option<TextDigest>,
    pub(super) content: ContentHash,
}

impl Digests {
    pub fn of(page: &Page) -> Self {
        let findings = page.hosts.iter().flat_map(|host| &host.findings);
        let digest = |finding: &Finding| {
            let results = finding.results.as_deref().map(text_digest);
            FindingDigest {
                results,
                content: of_finding(finding, results.as_ref()),
            }
        };
        Digests(findings.map(digest).collect())
    }

    pub(super) fn as_slice(&self) -> &[FindingDigest] {
        &self.0
    }
}

/// Without the text of `results`, whose digest stands for it.
fn of_finding(finding: &Finding, results: Option<&TextDigest>) -> ContentHash {
    let Finding {
        finding_key,
        host_id,
        qid,
        certainty,
        severity,
        qualys_severity,
        risk,
        risk_score,
        risk_source,
        status,
        port,
        protocol,
        fqdn,
        ssl,
        instance,
        results: _,
        first_found,
        last_found,
        last_test,
        last_update,
        last_fixed,
        times_found,
        qds,
        is_ignored,
        is_disabled,
        affects_running_kernel,
        affects_running_service,
        affects_exploitable_config,
        attributes,
    } = finding;
    let mut hash = Hash::default();
    hash.text(finding_key);
    hash.number(*host_id);
    hash.number(u64::from(*qid));
    for place in [
        certainty.place(),
        severity.place(),
        *qualys_severity,
        risk.place(),
    ] {
        hash.number(u64::from(place));
    }
    hash.maybe_number(risk_score.map(|score| u64::from(score.to_bits())));
    hash.maybe_number(risk_source.map(|source| u64::from(source.place())));
    hash.maybe_number(status.map(|status| u64::from(status.place())));
    hash.maybe_number(port.map(u64::from));
    hash.maybe_text(protocol.as_deref());
    hash.maybe_text(fqdn.as_deref());
    hash.maybe_text(instance.as_deref());
    for time in [first_found, last_found, last_test, last_update, last_fixed] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    hash.maybe_number(times_found.map(u64::from));
    hash.maybe_number(qds.map(u64::from));
    for flag in [*ssl, *is_ignored, *is_disabled] {
        hash.number(u64::from(flag));
    }
    for flag in [
        affects_running_kernel,
        affects_running_service,
        affects_exploitable_config,
    ] {
        hash.maybe_number(flag.map(u64::from));
    }
    hash.text(attributes);
    hash.maybe_number(results.map(|digest| short(digest).cast_unsigned()));
    hash.end()
}

pub(super) fn of_host(host: &QualysHost) -> ContentHash {
    let QualysHost {
        host_id,
        qualys_asset_id,
        name,
        ip,
        ipv6,
        dns,
        netbios,
        os,
        tracking_method,
        network_id,
        qg_hostid,
        cloud,
        tags,
        asset_group_ids,
        trurisk,
        criticality,
        first_found,
        last_vm_scan,
        last_check_in,
        last_seen,
        attributes,
    } = host;
    let mut hash = Hash::default();
    hash.number(*host_id);
    hash.maybe_number(*qualys_asset_id);
    hash.text(name);
    for text in [ip, ipv6, dns, netbios, os, tracking_method, qg_hostid] {
        hash.maybe_text(text.as_deref());
    }
    hash.maybe_number(*network_id);
    if let Some(Cloud {
        provider,
        service,
        instance,
    }) = cloud
    {
        hash.text(provider);
        hash.maybe_text(service.as_deref());
        hash.maybe_text(instance.as_deref());
    } else {
        hash.maybe_text(None);
    }
    hash.tags(tags);
    hash.numbers(asset_group_ids);
    hash.maybe_number(trurisk.map(u64::from));
    hash.maybe_number(criticality.map(u64::from));
    for time in [first_found, last_vm_scan, last_check_in, last_seen] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    hash.text(attributes);
    hash.end()
}

pub(super) fn of_vulnerability(entry: &Vulnerability) -> ContentHash {
    let Vulnerability {
        qid,
        title,
        vuln_type,
        severity,
        qualys_severity,
        category,
        cves,
        cvss,
        risk_score,
        risk_source,
        is_patchable,
        is_disabled,
        published,
        modified,
        patch_published,
        diagnosis,
        consequence,
        solution,
        threats,
        vendor_references,
        software,
        exploits,
        malware,
        compliance,
        attributes,
    } = entry;
    let mut hash = Hash::default();
    hash.number(u64::from(*qid));
    hash.text(title);
    for text in [vuln_type, category, diagnosis, consequence, solution] {
        hash.maybe_text(text.as_deref());
    }
    hash.number(u64::from(severity.place()));
    hash.number(u64::from(*qualys_severity));
    hash.number(cvss.len() as u64);
    cvss.iter().for_each(|one| hash.cvss(one));
    hash.maybe_number(risk_score.map(|score| u64::from(score.to_bits())));
    hash.maybe_number(risk_source.map(|source| u64::from(source.place())));
    hash.number(u64::from(*is_patchable));
    hash.number(u64::from(*is_disabled));
    for time in [published, modified, patch_published] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    for list in [cves, threats, vendor_references, software] {
        hash.number(list.len() as u64);
        list.iter().for_each(|text| hash.text(text));
    }
    hash.number(exploits.len() as u64);
    for it in exploits {
        for text in [&it.source, &it.reference, &it.description, &it.link] {
            hash.maybe_text(text.as_deref());
        }
    }
    hash.number(malware.len() as u64);
    for it in malware {
        for text in [
            &it.source,
            &it.name,
            &it.kind,
            &it.platform,
            &it.rating,
            &it.link,
        ] {
            hash.maybe_text(text.as_deref());
        }
    }
    hash.number(compliance.len() as u64);
    for it in compliance {
        hash.text(&it.kind);
        hash.maybe_text(it.section.as_deref());
        hash.maybe_text(it.description.as_deref());
    }
    hash.text(attributes);
    hash.end()
}

pub(super) fn of_tag(tag: &QualysTag) -> ContentHash {
    let QualysTag {
        tag_id,
        name,
        parent_tag_id,
        color,
        rule_type,
        rule_text,
        criticality,
        asset_group_id,
        attributes,
    } = tag;
    let mut hash = Hash::default();
    hash.number(*tag_id);
    hash.text(name);
    hash.maybe_number(*parent_tag_id);
    for text in [color, rule_type, rule_text] {
        hash.maybe_text(text.as_deref());
    }
    hash.maybe_number(criticality.map(u64::from));
    hash.maybe_number(*asset_group_id);
    hash.text(attributes);
    hash.end()
}

pub(super) fn of_asset_group(group: &AssetGroup) -> ContentHash {
    let AssetGroup {
        id,
        title,
        business_impact,
        impact,
        host_ids,
        attributes,
    } = group;
    let mut hash = Hash::default();
    hash.number(*id);
    hash.text(title);
    hash.maybe_text(business_impact.as_deref());
    hash.maybe_number(impact.map(|impact| u64::from(impact.place())));
    hash.numbers(host_ids);
    hash.text(attributes);
    hash.end()
}
