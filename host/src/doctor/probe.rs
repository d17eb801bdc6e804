//! Single calls, planned by the component and made as small as they can be.

use super::DoctorError;
use crate::{
    guest::{
        Guest, Instance,
        ingest::{Error as ReadError, Page},
        pace::{Limits, Signs},
        plan::{self, Ending, Facts, Failure, Fate, Refusal},
        types::{Dataset, HostId, Qid, Timestamp},
    },
    http::{Client, HttpError, Response},
};

pub(super) struct Probe {
    client: Client,
    guest: Guest,
    plan: Instance,
    settings: String,
    now: Timestamp,
    limits: Limits,
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Answer {
    /// The first records of the answer.
    pub(super) page: Page,
    pub(super) outcome: Outcome,
    /// There are more than were asked for.
    pub(super) has_more: bool,
    /// With a status of success, where an error would be another matter.
    pub(super) is_web_page: bool,
    /// Qualys, or what stands before it, is out of order.
    pub(super) is_out_of_order: bool,
}

#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Delivered,
    /// For good, with the words of Qualys.
    Refused(Failure, Option<String>),
    /// For now.
    Hindered(String),
    /// Nobody answered.
    Silent(String),
}

/// A document outside of the contract, as text.
#[derive(Debug, PartialEq)]
pub(super) enum Document {
    Text(String),
    Refused(u16),
    Silent(String),
}

impl Probe {
    pub(super) fn new(
        client: Client,
        guest: Guest,
        settings: String,
        now: Timestamp,
    ) -> Result<Self, DoctorError> {
        let plan = guest.instantiate()?;
        Ok(Self {
            client,
            guest,
            plan,
            settings,
            now,
            limits: Limits::default(),
        })
    }

    /// The first rows of a list: one, or those of the given ids.
    pub(super) async fn first(
        &mut self,
        dataset: Dataset,
        hosts: &[HostId],
        qids: &[Qid],
    ) -> Result<Answer, DoctorError> {
        self.ask(dataset, hosts, qids, None).await
    }

    /// The score of a CVE.
    pub(super) async fn score(&mut self, cve: &str) -> Result<Answer, DoctorError> {
        self.ask(Dataset::CveScores, &[], &[], Some(cve)).await
    }

    async fn ask(
        &mut self,
        dataset: Dataset,
        hosts: &[HostId],
        qids: &[Qid],
        cve: Option<&str>,
    ) -> Result<Answer, DoctorError> {
        let facts = Facts {
            hosts: hosts.to_vec(),
            unknown_qids: qids.to_vec(),
            window: plan::Window::Full,
            watermark: None,
            // So that what stands in for it is looked at, too.
            left_out: vec![Dataset::AssetView],
            unknown_cves: cve.map(str::to_owned).into_iter().collect(),
            known_cves: Vec::new(),
        };
        let batches = self.plan.stage(&self.settings, dataset, &facts)?;
        let mut batch = batches.into_iter().next().expect("one row is asked for");
        if hosts.is_empty() && qids.is_empty() {
            batch.page_size = 1;
        }
        let request = self.plan.ask(&self.settings, &batch)?;
        let mut page = Page::default();
        let sent = self.client.ask(&request, self.now).await;
        let mut response = match sent {
            Ok(response) => response,
            Err(error) => {
                let outcome = Outcome::Silent(error.to_string());
                return Ok(Answer {
                    page,
                    outcome,
                    has_more: false,
                    is_web_page: false,
                    is_out_of_order: false,
                });
            }
        };
        let status = response.status;
        let is_success = (200..300).contains(&status);
        let body = beginning(&mut response).await;
        let mut reader = self.guest.reader(dataset, &self.settings)?;
        let read = match reader.push(body.bytes())? {
            Ok(first) => {
                page = first;
                if body.is_whole() {
                    reader.finish()?.map(|end| end.next)
                } else {
                    Ok(None)
                }
            }
            Err(error) => Err(error),
        };
        let is_empty = body.bytes().is_empty() && status == NO_CONTENT;
        let read = if is_empty { Ok(None) } else { read };
        let (ending, refusal, next, trouble) = match read {
            Ok(next) => (Ending::Answered(status), None, next, None),
            Err(ReadError::Refused(refusal)) => {
                (Ending::Answered(status), Some(refusal), None, None)
            }
            Err(error) => (ending_of(&error), None, None, Some(words(&error))),
        };
        let ending = if is_success {
            ending
        } else {
            Ending::Answered(status)
        };
        let signs = Signs {
            headers: response.headers.clone(),
            refusal: refusal.clone(),
            begun: self.now,
        };
        // The limits of the lists; those of the portal are its own.
        if self.plan.api(dataset)? != PORTAL {
            self.limits = self
                .plan
                // A call ends after it has begun, by whatever clock.
                .observe(&self.settings, &self.limits, &signs, self.now + 1)?;
        }
        let said = refusal.as_ref().map(said);
        let answer = plan::Answer {
            ending,
            refusal,
            next: next.clone(),
        };
        let fate = self
            .plan
            .after(&self.settings, &batch, &answer, self.now)?
            .fate;
        let outcome = match fate {
            Fate::Done => Outcome::Delivered,
            Fate::Failed(failure) | Fate::LeftOut(failure) => Outcome::Refused(failure, said),
            Fate::Split | Fate::AgainAt(_) | Fate::Skipped(_) => {
                let status = || format!("it answered with HTTP status {status}");
                let trouble = trouble.filter(|_| is_success);
                Outcome::Hindered(said.or(trouble).unwrap_or_else(status))
            }
        };
        let is_web_page = is_success && body.is_web_page();
        let is_out_of_order = status >= 500;
        Ok(Answer {
            page,
            outcome,
            has_more: next.is_some(),
            is_web_page,
            is_out_of_order,
        })
    }

