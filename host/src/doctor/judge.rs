//! From what a call brought to what people should know and do. Calls nobody.

mod gateway;

use super::{
    Act, Check,
    probe::{Answer, Document, Outcome},
    user,
};
use crate::{
    config::Origin,
    guest::{pace::Limits, plan::Failure},
    platform::Platform,
};
pub(super) use gateway::{asset_view, gateway};

pub(super) fn address(origin: &Origin, username: &str, answer: &Answer) -> Check {
    let check = "address";
    let at_home = Platform::of_login(username);
    let called = Platform::of_host(origin.host());
    if let Outcome::Silent(why) = &answer.outcome {
        let (why, advice) = why.split_once("; ").unwrap_or((why, "try again later"));
        return Check::problem(check, Act::Wait, why, advice);
    }
    if let (Outcome::Hindered(why), true) = (&answer.outcome, answer.is_out_of_order) {
        let message = format!("`{origin}` is out of order: {why}");
        return Check::problem(
            check,
            Act::Wait,
            message,
            "try again later; Qualys tells of maintenance on its status page",
        );
    }
    if !answer.is_of_qualys() {
        let what = if answer.is_web_page {
            "a web page"
        } else {
            "something"
        };
        let message = format!("`{origin}` answers with {what} that is not Qualys' API");
        let advice = match at_home {
            Some(home) => format!(
                "the login name looks like {0}: pass `--platform {0}`",
                home.name
            ),
            None => "take the address of the API that Qualys shows under Help > About".to_owned(),
        };
        return Check::problem(check, Act::Configure, message, advice);
    }
    match (called, at_home) {
        (Some(called), Some(home)) if called != home => Check::warning(
            check,
            format!(
                "`{origin}` is the API of {}, but the login name looks like {}",
                called.name, home.name
            ),
            format!(
                "if the password is refused, pass `--platform {}`",
                home.name
            ),
        ),
        (Some(called), _) => Check::ok(
            check,
            format!("`{origin}` is the API of platform {}", called.name),
        ),
        (None, _) => Check::ok(
            check,
            format!("`{origin}` answers as the API of Qualys does"),
        ),
    }
}

pub(super) fn credentials(username: &str, answer: &Answer) -> Check {
    let check = "credentials";
    let Outcome::Refused(failure, said) = &answer.outcome else {
        return Check::ok(
            check,
            format!("Qualys accepts the password of `{username}`"),
        );
    };
    let (message, advice) = match failure {
        Failure::Unauthorized => (
            "Qualys does not accept the user name and password",
            "check both before you try again, because repeated failures lock the account; accounts \
             with single sign-on alone have no password for the API",
        ),
        Failure::AccountExpired => (
            "the account has expired",
            "ask your Qualys contact to renew it",
        ),
        Failure::RegistrationIncomplete => (
            "the account may not call the API yet",
            "log in to Qualys once with it and accept the terms, or turn off its second factor",
        ),
        Failure::Forbidden => (
            "the account may not call the API",
            "ask a Qualys manager to tick `API access` for it, and whether addresses are restricted",
        ),
        Failure::NotLicensed
        | Failure::NotAnApi
        | Failure::BadRequest
        | Failure::CursorLoop
        | Failure::OutOfRetries => {
            return Check::ok(check, format!("Qualys knows `{username}`"));
        }
    };
    Check::problem(check, Act::Rights, with(message, said.as_ref()), advice)
}

pub(super) fn hosts(answer: &Answer) -> Check {
    let check = "hosts";
    if let Some(check) = undelivered(check, "the host list", answer) {
        return check;
    }
    match answer.page.host_ids.len() {
        0 => Check::warning(
            check,
            "the account sees no host",
            "ask a Qualys manager to assign asset groups or tags to it; Qualys shows less to whom \
             it allows less, without a word",
        ),
        _ if answer.has_more => Check::ok(check, "the account sees hosts"),
        _ => Check::ok(check, "the account sees one host"),
    }
}

