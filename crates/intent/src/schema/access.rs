//! The shape of who may do something in an environment.

use crate::formats::Format;
use crate::shape::{Field, Object, Shape};

/// What somebody may do in the namespaces of an environment.
pub(crate) const ROLES: &[&str] = &["view", "edit"];

pub(super) const ACCESS: Object = Object {
    name: "Access",
    noun: "access",
    about: "Who may do something in an environment. Nobody else may.",
    fields: &[
        Field::optional("teams", Shape::list(&Shape::Object(&PARTY)), "People who work in it."),
        Field::optional(
            "ci",
            Shape::list(&Shape::Object(&PARTY)),
            "Identities of pipelines that deploy to it.",
        ),
        Field::optional(
            "operators",
            Shape::list(&Shape::Object(&PARTY)),
            "Controllers that act in it for others, by their ServiceAccounts.",
        ),
        Field::optional("onCall", Shape::list(&Shape::Object(&PARTY)), "People who are called at night."),
    ],
    one_of: &[],
    needs: &[],
};

const PARTY: Object = Object {
    name: "Party",
    noun: "party",
    about: "Some who are given the same rights.",
    fields: &[
        Field::required(
            "name",
            Shape::Text(Format::Name),
            "What they are called; RoleBindings bear the name.",
        ),
        Field::optional(
            "users",
            Shape::list(&Shape::Text(Format::Text)),
            "Users, as the API server knows them.",
        ),
        Field::optional(
            "groups",
            Shape::list(&Shape::Text(Format::Text)),
            "Groups, as the API server knows them.",
        ),
        Field::optional(
            "serviceAccounts",
            Shape::list(&Shape::Object(&SERVICE_ACCOUNT)),
            "ServiceAccounts of the environment's cluster.",
        ),
        Field::default(
            "role",
            Shape::word(ROLES),
            "`view` reads all but Secrets; `edit` changes what runs: workloads, Services, Ingresses, routes, ConfigMaps, Secrets, claims and budgets. ServiceAccounts and what the wall is made of, such as NetworkPolicies, quotas, roles and bindings, are for who administers the cluster.",
            "`edit`; for teams of production `view`",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const SERVICE_ACCOUNT: Object = Object {
    name: "ServiceAccountReference",
    noun: "ServiceAccount",
    about: "A ServiceAccount.",
    fields: &[
        Field::required("namespace", Shape::Text(Format::Name), "Its namespace."),
        Field::required("name", Shape::Text(Format::Subdomain), "Its name."),
    ],
    one_of: &[],
    needs: &[],
};
