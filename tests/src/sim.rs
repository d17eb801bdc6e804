//! A Qualys simulator.
mod world;
