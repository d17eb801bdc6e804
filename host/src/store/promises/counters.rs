//! Counters, after any history of records.

use super::{LEASE, begun, random_steps};
use crate::store::{RunEnding, Store};

pub(in crate::store) fn counters_equal_a_recount_after_any_history(store: &mut dyn Store) {
    for seed in 0..12 {
        let run = begun(store);
        random_steps(store, run, seed, 25);
        assert_eq!(store.recount().unwrap(), [""; 0], "seed {seed}");
        store.finish_run(run, &LEASE, &RunEnding::Stopped).unwrap();
    }
}
