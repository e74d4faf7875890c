//! What the Secret holds: all that the replicas have to agree on.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use super::pair::Pair;

const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";
const BUNDLE: &str = "ca.crt";
const NEXT_CERTIFICATE: &str = "next.crt";
const NEXT_KEY: &str = "next.key";

/// What is served, what proves it, and what will be served once everybody trusts it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) current: Pair,
    /// The authorities to trust, newest first.
    pub(super) bundle: String,
    pub(super) next: Option<Pair>,
}

impl Contents {
    /// What a Secret holds, or `None` when it isn't all there.
    pub(super) fn of(secret: &Secret) -> Option<Self> {
        let data = secret.data.as_ref()?;
        let text = |key: &str| String::from_utf8(data.get(key)?.0.clone()).ok();
        let pair = |certificate: &str, key: &str| {
            Some(Pair {
                certificate: text(certificate)?,
                key: text(key)?,
            })
        };
        Some(Self {
            current: pair(CERTIFICATE, KEY)?,
            bundle: text(BUNDLE)?,
            next: pair(NEXT_CERTIFICATE, NEXT_KEY),
        })
    }

    /// Puts this into a Secret. What others keep there stays.
    pub(super) fn write(&self, secret: &mut Secret) {
        let data = secret.data.get_or_insert_default();
        write_pair(data, [CERTIFICATE, KEY], &self.current);
        put(data, BUNDLE, &self.bundle);
        match &self.next {
            Some(next) => write_pair(data, [NEXT_CERTIFICATE, NEXT_KEY], next),
            None => data.retain(|key, _| key != NEXT_CERTIFICATE && key != NEXT_KEY),
        }
    }
}

fn write_pair(data: &mut BTreeMap<String, ByteString>, names: [&str; 2], pair: &Pair) {
    put(data, names[0], &pair.certificate);
    put(data, names[1], &pair.key);
}

fn put(data: &mut BTreeMap<String, ByteString>, name: &str, text: &str) {
    data.insert(name.to_owned(), ByteString(text.as_bytes().to_vec()));
}
