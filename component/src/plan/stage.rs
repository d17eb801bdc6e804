//! The stages of a run, and the batches that each begins with.

use super::id_set::IdSet;
use super::scope::{Lately, Scope};
use crate::contract::plan::{Batch, Facts, Window};
use crate::contract::types::{Dataset, Timestamp};
use crate::cve;
use crate::settings::Settings;

/// In the order in which each needs what the one before found out.
pub(crate) fn stages(settings: &Settings) -> Vec<Dataset> {
    let groups = settings.asset_groups.then_some(Dataset::AssetGroups);
    let tags = settings.tags.then_some(Dataset::Tags);
    let hosts = [
        Dataset::HostIds,
        Dataset::ChangedHostIds,
        Dataset::Hosts,
        Dataset::Detections,
    ];
    // Before the knowledge base, so that it is asked for the QIDs that they name as well.
    let web = [Dataset::WebApps, Dataset::WebAppFindings];
    let web = web.into_iter().filter(|_| settings.web_apps);
    let asset_view = settings.asset_view.then_some(Dataset::AssetView);
    let host_assets = settings.software.then_some(Dataset::HostAssets);
    let scores = settings.qvs.then_some(Dataset::CveScores);
    groups
        .into_iter()
        .chain(tags)
        .chain(hosts)
        .chain(web)
        .chain([Dataset::KnowledgeBase])
        .chain(scores)
        .chain(asset_view)
        .chain(host_assets)
        .collect()
}

pub(crate) fn stage(settings: &Settings, dataset: Dataset, facts: &Facts) -> Vec<Batch> {
    let hosts = || facts.hosts.iter().copied();
    match dataset {
        Dataset::AssetGroups => vec![walk(dataset, settings.group_page)],
        Dataset::Tags => vec![walk(dataset, settings.tag_page)],
        Dataset::WebApps => vec![walk(dataset, settings.web_app_page)],
        Dataset::WebAppFindings => web_app_findings(settings, facts.window),
        Dataset::HostIds => vec![walk(dataset, settings.host_ids_page)],
        Dataset::ChangedHostIds => {
            let lately = |what, since| Scope::Lately {
                what,
                since,
                from: None,
            };
            let scope = match facts.window {
                Window::Full => return Vec::new(),
                Window::ProcessedSince(time) => lately(Lately::Processed, time),
                Window::ScannedSince(time) => lately(Lately::Scanned, time),
            };
            vec![Batch {
                scope: scope.to_string(),
                ..walk(dataset, settings.host_ids_page)
            }]
        }
        Dataset::Hosts => cut(dataset, hosts(), settings.host_page),
        Dataset::Detections => cut(dataset, hosts(), settings.batch_hosts),
        Dataset::KnowledgeBase if settings.whole_knowledge_base && facts.watermark.is_none() => {
            windows(dataset)
        }
        // The asset view tells the same, and more: what both tell would be there twice.
        Dataset::HostAssets
            if settings.asset_view && !facts.left_out.contains(&Dataset::AssetView) =>
        {
            Vec::new()
        }
        Dataset::HostAssets | Dataset::AssetView => {
            // `updated` rather than `vulnsUpdated`: software and ports change without a detection.
            let scope = match facts.window {
                Window::Full => Scope::All,
                Window::ProcessedSince(since) | Window::ScannedSince(since) => Scope::Lately {
                    what: Lately::Updated,
                    since,
                    from: None,
                },
            };
            let page_size = if dataset == Dataset::AssetView {
                settings.asset_view_page
            } else {
                settings.host_asset_page
            };
            vec![Batch {
                scope: scope.to_string(),
                ..walk(dataset, page_size)
            }]
        }
        Dataset::CveScores => cve_scores(settings, facts),
        Dataset::KnowledgeBase => {
            let qids = facts.unknown_qids.iter().copied().map(u64::from);
            let mut batches = cut(dataset, qids, settings.batch_qids);
            // Entries change while nothing is found anew. What was never fetched is not refreshed.
            batches.extend(
                facts
                    .watermark
                    .map(|time| modified(settings, dataset, time)),
            );
            batches
        }
    }
}

