//! The places in what was read, each of them, so that two objects can be compared wherever they stand.

use crate::{
    AdmissionPolicy, AdmissionPolicyBinding, Called, DialedHost, Endpoints, FurtherNetworks, Gateway,
    GatewayClass, HeldValue, Ingress, IngressBackend, IngressClass, Listener, ListenerSet,
    MutatingPolicyBinding, NetworkAttachment, Origin, ParentRef, ReferenceGrant, Role, RoleBinding, Route,
    Secret, Service, ServiceAccount, Settings, WebhookConfiguration, Written,
};
use watertight_base::Span;

/// Something that knows where its parts stand.
pub trait Places {
    /// Shows every place in it, optional ones only if they are there.
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span));
}

impl Places for Span {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(self);
    }
}

impl<T: Places> Places for Option<T> {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.iter_mut().for_each(|part| part.each_place(visit));
    }
}

impl<T: Places> Places for Vec<T> {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.iter_mut().for_each(|part| part.each_place(visit));
    }
}

impl Places for Origin {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for Written {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for AdmissionPolicy {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.conditions.each_place(visit);
        for (name, expression) in &mut self.variables {
            name.each_place(visit);
            expression.each_place(visit);
        }
        for validation in &mut self.validations {
            validation.expression.each_place(visit);
            validation.message_expression.each_place(visit);
        }
        self.annotations.each_place(visit);
    }
}

impl Places for AdmissionPolicyBinding {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.policy.each_place(visit);
    }
}

impl Places for DialedHost {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for HeldValue {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for Secret {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
        self.values.each_place(visit);
    }
}

impl Places for Settings {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.values.each_place(visit);
    }
}

impl Places for FurtherNetworks {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for NetworkAttachment {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
    }
}

impl Places for Service {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.kind_span.each_place(visit);
        self.external_name.each_place(visit);
        self.external_ips_span.each_place(visit);
        self.ports.iter_mut().for_each(|port| visit(&mut port.span));
    }
}

impl Places for Endpoints {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        for subset in &mut self.subsets {
            visit(&mut subset.span);
            subset.endpoints.iter_mut().for_each(|endpoint| visit(&mut endpoint.span));
        }
    }
}

impl Places for IngressBackend {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for Ingress {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.class.each_place(visit);
        self.class_annotation.each_place(visit);
        self.annotations.values_mut().for_each(|value| value.each_place(visit));
        self.default_backend.each_place(visit);
        for rule in &mut self.rules {
            visit(&mut rule.span);
            for path in &mut rule.paths {
                visit(&mut path.span);
                path.backend.each_place(visit);
            }
        }
    }
}

impl Places for IngressClass {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
    }
}

impl Places for GatewayClass {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
    }
}

impl Places for Listener {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
        visit(&mut self.routes.span);
    }
}

impl Places for Gateway {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.class.each_place(visit);
        self.asked_span.each_place(visit);
        self.listeners.each_place(visit);
    }
}

impl Places for ListenerSet {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.parent.each_place(visit);
        self.listeners.each_place(visit);
    }
}

impl Places for ParentRef {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for Route {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.parents.each_place(visit);
        self.default_gateways.each_place(visit);
        for rule in &mut self.rules {
            visit(&mut rule.span);
            rule.backends.iter_mut().for_each(|backend| visit(&mut backend.span));
            rule.extensions.iter_mut().for_each(|extension| visit(&mut extension.span));
        }
    }
}

impl Places for ReferenceGrant {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.from.iter_mut().for_each(|from| visit(&mut from.span));
        self.to.iter_mut().for_each(|to| visit(&mut to.span));
    }
}

impl Places for Role {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.span.each_place(visit);
        self.rules.iter_mut().for_each(|rule| rule.span.each_place(visit));
    }
}

impl Places for RoleBinding {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.span.each_place(visit);
        self.role.span.each_place(visit);
        self.subjects.iter_mut().for_each(|subject| subject.span.each_place(visit));
    }
}

impl Places for ServiceAccount {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
        self.identities.iter_mut().for_each(|identity| identity.name.each_place(visit));
    }
}

impl Places for Called {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.span);
    }
}

impl Places for WebhookConfiguration {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        for webhook in &mut self.webhooks {
            visit(&mut webhook.span);
            webhook.called.each_place(visit);
        }
    }
}

impl Places for MutatingPolicyBinding {
    fn each_place(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.origin.each_place(visit);
        self.params.iter_mut().for_each(|params| visit(&mut params.span));
    }
}
