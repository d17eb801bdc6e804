//! The gateway and what it serves: what people should know and do. Calls nobody.
//!
//! A sync does without the gateway, so nothing here is a problem.

use crate::{
    config::Gateway,
    doctor::{
        Check,
        probe::{Answer, Outcome},
    },
    guest::plan::Failure,
    http::HttpError,
};

/// Whether it gives a token. The token itself is never told.
pub(in crate::doctor) fn gateway(
    gateway: Option<&Gateway>,
    token: &Result<(), HttpError>,
) -> Check {
    let check = "gateway";
    let error = match (token, gateway) {
        (Ok(()), Some(gateway)) => {
            let whom = match &gateway.client {
                Some(client) => format!("the API client `{}`", client.id),
                None => "the account".to_owned(),
            };
            let message = format!("`{}` gives {whom} a token", gateway.origin);
            return Check::ok(check, message);
        }
        (Ok(()), None) => return Check::ok(check, "the gateway gives a token"),
        (Err(error), _) => error,
    };
    let said = error.to_string();
    let (message, advice) = said.split_once("; ").unwrap_or((&said, "try again later"));
    let advice = match error {
        HttpError::NoToken { status: 401, .. } => {
            "check the user name and password, or `client_id`, its secret and `client_level`, before \
             you try again; accounts with single sign-on alone get no token for a password"
        }
        HttpError::Unreachable { .. } | HttpError::TimedOut { .. } => {
            "check that the network and the proxy let this address through, too"
        }
        _ => advice,
    };
    Check::warning(check, message, advice)
}

/// Whether Global AssetView may be read, by an API client or by the account.
pub(in crate::doctor) fn asset_view(answer: &Answer, is_client: bool) -> Check {
    let check = "asset view";
    let (why, said) = match &answer.outcome {
        Outcome::Delivered if answer.page.inventories.is_empty() => {
            return Check::ok(check, "Global AssetView may be read");
        }
        Outcome::Delivered => {
            return Check::ok(check, "Global AssetView may be read, and tells of software");
        }
        Outcome::Refused(Failure::NotAnApi, said) => ("the gateway does not serve it", said),
        Outcome::Refused(Failure::NotLicensed, said) => {
            ("the subscription does not include it", said)
        }
        Outcome::Refused(_, said) => ("the token gives no right to it", said),
        Outcome::Hindered(why) | Outcome::Silent(why) => {
            let message = format!("Global AssetView cannot be had just now: {why}");
            return Check::warning(check, message, "a sync waits for it; try again later");
        }
    };
    let said = said.as_ref().filter(|said| !said.is_empty());
    let said = said.map(|said| format!("; it says: {said}"));
    let advice = if is_client {
        "it does not accept every API client: leave `client_id` out to use the account, or ask your \
         Qualys contact; a sync leaves it out and says so"
    } else {
        "ask your Qualys contact whether the subscription includes it, and a Qualys manager to \
         allow it for the account; a sync leaves it out and says so"
    };
    let message = format!(
        "Global AssetView cannot be read: {why}{}",
        said.unwrap_or_default()
    );
    Check::warning(check, message, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Origin, doctor::Verdict};

    fn origin() -> Origin {
        let (origin, _) = Origin::parse_gateway("https://gateway.example.net").expect("an origin");
        origin
    }

    #[track_caller]
    fn check(error: HttpError, message: &str, advice: &str) {
        let check = gateway(None, &Err(error));
        assert_eq!(check.verdict, Verdict::Warning);
        assert_eq!(check.message, message);
        let told = check.advice.unwrap_or_default();
        assert!(told.starts_with(advice), "{told}");
    }

    #[test]
    fn a_gateway_that_gives_no_token_has_its_reason() {
        let no_token = |status| HttpError::NoToken {
            origin: origin(),
            status,
            wait_secs: None,
        };
        check(
            no_token(401),
            "the gateway `https://gateway.example.net` gives no token (HTTP status 401)",
            "check the user name and password",
        );
        check(
            no_token(503),
            "the gateway `https://gateway.example.net` gives no token (HTTP status 503)",
            "try again later",
        );
        check(
            HttpError::NoGateway,
            "no gateway is known for this account",
            "pass `--gateway-url`",
        );
    }

    #[test]
    fn a_token_is_given_to_somebody() {
        let of_account = Gateway {
            origin: origin(),
            client: None,
        };
        let check = gateway(Some(&of_account), &Ok(()));
        let expected = "`https://gateway.example.net` gives the account a token";
        assert_eq!(
            (check.verdict, check.message.as_str()),
            (Verdict::Ok, expected)
        );
    }
}
