//! One call: the request that the component planned, its answer through a reader, the records out
//! while they come in. Whether the answer is good is for the component to say.

use std::cell::RefCell;

use qonduit_component::contract::ingest::{End, Error, Page};
use qonduit_component::contract::plan::{Answer, Body, Ending, Refusal, Request, Service};
use qonduit_component::contract::types::Dataset;
use qonduit_component::ingest::{Reader, wait_secs};

use super::{credentials::Credentials, document::Origin};
use crate::{
    query,
    world::{Broken, Call, Gone, NoReply, World},
};

/// Who is asked, and as whom.
pub(super) struct Client<'a> {
    pub(super) world: &'a dyn World,
    pub(super) api: Origin,
    pub(super) gateway: Option<Origin>,
    pub(super) credentials: Credentials,
    /// Of the gateway, once it was given.
    pub(super) token: RefCell<Option<String>>,
}

/// What came of a call.
pub(super) struct Fetched {
    pub(super) answer: Answer,
    pub(super) headers: Vec<(String, String)>,
    pub(super) end: Option<End>,
    /// What went wrong on the way, for people.
    pub(super) trouble: Option<String>,
    /// Whether the time ran out in which it had to be over.
    pub(super) is_late: bool,
}

impl Client<'_> {
    /// Carries out a request, and hands each page over as it comes.
    pub(super) fn fetch(
        &self,
        dataset: Dataset,
        settings: &str,
        request: &Request,
        until: u64,
        mut take: impl FnMut(Page) -> Result<(), Gone>,
    ) -> Result<Fetched, Gone> {
        let call = match self.call(request, until) {
            Ok(call) => call,
            Err(fetched) => return Ok(*fetched),
        };
        let mut reply = match self.world.send(&call, until) {
            Ok(reply) => reply,
            Err(why) => return Ok(self.unanswered(&why, until)),
        };
        let is_success = (200..300).contains(&reply.status);
        let mut reader = Reader::new(dataset, settings);
        let read = loop {
            let chunk = match reply.body.read() {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break Read::Whole(reader.finish()),
                Err(broken) => break Read::Broken(broken),
            };
            match reader.push(&chunk) {
                // The body of any other answer is read for what it says of itself.
                Ok(page) if is_success => take(page)?,
                Ok(_) => {}
                Err(error) => break Read::Whole(Err(error)),
            }
        };
        let mut answer = reader.answer(reply.status, &reply.headers);
        if let (Read::Broken(broken), true) = (&read, is_success) {
            answer.ending = match broken {
                Broken::Cut(_) => Ending::CutOff,
                Broken::TimedOut => Ending::TimedOut,
            };
        }
        let trouble = trouble(&read, reply.status, &answer);
        Ok(Fetched {
            answer,
            headers: reply.headers,
            trouble: trouble.map(|words| self.credentials.hide(&words)),
            is_late: matches!(read, Read::Broken(Broken::TimedOut)) && self.world.ticks() >= until,
            end: match read {
                Read::Whole(end) => end.ok(),
                Read::Broken(_) => None,
            },
        })
    }

    /// The call of a request, or what came in place of a token for it.
    fn call(&self, request: &Request, until: u64) -> Result<Call, Box<Fetched>> {
        let (origin, authorization) = match (request.service, &self.gateway) {
            (Service::Api, _) => (&self.api, self.credentials.header().map(str::to_owned)),
            (Service::Gateway, None) => return Err(Box::new(Fetched::of(Ending::NoService))),
            (Service::Gateway, Some(gateway)) => (gateway, self.token(gateway, until)?),
        };
        let (content_type, body) = match &request.body {
            Body::Form(form) => (FORM, query::write(form)),
            Body::Document(document) => (&*document.content_type, document.text.clone()),
        };
        let mut path = request.path.clone();
        if !request.query.is_empty() {
            path = format!("{path}?{}", query::write(&request.query));
        }
        let authorization = authorization.map(|value| ("authorization", value));
        let headers = [
            ("accept", request.accept.clone()),
            ("content-type", content_type.to_owned()),
            // Without it Qualys refuses the call; its text shows up in Qualys' logs.
            ("x-requested-with", PRODUCT.to_owned()),
            ("user-agent", PRODUCT.to_owned()),
        ];
        let headers = headers.into_iter().chain(authorization);
        Ok(Call {
            is_secure: origin.is_secure,
            authority: origin.authority.clone(),
            path,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            body: body.into_bytes(),
        })
    }

    /// What a call to the gateway goes with: a token, which it gives for name and password.
    fn token(&self, gateway: &Origin, until: u64) -> Result<Option<String>, Box<Fetched>> {
        let Some((username, password)) = self.credentials.account() else {
            return Ok(self.credentials.header().map(str::to_owned));
        };
        if let Some(token) = &*self.token.borrow() {
            return Ok(Some(token.clone()));
        }
        let form = [
            ("username", username),
            ("password", password),
            ("token", "true".to_owned()),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value));
        let headers = [
            ("content-type", FORM),
            ("x-requested-with", PRODUCT),
            ("accept", "*/*"),
        ];
        let call = Call {
            is_secure: gateway.is_secure,
            authority: gateway.authority.clone(),
            path: "/auth".to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: query::write(&form).into_bytes(),
        };
        let mut reply = match self.world.send(&call, until) {
            Ok(reply) => reply,
            Err(why) => return Err(Box::new(self.unanswered(&why, until))),
        };
        let mut text = Vec::new();
        while let Ok(Some(chunk)) = reply.body.read() {
            text.extend_from_slice(&chunk);
            if text.len() > LONGEST_TOKEN {
                break;
            }
        }
        if !(200..300).contains(&reply.status) {
            // Without a token there is no call; what keeps the one keeps the other.
            let mut fetched = Fetched::of(Ending::Answered(reply.status));
            fetched.trouble = Some(format!(
                "the gateway gives no token: HTTP status {}",
                reply.status
            ));
            fetched.answer.refusal = wait_secs(&reply.headers).map(|secs| Refusal {
                code: None,
                word: None,
                text: String::new(),
                wait_secs: Some(secs),
            });
            return Err(Box::new(fetched));
        }
        let text = String::from_utf8(text).unwrap_or_default();
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte);
        let text = text.trim();
        if text.split('.').count() != 3 || !text.bytes().all(is_letter) {
            let mut fetched = Fetched::of(Ending::AnotherDocument);
            fetched.trouble = Some("what the gateway gives is no token".to_owned());
            return Err(Box::new(fetched));
        }
        let token = format!("Bearer {text}");
        *self.token.borrow_mut() = Some(token.clone());
        Ok(Some(token))
    }

    fn unanswered(&self, why: &NoReply, until: u64) -> Fetched {
        let (ending, trouble) = match why {
            NoReply::Unreachable(why) => (Ending::Unreachable, format!("no connection: {why}")),
            NoReply::TimedOut => (Ending::TimedOut, "no answer came in time".to_owned()),
        };
        let mut fetched = Fetched::of(ending);
        fetched.trouble = Some(self.credentials.hide(&trouble));
        fetched.is_late = *why == NoReply::TimedOut && self.world.ticks() >= until;
        fetched
    }
}

