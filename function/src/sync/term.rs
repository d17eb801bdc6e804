//! Fates and failures, as the lines of a sync name them.

use qonduit_component::contract::plan::{Failure, Fate};

/// What became of a batch.
pub(super) fn of(fate: &Fate) -> &'static str {
    match fate {
        Fate::Done => "done",
        Fate::Split => "split",
        Fate::AgainAt(_) => "again",
        Fate::Skipped(_) => "skipped",
        Fate::LeftOut(_) => "left-out",
        Fate::Failed(_) => "failed",
    }
}

/// Why a run cannot succeed.
pub(super) fn of_failure(failure: Failure) -> &'static str {
    match failure {
        Failure::Unauthorized => "unauthorized",
        Failure::AccountExpired => "account-expired",
        Failure::RegistrationIncomplete => "registration-incomplete",
        Failure::Forbidden => "forbidden",
        Failure::NotLicensed => "not-licensed",
        Failure::NotAnApi => "not-an-api",
        Failure::BadRequest => "bad-request",
        Failure::CursorLoop => "cursor-loop",
        Failure::OutOfRetries => "out-of-retries",
    }
}

/// What to do about it, in words.
pub(super) fn next(failure: Failure) -> &'static str {
    match failure {
        Failure::Unauthorized => {
            "check name and password before you try again, as repeated failures lock the account"
        }
        Failure::AccountExpired => "ask your Qualys contact to renew the account",
        Failure::RegistrationIncomplete => {
            "log in to Qualys once with the account, and complete its registration"
        }
        Failure::Forbidden => "ask a Qualys manager to allow API access for the account",
        Failure::NotLicensed => "switch off in the settings what the subscription does not include",
        Failure::NotAnApi => "check the address in `api`",
        Failure::BadRequest => "check the versions and `trurisk` in the settings",
        Failure::CursorLoop | Failure::OutOfRetries => "send the work list again later",
    }
}
