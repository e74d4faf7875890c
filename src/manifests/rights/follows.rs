//! Which kinds the manager's sources follow or use, as far as the text alone says.
//!
//! A name counts only where a `use` of the file, or its own path, says what it is;
//! tests do not count. A kind behind an alias, a macro or a type parameter is not
//! seen: silence is better than a wrong word.

use std::collections::BTreeMap;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Expr, GenericArgument, ItemMod, ItemUse, Pat, Path, PathArguments, Type, UseTree};

use super::super::test_modules::{TestModules, is_test};
use super::{Finding, Lint, short_name};
use crate::tree::RelativePath;

/// A kind that a name in Rust may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKind {
    /// Its type: `k8s_openapi::api::apps::v1::Deployment`.
    pub rust_path: String,
    /// The group as the API server knows it.
    pub group: String,
    /// The plural.
    pub plural: String,
    /// The kind.
    pub kind: String,
}

/// One kind that is followed or used, at the first place where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifests) struct Use {
    pub(in crate::manifests) file: RelativePath,
    pub(in crate::manifests) line: usize,
    kind: String,
    pub(super) group: String,
    pub(super) plural: String,
    /// It is listed and watched; else only some right is needed.
    pub(in crate::manifests) follows: bool,
}

impl Use {
    pub(super) fn finding(&self) -> Finding {
        let (kind, group, plural) = (&self.kind, short_name(&self.group), &self.plural);
        let (done, need, verbs) = match self.follows {
            true => ("followed", "list and watch", "list;watch"),
            false => ("used", "touch", "get"),
        };
        let message = format!("`{kind}` is {done} here, and no marker lets the manager {need} it");
        let help = format!(
            "add `// +rustop:rbac:groups={group},resources={plural},verbs={verbs}`, and the other verbs that the code needs"
        );
        Lint::MissingRight.at(self.file.clone(), self.line, message, help)
    }
}

/// All uses of `kinds`, the first of each kind and way.
pub(in crate::manifests) fn uses(
    sources: &[(RelativePath, String)],
    kinds: &[KnownKind],
) -> Vec<Use> {
    let known: BTreeMap<&str, &KnownKind> =
        kinds.iter().map(|it| (it.rust_path.as_str(), it)).collect();
    let mut found: Vec<Use> = Vec::new();
    let files: Vec<_> = sources
        .iter()
        .filter_map(|(file, source)| Some((file, syn::parse_file(source).ok()?)))
        .collect();
    let tests = TestModules::of(&files);
    for (file, syntax) in files.iter().filter(|(file, _)| !tests.has(file)) {
        let mut reader = Reader::default();
        reader.module(&syntax.items, &BTreeMap::new());
        for (path, line, follows) in reader.uses {
            let Some(kind) = known.get(path.as_str()) else {
                continue;
            };
            let same = |one: &Use| one.group == kind.group && one.plural == kind.plural;
            let mut there = found.iter().filter(|one| same(one));
            if there.all(|one| follows && !one.follows) {
                found.retain(|one| !same(one));
                found.push(Use {
                    file: (*file).clone(),
                    line,
                    kind: kind.kind.clone(),
                    group: kind.group.clone(),
                    plural: kind.plural.clone(),
                    follows,
                });
            }
        }
    }
    found
}

/// What a name stands for, in one module.
type Imports = BTreeMap<String, String>;

#[derive(Default)]
struct Reader {
    imports: Imports,
    /// The whole path, the line, and whether it is followed.
    uses: Vec<(String, usize, bool)>,
    modules: Vec<ItemMod>,
}

/// Methods of controllers and managers whose type is followed.
const FOLLOW: [&str; 6] = ["owns", "watches", "watch", "store", "store_of", "index"];

impl Reader {
    fn module(&mut self, items: &[syn::Item], above: &Imports) {
        let mut collected = Collected::default();
        for item in items {
            collected.visit_item(item);
        }
        if collected.takes_all_above {
            collected.imports.extend(above.clone());
        }
        let outer = std::mem::replace(&mut self.imports, collected.imports);
        for item in items {
            self.visit_item(item);
        }
        let own = self.imports.clone();
        for module in std::mem::take(&mut self.modules) {
            if let Some((_, items)) = &module.content {
                self.module(items, &own);
            }
        }
        self.imports = outer;
    }

