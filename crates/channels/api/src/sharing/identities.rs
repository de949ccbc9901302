//! Cloud identities that ServiceAccounts of both sides name: whom the cloud trusts is not in the cluster, and who names an
//! identity is meant to have it.

use super::{Finding, Sides};
use watertight_base::{Sealed, Span};
use watertight_model::{
    Because, Cloud, CloudIdentity, Evidence, EvidenceRole, Fact, ObjectRef, ServiceAccount, ValuePlace, When,
};

/// A place at which the `from` side names an identity.
struct Named<'s> {
    object: &'s ObjectRef,
    path: String,
    span: Span,
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for account in accounts(sides, |namespace| sides.to.contains(namespace)) {
        for identity in &account.identities {
            let places = in_accounts(sides, identity).chain(in_settings(sides, identity));
            findings.extend(places.map(|place| finding(account, identity, &place)));
            findings.extend(had(sides, account, identity));
        }
    }
    findings
}

/// The ServiceAccounts of neither side that name an identity, and of which the `from` side comes to have tokens.
fn had(sides: &Sides<'_>, account: &ServiceAccount, identity: &CloudIdentity) -> Vec<Finding> {
    let others =
        accounts(sides, |namespace| !sides.from.contains(namespace) && !sides.to.contains(namespace));
    let had = others.filter_map(|other| {
        let same = other.identities.iter().find(|other| is_same(other, identity))?;
        let namespace = other.object.namespace.as_deref().unwrap_or_default();
        let mut holdings = sides.closure.holdings_in(namespace);
        let power = holdings.find(|holding| holding.has_tokens_of(&other.object.name))?.power();
        let place = Named { object: &other.object, path: path_of(same.cloud), span: same.name.span };
        let finding = finding(account, identity, &place);
        let message = format!("{}, and {}", power.message, finding.message);
        Some(Finding { message, by: Some(power), ..finding })
    });
    had.collect()
}

/// The ServiceAccounts of some namespaces.
fn accounts<'s>(sides: &Sides<'s>, is_of: impl Fn(&str) -> bool) -> impl Iterator<Item = &'s ServiceAccount> {
    let accounts = sides.snapshot.service_accounts.iter();
    accounts.filter(move |account| account.object.namespace.as_deref().is_some_and(&is_of))
}

/// The ServiceAccounts of the `from` side that name an identity.
fn in_accounts<'s>(sides: &Sides<'s>, identity: &CloudIdentity) -> impl Iterator<Item = Named<'s>> {
    let of_from = accounts(sides, |namespace| sides.from.contains(namespace));
    of_from.filter_map(move |account| {
        let same = account.identities.iter().find(|other| is_same(other, identity))?;
        Some(Named { object: &account.object, path: path_of(same.cloud), span: same.name.span })
    })
}

/// The environments and ConfigMaps of the `from` side that do, by the variables that the clouds' libraries read.
fn in_settings<'s>(sides: &Sides<'s>, identity: &CloudIdentity) -> impl Iterator<Item = Named<'s>> {
    let variable = match identity.cloud {
        Cloud::Aws => "AWS_ROLE_ARN",
        Cloud::Azure => "AZURE_CLIENT_ID",
        Cloud::Google => "GOOGLE_SERVICE_ACCOUNT_EMAIL",
    };
    let value = Sealed::from(identity.name.text.as_str());
    let settings = sides.snapshot.settings.iter().filter(|settings| {
        settings.object.namespace.as_deref().is_some_and(|namespace| sides.from.contains(namespace))
    });
    settings.filter_map(move |settings| {
        let names =
            settings.values.iter().find(|held| held.key == variable && held.value.trimmed() == value)?;
        Some(Named { object: &settings.object, path: names.path.clone(), span: names.span })
    })
}

/// Whether two names are one identity. Those of Azure are numbers in hexadecimal digits.
fn is_same(one: &CloudIdentity, other: &CloudIdentity) -> bool {
    let (name, other_name) = (&one.name.text, &other.name.text);
    one.cloud == other.cloud
        && (name == other_name || one.cloud == Cloud::Azure && name.eq_ignore_ascii_case(other_name))
}

fn path_of(cloud: Cloud) -> String {
    format!("/metadata/annotations/{}", cloud.annotation().replace('/', "~1"))
}

fn finding(account: &ServiceAccount, identity: &CloudIdentity, place: &Named<'_>) -> Finding {
    let because = |object: &ObjectRef, path: &str, span| Because {
        role: EvidenceRole::Selects,
        object: object.clone(),
        path: path.to_owned(),
        evidence: Some(Evidence::File(span)),
    };
    let path = path_of(identity.cloud);
    let at = |object: &ObjectRef, path: &str| ValuePlace { object: object.clone(), path: path.to_owned() };
    Finding {
        rule: "same-cloud-identity",
        when: When::Now,
        message: format!(
            "{} names the cloud identity `{}`, as {} does",
            place.object, identity.name.text, account.object
        ),
        help: "give each side an identity of its own, and let production's trust the ServiceAccounts of production alone"
            .to_owned(),
        fact: Fact::SameValue {
            held: at(place.object, &place.path),
            of: at(&account.object, &path),
        },
        by: None,
        because: vec![
            because(place.object, &place.path, place.span),
            because(&account.object, &path, identity.name.span),
        ],
        highlight: Some((place.span, "production's identity".to_owned())),
        similar: identity.name.text.to_ascii_lowercase(),
    }
}
