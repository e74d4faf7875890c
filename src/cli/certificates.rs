//! `--certificates`: where the certificate of the webhooks comes from.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::project::Certificates;

/// The flag, as `init` and `create webhook` have it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct CertificatesArgs {
    /// Where the certificate of the webhooks comes from, for the whole project [default: cert-manager]
    #[arg(long, value_name = "SOURCE", value_parser = parser())]
    certificates: Option<Certificates>,
}

impl CertificatesArgs {
    /// What the flag says, else what is so far.
    pub(super) fn or(&self, so_far: Certificates) -> Certificates {
        self.certificates.unwrap_or(so_far)
    }
}

fn parser() -> impl TypedValueParser<Value = Certificates> {
    let value = |one: &Certificates| PossibleValue::new(one.as_str()).help(help(*one));
    PossibleValuesParser::new(Certificates::ALL.iter().map(value)).map(|word| {
        let mut all = Certificates::ALL.into_iter();
        all.find(|one| one.as_str() == word).unwrap_or_default()
    })
}

const fn help(one: Certificates) -> &'static str {
    match one {
        Certificates::CertManager => "cert-manager in the cluster issues it",
        Certificates::Builtin => "The manager makes and renews it itself",
        Certificates::None => "A Secret that you bring",
    }
}
