//! What the profiles say, written down a second time: the checker takes nobody's word for it. A test holds this table
//! against the engine's, which says where each entry is known from.

use std::collections::{BTreeMap, BTreeSet};

/// What implementations do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    Always,
    Never,
    Varies,
}

impl Axis {
    /// Whether some implementation does it.
    pub(crate) fn may(self) -> bool {
        self != Self::Never
    }

    /// What some implementation answers.
    pub(crate) fn answers(self) -> &'static [bool] {
        match self {
            Self::Always => &[true],
            Self::Never => &[false],
            Self::Varies => &[true, false],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Varies => "varies",
        }
    }
}

/// What an enforcer does against the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    UnlistedRules,
    UnreliablePortNames,
    HiddenLabels,
    BaselineOverrides,
    DropsPoliciesWithNodesOrNames,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::UnlistedRules => "unlisted-rules",
            Self::UnreliablePortNames => "unreliable-port-names",
            Self::HiddenLabels => "hidden-labels",
            Self::BaselineOverrides => "baseline-overrides",
            Self::DropsPoliciesWithNodesOrNames => "drops-policies-with-nodes-or-names",
        }
    }
}

/// The labels that Cilium hides from selectors.
pub(crate) const HIDDEN_LABELS: &[&str] = &[
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// The open points, in the order of the columns below.
const POINTS: [&str; 12] = [
    "pod-to-own-node",
    "covers-host-network",
    "selects-host-network",
    "ip-block-matches-nodes",
    "rewrites-sources",
    "ip-block-matches-pods",
    "end-port",
    "init-port-names",
    "reads-cluster-network-policy",
    "reads-admin-network-policy",
    "networks-match-cluster",
    "final-per-pod",
];

/// `a`lways, `n`ever, `v`aries, for each point.
const PROFILES: [(&str, &str); 8] = [
    ("conservative", "vvvvvvvvvvvv"),
    ("calico", "vnnaaaavvvav"),
    ("cilium", "nnnnvnannnnv"),
    ("kube-router", "nnnavaannnvv"),
    ("antrea", "vnvvvvavvvvv"),
    ("kube-network-policies", "vvvavaavvvaa"),
    ("none", "vvvvvvvvvvvv"),
    ("declared", "naannnanaaan"),
];

const OF_CILIUM: &[Fault] = &[Fault::UnlistedRules, Fault::HiddenLabels];
const OF_CILIUM_WITH_POLICIES: &[Fault] = &[
    Fault::UnlistedRules,
    Fault::HiddenLabels,
    Fault::BaselineOverrides,
    Fault::DropsPoliciesWithNodesOrNames,
];

/// A profile with its settings.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    name: &'static str,
    axes: BTreeMap<&'static str, Axis>,
    /// The faults of each enforcer for which it stands.
    faults: Vec<(&'static str, &'static [Fault])>,
}

impl Profile {
    /// The profile of a label such as `cilium,cidr-match=pods`; `None` if there is none.
    pub(crate) fn of(label: &str) -> Option<Self> {
        let mut parts = label.split(',');
        let name = parts.next()?;
        let (name, columns) = PROFILES.into_iter().find(|(known, _)| *known == name)?;
        let axes = POINTS.into_iter().zip(columns.chars()).map(|(point, column)| {
            let axis = match column {
                'a' => Axis::Always,
                'n' => Axis::Never,
                _ => Axis::Varies,
            };
            (point, axis)
        });
        let faults: Vec<(&str, &[Fault])> = match name {
            "conservative" => {
                vec![("Cilium", OF_CILIUM_WITH_POLICIES), ("kube-router", &[Fault::UnreliablePortNames])]
            }
            "cilium" => vec![("Cilium", OF_CILIUM)],
            "kube-router" => vec![("kube-router", &[Fault::UnreliablePortNames])],
            _ => Vec::new(),
        };
        let mut profile = Self { name, axes: axes.collect(), faults };
        for setting in parts {
            profile.set(setting)?;
        }
        Some(profile)
    }

    fn set(&mut self, setting: &str) -> Option<()> {
        let has_versions = ["calico", "antrea", "kube-network-policies"].contains(&self.name);
        match (self.name, setting) {
            (_, "admin-policies=true") if has_versions => self.read_admin_policies(Axis::Always),
            (_, "admin-policies=false") if has_versions => self.read_admin_policies(Axis::Never),
            ("cilium", "cidr-match=nodes") => self.match_cidrs(&["ip-block-matches-nodes"]),
            ("cilium", "cidr-match=pods") => self.match_cidrs(&["ip-block-matches-pods"]),
            ("cilium", "cidr-match=pods+nodes") => {
                self.match_cidrs(&["ip-block-matches-nodes", "ip-block-matches-pods"]);
            }
            ("cilium", "cluster-network-policy=true") => {
                self.axes.insert("reads-cluster-network-policy", Axis::Always);
                self.faults = vec![("Cilium", OF_CILIUM_WITH_POLICIES)];
            }
            _ => return None,
        }
        Some(())
    }

