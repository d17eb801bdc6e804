//! The stages of a run, and the batches that each begins with.

use super::id_set::IdSet;
use super::scope::{Lately, Scope};
use crate::contract::plan::{Batch, Facts, Window};
use crate::contract::types::Dataset;
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
    groups
        .into_iter()
        .chain(tags)
        .chain(hosts)
        .chain(web)
        .chain([Dataset::KnowledgeBase])
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
        Dataset::KnowledgeBase => {
            let qids = facts.unknown_qids.iter().copied().map(u64::from);
            let mut batches = cut(dataset, qids, settings.batch_qids);
            // Entries change while nothing is found anew. What was never fetched is not refreshed.
            batches.extend(facts.watermark.map(|time| {
                let since = time.saturating_sub(i64::from(settings.overlap_secs));
                Batch {
                    scope: Scope::ModifiedSince(since).to_string(),
                    ..walk(dataset, settings.batch_qids)
                }
            }));
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
            scope: Scope::Ids(ids).to_string(),
            attempts: 0,
        })
        .collect()
}

/// Those of Qualys are below 400000, those of its customers follow. An empty window costs little.
const LAST_QID: u64 = 1_000_000;
const WINDOW: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dataset: Dataset, facts: &Facts, expected: &[(&str, u32)]) {
        let settings = Settings {
            batch_hosts: 3,
            host_page: 4,
            batch_qids: 2,
            ..Settings::default()
        };
        let batches = stage(&settings, dataset, facts);
        let found: Vec<_> = batches
            .iter()
            .map(|b| (b.scope.as_str(), b.page_size))
            .collect();
        assert_eq!(found, expected);
        assert!(
            batches
                .iter()
                .all(|b| b.dataset == dataset && b.attempts == 0)
        );
    }

    fn facts(hosts: &[u64], unknown_qids: &[u32]) -> Facts {
        Facts {
            hosts: hosts.to_vec(),
            unknown_qids: unknown_qids.to_vec(),
            window: Window::Full,
            watermark: None,
            left_out: Vec::new(),
        }
    }

    #[test]
    fn asset_groups_and_tags_are_stages_only_where_wanted() {
        let without = |asset_groups, tags| {
            stages(&Settings {
                asset_groups,
                tags,
                ..Settings::default()
            })
        };
        assert_eq!(without(false, false)[0], Dataset::HostIds);
        assert_eq!(without(false, true)[..2], [Dataset::Tags, Dataset::HostIds]);
        let all = without(true, true);
        assert_eq!(all[..2], [Dataset::AssetGroups, Dataset::Tags]);
    }

    #[test]
    fn web_applications_come_before_the_knowledge_base() {
        let last = |web_apps, n| {
            let settings = Settings {
                web_apps,
                ..Settings::default()
            };
            let all = stages(&settings);
            let last = all.iter().position(|it| *it == Dataset::KnowledgeBase);
            let last = last.expect("is always a stage") + 1;
            all[last - n..last].to_vec()
        };
        let web = [
            Dataset::Detections,
            Dataset::WebApps,
            Dataset::WebAppFindings,
            Dataset::KnowledgeBase,
        ];
        assert_eq!(last(true, 4), web);
        let none = [Dataset::Detections, Dataset::KnowledgeBase];
        assert_eq!(last(false, 2), none);
    }

    #[test]
    fn web_findings_are_those_that_were_tested_or_ignored_lately() {
        let facts = |window| Facts {
            window,
            ..facts(&[], &[])
        };
        let dataset = Dataset::WebAppFindings;
        check(dataset, &facts(Window::Full), &[("", 100)]);
        let since = facts(Window::ProcessedSince(500));
        check(
            dataset,
            &since,
            &[("tested:500", 100), ("ignored:500", 100)],
        );
        let lately = facts(Window::ScannedSince(500));
        check(dataset, &lately, &[("tested:500", 100)]);
        check(Dataset::WebApps, &since, &[("", 100)]);
    }

    #[test]
    fn walks_begin_with_one_batch() {
        check(Dataset::HostIds, &facts(&[], &[]), &[("", 100_000)]);
        check(Dataset::AssetGroups, &facts(&[], &[]), &[("", 1000)]);
    }

    #[test]
    fn hosts_are_cut_into_batches() {
        let facts = facts(&[1, 2, 3, 4, 9, 20, 21], &[]);
        check(
            Dataset::Detections,
            &facts,
            &[("1-3", 3), ("4,9,20", 3), ("21", 1)],
        );
        check(Dataset::Hosts, &facts, &[("1-4", 4), ("9,20-21", 3)]);
    }

    #[test]
    fn unknown_qids_are_cut_into_batches() {
        check(
            Dataset::KnowledgeBase,
            &facts(&[1], &[5, 6, 7]),
            &[("5-6", 2), ("7", 1)],
        );
    }

    #[test]
    fn a_window_lists_the_hosts_that_changed() {
        let facts = |window| Facts {
            window,
            ..facts(&[], &[])
        };
        let since = facts(Window::ProcessedSince(500));
        check(
            Dataset::ChangedHostIds,
            &since,
            &[("processed:500", 100_000)],
        );
        let lately = facts(Window::ScannedSince(500));
        check(
            Dataset::ChangedHostIds,
            &lately,
            &[("scanned:500", 100_000)],
        );
        check(Dataset::ChangedHostIds, &facts(Window::Full), &[]);
    }

    #[test]
    fn host_assets_are_asked_for_as_the_window_has_it() {
        let facts = |window| Facts {
            window,
            ..facts(&[7], &[])
        };
        check(Dataset::HostAssets, &facts(Window::Full), &[("", 300)]);
        check(Dataset::AssetView, &facts(Window::Full), &[("", 300)]);
        for dataset in [Dataset::HostAssets, Dataset::AssetView] {
            let since = facts(Window::ProcessedSince(500));
            check(dataset, &since, &[("updated:500", 300)]);
            let lately = facts(Window::ScannedSince(500));
            check(dataset, &lately, &[("updated:500", 300)]);
        }
    }

    #[test]
    fn software_comes_last_and_only_where_wanted() {
        let last = |software, asset_view| {
            let settings = Settings {
                software,
                asset_view,
                ..Settings::default()
            };
            stages(&settings).pop()
        };
        assert_eq!(last(true, false), Some(Dataset::HostAssets));
        assert_eq!(last(true, true), Some(Dataset::HostAssets));
        assert_eq!(last(false, true), Some(Dataset::AssetView));
        assert_eq!(last(false, false), Some(Dataset::KnowledgeBase));
    }

    #[test]
    fn host_assets_stand_in_where_the_asset_view_is_missing() {
        let stage = |left_out: &[Dataset]| {
            let settings = Settings {
                asset_view: true,
                ..Settings::default()
            };
            let facts = Facts {
                left_out: left_out.to_vec(),
                ..facts(&[7], &[])
            };
            stage(&settings, Dataset::HostAssets, &facts).len()
        };
        assert_eq!(stage(&[]), 0);
        assert_eq!(stage(&[Dataset::Tags]), 0);
        assert_eq!(stage(&[Dataset::AssetView]), 1);
    }

    #[test]
    fn entries_that_changed_are_asked_for_with_an_overlap() {
        let facts = Facts {
            watermark: Some(10_000),
            ..facts(&[], &[5])
        };
        check(
            Dataset::KnowledgeBase,
            &facts,
            &[("5", 1), ("modified:6400", 2)],
        );
    }

    #[test]
    fn the_whole_knowledge_base_is_asked_for_window_by_window_and_once() {
        let settings = Settings {
            whole_knowledge_base: true,
            ..Settings::default()
        };
        let batches = stage(&settings, Dataset::KnowledgeBase, &facts(&[1], &[5]));
        let scopes: Vec<_> = batches.iter().map(|batch| batch.scope.as_str()).collect();
        assert_eq!(scopes.len(), 100);
        assert_eq!((scopes[0], scopes[1]), ("1-10000", "10001-20000"));
        assert_eq!(scopes[99], "990001-1000000");
        let later = Facts {
            watermark: Some(10_000),
            ..facts(&[1], &[5])
        };
        let batches = stage(&settings, Dataset::KnowledgeBase, &later);
        let scopes: Vec<_> = batches.iter().map(|batch| batch.scope.as_str()).collect();
        assert_eq!(scopes, ["5", "modified:6400"]);
    }

    #[test]
    fn a_stage_without_rows_has_no_batches() {
        check(Dataset::Hosts, &facts(&[], &[7]), &[]);
        check(Dataset::KnowledgeBase, &facts(&[7], &[]), &[]);
    }

    #[test]
    fn hosts_out_of_order_or_twice_are_asked_for_once() {
        check(
            Dataset::Detections,
            &facts(&[9, 1, 9, 2], &[]),
            &[("1-2,9", 3)],
        );
    }
}
