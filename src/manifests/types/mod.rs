//! Where in the user's Rust a field of a CRD is declared.
//!
//! Problems are found in CRDs, and mended in `api/src`. What is written there is
//! read as text, without the compiler: a field that a macro makes is not found,
//! and then the place is the nearest that is.

mod item;
mod panic;

use crate::manifests::lint::{CrdProblem, Finding};
use crate::manifests::place::{CrdPlace, Step};
use crate::markers::{Problem, Severity};
use crate::tree::RelativePath;
use item::{Item, Literal, Member};

/// The structs and enums of a crate.
#[derive(Debug, Default)]
pub struct Types {
    items: Vec<(RelativePath, Item)>,
}

/// A place in a source.
type Line<'a> = (&'a RelativePath, usize);

impl Types {
    /// Reads all sources; what does not parse yet counts for nothing.
    pub fn read(sources: &[(RelativePath, String)]) -> Self {
        let mut types = Self::default();
        for (path, source) in sources {
            if let Ok(file) = syn::parse_file(source) {
                types.take(path, &file.items);
            }
        }
        types
    }

    fn take(&mut self, path: &RelativePath, items: &[syn::Item]) {
        for item in items {
            let found = match item {
                syn::Item::Struct(item) => Item::of_struct(item),
                syn::Item::Enum(item) => Item::of_enum(item),
                syn::Item::Mod(module) => {
                    let (_, inner) = module
                        .content
                        .as_ref()
                        .map_or((None, &[][..]), |(brace, items)| (Some(brace), items));
                    self.take(path, inner);
                    continue;
                }
                _ => continue,
            };
            self.items.push((path.clone(), found));
        }
    }

    /// The problem at its place in the sources. Where the kind is not found at all
    /// it is `elsewhere`, line 1.
    pub fn problem(&self, problem: &CrdProblem, elsewhere: &RelativePath) -> Problem {
        let found = self.locate(&problem.crd, &problem.kind, &problem.place);
        let (file, line) = found.unwrap_or((elsewhere, 1));
        Problem {
            file: file.clone(),
            line,
            severity: Severity::Error,
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }

    /// The same of what an API server takes.
    pub fn finding(&self, problem: &CrdProblem, elsewhere: &RelativePath) -> Option<Finding> {
        let lint = problem.lint?;
        let mut problem = self.problem(problem, elsewhere);
        problem.severity = Severity::Warning;
        Some(Finding { lint, problem })
    }

    fn locate(&self, crd: &str, kind: &str, place: &CrdPlace) -> Option<Line<'_>> {
        let (_, group) = crd.split_once('.')?;
        let is = |item: &Item| {
            let version = item.kube("version");
            item.kube("group") == Some(group)
                && item.kube("kind") == Some(kind)
                && (place.version.is_empty() || version == Some(&place.version))
        };
        let root = self.items.iter().find(|(_, item)| is(item))?;
        let way = self.way(root, &place.path);
        let literal = place.literal.as_deref().filter(|text| !text.is_empty());
        let exact = literal.and_then(|text| way.iter().rev().find_map(|stop| stop.holds(text)));
        exact.or_else(|| way.last().map(Stop::line))
    }

    /// The declarations on the way down a schema, from the kind's on.
    fn way<'a>(&'a self, root: &'a (RelativePath, Item), path: &[Step]) -> Vec<Stop<'a>> {
        let mut way = vec![Stop::Item(root)];
        let mut here = Some(root);
        let mut names = path.iter().filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Items | Step::Values => None,
        });
        match names.next() {
            Some("spec") | None => {}
            Some("status") => {
                here = root
                    .1
                    .kube("status")
                    .and_then(|name| self.named(name, &root.0));
                way.extend(here.map(Stop::Item));
            }
            Some(_) => here = None,
        }
        for name in names {
            let Some((owner, member)) = here.and_then(|item| self.member(item, name, 0)) else {
                break;
            };
            way.push(Stop::Member(&owner.0, member));
            here = member.of.as_deref().and_then(|of| self.named(of, &owner.0));
            way.extend(here.map(|item| Stop::Type(item, &owner.0, member.line)));
        }
        way
    }

    /// The type of this name: of the same file, or the only one there is.
    fn named(&self, name: &str, file: &RelativePath) -> Option<&(RelativePath, Item)> {
        let mut all = self.items.iter().filter(|(_, item)| item.name == name);
        let own = self
            .items
            .iter()
            .find(|(path, item)| item.name == name && path == file);
        own.or_else(|| all.next().filter(|_| all.next().is_none()))
    }

    /// A field of a type, or of one whose fields stand in it.
    fn member<'a>(
        &'a self,
        item: &'a (RelativePath, Item),
        name: &str,
        depth: usize,
    ) -> Option<Found<'a>> {
        let own = item
            .1
            .members
            .iter()
            .find(|member| member.name == name && !member.is_flat);
        if let Some(member) = own {
            return Some((item, member));
        }
        let flat = item
            .1
            .members
            .iter()
            .filter(|member| member.is_flat && depth < 8);
        flat.filter_map(|member| self.named(member.of.as_deref()?, &item.0))
            .find_map(|inner| self.member(inner, name, depth + 1))
    }
}

type Found<'a> = (&'a (RelativePath, Item), &'a Member);

/// A declaration on the way to a field.
enum Stop<'a> {
    /// The type of a kind, or of its status.
    Item(&'a (RelativePath, Item)),
    /// A field.
    Member(&'a RelativePath, &'a Member),
    /// The type of a field; the problem is at the field, unless the type holds the text.
    Type(&'a (RelativePath, Item), &'a RelativePath, usize),
}

impl<'a> Stop<'a> {
    fn line(&self) -> Line<'a> {
        match self {
            Self::Item((file, item)) => (file, item.line),
            Self::Member(file, member) => (file, member.line),
            Self::Type(_, file, line) => (file, *line),
        }
    }

    /// The line of an attribute that holds `text`.
    fn holds(&self, text: &str) -> Option<Line<'a>> {
        let (file, literals): (_, &[Literal]) = match self {
            Self::Item((file, item)) | Self::Type((file, item), ..) => (file, &item.literals),
            Self::Member(file, member) => (file, &member.literals),
        };
        let same = literals.iter().find(|(literal, _)| literal == text);
        let part = || literals.iter().find(|(literal, _)| literal.contains(text));
        same.or_else(part).map(|(_, line)| (file, *line))
    }
}

#[cfg(test)]
mod tests;
