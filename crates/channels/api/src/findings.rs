//! What is odd about roles and bindings, and only shows when all of them are known.

use crate::access::{Access, Applies, Bound};
use watertight_base::Diagnostic;

impl Access<'_> {
    /// Bindings to roles that are not there, neither in the input nor on every server, in the order of the bindings. They
    /// grant nothing until somebody makes such a role.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let finding = |(index, bound): (usize, &Bound<'_>)| {
            let message = self.dangling(Applies { binding: index, subject: 0 })?;
            let span = bound.binding.role.span.or(bound.binding.span)?;
            let help =
                "add the role, or remove the binding: whoever may create that role decides what it grants";
            Some(Diagnostic::warning("missing-role", message).at(span, "there is no such role").help(help))
        };
        self.bindings.iter().enumerate().filter_map(finding).collect()
    }
}