    fn read_admin_policies(&mut self, axis: Axis) {
        self.axes.insert("reads-cluster-network-policy", axis);
        self.axes.insert("reads-admin-network-policy", axis);
    }

    fn match_cidrs(&mut self, points: &[&'static str]) {
        self.axes.extend(points.iter().map(|&point| (point, Axis::Always)));
        self.axes.insert("networks-match-cluster", Axis::Varies);
    }

    /// What is done about an open point. One that is not known may be anything.
    pub(crate) fn axis(&self, point: &str) -> Axis {
        self.axes.get(point).copied().unwrap_or(Axis::Varies)
    }

    /// Whether anything enforces policies (rule N54).
    pub(crate) fn enforces(&self) -> bool {
        self.name != "none"
    }

    /// Whether it is the one that reads the files alone: no nodes, no IPv6, nothing that is not shown.
    pub(crate) fn reads_files_alone(&self) -> bool {
        self.name == "declared"
    }

    /// Whether one for which it stands takes pods for what they were a moment ago (rule N22).
    pub(crate) fn keeps_old_labels(&self) -> bool {
        ["conservative", "cilium"].contains(&self.name)
    }

    /// Sets of faults that come together: none, each alone, and all of one enforcer.
    pub(crate) fn fault_sets(&self) -> BTreeSet<BTreeSet<Fault>> {
        let all = || self.faults.iter().flat_map(|(_, faults)| faults.iter().copied());
        let alone = all().map(|fault| BTreeSet::from([fault]));
        let together = self.faults.iter().map(|(_, faults)| faults.iter().copied().collect());
        std::iter::once(BTreeSet::new()).chain(alone).chain(together).collect()
    }

    /// Everything that it says, by name, as a certificate has to repeat it.
    pub(crate) fn points(&self) -> BTreeMap<String, String> {
        let axes = self.axes.iter().map(|(&point, axis)| (point.to_owned(), axis.name().to_owned()));
        let real = !self.reads_files_alone();
        let flags = [
            ("enforces", self.enforces()),
            ("nodes", real),
            ("ipv6", real),
            ("unknown-labels", real),
            ("two-relations", real),
            ("doubts-refused", real),
        ];
        let flags = flags.map(|(name, holds)| (name.to_owned(), if holds { "yes" } else { "no" }.to_owned()));
        let faults = self.faults.iter().map(|(title, faults)| {
            let names: Vec<&str> = faults.iter().map(|fault| fault.name()).collect();
            (format!("faults of {title}"), names.join(", "))
        });
        axes.chain(flags).chain(faults).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_network::{Fault as OfEngine, Profile as Engine, certified_points};

    /// Every profile, and every setting of it that is not the default.
    fn all() -> Vec<Engine> {
        let mut all = Engine::ALL.to_vec();
        for profile in Engine::ALL {
            for setting in profile.settings {
                for value in setting.values.iter().filter(|value| !value.default) {
                    let label = format!("{},{}={}", profile.name, setting.name, value.name);
                    all.push(Engine::parse(&label).unwrap());
                }
            }
        }
        all
    }

    #[test]
    fn the_table_is_that_of_the_engine() {
        for engine in all() {
            let label = engine.label();
            let own = Profile::of(&label).unwrap_or_else(|| panic!("{label}"));
            let written = certified_points(&engine);
            assert_eq!(own.points(), written.into_iter().collect(), "{label}");
            let keeps =
                engine.keeps_old_labels || engine.members.iter().any(|member| member.keeps_old_labels);
            assert_eq!(own.keeps_old_labels(), keeps, "{label}");
        }
    }

    #[test]
    fn the_hidden_labels_are_those_of_the_engine() {
        let faults = all().into_iter().flat_map(|profile| {
            profile.faults.iter().chain(profile.members.iter().flat_map(|member| member.faults))
        });
        let mut seen = 0;
        for fault in faults {
            if let OfEngine::HiddenLabels(keys) = fault {
                let keys: BTreeSet<&str> = keys.iter().copied().collect();
                assert_eq!(keys, HIDDEN_LABELS.iter().copied().collect());
                seen += 1;
            }
        }
        assert!(seen > 1);
    }

    #[test]
    fn a_setting_that_is_not_there_is_no_profile() {
        for label in ["", "cilum", "calico,cidr-match=pods", "cilium,cidr-match=everything", "declared,x"] {
            assert!(Profile::of(label).is_none(), "{label}");
        }
    }
}
