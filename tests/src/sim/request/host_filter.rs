//! Which hosts a call is about, and the walk over them in the order of their ids.

use std::ops::Range;

use super::form::Form;
use super::id_set::IdSet;
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::tag::{self, Tag};
use crate::sim::world::time::{DAY, Timestamp};

#[derive(Clone, Debug)]
pub(crate) struct HostFilter {
    ids: Option<IdSet>,
    id_min: u64,
    id_max: u64,
    ips: Option<Vec<(u32, u32)>>,
    asset_groups: Option<Vec<u64>>,
    tags: Option<TagFilter>,
    processed: Range<Timestamp>,
    scanned: Range<Timestamp>,
}

#[derive(Clone, Debug)]
struct TagFilter {
    include: Vec<&'static Tag>,
    needs_all: bool,
    exclude: Vec<&'static Tag>,
    excludes_only_all: bool,
}

impl HostFilter {
    /// From parameters that have been checked.
    pub(crate) fn new(form: &Form, world: &World, day: u32) -> HostFilter {
        let date = |name: &str| form.value(name).and_then(Timestamp::parse);
        let days_ago = |days: u64| world.now(day).plus(-(days as i64) * DAY);
        let since_days = form.number("max_days_since_last_vm_scan").map(days_ago);
        let scanned_from = date("vm_scan_since")
            .or(date("vm_scan_date_after"))
            .or(since_days);
        let scanned_to = date("no_vm_scan_since").or(date("vm_scan_date_before"));
        HostFilter {
            ids: form.value("ids").and_then(|text| IdSet::parse(text).ok()),
            id_min: form.number("id_min").unwrap_or(0),
            id_max: form.number("id_max").unwrap_or(u64::MAX),
            ips: form.value("ips").map(addresses),
            asset_groups: asset_groups(form, world),
            tags: form.is_set("use_tags").then(|| TagFilter::new(form)),
            processed: date("vm_processed_after").unwrap_or(EVER.start)
                ..date("vm_processed_before").unwrap_or(EVER.end),
            scanned: scanned_from.unwrap_or(EVER.start)..scanned_to.unwrap_or(EVER.end),
        }
    }

    pub(crate) fn walk(self, world: &World, day: u32) -> Walk {
        let population = &world.population;
        let ever = population.ever(day);
        let from = population.index_from(self.id_min);
        let to = population
            .index_from(self.id_max.saturating_add(1))
            .min(ever);
        let clip = |low: u64, high: u64| {
            let end = population.index_from(high.saturating_add(1)).min(to);
            population.index_from(low).max(from)..end
        };
        let mut ranges: Vec<Range<u64>> = match &self.ids {
            Some(ids) => ids
                .ranges()
                .map(|range| clip(*range.start(), *range.end()))
                .collect(),
            None => std::iter::once(from..to).collect(),
        };
        ranges.retain(|range| !range.is_empty());
        ranges.reverse();
        Walk {
            filter: self,
            day,
            ranges,
        }
    }

    fn matches(&self, world: &World, host: &Host) -> bool {
        let is_any_time = self.processed == EVER && self.scanned == EVER;
        let is_in_time = is_any_time
            || host.is_scanned
                && self.processed.contains(&host.last_processed)
                && self.scanned.contains(&host.last_scanned);
        is_in_time
            && self.ips.as_ref().is_none_or(|ips| {
                let ip = host.ipv4_number();
                ip.is_some_and(|ip| ips.iter().any(|&(low, high)| (low..=high).contains(&ip)))
            })
            && self.asset_groups.as_ref().is_none_or(|wanted| {
                world
                    .groups_of(host.index)
                    .any(|group| wanted.contains(&group))
            })
            && self.tags.as_ref().is_none_or(|tags| tags.matches(host))
    }
}

/// Hosts that match, by ascending id.
#[derive(Debug)]
pub(crate) struct Walk {
    filter: HostFilter,
    day: u32,
    /// Indices still to look at, the next range last.
    ranges: Vec<Range<u64>>,
}

impl Walk {
    pub(crate) fn next(&mut self, world: &World) -> Option<Host> {
        while let Some(range) = self.ranges.last_mut() {
            for index in range.by_ref() {
                let host = world.host(index, self.day);
                if let Some(host) = host.filter(|host| self.filter.matches(world, host)) {
                    return Some(host);
                }
            }
            self.ranges.pop();
        }
        None
    }
}

