//! What a plain YAML scalar means to kubectl and the API server: YAML 1.1, as `sigs.k8s.io/yaml` reads it.

use std::borrow::Cow;

/// A scalar's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits 64 bits, signed or not.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
}

impl Scalar<'_> {
    /// How people call the type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
        }
    }

    /// The whole number that it is. `80.0` is one: the JSON that the API server gets says `80`.
    pub(crate) fn whole(&self) -> Option<i128> {
        match *self {
            Self::Integer(value) => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "the value is whole and small")]
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(value as i128),
            _ => None,
        }
    }

    /// The scalar as a JSON object key, which is always text: `on` is the key `true`, `0x10` the key `16`.
    pub(crate) fn into_key(self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => float_key(value),
            Self::Text(text) => text.into_owned(),
        }
    }
}

/// A number as a key: in Go's shortest spelling of single precision, which is what kubectl makes of it.
fn float_key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the precision is what is lost on purpose")]
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// The value of a plain scalar: one without quotes and without a tag.
pub(crate) fn plain(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let as_text = || Scalar::Text(Cow::Borrowed(text));
    match text.as_bytes()[0] {
        b'.' => float(&without_separators(text)).map_or_else(as_text, Scalar::Float),
        b'0'..=b'9' | b'+' | b'-' => {
            let digits: Cow<'_, str> =
                if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
            integer(&digits)
                .map(Scalar::Integer)
                .or_else(|| float(&digits).map(Scalar::Float))
                .unwrap_or_else(as_text)
        }
        _ => as_text(),
    }
}

/// A fraction without the `_` that stand between two of its digits.
fn without_separators(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let separates = |(at, byte): (usize, &u8)| *byte != b'_' || (is_digit(at - 1) && is_digit(at + 1));
    // The first byte is the point, so that every `_` has one before it.
    if text.contains('_') && bytes.iter().enumerate().all(separates) {
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// A whole number with Go's prefixes: `0x`, `0o`, `0b`, and a leading `0` for octal.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = digits.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match prefix.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(_) if digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    // A sign after the prefix is no digit, save after `0b`, where the parser behind kubectl lets it pass.
    let sign_allowed = prefix.as_deref() == Some("0b") && text.starts_with("0b");
    if !sign_allowed && !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// A decimal number: digits with an optional fraction and exponent, and small enough to be one. `606e961602` is text.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let well_formed = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent));
    let value: f64 = if well_formed { text.parse().ok()? } else { return None };
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Scalar<'_> {
        Scalar::Text(value.into())
    }

    #[test]
    fn booleans_are_those_of_yaml_1_1_in_three_spellings() {
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(plain(word), Scalar::Bool(true), "{word}");
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(plain(word), Scalar::Bool(false), "{word}");
        }
        for word in ["yEs", "tRUE", "oN", "nO", "truee", "t", "f"] {
            assert_eq!(plain(word), text(word), "{word}");
        }
    }

    #[test]
    fn numbers_have_the_prefixes_of_go() {
        for (spelling, value) in [
            ("0", 0),
            ("80", 80),
            ("-1", -1),
            ("+7", 7),
            ("0644", 420),
            ("010", 8),
            ("0o17", 15),
            ("0x1F", 31),
            ("-0x1F", -31),
            ("0b11", 3),
            ("-0b11", -3),
            ("0b-1", -1),
            ("0B11", 3),
            ("0O17", 15),
            ("1_", 1),
            ("-_1", -1),
            ("00", 0),
            ("1_000", 1000),
            ("18446744073709551615", 18_446_744_073_709_551_615),
        ] {
            assert_eq!(plain(spelling), Scalar::Integer(value), "{spelling}");
        }
    }

    #[test]
    fn floats_are_finite_decimals() {
        for (spelling, value) in [
            ("1.5", 1.5),
            ("1.", 1.0),
            (".5", 0.5),
            ("+.5", 0.5),
            (".5_0", 0.5),
            ("1_.5", 1.5),
            ("1.e3", 1000.0),
            ("0_8", 8.0),
            ("1e3", 1000.0),
            ("1E-2", 0.01),
            ("08", 8.0),
            ("-2.5e+1", -25.0),
            ("18446744073709551616", 18_446_744_073_709_551_616.0),
        ] {
            assert_eq!(plain(spelling), Scalar::Float(value), "{spelling}");
        }
        assert_eq!(plain("-.inf"), Scalar::Float(f64::NEG_INFINITY));
        assert!(matches!(plain(".NaN"), Scalar::Float(value) if value.is_nan()));
    }

    #[test]
    fn times_dates_addresses_and_overflowing_numbers_stay_text() {
        for word in [
            "12:30",
            "2026-10-01",
            "2026-10-01T00:00:00Z",
            "606e961602",
            "10.0.0.0/8",
            "10.0.0.1",
            "1.2.3",
            "0x",
            "0xZZ",
            "0x+1",
            "1e",
            ".",
            "-",
            "+",
            "--1",
            "1-2",
            "_1",
            "._5",
            "._",
            ".e3",
            "0o9",
            "0b",
            "1p4",
            "0x1p4",
            "inf",
            "Infinity",
            "http",
            "<<",
            "é",
        ] {
            assert_eq!(plain(word), text(word), "{word}");
        }
    }

    #[test]
    fn nothing_is_null() {
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(word), Scalar::Null, "{word:?}");
        }
        assert_eq!(plain("nULL"), text("nULL"));
    }

    #[test]
    fn whole_numbers_may_be_written_as_floats() {
        for (spelling, whole) in
            [("80.0", Some(80)), ("1e3", Some(1000)), ("80.5", None), (".inf", None), ("x", None)]
        {
            assert_eq!(plain(spelling).whole(), whole, "{spelling}");
        }
    }

    #[test]
    fn keys_are_always_text() {
        for (spelling, key) in [
            ("on", "true"),
            ("1", "1"),
            ("0x10", "16"),
            ("app", "app"),
            ("n", "false"),
            ("1.50", "1.5"),
            ("1e6", "1e+06"),
            ("123456789.125", "1.2345679e+08"),
            ("1e-5", "1e-05"),
            ("1e308", ".inf"),
            ("-0.0", "-0"),
        ] {
            assert_eq!(plain(spelling).into_key(), key, "{spelling}");
        }
    }
}
