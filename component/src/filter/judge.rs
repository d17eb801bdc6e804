//! Whether terms select a record, which comes as fields and their values. A store does the same in
//! its own query language; a property test holds the two together.
//!
//! Every comparison is true or false: of a field without a value, none holds, so that `not` means
//! what it says. Of several values, any one suffices.

use std::collections::BTreeMap;

use super::attribute;
use super::field::{self, Kind, Words};
use super::text;
use crate::contract::filter::{Comparison, FieldValues, Operator, Term, Verdict};

/// Whether the terms select the record, and the comparisons that decide it.
pub fn judge(terms: &[Term], record: &[FieldValues]) -> Result<Verdict, String> {
    let values = by_field(record);
    let mut stack: Vec<(bool, Vec<u32>)> = Vec::new();
    for (place, term) in (0..).zip(terms) {
        let step = match term {
            Term::Compare(comparison) => (holds(comparison, &values)?, vec![place]),
            Term::Negate => {
                let (is_so, deciding) = stack.pop().ok_or_else(unsound)?;
                (!is_so, deciding)
            }
            Term::AllOf => join(&mut stack, true)?,
            Term::AnyOf => join(&mut stack, false)?,
        };
        stack.push(step);
    }
    match (stack.pop(), stack.is_empty()) {
        (None, _) => Ok(Verdict {
            selected: true,
            deciding: Vec::new(),
        }),
        (Some((selected, deciding)), true) => Ok(Verdict { selected, deciding }),
        (Some(_), false) => Err(unsound()),
    }
}

/// Whether the terms select each of the records.
pub fn selects(terms: &[Term], records: &[Vec<FieldValues>]) -> Result<Vec<bool>, String> {
    let one = |record: &Vec<FieldValues>| judge(terms, record).map(|verdict| verdict.selected);
    records.iter().map(one).collect()
}

/// Where both sides are what they have to be, both decide; else the first that is not.
fn join(stack: &mut Vec<(bool, Vec<u32>)>, has_to_be: bool) -> Result<(bool, Vec<u32>), String> {
    let (right, left) = (stack.pop(), stack.pop());
    let (Some((right, of_right)), Some((left, of_left))) = (right, left) else {
        return Err(unsound());
    };
    Ok(match (left == has_to_be, right == has_to_be) {
        (true, true) => (has_to_be, [of_left, of_right].concat()),
        (false, _) => (!has_to_be, of_left),
        (true, false) => (!has_to_be, of_right),
    })
}

/// Values by the name of their field; a field that comes twice has the values of both.
type Values<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn by_field(record: &[FieldValues]) -> Values<'_> {
    let mut values = Values::new();
    for FieldValues { field, values: own } in record {
        let all = values.entry(field.as_str()).or_default();
        all.extend(own.iter().map(String::as_str));
    }
    values
}

fn holds(comparison: &Comparison, values: &Values<'_>) -> Result<bool, String> {
    let name = comparison.field.as_str();
    let kind = match attribute::split(name) {
        Some(_) => Kind::Text,
        None => {
            let field = field::find(name).filter(|field| !field.is_derived());
            field
                .ok_or_else(|| format!("there is no field `{name}`"))?
                .kind
        }
    };
    let (operator, wanted) = (comparison.operator, comparison.value.as_str());
    let mut own = values.get(name).into_iter().flatten().copied();
    if operator == Operator::Exists {
        return Ok(own.any(|value| !value.is_empty()));
    }
    let refused = || format!("`{wanted}` is nothing that `{name}` is compared with");
    match kind {
        Kind::Text => match operator {
            Operator::Contains => Ok(own.any(|value| text::contains(value, wanted))),
            Operator::Equal => Ok(own.any(|value| value.eq_ignore_ascii_case(wanted))),
            _ => Err(format!("`{name}` has no order")),
        },
        Kind::Number | Kind::Time | Kind::DaysSince(_) | Kind::IsPast(_) => {
            let wanted: i64 = wanted.parse().map_err(|_| refused())?;
            Ok(own.any(|value| {
                value
                    .parse()
                    .is_ok_and(|value| compare(operator, value, wanted))
            }))
        }
        // In the precision in which scores are kept.
        Kind::Decimal => {
            let wanted: f32 = wanted.parse().map_err(|_| refused())?;
            Ok(own.any(|value| {
                value
                    .parse()
                    .is_ok_and(|value| compare(operator, value, wanted))
            }))
        }
        Kind::Word(words) => {
            let wanted = place(words, wanted).ok_or_else(refused)?;
            if !words.is_ordered && !matches!(operator, Operator::Equal | Operator::Contains) {
                return Err(format!("`{name}` has no order"));
            }
            let mut places = own.filter_map(|value| place(words, value));
            Ok(places.any(|value| compare(operator, value, wanted)))
        }
        Kind::Flag(_) => {
            let wanted: bool = wanted.parse().map_err(|_| refused())?;
            match operator {
                Operator::Equal | Operator::Contains => {
                    Ok(own.any(|value| value.parse() == Ok(wanted)))
                }
                _ => Err(format!("`{name}` has no order")),
            }
        }
    }
}

