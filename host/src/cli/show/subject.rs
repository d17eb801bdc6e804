//! What a person wants to be shown: a number may be that of several things. Looks nothing up.

use super::Show;
use crate::{
    cli::{
        exit::Exit,
        failure::{Failure, Result},
    },
    guest::types::{HostId, Qid},
    store::{AssetId, FindingId},
};

/// What a person asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Subject {
    Qid(Qid),
    Host(HostId),
    WebApp(u64),
    Finding(FindingId),
    Asset(AssetId),
    /// A QID if it is known as one, else a host or a web application.
    Number(u64),
    Name(String),
}

pub(super) fn subject(args: &Show) -> Result<Subject> {
    let text = args.subject.trim();
    let bare = text
        .get(..4)
        .filter(|start| ["qid-", "qid:"].contains(&start.to_lowercase().as_str()));
    let (number, is_qid) = match bare {
        Some(start) => (&text[start.len()..], true),
        None => (text, args.qid),
    };
    let wrong = || {
        Failure::new(
            Exit::Usage,
            format!("`{text}` is no number of that kind; leave out the flag for a name"),
        )
    };
    if is_qid {
        return number.parse().map(Subject::Qid).map_err(|_| wrong());
    }
    if args.host {
        return number.parse().map(Subject::Host).map_err(|_| wrong());
    }
    if args.web_app {
        return number.parse().map(Subject::WebApp).map_err(|_| wrong());
    }
    if args.asset {
        return number.parse().map(Subject::Asset).map_err(|_| wrong());
    }
    if args.finding {
        return number.parse().map(Subject::Finding).map_err(|_| wrong());
    }
    if text.to_uppercase().starts_with("CVE-") {
        let message =
            format!("`show` takes no CVE; `qonduit findings --cve {text}` lists who is affected");
        return Err(Failure::new(Exit::Usage, message));
    }
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(match text.parse().ok().filter(|_| is_number) {
        Some(number) => Subject::Number(number),
        None => Subject::Name(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Database, Output};

    fn parse(text: &str, flag: &str) -> std::result::Result<Subject, String> {
        subject(&Show {
            subject: text.to_owned(),
            qid: flag == "qid",
            host: flag == "host",
            web_app: flag == "web-app",
            finding: flag == "finding",
            asset: flag == "asset",
            database: Database::default(),
            output: Output::default(),
        })
        .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_number_is_what_the_flag_says() {
        assert_eq!(parse("38173", ""), Ok(Subject::Number(38_173)));
        assert_eq!(parse("38173", "qid"), Ok(Subject::Qid(38_173)));
        assert_eq!(
            parse("4294967301", "host"),
            Ok(Subject::Host(4_294_967_301))
        );
        assert_eq!(parse("701", "web-app"), Ok(Subject::WebApp(701)));
        assert_eq!(parse("17", "finding"), Ok(Subject::Finding(17)));
        assert_eq!(parse("17", "asset"), Ok(Subject::Asset(17)));
        assert_eq!(parse("QID-38173", ""), Ok(Subject::Qid(38_173)));
        assert_eq!(
            parse("web01", "host"),
            Err("`web01` is no number of that kind".to_owned())
        );
    }

    #[test]
    fn anything_else_is_a_name() {
        assert_eq!(
            parse("10.0.0.7", ""),
            Ok(Subject::Name("10.0.0.7".to_owned()))
        );
        assert_eq!(parse("Zürich", ""), Ok(Subject::Name("Zürich".to_owned())));
        assert_eq!(
            parse("99999999999999999999", ""),
            Ok(Subject::Name("9".repeat(20)))
        );
    }

    #[test]
    fn a_cve_leads_to_the_list() {
        assert_eq!(
            parse("cve-2021-44228", ""),
            Err("`show` takes no CVE".to_owned())
        );
    }
}
