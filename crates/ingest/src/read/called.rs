//! Whom the API server calls: the `clientConfig` of webhooks, and the `service` of APIServices.
//!
//! Source of what is refused: `ValidateWebhookURL` and `ValidateWebhookService` of `k8s.io/apiserver` 1.36.

use super::{field, secret};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use watertight_base::dns_subdomain;
use watertight_model::{Called, Callee, Host, Written};

/// The `clientConfig` in a field of `parent`.
pub(super) fn client_config(context: &mut Context, parent: &Mapping<'_>) -> Result<Called, Unclear> {
    let holder = "a `clientConfig`";
    let Some(config) = context.mapping(parent.entry("clientConfig"))? else {
        return Err(field::missing(context, parent.span, "clientConfig", "a webhook"));
    };
    context.unknown_fields(&config, &["caBundle", "service", "url"]);
    ca_bundle(context, &config)?;
    let url = context.text(config.entry("url"))?;
    let service = context.mapping(config.entry("service"))?;
    let callee = match (url, service) {
        (Some(url), None) => {
            let url = Written { text: url.into_owned(), span: field::span(&config, "url") };
            Callee::Url(host(context, &url)?)
        }
        (None, Some(service)) => self::service(context, &service, &["name", "namespace", "path", "port"])?,
        (None, None) => return Err(field::missing(context, config.span, "service", holder)),
        (Some(_), Some(_)) => {
            return Err(context.unclear(
                rules::INVALID_VALUE,
                "a `clientConfig` has both `url` and `service`",
                field::span(&config, "url"),
                "stands beside `service`",
                "keep one of them",
            ));
        }
    };
    Ok(Called { span: config.span, callee })
}

/// Certificates in base64. What they are for is not looked at.
pub(super) fn ca_bundle(context: &mut Context, holder: &Mapping<'_>) -> Result<bool, Unclear> {
    let Some(bundle) = field::written(context, holder, "caBundle")? else { return Ok(false) };
    if secret::decoded(&bundle.text).is_none() {
        let help = "encode the PEM file, or leave it out where something fills it in";
        context.refuse(rules::INVALID_VALUE, "`caBundle` is not base64", bundle.span, "not base64", help);
    }
    Ok(true)
}

/// A Service by its namespace and name.
pub(super) fn service(
    context: &mut Context,
    service: &Mapping<'_>,
    fields: &[&str],
) -> Result<Callee, Unclear> {
    context.unknown_fields(service, fields);
    let namespace = field::required(context, service, "namespace", "a `service`")?.text;
    let name = field::required(context, service, "name", "a `service`")?.text;
    field::port(context, service, "port")?;
    if let Some(path) = field::written(context, service, "path")?
        && !is_path(&path.text)
    {
        let help = "write it as `/validate`: DNS names between slashes";
        context.refuse(rules::INVALID_VALUE, "`path` is no path", path.span, "no such path", help);
    }
    Ok(Callee::Service { namespace, name })
}

fn is_path(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    path.is_empty()
        || path.strip_suffix('/').unwrap_or(path).split('/').all(|step| dns_subdomain(step).is_ok())
}

/// The host of a URL. Only `https` without a user, a query or a fragment is taken.
fn host(context: &mut Context, url: &Written) -> Result<Host, Unclear> {
    let (scheme, rest) = url.text.split_once("://").unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, address) = match authority.rsplit_once('@') {
        Some((_, address)) => (true, address),
        None => (false, authority),
    };
    let host = match address.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => address.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() {
        let message = "`url` names no host";
        let help = "write it as `https://webhook.example.com/path`";
        return Err(context.unclear(rules::INVALID_VALUE, message, url.span, "no host here", help));
    }
    let problem = if scheme != "https" {
        Some("is not `https`")
    } else if user {
        Some("names a user")
    } else if path.contains('?') {
        Some("has a query")
    } else if path.contains('#') {
        Some("has a fragment")
    } else {
        None
    };
    if let Some(problem) = problem {
        let help = "write it as `https://webhook.example.com/path`";
        context.refuse(rules::INVALID_VALUE, format!("`url` {problem}"), url.span, "refused", help);
    }
    Ok(Host::of(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_between_slashes() {
        for path in ["/", "/a", "/a/", "/validate/v1.b"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["a", "//", "/a//b", "/A", "/a?b", "/a b"] {
            assert!(!is_path(path), "{path}");
        }
    }
}
