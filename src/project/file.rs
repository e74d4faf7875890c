//! The text of a `PROJECT` file: read, and written so that a file nobody
//! changed keeps its bytes.

use serde_yaml::{Mapping, Value};

use super::fields::{Fields, Writer};
use super::resource::Resource;
use super::{Certificates, LAYOUT, License, LicenseHeader, Project, ProjectError, SCHEMA_VERSION};
use crate::resource::{Domain, ProjectName};

/// A `PROJECT` file as it was found.
#[derive(Clone, Debug)]
pub struct ProjectFile {
    /// What it says.
    pub project: Project,
    text: String,
}

const COMMENT: &str = "\
# This file is the one source of what rustop scaffolds: it is kept up by the
# rustop commands. It may be edited by hand; the next command goes on from it.
# Format: https://book.kubebuilder.io/reference/project-config
";

impl ProjectFile {
    /// Reads the bytes of a `PROJECT` file.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProjectError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ProjectError::NotText)?;
        if let Some(line) = first_conflict_marker(text) {
            return Err(ProjectError::ConflictMarkers { line });
        }
        let value: Value =
            serde_yaml::from_str(text).map_err(|error| ProjectError::NotYaml(error.to_string()))?;
        if !value.is_mapping() {
            return Err(ProjectError::NotYaml(
                "it is not a map of keys and values".to_owned(),
            ));
        }
        Ok(Self {
            project: read(value)?,
            text: text.to_owned(),
        })
    }

    /// The text for `project`: the old one where nothing changed, and always under
    /// the old leading comment, with the old line ends and byte order mark.
    pub fn updated(&self, project: &Project) -> String {
        if self.project == *project {
            return self.text.clone();
        }
        let body = if self.text.contains("\r\n") {
            body(project).replace('\n', "\r\n")
        } else {
            body(project)
        };
        self.head().to_owned() + &body
    }

    /// Whether writing the file loses a comment: only the leading one is kept.
    pub fn loses_comments(&self, project: &Project) -> bool {
        let rest = &self.text[self.head().len()..];
        let is_comment = |line: &str| line.trim_start().starts_with('#') || line.contains(" #");
        self.project != *project && rest.lines().any(is_comment)
    }

    /// The byte order mark and the leading comment.
    fn head(&self) -> &str {
        let mark = self.text.len() - self.text.trim_start_matches('\u{feff}').len();
        let is_comment = |line: &&str| line.starts_with('#') || line.trim().is_empty();
        let lines = self.text[mark..].split_inclusive('\n');
        let comment: usize = lines.take_while(is_comment).map(str::len).sum();
        &self.text[..mark + comment]
    }
}

impl Project {
    /// The text of a new file.
    pub fn to_text(&self) -> String {
        COMMENT.to_owned() + &body(self)
    }
}

fn first_conflict_marker(text: &str) -> Option<usize> {
    let is_marker = |line: &str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
    text.lines()
        .position(is_marker)
        .map(|position| position + 1)
}

fn read(value: Value) -> Result<Project, ProjectError> {
    let mut fields = Fields::of(value, "")?;
    let version = fields.text("version")?;
    if version != SCHEMA_VERSION {
        return Err(ProjectError::SchemaVersion(version));
    }
    read_layout(&mut fields)?;
    let resources = fields.list("resources")?;
    let settings = read_settings(&mut fields)?;
    let project = Project {
        cli_version: fields.text("cliVersion")?,
        domain: fields.name("domain", Domain::new)?,
        multigroup: fields.bool("multigroup")?,
        namespaced: fields.bool("namespaced")?,
        name: fields.name("projectName", ProjectName::new)?,
        repo: fields.text("repo")?,
        license: settings.license,
        certificates: settings.certificates,
        resources: Vec::new(),
        rest: with_plugins(fields.rest(), settings.plugins),
        settings_rest: settings.rest,
    };
    let read = |(position, value)| Resource::read(value, position);
    let resources = resources.into_iter().enumerate().map(read);
    project.with_resources(resources.collect::<Result<_, _>>()?)
}

/// A list of one key; kubebuilder also takes a plain text.
fn read_layout(fields: &mut Fields) -> Result<(), ProjectError> {
    let names = match fields.take("layout") {
        Value::Sequence(names) => names,
        name => vec![name],
    };
    let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if names.len() == 1 && name(&names[0]) == LAYOUT {
        return Ok(());
    }
    Err(ProjectError::Layout(
        names.iter().map(name).collect::<Vec<_>>().join(", "),
    ))
}

fn with_plugins(mut rest: Mapping, plugins: Mapping) -> Mapping {
    if !plugins.is_empty() {
        rest.insert(Value::from("plugins"), Value::Mapping(plugins));
    }
    rest
}

/// What stands below `plugins`: rustop's own keys, and those of others.
struct Settings {
    license: LicenseHeader,
    certificates: Certificates,
    rest: Mapping,
    plugins: Mapping,
}

fn read_settings(fields: &mut Fields) -> Result<Settings, ProjectError> {
    let mut plugins = Fields::of(fields.take("plugins"), "plugins")?;
    let mut settings = Fields::of(plugins.take(LAYOUT), &format!("plugins.{LAYOUT}"))?;
    let word = settings.text("license")?;
    let Some(license) = License::parse(&word) else {
        return Err(settings.wrong("license", "`apache2`, `mit`, `copyright`, `none` or `file`"));
    };
    if !matches!(settings.text("runtime")?.as_str(), "" | "vendored") {
        return Err(settings.wrong("runtime", "`vendored`"));
    }
    let header = LicenseHeader {
        license,
        owner: settings.text("owner")?,
        year: settings.text("year")?,
        text: settings.text("licenseText")?,
    };
    Ok(Settings {
        license: header,
        certificates: Certificates::read(&mut settings)?,
        rest: settings.rest(),
        plugins: plugins.rest(),
    })
}

fn write_settings(project: &Project) -> Value {
    let mut writer = Writer::with_rest(&project.settings_rest);
    writer.text("license", project.license.license.as_str());
    writer.text("owner", &project.license.owner);
    writer.text("year", &project.license.year);
    writer.text("licenseText", &project.license.text);
    writer.text("runtime", "vendored");
    project.certificates.write(&mut writer);
    writer.sorted()
}

fn body(project: &Project) -> String {
    let mut rest = project.rest.clone();
    let plugins = match rest.shift_remove("plugins") {
        Some(Value::Mapping(plugins)) => plugins,
        _ => Mapping::new(),
    };
    let mut plugins = Writer::with_rest(&plugins);
    plugins.value(LAYOUT, write_settings(project));
    let mut writer = Writer::with_rest(&rest);
    writer.text("cliVersion", &project.cli_version);
    writer.text("domain", project.domain.as_str());
    writer.list("layout", vec![Value::from(LAYOUT)]);
    writer.flag("multigroup", project.multigroup);
    writer.flag("namespaced", project.namespaced);
    writer.value("plugins", plugins.sorted());
    writer.text("projectName", project.name.as_str());
    writer.text("repo", &project.repo);
    writer.list("resources", resources(project));
    writer.text("version", SCHEMA_VERSION);
    serde_yaml::to_string(&writer.sorted()).unwrap_or_default()
}

fn resources(project: &Project) -> Vec<Value> {
    let write = |resource: &Resource| {
        let same = |other: &&Resource| other.same_kind(resource) && other.api().is_some();
        resource.write(project.resources.iter().filter(same).count() > 1)
    };
    project.resources.iter().map(write).collect()
}
