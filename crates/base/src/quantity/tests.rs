//! What the API server makes of amounts, and the laws that hold for all of them.

use super::*;
use proptest::prelude::*;

fn of(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// From `quantity_test.go` and the comments of `quantity.go`.
#[test]
fn amounts_are_written_as_the_api_server_writes_them() {
    for (text, canonical) in [
        ("0", "0"),
        ("0n", "0"),
        ("0Mi", "0"),
        ("1.5", "1500m"),
        ("1.5Gi", "1536Mi"),
        ("1024Mi", "1Gi"),
        ("1000Mi", "1000Mi"),
        ("1Ki", "1Ki"),
        ("0.5Ki", "512"),
        ("100m", "100m"),
        ("0.1", "100m"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1000k", "1M"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("1e2", "100"),
        ("1E", "1E"),
        ("1000E", "1e21"),
        ("100M", "100M"),
        ("1.2345", "1234500u"),
        ("0.9n", "1n"),
        ("-1.5", "-1500m"),
        ("+1", "1"),
        (".5", "500m"),
        ("1.", "1"),
        ("007", "7"),
        ("8Ei", "9223372036854775807"),
        ("129e6", "129e6"),
        ("18446744073709551616", "18446744073709551616"),
        ("1e-3", "1e-3"),
        ("1.1Ki", "1126400m"),
    ] {
        assert_eq!(of(text).to_string(), canonical, "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for (text, error) in [
        ("", QuantityError::NoNumber),
        ("Mi", QuantityError::NoNumber),
        (".", QuantityError::NoNumber),
        ("1.2.3", QuantityError::NoNumber),
        ("two", QuantityError::NoNumber),
        ("--1", QuantityError::NoNumber),
        (" 1", QuantityError::NoNumber),
        ("1 Gi", QuantityError::Suffix),
        ("1gb", QuantityError::Suffix),
        ("1K", QuantityError::Suffix),
        ("1mi", QuantityError::Suffix),
        ("1e", QuantityError::Suffix),
        ("1e1.5", QuantityError::Suffix),
        ("1e++1", QuantityError::Suffix),
        ("1e40", QuantityError::TooLarge),
        ("1e99999999", QuantityError::TooLarge),
    ] {
        assert_eq!(Quantity::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn units_are_rounded_up() {
    assert_eq!(of("1.0001").as_milli(), 1001);
    assert_eq!(of("100m").as_milli(), 100);
    assert_eq!(of("1Gi").as_units(), 1 << 30);
    assert_eq!(of("1m").as_units(), 1);
    assert_eq!(of("-1.5").as_units(), -1);
    assert_eq!(of("1e-30").as_units(), 1);
    assert_eq!(of("269.50n").up_to_milli().to_string(), "1m");
    assert_eq!(of("1.5Gi").up_to_milli(), of("1536Mi"));
    assert_eq!(Quantity::milli(250), of("0.25"));
    assert_eq!(Quantity::mebi(512), of("0.5Gi"));
}

fn text() -> impl Strategy<Value = String> {
    "[+-]?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,11})?(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|e[0-9]|E-[0-9]|)"
}

proptest! {
    #[test]
    fn the_canonical_form_means_the_same(text in text()) {
        let amount = of(&text);
        prop_assert_eq!(of(&amount.to_string()), amount);
    }

    #[test]
    fn the_canonical_form_is_its_own(text in text()) {
        let canonical = of(&text).to_string();
        prop_assert_eq!(of(&canonical).to_string(), canonical);
    }

    #[test]
    fn the_canonical_form_has_no_fraction(text in text()) {
        prop_assert!(!of(&text).to_string().contains('.'));
    }

    #[test]
    fn a_sum_does_not_depend_on_the_order(a in text(), b in text()) {
        prop_assert_eq!(of(&a).plus(of(&b)), of(&b).plus(of(&a)));
    }

    #[test]
    fn so_many_times_is_a_sum(a in text(), count in 0_u64..50) {
        let sum = (0..count).fold(Quantity::ZERO, |sum, _| sum.plus(of(&a)));
        prop_assert_eq!(of(&a).times(count), sum);
    }

    #[test]
    fn a_thousand_of_the_smaller_suffix_are_one_of_the_larger(number in 0_u32..1_000_000) {
        for pair in ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].windows(2) {
            prop_assert_eq!(of(&format!("{number}000{}", pair[0])), of(&format!("{number}{}", pair[1])));
        }
        for pair in ["Ki", "Mi", "Gi", "Ti", "Pi"].windows(2) {
            prop_assert_eq!(of(&format!("{}{}", u64::from(number % 1000) * 1024, pair[0])), of(&format!("{}{}", number % 1000, pair[1])));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        let _ = Quantity::parse(&text);
    }

    #[test]
    fn rounding_up_loses_less_than_a_unit(text in text()) {
        let amount = of(&text);
        let up = amount.as_units();
        let nanos = up * UNIT - amount.nanos;
        prop_assert!((0..UNIT).contains(&nanos));
    }
}
