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
    groups
        .into_iter()
        .chain(tags)
        .chain(hosts)
        .chain(web)
        .chain([Dataset::KnowledgeBase])
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
            all[all.len() - n..].to_vec()
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
