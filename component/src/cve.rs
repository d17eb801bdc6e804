//! Names of CVEs as numbers, so that sets of them are sets of numbers, and back.
//!
//! A name that is no CVE has no number, and a number has one name. Nothing here knows what is
//! asked of Qualys, or of whom.

/// How every name begins.
pub(crate) const PREFIX: &str = "CVE-";

/// `CVE-2021-44228` as `2021_000_044_228`. The number behind the year has four digits or more, and
/// more only where it needs them.
pub(crate) fn number(name: &str) -> Option<u64> {
    let (year, number) = name.strip_prefix(PREFIX)?.split_once('-')?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_written_so = year.len() == 4
        && (4..=9).contains(&number.len())
        && (number.len() == 4 || !number.starts_with('0'))
        && is_digits(year)
        && is_digits(number);
    if !is_written_so {
        return None;
    }
    Some(year.parse::<u64>().ok()? * OF_A_YEAR + number.parse::<u64>().ok()?)
}

/// The name of a number that [`number`] gave.
pub(crate) fn name(number: u64) -> String {
    let (year, number) = (number / OF_A_YEAR, number % OF_A_YEAR);
    format!("{PREFIX}{year:04}-{number:04}")
}

/// As Qualys' parameter has them.
pub(crate) fn names(numbers: impl Iterator<Item = u64>) -> String {
    let names: Vec<String> = numbers.map(name).collect();
    names.join(",")
}

const OF_A_YEAR: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_and_a_number_one_name() {
        for (text, expected) in [
            ("CVE-2021-44228", 2_021_000_044_228),
            ("CVE-1999-0001", 1_999_000_000_001),
            ("CVE-2026-0000", 2_026_000_000_000),
            ("CVE-2024-123456789", 2_024_123_456_789),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
            assert_eq!(name(expected), text);
        }
    }

    #[test]
    fn what_is_no_name_has_no_number() {
        for text in [
            "",
            "CVE",
            "CVE-",
            "CVE-2021",
            "CVE-2021-",
            "CVE-2021-1",
            "CVE-2021-04422",
            "CVE-2021-+4228",
            "CVE-21-44228",
            "CVE-2021-1234567890",
            "cve-2021-44228",
            " CVE-2021-44228",
            "CVE-2021-44228-1",
            "CAN-2001-0001",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
