//! Reads an expression from left to right and writes it in postfix order.
//!
//! ```text
//! any        = all { "or" all }
//! all        = one { ["and"] one }
//! one        = "not" one | "(" any ")" | comparison
//! comparison = "has:" name | name ":" [ "=" | "<" | "<=" | ">" | ">=" ] value
//! name       = field | "@" source "." attribute
//! value      = '"' { character | '\"' | '\\' | '\%' } '"' | word
//! ```
//!
//! Size, number and depth are limited, as expressions come from outside.

use super::attribute;
use super::closest::closest;
use super::field::{self, FIELDS, Kind};
use super::value::{self, Named, Value};
use crate::contract::filter::{Comparison, Operator, Problem, Term};
use crate::contract::types::Timestamp;

pub(super) fn parse(text: &str, now: Timestamp) -> Result<Vec<Term>, Problem> {
    let mut parser = Parser {
        text,
        at: 0,
        now,
        n_comparisons: 0,
        terms: Vec::new(),
    };
    if text.len() > MOST_BYTES {
        let message = format!("the expression is longer than {MOST_BYTES} bytes");
        return Err(problem(text.floor_char_boundary(MOST_BYTES), message, None));
    }
    parser.skip_space();
    if parser.rest().is_empty() {
        return Ok(Vec::new());
    }
    parser.any(0)?;
    match parser.rest() {
        "" => Ok(parser.terms),
        _ => Err(problem(parser.at, "`)` closes nothing".to_owned(), None)),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Always between two characters, and never before a space.
    at: usize,
    now: Timestamp,
    n_comparisons: usize,
    terms: Vec<Term>,
}

impl<'a> Parser<'a> {
    fn any(&mut self, depth: usize) -> Result<(), Problem> {
        self.all(depth)?;
        while self.keyword("or") {
            self.all(depth)?;
            self.terms.push(Term::AnyOf);
        }
        Ok(())
    }

    fn all(&mut self, depth: usize) -> Result<(), Problem> {
        self.one(depth)?;
        while self.keyword("and") || self.is_before_one() {
            self.one(depth)?;
            self.terms.push(Term::AllOf);
        }
        Ok(())
    }

    fn one(&mut self, depth: usize) -> Result<(), Problem> {
        let start = self.at;
        if depth > DEEPEST {
            let message = format!("nested more than {DEEPEST} deep");
            return Err(problem(start, message, None));
        }
        if self.keyword("not") {
            self.one(depth + 1)?;
            self.terms.push(Term::Negate);
            return Ok(());
        }
        if self.sign("(") {
            self.any(depth + 1)?;
            let is_closed = self.sign(")");
            let never = || problem(start, "`(` is never closed".to_owned(), None);
            return if is_closed { Ok(()) } else { Err(never()) };
        }
        self.comparison()?;
        self.skip_space();
        Ok(())
    }

    fn comparison(&mut self) -> Result<(), Problem> {
        let start = self.at;
        let name = self.word();
        let is_keyword = KEYWORDS
            .iter()
            .any(|keyword| name.eq_ignore_ascii_case(keyword));
        if !self.rest()[name.len()..].starts_with(':') {
            return Err(if name.is_empty() || is_keyword {
                self.missing()
            } else {
                self.no_colon()
            });
        }
        self.n_comparisons += 1;
        if self.n_comparisons > MOST_COMPARISONS {
            let message = format!("more than {MOST_COMPARISONS} comparisons");
            return Err(problem(start, message, None));
        }
        self.at += name.len() + 1;
        if name.eq_ignore_ascii_case("has") {
            return self.exists();
        }
        let attribute = attribute::read(name, start)?;
        let field = known(name, attribute.as_deref(), start)?;
        let operator = self.operator();
        let start = self.at;
        let value = self.value(field.name)?;
        let terms = value::compare(field, operator, &value, self.now)
            .map_err(|(message, suggestion)| problem(start, message, suggestion))?;
        self.terms.extend(terms);
        Ok(())
    }

    fn exists(&mut self) -> Result<(), Problem> {
        let name = self.word();
        let attribute = attribute::read(name, self.at)?;
        let field = known(name, attribute.as_deref(), self.at)?;
        self.at += name.len();
        self.terms.push(Term::Compare(Comparison {
            field: field.of.to_owned(),
            operator: Operator::Exists,
            value: String::new(),
        }));
        Ok(())
    }

    fn operator(&mut self) -> Operator {
        let (length, operator) = match self.rest().as_bytes() {
            [b'<', b'=', ..] => (2, Operator::LessOrEqual),
            [b'>', b'=', ..] => (2, Operator::GreaterOrEqual),
            [b'<', ..] => (1, Operator::Less),
            [b'>', ..] => (1, Operator::Greater),
            [b'=', ..] => (1, Operator::Equal),
            _ => (0, Operator::Contains),
        };
        self.at += length;
        operator
    }

    fn value(&mut self, field: &str) -> Result<Value, Problem> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let end = |c: char| c.is_whitespace() || "()\"".contains(c);
        let word = until(self.rest(), end);
        if word.is_empty() {
            let message = format!("a value for `{field}` is missing");
            return Err(problem(self.at, message, None));
        }
        self.at += word.len();
        Ok(Value {
            plain: word.to_owned(),
            pattern: word.replace('\\', r"\\"),
        })
    }

    fn quoted(&mut self) -> Result<Value, Problem> {
        let start = self.at;
        let mut value = Value::default();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((i, character)) = characters.next() {
            match character {
                '"' => {
                    self.at = start + i + 1;
                    return Ok(value);
                }
                '\\' => match characters.next() {
                    Some((_, '"')) => value.push('"', "\""),
                    Some((_, '\\')) => value.push('\\', r"\\"),
                    Some((_, '%')) => value.push('%', r"\%"),
                    Some((_, other)) => {
                        let message = format!(r"`\{other}` stands for nothing");
                        return Err(problem(start + i, message, Some(format!(r"\\{other}"))));
                    }
                    None => break,
                },
                other => value.push(other, other.encode_utf8(&mut [0; 4])),
            }
        }
        Err(problem(start, "the quotation never ends".to_owned(), None))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// What may be a name or a keyword. Nothing is taken.
    fn word(&self) -> &'a str {
        until(self.rest(), |c| c.is_whitespace() || "():\"<>=".contains(c))
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn is_before(&self, keyword: &str) -> bool {
        let word = self.word();
        word.eq_ignore_ascii_case(keyword) && !self.rest()[word.len()..].starts_with(':')
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is_keyword = self.is_before(keyword);
        if is_keyword {
            self.at += keyword.len();
            self.skip_space();
        }
        is_keyword
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is_sign = self.rest().starts_with(sign);
        if is_sign {
            self.at += sign.len();
            self.skip_space();
        }
        is_sign
    }

    /// Whether an `and` was left out here.
    fn is_before_one(&self) -> bool {
        !self.rest().is_empty() && !self.rest().starts_with(')') && !self.is_before("or")
    }

    fn missing(&self) -> Problem {
        problem(
            self.at,
            "a comparison such as `os:windows` is missing".to_owned(),
            None,
        )
    }

    /// The problem of a word that is followed by no colon.
    fn no_colon(&self) -> Problem {
        let name = self.word();
        let whole = until(self.rest(), |c| c.is_whitespace() || "()\"".contains(c));
        if name.len() < whole.len() && field::find(name).is_some() {
            let message = format!("`:` is missing after `{name}`");
            let suggestion = format!("{name}:{}", &whole[name.len()..]);
            return problem(self.at + name.len(), message, Some(suggestion));
        }
        let words = FIELDS.iter().map(|field| field.name).chain(KEYWORDS);
        let suggestion = match closest(name, words) {
            Some(word) if KEYWORDS.contains(&word) => word.to_owned(),
            Some(field) => format!("{field}:"),
            None => format!("name:{}", shown(name)),
        };
        let message = format!("`{}` is no comparison such as `os:windows`", shown(name));
        problem(self.at, message, Some(suggestion))
    }
}

impl Value {
    fn push(&mut self, plain: char, pattern: &str) {
        self.plain.push(plain);
        self.pattern.push_str(pattern);
    }
}

fn known<'a>(name: &str, attribute: Option<&'a str>, at: usize) -> Result<Named<'a>, Problem> {
    if let Some(name) = attribute {
        return Ok(Named {
            name,
            kind: Kind::Text,
            of: name,
        });
    }
    let found = field::find(name).map(|field| Named {
        name: field.name,
        kind: field.kind,
        of: field.of().unwrap_or(field.name),
    });
    found.ok_or_else(|| {
        let suggestion = closest(name, FIELDS.iter().map(|field| field.name));
        let message = match name {
            "" => "the name of a field is missing".to_owned(),
            name => format!("`{}` is no field", shown(name)),
        };
        problem(at, message, suggestion.map(str::to_owned))
    })
}

fn until(text: &str, is_end: impl Fn(char) -> bool) -> &str {
    &text[..text.find(is_end).unwrap_or(text.len())]
}

/// As much of a word as a message has room for.
pub(super) fn shown(word: &str) -> &str {
    &word[..word.floor_char_boundary(40)]
}

pub(super) fn problem(at: usize, message: String, suggestion: Option<String>) -> Problem {
    let offset = u32::try_from(at).unwrap_or(u32::MAX);
    Problem {
        offset,
        message,
        suggestion,
    }
}

const KEYWORDS: [&str; 3] = ["and", "not", "or"];
const MOST_BYTES: usize = 4096;
const MOST_COMPARISONS: usize = 256;
const DEEPEST: usize = 64;
