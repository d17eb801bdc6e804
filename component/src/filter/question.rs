//! Questions that people ask of an inventory. The reference page shows them, and the benchmark
//! measures how long their first pages take.

/// One question, and the order of its answer.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub asks: &'static str,
    pub list: List,
    pub expression: &'static str,
    /// As `--sort` of the command line has it.
    pub sort: &'static str,
}

/// What is listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum List {
    Findings,
    Assets,
    Vulnerabilities,
}

impl List {
    /// The command that lists them.
    pub fn word(self) -> &'static str {
        match self {
            List::Findings => "findings",
            List::Assets => "assets",
            List::Vulnerabilities => "vulnerabilities",
        }
    }
}

pub static QUESTIONS: [Question; 10] = [
    Question {
        asks: "Critical findings on Windows servers, seen this week",
        list: List::Findings,
        expression: r#"severity:critical and os:"windows server" and last_found:<7days"#,
        sort: "last-found",
    },
    Question {
        asks: "What CISA knows attacks of, outside the lab, the most likely first",
        list: List::Findings,
        expression: "kev:cisa and not tag:lab",
        sort: "qds",
    },
    Question {
        asks: "Who is affected by one CVE",
        list: List::Findings,
        expression: "cve:=CVE-2021-44228",
        sort: "last-found",
    },
    Question {
        asks: "Open longer than its target allows, the most severe first",
        list: List::Findings,
        expression: "breached:true",
        sort: "severity",
    },
    Question {
        asks: "Open for three months, though there is a patch and an exploit",
        list: List::Findings,
        expression: "days_open:>90 and patchable:true and exploit:public",
        sort: "qds",
    },
    Question {
        asks: "What came back after it was fixed",
        list: List::Findings,
        expression: "status:reopened and severity:>=high",
        sort: "last-found",
    },
    Question {
        asks: "Machines with an old OpenSSL",
        list: List::Assets,
        expression: r#"software:"openssl 1.1""#,
        sort: "open",
    },
    Question {
        asks: "Machines at risk that answer at the port of remote desktops",
        list: List::Assets,
        expression: "open_port:3389 and trurisk:>=700",
        sort: "trurisk",
    },
    Question {
        asks: "Machines with something critical that ransomware uses",
        list: List::Assets,
        expression: "severity:critical and ransomware:true",
        sort: "critical",
    },
    Question {
        asks: "What can be patched and is open most often",
        list: List::Vulnerabilities,
        expression: "patchable:true and cvss:>=7 and open_findings:>0",
        sort: "open",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_compiles() {
        for question in QUESTIONS {
            let compiled = crate::filter::compile(question.expression, 1_795_219_200);
            assert!(compiled.is_ok(), "{}: {compiled:?}", question.expression);
        }
    }
}
