//! Environments.

use super::cluster::{Clusters, ingress};
use super::{access, protocol, resources};
use crate::fields::Fields;
use crate::findings::Findings;
use crate::intent::{Egress, Environment, Inside, Isolation, PodSecurity, Preemption, Priority, Spanned};
use crate::names::repeated;
use watertight_base::Span;

/// Names of production by themselves.
const PRODUCTION: [&str; 2] = ["production", "prod"];
/// The PriorityClass of production, by default; that of others is 0, which pods without a class have.
const PRODUCTION_PRIORITY: i32 = 1000;

pub(super) fn read(fields: Fields<'_>, clusters: &mut Clusters, findings: &mut Findings) -> Environment {
    let name = fields.required("name");
    let at = name.span;
    let isolation = fields.parsed("isolation", |word| match word {
        "namespace" => Some(Isolation::Namespace),
        "cluster" => Some(Isolation::Cluster),
        _ => None,
    });
    let isolation = isolation.unwrap_or(Spanned::new(Isolation::Namespace, at));
    let inside = fields.parsed("inside", |word| match word {
        "open" => Some(Inside::Open),
        "declared" => Some(Inside::Declared),
        _ => None,
    });
    let by_name = PRODUCTION.contains(&name.value.as_str());
    let production = fields.boolean("production").unwrap_or(Spanned::new(by_name, at));
    let mut namespaces = fields.texts("namespaces");
    if namespaces.is_empty() {
        namespaces.push(name.clone());
    }
    repeated(&namespaces, "namespace", findings);
    let pod_security = fields.parsed("podSecurity", |word| match word {
        "baseline" => Some(PodSecurity::Baseline),
        "restricted" => Some(PodSecurity::Restricted),
        _ => None,
    });
    let cluster = clusters.of_environment(fields.text("cluster"), &name, isolation.value, findings);
    Environment {
        cluster,
        production,
        namespaces,
        isolation,
        inside: inside.unwrap_or(Spanned::new(Inside::Open, at)),
        pod_security: pod_security.unwrap_or(Spanned::new(PodSecurity::Baseline, at)),
        quota: resources::quota(fields.object("quota"), production.value, at),
        limits: resources::limits(fields.object("limits"), at),
        priority: priority(fields.object("priority"), production.value, at),
        access: access::read(fields.object("access"), production.value, findings),
        ingress: fields.object("ingress").map(ingress).or_else(|| clusters.ingress(cluster)),
        identity: fields.text("identity"),
        egress: fields.objects("egress").into_iter().map(egress).collect(),
        hosts: texts_once("hosts", "host", fields, findings),
        tolerations: texts_once("tolerations", "toleration", fields, findings),
        name,
        span: fields.span(),
    }
}

/// Texts, each of which stands there once.
fn texts_once(key: &str, noun: &str, fields: Fields<'_>, findings: &mut Findings) -> Vec<Spanned<String>> {
    let texts = fields.texts(key);
    repeated(&texts, noun, findings);
    texts
}

fn priority(fields: Option<Fields<'_>>, production: bool, at: Span) -> Priority {
    let (value, policy) = if production {
        (PRODUCTION_PRIORITY, Preemption::PreemptLowerPriority)
    } else {
        (0, Preemption::Never)
    };
    let given = fields.and_then(|fields| {
        fields.parsed("preemptionPolicy", |word| match word {
            "PreemptLowerPriority" => Some(Preemption::PreemptLowerPriority),
            "Never" => Some(Preemption::Never),
            _ => None,
        })
    });
    Priority {
        value: fields.and_then(|fields| fields.integer("value")).unwrap_or(Spanned::new(value, at)),
        preemption_policy: given.unwrap_or(Spanned::new(policy, at)),
    }
}

fn egress(fields: Fields<'_>) -> Egress {
    let cidr = fields.required("cidr");
    Egress {
        except: fields.texts("except"),
        ports: fields.integers("ports"),
        protocol: protocol(fields, cidr.span),
        cidr,
        span: fields.span(),
    }
}
