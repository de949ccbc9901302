//! Policies by chance. The checker and the engine take the same ones for surely there; what the engine says to be refused the
//! checker follows; and of what either says to be refused, the other admits no whole object.

use super::super::{Policy, refused_object};
use crate::format::{KnownField, RefusedBy, RefusedObject, Word};
use std::collections::{BTreeMap, BTreeSet};
use watertight_admission::{Admission, Draft, Known, Operation, Others, Wanted};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{KnownAs, Snapshot};
use watertight_oracle::Random;
use watertight_oracle::expressions::{truth, value};

const KIND: [&str; 4] = ["networking.k8s.io", "v1", "Ingress", "ingresses"];
const FIELDS: [&str; 4] = ["a", "b", "c", "d"];
const TEXTS: [&str; 5] = ["x", "y", "xy", "z.example", ""];

fn some(random: &mut Random, of: &[&'static str]) -> &'static str {
    of[random.below(of.len())]
}

/// A policy about Ingresses, with its binding and the namespace.
fn manifests(random: &mut Random) -> String {
    let quoted = |text: String| serde_json::to_string(&text).unwrap();
    let depth = random.below(4);
    let condition = match random.chance(15) {
        true => format!("  matchConditions: [{{name: c, expression: {}}}]\n", quoted(truth(random, 1))),
        false => String::new(),
    };
    let message = match random.chance(10) {
        true => format!("\n    messageExpression: {}", quoted(value(random, 2))),
        false => String::new(),
    };
    let failure = if random.chance(20) { "Ignore" } else { "Fail" };
    let (variable, list) = match random.chance(20) {
        true => (value(random, 1), value(random, 1)),
        false => ("object.spec.?a.orValue('y')".to_owned(), "[object.spec.a, object.spec.b]".to_owned()),
    };
    let validation = quoted(truth(random, depth));
    format!(
        "\
apiVersion: v1
kind: Namespace
metadata: {{name: staging, labels: {{env: x}}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: p}}
spec:
  failurePolicy: {failure}
  matchConstraints:
    resourceRules:
    - {{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}}
{condition}  variables: [{{name: v, expression: {}}}, {{name: list, expression: {}}}]
  validations:
  - expression: {validation}{message}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: b}}
spec: {{policyName: p, validationActions: [Deny]}}
",
        quoted(variable),
        quoted(list)
    )
}

/// Of which all is known: texts, and lists and maps of them.
fn whole(random: &mut Random, depth: usize) -> Known {
    match random.below(if depth == 0 { 3 } else { 6 }) {
        3 => {
            let elements = (0..random.below(3)).map(|_| whole(random, depth - 1));
            // Of lists in lists certificates say nothing.
            let elements = elements.filter(|element| !matches!(element, Known::List { .. })).collect();
            Known::List { elements, others: Others::None }
        }
        4 | 5 => {
            let mut fields = BTreeMap::new();
            for name in FIELDS {
                if random.chance(55) {
                    fields.insert(name.to_owned(), whole(random, depth - 1));
                }
            }
            Known::Map { fields, others: Others::None }
        }
        0 if random.chance(30) => Known::Bool(true),
        _ => Known::text(some(random, &TEXTS)),
    }
}

fn object(random: &mut Random) -> Known {
    let mut spec = BTreeMap::new();
    for (name, depth) in [("a", 0), ("b", 0), ("c", 2), ("d", 2)] {
        if random.chance(70) {
            spec.insert(name.to_owned(), whole(random, depth));
        }
    }
    let spec = Known::Map { fields: spec, others: Others::None };
    Known::Map { fields: [("spec".to_owned(), spec)].into(), others: Others::None }
}

/// What a certificate can say of a value; `None` for nothing.
fn part(known: &Known, random: &mut Random, is_element: bool) -> Option<Known> {
    if random.chance(12) {
        return is_element.then_some(Known::Nothing);
    }
    let texts = |but: &BTreeSet<String>, random: &mut Random| -> BTreeSet<String> {
        TEXTS.iter().map(|&it| it.to_owned()).filter(|it| !but.contains(it) && random.chance(40)).collect()
    };
    Some(match known {
        Known::Text(own) if random.chance(25) => Known::OtherText(texts(own, random)),
        Known::Text(own) if random.chance(35) => {
            Known::Text(own.iter().cloned().chain(texts(own, random)).collect())
        }
        Known::List { elements, .. } => match elements.is_empty() {
            true => known.clone(),
            false => {
                let element = &elements[random.below(elements.len())];
                Known::List { elements: vec![part(element, random, true)?], others: Others::Any }
            }
        },
        Known::Map { fields, .. } => {
            let mut left = BTreeMap::new();
            for name in FIELDS.iter().chain(&["spec"]) {
                match fields.get(*name) {
                    Some(field) => left.extend(part(field, random, false).map(|it| ((*name).to_owned(), it))),
                    None if random.chance(50) => drop(left.insert((*name).to_owned(), Known::Absent)),
                    None => {}
                }
            }
            Known::Map { fields: left, others: Others::Any }
        }
        known => known.clone(),
    })
}

