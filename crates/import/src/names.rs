//! Names of others, as names that an intent takes.

use watertight_intent::Format;

/// The longest name.
const LENGTH_MAX: usize = 63;

/// A name as a DNS label: itself if it is one, else what is left of it; `None` if that is nothing.
#[must_use]
pub fn label(name: &str) -> Option<String> {
    if Format::Name.check(name).is_ok() {
        return Some(name.to_owned());
    }
    let mut label = String::new();
    for letter in name.chars() {
        match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_lowercase() || letter.is_ascii_digit() => label.push(letter),
            _ if !label.is_empty() && !label.ends_with('-') => label.push('-'),
            _ => {}
        }
    }
    label.truncate(LENGTH_MAX);
    let label = label.trim_end_matches('-').to_owned();
    Format::Name.check(&label).is_ok().then_some(label)
}

/// The same for what has a Service of its name, which begins with a letter.
pub(crate) fn service(name: &str) -> Option<String> {
    let mut label = label(name)?;
    if label.starts_with(|c: char| c.is_ascii_digit()) {
        label.insert_str(0, "app-");
        label.truncate(LENGTH_MAX);
        label.truncate(label.trim_end_matches('-').len());
    }
    Some(label)
}

/// The name of a port: itself if it can be one, else one by its number.
pub(crate) fn port(name: &str, number: u16) -> String {
    if Format::PortName.check(name).is_ok() { name.to_owned() } else { format!("port-{number}") }
}

/// A name that none of `taken` is: with a number behind it if need be.
pub(crate) fn unlike(name: String, taken: &[String]) -> String {
    let mut unlike = name.clone();
    let mut number = 2_u32;
    while taken.contains(&unlike) {
        let end = format!("-{number}");
        let kept: String = name.chars().take(LENGTH_MAX - end.len()).collect();
        unlike = kept + &end;
        number += 1;
    }
    unlike
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_left_of_a_name_is_a_label() {
        assert_eq!(label("shop").as_deref(), Some("shop"));
        assert_eq!(label("My Shop_API!").as_deref(), Some("my-shop-api"));
        assert_eq!(label("--"), None);
        assert_eq!(label("日本"), None);
    }

    proptest! {
        #[test]
        fn a_label_is_a_name_of_an_intent(name in ".{0,80}") {
            if let Some(label) = label(&name) {
                prop_assert_eq!(Format::Name.check(&label), Ok(()));
            }
        }

        #[test]
        fn a_port_has_a_name(name in "[a-z0-9-]{0,20}", number in 1_u16..) {
            prop_assert_eq!(Format::PortName.check(&port(&name, number)), Ok(()));
        }

        #[test]
        fn a_name_that_is_taken_becomes_another(name in "[a-z]{1,63}") {
            let other = unlike(name.clone(), std::slice::from_ref(&name));
            prop_assert!(other != name && Format::Name.check(&other).is_ok());
        }
    }
}