pub(super) fn detections(answer: &Answer) -> Check {
    let check = "detections";
    if let Some(check) = undelivered(check, "the detections", answer) {
        return check;
    }
    let findings = || answer.page.hosts.iter().flat_map(|host| &host.findings);
    let n_scored = findings().filter(|finding| finding.qds.is_some()).count();
    match (findings().count(), n_scored) {
        (0, _) => Check::ok(
            check,
            "the account may read detections; the first host has none",
        ),
        (_, 0) => Check::ok(check, "the account may read detections; they carry no QDS"),
        _ => Check::ok(check, "the account may read detections, with QDS"),
    }
}

pub(super) fn knowledge_base(answer: &Answer) -> Check {
    let check = "knowledge base";
    let advice = "ask Qualys Support or your Technical Account Manager to switch on the download \
                  of the knowledge base by API for the subscription";
    match &answer.outcome {
        Outcome::Refused(Failure::Forbidden | Failure::NotLicensed, said) => {
            let message = with("the account may not read the knowledge base", said.as_ref());
            Check::problem(check, Act::Rights, message, advice)
        }
        Outcome::Delivered if answer.page.vulnerabilities.is_empty() => {
            Check::warning(check, "the knowledge base brings no entries", advice)
        }
        _ => undelivered(check, "the knowledge base", answer)
            .unwrap_or_else(|| Check::ok(check, "the account may read the knowledge base")),
    }
}

pub(super) fn cvss(entries: &Answer) -> Check {
    let check = "cvss";
    let entries = &entries.page.vulnerabilities;
    if entries.iter().any(|entry| !entry.cvss.is_empty()) {
        return Check::ok(check, "CVSS scores are sent");
    }
    let advice = "ask a Qualys manager to enable CVSS scoring under Reports > Setup > CVSS Scoring";
    if entries.iter().any(|entry| !entry.cves.is_empty()) {
        Check::warning(
            check,
            "CVSS scoring is switched off in the subscription",
            advice,
        )
    } else {
        Check::warning(check, "whether CVSS scores are sent cannot be told", advice)
    }
}

pub(super) fn asset_groups(answer: &Answer) -> Check {
    let check = "asset groups";
    undelivered(check, "the asset groups", answer)
        .unwrap_or_else(|| Check::ok(check, "the account may read asset groups"))
}

/// A sync does without them, so this is no problem.
pub(super) fn tags(answer: &Answer) -> Check {
    module("tags", "the tags", answer)
}

/// Software and open ports.
pub(super) fn host_assets(answer: &Answer) -> Check {
    module("host assets", "the host assets", answer)
}

pub(super) fn web_apps(answer: &Answer) -> Check {
    module("web applications", "the web applications", answer)
}

pub(super) fn scores(answer: &Answer) -> Check {
    module("cve scores", "the scores of CVEs", answer)
}

/// A version that works, but not for long; the advice is behind the semicolon.
pub(super) fn version(said: String) -> Check {
    match said.split_once("; ") {
        Some((message, advice)) => Check::warning("versions", message, advice),
        None => Check::warning("versions", said, ""),
    }
}

/// A module that a sync does without.
fn module(check: &'static str, what: &str, answer: &Answer) -> Check {
    let why = match &answer.outcome {
        Outcome::Delivered => {
            return Check::ok(check, format!("the account may read {what}"));
        }
        Outcome::Refused(Failure::NotLicensed, _) => "the subscription does not include them",
        Outcome::Refused(Failure::NotAnApi, _) => "this platform does not serve them",
        Outcome::Refused(..) => "the account has no right to them",
        Outcome::Hindered(why) | Outcome::Silent(why) => why,
    };
    let advice = "a sync leaves them out and says so; ask a Qualys manager to allow `API access` \
                  and the module for the account";
    Check::warning(check, format!("{what} cannot be read: {why}"), advice)
}

