//! The scaffold: a pure function from a `PROJECT` to a tree of files.
//!
//! The same PROJECT and the same rustop give the same files on any machine.
//! Which template is written where, and who owns it, stands in `table.rs`; the
//! values that templates use are in `context.rs`. Nothing here reads a clock,
//! the environment or the disk.

mod context;
mod controller_context;
mod fields;
mod group_context;
mod lockfile;
mod names;
pub mod table;
mod version_context;
pub mod versions;
mod watched_context;
mod webhook_context;

use anyhow::{Context as _, Result, anyhow};
use serde::Serialize;

use crate::manifests::{self, CrdOptions};
use crate::project::Project;
use crate::render::{SUFFIX, Templates, Values};
use crate::tree::{File, Output, Owner, RelativePath, Tree};
use context::{Placed, ProjectContext, Within};
use lockfile::Lockfile;
use table::{Row, Table};

/// A template set and the table that goes with it.
pub struct Scaffold {
    templates: Templates,
    table: Table,
}

impl Scaffold {
    /// The scaffold that this rustop writes.
    pub fn embedded() -> Result<Self> {
        Ok(Self {
            templates: Templates::embedded()?,
            table: Table::current(),
        })
    }

    /// Another scaffold; the tests drive upgrades with it.
    pub fn new(templates: Templates, table: Table) -> Self {
        Self { templates, table }
    }

    /// The whole tree of `project`, without the files that are computed from the user's Rust.
    pub fn render(&self, project: &Project) -> Result<Tree> {
        let mut tree = Tree::new();
        let lock = self.lockfile()?;
        let context = ProjectContext::of(project, &|name| lock.holds(name));
        self.set(&mut tree, self.table.project, &context, &[], "")?;
        let values = context.without_lists();
        self.each(&mut tree, self.table.kind, &values, &context.kinds)?;
        self.each(&mut tree, self.table.version, &values, &context.resources)?;
        self.each(
            &mut tree,
            self.table.controller,
            &values,
            &context.controllers,
        )?;
        self.each(&mut tree, self.table.watched, &values, &context.watched)?;
        self.each(
            &mut tree,
            self.table.defaulter,
            &values,
            &context.defaulters,
        )?;
        self.each(
            &mut tree,
            self.table.validator,
            &values,
            &context.validators,
        )?;
        self.each(&mut tree, self.table.spoke, &values, &context.spokes)?;
        self.vendored(&mut tree, &context.package)?;
        tree.insert(
            RelativePath::literal("Cargo.lock"),
            computed(lock.for_package(&context.package)),
        );
        Ok(tree)
    }

    /// The cargo package of the manager of `project`.
    pub fn package(&self, project: &Project) -> Result<String> {
        let lock = self.lockfile()?;
        Ok(project.name.package(&|name| lock.holds(name)))
    }

    /// The tested lock file; it knows which names are taken by crates.
    fn lockfile(&self) -> Result<Lockfile> {
        Ok(Lockfile::new(&self.templates.text(LOCKFILE)?))
    }

    /// The rows of one template set, once for each of `all`.
    fn each<T: Placed>(
        &self,
        tree: &mut Tree,
        rows: &[Row],
        project: &ProjectContext,
        all: &[T],
    ) -> Result<()> {
        all.iter().try_for_each(|one| {
            let parts = one.path_parts();
            self.set(tree, rows, &within(project, one), &parts, one.identity())
        })
    }

    /// The rows of one template set, filled in with one context.
    fn set(
        &self,
        tree: &mut Tree,
        rows: &[Row],
        context: &impl Serialize,
        parts: &[(&str, &str)],
        identity: &str,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let values = Values::of(context)?;
        for row in rows {
            if row.when.is_some_and(|name| !values.is_true(name)) {
                continue;
            }
            let mut bytes = self.templates.render(row.template, &values)?;
            // `--license none` has no text for hack/, and an empty file would say nothing.
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            if row.owner == Owner::Derived {
                bytes = canonical(&bytes)?;
            }
            let file = File {
                bytes,
                executable: row.executable,
            };
            let identity = format!("{} {identity}", row.template);
            let formerly = row
                .formerly
                .iter()
                .map(|path| filled_in(path, parts))
                .collect::<Result<_>>()?;
            tree.insert(
                output_path(row.template, parts)?,
                Output {
                    owner: row.owner,
                    file,
                    identity,
                    formerly,
                },
            );
        }
        Ok(())
    }

    /// The runtime crate, as it lies in rustop's own repository but for its name.
    fn vendored(&self, tree: &mut Tree, package: &str) -> Result<()> {
        for name in self.templates.names_below(RUNTIME) {
            let text = vendored(&self.templates.text(name)?, package);
            let path = output_path(name, &[])?;
            let (identity, owner) = (name.to_owned(), Owner::Rustop);
            tree.insert(
                path,
                Output {
                    owner,
                    file: File::plain(text),
                    identity,
                    formerly: Vec::new(),
                },
            );
        }
        Ok(())
    }
}

/// Where the lock file of the tested snapshot lies among the templates.
pub(crate) const LOCKFILE: &str = "project/Cargo.lock";
/// Where the runtime crate lies among the templates: links to rustop's own.
pub(crate) const RUNTIME: &str = "project/runtime/";

