//! What planning needs to know of an answer, told from its status, its headers and its body.
//!
//! Nothing is decided here: what becomes of the batch is for `plan`.

use crate::contract::ingest::{End, Error};
use crate::contract::plan::{Answer, Ending, Refusal};

pub(super) fn of(status: u16, headers: &[(String, String)], read: Result<End, Error>) -> Answer {
    let answered = Ending::Answered(status);
    let is_success = (200..300).contains(&status);
    let mut answer = Answer {
        ending: answered,
        refusal: None,
        next: None,
    };
    let ending = match read {
        Ok(end) => {
            answer.next = end.next;
            answered
        }
        Err(Error::Refused(refusal)) => {
            answer.refusal = Some(refusal);
            answered
        }
        // By its status it has no body: there is nothing more to tell.
        Err(Error::CutOff(0)) if status == NO_CONTENT => answered,
        Err(Error::CutOff(_)) => Ending::CutOff,
        Err(Error::Malformed(_) | Error::TooLarge(_)) => Ending::Unreadable,
        Err(Error::UnexpectedRoot(_)) => Ending::AnotherDocument,
    };
    if is_success {
        answer.ending = ending;
    } else if let Some(secs) = wait_secs(headers) {
        let refusal = answer.refusal.get_or_insert(Refusal {
            code: None,
            word: None,
            text: String::new(),
            wait_secs: None,
        });
        refusal.wait_secs.get_or_insert(secs);
    }
    answer
}

/// The seconds that the headers ask to wait. Qualys' own one goes before the usual one.
fn wait_secs(headers: &[(String, String)]) -> Option<u32> {
    let of = |wanted: &str| {
        let named = headers.iter();
        let named = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        let mut secs = named.filter_map(|(_, value)| value.trim().parse::<u32>().ok());
        secs.find(|secs| *secs > 0)
    };
    of("x-ratelimit-towait-sec").or_else(|| of("retry-after"))
}

const NO_CONTENT: u16 = 204;

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: Option<u32>, wait_secs: Option<u32>) -> Refusal {
        Refusal {
            code,
            word: None,
            text: String::new(),
            wait_secs,
        }
    }

    #[track_caller]
    fn check(status: u16, read: Error, ending: Ending, said: Option<Refusal>) {
        let headers = [("Retry-After".to_owned(), "30".to_owned())];
        let expected = Answer {
            ending,
            refusal: said,
            next: None,
        };
        assert_eq!(of(status, &headers, Err(read)), expected);
    }

    #[test]
    fn a_body_tells_how_a_success_ended() {
        check(200, Error::CutOff(9), Ending::CutOff, None);
        check(200, Error::Malformed("x".into()), Ending::Unreadable, None);
        check(
            200,
            Error::UnexpectedRoot("html".into()),
            Ending::AnotherDocument,
            None,
        );
        let said = refusal(Some(1965), None);
        let read = Error::Refused(said.clone());
        check(200, read, Ending::Answered(200), Some(said));
    }

    #[test]
    fn no_content_is_no_cut_body() {
        check(204, Error::CutOff(0), Ending::Answered(204), None);
        check(200, Error::CutOff(0), Ending::CutOff, None);
    }

    #[test]
    fn of_any_other_status_the_headers_tell_the_wait_that_the_body_does_not() {
        let page = || Error::UnexpectedRoot("html".into());
        let waits = Some(refusal(None, Some(30)));
        check(503, page(), Ending::Answered(503), waits);
        let body = |wait_secs| Error::Refused(refusal(Some(1965), wait_secs));
        let waits = |secs| Some(refusal(Some(1965), Some(secs)));
        check(409, body(None), Ending::Answered(409), waits(30));
        check(409, body(Some(181)), Ending::Answered(409), waits(181));
    }

    #[test]
    fn qualys_own_header_goes_before_the_usual_one() {
        let headers = |own: &str| {
            let own = ("X-RateLimit-ToWait-Sec".to_owned(), own.to_owned());
            [("retry-after".to_owned(), "30".to_owned()), own]
        };
        assert_eq!(wait_secs(&headers(" 7 ")), Some(7));
        assert_eq!(wait_secs(&headers("0")), Some(30));
        assert_eq!(wait_secs(&headers("soon")), Some(30));
        assert_eq!(wait_secs(&[]), None);
    }
}
