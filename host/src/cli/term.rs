//! Filter flags as terms, joined with the expression that the component compiled.

use crate::guest::{
    filter::{Comparison, Operator, Problem, Term},
    types::{Severity, Status},
};
use crate::store::Word;

use super::{args::Filter, exit::Exit, failure::Failure};

/// All flags and the expression have to hold. `compile` is the component's; it is called only when
/// there is an expression.
pub(super) fn terms(
    filter: &Filter,
    compile: impl FnOnce(&str) -> Result<Result<Vec<Term>, Problem>, Failure>,
) -> Result<Vec<Term>, Failure> {
    let mut all = Vec::new();
    if let Some(written) = &filter.severity {
        join(&mut all, severity(written)?);
    }
    let words: Vec<_> = filter
        .status
        .iter()
        .map(|word| status(word))
        .collect::<Result<_, _>>()?;
    join(&mut all, any("status", Operator::Equal, &words));
    let qids: Vec<_> = filter.qid.iter().map(u32::to_string).collect();
    join(&mut all, any("qid", Operator::Equal, &qids));
    let cves: Vec<_> = filter.cve.iter().map(|cve| cve.to_uppercase()).collect();
    join(&mut all, any("cve", Operator::Equal, &cves));
    for tag in &filter.tag {
        join(&mut all, compare("tag", Operator::Contains, tag));
    }
    if let Some(kind) = filter.kind {
        join(&mut all, compare("kind", Operator::Equal, kind.word()));
    }
    if let Some(os) = &filter.os {
        join(&mut all, compare("os", Operator::Contains, os));
    }
    if let Some(expression) = filter
        .r#where
        .as_deref()
        .filter(|text| !text.trim().is_empty())
    {
        let compiled = compile(expression)?;
        join(
            &mut all,
            compiled.map_err(|problem| pointed_out(expression, &problem))?,
        );
    }
    Ok(all)
}

/// One severity is the least; several are exactly those.
fn severity(written: &str) -> Result<Vec<Term>, Failure> {
    let words: Vec<_> = written
        .split(',')
        .map(|word| severity_word(word.trim()))
        .collect();
    let words = words.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(match words.as_slice() {
        [least] => compare("severity", Operator::GreaterOrEqual, least),
        several => any("severity", Operator::Equal, several),
    })
}

/// Qualys' numbers stand for the words in their order.
fn severity_word(written: &str) -> Result<String, Failure> {
    let by_number = written.parse::<usize>().ok().and_then(|number| {
        let (_, word) = Severity::ALL.get(number.checked_sub(1)?)?;
        Some(*word)
    });
    let word = by_number.or_else(|| Severity::from_word(written).map(Word::word));
    word.map(str::to_owned)
        .ok_or_else(|| not_one_of::<Severity>("severity", written))
}

fn status(written: &str) -> Result<String, Failure> {
    let word = written.replace("re-opened", "reopened");
    let status = Status::from_word(&word).ok_or_else(|| not_one_of::<Status>("status", written))?;
    Ok(status.word().to_owned())
}

fn not_one_of<W: Word>(what: &str, written: &str) -> Failure {
    let words: Vec<_> = W::ALL.iter().map(|(_, word)| *word).collect();
    let words = words.join(", ");
    Failure::new(
        Exit::Usage,
        format!("there is no {what} `{written}`; it is one of {words}"),
    )
}

fn compare(field: &str, operator: Operator, value: &str) -> Vec<Term> {
    let (field, value) = (field.to_owned(), value.to_owned());
    vec![Term::Compare(Comparison {
        field,
        operator,
        value,
    })]
}

fn any(field: &str, operator: Operator, values: &[String]) -> Vec<Term> {
    let mut terms = Vec::new();
    for (at, value) in values.iter().enumerate() {
        terms.extend(compare(field, operator, value));
        if at > 0 {
            terms.push(Term::AnyOf);
        }
    }
    terms
}