/// All numbers that a QID may have. The knowledge base has no pages, and no answer may hold all of it.
fn windows(dataset: Dataset) -> Vec<Batch> {
    (0..LAST_QID / WINDOW)
        .map(|window| Batch {
            dataset,
            scope: Scope::Ids(IdSet::range(window * WINDOW + 1, (window + 1) * WINDOW)).to_string(),
            page_size: u32::try_from(WINDOW).unwrap_or(u32::MAX),
            attempts: 0,
        })
        .collect()
}

/// To ignore a finding is no test of it, so what was ignored lately is asked for by itself.
fn web_app_findings(settings: &Settings, window: Window) -> Vec<Batch> {
    let all = walk(Dataset::WebAppFindings, settings.web_app_finding_page);
    let lately = |what, since| Batch {
        scope: Scope::Lately {
            what,
            since,
            from: None,
        }
        .to_string(),
        ..all.clone()
    };
    match window {
        Window::Full => vec![all],
        Window::ProcessedSince(time) => {
            let mut batches = vec![lately(Lately::Tested, time)];
            batches.extend(settings.ignored.then(|| lately(Lately::Ignored, time)));
            batches
        }
        Window::ScannedSince(time) => vec![lately(Lately::Tested, time)],
    }
}

/// Of those that findings name: in a run over all hosts every one, as what changed may have been
/// missed while the account lacked the module; in between the new ones, and what changed.
fn cve_scores(settings: &Settings, facts: &Facts) -> Vec<Batch> {
    let dataset = Dataset::CveScores;
    let numbers = |cves: &[String]| -> Vec<u64> {
        // What is no name of a CVE has no score.
        cves.iter().filter_map(|cve| cve::number(cve)).collect()
    };
    let mut asked = numbers(&facts.unknown_cves);
    let since = match (facts.window, facts.watermark) {
        (Window::ProcessedSince(_) | Window::ScannedSince(_), Some(watermark)) => Some(watermark),
        (Window::Full, _) | (_, None) => {
            asked.extend(numbers(&facts.known_cves));
            None
        }
    };
    let mut batches = cut(dataset, asked.into_iter(), settings.batch_cves);
    batches.extend(since.map(|time| modified(settings, dataset, time)));
    batches
}

/// What changed since, with the overlap.
fn modified(settings: &Settings, dataset: Dataset, since: Timestamp) -> Batch {
    let since = since.saturating_sub(i64::from(settings.overlap_secs));
    let page_size = match dataset {
        Dataset::CveScores => settings.batch_cves,
        _ => settings.batch_qids,
    };
    Batch {
        scope: Scope::ModifiedSince(since).to_string(),
        ..walk(dataset, page_size)
    }
}

fn walk(dataset: Dataset, page_size: u32) -> Batch {
    Batch {
        dataset,
        scope: Scope::All.to_string(),
        page_size,
        attempts: 0,
    }
}

/// Batches of as many ids as `size` at most. Ids that are there twice are asked for once.
fn cut(dataset: Dataset, ids: impl Iterator<Item = u64>, size: u32) -> Vec<Batch> {
    let mut ids: Vec<u64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids.chunks(usize::try_from(size).unwrap_or(1).max(1))
        .filter_map(|chunk| IdSet::of(chunk.iter().copied()))
        .map(|ids| Batch {
            dataset,
            page_size: u32::try_from(ids.len()).unwrap_or(size),
            scope: Scope::naming(dataset, ids).to_string(),
            attempts: 0,
        })
        .collect()
}

/// Those of Qualys are below 400000, those of its customers follow. An empty window costs little.
const LAST_QID: u64 = 1_000_000;
const WINDOW: u64 = 10_000;

#[cfg(test)]
mod tests;
