//! Schedules of CronJobs: five fields, or a word for five fields.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax>, and the parser
//! `github.com/robfig/cron/v3` that the API server asks.

/// The fields: what each is called, its least and greatest number, and its words, beginning with the least number.
const FIELDS: [(&str, u8, u8, &[&str]); 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    ("month", 1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("day of the week", 0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// Words for whole schedules.
const WORDS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Why a text is no schedule.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        return if WORDS.contains(&text) { Ok(()) } else { Err("is no word for a schedule".to_owned()) };
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') || text.trim() != text {
        return Err("has odd characters".to_owned());
    }
    let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
    if parts.len() != FIELDS.len() {
        return Err(format!("has {} fields, and not 5", parts.len()));
    }
    for (part, (name, min, max, words)) in parts.into_iter().zip(FIELDS) {
        for range in part.split(',') {
            if !is_range(range, min, max, words) {
                return Err(format!("has `{range}` as its {name}"));
            }
        }
    }
    Ok(())
}

/// Whether it is `*`, a number, a range of them, or one of these with a step.
fn is_range(text: &str, min: u8, max: u8, words: &[&str]) -> bool {
    let number = |text: &str| -> Option<u8> {
        let word = words.iter().position(|word| text.eq_ignore_ascii_case(word));
        if let Some(index) = word {
            return Some(min + u8::try_from(index).ok()?);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok().filter(|number| (min..=max).contains(number)) } else { None }
    };
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    let step_fits = step.is_none_or(|step| {
        let digits = !step.is_empty() && step.len() <= 3 && step.bytes().all(|byte| byte.is_ascii_digit());
        digits && step.bytes().any(|byte| byte != b'0')
    });
    let range_fits = match range.split_once('-') {
        _ if range == "*" || range == "?" => true,
        None => number(range).is_some(),
        Some((first, last)) => {
            matches!((number(first), number(last)), (Some(first), Some(last)) if first <= last)
        }
    };
    step_fits && range_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_those_of_cron() {
        for good in
            ["30 4 * * 1-5", "*/15 * * * *", "0 0 1,15 jan-MAR sun", "@daily", "0  0 ? * 6", "5/10 * * * *"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "@every 1h",
            "TZ=UTC 0 0 * * *",
            "a * * * *",
            "1,, * * * *",
            " 0 0 * * *",
            "*-5 * * * *",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
