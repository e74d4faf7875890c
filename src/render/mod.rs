//! Templates and the engine that fills them in.
//!
//! The only user of `tera` and `include_dir`. A template is named by its path
//! below `templates/`; a name that ends in `.tera` is rendered, any other file
//! is taken as it is. Delimiters are `<% %>`, `<{ }>` and `<# #>`, so that the
//! `{{ }}` of Actions, Helm and Go stays plain text.
//!
//! What is rendered, where it goes and who owns it is decided in `scaffold`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use include_dir::{Dir, DirEntry, include_dir};
use serde::Serialize;
use tera::{Context, Delimiters, Tera};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The end of a template's name that says "render me".
pub const SUFFIX: &str = ".tera";

/// A set of templates, parsed once.
pub struct Templates {
    tera: Tera,
    plain: BTreeMap<String, Vec<u8>>,
}

/// What to call a template that is not there.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownTemplate(String);

impl Templates {
    /// The templates that are part of the binary.
    pub fn embedded() -> Result<Self> {
        Self::new(
            embedded_files()
                .into_iter()
                .map(|(name, bytes)| (name, bytes.to_vec())),
        )
    }

    /// Templates from anywhere, as pairs of name and text.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self> {
        let (rendered, plain): (BTreeMap<_, _>, BTreeMap<_, _>) = files
            .into_iter()
            .partition(|(name, _)| name.ends_with(SUFFIX));
        let mut tera = Tera::new();
        tera.set_delimiters(delimiters())?;
        tera.autoescape_on(Vec::<&'static str>::new());
        let texts = rendered
            .iter()
            .map(|(name, bytes)| (name.as_str(), text(bytes)));
        tera.add_raw_templates(texts.collect::<Vec<_>>())
            .context("failed to parse the templates")?;
        Ok(Self { tera, plain })
    }

    /// Every template's name, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.tera.get_template_names().collect();
        names.extend(self.plain.keys().map(String::as_str));
        names.sort_unstable();
        names
    }

    /// The names that begin with `prefix`, sorted.
    pub fn names_below(&self, prefix: &str) -> Vec<&str> {
        self.names()
            .into_iter()
            .filter(|name| name.starts_with(prefix))
            .collect()
    }

    /// The text of a template that uses no values.
    pub fn text(&self, template: &str) -> Result<String> {
        let bytes = self.render(template, &Values(Context::new()))?;
        String::from_utf8(bytes).with_context(|| format!("`{template}` is not text"))
    }

    /// The bytes that `template` gives with the values of `context`.
    pub fn render(&self, template: &str, context: &Values) -> Result<Vec<u8>> {
        if let Some(bytes) = self.plain.get(template) {
            return Ok(bytes.clone());
        }
        if !self.tera.contains_template(template) {
            return Err(UnknownTemplate(template.to_owned()).into());
        }
        let text = self.tera.render(template, &context.0);
        Ok(text
            .with_context(|| format!("failed to render `{template}`"))?
            .into_bytes())
    }

    /// The top-level names that `template` uses, for the test that compares them with the context.
    pub fn variables(&self, template: &str) -> Result<Vec<&str>> {
        let mut names: Vec<&str> = self
            .tera
            .get_template_variables(template)?
            .into_iter()
            .collect();
        names.sort_unstable();
        Ok(names)
    }
}

/// The values that a template may use: one struct per template set.
pub struct Values(Context);

impl Values {
    /// Takes the fields of a struct as the names that templates know.
    pub fn of(context: &impl Serialize) -> Result<Self> {
        Ok(Self(
            Context::from_serialize(context).context("failed to build a template context")?,
        ))
    }

    /// Whether the value called `name` is there and true.
    pub fn is_true(&self, name: &str) -> bool {
        self.0.get(name).and_then(tera::Value::as_bool) == Some(true)
    }
}

/// Every file of the embedded folder, by its path below `templates/`.
pub fn embedded_files() -> BTreeMap<String, &'static [u8]> {
    let mut files = BTreeMap::new();
    collect(&EMBEDDED, &mut files);
    files
}

fn collect(folder: &'static Dir<'static>, files: &mut BTreeMap<String, &'static [u8]>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, files),
            DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                files.insert(name, file.contents());
            }
        }
    }
}

fn delimiters() -> Delimiters {
    Delimiters {
        block_start: "<%".into(),
        block_end: "%>".into(),
        variable_start: "<{".into(),
        variable_end: "}>".into(),
        comment_start: "<#".into(),
        comment_end: "#>".into(),
    }
}

/// Templates are UTF-8; a test reads each of them.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl std::fmt::Display for UnknownTemplate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "there is no template `{}`", self.0)
    }
}

impl std::error::Error for UnknownTemplate {}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, context: &serde_json::Value) -> String {
        let files = [("t.tera".to_owned(), template.as_bytes().to_vec())];
        let values = Values::of(context).unwrap();
        String::from_utf8(
            Templates::new(files)
                .unwrap()
                .render("t.tera", &values)
                .unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn braces_of_other_languages_stay_as_they_are() {
        let text = "${{ github.ref }} {{ .Values.x }} {% raw %} <{ x }>\n";
        let context = serde_json::json!({"x": "<&>"});
        assert_eq!(
            render(text, &context),
            "${{ github.ref }} {{ .Values.x }} {% raw %} <&>\n"
        );
    }

    #[test]
    fn a_block_tag_on_its_own_line_leaves_no_line() {
        let text = "a\n<%- if on %>\nb\n<%- endif %>\nc\n";
        assert_eq!(render(text, &serde_json::json!({"on": true})), "a\nb\nc\n");
        assert_eq!(render(text, &serde_json::json!({"on": false})), "a\nc\n");
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let files = [("t.tera".to_owned(), b"<{ missing }>".to_vec())];
        let values = Values::of(&serde_json::json!({})).unwrap();
        assert!(
            Templates::new(files)
                .unwrap()
                .render("t.tera", &values)
                .is_err()
        );
    }

    #[test]
    fn every_template_is_utf8() {
        for (name, bytes) in embedded_files() {
            assert!(
                !name.ends_with(SUFFIX) || std::str::from_utf8(bytes).is_ok(),
                "{name}"
            );
        }
    }
}
