//! What each source knows of an asset, and why it is one asset.

use crate::{
    cli::{
        block::Block,
        failure::Result,
        screen::{Look, Screen},
        table::{Column, Table},
    },
    store::{AssetDetail, Key, Reader, RecordRow},
};

/// A table when there are several; what each source tells that has no field of its own.
pub(super) fn show(screen: &mut Screen, reader: &dyn Reader, detail: &AssetDetail) -> Result {
    let records = reader.records(detail.asset.asset_id)?;
    if records.len() > 1 {
        screen.print("\n")?;
        let table = table(&records, screen.look);
        screen.table(table)?;
        for record in &records {
            let keys: Vec<_> = record.matched_by.iter().map(Key::text).collect();
            let line = format!("record {} matched by {}", record.record_id, keys.join(", "));
            screen.print(&(super::super::text::line(&line) + "\n"))?;
        }
        screen.hint("`qonduit assets split RECORD` takes one out that is another machine")?;
    }
    for record in &records {
        screen.print(&attributes(record, screen.width))?;
    }
    Ok(())
}

fn table(records: &[RecordRow], look: Look) -> Table {
    let mut table = Table::new([
        Column::number("RECORD"),
        Column::text("SOURCE"),
        Column::flexible("NAME", 14),
        Column::flexible("ADDRESS", 12),
        Column::flexible("OS", 8),
        Column::text("LAST SEEN"),
    ]);
    for record in records {
        let address = record.ip.as_deref().or(record.ipv6.as_deref());
        let seen = match record.gone {
            Some(_) => "gone".into(),
            None => look.ago(record.last_seen),
        };
        table.row([
            record.record_id.to_string().into(),
            record.source.as_str().into(),
            record.name.as_str().into(),
            address.unwrap_or_default().into(),
            record.os.as_deref().unwrap_or_default().into(),
            seen,
        ]);
    }
    table
}

/// Below everything else, as they may be many and few people look for them. Empty without any.
fn attributes(record: &RecordRow, width: usize) -> String {
    let pairs = record.attributes.pairs();
    if pairs.is_empty() {
        return String::new();
    }
    let mut block = Block::new(&format!("more that `{}` sent", record.source), width);
    for (name, value) in pairs {
        block.field(&name, value);
    }
    format!("\n{}", block.finish())
}
