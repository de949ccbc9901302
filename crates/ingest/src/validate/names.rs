//! Names that the API server would refuse. They are reported and used as they are: what is meant is clear (rule N21).

use crate::context::Context;
use crate::rules;
use watertight_base::{NameError, Span, dns_label, dns_subdomain, path_segment};

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
    /// Roles and what binds them: anything that can stand between two `/` of a URL.
    PathSegment,
}

impl NameRule {
    fn check(self, name: &str) -> Result<(), NameError> {
        match self {
            Self::Label => dns_label(name),
            Self::Subdomain | Self::ShortSubdomain { .. } => dns_subdomain(name),
            Self::PathSegment => path_segment(name),
        }
    }

    /// How to mend a name.
    fn help(self) -> &'static str {
        match self {
            Self::PathSegment => "leave out `/` and `%`",
            _ => DNS_HELP,
        }
    }
}

/// Checks `metadata.name`.
pub(crate) fn check_name(context: &mut Context, rule: NameRule, name: &str, span: Span) {
    if let Err(error) = rule.check(name) {
        problem(context, &format!("the name `{name}` {error}"), span, rule.help());
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
        problem(context, &format!("the prefix `{prefix}` of a name {error}"), span, rule.help());
    }
}

/// Checks `metadata.namespace`.
pub(crate) fn check_namespace(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = dns_label(name) {
        dns_problem(context, &format!("the namespace `{name}` {error}"), span);
    }
}

/// Checks the name of a ServiceAccount to which something is granted.
pub(crate) fn check_service_account(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = dns_subdomain(name) {
        dns_problem(context, &format!("the name `{name}` of a ServiceAccount {error}"), span);
    }
}

/// Checks the API group of a custom resource: a domain with a dot in it.
pub(crate) fn check_group(context: &mut Context, group: &str, span: Span) {
    if let Err(error) = dns_subdomain(group) {
        dns_problem(context, &format!("the group `{group}` {error}"), span);
    } else if !group.contains('.') {
        problem(context, &format!("the group `{group}` has no dot"), span, "write a domain of your own");
    }
}

/// Checks a name by which a custom resource or a version of it is known: a DNS label that begins with a letter.
pub(crate) fn check_resource(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = dns_label(name) {
        dns_problem(context, &format!("the name `{name}` {error}"), span);
    } else if name.starts_with(|first: char| first.is_ascii_digit()) {
        problem(context, &format!("the name `{name}` begins with a digit"), span, "begin it with a letter");
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
    problem(context, message, span, DNS_HELP);
}

const DNS_HELP: &str = "use lower-case letters, digits and `-`, with a letter or a digit at both ends";

fn problem(context: &mut Context, message: &str, span: Span, help: &str) {
    context.refuse(rules::INVALID_NAME, message, span, "the API server refuses this name", help);
}

/// Checks the name of a role in a binding.
pub(crate) fn check_role(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = path_segment(name) {
        problem(context, &format!("the name `{name}` of a role {error}"), span, NameRule::PathSegment.help());
    }
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
