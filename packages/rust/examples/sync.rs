//! Fetches a subscription into memory: QUALYS_URL, QUALYS_USERNAME, QUALYS_PASSWORD say which.

use base64::{Engine, prelude::BASE64_STANDARD};
use qonduit_connector::{Guest, plan::Body, plan::History, run::Step};
use std::{collections::BTreeMap, env, error, thread::sleep, time::Duration, time::UNIX_EPOCH};

fn main() -> Result<(), Box<dyn error::Error>> {
    let of = |name: &str| env::var(format!("QUALYS_{name}"));
    let login = BASE64_STANDARD.encode(format!("{}:{}", of("USERNAME")?, of("PASSWORD")?));
    let now = || UNIX_EPOCH.elapsed().map_or(0, |it| it.as_secs() as i64);
    let agent = ureq::Agent::config_builder().http_status_as_error(false);
    let (agent, mut kept): (ureq::Agent, _) = (agent.build().into(), BTreeMap::new());
    let mut run = Guest::embedded()?.run("{}", &History::default(), now())?;
    'run: loop {
        let asked = loop {
            match run.next(now())? {
                Step::Ask(call) => break call.request,
                Step::Done(_) => break 'run,
                Step::Failed(stop) => return Err(stop.message.into()),
                Step::Wait(until) => sleep(Duration::from_secs(until.abs_diff(now()).max(1))),
            }
        };
        let post = agent.post(format!("{}{}", of("URL")?, asked.path));
        let post = post.query_pairs(asked.query).header("Accept", asked.accept);
        let post = post.header("Authorization", format!("Basic {login}"));
        let post = post.header("X-Requested-With", "example");
        let sent = match asked.body {
            Body::Form(form) => post.send_form(form),
            Body::Document(it) => post.content_type(it.content_type).send(it.text),
        };
        if let Ok(mut response) = sent {
            run.answered(response.status().as_u16(), response.headers())?;
            run.read(response.body_mut().as_reader(), |page| {
                let findings = page.hosts.into_iter().flat_map(|host| host.findings);
                kept.extend(findings.map(|it| ((it.host_id, it.finding_key.clone()), it)));
            })?;
        }
        let trouble = run.ended(now())?;
        trouble.iter().for_each(|it| eprintln!("{it}"));
    }
    println!("finding {}", kept.len());
    Ok(())
}
