//! Which namespaces an operator looks at.

use std::collections::BTreeSet;

use crate::Error;

/// The namespaces that are watched. Cluster-scoped kinds are always watched whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Namespaces {
    /// All of the cluster: needs a ClusterRole.
    #[default]
    All,
    /// These only, each with its own watch: a Role in each is enough. [`build`](crate::ManagerBuilder::build) refuses none,
    /// which would watch nothing and never say so.
    Listed(Vec<String>),
}

impl Namespaces {
    /// The variable that [`from_env`](Self::from_env) reads.
    pub const VARIABLE: &'static str = "WATCH_NAMESPACE";

    /// Reads `WATCH_NAMESPACE`: one namespace, or several with commas between them.
    ///
    /// Set but empty means all namespaces, as in kubebuilder's scaffold; unset is an error there and here, because it
    /// is more likely a mistake than a wish.
    ///
    /// # Errors
    /// [`Error::WatchNamespaceUnset`], and [`Error::InvalidNamespace`] for a name that no namespace can have.
    pub fn from_env() -> Result<Self, Error> {
        Self::parse(std::env::var(Self::VARIABLE).ok().as_deref())
    }

    fn parse(value: Option<&str>) -> Result<Self, Error> {
        let value = value.ok_or(Error::WatchNamespaceUnset)?;
        if value.trim().is_empty() {
            return Ok(Self::All);
        }
        let mut names = value
            .split(',')
            .map(|name| valid(name.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        names.sort_unstable();
        names.dedup();
        Ok(Self::Listed(names))
    }

    /// Whether there is something to watch, by names that namespaces can have.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::All => Ok(()),
            Self::Listed(names) if names.is_empty() => Err(Error::NoNamespaces),
            Self::Listed(names) => names.iter().try_for_each(|name| valid(name).map(drop)),
        }
    }

    /// What to watch for a kind: one entry per watch, `None` for the whole cluster.
    pub(crate) fn watches(&self, namespaced: bool) -> Vec<Option<String>> {
        match self {
            Self::Listed(names) if namespaced => {
                // Once each: two watches that fill one store would take it back and forth.
                let names: BTreeSet<&String> = names.iter().collect();
                names.into_iter().cloned().map(Some).collect()
            }
            _ => vec![None],
        }
    }
}

/// A DNS label, which is what a namespace's name must be:
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names>.
fn valid(name: &str) -> Result<String, Error> {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = name.bytes().all(|byte| alphanumeric(byte) || byte == b'-');
    let ends = name.bytes().next().is_some_and(alphanumeric)
        && name.bytes().last().is_some_and(alphanumeric);
    if inner && ends && name.len() <= 63 {
        Ok(name.to_owned())
    } else {
        Err(Error::InvalidNamespace(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Option<&str>, expected: Result<&[&str], &str>) {
        let expected = expected.map(|names| match names {
            [] => Namespaces::All,
            names => Namespaces::Listed(names.iter().map(ToString::to_string).collect()),
        });
        let actual = Namespaces::parse(value).map_err(|error| error.to_string());
        match (actual, expected) {
            (Err(actual), Err(expected)) => assert!(actual.contains(expected), "{actual}"),
            (actual, expected) => assert_eq!(actual, expected.map_err(str::to_owned)),
        }
    }

    #[test]
    fn the_variable_is_a_list() {
        check(None, Err("is not set"));
        check(Some(""), Ok(&[]));
        check(Some("a"), Ok(&["a"]));
        check(Some(" b , a,b"), Ok(&["a", "b"]));
        check(Some("a,"), Err("``"));
        check(Some("a,B"), Err("`B`"));
        check(Some("-a"), Err("`-a`"));
        check(Some(&"a".repeat(64)), Err("no name of a namespace"));
    }

    #[test]
    fn cluster_scoped_kinds_are_watched_whole() {
        let namespaces = Namespaces::Listed(vec!["a".into(), "b".into()]);
        assert_eq!(
            namespaces.watches(true),
            [Some("a".to_owned()), Some("b".to_owned())]
        );
        assert_eq!(namespaces.watches(false), [None]);
        assert_eq!(Namespaces::All.watches(true), [None]);
    }

    #[test]
    fn a_namespace_is_watched_once() {
        let twice = Namespaces::Listed(vec!["a".into(), "a".into()]);
        assert_eq!(twice.watches(true), [Some("a".to_owned())]);
    }
}
