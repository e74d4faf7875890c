//! Webhook markers whose path no handler has.
//!
//! The API server takes any path. Under a wrong one the manager answers "not found",
//! and with `failurePolicy=fail` nobody can write the objects any more. A marker is
//! judged where its file registers a handler, and only while all that is served can
//! be told from the text: silence is better than a wrong word.

mod reading;

use reading::Reading;

use super::lint::{Finding, Lint};
use super::test_modules::TestModules;
use super::webhook::all;
use crate::markers::Marker;
use crate::markers::webhook::{self, ClientConfig, Webhook};
use crate::tree::RelativePath;

/// A handler that PROJECT lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHandler {
    /// Where the scaffold puts it.
    pub file: RelativePath,
    /// Whether it may change objects.
    pub mutating: bool,
    /// Where it is reached unless the code says otherwise: kubebuilder's path.
    pub usual_path: String,
}

/// The webhook markers that name a path where none of the `sources` serves anything.
///
/// Markers with a `url`, or for a service of another name, lead elsewhere and are
/// not judged; nor is any while a file does not parse.
pub fn unserved(sources: &[(RelativePath, String)], handlers: &[KnownHandler]) -> Vec<Finding> {
    let asked = asked(sources);
    let read = if asked.is_empty() {
        None
    } else {
        readings(sources)
    };
    let Some(readings) = read else {
        return Vec::new();
    };
    let served = Served { readings, handlers };
    let unserved = asked.iter().filter(|one| !served.may_have(one));
    unserved.filter_map(|one| served.finding(one)).collect()
}

/// A path that the API server is told to call.
struct Asked {
    marker: Marker,
    mutating: bool,
    path: String,
}

fn asked(sources: &[(RelativePath, String)]) -> Vec<Asked> {
    all(sources, "webhook")
        .filter_map(|marker| {
            let webhook = webhook::parse(&marker).ok()?;
            let path = own_path(&webhook)?;
            Some(Asked {
                mutating: webhook.mutating,
                marker,
                path,
            })
        })
        .collect()
}

/// The path at the project's own service.
fn own_path(webhook: &Webhook) -> Option<String> {
    match &webhook.client {
        ClientConfig::Service {
            name,
            namespace,
            path,
            ..
        } if name == "webhook-service"
            && namespace == "system"
            && !webhook.patch.contains_key("clientConfig") =>
        {
            Some(path.clone())
        }
        _ => None,
    }
}

/// What each file that is no test's does; `None` where one does not parse.
fn readings(sources: &[(RelativePath, String)]) -> Option<Vec<(RelativePath, Reading)>> {
    let files: Option<Vec<_>> = sources
        .iter()
        .map(|(file, source)| Some((file, syn::parse_file(source).ok()?)))
        .collect();
    let files = files?;
    let tests = TestModules::of(&files);
    let compiled = files.iter().filter(|(file, _)| !tests.has(file));
    let readings = compiled.map(|(file, syntax)| ((*file).clone(), Reading::of(syntax)));
    Some(readings.collect())
}

/// What the manager serves, as far as the text says.
struct Served<'a> {
    readings: Vec<(RelativePath, Reading)>,
    handlers: &'a [KnownHandler],
}

impl Served<'_> {
    /// Whether a path is served, or might be.
    fn may_have(&self, asked: &Asked) -> bool {
        let verb = if asked.mutating {
            "/mutate-"
        } else {
            "/validate-"
        };
        self.readings.iter().any(|(file, reading)| {
            let known = self.known(file, asked.mutating);
            let usual = reading.under_usual_path(asked.mutating);
            // PROJECT's handler is one of them, unless that has a path.
            let of_project = known.is_some() && !reading.gives_paths(asked.mutating);
            reading.texts.contains(&asked.path)
                || reading.arguments.iter().any(|it| !self.is_known(it))
                || (usual > 0 && known.is_some_and(|it| it.usual_path == asked.path))
                // The others are of kinds that only the compiler knows.
                || (usual > usize::from(of_project) && asked.path.starts_with(verb))
        })
    }

    /// The handler that PROJECT has in a file.
    fn known(&self, file: &RelativePath, mutating: bool) -> Option<&KnownHandler> {
        let mut all = self.handlers.iter();
        all.find(|one| one.file == *file && one.mutating == mutating)
    }

    /// Whether the argument's text is among those that were read.
    fn is_known(&self, argument: &reading::Argument) -> bool {
        match argument {
            reading::Argument::Text(_) => true,
            reading::Argument::Constant(name) => {
                let values = || {
                    self.readings
                        .iter()
                        .filter_map(|(_, it)| it.constants.get(name))
                };
                values().next().is_some() && values().all(Option::is_some)
            }
            reading::Argument::Unknown => false,
        }
    }

    /// `None` where the file of the marker serves nothing itself.
    fn finding(&self, asked: &Asked) -> Option<Finding> {
        let marker = &asked.marker;
        let (file, reading) = self
            .readings
            .iter()
            .find(|(file, _)| *file == marker.file)?;
        if !reading.registers {
            return None;
        }
        let mut paths = reading.paths(asked.mutating);
        let usual = self.known(file, asked.mutating);
        if let Some(usual) = usual.filter(|_| reading.under_usual_path(asked.mutating) > 0) {
            paths.push(usual.usual_path.clone());
        }
        let help = match paths.as_slice() {
            [path] => format!("write `path={path}`: there the handler of this file is reached"),
            _ => "write the path under which the handler is reached".to_owned(),
        };
        let message = format!(
            "no handler is reached under `{}`, so what the API server asks there fails",
            asked.path
        );
        Some(Lint::UnservedPath.of(marker, &message, help))
    }
}

#[cfg(test)]
mod tests;
