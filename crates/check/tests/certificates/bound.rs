//! All of a certificate binds: whatever is changed in it, or taken away, it is rejected.

use crate::by_hand::{CLOSED, question, right, third};
use crate::common::source;
use serde_json::{Value, json};
use watertight_check::check;
use watertight_ingest::{Options, read};
use watertight_model::{Principal, SubjectKind, Verdict};
use watertight_prove::{GivenPrincipal, Question, certify, prove};
use watertight_render::{Bound, certificate_json};

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// What no namespace is written in, and so is in the default one: a proxy and its Service of neither side, which serves what
/// staging writes.
const NOT_PLACED: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: proxy}
spec:
  selector: {matchLabels: {app: proxy}}
  template:
    metadata: {labels: {app: proxy}}
    spec: {containers: [{name: c, image: haproxy-ingress}]}
---
apiVersion: ops.example/v1
kind: Odd
metadata: {name: odd, namespace: staging}
spec: {}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: staging}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
";

/// Manifests, and the certificate that they are isolated: of both channels, with everything that somebody may ask for.
fn certified() -> (String, Value) {
    let writes = "{apiGroups: [networking.k8s.io, ''], resources: [ingresses, services], verbs: [update]}";
    let text = CLOSED.to_owned() + &third("shared") + &right("shared", writes) + NOT_PLACED;
    let somebody = |name: &str| Principal { kind: SubjectKind::User, name: name.to_owned() };
    let accepted = vec![("Odd".to_owned(), "it is data".to_owned())];
    let principals = [("staging", "ann"), ("production", "bob")];
    let principals = principals.map(|(environment, name)| GivenPrincipal {
        environment: environment.to_owned(),
        principal: somebody(name),
    });
    let question =
        Question { accepted: accepted.clone(), principals: principals.to_vec(), strict: true, ..question() };
    let options = Options { values: true, default_namespace: "shared".to_owned() };
    let snapshot = read(&source(&text), &options).snapshot;
    let mut report = prove(&snapshot, &question).unwrap();
    assert_eq!(report.boundaries[0].verdict, Verdict::Isolated, "{:#?}", report.boundaries[0].channels);
    let certificate = certify(&snapshot, &question, &mut report).unwrap().unwrap();
    let principals = principals.map(|given| (given.environment, given.principal));
    let bound = Bound {
        version: "0.0.0",
        input_digest: DIGEST,
        default_namespace: "shared",
        environments: &[],
        principals: &principals,
        accepted: &accepted,
    };
    let certificate = certificate_json(&report, &certificate, bound).unwrap();
    (text, serde_json::from_str(&certificate).unwrap())
}

fn is_accepted(certificate: &Value, text: &str) -> bool {
    check(certificate.to_string().as_bytes(), &source(text), DIGEST).is_ok()
}

/// Behind the place of what is taken away.
const GONE: &str = " is gone";

/// With these it claims something else, which is as true: it is not about a channel, not about somebody or about another whom no role
/// binds, and not about what is of lesser rank.
const CLAIMS_ANOTHER: [&str; 6] = [
    "/channels/0 is gone",
    "/from/principals/0 is gone",
    "/strict",
    "/strict is gone",
    "/to/principals/0",
    "/to/principals/0 is gone",
];

/// Every change of one value, each with its place as a JSON Pointer: other texts, numbers and truths; without one field or one
/// element.
fn changes(value: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let mut less = fields.clone();
                less.remove(key);
                all.push((format!("/{key}{GONE}"), Value::Object(less)));
                for (place, changed) in changes(inner) {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), changed);
                    all.push((format!("/{key}{place}"), Value::Object(fields)));
                }
            }
        }
        Value::Array(elements) => {
            for (index, inner) in elements.iter().enumerate() {
                let mut less = elements.clone();
                less.remove(index);
                all.push((format!("/{index}{GONE}"), Value::Array(less)));
                for (place, changed) in changes(inner) {
                    let mut elements = elements.clone();
                    elements[index] = changed;
                    all.push((format!("/{index}{place}"), Value::Array(elements)));
                }
            }
        }
        Value::String(text) => {
            all.push((String::new(), json!(format!("{text}x"))));
            all.push((String::new(), json!("")));
        }
        Value::Number(number) => all.push((String::new(), json!(number.as_u64().unwrap() + 1))),
        Value::Bool(is_so) => all.push((String::new(), json!(!is_so))),
        Value::Null => all.push((String::new(), json!("x"))),
    }
    all
}

/// What people read, and nothing that is proved: who wrote it, and what assumptions say and how they are looked up.
fn is_for_people(place: &str) -> bool {
    let mut parts = place.split('/').skip(1);
    match parts.next() {
        Some("tool") => true,
        Some("assumptions") => ["text", "check"].contains(&parts.nth(1).unwrap_or_default()),
        _ => false,
    }
}

#[test]
fn whatever_is_changed_in_it_it_is_rejected() {
    let (text, certificate) = certified();
    assert!(is_accepted(&certificate, &text));
    let (mut tried, mut others) = (0, 0);
    for (place, changed) in changes(&certificate).into_iter().filter(|(place, _)| !is_for_people(place)) {
        match check(changed.to_string().as_bytes(), &source(&text), DIGEST) {
            Ok(_) if CLAIMS_ANOTHER.contains(&place.as_str()) => others += 1,
            Ok(_) => panic!("{place}\n{changed:#}"),
            Err(_) => tried += 1,
        }
    }
    assert!(tried > 200 && others == CLAIMS_ANOTHER.len(), "{tried} rejected, {others} claim another");
    // What is taken as harmless says why, where people read it.
    let mut silent = certificate.clone();
    let assumptions = silent["assumptions"].as_array_mut().unwrap();
    let said = assumptions.iter_mut().find(|it| it["id"] == "accepted-Odd").unwrap();
    said["text"] = json!("no reason");
    assert!(!is_accepted(&silent, &text));
}
