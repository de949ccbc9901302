//! Credentials of the `to` side that the `from` side holds by itself: equal values, tokens and certificates, and logins to its
//! hosts (`rules/same-credential.md`, `rules/production-credential-in-staging.md`, `rules/held-token.md`,
//! `rules/login-to-production.md`).

mod logins;
mod words;

use crate::sharing::Sides;
use std::collections::BTreeMap;
use watertight_base::{Sealed, SealedIndex};
use watertight_kubernetes::catalogue::environments;
use watertight_model::{HeldValue, ObjectRef, SubjectKind};
use words::{Holder, is_credential, is_telling};

/// A value where it stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    object: &'a ObjectRef,
    holder: Holder<'a>,
    held: &'a HeldValue,
}

pub(crate) fn reason(sides: &Sides<'_>) -> Option<String> {
    equal(sides)
        .or_else(|| bearer(sides))
        .or_else(|| logins::reason(sides))
        .or_else(|| readable(sides))
        .or_else(|| {
            let lesser = || logins::reason_of_lesser(sides, &theirs(sides));
            sides.strict.then(lesser).flatten()
        })
}

/// A ConfigMap, a pod or a template of the `to` side that holds a credential, and that the `from` side may read
/// (`rules/read-configmaps.md`, `rules/read-environments.md`).
fn readable(sides: &Sides<'_>) -> Option<String> {
    let is_read = |object: &ObjectRef| {
        sides.gains.iter().any(|gained| {
            let shows = match object.kind.as_str() {
                "Secret" => false,
                "ConfigMap" => gained.row.rule == "read-configmaps" && gained.is_about(&object.name),
                kind => environments::shows(gained.row, kind, &object.name, gained.names),
            };
            shows && gained.scope.is_none_or(|scope| object.namespace.as_deref() == Some(scope))
        })
    };
    let places = theirs(sides);
    let mut read = places.iter().filter(|place| is_read(place.object));
    let place = read.find(|place| !credentials(place).is_empty())?;
    Some(format!(
        "the `from` side may read {}, which holds a credential under `{}`",
        place.object, place.held.key
    ))
}

/// The values of objects of which this is so: of Secrets the first, and of all others the second.
fn places<'a>(
    sides: &Sides<'a>,
    [of_secrets, of_settings]: [&dyn Fn(&ObjectRef) -> bool; 2],
) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    for secret in sides.snapshot.secrets.iter().filter(|secret| of_secrets(&secret.object)) {
        let (object, holder) = (&secret.object, Holder::Secret(&secret.secret_type));
        places.extend(secret.values.iter().map(|held| Place { object, holder, held }));
    }
    for settings in sides.snapshot.settings.iter().filter(|settings| of_settings(&settings.object)) {
        let (object, holder) = (&settings.object, Holder::Settings);
        places.extend(settings.values.iter().map(|held| Place { object, holder, held }));
    }
    places
}

/// The credentials in a value: the passwords of its URLs, and all of it. Settings may name a variable or a file in the place of a value.
fn credentials(place: &Place<'_>) -> Vec<Sealed> {
    let value = place.held.value.trimmed();
    let mut all = value.passwords_of_urls();
    all.retain(|password| password.len() >= 6);
    all.extend(is_credential(place.holder, place.held).then_some(value));
    let leads_on = |value: &Sealed| value.is_reference() || value.is_path();
    all.retain(|value| matches!(place.holder, Holder::Secret(_)) || !leads_on(value));
    all
}

/// What the `to` side holds.
fn theirs<'a>(sides: &Sides<'a>) -> Vec<Place<'a>> {
    let of_to = |object: &ObjectRef| sides.has_to(object);
    places(sides, [&of_to, &of_to])
}

/// What the `from` side holds, by itself or since it comes to read it.
fn held<'a>(sides: &Sides<'a>) -> Vec<Place<'a>> {
    let of_secrets = |object: &ObjectRef| sides.has_from(object) || sides.reads_secret(object);
    let of_settings = |object: &ObjectRef| sides.has_from(object) || sides.reads_settings(object);
    places(sides, [&of_secrets, &of_settings])
}

/// A value of the `from` side that is a credential of the other, or holds one. Whether equal ones for a registry are good for
/// more than reading is not known, and so they are one too.
fn equal(sides: &Sides<'_>) -> Option<String> {
    let mut owners: BTreeMap<Sealed, &ObjectRef> = BTreeMap::new();
    for place in theirs(sides) {
        for credential in credentials(&place) {
            owners.entry(credential).or_insert(place.object);
        }
    }
    // What is looked for inside longer values, as it is written and as it stands in URLs.
    let telling: Vec<(&Sealed, &ObjectRef)> = owners
        .iter()
        .filter(|(value, _)| is_telling(value))
        .map(|(value, object)| (value, *object))
        .collect();
    let forms = telling.iter().flat_map(|(value, object)| {
        [Some((*value).clone()), value.percent_encoded()].into_iter().flatten().map(|form| (form, *object))
    });
    let (forms, owner_of): (Vec<Sealed>, Vec<&ObjectRef>) = forms.unzip();
    let index = SealedIndex::new(forms);
    for place in held(sides) {
        let value = place.held.value.trimmed();
        let counts = is_telling(&value) || is_credential(place.holder, place.held);
        let whole = owners.get(&value).copied().filter(|_| counts);
        let in_url = || value.passwords_of_urls().iter().find_map(|password| owners.get(password).copied());
        let inside = || index.inside(&value).first().map(|&number| owner_of[number]);
        if let Some(owner) = whole.or_else(in_url).or_else(inside) {
            let Place { object, held, .. } = place;
            return Some(format!("{object} holds a credential of {owner} under `{}`", held.key));
        }
    }
    None
}

/// A value that the `from` side holds and that says that it is a credential of somebody of the other.
fn bearer(sides: &Sides<'_>) -> Option<String> {
    // Of what it reads elsewhere, those that its pods may mount.
    let of_secrets = |object: &ObjectRef| sides.has_from(object) || sides.reads_secret(object);
    let of_settings = |object: &ObjectRef| sides.has_from(object) || sides.mounts(object);
    for Place { object, held, .. } in places(sides, [&of_secrets, &of_settings]) {
        let is_theirs = held.bearers.iter().find(|principal| match &principal.kind {
            SubjectKind::ServiceAccount(namespace) => sides.is_named_to(namespace),
            _ => sides.people.contains(principal),
        });
        if let Some(principal) = is_theirs {
            return Some(format!("{object} holds a credential of {principal} under `{}`", held.key));
        }
    }
    None
}
