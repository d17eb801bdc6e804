//! Lengths of time as people write them: `15 minutes`, `6h`, `2 weeks`.

/// A length, with days kept apart from hours: a day of a calendar is not always 24 hours long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Span {
    Secs(i64),
    Days(i64),
}

impl Span {
    /// A number and a unit, with or without a blank between them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|char: char| !char.is_ascii_digit())?;
        let (number, unit) = text.split_at(digits);
        let number: i64 = number.parse().ok().filter(|number| *number <= MOST)?;
        Some(match unit.trim().to_ascii_lowercase().as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Secs(number),
            "m" | "min" | "mins" | "minute" | "minutes" => Self::Secs(number * 60),
            "h" | "hour" | "hours" => Self::Secs(number * 3_600),
            "d" | "day" | "days" => Self::Days(number),
            "w" | "week" | "weeks" => Self::Days(number * 7),
            _ => return None,
        })
    }

    /// With days of 24 hours.
    pub(super) fn secs(self) -> i64 {
        match self {
            Self::Secs(secs) => secs,
            Self::Days(days) => days * 86_400,
        }
    }
}

/// Far beyond any schedule, and far from an overflow.
const MOST: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_number_and_a_unit() {
        assert_eq!(Span::parse("15 minutes"), Some(Span::Secs(900)));
        assert_eq!(Span::parse("6h"), Some(Span::Secs(21_600)));
        assert_eq!(Span::parse(" 1 Day "), Some(Span::Days(1)));
        assert_eq!(Span::parse("2w"), Some(Span::Days(14)));
        for wrong in ["", "6", "h", "-6h", "1.5h", "6 fortnights", "99999999999h"] {
            assert_eq!(Span::parse(wrong), None, "{wrong}");
        }
    }
}
