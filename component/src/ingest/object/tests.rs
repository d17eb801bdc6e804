//! What JSON becomes, and what is none.

use proptest::prelude::*;

use super::*;
use crate::xml::Fault;

/// Writes down what it is told.
#[derive(Default)]
struct Told(Vec<u8>);

impl Sink for Told {
    type Error = Error;

    fn doctype(&mut self, _: &[u8]) -> Result<(), Error> {
        unreachable!("JSON has none")
    }

    fn open(&mut self, name: &[u8], _: &[u8]) -> Result<(), Error> {
        self.0.extend([b"<", name, b">"].concat());
        Ok(())
    }

    fn text(&mut self, _: &[u8]) -> Result<(), Error> {
        unreachable!("texts are whole")
    }

    fn cdata(&mut self, piece: &[u8]) {
        self.0.extend_from_slice(piece);
    }

    fn close(&mut self, name: &[u8]) -> Result<(), Error> {
        self.0.extend([b"</", name, b">"].concat());
        Ok(())
    }
}

fn told(body: &[u8], chunk: usize) -> Result<String, Error> {
    told_by(Tokenizer::new(), body, chunk)
}

fn told_by(mut tokenizer: Tokenizer, body: &[u8], chunk: usize) -> Result<String, Error> {
    let mut told = Told::default();
    for piece in body.chunks(chunk.max(1)) {
        tokenizer.push(piece, &mut told)?;
    }
    Ok(String::from_utf8_lossy(&told.0).into_owned())
}

#[track_caller]
fn check(body: &str, expected: &str) {
    for chunk in [1, 2, 3, 7, body.len()] {
        assert_eq!(told(body.as_bytes(), chunk).as_deref(), Ok(expected));
    }
}

#[test]
fn members_are_elements_and_lists_stand_in_theirs() {
    check(
        r#"{"R": {"a": 1, "b": "x", "c": true, "d": null, "e": {}}}"#,
        "<R><a>1</a><b>x</b><c>true</c><e></e></R>",
    );
    check(
        r#"{"R":{"data":[{"T":{"id":1}},{"T":{"id":2}}],"n":[1,"x"],"none":[]}}"#,
        "<R><data><T><id>1</id></T><T><id>2</id></T></data><n>1, x</n><none></none></R>",
    );
}

#[test]
fn rows_without_a_name_have_that_of_their_list() {
    let body = r#"{"n":1,"data":{"row":[{"id":1,"sub":[{"x":2},null,{"x":3}]},{"id":4}]},
        "words":["a","b"],"deep":[[{"y":5}],[]],"none":[],"one":{"id":6}}"#;
    let expected = "<R><n>1</n><data><row><id>1</id><sub><x>2</x></sub><sub><x>3</x></sub></row>\
        <row><id>4</id></row></data><words>a</words><words>b</words><deep><y>5</y></deep>\
        <one><id>6</id></one></R>";
    for chunk in [1, 5, body.len()] {
        let told = told_by(Tokenizer::named(b"R"), body.as_bytes(), chunk);
        assert_eq!(told.as_deref(), Ok(expected));
    }
}

#[test]
fn escapes_are_decoded() {
    check(
        r#"{"a":"q\" \\ \/ \n \u00e4 \ud83d\ude00 \ud83d!"}"#,
        "<a>q\" \\ / \n \u{e4} \u{1f600} \u{fffd}!</a>",
    );
}

#[test]
fn what_is_no_json_is_refused() {
    for body in [
        "{\"a\" 1}",
        "{\"a\":}",
        "[1,]x",
        "{\"a\":1]",
        "1 2",
        "{\"a\":nil}",
        "{,}",
        "{} {}",
        "{\"a\":\"\\x\"}",
        "{\"a\":1e999}",
    ] {
        assert!(told(body.as_bytes(), 3).is_err(), "{body}");
    }
    assert!(told("[".repeat(1_000).as_bytes(), 10).is_err());
    let fault: Error = Fault::NamelessTag.into();
    assert!(matches!(fault, Error::Malformed(_)));
}

proptest! {
    #[test]
    fn any_bytes_are_read_alike_in_any_chunks(
        body in r#"([\[\]{},:"\\ua1]|null|true|"k":){0,40}"#, chunk in 1..9_usize,
    ) {
        prop_assert_eq!(told(body.as_bytes(), chunk), told(body.as_bytes(), usize::MAX));
    }
}
