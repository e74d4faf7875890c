//! The webhooks of a version of a kind, in kubebuilder's schema.

use serde_yaml::{Mapping, Value};

use super::ProjectError;
use super::fields::{Fields, Writer};
use crate::resource::{Version, WebhookPath};

/// The webhooks of a version of a kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Webhooks {
    /// Fills in what the user left out.
    pub defaulting: Option<Admission>,
    /// Refuses what is wrong.
    pub validation: Option<Admission>,
    /// This version is the hub, which every other is converted from and to.
    pub conversion: bool,
    /// The versions that are converted, sorted; only a hub has any.
    pub spokes: Vec<Version>,
    rest: Mapping,
}

/// A webhook that admits objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Where it is reached, unless under kubebuilder's path.
    pub path: Option<WebhookPath>,
}

impl Webhooks {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those that admit objects: kubebuilder's word for it in paths, the name of the handler's
    /// file, and the webhook.
    pub fn handlers(&self) -> impl Iterator<Item = (&'static str, &'static str, &Admission)> {
        let all = [
            ("mutate", "defaulter", &self.defaulting),
            ("validate", "validator", &self.validation),
        ];
        let all = all.into_iter();
        all.filter_map(|(verb, name, webhook)| Some((verb, name, webhook.as_ref()?)))
    }

    /// Both of these. A path that is given here counts.
    #[must_use]
    pub fn with(&self, wanted: &Self) -> Self {
        let admission = |here: &Option<Admission>, wanted: &Option<Admission>| {
            let path = |one: &Option<Admission>| one.as_ref().and_then(|one| one.path.clone());
            let path = path(wanted).or_else(|| path(here));
            (here.is_some() || wanted.is_some()).then_some(Admission { path })
        };
        let mut spokes = [self.spokes.as_slice(), &wanted.spokes].concat();
        spokes.sort();
        spokes.dedup();
        Self {
            defaulting: admission(&self.defaulting, &wanted.defaulting),
            validation: admission(&self.validation, &wanted.validation),
            conversion: self.conversion || wanted.conversion,
            spokes,
            rest: self.rest.clone(),
        }
    }

    pub(super) fn read(value: Value, position: usize) -> Result<Self, ProjectError> {
        let mut fields = Fields::of(value, &format!("resources[{position}].webhooks"))?;
        if !matches!(fields.text("webhookVersion")?.as_str(), "" | "v1") {
            return Err(fields.wrong("webhookVersion", "`v1`"));
        }
        let defaulting = read_admission(&mut fields, "defaulting", "defaultingPath")?;
        let validation = read_admission(&mut fields, "validation", "validationPath")?;
        let conversion = fields.bool("conversion")?;
        let spokes = read_spokes(&mut fields)?;
        if !conversion && !spokes.is_empty() {
            return Err(fields.wrong("spoke", "left out where `conversion` is"));
        }
        Ok(Self {
            defaulting,
            validation,
            conversion,
            spokes,
            rest: fields.rest(),
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        if self.is_empty() {
            return;
        }
        let mut inner = Writer::with_rest(&self.rest);
        inner.flag("conversion", self.conversion);
        write_admission(
            &mut inner,
            "defaulting",
            "defaultingPath",
            self.defaulting.as_ref(),
        );
        write_admission(
            &mut inner,
            "validation",
            "validationPath",
            self.validation.as_ref(),
        );
        let spokes = self.spokes.iter().map(|spoke| spoke.as_str().into());
        inner.list("spoke", spokes.collect());
        inner.text("webhookVersion", "v1");
        writer.value("webhooks", inner.sorted());
    }
}

fn read_admission(
    fields: &mut Fields,
    flag: &str,
    path: &str,
) -> Result<Option<Admission>, ProjectError> {
    let is_there = fields.bool(flag)?;
    let path = match fields.has(path) {
        true if !is_there => return Err(fields.wrong(path, "left out where its webhook is")),
        true => Some(fields.name(path, WebhookPath::new)?),
        false => None,
    };
    Ok(is_there.then_some(Admission { path }))
}

fn read_spokes(fields: &mut Fields) -> Result<Vec<Version>, ProjectError> {
    let key = fields.key("spoke");
    let mut spokes = Vec::new();
    for value in fields.list("spoke")? {
        let Value::String(text) = value else {
            return Err(fields.wrong("spoke", "a list of versions"));
        };
        let version = Version::new(text.trim());
        spokes.push(version.map_err(|error| ProjectError::Name {
            key: key.clone(),
            error,
        })?);
    }
    spokes.sort();
    spokes.dedup();
    Ok(spokes)
}

fn write_admission(writer: &mut Writer, flag: &str, path: &str, webhook: Option<&Admission>) {
    writer.flag(flag, webhook.is_some());
    let given = webhook.and_then(|webhook| webhook.path.as_ref());
    writer.text(path, given.map_or("", WebhookPath::as_str));
}

/// Where the certificate that the webhooks serve comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificates {
    /// cert-manager in the cluster issues it.
    #[default]
    CertManager,
    /// The manager makes and renews it itself.
    Builtin,
    /// A Secret that the user brings.
    None,
}

impl Certificates {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::CertManager, Self::Builtin, Self::None];

