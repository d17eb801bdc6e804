//! Functions that statements of the read side call, to look into texts that are kept compressed.

use std::sync::Mutex;

use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::{FromSql, ValueRef},
};

use super::{block, text::LongText};

/// `text_of(body)` is a long text as it was, and `text_among(body, place)` one of those that are
/// kept together. Of nothing, nothing.
pub(super) fn add(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("text_of", 1, flags, |context| {
        let text = Option::<LongText>::column_result(context.get_raw(0))?;
        Ok(text.map(|LongText(text)| text))
    })?;
    // Neighbours follow each other mostly, and are unpacked once.
    let last: Mutex<Option<Unpacked>> = Mutex::new(None);
    conn.create_scalar_function("text_among", 2, flags, move |context| {
        let mut last = last.lock().expect("nobody else holds it");
        among(context, &mut last)
    })
}

/// A body as it is stored, and what it holds.
struct Unpacked(Vec<u8>, Vec<u8>);

fn among(context: &Context<'_>, last: &mut Option<Unpacked>) -> rusqlite::Result<Option<String>> {
    let ValueRef::Blob(packed) = context.get_raw(0) else {
        return Ok(None);
    };
    let is_known = |Unpacked(known, _): &Unpacked| known.as_slice() == packed;
    if !last.as_ref().is_some_and(is_known) {
        *last = Some(Unpacked(
            packed.to_vec(),
            block::unpack(context.get_raw(0))?,
        ));
    }
    let body = last.as_ref().map_or(&[][..], |Unpacked(_, body)| body);
    block::text_at(body, context.get(1)?)
}
