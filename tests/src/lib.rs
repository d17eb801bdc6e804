//! The whole-system tests and what they share.

pub mod sim;
