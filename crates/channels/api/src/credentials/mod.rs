//! Credentials of the `to` side that the `from` side holds by itself: the same value, or a part of a longer one.
//!
//! Who holds the value of a Secret of the `to` side has read it (convention 11). Values are compared as they are written, and
//! as they stand in URLs. What is compressed or encoded otherwise is not seen.

mod addresses;
mod bearers;
mod judge;
mod settings;

pub use bearers::{Bearer, TOKEN, bearers};
pub use judge::credential_words;

use crate::attack::{Closure, Holding};
use judge::{Holder, is_credential, is_telling};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Sealed, SealedIndex, fingerprint};
use watertight_model::{
    Because, BlindScope, BlindSpot, Breach, Channel, Evidence, EvidenceRole, Fact, HeldValue, ObjectRef,
    Root, Snapshot, Step, ValuePlace, When,
};

/// What the `from` side holds of the `to` side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The values of the `to` side's credentials, similar ones as one.
    pub breaches: Vec<Breach>,
    /// Addresses without a password, which are of lesser rank.
    pub lesser: Vec<Breach>,
    /// Credentials of which the input does not show whether they are good for more than reading.
    pub blind_spots: Vec<BlindSpot>,
}

/// A value, and what holds it.
#[derive(Debug, Clone, Copy)]
struct Place<'s> {
    object: &'s ObjectRef,
    holder: Holder<'s>,
    held: &'s HeldValue,
}

/// A credential of the `to` side.
#[derive(Debug, Clone)]
struct Credential<'s> {
    place: Place<'s>,
    value: Sealed,
    /// Whether it is only the password in a URL.
    in_url: bool,
}

/// A credential, and where the `from` side holds it.
#[derive(Debug, Clone, Copy)]
struct Match<'s, 'c> {
    rule: &'static str,
    credential: &'c Credential<'s>,
    place: Place<'s>,
}

/// The value is that of a credential.
const SAME: &str = "same-credential";
/// A credential is a part of the value.
const INSIDE: &str = "production-credential-in-staging";

impl Credentials {
    /// Those of the namespaces of the `to` side that stand in the namespaces of the `from` side; with `all`, each by itself.
    #[must_use]
    pub fn new(snapshot: &Snapshot, from: &BTreeSet<&str>, to: &BTreeSet<&str>, all: bool) -> Self {
        Self::among(snapshot, places(snapshot, from), [from, to], all)
    }

    /// Those that stand in namespaces of neither side, where the `from` side comes to read them.
    #[must_use]
    pub fn read(snapshot: &Snapshot, closure: &Closure, sides: [&BTreeSet<&str>; 2], all: bool) -> Self {
        let mut found = Self::default();
        let names = snapshot.namespaces.iter().map(|namespace| namespace.name.as_str());
        for namespace in closure.held_namespaces(names, sides) {
            let is_read = |place: &Place<'_>, by: &Holding<'_>| match place.holder {
                Holder::Secret(_) => by.reads_secret(&place.object.name),
                Holder::Settings => by.reads_settings(place.object),
            };
            let mut left = places(snapshot, &BTreeSet::from([namespace]));
            for holding in closure.holdings_in(namespace) {
                let (read, others): (Vec<_>, Vec<_>) =
                    left.into_iter().partition(|place| is_read(place, &holding));
                left = others;
                let Self { breaches, lesser, blind_spots } = Self::among(snapshot, read, sides, all);
                found.breaches.extend(breaches.into_iter().map(|breach| holding.power().followed_by(breach)));
                found.lesser.extend(lesser.into_iter().map(|breach| holding.power().followed_by(breach)));
                found.blind_spots.extend(blind_spots);
            }
        }
        found
    }

    /// Those of the `to` side among some values.
    fn among(snapshot: &Snapshot, held: Vec<Place<'_>>, [from, to]: [&BTreeSet<&str>; 2], all: bool) -> Self {
        if held.is_empty() {
            return Self::default();
        }
        let credentials = credentials(places(snapshot, to));
        let mut by_value: BTreeMap<&Sealed, &Credential<'_>> = BTreeMap::new();
        for credential in &credentials {
            by_value.entry(&credential.value).or_insert(credential);
        }
        let telling: Vec<&Credential<'_>> =
            by_value.values().copied().filter(|credential| is_telling(&credential.value)).collect();
        let written = |credential: &&Credential<'_>| credential.value.clone();
        let encoded = |credential: &&Credential<'_>| {
            credential.value.percent_encoded().unwrap_or_else(|| credential.value.clone())
        };
        let index =
            SealedIndex::new(telling.iter().map(written).chain(telling.iter().map(encoded)).collect());

