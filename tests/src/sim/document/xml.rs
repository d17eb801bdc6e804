//! A growing piece of an XML document.

use crate::sim::world::time::Timestamp;

#[derive(Debug, Default)]
pub(crate) struct Xml {
    pub(crate) bytes: Vec<u8>,
}

/// One element with one value, on its own line: `leaf!(xml, "  ", "PORT", number(443))`.
macro_rules! leaf {
    ($xml:expr, $indent:literal, $name:literal, $write:ident($value:expr)) => {
        $xml.raw(concat!($indent, "<", $name, ">"));
        $xml.$write($value);
        $xml.raw(concat!("</", $name, ">\n"));
    };
}
pub(crate) use leaf;

impl Xml {
    #[inline]
    pub(crate) fn raw(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    #[inline]
    pub(crate) fn number(&mut self, number: impl itoa::Integer) {
        self.raw(itoa::Buffer::new().format(number));
    }

    #[inline]
    pub(crate) fn flag(&mut self, flag: bool) {
        self.raw(if flag { "1" } else { "0" });
    }

    #[inline]
    pub(crate) fn time(&mut self, time: Timestamp) {
        self.bytes.extend_from_slice(&time.text());
    }

    pub(crate) fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                _ => self.raw(character.encode_utf8(&mut [0; 4])),
            }
        }
    }

    pub(crate) fn cdata(&mut self, text: &str) {
        self.raw("<![CDATA[");
        self.raw(&text.replace("]]>", "]]]]><![CDATA[>"));
        self.raw("]]>");
    }

    /// On a line of its own, as in the samples of the manual.
    pub(crate) fn padded_cdata(&mut self, text: &str) {
        self.raw("\n          ");
        self.cdata(text);
        self.raw("\n        ");
    }

    pub(crate) fn layout_cdata(&mut self, text: &str, is_padded: bool) {
        if is_padded {
            self.padded_cdata(text)
        } else {
            self.cdata(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_they_can_be_read_back() {
        let mut xml = Xml::default();
        leaf!(xml, "  ", "PORT", number(443_u16));
        leaf!(xml, "  ", "NAME", escaped("a <b> & c"));
        leaf!(xml, "  ", "TEXT", cdata("x]]>y"));
        let expected = "  <PORT>443</PORT>\n  <NAME>a &lt;b&gt; &amp; c</NAME>\n  \
                        <TEXT><![CDATA[x]]]]><![CDATA[>y]]></TEXT>\n";
        assert_eq!(String::from_utf8(xml.bytes).unwrap(), expected);
    }
}
