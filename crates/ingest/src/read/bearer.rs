//! As whom one can act who holds a value: what tokens of ServiceAccounts and client certificates say of themselves.
//!
//! Whether the API server still takes them is not known: they may have expired, their ServiceAccount may be gone, or another
//! cluster may have made them. They are taken as good.
//!
//! Sources: <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>, and RFC 7519 for the form of tokens.

use super::certificate;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::collections::BTreeSet;
use watertight_model::Principal;

/// What is read of the claims of a token.
#[derive(Deserialize)]
struct Claims {
    sub: String,
}

/// How every token begins: `{"` in base64.
const TOKEN: &[u8] = b"eyJ";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
const KEY: &str = "PRIVATE KEY-----";

/// As whom one can act who holds these bytes and nothing else.
pub(super) fn of(bytes: &[u8]) -> Vec<Principal> {
    let mut principals: BTreeSet<Principal> = tokens(bytes).collect();
    if let Some(text) = text_with(bytes, KEY) {
        principals.extend(certified(text));
    }
    if let Some(text) = text_with(bytes, "client-key-data") {
        let certificates = encoded(text, "client-certificate-data");
        principals.extend(certificates.flat_map(|pem| certified(&String::from_utf8_lossy(&pem))));
    }
    principals.into_iter().collect()
}

/// As whom one can act by certificates without their keys, which stand elsewhere in the same object.
pub(super) fn by_certificate(bytes: &[u8]) -> Vec<Principal> {
    text_with(bytes, CERTIFICATE).map(certified).unwrap_or_default()
}

/// Whether there is a private key in it.
pub(super) fn has_key(bytes: &[u8]) -> bool {
    text_with(bytes, KEY).is_some()
}

/// The text, if it is one and holds another.
fn text_with<'t>(bytes: &'t [u8], part: &str) -> Option<&'t str> {
    memchr::memmem::find(bytes, part.as_bytes())?;
    std::str::from_utf8(bytes).ok()
}

/// The ServiceAccounts whose tokens are in it.
fn tokens(bytes: &[u8]) -> impl Iterator<Item = Principal> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    memchr::memmem::find_iter(bytes, TOKEN).filter_map(move |start| {
        if start > 0 && is_part(bytes[start - 1]) {
            return None;
        }
        let length = bytes[start..].iter().position(|&byte| !is_part(byte));
        let end = length.map_or(bytes.len(), |length| start + length);
        let mut parts = std::str::from_utf8(&bytes[start..end]).ok()?.split('.');
        let (_, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let claims = URL_SAFE_NO_PAD.decode(claims).ok().filter(|_| !signature.is_empty())?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        let (namespace, name) = claims.sub.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        let is_name = |name: &str| {
            let is_letter =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
            (1..=253).contains(&name.len()) && name.bytes().all(is_letter)
        };
        (is_name(namespace) && is_name(name)).then(|| Principal::service_account(namespace, name))
    })
}

/// The user and the groups of the first certificate in a text, which is that of the client: those after it have signed it.
fn certified(text: &str) -> Vec<Principal> {
    let body = text.split_once(CERTIFICATE).and_then(|(_, rest)| rest.split_once("-----END"));
    let Some((body, _)) = body else { return Vec::new() };
    let encoded: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    let subject = STANDARD.decode(encoded).ok().and_then(|der| certificate::subject(&der));
    let Some(subject) = subject else { return Vec::new() };
    let user = Some(&subject.common_name).filter(|name| !name.is_empty()).map(|name| Principal::user(name));
    let groups = subject.organizations.iter().map(|name| Principal::group(name));
    user.into_iter().chain(groups).collect()
}

/// What stands in base64 behind a name in YAML or JSON.
fn encoded<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = Vec<u8>> + 't {
    text.match_indices(name).filter_map(move |(at, _)| {
        let rest = text.get(at + name.len()..)?.trim_start_matches([':', ' ', '"', '\'']);
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "+/=".contains(letter);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        STANDARD.decode(rest.get(..end)?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_whose_it_is_wherever_it_stands() {
        let token = token(r#"{"iss": "x", "sub": "system:serviceaccount:production:deployer", "exp": 1}"#);
        let expected = [Principal::service_account("production", "deployer")];
        for text in
            [token.clone(), format!("users:\n- user: {{token: {token}}}\n"), format!("Bearer {token}\n")]
        {
            assert_eq!(of(text.as_bytes()), expected, "{text}");
        }
        for text in [format!("x{token}"), token.trim_end_matches("c2lnbmF0dXJl").to_owned()] {
            assert_eq!(of(text.as_bytes()), [], "{text}");
        }
    }

    #[test]
    fn what_says_something_else_is_no_token_of_a_service_account() {
        for claims in [
            r#"{"sub": "jane"}"#,
            r#"{"sub": "system:serviceaccount:production"}"#,
            r#"{"sub": "system:serviceaccount:production:a\nb"}"#,
            r#"{"iss": "x"}"#,
            "not JSON",
        ] {
            assert_eq!(of(token(claims).as_bytes()), [], "{claims}");
        }
    }

    /// A certificate of `/O=deployers/O=team/CN=jane`, made by OpenSSL.
    const JANE: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBuzCCAWGgAwIBAgIUe6Oe+0gYZ4Z3hZhwkvvaP1wqMfwwCgYIKoZIzj0EAwIw\n\
        MjESMBAGA1UECgwJZGVwbG95ZXJzMQ0wCwYDVQQKDAR0ZWFtMQ0wCwYDVQQDDARq\n\
        YW5lMCAXDTI2MTEyMjE2MzYwNVoYDzIxMjYxMDI5MTYzNjA1WjAyMRIwEAYDVQQK\n\
        DAlkZXBsb3llcnMxDTALBgNVBAoMBHRlYW0xDTALBgNVBAMMBGphbmUwWTATBgcq\n\
        hkjOPQIBBggqhkjOPQMBBwNCAAToODmhCbAYx4Ir9KqcNLNvS7/zsgfO6LNcc3+h\n\
        15XH1RhwTuDSgvg/E/Dp5gzYk7AvRq4zJO0mwDR1ZfLQEDGRo1MwUTAdBgNVHQ4E\n\
        FgQULgezt+AKln/1ecKBilrHmKULR1cwHwYDVR0jBBgwFoAULgezt+AKln/1ecKB\n\
        ilrHmKULR1cwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA2uNb\n\
        f3h7Ny6DsPPVfH1Sv47bzcjZxfQUmsyVOgmo6pgCIDAh4q9n39sya6cAZjhftvPL\n\
        hps6ZjO2BYT5zwK1eKMx\n\
        -----END CERTIFICATE-----\n";

    #[test]
    fn a_certificate_counts_where_its_key_is() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ==\n-----END EC PRIVATE KEY-----\n";
        let jane = [Principal::user("jane"), Principal::group("deployers"), Principal::group("team")];
        assert_eq!(of(JANE.as_bytes()), []);
        assert_eq!(of(format!("{key}{JANE}").as_bytes()), jane);
        assert_eq!(by_certificate(JANE.as_bytes()), jane);
        assert!(has_key(key.as_bytes()) && !has_key(JANE.as_bytes()));
        let data = STANDARD.encode(JANE);
        for kubeconfig in [
            format!("user:\n    client-certificate-data: {data}\n    client-key-data: a2V5\n"),
            format!(r#"{{"client-certificate-data":"{data}","client-key-data":"a2V5"}}"#),
        ] {
            assert_eq!(of(kubeconfig.as_bytes()), jane, "{kubeconfig}");
        }
    }
}
