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
}

impl NameRule {
    fn check(self, name: &str) -> Result<(), NameError> {
        match self {
            Self::Label => dns_label(name),
            Self::Subdomain => dns_subdomain(name),
        }
    }
}

/// Checks `metadata.name`.
pub(crate) fn check_name(context: &mut Context, rule: NameRule, name: &str, span: Span) {
    if let Err(error) = rule.check(name) {
        report(context, &format!("the name `{name}` {error}"), span);
    }
}

/// Checks `metadata.namespace`.
pub(crate) fn check_namespace(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = dns_label(name) {
        report(context, &format!("the namespace `{name}` {error}"), span);
    }
}

fn report(context: &mut Context, message: &str, span: Span) {
    context.refuse(
        rules::INVALID_NAME,
        message,
        span,
        "the API server refuses this name",
        "use lower-case letters, digits and `-`, with a letter or a digit at both ends",
    );
}
