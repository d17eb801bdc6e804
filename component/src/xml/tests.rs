//! Holds the tokenizer together with quick-xml, and with itself when the chunks are cut anywhere.

use proptest::prelude::*;
use quick_xml::events::Event as Theirs;

use super::*;

/// One token, with its text decoded and pieces of one text joined.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Token {
    Open(String),
    Text(String),
    Close(String),
}

#[derive(Default)]
struct Log {
    tokens: Vec<Token>,
    text: Vec<u8>,
}

impl Log {
    fn flush(&mut self) {
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
        if !text.is_empty() {
            self.tokens.push(Token::Text(text));
        }
    }
}

impl Sink for Log {
    type Error = Fault;

    fn doctype(&mut self, _: &[u8]) -> Result<(), Fault> {
        Ok(())
    }

    fn open(&mut self, name: &[u8], _: &[u8]) -> Result<(), Fault> {
        self.flush();
        self.tokens
            .push(Token::Open(String::from_utf8_lossy(name).into_owned()));
        Ok(())
    }

    fn text(&mut self, piece: &[u8]) -> Result<(), Fault> {
        append_decoded(&mut self.text, piece);
        Ok(())
    }

    fn cdata(&mut self, piece: &[u8]) {
        self.text.extend_from_slice(piece);
    }

    fn close(&mut self, name: &[u8]) -> Result<(), Fault> {
        self.flush();
        self.tokens
            .push(Token::Close(String::from_utf8_lossy(name).into_owned()));
        Ok(())
    }
}

fn ours(document: &[u8], chunk: usize) -> Result<Vec<Token>, Fault> {
    let (mut tokenizer, mut log) = (Tokenizer::new(), Log::default());
    for piece in document.chunks(chunk) {
        tokenizer.push(piece, &mut log)?;
    }
    log.flush();
    Ok(log.tokens)
}

/// What quick-xml makes of a well-formed document.
fn theirs(document: &str) -> Vec<Token> {
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut log = Log::default();
    loop {
        match reader.read_event().expect("a well-formed document") {
            Theirs::Start(start) => log
                .open(start.name().as_ref().as_bytes(), b"")
                .expect("never fails"),
            Theirs::End(end) => log
                .close(end.name().as_ref().as_bytes())
                .expect("never fails"),
            Theirs::Text(text) => log.text.extend_from_slice(text.as_bytes()),
            Theirs::CData(text) => log.text.extend_from_slice(text.as_bytes()),
            Theirs::GeneralRef(name) => {
                let encoded = format!("&{};", &*name);
                append_decoded(&mut log.text, encoded.as_bytes());
            }
            Theirs::Eof => break,
            Theirs::Empty(_)
            | Theirs::Comment(_)
            | Theirs::Decl(_)
            | Theirs::PI(_)
            | Theirs::DocType(_) => {}
        }
    }
    log.flush();
    log.tokens
}

/// Well-formed documents in the manner of Qualys, with all that their markup may hold.
fn document() -> impl Strategy<Value = String> {
    let text = "[a-z é\n\t>;'\"]{0,12}";
    let leaf = prop_oneof![
        text.prop_map(String::from),
        "&(amp|lt|gt|quot|apos|#65|#x20AC);",
        "[a-z\\]<>&\n]{0,10}"
            .prop_map(|inner| format!("<![CDATA[{}]]>", inner.replace("]]>", "]] >"))),
        "[a-z <>&/\n]{0,10}".prop_map(|inner| format!("<!-- {inner} -->")),
        "[a-z ]{0,5}".prop_map(|inner| format!("<?pi {inner}?>")),
        Just("<EMPTY/>".to_owned()),
        Just("<EMPTY a=\"x>y\" b='/' />".to_owned()),
    ];
    let element = leaf.prop_recursive(4, 40, 6, |inner| {
        let attributes = "( k=\"[a-z>/']{0,3}\")?\n?";
        (
            "[A-Z_.-]{1,12}".prop_filter("a name", |name| !name.starts_with(['.', '-'])),
            attributes,
            " ?",
            prop::collection::vec(inner, 0..6),
        )
            .prop_map(|(name, attributes, space, children)| {
                format!("<{name}{attributes}>{}</{name}{space}>", children.concat())
            })
    });
    prop::collection::vec(element, 0..6).prop_map(|children| {
        format!(
            "<?xml version=\"1.0\" ?>\n<!DOCTYPE R SYSTEM \"https://x/y?a>b\">\n<!-- c -->\n<R>{}</R><!-- end //-->\n",
            children.concat()
        )
    })
}

proptest! {
    #[test]
    fn a_sound_document_reads_as_in_quick_xml(document in document(), chunk in 1usize..40) {
        let expected: Vec<Token> = theirs(&document);
        prop_assert_eq!(ours(document.as_bytes(), chunk).expect("sound"), expected);
    }

    #[test]
    fn how_the_chunks_are_cut_makes_no_difference(bytes in prop::collection::vec(
        prop::sample::select(b"<>/!?[]-&;\"'= aAD\nCDTOYPE\xff".to_vec()), 0..80), chunk in 1usize..9)
    {
        prop_assert_eq!(ours(&bytes, chunk), ours(&bytes, usize::MAX));
    }
}

#[test]
fn a_document_that_declares_entities_is_refused() {
    let bomb = b"<!DOCTYPE a [<!ENTITY b \"cc\">]><a>&b;</a>";
    assert_eq!(ours(bomb, 7), Err(Fault::EntityDeclaration));
}

#[test]
fn a_tag_without_end_does_not_fill_the_memory() {
    let mut endless = vec![b'a'; MAX_TAG + 10];
    endless[0] = b'<';
    assert_eq!(ours(&endless, 1_000), Err(Fault::OverlongTag));
}
