//! How a client reaches the API server, as values and as a kubeconfig.

use std::fmt::Write as _;

use super::Identity;

/// The user that an operator under test is, so that the audit log tells what it
/// asked for from what the test asked for: a service account, as in a cluster.
pub const OPERATOR: &str = "system:serviceaccount:operator-system:controller-manager";

/// The namespace that an operator under test has for itself, for its lease for example.
pub const OPERATOR_NAMESPACE: &str = "operator-system";

/// How one client reaches the API server: no token, no file, nothing to look up.
#[derive(Clone, Debug)]
pub struct Access {
    /// `https://127.0.0.1:<port>`.
    pub server: String,
    /// The certificate that proves the server's, as PEM text.
    pub authority: String,
    /// Who the client is.
    pub identity: Identity,
}

impl Access {
    /// A kubeconfig that holds everything itself, so that it may be copied anywhere.
    pub fn kubeconfig(&self) -> String {
        self.kubeconfig_in("default")
    }

    /// The same, with another namespace for those who name none.
    pub fn kubeconfig_in(&self, namespace: &str) -> String {
        let (authority, certificate, key) = (
            base64(self.authority.as_bytes()),
            base64(self.identity.certificate.as_bytes()),
            base64(self.identity.key.as_bytes()),
        );
        let mut text = String::from("apiVersion: v1\nkind: Config\ncurrent-context: rustop\n");
        let _ = write!(
            text,
            "clusters:\n- name: rustop\n  cluster:\n    server: {server}\n    \
             certificate-authority-data: {authority}\n\
             users:\n- name: rustop\n  user:\n    client-certificate-data: {certificate}\n    \
             client-key-data: {key}\n\
             contexts:\n- name: rustop\n  context:\n    cluster: rustop\n    user: rustop\n    \
             namespace: {namespace}\n",
            server = self.server,
        );
        text
    }
}

/// Base64 with padding (RFC 4648 §4), which Kubernetes wants around PEM text.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            let padding = place > chunk.len();
            text.push(if padding {
                '='
            } else {
                char::from(ALPHABET[digit as usize])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    /// The vectors of RFC 4648 §10.
    #[test]
    fn base64_is_padded_as_the_rfc_shows() {
        let check = |input: &str, expected: &str| assert_eq!(base64(input.as_bytes()), expected);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foob", "Zm9vYg==");
        check("fooba", "Zm9vYmE=");
        check("foobar", "Zm9vYmFy");
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
