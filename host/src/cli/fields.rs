//! `qonduit fields`: what an expression may name.

use clap::Args;

use super::{
    args::{Common, Output},
    exit::Exit,
    failure::Result,
    screen::Screen,
    table::{Column, Table},
};
use crate::guest::{Guest, filter::FieldInfo};

#[derive(Args, Debug)]
pub(super) struct Fields {
    /// Only those whose name or description contains this
    #[arg(value_name = "TEXT")]
    part: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(_: &Common, args: &Fields) -> Result<Exit> {
    let mut fields = Guest::embedded()?.instantiate()?.fields()?;
    if let Some(part) = &args.part {
        let part = part.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&part);
        fields.retain(|field| has(&field.name) || has(&field.doc));
    }
    let mut screen = Screen::standard();
    if args.output.json {
        for field in &fields {
            screen.json(&json(field))?;
        }
    } else if !fields.is_empty() {
        screen.table(table(&fields))?;
    }
    if fields.is_empty() {
        screen.hint("no field is like that; `qonduit fields` lists all of them")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn table(fields: &[FieldInfo]) -> Table {
    let mut table = Table::new([
        Column::text("FIELD"),
        Column::text("KIND"),
        Column::flexible("OF", 5),
        Column::flexible("EXAMPLE", 12),
        Column::flexible("MEANING", 16),
    ]);
    for field in fields {
        table.row([
            field.name.as_str().into(),
            field.kind.as_str().into(),
            field.subjects.join(", ").into(),
            field.example.as_str().into(),
            field.doc.as_str().into(),
        ]);
    }
    table
}

fn json(field: &FieldInfo) -> serde_json::Value {
    serde_json::json!({
        "name": field.name,
        "kind": field.kind,
        "words": field.words,
        "subjects": field.subjects,
        "doc": field.doc,
        "example": field.example,
    })
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit fields                 every field, its kind and what it says
  qonduit fields found           those that have to do with that
  qonduit fields --json | jq -r .name

What Qualys sends besides is asked for as `@qualys.NAME`, with the name of its element in lower
case: `qonduit findings --where '@qualys.network_name:lab'`.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_fits_a_terminal_of_80_columns() {
        let known = qonduit_component::filter::field::FIELDS.iter();
        let fields: Vec<_> = known
            .map(|field| {
                let info = field.info();
                FieldInfo {
                    name: info.name,
                    kind: info.kind,
                    words: info.words,
                    subjects: info.subjects,
                    doc: info.doc,
                    example: info.example,
                    derived_from: info.derived_from,
                }
            })
            .collect();
        let text = table(&fields).render(80);
        let fits = |line: &str| line.chars().count() <= 80;
        assert!(text.lines().all(fits), "{text}");
        assert!(text.contains("severity") && text.contains("software_end_of_life"));
    }
}