impl TagFilter {
    fn new(form: &Form) -> TagFilter {
        let by_name = form.value("tag_set_by") == Some("name");
        let tags = |name: &str| {
            let words = form
                .value(name)
                .unwrap_or("")
                .split(',')
                .filter(|word| !word.is_empty());
            words
                .filter_map(|word| tag::find(word.trim(), by_name))
                .collect::<Vec<_>>()
        };
        let is_all = |name: &str| form.value(name) == Some("all");
        TagFilter {
            include: tags("tag_set_include"),
            needs_all: is_all("tag_include_selector"),
            exclude: tags("tag_set_exclude"),
            excludes_only_all: is_all("tag_exclude_selector"),
        }
    }

    fn matches(&self, host: &Host) -> bool {
        let has = |tag: &&&Tag| tag.is_on(host);
        let included = self.include.iter().filter(has).count();
        let excluded = self.exclude.iter().filter(has).count();
        let is_in = if self.needs_all {
            included == self.include.len()
        } else {
            included > 0
        };
        let is_out = match self.excludes_only_all {
            true => !self.exclude.is_empty() && excluded == self.exclude.len(),
            false => excluded > 0,
        };
        is_in && !is_out
    }
}

fn asset_groups(form: &Form, world: &World) -> Option<Vec<u64>> {
    let all = || (0..world.n_asset_groups()).map(|nth| world.asset_group(nth));
    if let Some(ids) = form
        .value("ag_ids")
        .and_then(|text| IdSet::parse(text).ok())
    {
        return Some(
            all()
                .map(|group| group.id)
                .filter(|&id| ids.contains(id))
                .collect(),
        );
    }
    let titles: Vec<&str> = form.value("ag_titles")?.split(',').collect();
    let is_wanted = |title: String| titles.contains(&title.as_str());
    Some(
        all()
            .filter(|group| is_wanted(group.title(world)))
            .map(|group| group.id)
            .collect(),
    )
}

/// Addresses and ranges; what cannot be read matches no host.
fn addresses(text: &str) -> Vec<(u32, u32)> {
    let address = |text: &str| {
        text.trim()
            .parse::<std::net::Ipv4Addr>()
            .ok()
            .map(u32::from)
    };
    let parts = text
        .split(',')
        .map(|part| part.split_once('-').unwrap_or((part, part)));
    parts
        .filter_map(|(low, high)| Some((address(low)?, address(high)?)))
        .collect()
}

const EVER: Range<Timestamp> = Timestamp(i64::MIN)..Timestamp(i64::MAX);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::small;

    fn ids(query: &str, day: u32) -> Vec<u64> {
        let world = small(1_000);
        let mut form = Form::default();
        form.add(query.as_bytes());
        let mut walk = HostFilter::new(&form, &world, day).walk(&world, day);
        std::iter::from_fn(|| walk.next(&world))
            .map(|host| host.id)
            .collect()
    }

    #[test]
    fn ids_and_windows_narrow_the_walk() {
        let all = ids("", 0);
        assert_eq!(all.len(), 1_000);
        let (tenth, twentieth) = (all[10], all[20]);
        assert_eq!(
            ids(&format!("ids={tenth},{twentieth},1-5"), 0),
            [tenth, twentieth]
        );
        assert_eq!(
            ids(&format!("id_min={tenth}&id_max={twentieth}"), 0),
            all[10..=20]
        );
        assert_eq!(
            ids(&format!("ids=1-{twentieth}&id_min={tenth}"), 0),
            all[10..=20]
        );
    }

    #[test]
    fn a_day_later_only_rescanned_hosts_were_processed_since() {
        let since_yesterday = ids("vm_processed_after=2026-11-05T12:00:00Z", 5);
        assert!(
            (180..=220).contains(&since_yesterday.len()),
            "{}",
            since_yesterday.len()
        );
        assert!(ids("vm_processed_after=2026-11-06T12:00:00Z", 5).is_empty());
    }

    #[test]
    fn groups_and_tags_choose_hosts() {
        let in_group = ids("ag_ids=385000", 0).len();
        assert_eq!(in_group, 100);
        let agents = ids("use_tags=1&tag_set_by=name&tag_set_include=Cloud+Agent", 0).len();
        let others = ids(
            "use_tags=1&tag_set_by=name&tag_set_include=Windows,Linux,Network+%26+Appliances&tag_set_exclude=Cloud+Agent",
            0,
        );
        assert_eq!(agents + others.len(), 1_000);
    }
}
