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
        let last = FINDINGS_OF_AN_ASSET - 1;
        let of_assets = |ids: &str| {
            format!(
                "f.id IN (SELECT o.id FROM ({ids}) n CROSS JOIN findings o
                   ON o.id BETWEEN n.id * {FINDINGS_OF_AN_ASSET}
                     AND n.id * {FINDINGS_OF_AN_ASSET} + {last})"
            )
        };
        let text = match field.of {
            Of::Finding => text,
            Of::Asset => {
                if size::are_many_assets(self.conn, &text, &values)? {
                    format!("EXISTS (SELECT 1 FROM assets a WHERE a.id = f.asset_id AND {text})")
                } else {
                    of_assets(&format!("SELECT a.id FROM assets a WHERE {text}"))
                }
            }
            Of::Assets(side) => {
                let (all, one) = (all(side, &text), one(side, "a.id", &text));
                if size::are_many_assets(self.conn, &one, &values)? {
                    self::one(side, "f.asset_id", &text)
                } else {
                    of_assets(&format!("SELECT DISTINCT m.id FROM ({all}) m"))
                }
            }
            Of::Findings(side) => format!("f.id IN ({})", all(side, &text)),
            Of::Qids(query) => {
                let qids = format!("{query} {text}");
                if size::are_many_findings(self.conn, &qids, &values)? {
                    format!("+f.qid IN ({qids})")
                } else {
                    format!("f.id IN (SELECT o.id FROM findings o WHERE o.qid IN ({qids}))")
                }
            }
        };
        Ok(Sql::new(text, values))
    }

    fn of_assets(self, field: &Field, tested: Sql) -> Result<Sql> {
        let Sql { text, values } = tested;
        let open = self.open("f");
        let text = match field.of {
            Of::Asset => text,
            Of::Assets(side) => {
                let one = one(side, "a.id", &text);
                if size::are_many_assets(self.conn, &one, &values)? {
                    one
                } else {
                    format!("a.id IN ({})", all(side, &text))
                }
            }
            Of::Finding => of_asset(&format!("{open}{text}")),
            Of::Findings(side) => format!(
                "a.id IN (SELECT f.asset_id FROM findings f WHERE {open}f.id IN ({}))",
                all(side, &text)
            ),
            Of::Qids(query) => {
                let qids = format!("{query} {text}");
                if size::are_many_findings(self.conn, &qids, &values)? {
                    of_asset(&format!("{open}+f.qid IN ({qids})"))
                } else {
                    // From the index alone: the number of a finding tells its asset.
                    format!(
                        "a.id IN (SELECT f.id / {FINDINGS_OF_AN_ASSET} FROM findings f
                         WHERE {open}f.qid IN ({qids}))"
                    )
                }
            }
        };
        Ok(Sql::new(text, values))
    }

    fn of_vulnerabilities(self, field: &Field, tested: Sql) -> Sql {
        let Sql { text, values } = tested;
        let open = self.open("f");
        let of = |condition: &str| {
            format!("v.qid IN (SELECT f.qid FROM findings f WHERE {open}{condition})")
        };
        let text = match field.of {
            Of::Qids(query) => format!("v.qid IN ({query} {text})"),
            Of::Finding => of(&text),
            Of::Findings(side) => of(&format!("f.id IN ({})", all(side, &text))),
            Of::Asset => of(&format!(
                "f.asset_id IN (SELECT a.id FROM assets a WHERE {text})"
            )),
            Of::Assets(side) => of(&format!("f.asset_id IN ({})", all(side, &text))),
        };
        Sql::new(text, values)
    }

    fn open(self, findings: &str) -> String {
        if self.only_open {
            format!("{findings}.is_open = 1 AND ")
        } else {
            String::new()
        }
    }
}

/// The numbers of all for which a row beside them meets the condition.
fn all(side: &Side, condition: &str) -> String {
    format!("{} {condition}", side.all)
}

/// Whether one of them has such a row.
fn one(side: &Side, id: &str, condition: &str) -> String {
    format!("EXISTS ({} {condition})", side.of_one.replace("{id}", id))
}

/// The asset has a finding for which the condition holds.
fn of_asset(condition: &str) -> String {
    let last = FINDINGS_OF_AN_ASSET - 1;
    format!(
        "EXISTS (SELECT 1 FROM findings f WHERE f.id BETWEEN a.id * {FINDINGS_OF_AN_ASSET}
         AND a.id * {FINDINGS_OF_AN_ASSET} + {last} AND {condition})"
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
