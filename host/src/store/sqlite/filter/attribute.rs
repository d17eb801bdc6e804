//! What a source sent and no field holds: `@qualys.NAME`. A finding is asked itself, with its asset
//! and the entry of its QID; an asset and an entry only themselves.

use super::{Operator, Result, Sql, Subject, Value, compare, told};

/// Objects of attributes, and how the rows of a list are found by them.
const OF_ASSET: (&str, &str) = (
    "a.id IN (SELECT a.id FROM assets a, json_each(a.attributes) j WHERE",
    "f.asset_id IN (SELECT a.id FROM assets a, json_each(a.attributes) j WHERE",
);
const OF_ENTRY: (&str, &str) = (
    "v.qid IN (SELECT x.qid FROM vulnerability_texts x, json_each(x.attributes) j WHERE",
    "f.qid IN (SELECT x.qid FROM vulnerability_texts x, json_each(x.attributes) j WHERE",
);
const OF_FINDING: &str = "EXISTS (SELECT 1 FROM json_each(text_among(
    (SELECT b.body FROM finding_attributes b WHERE b.id = f.id / 64), f.id % 64)) j WHERE";

/// `attribute` is `qualys.name`. All that is stored comes from Qualys; of another source there is
/// nothing.
pub(super) fn condition(
    attribute: &str,
    operator: Operator,
    value: &str,
    subject: Subject,
) -> Result<Sql> {
    let (source, name) = attribute.split_once('.').unwrap_or((attribute, ""));
    let no_order = || told(format!("`@{attribute}` has no order"));
    let tested = compare::text("j.value", operator, value).ok_or_else(no_order)?;
    if source != "qualys" {
        return Ok(Sql::new("0", vec![]));
    }
    let named = format!("j.key = ? COLLATE NOCASE AND {})", tested.text);
    let mut values: Vec<Value> = vec![name.to_owned().into()];
    values.extend(tested.values);
    let of = |places: &[&str]| {
        let any: Vec<_> = places
            .iter()
            .map(|place| format!("{place} {named}"))
            .collect();
        let all = places.iter().flat_map(|_| values.clone()).collect();
        Sql::new(format!("({})", any.join(" OR ")), all)
    };
    Ok(match subject {
        Subject::Finding => of(&[OF_ASSET.1, OF_ENTRY.1, OF_FINDING]),
        Subject::Asset => of(&[OF_ASSET.0]),
        Subject::Vulnerability => of(&[OF_ENTRY.0]),
    })
}
