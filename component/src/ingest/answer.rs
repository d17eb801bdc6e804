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

/// What is wrong with an answer, in words for people; after a semicolon, what to do.
pub fn explain(error: &Error) -> String {
    match error {
        Error::CutOff(0) => "the answer is empty; ask for it again".to_owned(),
        Error::CutOff(after) => {
            format!("the answer was cut off after {after} bytes; ask for it again")
        }
        Error::Malformed(what) | Error::TooLarge(what) => {
            format!("the answer cannot be read: {what}; ask for it again")
        }
        Error::UnexpectedRoot(root) => format!(
            "the answer is a `{root}` document; read it as the dataset that it is, or look at the \
             address that was asked"
        ),
        Error::Refused(refusal) => {
            let code = refusal.code.map(|code| code.to_string());
            let code = code.or_else(|| refusal.word.clone());
            let code = code.map_or(String::new(), |code| format!(" with code {code}"));
            let wait = match refusal.wait_secs {
                Some(secs) => format!("; ask again in {secs} s"),
                None => String::new(),
            };
            format!("Qualys refused{code}: {}{wait}", refusal.text)
        }
    }
}

/// The seconds that the headers ask to wait. Qualys' own one goes before the usual one.
pub fn wait_secs(headers: &[(String, String)]) -> Option<u32> {
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
    fn people_are_told_how_far_it_came_and_what_to_do() {
        let check = |error, expected: &str| assert_eq!(explain(&error), expected);
        check(
            Error::CutOff(120),
            "the answer was cut off after 120 bytes; ask for it again",
        );
        check(
            Error::UnexpectedRoot("HOST_LIST_OUTPUT".into()),
            "the answer is a `HOST_LIST_OUTPUT` document; read it as the dataset that it is, or \
             look at the address that was asked",
        );
        let mut said = refusal(Some(1965), Some(181));
        said.text = "too many calls".into();
        check(
            Error::Refused(said),
            "Qualys refused with code 1965: too many calls; ask again in 181 s",
        );
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