        let mut matches = Vec::new();
        for &place in &held {
            let found = |rule, credential| Match { rule, credential, place };
            let value = place.held.value.trimmed();
            let same = by_value.get(&value).copied();
            if let Some(credential) = same
                && (is_telling(&value) || is_credential(place.holder, place.held))
            {
                matches.push(found(SAME, credential));
                continue;
            }
            let mut inside: BTreeMap<&Sealed, Match<'_, '_>> = BTreeMap::new();
            for password in value.passwords_of_urls() {
                if let Some(&credential) = by_value.get(&password) {
                    let rule = if credential.in_url { SAME } else { INSIDE };
                    inside.insert(&credential.value, found(rule, credential));
                }
            }
            for number in index.inside(&value) {
                let credential = telling[number % telling.len()];
                inside.entry(&credential.value).or_insert_with(|| found(INSIDE, credential));
            }
            matches.extend(inside.into_values());
        }
        let mut found = Self::of(&matches, all);
        let is_theirs = |password: &Sealed| by_value.contains_key(password);
        let (logins, lesser) = addresses::breaches(snapshot, &held, [from, to], is_theirs);
        found.breaches.extend(logins);
        found.lesser = lesser;
        found
    }

    fn of(matches: &[Match<'_, '_>], all: bool) -> Self {
        let mut groups: BTreeMap<_, Vec<&Match<'_, '_>>> = BTreeMap::new();
        let mut first_of: BTreeMap<&Sealed, &ObjectRef> = BTreeMap::new();
        for found in matches {
            // Replicas and templates hold one value in many places: those are one, named by the first.
            let first = *first_of.entry(&found.credential.value).or_insert(found.place.object);
            let each = all.then_some((&found.place.held.path, found.place.object));
            let key = (found.is_in_doubt(), first, found.credential.place.object, each);
            groups.entry(key).or_default().push(found);
        }
        let mut credentials = Self::default();
        for ((is_in_doubt, ..), group) in groups {
            let Some(first) = group.first() else { continue };
            if is_in_doubt {
                credentials.blind_spots.push(first.doubt());
            } else {
                credentials.breaches.push(first.breach(group.len()));
            }
        }
        credentials
            .breaches
            .sort_by(|one, other| (one.rule, &one.message).cmp(&(other.rule, &other.message)));
        credentials
    }
}

/// The values in some namespaces, those of Secrets first.
fn places<'s>(snapshot: &'s Snapshot, namespaces: &BTreeSet<&str>) -> Vec<Place<'s>> {
    let of = |object: &ObjectRef| object.namespace.as_deref().is_some_and(|name| namespaces.contains(name));
    let secrets = snapshot.secrets.iter().filter(|secret| of(&secret.object)).flat_map(|secret| {
        let holder = Holder::Secret(&secret.secret_type);
        secret.values.iter().map(move |held| Place { object: &secret.object, holder, held })
    });
    let settings = snapshot.settings.iter().filter(|settings| of(&settings.object)).flat_map(|settings| {
        let holder = Holder::Settings;
        settings.values.iter().map(move |held| Place { object: &settings.object, holder, held })
    });
    secrets.chain(settings).collect()
}

/// The credentials among some values: whole ones, and the passwords of URLs. What only names a variable or a file is none.
fn credentials(places: Vec<Place<'_>>) -> Vec<Credential<'_>> {
    let mut credentials = Vec::new();
    for place in places {
        let value = place.held.value.trimmed();
        let leads_on = |value: &Sealed| value.is_reference() || value.is_path();
        let is_value = |value: &Sealed| place.holder != Holder::Settings || !leads_on(value);
        for password in value.passwords_of_urls() {
            if password.len() >= 6 && is_value(&password) {
                credentials.push(Credential { place, value: password, in_url: true });
            }
        }
        if is_credential(place.holder, place.held) && is_value(&value) {
            credentials.push(Credential { place, value, in_url: false });
        }
    }
    // Where one value stands in several places, the whole one tells more than the one in a URL.
    credentials.sort_by_key(|credential| credential.in_url);
    credentials
}

impl Match<'_, '_> {
    /// Whether both are a credential for a registry, which may be one that only pulls.
    fn is_in_doubt(&self) -> bool {
        self.place.held.registry.is_some() && self.credential.place.held.registry.is_some()
    }

    /// One sentence that stands alone.
    fn message(&self) -> String {
        let Self { rule, credential: Credential { place: of, in_url, .. }, place } = self;
        let what = if *in_url {
            format!("the password in `{}`", of.held.key)
        } else {
            format!("the value of `{}`", of.held.key)
        };
        let how = if *rule == SAME { "under" } else { "inside" };
        format!("{} holds {what} of {} {how} `{}`", place.object, of.object, place.held.key)
    }

    fn doubt(&self) -> BlindSpot {
        let registry = self.place.held.registry.as_deref().unwrap_or_default();
        BlindSpot {
            rule: SAME,
            reason: format!(
                "{} holds the credential for the registry `{registry}` that {} holds: whether it can push what production runs is not in the input",
                self.place.object, self.credential.place.object
            ),
            object: None,
            span: Some(self.place.held.span),
            help: "give each side a credential of its own, and staging one that can only pull".to_owned(),
            scope: BlindScope::Everything,
            hides: &[Channel::Api],
        }
    }

    fn breach(&self, count: usize) -> Breach {
        let Self { rule, credential: Credential { place: of, .. }, place } = self;
        let message = self.message();
        let at =
            |place: &Place<'_>| ValuePlace { object: place.object.clone(), path: place.held.path.clone() };
        let because = |place: &Place<'_>| Because {
            role: EvidenceRole::Selects,
            object: place.object.clone(),
            path: place.held.path.clone(),
            evidence: Some(Evidence::File(place.held.span)),
        };
        let step = Step {
            id: 1,
            channel: Channel::Api,
            rule,
            fact: Fact::SameValue { held: at(place), of: at(of) },
            text: message.clone(),
            uses: Vec::new(),
            because: vec![because(place), because(of)],
        };
        Breach {
            id: fingerprint(&format!("{rule} {message}")),
            rule,
            root: Root { object: Some(of.object.clone()), part: of.held.path.clone() },
            when: When::Now,
            message,
            help: "make a new credential for production, which nothing of staging holds, and take the old one out of force"
                .to_owned(),
            count,
            reached: BTreeSet::new(),
            steps: vec![step],
            highlight: Some((place.held.span, "production's credential".to_owned())),
        }
    }
}
