//! Each way in which a `PROJECT` file can be unusable, with the words for it.

use std::fmt;

use crate::resource::{FieldError, NameError};

/// Why a `PROJECT` file cannot be used, or a change to it cannot be made.
#[derive(Clone, Debug, PartialEq)]
pub enum ProjectError {
    /// The folder holds no `PROJECT`.
    Missing,
    /// `PROJECT` is not a regular file; the text names what it is.
    NotAFile(String),
    /// The bytes are not UTF-8 text.
    NotText,
    /// A merge by git was left unfinished, beginning at this line.
    ConflictMarkers {
        /// The line of the first marker, from 1.
        line: usize,
    },
    /// The text is not YAML, or not a map.
    NotYaml(String),
    /// `version` is not "3".
    SchemaVersion(String),
    /// `layout` names another tool or another generation of rustop.
    Layout(String),
    /// Written by a newer rustop.
    Newer {
        /// The version in the file.
        file: String,
        /// The version that is running.
        running: String,
    },
    /// A key holds a value of the wrong form.
    Value {
        /// The path to the key, for example `resources[1].api.namespaced`.
        key: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A name breaks a rule of Kubernetes.
    Name {
        /// The path to the key.
        key: String,
        /// Which rule.
        error: NameError,
    },
    /// A field of a kind has no legal schema.
    Field {
        /// The path to the key.
        key: String,
        /// Which rule.
        error: FieldError,
    },
    /// A kind, and a type that its fields import, have one name.
    FieldType {
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// The type of an object within a kind would have a name that no line of Rust holds.
    LongFieldType {
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// Two resources share group, domain, version and kind.
    Twice(String),
    /// A group is written down in two ways.
    CutTwice {
        /// The whole group.
        group: String,
        /// The two ways.
        cuts: [String; 2],
    },
    /// Two kinds would have one name on the API server.
    SamePlural {
        /// The CRD's name.
        crd: String,
        /// The two kinds.
        kinds: [String; 2],
    },
    /// Two kinds of a group would share a name that the API server keeps apart.
    SameName {
        /// The name: a singular, plural, kind or list kind.
        name: String,
        /// The group.
        group: String,
        /// The two kinds.
        kinds: [String; 2],
    },
    /// Two kinds, groups or versions would share a Rust file or module.
    SameModule {
        /// The module.
        module: String,
        /// The two that share it.
        names: [String; 2],
    },
    /// Two controllers would have one name, or one file.
    SameController {
        /// The name or the file.
        name: String,
        /// The kinds, with the names that were given.
        owners: [String; 2],
    },
    /// Two webhooks would be reached under one path.
    SamePath {
        /// The path.
        path: String,
        /// The two that share it.
        resources: [String; 2],
    },
    /// A kind's types would lie where another's conversion lies.
    SameFile {
        /// The file.
        path: String,
        /// The version that is converted, and the kind.
        resources: [String; 2],
    },
    /// A version cannot be the hub that it is said to be.
    Conversion {
        /// The version.
        hub: String,
        /// Why not.
        reason: String,
    },
    /// No version of this kind is served.
    Unserved(String),
    /// A kind is said to be Kubernetes' own, and is not.
    NotBuiltin(String),
    /// A crate would be called like one that every project depends on.
    TakenDependency(String),
    /// One dependency would be wanted in two ways.
    SameDependency {
        /// Its key in Cargo.toml.
        key: String,
        /// What is wanted.
        modules: [String; 2],
    },
    /// A second group in a single-group project.
    SecondGroup {
        /// The group that is there.
        first: String,
        /// The group that was asked for.
        second: String,
    },
    /// The versions of one kind disagree on something that a CRD has once.
    Disagree {
        /// The kind.
        kind: String,
        /// What differs.
        what: &'static str,
    },
}

impl fmt::Display for ProjectError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, help) = self.words();
        formatter.write_str(&what)?;
        if help.is_empty() {
            Ok(())
        } else {
            write!(formatter, "\nhelp: {help}")
        }
    }
}

impl ProjectError {
    /// Whether it is about what the user asked for, not about the file.
    pub fn is_about_a_wish(&self) -> bool {
        matches!(
            self,
            Self::SamePlural { .. }
                | Self::SameName { .. }
                | Self::FieldType { .. }
                | Self::LongFieldType { .. }
                | Self::SameModule { .. }
                | Self::SameController { .. }
                | Self::SamePath { .. }
                | Self::SameFile { .. }
                | Self::Conversion { .. }
                | Self::Unserved(_)
                | Self::TakenDependency(_)
                | Self::SameDependency { .. }
                | Self::SecondGroup { .. }
                | Self::Disagree { .. }
        )
    }

