//! A schedule: as it is written, and as it was understood.
//!
//! Everything that can be wrong with one is found here, and told to whoever wrote it. Which times
//! follow from it is in `slot.rs`.

use std::str::FromStr;

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{
    civil,
    tz::{self, TimeZone},
};
use serde::{Deserialize, Serialize};

use super::span::Span;
use crate::guest::types::Timestamp;

/// A schedule as people write it, and as it is kept.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// One time only, at `start`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// `6 hours`: hours and minutes are as long as they are; days and weeks keep the time of day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// Five fields, from minutes to days of the week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// `2026-12-01T02:30`, in the time zone; the present where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// `Europe/Berlin`; UTC where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// A run starts up to this much later, by an amount that differs from slot to slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter: Option<String>,
    /// For how long a slot that was missed is made up for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<String>,
}

/// A schedule that was understood.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub(super) rule: Rule,
    pub(super) start: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) jitter_secs: i64,
    pub(super) catch_up_secs: i64,
}

#[derive(Clone, Debug)]
pub(super) enum Rule {
    Once,
    /// Of real time, whatever the clocks on the wall do.
    Elapsed(i64),
    /// At the same time of day.
    Days(i64),
    Cron(Box<Cron>),
}

/// What is wrong with a schedule. Whoever wrote it has to act.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ScheduleError {
    #[error("a schedule says one of `once`, `every` and `cron`; keep one of them")]
    NotOne,
    #[error("a schedule that runs once says when; add `start`, such as 2026-12-01T02:30")]
    OnceWithoutStart,
    #[error("`{0}` is no interval; write a number and a unit: minutes, hours, days or weeks")]
    Interval(String),
    #[error("`{0}` is too short for an interval; the shortest is one minute")]
    TooOften(String),
    #[error("`{text}` is no cron expression ({why}); write five fields, such as `30 2 * * 1-5`")]
    Cron { text: String, why: String },
    #[error("the cron expression `{0}` names a time that never comes; check its day and its month")]
    Never(String),
    #[error("there is no time zone `{name}`; {advice}")]
    TimeZone { name: String, advice: String },
    #[error("`{0}` is no date and time; write it like 2026-12-01T02:30")]
    Start(String),
    #[error("`{0}` is in the past, so that the schedule would never run; give a later `start`")]
    Past(String),
    #[error("`{text}` is no length for `{key}`; write it like `10 minutes`, of at most {most}")]
    Length {
        key: &'static str,
        text: String,
        most: &'static str,
    },
    #[error("the stored schedule cannot be read ({0}); give the connector another one")]
    Kept(String),
    #[error("a jitter of `{0}` is longer than the interval; make it shorter")]
    JitterOverInterval(String),
}

type Result<T> = std::result::Result<T, ScheduleError>;

impl Definition {
    /// Understands it. `defined` is when it was written, which is where it starts without a start.
    pub fn understand(&self, defined: Timestamp) -> Result<Schedule> {
        let zone = zone(self.time_zone.as_deref().unwrap_or("UTC"))?;
        let start = match &self.start {
            Some(text) => start(text, &zone)?,
            None => defined,
        };
        let rule = match (self.once, &self.every, &self.cron) {
            (true, None, None) if self.start.is_none() => {
                return Err(ScheduleError::OnceWithoutStart);
            }
            (true, None, None) => Rule::Once,
            (false, Some(every), None) => interval(every)?,
            (false, None, Some(text)) => Rule::Cron(Box::new(cron(text)?)),
            _ => return Err(ScheduleError::NotOne),
        };
        let jitter_secs = length("jitter", self.jitter.as_deref(), 0, (DAY, "1 day"))?;
        let is_too_long = match rule {
            Rule::Elapsed(secs) => jitter_secs >= secs,
            Rule::Days(days) => jitter_secs >= days * DAY,
            Rule::Once | Rule::Cron(_) => false,
        };
        if is_too_long {
            let text = self.jitter.clone().unwrap_or_default();
            return Err(ScheduleError::JitterOverInterval(text));
        }
        let most = (31 * DAY, "31 days");
        let catch_up_secs = length("catch_up", self.catch_up.as_deref(), DAY, most)?;
        Ok(Schedule {
            rule,
            start,
            zone,
            jitter_secs,
            catch_up_secs,
        })
    }

