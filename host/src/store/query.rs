//! What a list can be asked for: which rows, in what order, from where on.

use crate::guest::{filter::Term, types::Qid};

use super::AssetId;

/// A list of assets, vulnerabilities or asset groups.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a, S> {
    /// The filter in postfix form; none selects everything.
    pub terms: &'a [Term],
    pub sort: S,
    pub descending: bool,
    pub limit: u32,
    /// The `next` of the page before.
    pub after: Option<&'a str>,
}

/// A list of findings.
#[derive(Clone, Copy, Debug)]
pub struct FindingQuery<'a> {
    pub terms: &'a [Term],
    pub asset: Option<AssetId>,
    pub qid: Option<Qid>,
    /// Leaves out what is fixed, closed, ignored or disabled, and gathered information.
    pub only_open: bool,
    pub sort: FindingSort,
    pub descending: bool,
    pub limit: u32,
    pub after: Option<&'a str>,
}

/// The first rows, in the order that people expect first.
impl<S: Default> Default for Query<'_, S> {
    fn default() -> Self {
        Query {
            terms: &[],
            sort: S::default(),
            descending: true,
            limit: 50,
            after: None,
        }
    }
}

/// The newest open findings.
impl Default for FindingQuery<'_> {
    fn default() -> Self {
        FindingQuery {
            terms: &[],
            asset: None,
            qid: None,
            only_open: true,
            sort: FindingSort::LastFound,
            descending: true,
            limit: 50,
            after: None,
        }
    }
}

/// Whether the terms ask for findings that are not open: who does, wants to see them.
pub fn asks_for_closed(terms: &[Term]) -> bool {
    terms.iter().any(|term| match term {
        Term::Compare(comparison) => match comparison.field.as_str() {
            "status" => comparison.value.eq_ignore_ascii_case("fixed"),
            "closed" | "disabled" | "ignored" | "last_fixed" | "open" | "put_aside" => true,
            _ => false,
        },
        Term::AllOf | Term::AnyOf | Term::Negate => false,
    })
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Listing<T> {
    pub rows: Vec<T>,
    /// Token of the next page; absent on the last one.
    pub next: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AssetSort {
    #[default]
    OpenFindings,
    OpenCritical,
    Name,
    LastSeen,
    Trurisk,
    Criticality,
    HostId,
}

/// Rows that are equal by the chosen key follow each other from the newest to the oldest, or the
/// other way round when ascending.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FindingSort {
    #[default]
    LastFound,
    FirstFound,
    Severity,
    Qds,
    Qid,
    /// In the order in which they were stored, grouped by asset.
    Asset,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum VulnerabilitySort {
    #[default]
    OpenFindings,
    Severity,
    Title,
    Published,
    Modified,
    Qid,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TagSort {
    #[default]
    Name,
    Hosts,
    Criticality,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AssetGroupSort {
    #[default]
    Title,
    Hosts,
}
