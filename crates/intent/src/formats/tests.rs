//! Checks and patterns say the same, as far as a pattern can.

use super::*;
use proptest::prelude::*;
use regex_lite::Regex;

/// Formats whose pattern, together with the greatest length, says all that the check says.
const EXACT: [Format; 12] = [
    Format::Text,
    Format::AnyText,
    Format::Name,
    Format::Subdomain,
    Format::KubernetesVersion,
    Format::CniProfile,
    Format::Image,
    Format::FilePath,
    Format::Pointer,
    Format::UrlPath,
    Format::Host,
    Format::VariableName,
];

fn matches(format: Format, text: &str) -> bool {
    // The two kinds of expression differ in what a text of several lines is: ECMA's `$` is its end alone.
    let pattern = format.pattern().map(|pattern| pattern.replace(r"[\s\S]", "(?s:.)"));
    let fits = |pattern: &str| Regex::new(pattern).unwrap().is_match(text);
    pattern.is_none_or(|pattern| fits(&pattern))
        && format.length_max().is_none_or(|max| text.chars().count() <= max)
}

fn check_laws(text: &str) -> Result<usize, TestCaseError> {
    let mut accepted = 0;
    for format in Format::ALL {
        let checked = format.check(text).is_ok();
        accepted += usize::from(checked);
        prop_assert!(!checked || matches(format, text), "{format:?} accepts {text:?}");
        if EXACT.contains(&format) {
            prop_assert_eq!(checked, matches(format, text), "{:?} {:?}", format, text);
        }
    }
    Ok(accepted)
}

/// Texts that are of a format, or nearly so.
fn nearly() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{0,66}",
        "[a-z0-9.-]{0,20}",
        "(\\*\\.)?[a-z]{1,5}(\\.[a-z0-9-]{0,4}){0,3}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "1\\.[0-9]{0,4}",
        "(calico|cilium|none|nonesuch)(,[a-z-]{0,4}=[a-z+]{0,4}){0,2}",
        "[a-z/:.]{0,6}@?sha256:[0-9a-f]{63,65}",
        "/?[a-z/ ]{0,6}",
        "/?[a-z/~01]{0,6}",
        "[0-9]{1,3}\\.[0-9]{1,3}\\.0\\.0/[0-9]{1,2}",
        "[*0-9,/-]{1,3}( [*0-9,/-]{1,3}){4}",
        "[A-Za-z0-9_/+-]{0,12}",
        "[A-Z0-9_.=-]{0,12}",
        "([a-z.]{0,4}/)?[a-zA-Z_.-]{0,4}=[a-zA-Z_.-]{0,4}",
        ".{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn what_a_check_accepts_its_pattern_matches(text in nearly()) {
        check_laws(&text)?;
    }
}

#[test]
fn each_format_accepts_something_and_refuses_something() {
    let digest = "a".repeat(64);
    let image = format!("registry.example/shop@sha256:{digest}");
    for (format, good, bad) in [
        (Format::Text, "x", ""),
        (Format::Name, "shop", "Shop"),
        (Format::Subdomain, "shop.db", "shop_db"),
        (Format::Label, "example.com/app=dns", "app"),
        (Format::PortName, "http", "80"),
        (Format::Date, "2026-12-31", "31.12.2026"),
        (Format::KubernetesVersion, "1.36", "1.36.0"),
        (Format::CniProfile, "cilium,cidr-match=pods+nodes", "flannel"),
        (Format::Image, image.as_str(), "registry.example/shop:1"),
        (Format::FilePath, "k8s/shop", "a\nb"),
        (Format::Pointer, "/spec/ports/0", "spec.ports"),
        (Format::UrlPath, "/healthz", "healthz"),
        (Format::Host, "*.example.com", "exa mple"),
        (Format::Cidr, "10.0.0.0/8", "10.0.0.1/8"),
        (Format::Schedule, "30 4 * * *", "30 4"),
        (Format::TimeZone, "Europe/Berlin", "Local"),
        (Format::VariableName, "DATABASE_URL", "1X"),
        (Format::SecretKey, "tls.crt", ".."),
        (Format::LabelKey, "example.com/pool", "pool!"),
    ] {
        assert_eq!(format.check(good), Ok(()), "{format:?}");
        assert!(format.check(bad).is_err(), "{format:?}");
        for text in [good, bad] {
            check_laws(text).unwrap();
        }
    }
}

#[test]
fn the_profiles_are_in_the_pattern() {
    for profile in PROFILES {
        assert!(matches(Format::CniProfile, profile), "{profile}");
    }
}
