//! Turns a filter into SQL. What people typed only ever becomes a bound value, never text of a
//! statement; what cannot be turned into SQL is an error with the words to mend it.
//!
//! Every comparison is true or false, never null, so that `not` means what it says. The component
//! judges records by the same terms; a property test holds the two together.

mod attribute;
mod compare;
mod size;

use rusqlite::{Connection, types::Value};

use super::{
    FINDINGS_OF_AN_ASSET,
    fail::{Fail, Result},
    field::{self, Field, Of, Side},
    list::Sql,
};
use crate::{
    guest::filter::{Comparison, Operator, Term},
    store::{StoreError, asks_for_closed},
};
use size::Size;

/// What the rows of a list are: `f`, `a` or `v` in its statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Subject {
    Finding,
    Asset,
    Vulnerability,
}

/// The condition that selects what the terms select; nothing when there are none.
pub(super) fn condition(
    conn: &Connection,
    terms: &[Term],
    subject: Subject,
) -> Result<Option<Sql>> {
    if terms.is_empty() {
        return Ok(None);
    }
    if terms.len() > MOST_TERMS {
        return Err(told(format!("the filter has more than {MOST_TERMS} terms")));
    }
    let list = List {
        conn,
        subject,
        only_open: !asks_for_closed(terms),
    };
    let mut stack: Vec<Sql> = Vec::new();
    for term in terms {
        let step = match term {
            Term::Compare(comparison) => list.compare(comparison)?,
            Term::AllOf => join(&mut stack, "AND")?,
            Term::AnyOf => join(&mut stack, "OR")?,
            Term::Negate => {
                let Sql { text, values } = stack.pop().ok_or_else(unsound)?;
                Sql::new(format!("NOT {text}"), values)
            }
        };
        stack.push(step);
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(condition), true) => Ok(Some(condition)),
        _ => Err(unsound()),
    }
}

fn join(stack: &mut Vec<Sql>, word: &str) -> Result<Sql> {
    let (right, left) = (stack.pop(), stack.pop());
    let (Some(right), Some(left)) = (right, left) else {
        return Err(unsound());
    };
    let text = format!("({} {word} {})", left.text, right.text);
    Ok(Sql::new(text, [left.values, right.values].concat()))
}

/// A list that is to be filtered.
#[derive(Clone, Copy)]
struct List<'a> {
    conn: &'a Connection,
    subject: Subject,
    /// Of findings of an asset or of a QID, only the open ones count.
    only_open: bool,
}

