//! One asset as text.

use crate::{
    cli::{assets::named, block::Block, time},
    guest::types::Timestamp,
    store::{AssetDetail, AssetKind},
};

pub(super) fn text(detail: &AssetDetail, width: usize, now: Timestamp) -> String {
    let asset = &detail.asset;
    let open = &asset.open_by_severity;
    let mut block = match &asset.web {
        None => Block::new(&format!("asset {}", named(asset)), width),
        Some(web) => {
            let mut block = Block::new(&format!("web application {}", named(asset)), width);
            block.maybe("url", web.url.as_ref());
            block.maybe("owner", web.owner.as_ref());
            block.maybe("scope", web.scope.as_ref());
            block.maybe("risk score", web.risk_score);
            block
        }
    };
    block.field(
        "addresses",
        both(asset.ip.as_deref(), asset.ipv6.as_deref()),
    );
    block.field(
        "names",
        both(asset.dns.as_deref(), asset.netbios.as_deref()),
    );
    block.maybe("os", asset.os.as_ref());
    block.field(
        "open findings",
        format!(
            "{} ({} critical, {} high, {} medium, {} low, {} info)",
            asset.open_findings, open.critical, open.high, open.medium, open.low, open.info
        ),
    );
    block.maybe("trurisk", asset.trurisk);
    block.maybe("criticality", asset.criticality);
    let tags: Vec<_> = asset.tags.iter().map(|tag| tag.name.as_str()).collect();
    block.field("tags", tags.join(", "));
    if let Some(cloud) = &asset.cloud {
        let parts = [
            Some(&cloud.provider),
            cloud.service.as_ref(),
            cloud.instance.as_ref(),
        ];
        block.field(
            "cloud",
            parts
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    block.maybe("tracking", asset.tracking_method.as_ref());
    block.maybe("last seen", asset.last_seen.map(|at| time::told(at, now)));
    block.maybe(
        "last scan",
        asset.last_vm_scan.map(|at| time::told(at, now)),
    );
    block.maybe(
        "last check-in",
        asset.last_check_in.map(|at| time::told(at, now)),
    );
    block.maybe(
        "first found",
        asset.first_found.map(|at| time::told(at, now)),
    );
    if let Some(web) = &asset.web {
        block.maybe("scan status", web.last_scan_status.as_ref());
        for (label, at) in [("created", web.created), ("updated", web.updated)] {
            block.maybe(label, at.map(|at| time::told(at, now)));
        }
    }
    block.maybe("host id", asset.host_id);
    block.maybe("web app id", asset.web_app_id);
    block.maybe("qualys asset id", asset.qualys_asset_id);
    block.maybe("qg host id", asset.qg_hostid.as_ref());
    block.maybe("network id", asset.network_id);
    if detail.is_partial {
        let note = match asset.kind {
            AssetKind::Host => "known from its detections alone, the host list did not bring it",
            AssetKind::WebApplication => "known from its findings alone, the list did not bring it",
        };
        block.field("note", note);
    }
    block.finish()
}

/// One of them, or both when they differ.
fn both(first: Option<&str>, second: Option<&str>) -> String {
    match (first, second) {
        (Some(first), Some(second)) if !first.eq_ignore_ascii_case(second) => {
            format!("{first}, {second}")
        }
        (first, second) => first.or(second).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::sample, store::Attributes};

    #[test]
    fn an_asset_tells_what_is_known_of_it() {
        let asset = AssetDetail {
            asset: sample::asset(),
            is_partial: true,
            is_primary: true,
            attributes: Attributes("{}".to_owned()),
        };
        assert_eq!(
            text(&asset, 80, sample::NOW),
            "asset web01.example.net\n  \
             addresses       10.0.0.7\n  \
             names           web01.example.net\n  \
             os              Ubuntu Linux 24.04\n  \
             open findings   7 (1 critical, 2 high, 3 medium, 1 low, 0 info)\n  \
             trurisk         512\n  \
             criticality     4\n  \
             tags            prod\n  \
             tracking        AGENT\n  \
             last seen       2026-11-20 05:00 UTC, 3 h ago\n  \
             last scan       2026-11-20 05:00 UTC, 3 h ago\n  \
             first found     2026-08-22 08:00 UTC\n  \
             host id         4294967301\n  \
             qualys asset id 77\n  \
             note            known from its detections alone, the host list did not bring\n                  it\n"
        );
    }
    #[test]
    fn a_web_application_tells_where_it_is_and_whose() {
        let asset = AssetDetail {
            asset: sample::web_application(),
            is_partial: false,
            is_primary: true,
            attributes: Attributes("{}".to_owned()),
        };
        assert_eq!(
            text(&asset, 80, sample::NOW),
            "web application Shop & till\n  \
             url             https://shop.example\n  \
             owner           Anna Nowak\n  \
             scope           ALL\n  \
             risk score      612\n  \
             open findings   7 (1 critical, 2 high, 3 medium, 1 low, 0 info)\n  \
             tags            prod\n  \
             last seen       2026-11-20 05:00 UTC, 3 h ago\n  \
             scan status     FINISHED\n  \
             created         2026-08-22 08:00 UTC\n  \
             web app id      701\n"
        );
    }
}