pub(super) fn role(username: &str, users: &Document) -> Check {
    let check = "role";
    let known = match users {
        Document::Text(list) => user::find(list, username),
        Document::Refused(_) | Document::Silent(_) => None,
    };
    let Some(user) = known else {
        return Check::warning(
            check,
            "role and scope of the account cannot be told",
            "compare the number of hosts after a sync with the one that Qualys shows",
        );
    };
    let roles = user.roles.join(", ");
    let is_manager = user
        .roles
        .iter()
        .any(|role| role.eq_ignore_ascii_case("manager"));
    if !user.tags.is_empty() {
        let message = format!("{roles}, limited to the tags {}", user.tags.join(", "));
        let advice =
            "hosts outside of these tags are left out; ask a Qualys manager if you need them";
        Check::warning(check, message, advice)
    } else if is_manager {
        Check::ok(
            check,
            format!("{roles}, with all hosts of the subscription"),
        )
    } else {
        let advice = "only hosts that are assigned to the account are synced";
        Check::warning(check, format!("the role is {roles}"), advice)
    }
}

pub(super) fn portal(version: &Document) -> Check {
    let check = "portal";
    match version {
        Document::Text(text) if text.contains("SUCCESS") => {
            Check::ok(check, "the account may call the portal's API")
        }
        _ => Check::warning(
            check,
            "the account may not call the portal's API, which brings more than hosts and detections",
            "nothing that is synced today needs it; a Qualys manager can allow it",
        ),
    }
}

pub(super) fn limits(check: &'static str, limits: &Limits) -> Check {
    let (Some(left), Some(allowed)) = (limits.calls_left, limits.calls_allowed) else {
        return Check::ok(check, "Qualys tells no limits");
    };
    let window = match limits.window_secs {
        Some(3_600) | None => "an hour".to_owned(),
        Some(86_400) => "a day".to_owned(),
        Some(secs) => format!("in {secs} s"),
    };
    let at_once = limits
        .concurrent
        .map(|n| format!(", {n} at once"))
        .unwrap_or_default();
    let message = format!("{left} of {allowed} calls {window} are left{at_once}");
    if left < allowed / 10 {
        let advice =
            "a sync waits for more; see which other tools call Qualys for this subscription";
        Check::warning(check, message, advice)
    } else {
        Check::ok(check, message)
    }
}

/// What keeps a list from being delivered; `None` when it was.
fn undelivered(check: &'static str, list: &str, answer: &Answer) -> Option<Check> {
    Some(match &answer.outcome {
        Outcome::Delivered => return None,
        Outcome::Refused(Failure::Forbidden, said) => Check::problem(
            check,
            Act::Rights,
            with(&format!("the account may not read {list}"), said.as_ref()),
            "ask a Qualys manager for a role that may: Manager, Unit Manager, Scanner or Reader",
        ),
        Outcome::Refused(Failure::NotLicensed, said) => Check::problem(
            check,
            Act::Rights,
            with(
                &format!("the subscription does not include {list}"),
                said.as_ref(),
            ),
            "ask your Qualys contact which modules it has",
        ),
        Outcome::Refused(Failure::BadRequest, said) => Check::problem(
            check,
            Act::Configure,
            with(
                &format!("Qualys does not accept how {list} is asked for"),
                said.as_ref(),
            ),
            "set `trurisk = false` under `[settings]` if the edition has no TruRisk, or a lower \
             version under `[settings.api]`",
        ),
        Outcome::Refused(_, said) => Check::problem(
            check,
            Act::Rights,
            with(&format!("Qualys refuses {list}"), said.as_ref()),
            "ask a Qualys manager what the account may do",
        ),
        Outcome::Hindered(why) | Outcome::Silent(why) => {
            let message = format!("{list} cannot be had just now: {why}");
            Check::warning(check, message, "a sync waits for it; try again later")
        }
    })
}

fn with(message: &str, said: Option<&String>) -> String {
    match said.filter(|said| !said.is_empty()) {
        Some(said) => format!("{message}; it says: {said}"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
