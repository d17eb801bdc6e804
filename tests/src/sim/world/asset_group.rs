//! Asset groups, and which hosts are in them.

use super::World;
use super::noise::{below, mix};

#[derive(Clone, Copy, Debug)]
pub(crate) struct AssetGroup {
    pub(crate) nth: u64,
    pub(crate) id: u64,
    pub(crate) key: u64,
}

impl World {
    /// Besides those that every host is in one of, there are one that cuts across them and one
    /// without hosts.
    pub(crate) fn n_asset_groups(&self) -> u64 {
        self.n_sites() + 2
    }

    pub(crate) fn asset_group(&self, nth: u64) -> AssetGroup {
        let key = mix(self.scale.seed ^ SALT, nth);
        AssetGroup {
            nth,
            id: FIRST_ID + nth * 3,
            key,
        }
    }

    /// Ids of the groups that the host is in.
    pub(crate) fn groups_of(&self, index: u64) -> impl Iterator<Item = u64> + use<> {
        let n_sites = self.n_sites();
        let site = FIRST_ID + index % n_sites * 3;
        let across = is_across(index).then_some(FIRST_ID + n_sites * 3);
        std::iter::once(site).chain(across)
    }

    /// Indices of the hosts in a group that are present on the day.
    pub(crate) fn members(&self, group: &AssetGroup, day: u32) -> impl Iterator<Item = u64> {
        let n_sites = self.n_sites();
        let ever = self.population.ever(day);
        let (first, step) = match group.nth.checked_sub(n_sites) {
            None => (group.nth, n_sites),
            Some(0) => (ACROSS_FIRST, ACROSS_STEP),
            Some(_) => (ever, 1),
        };
        (first..ever)
            .step_by(step as usize)
            .filter(move |&i| self.population.is_present(i, day))
    }

    fn n_sites(&self) -> u64 {
        (self.scale.hosts / 100).clamp(3, 200)
    }
}

impl AssetGroup {
    pub(crate) fn title(&self, world: &World) -> String {
        match self.nth.checked_sub(world.n_sites()) {
            None => format!("{} {}", SITES[(self.nth % 8) as usize], self.nth / 8 + 1),
            Some(0) => "Internet facing & DMZ".into(),
            Some(_) => "Decommissioned".into(),
        }
    }

    /// The words of the product, one that only the manual knows, and none at all.
    pub(crate) fn business_impact(&self) -> Option<&'static str> {
        const WORDS: [Option<&str>; 6] = [
            Some("Critical"),
            Some("High"),
            Some("Medium"),
            Some("Minor"),
            Some("Low"),
            None,
        ];
        WORDS[((self.nth + below(self.key, 2)) % 6) as usize]
    }
}

fn is_across(index: u64) -> bool {
    index % ACROSS_STEP == ACROSS_FIRST
}

const FIRST_ID: u64 = 385_000;
const ACROSS_FIRST: u64 = 3;
const ACROSS_STEP: u64 = 10;
const SALT: u64 = 0x6167;
const SITES: [&str; 8] = [
    "Berlin",
    "Zürich",
    "São Paulo",
    "Data centre",
    "Office",
    "Factory",
    "Cloud",
    "東京",
];

#[cfg(test)]
mod tests {
    use super::super::small;

    #[test]
    fn members_and_groups_agree() {
        let world = small(500);
        assert_eq!(world.n_asset_groups(), 7);
        for nth in 0..7 {
            let group = world.asset_group(nth);
            let members: Vec<u64> = world.members(&group, 2).collect();
            let expected: Vec<u64> = (0..world.population.ever(2))
                .filter(|&index| world.population.is_present(index, 2))
                .filter(|&index| world.groups_of(index).any(|id| id == group.id))
                .collect();
            assert_eq!(members, expected);
        }
        assert_eq!(world.members(&world.asset_group(6), 2).count(), 0);
    }
}
