//! What is odd about roles and bindings, and only shows when all of them are known.

use crate::access::{Access, Applies, Bound};
use watertight_base::Diagnostic;

impl Access<'_> {
    /// Bindings to roles that are not there, neither in the input nor on every server, in the order of the bindings. What
    /// they grant is not known: the input may lack the role, and if there is none, whoever makes it decides.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let finding = |(index, bound): (usize, &Bound<'_>)| {
            let message = self.dangling(Applies { binding: index, subject: 0 })?;
            let span = bound.binding.role.span.or(bound.binding.span)?;
            let help =
                "add the role, or remove the binding: whoever may create that role decides what it grants";
            Some(
                Diagnostic::warning("missing-role", message)
                    .at(span, "what this grants is not known")
                    .help(help),
            )
        };
        self.bindings.iter().enumerate().filter_map(finding).collect()
    }
}
