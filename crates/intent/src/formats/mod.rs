//! What texts of an intent look like: each format as a check, and as a pattern for editors.
//!
//! Whatever a check accepts, its pattern matches; a property test holds that. The check may ask for more: a pattern does not
//! know which month has 31 days.

mod cron;
pub(crate) mod date;
pub(crate) mod image;

use crate::formats::date::Date;
use watertight_base::{dns_label, dns_subdomain, label_key, label_value, port_name};

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Anything but nothing.
    Text,
    /// Anything, or nothing.
    AnyText,
    /// A name that can be one of a namespace: a DNS label.
    Name,
    /// A name that can be one of most objects: a DNS subdomain.
    Subdomain,
    /// A label of a pod, as selectors on the command line have it: `KEY=VALUE`.
    Label,
    /// The name of a port.
    PortName,
    /// A day.
    Date,
    /// A minor version of Kubernetes.
    KubernetesVersion,
    /// A CNI profile, perhaps with settings behind it.
    CniProfile,
    /// An image, by digest.
    Image,
    /// A path to a file or a folder, from where the intent is.
    FilePath,
    /// A JSON Pointer to something within an object, as RFC 6901 has it.
    Pointer,
    /// The path of a URL.
    UrlPath,
    /// A host name, perhaps with `*` as its first label.
    Host,
    /// A block of addresses.
    Cidr,
    /// When a CronJob runs.
    Schedule,
    /// A time zone of the IANA.
    TimeZone,
    /// The name of an environment variable.
    VariableName,
    /// A key in a Secret.
    SecretKey,
    /// The key of a label or a taint.
    LabelKey,
}

impl Format {
    /// All formats.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 20] = [
        Self::Text,
        Self::AnyText,
        Self::Name,
        Self::Subdomain,
        Self::Label,
        Self::PortName,
        Self::Date,
        Self::KubernetesVersion,
        Self::CniProfile,
        Self::Image,
        Self::FilePath,
        Self::Pointer,
        Self::UrlPath,
        Self::Host,
        Self::Cidr,
        Self::Schedule,
        Self::TimeZone,
        Self::VariableName,
        Self::SecretKey,
        Self::LabelKey,
    ];

    /// Checks a text.
    ///
    /// # Errors
    /// Says why it is none of this format: a phrase that fits after `name` `x`.
    pub fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::AnyText => Ok(()),
            _ if text.is_empty() => Err("is empty".to_owned()),
            Self::Text => Ok(()),
            Self::Name => dns_label(text).map_err(|error| error.to_string()),
            Self::Subdomain => dns_subdomain(text).map_err(|error| error.to_string()),
            Self::Label => label(text),
            Self::PortName => port_name(text).map_err(|error| error.to_string()),
            Self::Date => Date::parse(text).map(drop).ok_or_else(|| "is no day".to_owned()),
            Self::KubernetesVersion => asked(minor_version(text), "is no minor version of Kubernetes"),
            Self::CniProfile => asked(is_profile(text), "is no CNI profile"),
            Self::Image => image::check(text),
            Self::FilePath => {
                asked(text.chars().all(|c| !c.is_ascii_control()), "has a character that no path has")
            }
            Self::Pointer => asked(is_pointer(text), "is no JSON Pointer"),
            Self::UrlPath => {
                let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
                asked(printable && text.starts_with('/'), "does not begin with `/`, or has odd characters")
            }
            Self::Host => {
                dns_subdomain(text.strip_prefix("*.").unwrap_or(text)).map_err(|error| error.to_string())
            }
            Self::Cidr => cidr(text),
            Self::Schedule => cron::check(text),
            Self::TimeZone => asked(is_time_zone(text), "is no time zone such as `Europe/Berlin`"),
            Self::VariableName => {
                asked(is_variable(text), "has a character that no environment variable has in its place")
            }
            Self::SecretKey => asked(is_secret_key(text), "is no key of a Secret"),
            Self::LabelKey => label_key(text).map_err(|error| error.to_string()),
        }
    }

    /// What every text of this format matches, as a regular expression of ECMA-262; `None` for any text.
    pub(crate) fn pattern(self) -> Option<&'static str> {
        Some(match self {
            Self::AnyText => return None,
            Self::Text => r"^[\s\S]+$",
            Self::Name => r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            Self::Subdomain => r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            Self::Label => {
                r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?=([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
            }
            Self::PortName => r"^[a-z0-9]+(-[a-z0-9]+)*$",
            Self::Date => r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            Self::KubernetesVersion => r"^1\.(0|[1-9][0-9]{0,2})$",
            Self::CniProfile => concat!(
                "^(conservative|calico|cilium|kube-router|antrea|kube-network-policies|none|declared)",
                r"(,[a-z-]+=[a-z+-]+)*$"
            ),
            Self::Image => r"^[a-zA-Z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$",
            Self::FilePath => r"^[^\x00-\x1f\x7f]+$",
            Self::Pointer => r"^(/([^/~]|~[01])*)+$",
            Self::UrlPath => r"^/[!-~]*$",
            Self::Host => r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            Self::Cidr => r"^[0-9a-fA-F.:]+/[0-9]{1,3}$",
            Self::Schedule => r"^(@[a-z]+|[^\s]+( +[^\s]+){4})$",
            Self::TimeZone => r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$",
            Self::VariableName => r"^[-._a-zA-Z][-._a-zA-Z0-9]*$",
            Self::SecretKey => r"^[-._a-zA-Z0-9]+$",
            Self::LabelKey => concat!(
                r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?",
                "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
            ),
        })
    }

    /// The most characters that a text of this format has.
    pub(crate) fn length_max(self) -> Option<usize> {
        match self {
            Self::Name => Some(63),
            Self::Subdomain | Self::SecretKey => Some(253),
            Self::LabelKey => Some(317),
            Self::Host => Some(255),
            Self::PortName => Some(15),
            _ => None,
        }
    }

    /// What to write instead.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Text | Self::AnyText => "write a text that is not empty",
            Self::Name => "write lower-case letters, digits and `-`, such as `shop-staging`",
            Self::Subdomain => "write lower-case letters, digits, `-` and `.`, such as `shop-db`",
            Self::Label => "write a key, `=` and a value: `k8s-app=kube-dns`",
            Self::PortName => "write at most 15 lower-case letters, digits and `-`, such as `http`",
            Self::Date => "write a day as year, month and day: `2026-12-31`",
            Self::KubernetesVersion => "write a minor version in quotes: `\"1.36\"`",
            Self::CniProfile => "write a profile, such as `cilium` or `calico`",
            Self::Image => "write `registry/name@sha256:` and the 64 digits of the digest",
            Self::FilePath => "write a path from the folder in which the intent is",
            Self::Pointer => "write `/` before each key, and `~1` for a `/` in one: `/spec/ports/0/nodePort`",
            Self::UrlPath => "write a path such as `/healthz`",
            Self::Host => "write a host such as `shop.example.com`",
            Self::Cidr => "write a network address and its length, such as `203.0.113.0/24`",
            Self::Schedule => {
                "write minute, hour, day of the month, month and day of the week: `30 4 * * 1-5`"
            }
            Self::TimeZone => "write a name of the IANA's list, such as `Europe/Berlin` or `Etc/UTC`",
            Self::VariableName => "write letters, digits, `_`, `-` and `.`, not beginning with a digit",
            Self::SecretKey => "write letters, digits, `_`, `-` and `.`",
            Self::LabelKey => "write a key such as `example.com/pool`",
        }
    }
}

