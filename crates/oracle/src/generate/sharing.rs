//! Random objects by which two environments may be together without any right: credentials, cloud identities, proxies with what
//! they publish, addresses, grants. As YAML, since what they hold is sealed once it is read.

use crate::random::Random;
use std::fmt::Write;

/// Where proxies and Gateways are, which is on no side.
const EDGE: &str = "edge";
const PASSWORDS: [&str; 4] = ["correct-horse-71", "battery-staple-28", "tr0ub4dor-and-3", "plain-sailing-95"];
const HOSTS: [&str; 4] = ["shop.example.com", "api.example.com", "*.example.com", "docs.example.org"];
const ACCOUNTS: [&str; 3] = ["default", "ci", "operator"];
const ROLES: [&str; 2] = ["orders", "backup"];

/// The manifests of a seed, in these namespaces and one more.
#[must_use]
pub fn manifests(seed: u64, namespaces: &[String]) -> String {
    let mut generator =
        Generator { random: Random::new(seed ^ 0x7368_6172_6564), namespaces, text: String::new() };
    generator.edge();
    for namespace in namespaces {
        generator.credentials(namespace);
        generator.account(namespace);
        generator.entries(namespace);
        generator.service(namespace);
        generator.grant(namespace);
        generator.publisher(namespace);
    }
    generator.text
}

struct Generator<'a> {
    random: Random,
    namespaces: &'a [String],
    text: String,
}