    /// The word in `PROJECT` and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CertManager => "cert-manager",
            Self::Builtin => "builtin",
            Self::None => "none",
        }
    }

    pub(super) fn read(settings: &mut Fields) -> Result<Self, ProjectError> {
        let word = settings.text("certificates")?;
        if word.is_empty() {
            return Ok(Self::default());
        }
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.as_str() == word)
            .ok_or_else(|| settings.wrong("certificates", "`cert-manager`, `builtin` or `none`"))
    }

    /// The default is written down as well once it was chosen, but never by `init` alone.
    pub(super) fn write(self, settings: &mut Writer) {
        if self != Self::default() {
            settings.text("certificates", self.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Webhooks, ProjectError> {
        Webhooks::read(serde_yaml::from_str(yaml).unwrap(), 0)
    }

    fn written(webhooks: &Webhooks) -> String {
        let mut writer = Writer::with_rest(&Mapping::new());
        webhooks.write(&mut writer);
        serde_yaml::to_string(&writer.sorted()).unwrap()
    }

    #[test]
    fn what_kubebuilder_writes_is_read_and_written_alike() {
        let text = "conversion: true\ndefaulting: true\ndefaultingPath: /a\nextra: 1\nspoke:\n- v2\n- v10\nvalidation: true\nwebhookVersion: v1\n";
        let webhooks = read(text).unwrap();
        let indented: String = text.lines().map(|line| format!("  {line}\n")).collect();
        assert_eq!(written(&webhooks), format!("webhooks:\n{indented}"));
        assert_eq!(written(&Webhooks::default()), "{}\n");
    }

    #[test]
    fn each_wrong_value_is_named() {
        for (text, key) in [
            ("webhookVersion: v1beta1", "webhookVersion"),
            ("defaultingPath: /a", "defaultingPath"),
            ("validation: true\nvalidationPath: a", "validationPath"),
            ("validation: 1", "validation"),
            ("spoke: [v2]", "spoke"),
            ("conversion: true\nspoke: [2]", "spoke"),
            ("conversion: true\nspoke: [V2]", "spoke"),
        ] {
            let error = read(text).unwrap_err().to_string();
            let key = format!("`resources[0].webhooks.{key}` in `PROJECT`");
            assert!(error.starts_with(&key), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_added_takes_nothing_away() {
        let path = |text| WebhookPath::new(text).ok();
        let here =
            read("defaulting: true\ndefaultingPath: /a\nconversion: true\nspoke: [v3]").unwrap();
        let wanted =
            read("defaulting: true\nvalidation: true\nconversion: true\nspoke: [v2, v3]").unwrap();
        let both = here.with(&wanted);
        assert_eq!(both.defaulting, Some(Admission { path: path("/a") }));
        assert_eq!(both.validation, Some(Admission::default()));
        let spokes: Vec<&str> = both.spokes.iter().map(Version::as_str).collect();
        assert_eq!(spokes, ["v2", "v3"]);
        let moved = both.with(&read("defaulting: true\ndefaultingPath: /b").unwrap());
        assert_eq!(moved.defaulting, Some(Admission { path: path("/b") }));
        assert_eq!(here.with(&Webhooks::default()), here);
    }
}
