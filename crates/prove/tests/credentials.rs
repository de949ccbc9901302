//! Credentials that both sides hold: which are one finding, and what is assumed of those that are not seen.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Channel, ChannelReport};
use watertight_prove::{Question, prove};

const NAMESPACES: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: staging}}\n---\n\
    {apiVersion: v1, kind: Namespace, metadata: {name: production}}\n";

/// A Secret with these values, which are YAML in flow style.
fn secret(namespace: &str, name: &str, values: &str) -> String {
    format!(
        "---\n{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: {namespace}}}, stringData: {values}}}\n"
    )
}

/// A Deployment of `staging` with this environment.
fn deployment(name: &str, environment: &str) -> String {
    format!(
        "---\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}, namespace: staging}}, spec: {{selector: \
         {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: c, image: i, \
         env: {environment}}}]}}}}}}}}\n"
    )
}

fn examine(objects: &[String], all: bool) -> ChannelReport {
    let bytes = format!("{NAMESPACES}{}", objects.concat()).into_bytes();
    let source = Source { name: "input.yaml".to_owned(), bytes };
    let ingested = read(&[source], &Options { values: true, ..Options::default() });
    assert_eq!(ingested.diagnostics, []);
    let question = Question {
        channels: vec![Channel::Network, Channel::Api],
        all,
        ..Question::between("staging", "production")
    };
    let report = prove(&ingested.snapshot, &question).unwrap();
    let channels = report.boundaries.into_iter().flat_map(|boundary| boundary.channels);
    channels.into_iter().find(|report| report.channel == Channel::Api).unwrap()
}

/// The message and the count of each breach.
fn breaches(objects: &[String], all: bool) -> Vec<(String, usize)> {
    let breaches = examine(objects, all).breaches.into_iter();
    breaches.map(|breach| (breach.message, breach.count)).collect()
}

#[test]
fn one_value_in_many_places_is_one_breach_unless_each_is_asked_for() {
    let environment = "[{name: PASSWORD, value: correct-horse-1}]";
    let objects = [
        secret("production", "db", "{password: correct-horse-1}"),
        secret("staging", "db", "{password: correct-horse-1}"),
        deployment("one", environment),
        deployment("two", environment),
    ];
    let message = "Secret staging/db holds the value of `password` of Secret production/db under `password`";
    assert_eq!(breaches(&objects, false), [(message.to_owned(), 3)]);
    assert_eq!(breaches(&objects, true).len(), 3);
}

#[test]
fn a_credential_in_an_environment_is_compared_with_secrets_and_with_settings() {
    let production = secret("production", "db", "{url: 'redis://:S3cret-9@cache.production/0'}");
    let environment = deployment("web", "[{name: CACHE, value: 'redis://:S3cret-9@cache.staging/0'}]");
    let message = "Deployment staging/web holds the password in `url` of Secret production/db under `CACHE`";
    assert_eq!(breaches(&[production, environment], false), [(message.to_owned(), 1)]);
}

#[test]
fn what_is_public_or_weak_is_no_credential() {
    let pairs = [
        ("{username: service-account-77}", "{username: service-account-77}"),
        ("{ca.crt: '-----BEGIN CERTIFICATE-----MII'}", "{ca.crt: '-----BEGIN CERTIFICATE-----MII'}"),
        ("{token: a}", "{token: a}"),
        ("{password: postgres}", "{note: the database is postgres here}"),
        ("{region: eu-central-1a-prod-7}", "{region: eu-central-1a-prod-7}"),
    ];
    for (production, staging) in pairs {
        let objects = [secret("production", "s", production), secret("staging", "s", staging)];
        assert_eq!(breaches(&objects, false), [], "{production}");
    }
    let objects = [
        secret("production", "s", "{password: postgres}"),
        secret("staging", "s", "{u: 'x://u:postgres@h'}"),
    ];
    assert_eq!(breaches(&objects, false).len(), 1);
}

#[test]
fn what_the_input_does_not_hold_is_assumed_to_differ() {
    let assumed = |objects: &[String]| {
        examine(objects, false).assumptions.iter().any(|assumption| assumption.id == "credentials-differ")
    };
    let both =
        [secret("production", "s", "{password: one-two-3}"), secret("staging", "s", "{password: three-4}")];
    assert!(!assumed(&both));
    assert!(assumed(&both[..1]) && assumed(&both[1..]) && assumed(&[]));
    assert!(assumed(&[both[0].clone(), secret("staging", "s", "{password: '***'}")]));
    let from_outside = "---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: staging}\n";
    assert!(assumed(&[both[0].clone(), both[1].clone(), from_outside.to_owned()]));
}
