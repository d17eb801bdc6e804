//! What an answer means, as two tables.
//!
//! What Qualys says itself (the code of its error document) goes before the HTTP status that it
//! comes with, as the same code has been seen with several. Texts decide nothing.

use crate::contract::plan::{Answer, Ending, Failure, Refusal, Setback};

/// What follows from an answer, whatever the batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// The list that was asked for.
    Delivered,
    /// Not this time.
    Hindered(Setback),
    /// The request itself was too long.
    TooLong,
    /// Not at all, until someone acts.
    Hopeless(Failure),
}

use Meaning::{Delivered, Hindered, Hopeless, TooLong};

pub(crate) fn of(answer: &Answer) -> Meaning {
    let told = answer.refusal.as_ref().and_then(told);
    told.unwrap_or_else(|| by_ending(&answer.ending, answer.refusal.as_ref()))
}

/// Which limit was met, for those who keep the limits. A wait without a known code, as a proxy
/// or a maintenance page asks for it, is kept like a rate limit.
pub(crate) fn limit(refusal: &Refusal) -> Option<Setback> {
    match (told(refusal), refusal.wait_secs) {
        (Some(Hindered(setback @ (Setback::Busy | Setback::RateLimited))), _) => Some(setback),
        (None, Some(1..)) => Some(Setback::RateLimited),
        _ => None,
    }
}

/// What Qualys says itself: a code, or a word of the portal.
fn told(refusal: &Refusal) -> Option<Meaning> {
    let by_code = refusal.code.and_then(by_code);
    by_code.or_else(|| refusal.word.as_deref().and_then(by_word))
}

/// `responseCode` of the portal.
fn by_word(word: &str) -> Option<Meaning> {
    Some(match word {
        "INVALID_CREDENTIALS" => Hopeless(Failure::Unauthorized),
        // The account has not the right, or not `API access`.
        "UNAUTHORIZED" | "FORBIDDEN" | "ACCESS_DENIED" => Hopeless(Failure::Forbidden),
        "NOT_LICENSED" | "LICENSE_EXPIRED" | "EVALUATION_EXPIRED" => Hopeless(Failure::NotLicensed),
        // A portal without this list.
        "INVALID_API_VERSION" | "INVALID_URL" | "NOT_FOUND" => Hopeless(Failure::NotAnApi),
        "INVALID_REQUEST"
        | "INVALID_XML"
        | "INVALID_JSON"
        | "INVALID_FORMAT"
        | "OPERATION_NOT_SUPPORTED"
        | "OBJECT_NOT_FOUND" => Hopeless(Failure::BadRequest),
        "TOO_MANY_REQUESTS" | "RATE_LIMIT_EXCEEDED" => Hindered(Setback::RateLimited),
        "MAINTENANCE" | "SERVICE_UNAVAILABLE" => Hindered(Setback::Maintenance),
        "INTERNAL_ERROR" | "UNKNOWN_ERROR" | "OTHER_ERROR" => Hindered(Setback::ServerError),
        _ => return None,
    })
}

fn by_code(code: u32) -> Option<Meaning> {
    Some(match code {
        // "Internal error" in the middle of a run; asking again has helped.
        999 => Hindered(Setback::ServerError),
        // A parameter is unknown, missing, excluded by another, wrong, or not to be combined; the
        // wrong method; nothing selected.
        1901 | 1903 | 1904 | 1905 | 1907 | 1908 | 1922 => Hopeless(Failure::BadRequest),
        // Behind other calls: an older form, the present one, and calls in the background.
        1920 | 1960 | 1981 => Hindered(Setback::Busy),
        1965 => Hindered(Setback::RateLimited),
        2000 => Hopeless(Failure::Unauthorized),
        2001 => Hopeless(Failure::AccountExpired),
        2002 | 2012 => Hopeless(Failure::Forbidden),
        2003 | 2011 => Hopeless(Failure::RegistrationIncomplete),
        _ => return None,
    })
}