/// The names that templates use and that their context does not have, as
/// `template: name`. Tera takes such a name in an `if` for false.
pub fn unknown_names() -> Result<Vec<String>> {
    let scaffold = Scaffold::embedded()?;
    let table = scaffold.table;
    let sample = context::sample()?;
    let sets = [
        (table.project, Known::of(&sample)?),
        (
            table.kind,
            Known::of(&sample.kinds.first().map(|kind| within(&sample, kind)))?,
        ),
        (
            table.version,
            Known::of(
                &sample
                    .resources
                    .first()
                    .map(|version| within(&sample, version)),
            )?,
        ),
        (
            table.controller,
            Known::of(
                &sample
                    .controllers
                    .first()
                    .map(|controller| within(&sample, controller)),
            )?,
        ),
        (
            table.watched,
            Known::of(
                &sample
                    .watched
                    .first()
                    .map(|watched| within(&sample, watched)),
            )?,
        ),
    ];
    let handler = |handlers: &[webhook_context::HandlerContext]| {
        Known::of(&handlers.first().map(|one| within(&sample, one)))
    };
    let sets = sets.into_iter().chain([
        (table.defaulter, handler(&sample.defaulters)?),
        (table.validator, handler(&sample.validators)?),
        (
            table.spoke,
            Known::of(&sample.spokes.first().map(|one| within(&sample, one)))?,
        ),
    ]);
    let sets: Vec<_> = sets.collect();
    let mut unknown = Vec::new();
    for (rows, known) in &sets {
        for row in rows.iter().filter(|row| row.template.ends_with(SUFFIX)) {
            let mut names = scaffold.templates.variables(row.template)?;
            names.extend(row.when);
            let missing = names.iter().filter(|name| !known.0.contains(**name));
            unknown.extend(missing.map(|name| format!("{}: {name}", row.template)));
        }
    }
    Ok(unknown)
}

/// The top-level names of a context.
struct Known(std::collections::BTreeSet<String>);

impl Known {
    fn of(context: &impl Serialize) -> Result<Self> {
        let value = serde_json::to_value(context)?;
        let names = value
            .as_object()
            .map(|fields| fields.keys().cloned().collect());
        Ok(Self(names.unwrap_or_default()))
    }
}

fn within<'a, T>(project: &'a ProjectContext, own: &'a T) -> Within<'a, T> {
    Within {
        header: &project.header,
        project,
        own,
    }
}

/// The runtime crate's text in a project: under the project's name, and without
/// what is for those who write it, its own lints and the run of its own tests.
fn vendored(text: &str, package: &str) -> String {
    const NAME: &str = "name = \"rustop-runtime\"";
    const LIBRARY: &str = "[lib]\n";
    match text.split_once("[lints.rust]") {
        Some((manifest, _)) if manifest.contains(NAME) => {
            let name = format!("name = \"{package}-runtime\"");
            let untested = format!("{LIBRARY}test = false\ndoctest = false\n");
            let manifest = manifest.replacen(NAME, &name, 1);
            manifest.replacen(LIBRARY, &untested, 1) + "[lints.clippy]\nall = \"allow\"\n"
        }
        _ => text.to_owned(),
    }
}

/// A file that is written while it is absent, and never merged.
fn computed(text: String) -> Output {
    let identity = LOCKFILE.to_owned();
    Output {
        owner: Owner::Derived,
        file: File::plain(text),
        identity,
        formerly: Vec::new(),
    }
}

/// A CRD as `rustop manifests` prints it: the same printer, so the same bytes.
fn canonical(yaml: &[u8]) -> Result<Vec<u8>> {
    let crd = serde_yaml::from_slice(yaml).context("failed to read the CRD of a stub")?;
    let files = manifests::crd_files(&crd, CrdOptions::default());
    let files = files.map_err(|problems| anyhow!("the stub gives no CRD: {}", problems[0]))?;
    Ok(files.into_values().next().unwrap_or_default().into_bytes())
}

/// A template's path without its set and suffix, with the variable parts filled in.
fn output_path(template: &str, parts: &[(&str, &str)]) -> Result<RelativePath> {
    let (_, path) = template.split_once('/').unwrap_or(("", template));
    filled_in(path.strip_suffix(SUFFIX).unwrap_or(path), parts)
}

fn filled_in(path: &str, parts: &[(&str, &str)]) -> Result<RelativePath> {
    let mut path = path.to_owned();
    for (name, value) in parts {
        let part = format!("__{name}__");
        path = if value.is_empty() {
            path.replace(&(part + "/"), "")
        } else {
            path.replace(&part, value)
        };
    }
    refuse_long_name(&path)?;
    RelativePath::new(path).context("failed to build a path of the scaffold")
}

/// The longest name of a file: file systems take 255 bytes, and a copy with the
/// suffix `.base` is kept of many.
const NAME_LENGTH: usize = 250;

fn refuse_long_name(path: &str) -> Result<()> {
    match path.split('/').find(|name| name.len() > NAME_LENGTH) {
        None => Ok(()),
        Some(name) => Err(anyhow!(
            "the file `{name}` would have a name of {} characters, at most {NAME_LENGTH} are allowed\nhelp: choose a shorter group, version, kind or `--plural`: the name holds them",
            name.len()
        )),
    }
}
