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

    proptest! {
        #[test]
        fn days_come_in_the_order_of_their_texts(a in "[0-9]{4}-[0-9]{2}-[0-9]{2}", b in "[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            if let (Some(first), Some(second)) = (Date::parse(&a), Date::parse(&b)) {
                prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            }
        }
    }
}