impl Generator<'_> {
    /// An object, whose fields behind the metadata are in flow style.
    fn object(&mut self, kind: (&str, &str), (namespace, name): (&str, &str), more: &str) {
        let (version, kind) = kind;
        let place = if namespace.is_empty() { String::new() } else { format!(", namespace: {namespace}") };
        // Writing to a text does not fail.
        let _ = write!(
            self.text,
            "---\n{{apiVersion: {version}, kind: {kind}, metadata: {{name: {name}{place}{more}}}\n"
        );
    }

    fn other(&mut self) -> String {
        self.random.pick(self.namespaces).cloned().unwrap_or_default()
    }

    fn credentials(&mut self, namespace: &str) {
        let secret = ("v1", "Secret");
        if self.random.chance(25) {
            let key = self.random.one_of(["password", "password", "api-key", "username"]);
            let value = self.random.one_of(PASSWORDS);
            self.object(secret, (namespace, "held"), &format!("}}, stringData: {{{key}: {value}}}"));
        }
        if self.random.chance(15) {
            let (host, password) = (self.other(), self.random.one_of(PASSWORDS));
            let url = format!("postgres://app:{password}@db.{host}.svc.cluster.local/shop");
            self.object(secret, (namespace, "url"), &format!("}}, stringData: {{url: '{url}'}}"));
        }
        if self.random.chance(12) {
            let token = token(&self.other(), self.random.one_of(ACCOUNTS));
            self.object(secret, (namespace, "bearer"), &format!("}}, stringData: {{token: {token}}}"));
        }
        if self.random.chance(15) {
            let account = self.random.one_of(ACCOUNTS);
            let more = format!(
                ", annotations: {{kubernetes.io/service-account.name: {account}}}}}, type: kubernetes.io/service-account-token"
            );
            self.object(secret, (namespace, "legacy"), &more);
        }
        if self.random.chance(15) {
            let data = if self.random.chance(60) {
                format!("password: {}", self.random.one_of(PASSWORDS))
            } else {
                format!("kube.token: {}", token(&self.other(), self.random.one_of(ACCOUNTS)))
            };
            self.object(("v1", "ConfigMap"), (namespace, "held"), &format!("}}, data: {{{data}}}"));
        }
    }

    fn account(&mut self, namespace: &str) {
        if self.random.chance(40) {
            let role = self.random.one_of(ROLES);
            let identity = match self.random.below(6) {
                0 => format!("iam.gke.io/gcp-service-account: {role}@shop.iam.gserviceaccount.com"),
                1 => format!("azure.workload.identity/client-id: 00000000-0000-0000-0000-{:012}", role.len()),
                _ => format!("eks.amazonaws.com/role-arn: 'arn:aws:iam::123456789012:role/{role}'"),
            };
            let more = format!(", annotations: {{{identity}}}}}");
            self.object(("v1", "ServiceAccount"), (namespace, "cloud"), &more);
        }
    }

    /// Ingresses and routes.
    fn entries(&mut self, namespace: &str) {
        let host = self.random.one_of(HOSTS);
        if self.random.chance(25) {
            let class = self.random.one_of(["nginx", "nginx", "other"]);
            let more = format!(
                "}}, spec: {{ingressClassName: {class}, rules: [{{host: '{host}', http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}]}}"
            );
            self.object(("networking.k8s.io/v1", "Ingress"), (namespace, "web"), &more);
        }
        if self.random.chance(25) {
            let host = self.random.one_of(HOSTS);
            let more = format!(
                "}}, spec: {{hostnames: ['{host}'], parentRefs: [{{name: edge, namespace: {EDGE}}}], rules: [{{backendRefs: [{{name: web, port: 80}}]}}]}}"
            );
            self.object(("gateway.networking.k8s.io/v1", "HTTPRoute"), (namespace, "web"), &more);
        }
    }

    fn service(&mut self, namespace: &str) {
        if self.random.chance(15) {
            let (last, port) = (self.random.below(4), self.random.one_of([80, 443]));
            let more = format!(
                "}}, spec: {{gatewayClassName: c, addresses: [{{value: 192.0.2.{last}}}], listeners: [{{name: web, protocol: HTTP, port: {port}}}]}}"
            );
            self.object(("gateway.networking.k8s.io/v1", "Gateway"), (namespace, "own"), &more);
        }
        if self.random.chance(30) {
            let last = self.random.below(250);
            let claimed = if self.random.chance(40) {
                format!(", externalIPs: [192.0.2.{}]", self.random.below(4))
            } else {
                String::new()
            };
            let port = self.random.one_of([80, 80, 443]);
            let more = format!(
                "}}, spec: {{clusterIP: 10.96.1.{last}, ports: [{{port: {port}}}], selector: {{app: web}}{claimed}}}"
            );
            self.object(("v1", "Service"), (namespace, "entry"), &more);
        }
    }

    /// Somebody of the first namespace who may write Ingresses or routes.
    fn publisher(&mut self, namespace: &str) {
        let rbac = "rbac.authorization.k8s.io";
        let subject = self.namespaces.iter().find(|name| name.starts_with("staging")).cloned();
        let Some(subject) =
            subject.filter(|_| self.random.chance(25) && !namespace.starts_with("production"))
        else {
            return;
        };
        let (group, resource) = self
            .random
            .one_of([("networking.k8s.io", "ingresses"), ("gateway.networking.k8s.io", "httproutes")]);
        let version = format!("{rbac}/v1");
        let rules = format!(
            "}}, rules: [{{apiGroups: [{group}], resources: [{resource}], verbs: [create, update]}}]"
        );
        self.object((&version, "Role"), (namespace, "publisher"), &rules);
        let bound = format!(
            "}}, roleRef: {{apiGroup: {rbac}, kind: Role, name: publisher}}, subjects: [{{kind: ServiceAccount, name: ci, namespace: {subject}}}]"
        );
        self.object((&version, "RoleBinding"), (namespace, "publisher"), &bound);
    }

    fn grant(&mut self, namespace: &str) {
        if self.random.chance(12) {
            let more = format!(
                "}}, spec: {{from: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: {}}}], to: [{{group: '', kind: Service}}]}}",
                self.other()
            );
            self.object(("gateway.networking.k8s.io/v1", "ReferenceGrant"), (namespace, "lets"), &more);
        }
    }

    /// A proxy and a Gateway.
    fn edge(&mut self) {
        if self.random.chance(50) {
            let image = self.random.one_of([
                "registry.k8s.io/ingress-nginx/controller:v1.8.0",
                "registry.k8s.io/ingress-nginx/controller:v1.15.1",
                "registry.k8s.io/ingress-nginx/controller:v1.15.1",
                "registry.k8s.io/ingress-nginx/controller:v1.15.1",
            ]);
            let flag = if self.random.chance(30) {
                format!(", args: ['--watch-namespace={}']", self.other())
            } else {
                String::new()
            };
            let more = format!("}}, spec: {{containers: [{{name: c, image: '{image}'{flag}}}]}}");
            self.object(("v1", "Pod"), (EDGE, "proxy"), &more);
            if self.random.chance(30) {
                let level = self.random.one_of(["Critical", "High"]);
                let data = format!(
                    "}}, data: {{allow-snippet-annotations: 'true', annotations-risk-level: {level}}}"
                );
                self.object(("v1", "ConfigMap"), (EDGE, "proxy"), &data);
            }
        }
        if self.random.chance(20) {
            let flags = [self.other(), self.other()].map(|name| format!("'--namespace-whitelist={name}'"));
            let image = "haproxytech/kubernetes-ingress:3.1.4";
            let more = format!(
                "}}, spec: {{containers: [{{name: c, image: '{image}', args: [{}]}}]}}",
                flags.join(", ")
            );
            self.object(("v1", "Pod"), (EDGE, "other-proxy"), &more);
        }
        if self.random.chance(60) {
            let allowed = match self.random.below(4) {
                0 => "{from: All}".to_owned(),
                1 => "{from: Same}".to_owned(),
                2 => "{from: Selector, selector: {matchLabels: {env: production}}}".to_owned(),
                _ => format!(
                    "{{from: Selector, selector: {{matchLabels: {{kubernetes.io/metadata.name: {}}}}}}}",
                    self.other()
                ),
            };
            let more = format!(
                "}}, spec: {{gatewayClassName: c, listeners: [{{name: web, protocol: HTTP, port: 80, allowedRoutes: {{namespaces: {allowed}}}}}]}}"
            );
            self.object(("gateway.networking.k8s.io/v1", "Gateway"), (EDGE, "edge"), &more);
        }
    }
}

/// A token of a ServiceAccount as the server makes them, with a signature that is none.
fn token(namespace: &str, account: &str) -> String {
    let subject = format!("system:serviceaccount:{namespace}:{account}");
    let claims = format!("{{\"iss\":\"kubernetes/serviceaccount\",\"sub\":\"{subject}\"}}");
    let header = "{\"alg\":\"RS256\",\"kid\":\"example\"}";
    format!("{}.{}.{}", base64(header), base64(&claims), base64("the signature of nobody"))
}

/// Base64 as URLs have it, without padding.
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bytes = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for digit in 0..=chunk.len() {
            let at = usize::try_from(bits >> (18 - 6 * digit) & 63).unwrap_or(0);
            encoded.push(char::from(DIGITS[at]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_specification() {
        for (text, encoded) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text), encoded, "{text}");
        }
    }
}
