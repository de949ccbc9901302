//! A cloud identity belongs to one environment, and is written as its provider names identities.

use crate::findings::Findings;
use crate::intent::{Environment, Intent, Spanned};
use crate::rules;
use std::collections::BTreeMap;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    // Neither names of roles nor client IDs differ by case:
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for environment in &intent.environments {
        let Some(identity) = &environment.identity else { continue };
        is_of_the_provider(intent, environment, identity, findings);
        let own = environment.name.value.as_str();
        let other = *owners.entry(identity.value.to_ascii_lowercase()).or_insert(own);
        if other != own {
            findings.error(
                rules::SHARED_IDENTITY,
                format!("`{}` is the cloud identity of `{other}` and of `{own}`", identity.value),
                identity.span,
                format!("the identity of `{other}` too"),
                "give each environment an identity of its own: what one may do in the cloud, the other may too",
            );
        }
    }
}

/// Reports an identity that the provider of the cluster has not, or names in another way.
fn is_of_the_provider(
    intent: &Intent,
    environment: &Environment,
    identity: &Spanned<String>,
    findings: &mut Findings,
) {
    let Some(cluster) = intent.clusters.get(environment.cluster.0) else { return };
    let text = identity.value.as_str();
    let (fits, example) = match cluster.provider.value.as_str() {
        "eks" => (is_role(text), "arn:aws:iam::123456789012:role/shop-staging"),
        "gke" => (is_service_account(text), "shop-staging@project.iam.gserviceaccount.com"),
        "aks" => (is_client_id(text), "00000000-0000-0000-0000-000000000000"),
        provider => {
            findings.error(
                rules::INVALID_VALUE,
                format!(
                    "`{}` has a cloud identity, and its cluster `{}` is run by `{provider}`, which has none",
                    environment.name.value, cluster.name.value
                ),
                identity.span,
                "nobody gives it to pods",
                "leave it out, or say in `clusters` which `provider` runs the cluster: `aks`, `eks` or `gke`",
            );
            return;
        }
    };
    if !fits {
        let provider = &cluster.provider.value;
        findings.error(
            rules::INVALID_VALUE,
            format!("`identity` is `{text}`, which is no identity of `{provider}`"),
            identity.span,
            format!("is no identity of `{provider}`"),
            format!("write one such as `{example}`"),
        );
    }
}

/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>.
fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, iam, region, account, role] = parts.as_slice() else { return false };
    let name = role.strip_prefix("role/").unwrap_or_default();
    *arn == "arn"
        && partition.starts_with("aws")
        && *iam == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_/-".contains(&byte))
}

/// Source: <https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>.
fn is_service_account(text: &str) -> bool {
    let usual = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-".contains(&byte))
    };
    text.split_once('@').is_some_and(|(name, domain)| {
        usual(name) && usual(domain) && domain.ends_with(".gserviceaccount.com")
    })
}

/// Source: <https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>.
fn is_client_id(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
