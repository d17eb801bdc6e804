//! `POST /v1/sync`: carries out as much of a run as the budget allows, and hands back the rest.
//!
//! Nothing is kept here: the work list comes with the request and goes back as the last line of the
//! answer. Records are told at least once. What stands between `batch` and a `batch-end` that is not
//! complete comes again, and so does everything after the last work list that a caller has seen.

use qonduit_component::plan;

use crate::{
    input,
    problem::Problem,
    world::{Answer, Gone, Input, Request, World},
};

mod call;
mod credentials;
mod document;
mod engine;
mod ids;
mod lines;
mod term;
mod work;

use credentials::Credentials;
use document::{Document, From};
use engine::Engine;
use lines::Lines;
use work::Work;

/// Answers with records, and with what is left to do.
pub fn sync(
    request: &Request,
    world: &dyn World,
    body: &mut dyn Input,
    answer: &mut dyn Answer,
) -> Result<(), Gone> {
    let begun = world.ticks();
    let (document, credentials) = match sound(request, world, body) {
        Ok(sound) => sound,
        Err(problem) => return problem.send(answer),
    };
    let settings = document.settings().to_owned();
    let work = document.work.clone().unwrap_or_else(|| {
        let (history, now) = (document.history(), world.now());
        let window = plan::choose_window(&settings, &history, now);
        let fetched_by = plan::fetched_by(&settings);
        Work::new(&document.api, fetched_by, window, &history, now)
    });
    let lines = Lines::new(answer);
    Engine::new(world, &document, settings, credentials, work, begun, lines).run()
}

/// A request that can be carried out, or what is wrong with it.
fn sound(
    request: &Request,
    world: &dyn World,
    body: &mut dyn Input,
) -> Result<(Document, Credentials), Problem> {
    let document: Document = input::json(body)?;
    let mistakes = document.mistakes();
    if !mistakes.is_empty() {
        let detail = "the request has mistakes; see `errors`";
        let problem = Problem::new(400, "mistakes", "Mistaken request", detail);
        return Err(problem.with_errors(mistakes));
    }
    let credentials = Credentials::of(request, document.credentials == From::Platform)?;
    if let Some(work) = &document.work {
        document.conflict(work, world.now())?;
    }
    Ok((document, credentials))
}

#[cfg(test)]
mod tests;
