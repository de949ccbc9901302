//! Authorities, certificates and keys, made on the spot: whoever answers with one of them is ours.

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use std::path::Path;

/// An authority that signs certificates.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What a certificate is for.
pub(crate) enum Purpose<'a> {
    /// A server that answers under these names and addresses.
    Server(&'a [&'a str]),
    /// A client: a user, perhaps of a group.
    Client(Option<&'a str>),
}

impl Authority {
    /// A new authority; its certificate is written to `NAME.crt`.
    pub(crate) fn new(folder: &Path, name: &str) -> Result<Self> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, format!("testbed-{name}"));
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        write(folder, &format!("{name}.crt"), &issuer.pem())?;
        Ok(Self { issuer })
    }

    /// Writes the authority's own key to `NAME.key`, for a server that signs in its name.
    pub(crate) fn write_key(&self, folder: &Path, name: &str) -> Result<()> {
        write(folder, &format!("{name}.key"), &self.issuer.key().serialize_pem())
    }

    /// Issues a certificate into `FILE.crt`, with its key in `FILE.key`.
    pub(crate) fn issue(&self, folder: &Path, file: &str, name: &str, purpose: &Purpose<'_>) -> Result<()> {
        let mut parameters = match purpose {
            Purpose::Server(names) => {
                CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?
            }
            Purpose::Client(_) => CertificateParams::default(),
        };
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = match purpose {
            // etcd is also a client of itself, with its serving certificate.
            Purpose::Server(_) => {
                vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth]
            }
            Purpose::Client(group) => {
                if let Some(group) = group {
                    parameters.distinguished_name.push(DnType::OrganizationName, *group);
                }
                vec![ExtendedKeyUsagePurpose::ClientAuth]
            }
        };
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        write(folder, &format!("{file}.crt"), &certificate.pem())?;
        write(folder, &format!("{file}.key"), &key.serialize_pem())
    }
}

/// A pair of keys that signs and verifies the tokens of ServiceAccounts, in `NAME.key` and `NAME.pub`.
pub(crate) fn signing_keys(folder: &Path, name: &str) -> Result<()> {
    let keys = KeyPair::generate()?;
    write(folder, &format!("{name}.key"), &keys.serialize_pem())?;
    write(folder, &format!("{name}.pub"), &keys.public_key_pem())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