fn by_ending(ending: &Ending, refusal: Option<&Refusal>) -> Meaning {
    match (ending, refusal) {
        // The same request is still being worked on.
        (Ending::Answered(202), _) => Hindered(Setback::Busy),
        (Ending::Answered(200..=299), None) => Delivered,
        // An error document that names no known reason.
        (Ending::Answered(200..=299), Some(_)) => Hindered(Setback::ServerError),
        (Ending::Answered(401), _) => Hopeless(Failure::Unauthorized),
        (Ending::Answered(402), _) => Hopeless(Failure::NotLicensed),
        (Ending::Answered(403), _) => Hopeless(Failure::Forbidden),
        (Ending::Answered(404 | 405 | 410), _) => Hopeless(Failure::NotAnApi),
        // Without a code, a wait tells the two limits apart: Qualys names none for calls at once.
        (
            Ending::Answered(409),
            Some(Refusal {
                wait_secs: Some(1..),
                ..
            }),
        ) => Hindered(Setback::RateLimited),
        (Ending::Answered(409), _) => Hindered(Setback::Busy),
        (Ending::Answered(413 | 414), _) => TooLong,
        (Ending::Answered(429), _) => Hindered(Setback::RateLimited),
        // A proxy that did not want to wait for the request.
        (Ending::Answered(408), _) => Hindered(Setback::ServerError),
        (Ending::Answered(400..=499), _) => Hopeless(Failure::BadRequest),
        (Ending::Answered(503), _) => Hindered(Setback::Maintenance),
        (Ending::Answered(500..=599), _) => Hindered(Setback::ServerError),
        // Redirects above all. Nothing is sent to an address that nobody configured.
        (Ending::Answered(_), _) | (Ending::AnotherDocument | Ending::NoService, _) => {
            Hopeless(Failure::NotAnApi)
        }
        (Ending::CutOff, _) => Hindered(Setback::CutOff),
        (Ending::TimedOut, _) => Hindered(Setback::TimedOut),
        (Ending::Unreachable, _) => Hindered(Setback::Unreachable),
        (Ending::Unreadable, _) => Hindered(Setback::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(ending: Ending, code: Option<u32>) -> Answer {
        let refusal = code.map(|code| Refusal {
            code: (code > 0).then_some(code),
            word: None,
            text: "not licensed; This account has expired.".to_owned(),
            wait_secs: None,
        });
        Answer {
            ending,
            refusal,
            next: None,
        }
    }

    #[track_caller]
    fn check_status(status: u16, expected: Meaning) {
        assert_eq!(
            of(&answer(Ending::Answered(status), None)),
            expected,
            "{status}"
        );
    }

    /// The code of a refusal, 0 for one without.
    #[track_caller]
    fn check_code(status: u16, code: u32, expected: Meaning) {
        assert_eq!(
            of(&answer(Ending::Answered(status), Some(code))),
            expected,
            "{code}"
        );
    }

    #[test]
    fn a_list_is_what_was_asked_for() {
        check_status(200, Delivered);
    }

    #[test]
    fn a_refusal_with_a_status_of_success_is_still_a_refusal() {
        check_code(200, 2001, Hopeless(Failure::AccountExpired));
        check_code(200, 999, Hindered(Setback::ServerError));
        check_code(200, 0, Hindered(Setback::ServerError));
        check_code(200, 4711, Hindered(Setback::ServerError));
    }

    #[test]
    fn a_conflict_is_told_apart_by_its_code() {
        check_code(409, 1965, Hindered(Setback::RateLimited));
        check_code(400, 1965, Hindered(Setback::RateLimited));
        check_code(409, 1960, Hindered(Setback::Busy));
        check_code(409, 1920, Hindered(Setback::Busy));
        check_code(409, 1981, Hindered(Setback::Busy));
        check_code(409, 2003, Hopeless(Failure::RegistrationIncomplete));
        check_code(409, 2011, Hopeless(Failure::RegistrationIncomplete));
    }

    #[test]
    fn a_conflict_without_a_code_is_told_apart_by_its_wait() {
        check_status(409, Hindered(Setback::Busy));
        let mut answer = answer(Ending::Answered(409), Some(0));
        answer.refusal.as_mut().unwrap().wait_secs = Some(181);
        assert_eq!(of(&answer), Hindered(Setback::RateLimited));
    }

    #[test]
    fn what_the_user_has_to_mend_is_not_asked_again() {
        check_code(401, 2000, Hopeless(Failure::Unauthorized));
        check_status(401, Hopeless(Failure::Unauthorized));
        check_code(403, 2002, Hopeless(Failure::Forbidden));
        check_code(401, 2012, Hopeless(Failure::Forbidden));
        check_status(403, Hopeless(Failure::Forbidden));
        check_status(402, Hopeless(Failure::NotLicensed));
        for code in [1901, 1903, 1904, 1905, 1907, 1908, 1922] {
            check_code(400, code, Hopeless(Failure::BadRequest));
        }
        check_status(400, Hopeless(Failure::BadRequest));
    }

    #[test]
    fn words_of_the_portal_mean_what_they_say_whatever_the_status() {
        for (status, word, expected) in [
            (401, "INVALID_CREDENTIALS", Hopeless(Failure::Unauthorized)),
            (401, "UNAUTHORIZED", Hopeless(Failure::Forbidden)),
            (200, "NOT_LICENSED", Hopeless(Failure::NotLicensed)),
            (200, "INVALID_API_VERSION", Hopeless(Failure::NotAnApi)),
            (200, "INVALID_REQUEST", Hopeless(Failure::BadRequest)),
            (200, "INTERNAL_ERROR", Hindered(Setback::ServerError)),
            (200, "MAINTENANCE", Hindered(Setback::Maintenance)),
            (429, "A_NEW_WORD", Hindered(Setback::RateLimited)),
            (200, "A_NEW_WORD", Hindered(Setback::ServerError)),
        ] {
            let mut answer = answer(Ending::Answered(status), Some(0));
            answer.refusal.as_mut().unwrap().word = Some(word.to_owned());
            assert_eq!(of(&answer), expected, "{word}");
        }
    }

    #[test]
    fn another_place_than_the_api_is_recognized() {
        for status in [301, 302, 303, 307, 308, 404, 405, 0, 101, 999] {
            check_status(status, Hopeless(Failure::NotAnApi));
        }
        let page = answer(Ending::AnotherDocument, None);
        assert_eq!(of(&page), Hopeless(Failure::NotAnApi));
    }

    #[test]
    fn what_passes_is_asked_again() {
        check_status(202, Hindered(Setback::Busy));
        check_status(429, Hindered(Setback::RateLimited));
        check_status(503, Hindered(Setback::Maintenance));
        for status in [408, 500, 501, 502, 504, 520] {
            check_status(status, Hindered(Setback::ServerError));
        }
        check_code(500, 999, Hindered(Setback::ServerError));
    }

    #[test]
    fn a_request_that_was_too_long_can_be_made_shorter() {
        check_status(413, TooLong);
        check_status(414, TooLong);
    }
}
