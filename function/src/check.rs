//! `POST /v1/check`: settings and expressions, judged before anything runs. All mistakes at once.

use qonduit_component::contract::filter::{Operator, Term};
use qonduit_component::contract::types::Timestamp;
use qonduit_component::{filter, plan};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    health::send_json,
    input, word,
    world::{Answer, Gone, Input, World},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    settings: Option<Box<RawValue>>,
    #[serde(default)]
    expressions: Vec<String>,
}

/// Answers 200 whatever it finds: `ok` says whether there are mistakes.
pub fn check(world: &dyn World, body: &mut dyn Input, answer: &mut dyn Answer) -> Result<(), Gone> {
    let document: Document = match input::json(body) {
        Ok(document) => document,
        Err(problem) => return problem.send(answer),
    };
    let settings = document.settings.as_ref().map_or("{}", |it| it.get());
    let mistakes = plan::check_settings(settings).err().unwrap_or_default();
    let expressions: Vec<Value> = document
        .expressions
        .iter()
        .map(|expression| judged(expression, world.now()))
        .collect();
    let is_ok = mistakes.is_empty() && expressions.iter().all(|it| it["ok"] == true);
    let mut judged = json!({ "ok": mistakes.is_empty(), "mistakes": mistakes });
    if judged["ok"] == true {
        let stages = plan::stages(settings).into_iter().map(word::name);
        judged["advice"] = plan::advise(settings).into();
        judged["stages"] = stages.collect();
    }
    let document = json!({ "ok": is_ok, "settings": judged, "expressions": expressions });
    send_json(answer, &document.to_string())
}

fn judged(expression: &str, now: Timestamp) -> Value {
    match filter::compile(expression, now) {
        Ok(terms) => {
            let terms: Vec<_> = terms.iter().map(term).collect();
            json!({ "expression": expression, "ok": true, "terms": terms })
        }
        Err(problem) => json!({
            "expression": expression,
            "ok": false,
            "mistake": {
                "offset": problem.offset,
                "message": problem.message,
                "suggestion": problem.suggestion,
            },
        }),
    }
}

/// In postfix order, in the words of the contract.
fn term(term: &Term) -> Value {
    match term {
        Term::Compare(it) => json!({
            "field": it.field,
            "operator": operator(it.operator),
            "value": it.value,
        }),
        Term::AllOf => "all-of".into(),
        Term::AnyOf => "any-of".into(),
        Term::Negate => "negate".into(),
    }
}

fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "equal",
        Operator::Contains => "contains",
        Operator::Less => "less",
        Operator::LessOrEqual => "less-or-equal",
        Operator::Greater => "greater",
        Operator::GreaterOrEqual => "greater-or-equal",
        Operator::Exists => "exists",
    }
}
