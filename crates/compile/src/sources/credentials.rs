//! Credentials, of which each belongs to one environment: who holds one of another is as good as inside.
//!
//! What counts as a credential is what the proof takes for one, so that nothing is compiled of which it would say that staging
//! holds it.

use super::held::Held;
use super::hosts::Host;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Sealed, SealedIndex};
use watertight_intent::{Environment, EnvironmentId, Intent, Promise};

/// Shorter values are equal by chance.
const LENGTH_MIN: usize = 6;
/// From this length on, a text of letters and digits under a name that says nothing is one.
const LENGTH_OF_UNNAMED: usize = 16;

/// What the last word of a name is, where the value is no credential.
const PLAIN: [&str; 31] = [
    "address",
    "arn",
    "bucket",
    "ca",
    "cert",
    "certificate",
    "crt",
    "database",
    "db",
    "domain",
    "email",
    "endpoint",
    "env",
    "environment",
    "file",
    "format",
    "from",
    "host",
    "hostname",
    "hosts",
    "id",
    "level",
    "mode",
    "name",
    "namespace",
    "path",
    "port",
    "region",
    "url",
    "user",
    "username",
];

/// Words in names of credentials, where names are written without anything between their words.
const NAMED: [&str; 18] = [
    "accesskey",
    "apikey",
    "authkey",
    "bearer",
    "connectionstring",
    "credential",
    "dockercfg",
    "dockerconfigjson",
    "encryptionkey",
    "kubeconfig",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "signingkey",
    "token",
];

/// A credential of an environment.
struct Credential<'q> {
    held: &'q Held,
    value: Sealed,
}

/// Credentials that two environments hold, logins to what belongs to another, and tokens of others.
pub(crate) fn check(intent: &Intent, held: &[Held], hosts: &[Host]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let names = Names::of_all(intent, hosts);
    for (index, environment) in intent.environments.iter().enumerate() {
        let id = EnvironmentId(index);
        let others = walled_off(intent, id);
        let own: Vec<&Held> = held.iter().filter(|held| held.environment == id).collect();
        let of_others: Vec<&Held> = held.iter().filter(|held| others.contains(&held.environment)).collect();
        let name = &environment.name.value;
        diagnostics.extend(same(intent, name, &own, &credentials(&of_others)));
        for held in own {
            diagnostics.extend(login(intent, name, held, &names, &others));
            diagnostics.extend(token(intent, name, held, &others));
        }
    }
    diagnostics
}

/// The environments from or to which one is walled off on the channel `api`.
fn walled_off(intent: &Intent, id: EnvironmentId) -> BTreeSet<EnvironmentId> {
    let promised = intent.boundaries.iter();
    let promised =
        promised.filter(|boundary| boundary.promises.iter().any(|promise| promise.value == Promise::Api));
    let other = promised.filter_map(|boundary| match (boundary.from == id, boundary.to == id) {
        (true, _) => Some(boundary.to),
        (_, true) => Some(boundary.from),
        _ => None,
    });
    other.collect()
}

fn environment(intent: &Intent, id: EnvironmentId) -> &str {
    intent.environments.get(id.0).map_or("", |environment| &environment.name.value)
}

/// What of some values is a credential: a value itself, and passwords in its URLs.
fn credentials<'q>(held: &[&'q Held]) -> Vec<Credential<'q>> {
    let mut credentials = Vec::new();
    for &held in held {
        if is_credential(held) {
            credentials.push(Credential { held, value: held.value.clone() });
        }
        let passwords = held.value.passwords_of_urls().into_iter();
        let passwords = passwords.filter(|password| password.len() >= LENGTH_MIN);
        credentials.extend(passwords.map(|value| Credential { held, value }));
    }
    credentials
}