/// The same, as a certificate has it.
fn fields(known: &Known, path: &mut Vec<String>, all: &mut Vec<KnownField>) {
    let (mut one_of, mut other_than, mut is) = (None, None, None);
    match known {
        Known::Text(texts) => one_of = Some(texts.clone()),
        Known::OtherText(texts) => other_than = Some(texts.clone()),
        Known::Absent => is = Some(Word::Absent),
        Known::Bool(_) => is = Some(Word::True),
        Known::List { elements, .. } if elements.is_empty() => is = Some(Word::Empty),
        Known::Map { fields, .. } if fields.is_empty() => is = Some(Word::Object),
        Known::Nothing => is = Some(Word::Anything),
        Known::List { elements, .. } => {
            path.push("*".to_owned());
            elements.iter().for_each(|element| fields(element, path, all));
            path.pop();
            return;
        }
        Known::Map { fields: inner, .. } => {
            for (name, known) in inner {
                path.push(name.clone());
                fields(known, path, all);
                path.pop();
            }
            return;
        }
        known => panic!("{known:?}"),
    }
    all.push(KnownField { path: path.clone(), one_of, other_than, is });
}

fn refused(of: &watertight_model::RefusedObject) -> RefusedObject {
    let field = |it: &watertight_model::KnownField| {
        let word = |word| KnownField { path: it.path.clone(), one_of: None, other_than: None, is: word };
        match &it.is {
            KnownAs::OneOf(texts) => KnownField { one_of: Some(texts.clone()), ..word(None) },
            KnownAs::OtherThan(texts) => KnownField { other_than: Some(texts.clone()), ..word(None) },
            KnownAs::Absent => word(Some(Word::Absent)),
            KnownAs::Object => word(Some(Word::Object)),
            KnownAs::Empty => word(Some(Word::Empty)),
            KnownAs::True => word(Some(Word::True)),
            KnownAs::Anything => word(Some(Word::Anything)),
        }
    };
    let by = of.by.iter().map(|by| RefusedBy {
        operation: by.operation.to_owned(),
        subresource: by.subresource.to_owned(),
        policy: by.policy.clone(),
        binding: by.binding.clone(),
        validation: by.validation,
    });
    RefusedObject { by: by.collect(), ..object_of(of.fields.iter().map(field).collect()) }
}

fn object_of(fields: Vec<KnownField>) -> RefusedObject {
    let [group, version, kind, resource] = KIND.map(str::to_owned);
    RefusedObject { group, version, kind, resource, namespace: "staging".to_owned(), fields, by: Vec::new() }
}

/// A request of which all is known.
fn request(random: &mut Random, operation: Operation, object: Known) -> Draft {
    let [group, version, kind, resource] = KIND.map(str::to_owned);
    let text = |text: &str| Known::text(text);
    Draft {
        group,
        version,
        kind,
        resource,
        subresource: "",
        operation,
        namespace: Some("staging".to_owned()),
        name: text("n"),
        user: text(random.one_of(["admin", "x", "y"])),
        groups: Known::List { elements: vec![text("x"), text("system:masters")], others: Others::None },
        object,
        old: match operation {
            Operation::Update => self::object(random),
            _ => Known::Absent,
        },
    }
}

fn snapshot(text: &str) -> Snapshot {
    let source = Source { name: "a.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    read(&[source], &Options::default()).snapshot
}

/// How many policies are tried.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn policies() -> u64 {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse::<u64>().ok());
    asked.map_or(1500, |clusters| clusters.max(1500) * 20)
}

#[test]
fn the_engine_and_the_checker_agree_on_policies_by_chance() {
    let (mut taken, mut certified, mut admitted) = (0, 0, 0);
    for seed in 0..policies() {
        let random = &mut Random::new(seed);
        let text = manifests(random);
        let snapshot = snapshot(&text);
        let admission = Admission::new(&snapshot);
        let is_taken = !admission.is_open();
        let followed = Policy::named(&snapshot, "p").is_ok();
        // The engine follows types that are settled by their use no further than to one use.
        let told = format!("{:?}", admission.diagnostics());
        let is_settled_later =
            ["not known of what type", "of several types"].iter().any(|it| told.contains(it));
        assert!(followed || !is_taken, "seed {seed}: the checker does not follow it\n{text}");
        assert!(
            is_taken || !followed || is_settled_later,
            "seed {seed}: the engine does not: {told}\n{text}"
        );
        if !is_taken {
            continue;
        }
        taken += 1;
        for _ in 0..6 {
            let whole = object(random);
            let Some(known) = part(&whole, random, false) else { continue };
            let wanted = Wanted::namespaced(KIND, "staging", known.clone());
            let ways = [("CREATE", ""), ("UPDATE", "")];
            if let Some(said) = admission.certified(&wanted) {
                certified += 1;
                let answer = refused_object(&snapshot, &refused(&said), &ways);
                assert!(answer.is_ok(), "seed {seed}: {answer:?} of {said:?}\n{text}");
            }
            // Whatever the checker holds for refused, whoever asks.
            let mut all = Vec::new();
            fields(&known, &mut Vec::new(), &mut all);
            for (operation, name) in [(Operation::Create, "CREATE"), (Operation::Update, "UPDATE")] {
                let request = request(random, operation, whole.clone());
                if admission.refuses(&request).is_some() {
                    continue;
                }
                admitted += 1;
                for validation in [None, Some(0)] {
                    let by = RefusedBy {
                        operation: name.to_owned(),
                        subresource: String::new(),
                        policy: "p".to_owned(),
                        binding: "b".to_owned(),
                        validation,
                    };
                    let object = RefusedObject { by: vec![by], ..object_of(all.clone()) };
                    let answer = refused_object(&snapshot, &object, &[(name, "")]);
                    assert!(
                        answer.is_err(),
                        "seed {seed}: {request:?} is admitted, and {all:?} is not\n{text}"
                    );
                }
            }
        }
    }
    // The test would see nothing if all were refused, or admitted, or not taken.
    println!("{taken} policies, {certified} objects refused, {admitted} admitted");
    assert!(taken > 400 && certified > 400 && admitted > 1000, "{taken} {certified} {admitted}");
}
