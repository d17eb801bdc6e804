//! Tells whether a sync would work, and if not, who can do what about it.
//!
//! Makes a handful of calls that ask for one row each, in the words of the component: what it
//! refuses here it would refuse there. Stops at a refusal of the credentials, as repeated ones lock
//! the account. Stores nothing.

mod judge;
mod probe;
mod user;

use std::io;

use serde::Serialize;

use crate::{
    config,
    guest::{
        Guest, GuestError,
        types::{Dataset, HostId, Qid, Timestamp},
    },
    http::{Client, HttpError},
};
use probe::{Answer, Probe};

/// What one check came to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Check {
    pub check: &'static str,
    pub verdict: Verdict,
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Who has to act on a problem.
    #[serde(skip)]
    pub act: Option<Act>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    Warning,
    Problem,
}

/// Who has to act on a problem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Act {
    /// The user, on the configuration.
    Configure,
    /// Somebody with rights at Qualys.
    Rights,
    /// Whoever runs the network, or nobody but time.
    Wait,
}

/// The examination itself could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    #[error(transparent)]
    Guest(#[from] GuestError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the machine gave no thread to work with")]
    Runtime(#[source] io::Error),
}

/// Hands over each check as soon as it is made.
pub fn examine(
    sync: &config::Sync,
    now: Timestamp,
    told: &mut dyn FnMut(Check),
) -> Result<(), DoctorError> {
    let guest = Guest::embedded()?;
    let client = Client::configured(sync)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(DoctorError::Runtime)?;
    let redaction = client.redaction();
    let probe = Probe::new(client, guest, sync.settings.clone(), now)?;
    let mut told = |check: Check| {
        told(Check {
            message: redaction.hide(&check.message),
            advice: check.advice.map(|advice| redaction.hide(&advice)),
            ..check
        });
    };
    runtime.block_on(checks(sync, probe, &mut told))
}

async fn checks(
    sync: &config::Sync,
    mut probe: Probe,
    told: &mut dyn FnMut(Check),
) -> Result<(), DoctorError> {
    let hosts = probe.first(Dataset::HostIds, &[], &[]).await?;
    told(judge::address(&sync.origin, &sync.username, &hosts));
    if !hosts.is_of_qualys() {
        return Ok(());
    }
    let credentials = judge::credentials(&sync.username, &hosts);
    let is_accepted = credentials.verdict != Verdict::Problem;
    told(credentials);
    if !is_accepted {
        return Ok(());
    }
    told(judge::hosts(&hosts));
    let host = hosts.page.host_ids.first().copied();
    let detections = detections(&mut probe, host, told).await?;
    let mut qids: Vec<Qid> = detections
        .iter()
        .flat_map(Answer::qids)
        .take(SEEN_QIDS)
        .collect();
    qids.push(KNOWN_QID);
    qids.sort_unstable();
    qids.dedup();
    let entries = probe.first(Dataset::KnowledgeBase, &[], &qids).await?;
    told(judge::knowledge_base(&entries));
    if entries.is_delivered() {
        told(judge::cvss(&entries));
    }
    told(judge::asset_groups(
        &probe.first(Dataset::AssetGroups, &[], &[]).await?,
    ));
    told(judge::tags(&probe.first(Dataset::Tags, &[], &[]).await?));
    told(judge::host_assets(
        &probe.first(Dataset::HostAssets, &[], &[]).await?,
    ));
    if probe.wants(Dataset::WebApps)? {
        told(judge::web_apps(
            &probe.first(Dataset::WebApps, &[], &[]).await?,
        ));
    }
    if probe.wants(Dataset::CveScores)? {
        told(judge::scores(&probe.score(KNOWN_CVE).await?));
    }
    probe
        .advice()?
        .into_iter()
        .map(judge::version)
        .for_each(&mut *told);
    told(judge::role(&sync.username, &probe.users().await));
    told(judge::portal(&probe.portal().await));
    told(judge::limits("limits", &probe.limits()));
    if probe.wants(Dataset::AssetView)? {
        gateway(sync, &mut probe, told).await?;
    }
    Ok(())
}

/// The gateway counts for itself and has credentials of its own, so it is asked only where a sync
/// would ask it.
async fn gateway(
    sync: &config::Sync,
    probe: &mut Probe,
    told: &mut dyn FnMut(Check),
) -> Result<(), DoctorError> {
    let token = probe.token().await;
    told(judge::gateway(sync.gateway.as_ref(), &token));
    if token.is_err() {
        return Ok(());
    }
    probe.forget_limits();
    let assets = probe.first(Dataset::AssetView, &[], &[]).await?;
    let is_client = sync.gateway.as_ref().is_some_and(|it| it.client.is_some());
    told(judge::asset_view(&assets, is_client));
    told(judge::limits("gateway limits", &probe.limits()));
    Ok(())
}

/// A scope without hosts has nothing to be asked for.
async fn detections(
    probe: &mut Probe,
    host: Option<HostId>,
    told: &mut dyn FnMut(Check),
) -> Result<Option<Answer>, DoctorError> {
    let Some(host) = host else {
        return Ok(None);
    };
    let answer = probe.first(Dataset::Detections, &[host], &[]).await?;
    told(judge::detections(&answer));
    Ok(Some(answer))
}

impl Check {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            check,
            verdict: Verdict::Ok,
            message,
            advice: None,
            act: None,
        }
    }

    fn warning(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        let (message, advice) = (message.into(), Some(advice.into()));
        Self {
            check,
            verdict: Verdict::Warning,
            message,
            advice,
            act: None,
        }
    }

    fn problem(
        check: &'static str,
        act: Act,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (message, advice) = (message.into(), Some(advice.into()));
        Self {
            check,
            verdict: Verdict::Problem,
            message,
            advice,
            act: Some(act),
        }
    }
}

/// MS17-010: in every subscription, and with CVEs and CVSS scores wherever those are sent.
const KNOWN_QID: Qid = 91_345;
/// One of that.
const KNOWN_CVE: &str = "CVE-2017-0144";
const SEEN_QIDS: usize = 4;
