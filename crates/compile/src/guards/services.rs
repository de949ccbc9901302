//! Services: none that takes the traffic of others, or leads to them.

use super::{About, Guard, WRITTEN};
use crate::manifest::Serves;
use watertight_intent::Environment;

/// Of Services, what leads out of the environment.
///
/// - `externalIPs` take what others send to these addresses (CVE-2020-8554):
///   <https://github.com/kubernetes/kubernetes/issues/97076>.
/// - The type ExternalName lets a proxy that serves both sides connect to any name:
///   <https://kubernetes.io/docs/concepts/services-networking/service/#externalname>.
/// - Without a selector, addresses are written by hand (CVE-2021-25740). Nobody of the environment may write them; outside of
///   production, where no Service needs it, a Service without a selector is refused as well:
///   <https://github.com/kubernetes/kubernetes/issues/103675>.
pub(super) fn guard(environment: &Environment) -> Guard {
    let mut validations = vec![
        (
            "size(object.spec.?externalIPs.orValue([])) == 0".to_owned(),
            "a Service may not have externalIPs, which take what others send there".to_owned(),
        ),
        (
            "object.spec.?type.orValue('ClusterIP') != 'ExternalName'".to_owned(),
            "a Service may not be of the type ExternalName, which leads to any name".to_owned(),
        ),
    ];
    if !environment.production.value {
        validations.push((
            "size(object.spec.?selector.orValue({})) > 0".to_owned(),
            "a Service needs a selector, without which it leads to any address".to_owned(),
        ));
    }
    Guard {
        concern: "services",
        serves: Serves::Network,
        asked_by: environment.name.span,
        about: vec![About { group: "", version: "v1", resources: &["services"], operations: WRITTEN }],
        validations,
    }
}
