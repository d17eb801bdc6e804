//! `qonduit doctor`: whether a sync would work, and what to do if not.

use clap::Args;

use super::{
    args::{self, Account, Common, Output, Sets},
    block::Block,
    config::settings_mistakes,
    exit::Exit,
    failure::{Failure, Result},
    screen::{Screen, hint_line},
};
use crate::{
    config::Mistakes,
    doctor::{Act, Check, DoctorError, Verdict, examine},
};

#[derive(Args, Debug)]
pub(super) struct Doctor {
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    sets: Sets,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Doctor) -> Result<Exit> {
    let config = args::config(common, Some(&args.account), None, Some(&args.sets));
    let mut mistakes = config.mistakes();
    mistakes.extend(settings_mistakes(&config)?);
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes).into());
    }
    config.notes.iter().for_each(|note| hint_line("note", note));
    let sync = config.sync()?;
    let mut screen = Screen::standard();
    let mut shown = Ok(());
    let mut exit = Exit::Ok;
    examine(&sync, screen.look.now, &mut |check| {
        exit = worse(exit, &check);
        if shown.is_ok() {
            shown = show(&mut screen, args.output.json, &check);
        }
    })?;
    shown?;
    Ok(exit)
}

/// Each at once, as the next may take a while.
fn show(screen: &mut Screen, json: bool, check: &Check) -> Result {
    if json {
        screen.json(check)?;
    } else {
        let word = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem => "problem",
        };
        let mut block = Block::untitled(screen.width);
        block.field(check.check, format!("{word}: {}", check.message));
        block.maybe(
            "",
            check.advice.as_ref().map(|advice| format!("-> {advice}")),
        );
        screen.print(&block.finish())?;
    }
    screen.flush()
}

/// The first problem tells who has to act.
fn worse(exit: Exit, check: &Check) -> Exit {
    match (exit, check.act) {
        (Exit::Ok, Some(Act::Configure)) => Exit::Usage,
        (Exit::Ok, Some(Act::Rights)) => Exit::Rights,
        (Exit::Ok, Some(Act::Wait)) => Exit::Unreachable,
        (exit, _) => exit,
    }
}

impl From<DoctorError> for Failure {
    fn from(error: DoctorError) -> Self {
        match error {
            DoctorError::Guest(error) => error.into(),
            DoctorError::Http(error) => error.into(),
            DoctorError::Runtime(_) => Self::of(Exit::Bug, &error),
        }
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit doctor
  qonduit doctor --platform EU1 --username acme-ab12
  qonduit doctor --json | jq -c 'select(.verdict != \"ok\")'

Makes about eight small calls and changes nothing. Looks at the address, the credentials,
the hosts and lists that the account may read, whether CVSS scores are sent, role and
scope, and how many calls are left. The exit code is 0 when there are warnings alone.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_problem_gives_the_exit_code() {
        let check = |act| Check {
            check: "hosts",
            verdict: Verdict::Problem,
            message: String::new(),
            advice: None,
            act,
        };
        assert_eq!(worse(Exit::Ok, &check(None)), Exit::Ok);
        assert_eq!(worse(Exit::Ok, &check(Some(Act::Rights))), Exit::Rights);
        assert_eq!(worse(Exit::Usage, &check(Some(Act::Rights))), Exit::Usage);
    }
}
