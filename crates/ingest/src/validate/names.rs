//! Names that the API server would refuse. They are reported and used as they are: what is meant is clear (rule N21).

use crate::context::Context;
use crate::rules;
use watertight_base::{NameError, Span, dns_label, dns_subdomain};

/// Which names a kind may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// Namespaces, and Services: a DNS label.
    Label,
    /// Most objects: a DNS subdomain.
    Subdomain,
    /// What makes objects whose names or labels begin with its own: a DNS subdomain that leaves room for the rest.
    ShortSubdomain {
        /// How long it may be.
        length_max: usize,
    },
}

impl NameRule {
    fn check(self, name: &str) -> Result<(), NameError> {
        match self {
            Self::Label => dns_label(name),
            Self::Subdomain | Self::ShortSubdomain { .. } => dns_subdomain(name),
        }
    }
}

/// Checks `metadata.name`.
pub(crate) fn check_name(context: &mut Context, rule: NameRule, name: &str, span: Span) {
    if let Err(error) = rule.check(name) {
        dns_problem(context, &format!("the name `{name}` {error}"), span);
    } else if let NameRule::ShortSubdomain { length_max } = rule
        && name.len() > length_max
    {
        dns_problem(context, &format!("the name `{name}` is longer than {length_max} characters"), span);
    }
}

/// Checks `metadata.generateName`: what the server would make of it must be a name.
pub(crate) fn check_prefix(context: &mut Context, rule: NameRule, prefix: &str, span: Span) {
    // A `-` at its end is followed by something.
    let name = match prefix.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => format!("{rest}a"),
        _ => prefix.to_owned(),
    };
    if let Err(error) = rule.check(&name) {
        dns_problem(context, &format!("the prefix `{prefix}` of a name {error}"), span);
    }
}

/// Checks `metadata.namespace`.
pub(crate) fn check_namespace(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = dns_label(name) {
        dns_problem(context, &format!("the namespace `{name}` {error}"), span);
    }
}

/// Whether the schema of the administrator's policies takes a domain name: at least two labels, `*.` before them or not, and
/// a dot after them or not. A label begins with one of `A-z`, which is a slip of theirs, or with a digit.
pub(crate) fn is_domain_name(name: &str) -> bool {
    let name = name.strip_prefix("*.").unwrap_or(name);
    let name = name.strip_suffix('.').unwrap_or(name);
    let begins = |byte: u8| matches!(byte, b'A'..=b'z') || byte.is_ascii_digit();
    let continues = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| match label.as_bytes() {
        [] => false,
        [only] => begins(*only),
        [first, middle @ .., last] => {
            begins(*first) && middle.iter().all(continues) && last.is_ascii_alphanumeric()
        }
    };
    name.contains('.') && name.split('.').all(is_label)
}

/// Reports what is no DNS name, in the words of `message`.
pub(crate) fn dns_problem(context: &mut Context, message: &str, span: Span) {
    context.refuse(
        rules::INVALID_NAME,
        message,
        span,
        "the API server refuses this name",
        "use lower-case letters, digits and `-`, with a letter or a digit at both ends",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_names_have_two_labels_and_at_most_one_star_in_front() {
        for name in ["a.b", "api.example.com", "*.example.com", "x_y.example.com.", "1.2", "_a.b", "A-1.b"] {
            assert!(is_domain_name(name), "{name}");
        }
        for name in [
            "",
            ".",
            "a",
            "*",
            "*.",
            "*.com",
            "localhost",
            "a..b",
            ".a.b",
            "*a.b",
            "a.*.b",
            "-a.b",
            "a-.b",
            "a.b..",
            "a_.b",
            "é.b",
            "a b.c",
            "**.a.b",
        ] {
            assert!(!is_domain_name(name), "{name}");
        }
    }
}
