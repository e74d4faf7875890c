//! What kube's derive panics on, and the enum that it was about.
//!
//! kube makes one object of all variants of an enum
//! (`StructuralSchemaRewriter` in
//! <https://github.com/kube-rs/kube/blob/5.0.0/kube-core/src/schema.rs>), and panics
//! without a name where it cannot.

use super::item::{Item, VariantKind};
use super::{Problem, RelativePath, Severity, Types};

impl Types {
    /// What the panic in `stderr` is about, as problems of the sources; empty
    /// where it is none of these, or nothing fits.
    pub fn panics(&self, stderr: &str) -> Vec<Problem> {
        if let Some(field) = field_of_two_kinds(stderr) {
            return self.fields_of_two_kinds(&field);
        }
        let mixed = stderr.contains("The instance type must be equal for all subschema variants")
            || stderr.contains("conflicting with existing type");
        if mixed {
            self.mixed_enums()
        } else {
            Vec::new()
        }
    }

    fn fields_of_two_kinds(&self, field: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        // The others have a field for each variant, named like it.
        let is_one_object = |item: &Item| item.is_tagged || item.is_untagged;
        for (file, item) in self.items.iter().filter(|(_, item)| is_one_object(item)) {
            let lines = self.lines_of(file, item, field);
            if let [_, second, ..] = lines.as_slice() {
                let message = format!(
                    "two variants of `{}` have a field `{field}`, and the two differ: in a CRD it is one field",
                    item.name
                );
                let help =
                    "give both the same type, attributes and doc comment, or different names";
                problems.push(problem(file, *second, message, help));
            }
        }
        problems
    }

    /// Where the variants of an enum have a field of this name, one line each.
    fn lines_of(&self, file: &RelativePath, item: &Item, field: &str) -> Vec<usize> {
        let mut lines = Vec::new();
        for member in item
            .members
            .iter()
            .filter(|member| member.variant.is_some())
        {
            let inner = || self.named(member.of.as_deref()?, file);
            let holds = member.name == field && !member.is_flat;
            let in_type = member.is_flat
                && inner().is_some_and(|inner| self.member(inner, field, 0).is_some());
            if holds || in_type {
                lines.push(member.line);
            }
        }
        lines
    }

    fn mixed_enums(&self) -> Vec<Problem> {
        let is_mixed = |item: &Item| {
            let has = |kind| item.variants.contains(&kind);
            !item.is_tagged && !item.is_untagged && has(VariantKind::Unit) && has(VariantKind::Data)
        };
        let mixed = self.items.iter().filter(|(_, item)| is_mixed(item));
        let said = mixed.map(|(file, item)| {
            let message = format!(
                "`{}` has variants that hold something and variants that hold nothing: a field of a CRD is not \
                both, an object and a word",
                item.name
            );
            let help = "give the others braces, `Off {}`, or say in a field which it is: `#[serde(tag = \"type\")]`";
            problem(file, item.line, message, help)
        });
        said.collect()
    }
}

/// The name in kube's words for a field that two variants have.
fn field_of_two_kinds(stderr: &str) -> Option<String> {
    let line = stderr
        .lines()
        .find(|line| line.contains("in another subschema"))?;
    let (_, rest) = line.split_once("Property \"")?;
    let (name, _) = rest.split_once("\" has the schema")?;
    Some(name.to_owned())
}

fn problem(file: &RelativePath, line: usize, message: String, help: &str) -> Problem {
    Problem {
        file: file.clone(),
        line,
        severity: Severity::Error,
        message,
        help: Some(help.to_owned()),
    }
}
