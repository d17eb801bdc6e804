//! What a source sent and no field holds: `@qualys.NAME`. A finding is asked itself, with its asset
//! and the entry of its QID; an asset and an entry only themselves.

use super::{Operator, Result, Sql, Subject, Value, compare, told};

/// Objects of attributes, and how the rows of a list are found by them.
const OF_RECORD: &str = "SELECT r.asset_id FROM sources s JOIN assets r ON r.source_id = s.id,
    json_each(r.attributes) j WHERE s.name = ? AND";
const OF_ENTRY: &str = "SELECT x.qid FROM vulnerability_texts x, json_each(x.attributes) j WHERE";
const OF_FINDING: &str = "EXISTS (SELECT 1 FROM json_each(text_among(
    (SELECT b.body FROM finding_attributes b WHERE b.id = f.id / 64), f.id % 64)) j WHERE";

/// `attribute` is `source.name`. Findings and entries come from Qualys alone.
pub(super) fn condition(
    attribute: &str,
    operator: Operator,
    value: &str,
    subject: Subject,
) -> Result<Sql> {
    let (source, name) = attribute.split_once('.').unwrap_or((attribute, ""));
    let no_order = || told(format!("`@{attribute}` has no order"));
    let tested = compare::text("j.value", operator, value).ok_or_else(no_order)?;
    let named = format!("j.key = ? COLLATE NOCASE AND {})", tested.text);
    let mut of_qualys: Vec<Value> = vec![name.to_owned().into()];
    of_qualys.extend(tested.values);
    let mut of_source: Vec<Value> = vec![source.to_owned().into()];
    of_source.extend(of_qualys.clone());
    let of_asset = format!(
        "f.asset_id IN (SELECT n.id FROM assets n WHERE n.asset_id IN ({OF_RECORD} {named})"
    );
    let is_of_qualys = source == QUALYS;
    let (entry, finding) = (
        format!("qid IN ({OF_ENTRY} {named}"),
        format!("{OF_FINDING} {named}"),
    );
    Ok(match (subject, is_of_qualys) {
        (Subject::Asset, _) => Sql::new(format!("a.asset_id IN ({OF_RECORD} {named}"), of_source),
        (Subject::Finding, false) => Sql::new(of_asset, of_source),
        (Subject::Finding, true) => Sql::new(
            format!("({of_asset} OR f.{entry} OR {finding})"),
            [of_source, of_qualys.clone(), of_qualys].concat(),
        ),
        (Subject::Vulnerability, true) => Sql::new(format!("v.{entry}"), of_qualys),
        (Subject::Vulnerability, false) => Sql::new("0", vec![]),
    })
}

const QUALYS: &str = "qualys";
