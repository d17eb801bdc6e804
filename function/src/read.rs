//! `POST /v1/read/{dataset}`: an answer of Qualys in, its records out, while it comes in.
//!
//! Memory stays flat: a chunk is read, its records are written, and nothing more is read before
//! they were taken. What is wrong before the answer began is a problem with a status of its own.
//! Afterwards the status is sent, and the end of the body tells: by a last line, or where a line
//! would be a row of a table, by breaking off.

use qonduit_component::contract::ingest::{End, Error};
use qonduit_component::contract::types::Dataset;
use qonduit_component::ingest::{self, Reader};
use qonduit_component::{plan, time};
use serde_json::{Value, json};

use crate::{
    problem::Problem,
    render::{Renderer, push_line},
    word,
    world::{Answer, Broken, Gone, Input, Request, World},
};

/// Answers with the records of the body.
pub fn read(
    dataset: &str,
    request: &Request,
    world: &dyn World,
    body: &mut dyn Input,
    answer: &mut dyn Answer,
) -> Result<(), Gone> {
    let (dataset, settings, renderer) = match chosen(dataset, request, world) {
        Ok(chosen) => chosen,
        Err(problem) => return problem.send(answer),
    };
    let stream = Stream {
        answer,
        dataset,
        reader: Reader::new(dataset, &settings),
        renderer,
        out: Vec::with_capacity(2 * HELD_BACK),
        has_begun: false,
        n_read: 0,
    };
    stream.run(body)
}

/// What the request asks for, or the first thing that is wrong with it.
fn chosen(
    dataset: &str,
    request: &Request,
    world: &dyn World,
) -> Result<(Dataset, String, Renderer), Problem> {
    let Some(known) = word::dataset(dataset) else {
        let detail = format!("there is no such dataset; it is one of {}", word::names());
        return Err(Problem::new(
            404,
            "unknown-dataset",
            "Unknown dataset",
            detail,
        ));
    };
    if let Some((name, _)) = request
        .query
        .iter()
        .find(|(name, _)| !OPTIONS.contains(&name.as_str()))
    {
        let detail = format!(
            "`{name}` is no option of this door; it takes {}",
            OPTIONS.join(", ")
        );
        return Err(Problem::new(
            400,
            "unknown-option",
            "Unknown option",
            detail,
        ));
    }
    let safe_cells = match request.option("safe_cells") {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => {
            let detail = "`safe_cells` is true or false";
            return Err(Problem::new(
                400,
                "unknown-option",
                "Unknown option",
                detail,
            ));
        }
    };
    let format = request.option("format").unwrap_or("ndjson");
    let version = request.option("version");
    let renderer = Renderer::new(known, format, version, safe_cells, world.now())?;
    let settings = request.option("settings").unwrap_or("{}");
    if let Err(mistakes) = plan::check_settings(settings) {
        let detail = "the settings are mistaken; see `errors`";
        let problem = Problem::new(400, "settings", "Mistaken settings", detail);
        return Err(problem.with_errors(mistakes));
    }
    let coding = request.header("content-encoding");
    if coding.is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        let detail = "the body is compressed; send it as it is, without `content-encoding`";
        return Err(Problem::new(415, "compressed", "Compressed body", detail));
    }
    Ok((known, settings.to_owned(), renderer))
}

struct Stream<'a> {
    answer: &'a mut dyn Answer,
    dataset: Dataset,
    reader: Reader,
    renderer: Renderer,
    out: Vec<u8>,
    has_begun: bool,
    n_read: u64,
}