    /// Understands one that is new, and refuses one that would never run.
    pub fn understand_new(&self, now: Timestamp) -> Result<Schedule> {
        let schedule = self.understand(now)?;
        if schedule.next_after(now - 1).is_some() {
            return Ok(schedule);
        }
        Err(match &self.cron {
            Some(cron) => ScheduleError::Never(cron.clone()),
            None => ScheduleError::Past(self.start.clone().unwrap_or_default()),
        })
    }

    /// Understands one that was stored, as of when it came into force.
    pub fn kept(text: &str, since: Timestamp) -> Result<Schedule> {
        let definition: Self =
            serde_json::from_str(text).map_err(|error| ScheduleError::Kept(error.to_string()))?;
        definition.understand(since)
    }

    /// In one line, for people.
    pub fn words(&self) -> String {
        let zone = self.time_zone.as_deref().unwrap_or("UTC");
        let start = self.start.as_deref().unwrap_or_default();
        let mut words = match (&self.every, &self.cron) {
            (Some(every), _) if start.is_empty() => format!("every {every}"),
            (Some(every), _) => format!("every {every} from {start} {zone}"),
            (None, Some(cron)) if start.is_empty() => format!("cron {cron} {zone}"),
            (None, Some(cron)) => format!("cron {cron} {zone} from {start}"),
            (None, None) => format!("once at {start} {zone}"),
        };
        if let Some(jitter) = &self.jitter {
            words += &format!(", up to {jitter} later");
        }
        words
    }
}

fn interval(text: &str) -> Result<Rule> {
    match Span::parse(text) {
        None => Err(ScheduleError::Interval(text.to_owned())),
        Some(Span::Secs(0..60) | Span::Days(0)) => Err(ScheduleError::TooOften(text.to_owned())),
        Some(Span::Secs(secs)) => Ok(Rule::Elapsed(secs)),
        Some(Span::Days(days)) => Ok(Rule::Days(days)),
    }
}

fn cron(text: &str) -> Result<Cron> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    parser.parse(text).map_err(|error| ScheduleError::Cron {
        text: text.to_owned(),
        why: error.to_string().trim_end_matches('.').replace("; ", ", "),
    })
}

fn zone(name: &str) -> Result<TimeZone> {
    let known = || tz::db().available().map(|known| known.as_str().to_owned());
    // The database takes any case of letters, and we show what was written.
    if (name == "UTC" || known().any(|known| known == name))
        && let Ok(zone) = TimeZone::get(name)
    {
        return Ok(zone);
    }
    let lower = name.to_lowercase();
    let distance = |known: &str| {
        let known = known.to_lowercase();
        let city = known.rsplit('/').next().unwrap_or(&known);
        let near = |other: &str| strsim::damerau_levenshtein(&lower, other);
        near(&known).min(near(city))
    };
    let nearest = known()
        .map(|known| (distance(&known), known))
        .filter(|(distance, _)| *distance <= (name.len() / 4).max(1))
        .min();
    Err(ScheduleError::TimeZone {
        name: name.to_owned(),
        advice: match nearest {
            Some((_, meant)) => format!("did you mean `{meant}`?"),
            None => "write it like Europe/Berlin, or UTC".to_owned(),
        },
    })
}

/// With an offset it is that moment; without one it is read off a clock in the zone.
fn start(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    let wrong = || ScheduleError::Start(text.to_owned());
    if let Ok(moment) = jiff::Timestamp::from_str(text) {
        return Ok(moment.as_second());
    }
    let local = civil::DateTime::from_str(text).map_err(|_| wrong())?;
    let moment = zone.to_timestamp(local).map_err(|_| wrong())?;
    Ok(moment.as_second())
}