    /// Users of the subscription with roles and tag scope, as far as the account may see them.
    pub(super) async fn users(&self) -> Document {
        let body = plan::Body::Document(plan::Document {
            content_type: "text/xml".to_owned(),
            text: "<ServiceRequest></ServiceRequest>".to_owned(),
        });
        let path = "/qps/rest/2.0/search/am/user/";
        document(self.client.post(path, &body, "application/xml").await).await
    }

    /// Versions of the modules.
    pub(super) async fn portal(&self) -> Document {
        document(self.client.get("/qps/rest/portal/version").await).await
    }

    /// Whether a sync would ask for the dataset.
    pub(super) fn wants(&mut self, dataset: Dataset) -> Result<bool, DoctorError> {
        Ok(self.plan.stages(&self.settings)?.contains(&dataset))
    }

    /// Versions of APIs that Qualys has retired, each in a sentence.
    pub(super) fn advice(&mut self) -> Result<Vec<String>, DoctorError> {
        Ok(self.plan.advise(&self.settings)?)
    }

    /// Whether the gateway gives a token.
    pub(super) async fn token(&self) -> Result<(), HttpError> {
        self.client.has_token(self.now).await
    }

    /// From here on, another API is asked.
    pub(super) fn forget_limits(&mut self) {
        self.limits = Limits::default();
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits.clone()
    }
}

impl Answer {
    pub(super) fn is_delivered(&self) -> bool {
        self.outcome == Outcome::Delivered
    }

    /// Whether it was Qualys' API that answered, kindly or not.
    pub(super) fn is_of_qualys(&self) -> bool {
        let is_another = matches!(self.outcome, Outcome::Refused(Failure::NotAnApi, _));
        let is_silent = matches!(self.outcome, Outcome::Silent(_));
        !(self.is_web_page || self.is_out_of_order || is_another || is_silent)
    }

    /// QIDs of vulnerabilities that were seen.
    pub(super) fn qids(&self) -> impl Iterator<Item = Qid> {
        use crate::guest::types::Certainty;

        let findings = self.page.hosts.iter().flat_map(|host| &host.findings);
        findings
            .filter(|it| it.certainty == Certainty::Confirmed)
            .map(|it| it.qid)
    }
}

/// As much of a body as is read.
enum Beginning {
    Whole(Vec<u8>),
    Cut(Vec<u8>),
}

impl Beginning {
    fn bytes(&self) -> &[u8] {
        let (Self::Whole(bytes) | Self::Cut(bytes)) = self;
        bytes
    }

    fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// The user interface answers an API call with its login page.
    fn is_web_page(&self) -> bool {
        let start: Vec<u8> = self
            .bytes()
            .trim_ascii_start()
            .iter()
            .take(14)
            .copied()
            .collect();
        let start = start.to_ascii_lowercase();
        start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
    }
}

/// The host of a probe may have thousands of findings; the first tell enough.
async fn beginning(response: &mut Response) -> Beginning {
    let mut bytes = Vec::new();
    loop {
        match response.read_into(&mut bytes).await {
            Ok(true) if bytes.len() < ENOUGH => {}
            Ok(false) => return Beginning::Whole(bytes),
            Ok(true) | Err(_) => return Beginning::Cut(bytes),
        }
    }
}

async fn document(sent: Result<Response, HttpError>) -> Document {
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => return Document::Silent(error.to_string()),
    };
    let body = beginning(&mut response).await;
    match response.status {
        200..300 => Document::Text(String::from_utf8_lossy(body.bytes()).into_owned()),
        status => Document::Refused(status),
    }
}

fn ending_of(error: &ReadError) -> Ending {
    match error {
        ReadError::UnexpectedRoot(_) => Ending::AnotherDocument,
        ReadError::CutOff(_) => Ending::CutOff,
        ReadError::Malformed(_) | ReadError::TooLarge(_) | ReadError::Refused(_) => {
            Ending::Unreadable
        }
    }
}

fn words(error: &ReadError) -> String {
    match error {
        ReadError::UnexpectedRoot(root) => format!("it answered with a `{root}` document"),
        ReadError::CutOff(bytes) => format!("its answer was cut off after {bytes} bytes"),
        ReadError::Malformed(why) | ReadError::TooLarge(why) => {
            format!("its answer cannot be read: {why}")
        }
        ReadError::Refused(refusal) => said(refusal),
    }
}

fn said(refusal: &Refusal) -> String {
    let text = refusal.text.trim();
    match (refusal.code, &refusal.word) {
        (Some(code), _) => format!("{text} (code {code})"),
        (None, Some(word)) => format!("{text} (code {word})"),
        (None, None) => text.to_owned(),
    }
}

/// The word of `pace.api` for it.
const PORTAL: &str = "portal";
const NO_CONTENT: u16 = 204;
const ENOUGH: usize = 4 << 20;
