//! Which door a request goes to.

use crate::{
    check, health,
    problem::Problem,
    read, sync,
    world::{Answer, Gone, Input, Request, World},
};

/// Answers one request. The kind of answer is known where this is compiled, as the first call
/// through a table of functions costs an instance about as much as all of the smallest request.
pub fn serve<A: Answer>(
    request: &Request<'_>,
    body: &mut dyn Input,
    world: &dyn World,
    answer: &mut A,
) -> Result<(), Gone> {
    let path = request.path.trim_end_matches('/');
    let (methods, door) = match path {
        "" | "/v1/health" => ("GET, HEAD", Door::Health),
        "/v1/check" => ("POST", Door::Check),
        "/v1/sync" => ("POST", Door::Sync),
        _ => match path.strip_prefix("/v1/read/") {
            Some(dataset) => ("POST", Door::Read(dataset)),
            None => return unknown().send(answer),
        },
    };
    if !methods.split(", ").any(|known| known == request.method) {
        let detail = format!("this door takes {methods}; send one of these");
        return Problem::new(405, "method", "Method not allowed", detail)
            .allowing(methods)
            .send(answer);
    }
    match door {
        Door::Health => health::health(answer),
        Door::Check => check::check(world, body, answer),
        Door::Sync => sync::sync(request, world, body, answer),
        Door::Read(dataset) => read::read(dataset, request, world, body, answer),
    }
}

enum Door<'a> {
    Health,
    Check,
    Sync,
    Read(&'a str),
}

fn unknown() -> Problem {
    let detail = "there is nothing at this path; the doors are /v1/health, /v1/read/{dataset}, \
                  /v1/check and /v1/sync";
    Problem::new(404, "unknown-path", "Not found", detail)
}
