//! The whole system: the real binary against the simulator, and what must hold of the code.
//!
//! One program, so that linking happens once. Tests assert on the simulator's own truth and
//! counters, never on a duration.

mod architecture;
mod built;
mod compare;
mod connectors;
mod days;
mod exports;
mod faults;
mod files;
mod fixtures;
mod function;
mod gateway;
mod history;
mod import_rules;
mod kills;
mod limits;
mod modules;
mod outcome;
mod packages;
mod place;
mod rules;
mod samples;
mod schedule;
mod scores;
mod secrets;
mod sim;
mod software;
mod sources;
mod traps;
mod truth;
mod web;