    #[expect(clippy::too_many_lines, reason = "a table, a row for each way")]
    fn words(&self) -> (String, &str) {
        match self {
            Self::Missing => (
                "there is no `PROJECT` file here".to_owned(),
                "run this in a project's folder, or start one with `rustop init --domain example.com`",
            ),
            Self::NotAFile(what) => (
                format!("`PROJECT` is {what}, not a regular file"),
                "move it away, or bring back the file with `git checkout -- PROJECT`",
            ),
            Self::NotText => (
                "`PROJECT` is not UTF-8 text".to_owned(),
                "bring it back with `git checkout -- PROJECT`",
            ),
            Self::ConflictMarkers { line } => (
                format!("`PROJECT` holds git's conflict markers, from line {line}"),
                "keep the resources of both sides, remove the markers and run the command again",
            ),
            Self::NotYaml(why) => (
                format!("`PROJECT` is not YAML: {why}"),
                "compare it with the last good one: `git diff -- PROJECT`",
            ),
            Self::SchemaVersion(version) => (
                format!("`PROJECT` has version `{version}`; this rustop knows version `3`"),
                "install a newer rustop: `cargo install --locked rustop-cli`",
            ),
            Self::Layout(layout) => (
                format!("`PROJECT` has the layout `{layout}`, which is not rustop's"),
                "a kubebuilder project is Go code; start a Rust one beside it with `rustop init`",
            ),
            Self::Newer { file, running } => (
                format!("`PROJECT` was written by rustop {file}; this is rustop {running}"),
                "install the newer one: `cargo install --locked rustop-cli`",
            ),
            Self::Value { key, expected } => {
                (format!("`{key}` in `PROJECT` is not {expected}"), "")
            }
            Self::Name { key, error } => (format!("`{key}` in `PROJECT`: {error}"), ""),
            Self::Field { key, error } => (format!("`{key}` in `PROJECT`: {error}"), ""),
            Self::FieldType { kind, name } => (
                format!(
                    "the fields of `{kind}` need the name `{name}` for a type that they import"
                ),
                "choose another name for the kind or the field",
            ),
            Self::LongFieldType { kind, name } => (
                format!("a field of `{kind}` needs the Rust type `{name}`, which is too long"),
                "give the objects that fields lie in shorter names",
            ),
            Self::Twice(resource) => (
                format!("`PROJECT` lists {resource} twice"),
                "remove one of the two entries",
            ),
            Self::CutTwice {
                group,
                cuts: [first, second],
            } => (
                format!("`PROJECT` has the group `{group}` in two ways: {first}, and {second}"),
                "write it in one of them",
            ),
            Self::SamePlural {
                crd,
                kinds: [first, second],
            } => (
                format!("`{first}` and `{second}` would both be the CRD `{crd}`"),
                "give one of them another plural with `--plural`",
            ),
            Self::SameName {
                name,
                group,
                kinds: [first, second],
            } => (
                format!("`{first}` and `{second}` would both have the name `{name}` in `{group}`"),
                "choose another kind or another `--plural`: no kind, list kind, singular or plural is another's",
            ),
            Self::SameModule {
                module,
                names: [first, second],
            } => (
                format!("`{first}` and `{second}` would both be `{module}` in Rust"),
                "choose another name for one of them",
            ),
            Self::SameController {
                name,
                owners: [first, second],
            } => (
                format!("the controllers of `{first}` and `{second}` would both be `{name}`"),
                "choose another name with `--controller-name`",
            ),
            Self::SamePath {
                path,
                resources: [first, second],
            } => (
                format!("webhooks of `{first}` and of `{second}` would both be `{path}`"),
                "choose another path with `--defaulting-path` or `--validation-path`; for a file that two kinds would share, start a project with `--multigroup` or in another group",
            ),
            Self::SameFile {
                path,
                resources: [first, second],
            } => (
                format!(
                    "the conversion of `{first}` and the types of `{second}` would both be `{path}`"
                ),
                "choose another name with `--kind`",
            ),
            Self::Conversion { hub, reason } => (
                format!("`{hub}` cannot be a hub with these spokes: {reason}"),
                "name the other versions of this project's kind with `--spoke`, one hub for all of them",
            ),
            Self::Unserved(kind) => (
                format!("no version of `{kind}` would be served"),
                "serve one of them: `rustop create api … --served --force`",
            ),
            Self::NotBuiltin(resource) => (
                format!("`PROJECT` calls `{resource}` Kubernetes' own, and there is no such kind"),
                "see which there are with `kubectl api-resources`, or remove the entry",
            ),
            Self::TakenDependency(name) => (
                format!("every project depends on `{name}` already, in its own version"),
                "leave `--external-api-module` out when the type is in that crate",
            ),
            Self::SameDependency {
                key,
                modules: [first, second],
            } => (
                format!("`{key}` cannot be both `{first}` and `{second}` in Cargo.toml"),
                "say the same `--external-api-module` for all kinds of a crate",
            ),
            Self::SecondGroup { first, second } => (
                format!(
                    "`{second}` would be a second group beside `{first}`, and this project is laid out for one"
                ),
                "use the group that is there, or write `multigroup: true` into `PROJECT` and run this again: the files move, with what is in them; a new project has it from `rustop init --multigroup`",
            ),
            Self::Disagree { kind, what } => (
                format!("the versions of `{kind}` disagree on {what}, which a CRD has once"),
                "make them equal in `PROJECT`",
            ),
        }
    }
}

impl std::error::Error for ProjectError {}
