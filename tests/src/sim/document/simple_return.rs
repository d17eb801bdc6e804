//! `SIMPLE_RETURN`: Qualys' form for errors and for answers without records.

use super::ORIGIN;
use super::xml::Xml;
use crate::sim::request::Refusal;
use crate::sim::world::time::Timestamp;

/// Errors of parameters come without XML declaration and with a blank after the time, others
/// with the one and without the other: clients meet both.
pub(crate) fn refusal(refusal: &Refusal, now: Timestamp) -> String {
    let is_bare = refusal.status == 400;
    let items = refusal.item.map_or(String::new(), |(key, value)| {
        format!(
            "    <ITEM_LIST>\n      <ITEM>\n        <KEY>{key}</KEY>\n        <VALUE>{value}</VALUE>\n      </ITEM>\n    </ITEM_LIST>\n"
        )
    });
    let mut text = Xml::default();
    text.escaped(&refusal.text);
    format!(
        "{}<!DOCTYPE SIMPLE_RETURN SYSTEM \"{ORIGIN}/api/2.0/simple_return.dtd\">\n<SIMPLE_RETURN>\n  <RESPONSE>\n    <DATETIME>{now}{}</DATETIME>\n    <CODE>{}</CODE>\n    <TEXT>{}</TEXT>\n{items}  </RESPONSE>\n</SIMPLE_RETURN>\n",
        if is_bare { "" } else { DECLARATION },
        if is_bare { " " } else { "" },
        refusal.code,
        String::from_utf8_lossy(&text.bytes),
    )
}

/// An answer that says in words that something was done.
pub(crate) fn done(text: &str, now: Timestamp) -> String {
    format!(
        "{DECLARATION}<!DOCTYPE SIMPLE_RETURN SYSTEM \"{ORIGIN}/api/2.0/simple_return.dtd\">\n<SIMPLE_RETURN>\n  <RESPONSE>\n    <DATETIME>{now}</DATETIME>\n    <TEXT>{text}</TEXT>\n  </RESPONSE>\n</SIMPLE_RETURN>\n"
    )
}

/// What the oldest APIs say when something broke inside.
pub(crate) fn internal_error() -> String {
    format!(
        "{DECLARATION}<!DOCTYPE GENERIC_RETURN SYSTEM \"{ORIGIN}/generic_return.dtd\">\n<GENERIC_RETURN>\n  <API name=\"index.php\" username=\"sim-user\" at=\"\"/>\n  <RETURN status=\"FAILED\" number=\"999\">Internal error</RETURN>\n</GENERIC_RETURN>\n"
    )
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_parameter_reads_as_qualys_writes_it() {
        let told = refusal(
            &Refusal::new(1905, "parameter ids has invalid value: <x>"),
            Timestamp(0),
        );
        assert!(told.starts_with("<!DOCTYPE SIMPLE_RETURN SYSTEM"));
        assert!(told.contains("<DATETIME>1970-01-01T00:00:00Z </DATETIME>\n    <CODE>1905</CODE>"));
        assert!(told.contains("invalid value: &lt;x&gt;</TEXT>\n  </RESPONSE>"));
    }

    #[test]
    fn a_wait_is_named_as_an_item() {
        let item = Some(("SECONDS_TO_WAIT", 90));
        let limit = Refusal {
            status: 409,
            code: 1965,
            text: "later".into(),
            item,
        };
        let told = refusal(&limit, Timestamp(0));
        assert!(told.starts_with("<?xml"));
        assert!(told.contains("<KEY>SECONDS_TO_WAIT</KEY>\n        <VALUE>90</VALUE>"));
    }
}