fn compare<T: PartialOrd>(operator: Operator, value: T, wanted: T) -> bool {
    match operator {
        Operator::Equal | Operator::Contains => value == wanted,
        Operator::Less => value < wanted,
        Operator::LessOrEqual => value <= wanted,
        Operator::Greater => value > wanted,
        Operator::GreaterOrEqual => value >= wanted,
        Operator::Exists => true,
    }
}

fn place(words: Words, word: &str) -> Option<usize> {
    words
        .words
        .iter()
        .position(|known| known.eq_ignore_ascii_case(word))
}

fn unsound() -> String {
    "the filter is not sound: a term lacks its operands".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::compile;

    /// 2026-11-21T00:00:00Z.
    const NOW: i64 = 1_795_219_200;

    fn record() -> Vec<FieldValues> {
        let has = |field: &str, values: &[&str]| FieldValues {
            field: field.to_owned(),
            values: values.iter().map(|&value| value.to_owned()).collect(),
        };
        vec![
            has("os", &["Windows Server 2022"]),
            has("tag", &["Cloud Agent", "lab"]),
            has("dns", &[""]),
            has("severity", &["high"]),
            has("qid", &["38173"]),
            has("cvss", &["9.8"]),
            has("kev", &["true"]),
            has("last_seen", &["1795132800"]),
            has("open_since", &["1792540800"]),
            has("due", &["1795219199"]),
            has("@qualys.last_boot", &["2026-11-01"]),
        ]
    }

    #[track_caller]
    fn check(expression: &str, selected: bool, deciding: &[u32]) {
        let terms = compile(expression, NOW).unwrap();
        let verdict = judge(&terms, &record()).unwrap();
        let expected = Verdict {
            selected,
            deciding: deciding.to_vec(),
        };
        assert_eq!(verdict, expected, "{expression}");
    }

    #[test]
    fn comparisons_hold_or_do_not() {
        check("", true, &[]);
        check("os:server", true, &[0]);
        check("os:=server", false, &[0]);
        check("tag:=LAB", true, &[0]);
        check("severity:>medium", true, &[0]);
        check("severity:>high", false, &[0]);
        check("qid:QID-38173", true, &[0]);
        check("cvss:9.8", true, &[0]);
        check("kev:cisa", true, &[0]);
        check("last_seen:<2days", true, &[0]);
        // Found first 31 days ago.
        check("days_open:31", true, &[0, 1]);
        check("days_open:>30", true, &[0]);
        check("days_open:>31", false, &[0]);
        check("days_open:<=31", true, &[0]);
        check("breached:true", true, &[0]);
        check("breached:false", false, &[0]);
        check("@Qualys.LAST_BOOT:2026", true, &[0]);
    }

    #[test]
    fn of_what_has_no_value_nothing_holds() {
        check("has:os", true, &[0]);
        check("has:dns", false, &[0]);
        check("has:netbios", false, &[0]);
        check("port:<80", false, &[0]);
        check("not port:<80", true, &[0]);
        check("@qualys.nothing:x", false, &[0]);
    }

    #[test]
    fn what_decides_is_named() {
        check("os:windows and tag:prod and qid:1", false, &[1]);
        check("os:linux or tag:lab or qid:1", true, &[1]);
        check("os:linux or tag:prod", false, &[0, 1]);
        check("not (os:linux or tag:prod)", true, &[0, 1]);
        check("os:windows and not tag:prod", true, &[0, 1]);
    }

    #[test]
    fn terms_that_make_no_sense_are_refused() {
        let is = |field: &str, operator, value: &str| {
            Term::Compare(Comparison {
                field: field.to_owned(),
                operator,
                value: value.to_owned(),
            })
        };
        for terms in [
            vec![is("colour", Operator::Equal, "red")],
            vec![is("days_open", Operator::Equal, "3")],
            vec![is("port", Operator::Equal, "http")],
            vec![is("os", Operator::Less, "x")],
            vec![is("status", Operator::Less, "new")],
            vec![is("severity", Operator::Less, "urgent")],
            vec![Term::AllOf],
            vec![Term::Negate],
            vec![
                is("port", Operator::Equal, "1"),
                is("port", Operator::Equal, "2"),
            ],
        ] {
            assert!(judge(&terms, &record()).is_err(), "{terms:?}");
        }
    }
}
