//! Why a run did not come to its end, as sentences for whoever has to act.

use std::io;

use crate::{
    guest::{GuestError, plan::Failure, types::Dataset},
    http::HttpError,
    store::{StoreError, Word},
};

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// What Qualys answered, with its own words.
    #[error("{}", refused(*.failure, .said))]
    Refused {
        failure: Failure,
        said: Option<String>,
    },
    #[error(
        "{0} batches in a row could not be delivered, so Qualys seems to be in trouble; start the sync again later, it goes on where it was"
    )]
    TooManySkipped(u32),
    #[error(
        "{vanished} of {known} hosts are gone from Qualys' list, and nothing was closed; check with `qonduit doctor` what the account may see, and if they are gone for good, sync with --accept-mass-closure"
    )]
    MassClosure { known: u64, vanished: u64 },
    #[error("the settings are wrong: {}", .0.join(", "))]
    Settings(Vec<String>),
    #[error("interrupted; start the sync again to go on where it was")]
    Interrupted,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Guest(#[from] GuestError),
    #[error("the machine gave no threads to work with")]
    Runtime(#[source] io::Error),
    #[error("the store ended before the run did")]
    WriterGone,
}

/// That a dataset is done without, and why.
pub(super) fn left_out(dataset: Dataset, failure: Failure, said: Option<&str>) -> String {
    let why = match failure {
        Failure::NotLicensed => "the subscription does not include it",
        Failure::NotAnApi => "this platform does not serve it",
        Failure::Unauthorized => "its credentials are not accepted, or give no right to it",
        Failure::BadRequest => "it is not accepted how it is asked for",
        _ => "the account has no right to it",
    };
    let what = match dataset {
        Dataset::AssetView => "asset view is".to_owned(),
        Dataset::CveScores => "scores of CVEs are".to_owned(),
        dataset => format!("{} are", dataset.word()),
    };
    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
    format!("the {what} left out: {why}{said}; the rest of the run goes on")
}

fn refused(failure: Failure, said: &Option<String>) -> String {
    let (what, next) = match failure {
        Failure::Unauthorized => (
            "Qualys does not accept the user name and password",
            "check both before you try again, because repeated failures lock the account",
        ),
        Failure::AccountExpired => (
            "the Qualys account has expired",
            "ask your Qualys contact to renew it",
        ),
        Failure::RegistrationIncomplete => (
            "the Qualys account may not call the API yet",
            "log in to Qualys once with it, complete the registration and accept the terms, \
             or turn off the second factor for it",
        ),
        Failure::Forbidden => (
            "the Qualys account has no right to this API",
            "ask a Qualys manager to allow `API access` for it, and whether its address range is restricted",
        ),
        Failure::NotLicensed => (
            "the subscription does not include this API",
            "run `qonduit doctor` to see what it includes",
        ),
        Failure::NotAnApi => (
            "what answers at this address is not Qualys' API",
            "run `qonduit doctor`, it tells the right address",
        ),
        Failure::BadRequest => (
            "Qualys does not accept the request",
            "if you changed `[settings]`, check the API versions and `trurisk` there, else report this as a bug",
        ),
        Failure::CursorLoop => (
            "Qualys sends the same page again and again",
            "start the sync again later, it goes on where it was",
        ),
        Failure::OutOfRetries => (
            "Qualys could not be reached or did not give what was asked for, after every retry",
            "start the sync again later, it goes on where it was",
        ),
    };
    match said {
        Some(said) => format!("{what} ({said}); {next}"),
        None => format!("{what}; {next}"),
    }
}