fn asked(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

fn label(text: &str) -> Result<(), String> {
    let Some((key, value)) = text.split_once('=') else { return Err("has no `=`".to_owned()) };
    label_key(key).map_err(|error| format!("has a key that {error}"))?;
    label_value(value).map_err(|error| format!("has a value that {error}"))
}

fn minor_version(text: &str) -> bool {
    text.strip_prefix("1.").is_some_and(|minor| {
        let digits = (1..=3).contains(&minor.len()) && minor.bytes().all(|byte| byte.is_ascii_digit());
        digits && (minor == "0" || !minor.starts_with('0'))
    })
}

/// The profiles, as `watertight prove --profile` knows them; a test of the program holds the two together.
pub(crate) const PROFILES: [&str; 8] = [
    "conservative",
    "calico",
    "cilium",
    "kube-router",
    "antrea",
    "kube-network-policies",
    "none",
    "declared",
];

fn is_profile(text: &str) -> bool {
    let mut parts = text.split(',');
    let word = |word: &str, more: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || more.contains(c))
    };
    parts.next().is_some_and(|name| PROFILES.contains(&name))
        && parts.all(|part| {
            part.split_once('=').is_some_and(|(name, value)| word(name, "-") && word(value, "-+"))
        })
}

fn cidr(text: &str) -> Result<(), String> {
    let net: ipnet::IpNet = text.parse().map_err(|_| "is no block of addresses".to_owned())?;
    if net.trunc() == net {
        Ok(())
    } else {
        Err(format!("has bits behind its length; `{}` has none", net.trunc()))
    }
}

/// Source: <https://www.rfc-editor.org/rfc/rfc6901>, section 3.
fn is_pointer(text: &str) -> bool {
    let is_escaped = |part: &str| part.starts_with(['0', '1']);
    text.starts_with('/') && text.split('~').skip(1).all(is_escaped)
}

fn is_time_zone(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-'))
    };
    text != "Local" && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.split('/').all(part)
}

/// Source: `IsEnvVarName` of `k8s.io/apimachinery/pkg/util/validation`, without what newer servers allow besides.
fn is_variable(text: &str) -> bool {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    !text.contains(odd) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Source: `IsConfigMapKey` of `k8s.io/apimachinery/pkg/util/validation`.
fn is_secret_key(text: &str) -> bool {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    text.len() <= 253 && !text.contains(odd) && text != "." && !text.starts_with("..")
}

#[cfg(test)]
mod tests;
