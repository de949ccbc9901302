//! The facts of a profile, handed over to the plain evaluator.

use watertight_network::{Axis, Fault, Point, Profile};
use watertight_oracle::choices::{Finality, OpenPoints};
use watertight_oracle::reading::{ALWAYS, Answers, NEVER, VARIES};
use watertight_oracle::{Faults, Reading};

/// What the plain evaluator is told of a profile: which answer each point can have, and which faults each enforcer has.
/// What the specification itself leaves open stays as it is in every profile of plugins.
pub(crate) fn plain(profile: &Profile) -> Reading {
    let base = if profile.two_relations { Reading::CONFORMING } else { Reading::DECLARED };
    Reading {
        enforces: profile.enforces,
        nodes: profile.nodes,
        ipv6: profile.ipv6,
        unknown_labels: profile.unknown_labels,
        two_relations: profile.two_relations,
        pod_to_own_node: answers(profile.pod_to_own_node),
        covers_host_network: answers(profile.covers_host_network),
        selects_host_network: answers(profile.selects_host_network),
        ip_block_matches_nodes: answers(profile.ip_block_matches_nodes),
        rewrites_sources: answers(profile.rewrites_sources),
        ip_block_matches_pods: answers(profile.ip_block_matches_pods),
        end_port: answers(profile.end_port),
        side_names_count: answers(profile.init_port_names),
        open: OpenPoints {
            reads_cluster_network_policy: answers(profile.reads_cluster_network_policy),
            reads_admin_network_policy: answers(profile.reads_admin_network_policy),
            finality: match profile.final_per_pod.axis {
                Axis::Always => &[Finality::PerPod],
                Axis::Never => &[Finality::PerDirection],
                Axis::Varies => &[Finality::PerPod, Finality::PerDirection],
            },
            networks_match_cluster: answers(profile.networks_match_cluster),
            side_names_count: answers(profile.init_port_names),
            // A reading is copied around as a constant is, and the few of a test live as long as the test.
            faults: faults(profile).leak(),
            ..base.open
        },
    }
}

fn answers(point: Point) -> Answers {
    match point.axis {
        Axis::Always => ALWAYS,
        Axis::Never => NEVER,
        Axis::Varies => VARIES,
    }
}

/// Those of the enforcer itself, and of each enforcer that the profile stands for.
fn faults(profile: &Profile) -> Vec<Faults> {
    let enforcers = std::iter::once(profile.faults).chain(profile.members.iter().map(|member| member.faults));
    enforcers.filter(|faults| !faults.is_empty()).map(of_one_enforcer).collect()
}

fn of_one_enforcer(faults: &[Fault]) -> Faults {
    let mut all = Faults::NONE;
    for fault in faults {
        match *fault {
            Fault::UnlistedRules => all.unlisted_rules = true,
            Fault::UnreliablePortNames => all.unreliable_port_names = true,
            Fault::HiddenLabels(keys) => all.hidden_labels = keys,
            Fault::BaselineOverrides => all.baseline_overrides = true,
            Fault::DropsPoliciesWithNodesOrNames => all.drops_policies_with_nodes_or_names = true,
        }
    }
    all
}
