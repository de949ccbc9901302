//! Days of the Gregorian calendar. Which day is today is always an argument.

use std::fmt;

/// A day, without a time and a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of a year, a month and a day, all from 1; `None` if there is no such day.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// The day that began so many days after 1970-01-01; the last of the year 9999 for any later one.
    ///
    /// Source: the days of a year of the Gregorian calendar, counted from March on, so that a leap day is the last.
    #[must_use]
    pub fn of_unix_day(days: u64) -> Self {
        let last = Self { year: 9999, month: 12, day: 31 };
        // Days since 0000-03-01; 400 years have 146097 days.
        let since = days.saturating_add(719_468);
        let (era, of_era) = (since / 146_097, since % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era.saturating_mul(400) + year_of_era + u64::from(month <= 2);
        match (u16::try_from(year), u8::try_from(month), u8::try_from(day)) {
            (Ok(year), Ok(month), Ok(day)) => Self::new(year, month, day).unwrap_or(last),
            _ => last,
        }
    }

    /// The day that a text such as `2026-12-31` means.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let well_formed = text.len() == 10
            && (0..10).all(|at| if at == 4 || at == 7 { text.as_bytes()[at] == b'-' } else { digits(at) });
        if !well_formed {
            return None;
        }
        Self::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_that_are_not_in_the_calendar_are_none() {
        for bad in [
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "0000-01-01",
            "2026-1-1",
            "26-01-01",
            "2026/01/01",
            "2026-01-01T00:00:00Z",
            "",
            "2026-01-é",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        for good in ["2024-02-29", "2000-02-29", "2026-12-31"] {
            assert_eq!(Date::parse(good).unwrap().to_string(), good);
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        let mut expected = Date::new(1970, 1, 1).unwrap();
        for days in 0..400_000 {
            assert_eq!(Date::of_unix_day(days), expected);
            let Date { year, month, day } = expected;
            let next = [(year, month, day + 1), (year, month + 1, 1), (year + 1, 1, 1)];
            expected = next.into_iter().find_map(|(year, month, day)| Date::new(year, month, day)).unwrap();
        }
        assert_eq!(Date::of_unix_day(u64::MAX).to_string(), "9999-12-31");
    }

    proptest! {
        #[test]
        fn days_come_in_the_order_of_their_texts(a in "[0-9]{4}-[0-9]{2}-[0-9]{2}", b in "[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            if let (Some(first), Some(second)) = (Date::parse(&a), Date::parse(&b)) {
                prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            }
        }
    }
}
