//! Random pods that are wholly known, drafts that they fit, and other pods that fit those.

use super::{exactly, list};
use crate::{Known, Others};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn maybe(known: impl Strategy<Value = Known> + 'static) -> BoxedStrategy<Known> {
    prop_oneof![Just(Known::Absent), known].boxed()
}

fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<Known> {
    proptest::sample::select(texts).prop_map(Known::text).boxed()
}

fn yes_or_no() -> BoxedStrategy<Known> {
    any::<bool>().prop_map(Known::Bool).boxed()
}

fn map(fields: Vec<(&'static str, BoxedStrategy<Known>)>) -> BoxedStrategy<Known> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let there = move |values: Vec<Known>| {
        exactly(names.iter().copied().zip(values).filter(|(_, value)| *value != Known::Absent))
    };
    values.prop_map(there).boxed()
}

fn some(element: BoxedStrategy<Known>) -> BoxedStrategy<Known> {
    vec(element, 0..3).prop_map(list).boxed()
}

fn context() -> BoxedStrategy<Known> {
    let profile = || maybe(map(vec![("type", one_of(&["RuntimeDefault", "Localhost", "Unconfined"]))]));
    let user = one_of(&["", "system_u"]);
    let kind = one_of(&["", "container_t", "container_engine_t", "spc_t"]);
    let capabilities = || maybe(some(one_of(&["ALL", "NET_BIND_SERVICE", "CHOWN", "SYS_ADMIN"])));
    let sysctl =
        map(vec![("name", one_of(&["net.ipv4.tcp_syncookies", "net.ipv4.tcp_rmem", "kernel.msgmax"]))]);
    map(vec![
        ("privileged", maybe(yes_or_no())),
        ("allowPrivilegeEscalation", maybe(yes_or_no())),
        ("runAsNonRoot", maybe(yes_or_no())),
        ("runAsUser", maybe((0..3_i64).prop_map(Known::Integer))),
        ("seccompProfile", profile()),
        ("appArmorProfile", profile()),
        ("seLinuxOptions", maybe(map(vec![("type", maybe(kind)), ("user", maybe(user))]))),
        ("procMount", maybe(one_of(&["Default", "Unmasked"]))),
        ("capabilities", maybe(map(vec![("add", capabilities()), ("drop", capabilities())]))),
        ("windowsOptions", maybe(map(vec![("hostProcess", maybe(yes_or_no()))]))),
        ("sysctls", maybe(some(sysctl))),
    ])
}

fn container() -> BoxedStrategy<Known> {
    let port = map(vec![("hostPort", maybe(prop_oneof![Just(0), Just(80)].prop_map(Known::Integer)))]);
    let action = map(vec![("host", maybe(one_of(&["", "db.example"])))]);
    let probe = map(vec![("httpGet", maybe(action.clone())), ("tcpSocket", maybe(action))]);
    map(vec![
        ("name", one_of(&["a", "b"])),
        ("image", one_of(&["a:1", "a:2"])),
        ("securityContext", maybe(context())),
        ("ports", maybe(some(port))),
        ("livenessProbe", maybe(probe.clone())),
        ("lifecycle", maybe(map(vec![("preStop", maybe(probe))]))),
    ])
}

/// A pod.
pub(super) fn pod() -> BoxedStrategy<Known> {
    let annotation = || maybe(one_of(&["runtime/default", "localhost/a", "unconfined"]));
    let annotations = map(vec![
        ("container.apparmor.security.beta.kubernetes.io/a", annotation()),
        ("container.seccomp.security.alpha.kubernetes.io/a", annotation()),
        ("seccomp.security.alpha.kubernetes.io/pod", annotation()),
        ("team", annotation()),
    ]);
    let volume = map(vec![
        ("name", one_of(&["v"])),
        ("hostPath", maybe(map(Vec::new()))),
        ("emptyDir", maybe(map(Vec::new()))),
        ("nfs", maybe(map(Vec::new()))),
    ]);
    let spec = map(vec![
        ("hostNetwork", maybe(yes_or_no())),
        ("hostPID", maybe(yes_or_no())),
        ("hostUsers", maybe(yes_or_no())),
        ("os", maybe(map(vec![("name", one_of(&["linux", "windows"]))]))),
        ("securityContext", maybe(context())),
        ("volumes", maybe(some(volume))),
        ("initContainers", maybe(some(container()))),
        ("containers", vec(container(), 1..3).prop_map(list).boxed()),
    ]);
    map(vec![("metadata", maybe(map(vec![("annotations", maybe(annotations))]))), ("spec", spec)])
}

/// Choices, one after the other.
pub(super) struct Choices<'c>(std::iter::Cycle<std::slice::Iter<'c, u8>>);

impl<'c> Choices<'c> {
    pub(super) fn new(choices: &'c [u8]) -> Self {
        Self(choices.iter().cycle())
    }

    fn below(&mut self, limit: u8) -> u8 {
        self.0.next().map_or(0, |choice| choice % limit)
    }
}

/// Forgets a part of what is known.
pub(super) fn forget(known: &Known, choices: &mut Choices<'_>) -> Known {
    match (choices.below(12), known) {
        (0, _) => Known::Nothing,
        (1, Known::Text(texts)) => {
            Known::Text(texts.iter().cloned().chain(["unconfined".to_owned()]).collect())
        }
        (2, Known::Text(texts)) if !texts.contains("") => Known::OtherText([String::new()].into()),
        (choice, Known::Map { fields, others }) => {
            let mut kept = BTreeMap::new();
            for (name, value) in fields {
                if choice > 3 || choices.below(3) > 0 {
                    kept.insert(name.clone(), forget(value, choices));
                }
            }
            Known::Map { fields: kept, others: if choice > 3 { *others } else { Others::Any } }
        }
        (choice, Known::List { elements, others }) => {
            let mut kept = Vec::new();
            for element in elements {
                if choice > 3 || choices.below(3) > 0 {
                    kept.push(forget(element, choices));
                }
            }
            Known::List { elements: kept, others: if choice > 3 { *others } else { Others::Any } }
        }
        _ => known.clone(),
    }
}

/// A pod that fits a draft: what is not known is as it is in another pod.
pub(super) fn complete(draft: &Known, other: &Known) -> Known {
    match draft {
        Known::Nothing => other.clone(),
        Known::Text(texts) => match other {
            Known::Text(text) if text.is_subset(texts) => other.clone(),
            _ => texts.iter().next_back().map_or(Known::Absent, Known::text),
        },
        Known::OtherText(none) => match other {
            Known::Text(text) if text.is_disjoint(none) => other.clone(),
            _ => Known::text("runtime/default"),
        },
        Known::Map { fields, others } => {
            let mut whole: BTreeMap<String, Known> = fields
                .iter()
                .map(|(name, known)| (name.clone(), complete(known, other.field(name))))
                .collect();
            if let (Others::Any, Known::Map { fields: more, .. }) = (others, other) {
                for (name, value) in more {
                    whole.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            whole.retain(|_, value| *value != Known::Absent);
            Known::Map { fields: whole, others: Others::None }
        }
        Known::List { elements, others } => {
            let more = match other {
                Known::List { elements, .. } => &elements[..],
                _ => &[],
            };
            let nothing = Known::Absent;
            let known = elements.iter().enumerate();
            let known = known.map(|(place, known)| complete(known, more.get(place).unwrap_or(&nothing)));
            let beyond = more.iter().skip(elements.len()).filter(|_| *others == Others::Any).cloned();
            list(known.chain(beyond).filter(|element| *element != Known::Absent))
        }
        _ => draft.clone(),
    }
}