/// How the body came to its end.
enum Read {
    Whole(Result<End, Error>),
    Broken(Broken),
}

/// What went wrong with an answer, for people.
fn trouble(read: &Read, status: u16, answer: &Answer) -> Option<String> {
    let said = answer.refusal.as_ref().and_then(said);
    if !(200..300).contains(&status) {
        let status = format!("HTTP status {status}");
        return Some(said.map_or(status.clone(), |said| format!("{status}, {said}")));
    }
    match read {
        Read::Whole(Ok(_) | Err(Error::Refused(_))) => said,
        // By its status it has no body: there is nothing more to tell.
        Read::Whole(Err(Error::CutOff(0))) if status == 204 => None,
        Read::Whole(Err(Error::CutOff(after))) => {
            Some(format!("the answer was cut off after {after} bytes"))
        }
        Read::Whole(Err(Error::Malformed(what) | Error::TooLarge(what))) => {
            Some(format!("the answer cannot be read: {what}"))
        }
        Read::Whole(Err(Error::UnexpectedRoot(root))) => {
            Some(format!("the answer is a `{root}` document"))
        }
        Read::Broken(Broken::Cut(why)) => Some(format!("the answer broke off: {why}")),
        Read::Broken(Broken::TimedOut) => Some("the answer took too long".to_owned()),
    }
}

impl Fetched {
    fn of(ending: Ending) -> Self {
        Self {
            answer: Answer {
                ending,
                refusal: None,
                next: None,
            },
            headers: Vec::new(),
            end: None,
            trouble: None,
            is_late: false,
        }
    }
}

/// In words. A refusal that holds nothing but a wait was told by the headers alone.
fn said(refusal: &Refusal) -> Option<String> {
    let text = &refusal.text;
    match (refusal.code, &refusal.word) {
        (Some(code), _) => Some(format!("Qualys refused with code {code}: {text}")),
        (None, Some(word)) => Some(format!("Qualys refused with code {word}: {text}")),
        (None, None) if text.is_empty() => None,
        (None, None) => Some(format!("Qualys refused: {text}")),
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
/// Who calls; some proxies answer nobody who does not say.
const PRODUCT: &str = concat!("qonduit/", env!("CARGO_PKG_VERSION"));
const LONGEST_TOKEN: usize = 256 << 10;