/// Values that are credentials of another environment, or hold one.
fn same(intent: &Intent, name: &str, own: &[&Held], credentials: &[Credential<'_>]) -> Vec<Diagnostic> {
    let mut by_value: BTreeMap<&Sealed, &Credential<'_>> = BTreeMap::new();
    for credential in credentials {
        by_value.entry(&credential.value).or_insert(credential);
    }
    let telling: Vec<&Credential<'_>> =
        by_value.values().copied().filter(|credential| is_telling(&credential.value)).collect();
    let written = telling.iter().map(|credential| credential.value.clone());
    let encoded = telling
        .iter()
        .map(|credential| credential.value.percent_encoded().unwrap_or_else(|| credential.value.clone()));
    let index = SealedIndex::new(written.chain(encoded).collect());
    let mut diagnostics = Vec::new();
    for held in own {
        let whole = by_value.get(&held.value).filter(|_| is_telling(&held.value) || is_credential(held));
        let passwords = held.value.passwords_of_urls();
        let in_url = passwords.iter().find_map(|password| by_value.get(password));
        let inside =
            || index.inside(&held.value).into_iter().map(|number| telling[number % telling.len()]).next();
        let Some(credential) = whole.or(in_url).copied().or_else(inside) else { continue };
        let of = credential.held;
        let theirs = environment(intent, of.environment);
        let message = format!(
            "{} of `{name}` holds under `{}` the credential that {} of `{theirs}` holds under `{}`",
            held.holder, held.key, of.holder, of.key
        );
        diagnostics.push(
            Diagnostic::error(rules::SAME_CREDENTIAL, message)
                .at(held.span, format!("holds a credential of `{theirs}`"))
                .help("give each environment a credential of its own, and keep values of Secrets out of what both are made of"),
        );
    }
    diagnostics
}

/// What is called an environment's by its hosts: those that it publishes, and its namespaces in the cluster's DNS.
struct Names {
    hosts: BTreeSet<Sealed>,
    namespaces: BTreeSet<Sealed>,
}

impl Names {
    /// Those of each environment, in their order.
    fn of_all(intent: &Intent, hosts: &[Host]) -> Vec<Self> {
        let sealed = |name: &str| Sealed::from(name);
        let names = |(index, environment): (usize, &Environment)| {
            let hosts = hosts.iter().filter(|host| host.environment == EnvironmentId(index));
            let namespaces = environment.namespaces.iter();
            Self {
                hosts: hosts.map(|host| sealed(&host.name)).collect(),
                namespaces: namespaces.map(|name| sealed(&name.value)).collect(),
            }
        };
        intent.environments.iter().enumerate().map(names).collect()
    }

    fn hold(&self, host: &Sealed) -> bool {
        self.hosts.contains(host) || is_in(host, &self.namespaces)
    }
}

/// A password for a host of another environment.
fn login(
    intent: &Intent,
    name: &str,
    held: &Held,
    names: &[Names],
    others: &BTreeSet<EnvironmentId>,
) -> Option<Diagnostic> {
    let logins = held.value.logins_of_urls();
    let dialed: Vec<&Sealed> = logins.iter().flat_map(|login| &login.hosts).collect();
    let is_theirs = |other: &&EnvironmentId| {
        names.get(other.0).is_some_and(|names| dialed.iter().any(|host| names.hold(host)))
    };
    let theirs = environment(intent, *others.iter().find(is_theirs)?);
    let message =
        format!("{} of `{name}` holds under `{}` a password for a host of `{theirs}`", held.holder, held.key);
    Some(
        Diagnostic::error(rules::LOGIN_TO_PRODUCTION, message)
            .at(held.span, format!("a login to `{theirs}`"))
            .help("let each environment log in to what is its own"),
    )
}

/// Whether a host is the name that the cluster's DNS gives to something in one of these namespaces: `NAME.NAMESPACE` or
/// `….NAMESPACE.svc.…`.
fn is_in(host: &Sealed, namespaces: &BTreeSet<Sealed>) -> bool {
    let labels: Vec<Sealed> = host.labels_of_host().collect();
    let service = Sealed::from("svc");
    let is_short = matches!(labels.as_slice(), [_, namespace] if namespaces.contains(namespace));
    is_short || labels.windows(2).skip(1).any(|pair| pair[1] == service && namespaces.contains(&pair[0]))
}

/// A token of a ServiceAccount of another environment.
fn token(intent: &Intent, name: &str, held: &Held, others: &BTreeSet<EnvironmentId>) -> Option<Diagnostic> {
    let (namespace, _) = held.token_of.as_ref()?.split_once(':')?;
    let is_theirs = |other: &&EnvironmentId| {
        let other = intent.environments.get(other.0);
        other.is_some_and(|other| other.namespaces.iter().any(|own| own.value == namespace))
    };
    let theirs = environment(intent, *others.iter().find(is_theirs)?);
    let message = format!(
        "{} of `{name}` holds under `{}` a token of a ServiceAccount of `{theirs}`",
        held.holder, held.key
    );
    Some(
        Diagnostic::error(rules::SAME_CREDENTIAL, message)
            .at(held.span, format!("a credential of `{theirs}`"))
            .help("take it out, and delete what it is the token of"),
    )
}

/// Whether a value is a credential: by the name that it has, by what it looks like, and by what holds it.
fn is_credential(held: &Held) -> bool {
    let value = &held.value;
    let is_key_pair = value.holds("PRIVATE KEY-----");
    let is_public = value.holds("-----BEGIN ") && !is_key_pair;
    if value.len() < LENGTH_MIN || is_public {
        return false;
    }
    let words = words(&held.key);
    if words.last().is_some_and(|last| PLAIN.contains(&last.as_str())) {
        return false;
    }
    let name = words.concat();
    let is_named = words.last().is_some_and(|last| ["key", "pass"].contains(&last.as_str()))
        || NAMED.iter().any(|word| name.contains(word));
    let looks_like_one = value.len() >= LENGTH_OF_UNNAMED
        && is_telling(value)
        && !value.holds("://")
        && !value.any(|byte| b".{".contains(&byte));
    is_named || is_key_pair || held.is_secret && looks_like_one
}

/// Whether nobody has the same value by chance: letters and digits in one word.
fn is_telling(value: &Sealed) -> bool {
    let is_mixed = value.any(|byte| byte.is_ascii_alphabetic()) && value.any(|byte| byte.is_ascii_digit());
    value.len() >= 8 && is_mixed && !value.any(|byte| byte.is_ascii_whitespace())
}

/// The words of a name in lower case: `db`, `user` and `name` of `DB_userName`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after = ' ';
    for letter in name.chars() {
        let begins = !after.is_alphanumeric() || after.is_lowercase() && letter.is_uppercase();
        if letter.is_alphanumeric() {
            if begins {
                words.push(String::new());
            }
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        after = letter;
    }
    words
}
