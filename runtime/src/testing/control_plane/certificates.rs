//! Keys and certificates of one control plane.
//!
//! Everybody who talks to the API server, the server itself included, gets a
//! certificate of an authority that lives only in this process. So there are no
//! tokens to leak, and nobody else's server on a reused port is mistaken for ours.

use std::fmt;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};

use super::StartError;
use super::kubeconfig::base64;

/// The names under which the API server is asked for, from outside and from inside.
const SERVER_NAMES: [&str; 6] = [
    "localhost",
    "127.0.0.1",
    "10.0.0.1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
];

/// rcgen keeps one value per attribute type; the second spelling of the same
/// type makes room for a second group.
const ORGANISATIONS: [fn() -> DnType; 2] = [
    || DnType::OrganizationName,
    || DnType::CustomDnType(vec![2, 5, 4, 10]),
];

/// A certificate authority of its own for each control plane.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, both as PEM text.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its private key (PKCS #8).
    pub key: String,
}

/// The two halves of what signs service account tokens, as PEM text.
pub(super) struct TokenKeys {
    pub(super) private: String,
    pub(super) public: String,
}

impl Authority {
    /// Makes a new authority; its key is never written anywhere.
    pub fn new() -> Result<Self, StartError> {
        let mut parameters = named("rustop-test-authority", &[])?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        let pem = issuer.pem();
        Ok(Self { issuer, pem })
    }

    /// The certificate that proves all others, as PEM text.
    pub fn certificate(&self) -> &str {
        &self.pem
    }

    /// The same in base64, as `caBundle` has it in what calls a webhook.
    pub fn ca_bundle(&self) -> String {
        base64(self.pem.as_bytes())
    }

    /// The identity of the API server.
    pub fn server(&self) -> Result<Identity, StartError> {
        self.serving("kube-apiserver", &SERVER_NAMES)
    }

    /// The identity of a server that is asked for under `hosts`: names and IP addresses.
    pub fn serving(&self, name: &str, hosts: &[&str]) -> Result<Identity, StartError> {
        let mut parameters = named(name, hosts)?;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(parameters)
    }

    /// The identity of a client: Kubernetes takes the common name for the user
    /// and each organisation for a group
    /// (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates>).
    /// At most two groups, which is what a service account has.
    pub fn client(&self, user: &str, groups: &[&str]) -> Result<Identity, StartError> {
        let mut parameters = named(user, &[])?;
        if groups.len() > ORGANISATIONS.len() {
            return Err(StartError::TooManyGroups {
                user: user.to_owned(),
            });
        }
        for (organisation, group) in ORGANISATIONS.iter().zip(groups) {
            parameters.distinguished_name.push(organisation(), *group);
        }
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(parameters)
    }

    fn sign(&self, mut parameters: CertificateParams) -> Result<Identity, StartError> {
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity {
            certificate,
            key: key.serialize_pem(),
        })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Authority")
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Identity")
    }
}

/// A key pair for service account tokens.
pub(super) fn token_keys() -> Result<TokenKeys, StartError> {
    let key = KeyPair::generate()?;
    Ok(TokenKeys {
        private: key.serialize_pem(),
        public: key.public_key_pem(),
    })
}

fn named(name: &str, alternatives: &[&str]) -> Result<CertificateParams, StartError> {
    let alternatives: Vec<String> = alternatives.iter().map(ToString::to_string).collect();
    let mut parameters = CertificateParams::new(alternatives)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}
