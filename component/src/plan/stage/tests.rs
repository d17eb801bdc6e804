use super::*;

#[track_caller]
fn check(dataset: Dataset, facts: &Facts, expected: &[(&str, u32)]) {
    let settings = Settings {
        batch_hosts: 3,
        host_page: 4,
        batch_qids: 2,
        batch_cves: 2,
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
        unknown_cves: Vec::new(),
        known_cves: Vec::new(),
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

#[test]
fn scores_of_cves_are_asked_for_once_and_then_as_they_change() {
    let cves = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let facts = |window, watermark| Facts {
        window,
        watermark,
        unknown_cves: cves(&["CVE-2021-44228", "CVE-2021-0009", "no CVE"]),
        known_cves: cves(&["CVE-2019-0708"]),
        ..facts(&[], &[])
    };
    let dataset = Dataset::CveScores;
    let all = [("CVE-2019-0708,CVE-2021-0009", 2), ("CVE-2021-44228", 1)];
    check(dataset, &facts(Window::Full, None), &all);
    check(dataset, &facts(Window::Full, Some(10_000)), &all);
    let since = Window::ProcessedSince(9_000);
    // 10000 less an hour of overlap.
    let changed = [("CVE-2021-0009,CVE-2021-44228", 2), ("modified:6400", 2)];
    check(dataset, &facts(since, Some(10_000)), &changed);
    let lately = Window::ScannedSince(9_000);
    check(dataset, &facts(lately, Some(10_000)), &changed);
    // Without a complete run nothing is known to be up to date.
    check(dataset, &facts(lately, None), &all);
}

#[test]
fn scores_of_cves_follow_the_knowledge_base_and_only_where_wanted() {
    let stages = |qvs| {
        stages(&Settings {
            qvs,
            ..Settings::default()
        })
    };
    assert!(!stages(false).contains(&Dataset::CveScores));
    let all = stages(true);
    let at = all.iter().position(|it| *it == Dataset::CveScores);
    assert_eq!(all[at.expect("a stage") - 1], Dataset::KnowledgeBase);
}