impl Stream<'_> {
    fn run(mut self, body: &mut dyn Input) -> Result<(), Gone> {
        match self.records(body) {
            Ok(Ok(end)) => self.end(&end),
            Ok(Err(problem)) => self.fail(&problem),
            Err(Gone) => Err(Gone),
        }
    }

    fn records(&mut self, body: &mut dyn Input) -> Result<Result<End, Problem>, Gone> {
        loop {
            let chunk = match body.read() {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(broken) => return Ok(Err(self.broken(broken))),
            };
            self.n_read += chunk.len() as u64;
            let page = match self.reader.push(&chunk) {
                Ok(page) => page,
                Err(error) => return Ok(Err(self.unread(&error))),
            };
            if ingest::is_empty(&page) {
                continue;
            }
            if let Err(problem) = self.renderer.push(page, &mut self.out) {
                return Ok(Err(problem));
            }
            if self.out.len() >= HELD_BACK {
                self.flush()?;
            }
        }
        Ok(self.reader.finish().map_err(|error| self.unread(&error)))
    }

    fn flush(&mut self) -> Result<(), Gone> {
        if !self.has_begun {
            self.has_begun = true;
            let headers = [
                ("content-type", self.renderer.content_type()),
                ("trailer", STATUS),
            ];
            self.answer.begin(200, &headers)?;
        }
        self.answer.write(&self.out)?;
        self.out.clear();
        Ok(())
    }

    fn end(mut self, end: &End) -> Result<(), Gone> {
        let records = match self.renderer.finish(&mut self.out) {
            Ok(records) => records,
            Err(problem) => return self.fail(&problem),
        };
        if self.renderer.is_own() {
            let line = end_line(end, records);
            push_line(&mut self.out, "end", &line);
        }
        self.flush()?;
        self.answer.finish(&[(STATUS, "complete")])
    }

    /// Once the status is sent, the end of the body has to tell.
    fn fail(mut self, problem: &Problem) -> Result<(), Gone> {
        if !self.has_begun {
            return problem.send(self.answer);
        }
        if !self.renderer.has_lines() {
            self.answer.abort();
            return Ok(());
        }
        let mut line = serde_json::to_value(problem).expect("a problem is plain text");
        line["complete"] = false.into();
        line["bytes_read"] = self.n_read.into();
        line["records"] = self
            .renderer
            .finish(&mut self.out)
            .unwrap_or_default()
            .into();
        push_line(&mut self.out, "error", &line);
        self.flush()?;
        self.answer.finish(&[(STATUS, "incomplete")])
    }

    fn broken(&self, broken: Broken) -> Problem {
        let why = match broken {
            Broken::Cut(why) => why,
            Broken::TimedOut => "it took too long".to_owned(),
        };
        let n = self.n_read;
        let detail = format!("the body broke off after {n} bytes: {why}; send it again");
        Problem::new(400, "cut-off", "Body broke off", detail)
    }

    /// Why the reader does not go on.
    fn unread(&self, error: &Error) -> Problem {
        let list = word::name(self.dataset);
        match error {
            Error::CutOff(0) => {
                let detail =
                    format!("the body is empty; send an answer of Qualys, a list of {list}");
                Problem::new(400, "empty-body", "Empty body", detail)
            }
            Error::CutOff(bytes) => {
                let detail = format!(
                    "the answer is cut off after {bytes} bytes; fetch it from Qualys again"
                );
                Problem::new(422, "cut-off", "Answer is cut off", detail)
            }
            Error::Malformed(why) => {
                let detail =
                    format!("the answer is no sound XML: {why}; fetch it from Qualys again");
                Problem::new(422, "malformed", "Answer cannot be read", detail)
            }
            Error::UnexpectedRoot(root) => {
                let detail = format!(
                    "the document is a `{root}`, and no list of {list}; choose the dataset it is of"
                );
                Problem::new(422, "another-document", "Another document", detail)
            }
            Error::Refused(refusal) => {
                let detail = format!(
                    "the document is a refusal of Qualys: {}; ask Qualys again once that is seen to",
                    refusal.text
                );
                Problem::new(422, "refused", "Qualys refused", detail).with_code(refusal.code)
            }
            Error::TooLarge(what) => {
                let detail = format!("no answer of Qualys is like this: {what}; check its source");
                Problem::new(422, "too-large", "Answer cannot be read", detail)
            }
        }
    }
}

/// What is known at the end of an answer.
fn end_line(end: &End, records: u64) -> Value {
    let skipped = end
        .skipped
        .iter()
        .map(|it| json!({ "rule": it.rule, "n": it.n }));
    let drift = end
        .drift
        .iter()
        .map(|it| json!({ "name": it.name, "n": it.n }));
    json!({
        "complete": true,
        "records": records,
        "elements": end.elements,
        "as_of": end.as_of.map(time::format),
        "next": end.next,
        "skipped": skipped.collect::<Value>(),
        "drift": drift.collect::<Value>(),
    })
}

const OPTIONS: [&str; 4] = ["format", "settings", "version", "safe_cells"];
/// The trailer that says whether all of the answer came.
const STATUS: &str = "x-qonduit-status";
/// As long as fewer bytes of records came, an error still has a status of its own.
const HELD_BACK: usize = 64 << 10;