fn length(
    key: &'static str,
    text: Option<&str>,
    default: i64,
    (most_secs, most): (i64, &'static str),
) -> Result<i64> {
    let Some(text) = text else {
        return Ok(default);
    };
    let secs = Span::parse(text).map(Span::secs);
    secs.filter(|secs| *secs <= most_secs)
        .ok_or_else(|| ScheduleError::Length {
            key,
            text: text.to_owned(),
            most,
        })
}

const DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20 08:00:00 UTC.
    const NOW: Timestamp = 1_795_161_600;

    #[track_caller]
    fn check(definition: &Definition, said: &str) {
        let understood = definition.understand_new(NOW);
        assert_eq!(understood.expect_err("is refused").to_string(), said);
    }

    fn every(text: &str) -> Definition {
        Definition {
            every: Some(text.into()),
            ..Definition::default()
        }
    }

    fn cron(text: &str) -> Definition {
        Definition {
            cron: Some(text.into()),
            ..Definition::default()
        }
    }

    #[test]
    fn a_time_zone_that_does_not_exist_is_named_with_the_nearest() {
        let zone = |name: &str| Definition {
            time_zone: Some(name.into()),
            ..every("1 day")
        };
        for name in ["Europe/Berln", "berlin"] {
            check(
                &zone(name),
                &format!("there is no time zone `{name}`; did you mean `Europe/Berlin`?"),
            );
        }
        check(
            &zone("Middle-earth/Minas_Tirith"),
            "there is no time zone `Middle-earth/Minas_Tirith`; write it like Europe/Berlin, or UTC",
        );
    }

    #[test]
    fn a_cron_expression_has_five_fields_and_a_time_that_comes() {
        check(
            &cron("0 2 30 2 *"),
            "the cron expression `0 2 30 2 *` names a time that never comes; \
             check its day and its month",
        );
        for wrong in ["0 25 * * *", "*/5 * * * * *", "", "daily"] {
            let said = cron(wrong).understand_new(NOW).expect_err("is refused");
            let said = said.to_string();
            let begins = format!("`{wrong}` is no cron expression (");
            assert!(said.starts_with(&begins), "{said}");
            assert!(said.ends_with("; write five fields, such as `30 2 * * 1-5`"));
        }
    }

    #[test]
    fn a_schedule_that_would_never_run_or_all_the_time_is_refused() {
        let once = |start: &str| Definition {
            once: true,
            start: Some(start.into()),
            ..Definition::default()
        };
        check(
            &once("2026-11-20T07:59"),
            "`2026-11-20T07:59` is in the past, so that the schedule would never run; \
             give a later `start`",
        );
        check(
            &once("tomorrow"),
            "`tomorrow` is no date and time; write it like 2026-12-01T02:30",
        );
        check(
            &every("5 seconds"),
            "`5 seconds` is too short for an interval; the shortest is one minute",
        );
        check(
            &every("often"),
            "`often` is no interval; write a number and a unit: minutes, hours, days or weeks",
        );
        let jitter = Definition {
            jitter: Some("1h".into()),
            ..every("30 minutes")
        };
        check(
            &jitter,
            "a jitter of `1h` is longer than the interval; make it shorter",
        );
        let without_start = Definition {
            once: true,
            ..Definition::default()
        };
        check(
            &without_start,
            "a schedule that runs once says when; add `start`, such as 2026-12-01T02:30",
        );
        check(
            &Definition::default(),
            "a schedule says one of `once`, `every` and `cron`; keep one of them",
        );
    }

    #[test]
    fn a_schedule_is_kept_as_it_was_written() {
        let written = Definition {
            start: Some("2026-12-01T02:30".into()),
            time_zone: Some("Europe/Berlin".into()),
            jitter: Some("10 minutes".into()),
            ..every("1 day")
        };
        let kept = serde_json::to_string(&written).expect("is JSON");
        let expected = r#"{"every":"1 day","start":"2026-12-01T02:30","time_zone":"Europe/Berlin","jitter":"10 minutes"}"#;
        assert_eq!(kept, expected);
        assert_eq!(
            written.words(),
            "every 1 day from 2026-12-01T02:30 Europe/Berlin, up to 10 minutes later"
        );
        assert_eq!(
            serde_json::from_str::<Definition>(&kept).ok(),
            Some(written)
        );
    }
}