fn join(all: &mut Vec<Term>, more: Vec<Term>) {
    if more.is_empty() {
        return;
    }
    let is_first = all.is_empty();
    all.extend(more);
    if !is_first {
        all.push(Term::AllOf);
    }
}

/// Shows the expression with a mark under the mistake.
fn pointed_out(expression: &str, problem: &Problem) -> Failure {
    let offset = usize::try_from(problem.offset).unwrap_or(usize::MAX);
    let before = expression.get(..offset).unwrap_or(expression);
    let column = console::measure_text_width(&super::text::line(before));
    let mark = format!(
        "  {}\n  {}^",
        super::text::line(expression),
        " ".repeat(column)
    );
    let failure = Failure::sentence(Exit::Usage, format!("{}\n{mark}", problem.message));
    match &problem.suggestion {
        Some(meant) => failure.with_hint(format!("did you mean `{meant}`?")),
        None => failure.with_hint("`qonduit findings --help` shows what an expression looks like"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `qid=1 os%windows | &`, so that a test reads as the postfix form does.
    fn shown(filter: &Filter) -> Result<String, String> {
        let compile = |text: &str| match text {
            "port:443" => Ok(Ok(compare("port", Operator::Equal, "443"))),
            _ => Ok(Err(Problem {
                offset: 9,
                message: "a word is missing".to_owned(),
                suggestion: None,
            })),
        };
        let terms = terms(filter, compile).map_err(|failure| failure.report(false))?;
        let shown = terms.iter().map(|term| match term {
            Term::Compare(Comparison {
                field,
                operator,
                value,
            }) => {
                let sign = match operator {
                    Operator::Equal => "=",
                    Operator::GreaterOrEqual => ">=",
                    Operator::Contains => "~",
                    _ => "?",
                };
                format!("{field}{sign}{value}")
            }
            Term::AllOf => "&".to_owned(),
            Term::AnyOf => "|".to_owned(),
            Term::Negate => "!".to_owned(),
        });
        Ok(shown.collect::<Vec<_>>().join(" "))
    }

    fn with_severity(severity: &str) -> Result<String, String> {
        shown(&Filter {
            severity: Some(severity.to_owned()),
            ..Filter::default()
        })
    }

    #[test]
    fn no_flag_selects_everything() {
        assert_eq!(shown(&Filter::default()), Ok(String::new()));
    }

    #[test]
    fn one_severity_is_the_least_and_several_are_those() {
        assert_eq!(with_severity("high"), Ok("severity>=high".to_owned()));
        assert_eq!(with_severity("4"), Ok("severity>=high".to_owned()));
        assert_eq!(
            with_severity("low, Critical"),
            Ok("severity=low severity=critical |".to_owned())
        );
        assert_eq!(
            with_severity("urgent"),
            Err("error: there is no severity `urgent`\n\
                 hint: it is one of info, low, medium, high, critical\n"
                .to_owned())
        );
    }

    #[test]
    fn flags_and_expression_all_have_to_hold() {
        let filter = Filter {
            severity: Some("high".to_owned()),
            status: vec!["new".to_owned(), "re-opened".to_owned()],
            qid: vec![11, 12, 13],
            cve: vec!["cve-2021-44228".to_owned()],
            tag: vec!["prod".to_owned(), "eu".to_owned()],
            os: Some("windows".to_owned()),
            kind: Some(crate::cli::args::Kind::Host),
            r#where: Some("port:443".to_owned()),
        };
        assert_eq!(
            shown(&filter),
            Ok(
                "severity>=high status=new status=reopened | & qid=11 qid=12 | qid=13 | & \
                cve=CVE-2021-44228 & tag~prod & tag~eu & kind=host & os~windows & port=443 &"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_mistake_in_the_expression_is_pointed_at() {
        let filter = Filter {
            r#where: Some("os:linux and".to_owned()),
            ..Filter::default()
        };
        let said = shown(&filter).expect_err("is a mistake");
        assert!(
            said.starts_with("error: a word is missing\n  os:linux and\n           ^\n"),
            "{said}"
        );
    }
}