impl List<'_> {
    fn compare(self, comparison: &Comparison) -> Result<Sql> {
        let Comparison {
            field: name,
            operator,
            value,
        } = comparison;
        if let Some(attribute) = name.strip_prefix('@') {
            return attribute::condition(attribute, *operator, value, self.subject);
        }
        let field = field::named(name, self.subject);
        let field = field.ok_or_else(|| told(format!("there is no field `{name}`")))?;
        let tested = compare::test(field, *operator, value)?;
        match self.subject {
            Subject::Finding => self.of_findings(field, tested),
            Subject::Asset => self.of_assets(field, tested),
            Subject::Vulnerability => Ok(self.of_vulnerabilities(field, tested)),
        }
    }

    /// Few are best listed first, and of many each row of the list is asked.
    fn of_findings(self, field: &Field, tested: Sql) -> Result<Sql> {
        let Sql { text, values } = tested;
        let text = match field.of {
            Of::Finding => text,
            Of::Asset | Of::Assets(_) => {
                let record = of_record(field.of, &text);
                if size::are_many_records(self.conn, field.of, &record, &values)? {
                    format!(
                        "EXISTS (SELECT 1 FROM assets r WHERE {record} AND r.asset_id =
                           (SELECT n.asset_id FROM assets n WHERE n.id = f.asset_id))"
                    )
                } else {
                    format!(
                        "f.id IN (SELECT o.id FROM ({}) m CROSS JOIN assets n
                           ON n.asset_id = m.asset_id CROSS JOIN findings o ON {})",
                        assets(field.of, &text),
                        is_of("o", "n")
                    )
                }
            }
            Of::Findings(side) => format!("f.id IN ({})", all(side, &text)),
            Of::Qids(side) => {
                let (qids, one) = (all(side, &text), of_one(side, "f.qid", &text));
                match size::of_findings(self.conn, &one, &qids, &values)? {
                    Size::Many => one,
                    Size::Some => format!("+f.qid IN ({qids})"),
                    Size::Few | Size::Handful => {
                        format!("f.id IN (SELECT o.id FROM findings o WHERE o.qid IN ({qids}))")
                    }
                }
            }
        };
        Ok(Sql::new(text, values))
    }

    fn of_assets(self, field: &Field, tested: Sql) -> Result<Sql> {
        let Sql { text, values } = tested;
        let open = self.open();
        // By their numbers alone: an index would list those of all assets for each one.
        let of_findings = |condition: &str| {
            format!(
                "EXISTS (SELECT 1 FROM assets r CROSS JOIN findings f NOT INDEXED ON {}
                   WHERE r.asset_id = a.asset_id AND {open}{condition})",
                is_of("f", "r")
            )
        };
        // The number of a finding tells its record.
        let of_few_findings = |condition: &str| {
            format!(
                "a.asset_id IN (SELECT r.asset_id FROM findings f
                   CROSS JOIN assets r ON r.id = f.id / {FINDINGS_OF_AN_ASSET}
                   WHERE {open}{condition})"
            )
        };
        let text = match field.of {
            Of::Assets(side) if side.is_wide => {
                format!("+a.asset_id IN ({})", assets(field.of, &text))
            }
            Of::Asset | Of::Assets(_) => {
                let record = of_record(field.of, &text);
                if size::are_many_records(self.conn, field.of, &record, &values)? {
                    format!(
                        "EXISTS (SELECT 1 FROM assets r
                           WHERE r.asset_id = a.asset_id AND {record})"
                    )
                } else {
                    format!("a.asset_id IN ({})", assets(field.of, &text))
                }
            }
            Of::Finding => of_findings(&text),
            Of::Findings(side) => of_few_findings(&format!("f.id IN ({})", all(side, &text))),
            Of::Qids(side) => {
                let (qids, one) = (all(side, &text), of_one(side, "f.qid", &text));
                match size::of_findings(self.conn, &one, &qids, &values)? {
                    Size::Many => of_findings(&one),
                    Size::Some => of_findings(&format!("+f.qid IN ({qids})")),
                    // A plus sign keeps SQLite from beginning with them.
                    Size::Few => format!("+{}", of_few_findings(&format!("f.qid IN ({qids})"))),
                    Size::Handful => of_few_findings(&format!("f.qid IN ({qids})")),
                }
            }
        };
        Ok(Sql::new(text, values))
    }

    fn of_vulnerabilities(self, field: &Field, tested: Sql) -> Sql {
        let Sql { text, values } = tested;
        let open = self.open();
        let of = |condition: &str| {
            format!("v.qid IN (SELECT f.qid FROM findings f WHERE {open}{condition})")
        };
        let text = match field.of {
            Of::Qids(side) if side.is_listed => text,
            Of::Qids(side) => format!("v.qid IN ({})", all(side, &text)),
            Of::Finding => of(&text),
            Of::Findings(side) => of(&format!("f.id IN ({})", all(side, &text))),
            Of::Asset | Of::Assets(_) => of(&format!(
                "f.asset_id IN (SELECT n.id FROM ({}) m
                   CROSS JOIN assets n ON n.asset_id = m.asset_id)",
                assets(field.of, &text)
            )),
        };
        Sql::new(text, values)
    }

    fn open(self) -> &'static str {
        if self.only_open {
            "f.is_open = 1 AND "
        } else {
            ""
        }
    }
}

/// The condition on a record `r`.
fn of_record(of: Of, condition: &str) -> String {
    match of {
        Of::Assets(side) => of_one(side, "r.id", condition),
        Of::Asset | Of::Finding | Of::Findings(_) | Of::Qids(_) => condition.to_owned(),
    }
}

/// The numbers of the assets of which a record meets the condition.
fn assets(of: Of, condition: &str) -> String {
    match of {
        Of::Assets(side) => format!(
            "SELECT DISTINCT r.asset_id FROM ({}) t CROSS JOIN assets r ON r.id = t.id",
            all(side, condition)
        ),
        Of::Asset | Of::Finding | Of::Findings(_) | Of::Qids(_) => {
            format!("SELECT DISTINCT r.asset_id FROM assets r WHERE {condition}")
        }
    }
}

/// The numbers of all for which a row beside them meets the condition.
fn all(side: &Side, condition: &str) -> String {
    format!("{} {condition}", side.all)
}

/// Whether one of them has such a row.
fn of_one(side: &Side, id: &str, condition: &str) -> String {
    let of_one = side.of_one.replace("{id}", id);
    format!("EXISTS ({of_one} {condition})")
}

/// A finding is one of a record.
fn is_of(finding: &str, record: &str) -> String {
    let last = FINDINGS_OF_AN_ASSET - 1;
    format!(
        "{finding}.id BETWEEN {record}.id * {FINDINGS_OF_AN_ASSET}
           AND {record}.id * {FINDINGS_OF_AN_ASSET} + {last}"
    )
}

fn unsound() -> Fail {
    told("the filter is not sound: a term lacks its operands".to_owned())
}

fn told(message: String) -> Fail {
    StoreError::Filter(message).into()
}

/// SQLite's own limit on the depth of an expression is a thousand.
const MOST_TERMS: usize = 800;
