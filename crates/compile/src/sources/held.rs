//! The values that objects of an application hold: those of Secrets, of ConfigMaps and of the variables of containers.
//!
//! They are sealed: no message shows one.

use super::object::{Object, containers};
use base64::Engine as _;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::general_purpose::URL_SAFE_NO_PAD};
use watertight_base::{Sealed, Source, SourceId, Span};
use watertight_ingest::{Tree, trees};
use watertight_intent::EnvironmentId;

/// As Go reads it: the last character may have bits too many.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// A value, and who holds it.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) environment: EnvironmentId,
    /// The object: `Secret web` with backticks.
    pub(crate) holder: String,
    /// Whether that is a Secret, whose values are taken for credentials sooner.
    pub(crate) is_secret: bool,
    /// The key or the variable.
    pub(crate) key: String,
    pub(crate) value: Sealed,
    /// Of whom it is a token, if it is one of a ServiceAccount: `NAMESPACE:NAME`.
    pub(crate) token_of: Option<String>,
    /// The name of the object: the value itself is shown nowhere.
    pub(crate) span: Span,
}

/// The values that an object holds.
pub(crate) fn of_object(object: &Object<'_>) -> Vec<Held> {
    let mut held = Vec::new();
    let mut add = |key: &str, bytes: &[u8]| {
        if !bytes.trim_ascii().is_empty() {
            held.push(Held {
                environment: object.environment,
                holder: object.label(),
                is_secret: object.is("Secret"),
                key: key.to_owned(),
                value: Sealed::from(bytes.trim_ascii().to_vec()),
                token_of: token_of(bytes),
                span: object.name_span,
            });
        }
    };
    let of = |field: &str| object.at(&[field]).map(Tree::members).unwrap_or_default();
    match object.kind.name {
        "Secret" => {
            for member in of("data") {
                let text = member.value.text().unwrap_or_default().replace(['\r', '\n'], "");
                let bytes = BASE64.decode(text).unwrap_or_default();
                registries(&member.key, &bytes).iter().for_each(|login| add(&member.key, login));
                add(&member.key, &bytes);
            }
            for member in of("stringData") {
                let bytes = member.value.text().unwrap_or_default().as_bytes();
                registries(&member.key, bytes).iter().for_each(|login| add(&member.key, login));
                add(&member.key, bytes);
            }
        }
        "ConfigMap" => {
            for member in of("data") {
                add(&member.key, member.value.text().unwrap_or_default().as_bytes());
            }
            for member in of("binaryData") {
                let text = member.value.text().unwrap_or_default().replace(['\r', '\n'], "");
                add(&member.key, &BASE64.decode(text).unwrap_or_default());
            }
        }
        _ => {
            let spec = object.template().and_then(|template| template.get("spec"));
            let variables =
                spec.into_iter().flat_map(containers).filter_map(|container| container.get("env"));
            for variable in variables.flat_map(Tree::elements) {
                let text = |key: &str| variable.get(key).and_then(Tree::text).unwrap_or_default();
                add(text("name"), text("value").as_bytes());
            }
        }
    }
    held
}

/// The logins for registries in a file that says them: however it is laid out, they are the same.
///
/// Source: <https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/>.
fn registries(key: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    if ![".dockerconfigjson", ".dockercfg"].contains(&key) {
        return Vec::new();
    }
    let source = Source { name: String::new(), bytes: bytes.to_vec() };
    let documents = trees(SourceId(0), &source).documents;
    let entries = documents.first().map(|whole| whole.get("auths").unwrap_or(whole));
    let entries = entries.map(Tree::members).unwrap_or_default().iter();
    let login = |entry: &Tree| {
        let text = |key: &str| entry.get(key).and_then(Tree::text).unwrap_or_default();
        let joined = BASE64.decode(text("auth")).ok().filter(|bytes| !bytes.is_empty());
        joined.unwrap_or_else(|| format!("{}:{}", text("username"), text("password")).into_bytes())
    };
    entries.map(|entry| login(&entry.value)).filter(|login| login != b":").collect()
}

/// Of whom the first token of a ServiceAccount in some bytes is.
///
/// Source: RFC 7519, and <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>.
fn token_of(bytes: &[u8]) -> Option<String> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let mut words = bytes.split(|byte| !is_part(byte)).filter(|word| word.starts_with(b"eyJ"));
    words.find_map(|word| {
        let claims = word.split(|&byte| byte == b'.').nth(1)?;
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let (_, subject) = claims.split_once("\"system:serviceaccount:")?;
        Some(subject.split('"').next()?.to_owned())
    })
}
