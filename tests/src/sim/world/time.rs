//! Times as Qualys writes them: UTC, whole seconds, a trailing Z.
//!
//! Nothing here reads a clock; the simulated present is a fixed date plus the day.

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Timestamp(pub(crate) i64);

impl Timestamp {
    /// Reads `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`.
    pub(crate) fn parse(text: &str) -> Option<Timestamp> {
        let (date, clock) = match text.split_once('T') {
            Some((date, clock)) => (date, clock.strip_suffix('Z')?),
            None => (text, "00:00:00"),
        };
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(clock, ':')?;
        let known = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        known.then(|| {
            let days = days_from_civil(year, month, day);
            Timestamp(days * DAY + hour * 3_600 + minute * 60 + second)
        })
    }

    pub(crate) fn plus(self, secs: i64) -> Timestamp {
        Timestamp(self.0 + secs)
    }

    /// The 20 characters of `YYYY-MM-DDThh:mm:ssZ`.
    pub(crate) fn text(self) -> [u8; 20] {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let secs = self.0.rem_euclid(DAY);
        let mut text = *b"0000-00-00T00:00:00Z";
        two(&mut text, 0, year / 100);
        two(&mut text, 2, year % 100);
        two(&mut text, 5, month);
        two(&mut text, 8, day);
        two(&mut text, 11, secs / 3_600);
        two(&mut text, 14, secs / 60 % 60);
        two(&mut text, 17, secs % 60);
        text
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

fn two(text: &mut [u8; 20], at: usize, value: i64) {
    text[at] = b'0' + (value / 10) as u8;
    text[at + 1] = b'0' + (value % 10) as u8;
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| part.parse::<u16>().ok());
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then(|| three.map(i64::from))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

pub(crate) const DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: i64) {
        let read = Timestamp::parse(text).unwrap();
        assert_eq!(read.0, expected);
        assert_eq!(read.to_string()[..10], text[..10]);
    }

    #[test]
    fn dates_are_read_and_written_alike() {
        check("1970-01-01", 0);
        check("2000-02-29T00:00:01Z", 951_782_401);
        check("2026-11-01T12:00:00Z", 1_793_534_400);
    }

    #[test]
    fn a_date_of_another_form_is_refused() {
        for text in [
            "2026-13-01",
            "2026-01-01T00:00:00",
            "20260101",
            "yesterday",
            "2026-1",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
