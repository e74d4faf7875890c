//! Makes a serving certificate with an authority of its own, and judges one as the API server will.
//!
//! An authority signs one certificate; then its key is forgotten. So there is no key that could sign another, nothing
//! has to be read back from an authority, and each renewal goes the same way, instead of one way every two months and
//! another once in ten years.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;

/// The end of each certificate in a bundle.
const END: &str = "-----END CERTIFICATE-----";

/// The clocks of our pod and of the API servers may differ by this much.
const CLOCK_SKEW: Duration = Duration::from_secs(60 * 60);

/// The hosts that a certificate is for: names and IP addresses.
pub(super) type Hosts = BTreeSet<String>;

/// A certificate and its private key, as PEM text.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// A new pair, and the certificate of the authority that proves it.
pub(super) struct Issued {
    pub(super) pair: Pair,
    pub(super) authority: String,
}

/// Makes a pair that is good from `now` on, for `lifetime`.
pub(super) fn issue(
    hosts: &Hosts,
    now: SystemTime,
    lifetime: Duration,
) -> Result<Issued, rcgen::Error> {
    let key = KeyPair::generate()?;
    let authority = authority(&key, now, lifetime)?;
    let mut parameters = CertificateParams::new(hosts.iter().cloned().collect::<Vec<_>>())?;
    name(&mut parameters, "webhook server".to_owned());
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    limit(&mut parameters, now, lifetime);
    let certificate = parameters.signed_by(&key, &authority)?;
    Ok(Issued {
        pair: Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        },
        authority: authority.pem(),
    })
}

/// Authorities are told apart by their names: a bundle holds two of them while one follows the other.
fn authority(
    server: &KeyPair,
    now: SystemTime,
    lifetime: Duration,
) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut parameters = CertificateParams::default();
    let number = parameters.key_identifier(server);
    let number = number.iter().take(8);
    let number = number.fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    name(&mut parameters, format!("webhook authority {number:016x}"));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    limit(&mut parameters, now, lifetime);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)
}

fn name(parameters: &mut CertificateParams, name: String) {
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
}

fn limit(parameters: &mut CertificateParams, now: SystemTime, lifetime: Duration) {
    parameters.not_before = (now - CLOCK_SKEW).into();
    parameters.not_after = (now + lifetime).into();
}

/// A pair as somebody sees it who trusts a bundle.
pub(super) struct Proof {
    verifier: Arc<WebPkiServerVerifier>,
    chain: Vec<CertificateDer<'static>>,
}

impl Proof {
    /// `None` when something can't be read, and when the key isn't that of the certificate.
    pub(super) fn new(pair: &Pair, bundle: &str) -> Option<Self> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates(&pair.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).ok()?;
        CertifiedKey::from_der(chain.clone(), key, &provider).ok()?;
        let mut roots = RootCertStore::empty();
        for authority in certificates(bundle)? {
            roots.add(authority).ok()?;
        }
        let builder = WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
        let verifier = builder.build().ok()?;
        Some(Self { verifier, chain })
    }

    /// Whether a client that asks for `host` at `time` would accept the pair.
    pub(super) fn holds(&self, host: &str, time: SystemTime) -> bool {
        let Ok(host) = ServerName::try_from(host) else {
            return false;
        };
        let Some((certificate, intermediates)) = self.chain.split_first() else {
            return false;
        };
        let time = time.duration_since(SystemTime::UNIX_EPOCH);
        let time = UnixTime::since_unix_epoch(time.unwrap_or_default());
        self.verifier
            .verify_server_cert(certificate, intermediates, &host, &[], time)
            .is_ok()
    }
}

fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificates = certificates.collect::<Result<Vec<_>, _>>().ok()?;
    (!certificates.is_empty()).then_some(certificates)
}

/// The authorities in `bundle` that have to be trusted still while another pair follows `pair`: its own, and the newest
/// other one, because a replica may be a step behind.
pub(super) fn carry_over(pair: &Pair, bundle: &str, hosts: &Hosts, now: SystemTime) -> String {
    let proves = |authority: &&str| {
        let proof = Proof::new(pair, authority);
        proof.is_some_and(|proof| hosts.iter().any(|host| proof.holds(host, now)))
    };
    let authorities = bundle.split_inclusive(END).map(str::trim);
    let authorities = authorities.filter(|authority| !authority.is_empty());
    let (own, others): (Vec<&str>, Vec<&str>) = authorities.partition(proves);
    let kept = own.into_iter().chain(others.into_iter().take(1));
    kept.flat_map(|authority| [authority, "\n"]).collect()
}

/// Whether there can be a certificate for `host`.
pub(super) fn is_host(host: &str) -> bool {
    ServerName::try_from(host).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn hosts(names: &[&str]) -> Hosts {
        names.iter().map(ToString::to_string).collect()
    }

    fn issued(names: &[&str], now: SystemTime) -> Issued {
        issue(&hosts(names), now, 90 * DAY).unwrap()
    }

    #[test]
    fn a_pair_is_good_for_its_hosts_and_its_time() {
        let now = SystemTime::now();
        let Issued { pair, authority } = issued(&["a.b.svc", "127.0.0.1"], now);
        let proof = Proof::new(&pair, &authority).unwrap();
        let check = |host: &str, time: SystemTime, expected: bool| {
            assert_eq!(proof.holds(host, time), expected, "{host} {time:?}");
        };
        check("a.b.svc", now, true);
        check("127.0.0.1", now, true);
        check("a.b.svc", now + 89 * DAY, true);
        check("a.b.svc", now - Duration::from_secs(30 * 60), true);
        check("a.b.svc", now + 91 * DAY, false);
        check("a.b.svc", now - DAY, false);
        check("b.b.svc", now, false);
        check("127.0.0.2", now, false);
        check("no host", now, false);
    }

    #[test]
    fn only_its_own_authority_and_key_prove_a_pair() {
        let now = SystemTime::now();
        let (one, other) = (issued(&["a"], now), issued(&["a"], now));
        let holds = |pair: &Pair, bundle: &str| {
            Proof::new(pair, bundle).is_some_and(|proof| proof.holds("a", now))
        };
        assert!(holds(&one.pair, &one.authority));
        assert!(!holds(&one.pair, &other.authority));
        assert!(holds(
            &one.pair,
            &format!("{}{}", other.authority, one.authority)
        ));
        let mixed = Pair {
            certificate: one.pair.certificate.clone(),
            key: other.pair.key,
        };
        assert!(!holds(&mixed, &one.authority));
        let broken = Pair {
            certificate: "-----BEGIN CERTIFICATE-----".to_owned(),
            ..one.pair.clone()
        };
        assert!(!holds(&broken, &one.authority));
        assert!(!holds(&one.pair, ""));
    }

    #[test]
    fn of_an_old_bundle_two_are_kept_and_among_them_the_pairs_own() {
        let now = SystemTime::now();
        let issued: Vec<Issued> = (0..3).map(|_| issued(&["a"], now)).collect();
        let bundle: String = issued.iter().map(|each| each.authority.as_str()).collect();
        for (place, expected) in [(0, [0, 1]), (1, [1, 0]), (2, [2, 0])] {
            let kept = carry_over(&issued[place].pair, &bundle, &hosts(&["a"]), now);
            let [own, other] = expected.map(|place| &issued[place].authority);
            assert_eq!(kept, format!("{own}{other}"));
        }
    }
}
