//! One call: the request that the component planned, its answer through a reader, the records out
//! while they come in. Whether the answer is good is for the component to say.

use std::cell::RefCell;

use qonduit_component::contract::ingest::{End, Error, Page};
use qonduit_component::contract::plan::{Answer, Body, Ending, Refusal, Request, Service};
use qonduit_component::contract::types::Dataset;
use qonduit_component::ingest::Reader;

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
        let mut fetched = Fetched::of(Ending::Answered(reply.status));
        fetched.headers = std::mem::take(&mut reply.headers);
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
        let (ending, trouble) = self.told(read, reply.status, until, &mut fetched);
        if is_success {
            fetched.answer.ending = ending;
        }
        let said = fetched.answer.refusal.as_ref().map(said);
        let status = (!is_success).then(|| format!("HTTP status {}", reply.status));
        let words = status
            .into_iter()
            .chain(said)
            .chain(trouble.filter(|_| is_success));
        let words: Vec<String> = words.collect();
        fetched.trouble = (!words.is_empty()).then(|| self.credentials.hide(&words.join(", ")));
        if !is_success {
            fetched.add_wait();
        }
        Ok(fetched)
    }

    fn told(
        &self,
        read: Read,
        status: u16,
        until: u64,
        fetched: &mut Fetched,
    ) -> (Ending, Option<String>) {
        let answered = Ending::Answered(status);
        match read {
            Read::Whole(Ok(end)) => {
                fetched.answer.next.clone_from(&end.next);
                fetched.end = Some(end);
                (answered, None)
            }
            Read::Whole(Err(Error::Refused(refusal))) => {
                fetched.answer.refusal = Some(refusal);
                (answered, None)
            }
            // By its status it has no body: there is nothing more to tell.
            Read::Whole(Err(Error::CutOff(0))) if status == 204 => (answered, None),
            Read::Whole(Err(Error::CutOff(after))) => {
                let trouble = format!("the answer was cut off after {after} bytes");
                (Ending::CutOff, Some(trouble))
            }
            Read::Whole(Err(Error::Malformed(what) | Error::TooLarge(what))) => {
                let trouble = format!("the answer cannot be read: {what}");
                (Ending::Unreadable, Some(trouble))
            }
            Read::Whole(Err(Error::UnexpectedRoot(root))) => {
                let trouble = format!("the answer is a `{root}` document");
                (Ending::AnotherDocument, Some(trouble))
            }
            Read::Broken(Broken::Cut(why)) => {
                let trouble = format!("the answer broke off: {why}");
                (Ending::CutOff, Some(trouble))
            }
            Read::Broken(Broken::TimedOut) => {
                fetched.is_late = self.world.ticks() >= until;
                (
                    Ending::TimedOut,
                    Some("the answer took too long".to_owned()),
                )
            }
        }
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
            fetched.headers = std::mem::take(&mut reply.headers);
            fetched.add_wait();
            fetched.headers.clear();
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

    /// The wait that the headers name, where the body names none.
    fn add_wait(&mut self) {
        // Qualys' own header goes before the usual one.
        let of = |wanted: &str| {
            let named = self.headers.iter().filter(|(name, _)| name == wanted);
            let mut secs = named.filter_map(|(_, value)| value.trim().parse::<u32>().ok());
            secs.find(|secs| *secs > 0)
        };
        let secs = of("x-ratelimit-towait-sec").or_else(|| of("retry-after"));
        if secs.is_some() {
            let refusal = self.answer.refusal.get_or_insert(Refusal {
                code: None,
                word: None,
                text: String::new(),
                wait_secs: None,
            });
            refusal.wait_secs = refusal.wait_secs.or(secs);
        }
    }
}

fn said(refusal: &Refusal) -> String {
    let text = &refusal.text;
    match (refusal.code, &refusal.word) {
        (Some(code), _) => format!("Qualys refused with code {code}: {text}"),
        (None, Some(word)) => format!("Qualys refused with code {word}: {text}"),
        (None, None) => format!("Qualys refused: {text}"),
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
/// Who calls; some proxies answer nobody who does not say.
const PRODUCT: &str = concat!("qonduit/", env!("CARGO_PKG_VERSION"));
const LONGEST_TOKEN: usize = 256 << 10;