    /// The whole path of a name, where it is known.
    fn whole(&self, path: &Path) -> Option<String> {
        let parts: Vec<String> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        let (first, rest) = parts.split_first()?;
        let start = match self.imports.get(first) {
            Some(whole) => whole.clone(),
            None if rest.is_empty() => return None,
            None => first.clone(),
        };
        let whole: Vec<&str> = std::iter::once(start.as_str())
            .chain(rest.iter().map(String::as_str))
            .collect();
        Some(whole.join("::"))
    }

    fn take(&mut self, of: &Type, follows: bool) {
        let Type::Path(path) = of else {
            return;
        };
        let is_plain = path
            .path
            .segments
            .iter()
            .all(|part| part.arguments.is_none());
        if let Some(whole) = self.whole(&path.path).filter(|_| is_plain) {
            self.uses.push((whole, path.span().start().line, follows));
        }
    }

    /// `Api<Kind>`, `Store<Kind>`, `Watch<Kind>`, in a type or before `::`.
    fn holders(&mut self, path: &Path) {
        for (index, part) in path.segments.iter().enumerate() {
            let PathArguments::AngleBracketed(arguments) = &part.arguments else {
                continue;
            };
            let mut until = path.clone();
            until.segments = path.segments.iter().take(index + 1).cloned().collect();
            let follows = match self.whole(&until).as_deref() {
                Some("kube::Api" | "kube::api::Api") => false,
                Some("runtime::Store" | "runtime::Watch") => true,
                _ => continue,
            };
            if let Some(GenericArgument::Type(of)) = arguments.args.first() {
                self.take(of, follows);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_test(&module.attrs) {
            self.modules.push(module.clone());
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.holders(path);
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if FOLLOW.contains(&call.method.to_string().as_str()) {
            let named = call
                .turbofish
                .as_ref()
                .and_then(|turbofish| turbofish.args.first());
            match (named, call.args.first()) {
                (Some(GenericArgument::Type(of)), _) => self.take(of, true),
                (None, Some(Expr::Closure(closure))) if call.method == "watches" => {
                    if let Some(of) = closure.inputs.first().and_then(type_of) {
                        self.take(of, true);
                    }
                }
                _ => {}
            }
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let is = |name: &str| {
            let path = item.trait_.as_ref().map(|(_, path, _)| path);
            path.and_then(|path| path.segments.last())
                .is_some_and(|last| last.ident == name)
        };
        for member in item.items.iter().filter(|_| is("Reconciler")) {
            if let syn::ImplItem::Type(object) = member
                && object.ident == "Object"
            {
                self.take(&object.ty, true);
            }
        }
        visit::visit_item_impl(self, item);
    }
}

/// The type of `|object: &Node|`.
fn type_of(pattern: &Pat) -> Option<&Type> {
    match pattern {
        Pat::Type(typed) => match typed.ty.as_ref() {
            Type::Reference(reference) => Some(&reference.elem),
            other => Some(other),
        },
        _ => None,
    }
}

/// The imports of one module, those within its functions too.
#[derive(Default)]
struct Collected {
    imports: Imports,
    takes_all_above: bool,
}

impl<'ast> Visit<'ast> for Collected {
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&item.tree, "");
    }
}

impl Collected {
    fn tree(&mut self, tree: &UseTree, before: &str) {
        let whole = |name: &str| match before {
            "" => name.to_owned(),
            _ => format!("{before}::{name}"),
        };
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &whole(&path.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            UseTree::Glob(_) => self.takes_all_above |= before == "super",
            UseTree::Name(name) if name.ident == "self" => {
                let own = before.rsplit("::").next().unwrap_or_default();
                self.imports.insert(own.to_owned(), before.to_owned());
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.imports.insert(name.clone(), whole(&name));
            }
            UseTree::Rename(rename) => {
                let whole = whole(&rename.ident.to_string());
                self.imports.insert(rename.rename.to_string(), whole);
            }
        }
    }
}
