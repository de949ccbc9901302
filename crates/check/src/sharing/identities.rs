//! Cloud identities that both sides name (`rules/same-cloud-identity.md`).

use super::Sides;
use watertight_base::Sealed;
use watertight_model::{Cloud, CloudIdentity, ObjectRef};

pub(super) fn reason(sides: &Sides<'_>) -> Option<String> {
    let accounts = sides.snapshot.service_accounts.iter();
    for account in accounts.filter(|account| sides.has_to(&account.object)) {
        for identity in &account.identities {
            if let Some(object) = named_by(sides, identity) {
                let name = &identity.name.text;
                return Some(format!(
                    "{object} names the cloud identity `{name}`, as {} does",
                    account.object
                ));
            }
        }
    }
    None
}

/// An object that names an identity and that the `from` side has: a ServiceAccount of its own, or of neither side with tokens
/// that it comes to, or a variable that the cloud's libraries read.
fn named_by<'a>(sides: &Sides<'a>, identity: &CloudIdentity) -> Option<&'a ObjectRef> {
    let accounts = sides.snapshot.service_accounts.iter();
    let had = accounts.filter(|it| sides.has_from(&it.object) || sides.has_tokens_of(&it.object));
    let mut accounts = had.filter(|account| account.identities.iter().any(|it| is_same(it, identity)));
    let value = Sealed::from(identity.name.text.as_str());
    let settings = sides.snapshot.settings.iter().filter(|settings| sides.has_from(&settings.object));
    let mut settings = settings.filter(|settings| {
        let mut values = settings.values.iter();
        values.any(|held| held.key == variable(identity.cloud) && held.value.trimmed() == value)
    });
    accounts.next().map(|account| &account.object).or_else(|| Some(&settings.next()?.object))
}

fn variable(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => "AWS_ROLE_ARN",
        Cloud::Azure => "AZURE_CLIENT_ID",
        Cloud::Google => "GOOGLE_SERVICE_ACCOUNT_EMAIL",
    }
}

/// Azure's are numbers in hexadecimal digits, of either case.
fn is_same(one: &CloudIdentity, other: &CloudIdentity) -> bool {
    let (name, other_name) = (&one.name.text, &other.name.text);
    match (one.cloud, other.cloud) {
        (Cloud::Azure, Cloud::Azure) => name.eq_ignore_ascii_case(other_name),
        (cloud, other_cloud) => cloud == other_cloud && name == other_name,
    }
}
