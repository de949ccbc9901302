//! What is isolated stays so when somebody of the hostile side does on the network what its rights let it do: takes policies
//! down, gives namespaces other labels, or runs pods where neither side is.
//!
//! Whether a right lets it is asked of the plain evaluator of RBAC. What it has done is an edit of the cluster, of which the
//! network is asked alone.

use crate::cluster::{cluster, question, seeds, side, with_policy};
use std::collections::BTreeSet;
use watertight_api::{SUPPORTED, bootstrap};
use watertight_base::Labels;
use watertight_model::{
    Admission, Attributes, Channel, Namespace, NamespaceId, ObjectRef, Principal, ResourceAttributes, Role,
    RoleBinding, RoleRef, RoleRule, Snapshot, Subject, SubjectKind, User, Verdict,
};
use watertight_network::Profile;
use watertight_oracle::candidates::namespace_labels;
use watertight_oracle::generate::rbac::{self, Shape};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::rbac::{Rbac, account, member, user};
use watertight_oracle::{Random, build};
use watertight_prove::{Question, prove};

fn hostile(principal: &Principal) -> User {
    match &principal.kind {
        SubjectKind::User => user(&principal.name),
        SubjectKind::Group => member(&principal.name),
        SubjectKind::ServiceAccount(namespace) => account(namespace, &principal.name),
    }
}

/// Who may do what, plainly.
struct Rights {
    rbac: Rbac,
    users: Vec<User>,
}

impl Rights {
    fn may(&self, verb: &str, (group, resource): (&str, &str), namespace: &str, name: &str) -> bool {
        let asked = Attributes::Resource(ResourceAttributes {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            ..ResourceAttributes::default()
        });
        self.users.iter().any(|user| self.rbac.allows(user, &asked))
    }
}

/// What was done.
#[derive(Debug, Default)]
struct Done {
    removed: usize,
    relabelled: usize,
    entered: BTreeSet<String>,
}

/// A cluster in which staging may be fenced by its own policies too, and production may trust a label.
fn fenced(seed: u64, random: &mut Random) -> Snapshot {
    let mut snapshot = cluster(2 * seed + 1);
    if random.chance(50) {
        for namespace in side(&snapshot, "staging") {
            snapshot = with_policy(&snapshot, namespace, build::egress("own", Vec::new()));
        }
    }
    if random.chance(30) {
        for namespace in side(&snapshot, "production") {
            let trusted = build::peers(vec![build::namespaces(build::matching(&[("trusted", "yes")]))]);
            snapshot = with_policy(&snapshot, namespace, build::ingress("trusts", vec![trusted]));
        }
    }
    snapshot = rbac::add(&snapshot, seed, if random.chance(80) { Shape::Chained } else { Shape::Any });
    if random.chance(40) {
        let namespace = snapshot.namespace(side(&snapshot, "staging")[0]).name.clone();
        let object = |kind: &str| ObjectRef {
            namespace: Some(namespace.clone()),
            ..build::origin("rbac.authorization.k8s.io/v1", kind, &namespace, "labels").object
        };
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        snapshot.roles.push(Role {
            object: object("Role"),
            span: Some(build::place()),
            labels: Labels::new(),
            rules: vec![RoleRule {
                verbs: texts(&["patch"]),
                api_groups: texts(&[""]),
                resources: texts(&["namespaces"]),
                ..RoleRule::default()
            }],
            aggregates: None,
            is_protected: false,
            admission: Admission::Accepted,
        });
        let kind = SubjectKind::ServiceAccount(namespace.clone());
        snapshot.role_bindings.push(RoleBinding {
            object: object("RoleBinding"),
            span: Some(build::place()),
            role: RoleRef { span: Some(build::place()), cluster: false, name: "labels".to_owned() },
            subjects: vec![Subject { span: Some(build::place()), kind, name: "default".to_owned() }],
            is_protected: false,
            admission: Admission::Accepted,
        });
    }
    snapshot
}

fn play(snapshot: &Snapshot, rights: &Rights, random: &mut Random) -> (Snapshot, Done) {
    let (mut after, mut done) = (snapshot.clone(), Done::default());
    let (from, to) = (side(snapshot, "staging"), side(snapshot, "production"));
    let name_of = |id: NamespaceId| snapshot.namespace(id).name.clone();
    let before = after.policies.len();
    let policies = ("networking.k8s.io", "networkpolicies");
    after.policies.retain(|policy| {
        let (place, name) = (name_of(policy.namespace), &policy.origin.object.name);
        !(random.chance(70) && rights.may("delete", policies, &place, name))
    });
    done.removed = before - after.policies.len();
    for id in snapshot.namespace_ids() {
        let name = name_of(id);
        if random.chance(70) && rights.may("patch", ("", "namespaces"), &name, &name) {
            after.namespaces[id.0].labels = None;
            let other = namespace_labels(&after, &name, random, 8);
            let mut labels = random.pick(&other).cloned().unwrap_or_default();
            labels.insert(Namespace::NAME_LABEL.to_owned(), name.clone());
            after.namespaces[id.0].labels = Some(labels);
            done.relabelled += 1;
        }
        let is_strange = !from.contains(&id) && !to.contains(&id);
        if is_strange && rights.may("create", ("", "pods"), &name, "") {
            done.entered.insert(name);
        }
    }
    (after, done)
}

#[test]
fn what_is_isolated_stays_so_whatever_rights_let_one_do_to_the_network() {
    let server = bootstrap(*SUPPORTED.end());
    let (mut isolated, mut removed, mut relabelled, mut entered) = (0, 0, 0, 0);
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0xed17);
        let snapshot = fenced(seed, &mut random);
        for profile in [Profile::CONSERVATIVE, Profile::DECLARED, Profile::CILIUM] {
            let report = prove(&snapshot, &question(profile)).unwrap();
            if report.boundaries[0].verdict != Verdict::Isolated {
                continue;
            }
            isolated += 1;
            let users = report.environments[0].principals.iter().map(|choice| hostile(&choice.principal));
            let accepted = |admission| admission == Admission::Accepted;
            let rbac = Rbac::new(&snapshot, (&server.roles, &server.role_bindings), accepted);
            let rights = Rights { rbac, users: users.collect() };
            for _ in 0..3 {
                let (after, done) = play(&snapshot, &rights, &mut random);
                let asked = question(profile);
                let captured = done.entered.iter().map(|name| ("staging".to_owned(), name.clone()));
                let environments = asked.environments.iter().cloned().chain(captured).collect();
                let asked = Question { environments, channels: vec![Channel::Network], ..asked };
                let verdict = prove(&after, &asked).unwrap().boundaries[0].verdict;
                assert_ne!(
                    verdict,
                    Verdict::Breached,
                    "seed {seed}, {}: {done:?} by {:?}\n{}\nbecomes\n{}",
                    profile.name,
                    rights.users,
                    to_yaml(&snapshot),
                    to_yaml(&after)
                );
                removed += usize::from(done.removed > 0);
                relabelled += usize::from(done.relabelled > 0);
                entered += usize::from(!done.entered.is_empty());
            }
        }
    }
    let few = usize::try_from(seeds().end / 30).unwrap();
    assert!(isolated >= few, "{isolated}");
    assert!(removed.min(relabelled).min(entered) >= few, "{removed}, {relabelled}, {entered} of {isolated}");
}
