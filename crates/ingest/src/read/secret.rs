//! Secret: what it is, and its values, if they are asked for. No message repeats one.
//!
//! Source: `core/v1` of `k8s.io/api`, and the conversion in `pkg/apis/core/v1` by which `stringData` goes into `data`.

use super::{bearer, registry};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::scalar::Scalar;
use crate::tree::{Mapping, Node, Value};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;
use std::collections::BTreeMap;
use watertight_base::{Sealed, Span};
use watertight_model::{HeldValue, Origin, Secret};

/// The fields of a Secret.
pub(super) const FIELDS: &[&str] =
    &["apiVersion", "data", "immutable", "kind", "metadata", "stringData", "type"];

/// As Go reads it: the last character may have bits too many.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Reads a Secret.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: &Origin) -> Result<Secret, Unclear> {
    let secret_type = context.text(object.entry("type"))?.filter(|text| !text.is_empty());
    let secret_type = secret_type.map_or_else(|| "Opaque".to_owned(), Cow::into_owned);
    let account = object.path(&["metadata", "annotations", "kubernetes.io/service-account.name"]);
    let account = account.and_then(Node::text).filter(|name| !name.is_empty());
    let token_of = account.filter(|_| secret_type == "kubernetes.io/service-account-token");
    let mut secret = Secret {
        object: origin.object.clone(),
        span: origin.span,
        secret_type,
        token_of: token_of.map(Cow::into_owned),
        values: Vec::new(),
        is_masked: false,
    };
    if context.keeps_values {
        read_values(context, object, &mut secret)?;
    }
    Ok(secret)
}

fn read_values(context: &mut Context, object: &Mapping<'_>, secret: &mut Secret) -> Result<(), Unclear> {
    let mut values: BTreeMap<String, (&str, Span, Vec<u8>)> = BTreeMap::new();
    for (key, span, text) in texts(context, object, "data")? {
        let bytes = if is_mask(text.as_bytes()) {
            text.as_bytes().to_vec()
        } else {
            base64(context, "data", &key, span, &text)?
        };
        values.insert(key, ("data", span, bytes));
    }
    for (key, span, text) in texts(context, object, "stringData")? {
        values.insert(key, ("stringData", span, text.as_bytes().to_vec()));
    }
    let has_key = values.values().any(|(_, _, bytes)| bearer::has_key(bytes));
    for (key, (field, span, bytes)) in values {
        let certified = if has_key { bearer::by_certificate(&bytes) } else { Vec::new() };
        if is_mask(&bytes) {
            secret.is_masked = true;
        } else if !bytes.is_empty() {
            let registries = registry::read(&secret.secret_type, &key, &bytes);
            let mut whole = held(field, key, span, bytes);
            whole.bearers.extend(certified);
            match registries {
                Some(registries) => secret.values.extend(registry::held(&whole, registries)),
                None => secret.values.push(whole),
            }
        }
    }
    Ok(())
}

/// The texts in a field that is a mapping of them; null is an empty text, as it is to the API server.
pub(super) fn texts<'a>(
    context: &mut Context,
    object: &Mapping<'a>,
    field: &str,
) -> Result<Vec<(String, Span, Cow<'a, str>)>, Unclear> {
    let Some(mapping) = context.mapping(object.entry(field))? else { return Ok(Vec::new()) };
    let mut texts = Vec::with_capacity(mapping.entries().len());
    for entry in mapping.entries() {
        let text = match entry.value.value() {
            Value::Scalar(Scalar::Text(text)) => text,
            Value::Scalar(Scalar::Null) => Cow::Borrowed(""),
            other => return Err(context.wrong_type(entry.value, &entry.key, "a string", other.type_name())),
        };
        texts.push((entry.key.clone().into_owned(), entry.value.span(), text));
    }
    Ok(texts)
}

/// What a text in base64 stands for.
pub(super) fn base64(
    context: &mut Context,
    field: &str,
    key: &str,
    span: Span,
    text: &str,
) -> Result<Vec<u8>, Unclear> {
    decoded(text).ok_or_else(|| {
        let message = format!("`{key}` of `{field}` is not base64");
        let help = "encode it, or give plain text under `stringData`";
        context.unclear(rules::INVALID_VALUE, message, span, "not base64", help)
    })
}

/// The same, if it is base64. Go passes over ends of lines.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let is_broken = text.contains(['\r', '\n']);
    let joined = if is_broken { Cow::Owned(text.replace(['\r', '\n'], "")) } else { Cow::Borrowed(text) };
    BASE64.decode(joined.as_bytes()).ok()
}

pub(super) fn held(field: &str, key: String, span: Span, bytes: Vec<u8>) -> HeldValue {
    let pointer = key.replace('~', "~0").replace('/', "~1");
    let path = format!("/{field}/{pointer}");
    HeldValue { path, key, span, registry: None, bearers: bearer::of(&bytes), value: Sealed::from(bytes) }
}

/// Words by which exports say that they left a value out.
const MASKS: [&str; 8] =
    ["after", "before", "hidden", "masked", "omitted", "redacted", "removed", "sensitivevalue"];

/// Whether a text stands for a value that was left out: `REDACTED`, `<hidden>`, `****`, `xxxxxxxx`, `*** (before)`.
fn is_mask(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let is_one_letter = matches!(text, [first, _, rest @ ..]
        if (b"xX".contains(first) || !first.is_ascii_alphanumeric()) && rest.iter().all(|byte| byte == first));
    let letters = text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    is_one_letter
        || text.len() <= 40 && MASKS.contains(&String::from_utf8_lossy(&letters.collect::<Vec<_>>()).as_ref())
}
