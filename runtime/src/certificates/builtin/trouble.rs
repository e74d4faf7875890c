//! What can go wrong with certificates of our own. None of it ends the manager: it is said, and tried again.

use crate::error::has_code;
use crate::server::tls::CertificateError;

/// Why the certificate could not be looked after.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The API server said no, or nothing.
    #[error("failed to {verb} `{what}`{help}")]
    Refused {
        verb: &'static str,
        what: String,
        help: &'static str,
        #[source]
        source: Box<kube::Error>,
    },
    /// A key or a certificate could not be made.
    #[error("failed to make a certificate")]
    Issue(#[from] rcgen::Error),
    /// The server can't use what the Secret holds.
    #[error("failed to serve the certificate in the Secret `{name}`")]
    Unservable {
        name: String,
        #[source]
        source: CertificateError,
    },
    /// Others wrote each time in between.
    #[error("the Secret `{name}` was changed by others at each attempt")]
    Contended { name: String },
}

/// What the API server says to a service account without the right.
const FORBIDDEN: &str = "; help: grant it in the operator's role; rustop's `docs/built-in-certificates.md` has the rules";

pub(super) fn refused(verb: &'static str, what: impl Into<String>, source: kube::Error) -> Trouble {
    Trouble::Refused {
        verb,
        what: what.into(),
        help: if has_code(&source, 403) {
            FORBIDDEN
        } else {
            ""
        },
        source: Box::new(source),
    }
}
