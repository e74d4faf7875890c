//! Which files are there for tests only: those of modules that a parent declares
//! under `#[cfg(test)]`, and all below them. The manager does not have their code.

use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, MetaList, Token};

use crate::tree::RelativePath;

/// The modules, each as the path of its file without `.rs`, which is its folder too.
pub(super) struct TestModules(Vec<String>);

impl TestModules {
    /// Those that `files` declare.
    pub(super) fn of(files: &[(&RelativePath, syn::File)]) -> Self {
        let mut found = Vec::new();
        for (path, file) in files {
            collect(&file.items, &Folder::of(path), false, &mut found);
        }
        Self(found)
    }

    /// Whether a file is one of theirs.
    pub(super) fn has(&self, file: &RelativePath) -> bool {
        self.0.iter().any(|module| {
            let rest = file.as_str().strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        })
    }
}

/// Whether what has these attributes is there for tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter(|it| it.path().is_ident("cfg"));
    let mut conditions = conditions.filter_map(|it| it.parse_args::<Meta>().ok());
    conditions.any(|condition| asks_for_test(&condition))
}

/// Whether a condition holds in tests only: `test`, and what no build without it fulfils.
fn asks_for_test(condition: &Meta) -> bool {
    let inner = |list: &MetaList| {
        let read = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        read.map(|inner| inner.iter().map(asks_for_test).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => inner(list).contains(&true),
        Meta::List(list) if list.path.is_ident("any") => {
            let inner = inner(list);
            !inner.is_empty() && !inner.contains(&false)
        }
        _ => false,
    }
}

/// Where the files of a module's modules are, each with its last slash.
struct Folder {
    /// By their names.
    modules: String,
    /// By `#[path]`.
    beside: String,
}

impl Folder {
    fn of(file: &RelativePath) -> Self {
        let path = file.as_str();
        let beside = path.strip_suffix(file.file_name()).unwrap_or_default();
        let modules = match file.file_name() {
            "lib.rs" | "main.rs" | "mod.rs" => beside.to_owned(),
            _ => format!("{}/", path.trim_end_matches(".rs")),
        };
        Self {
            modules,
            beside: beside.to_owned(),
        }
    }

    /// That of a module within this one.
    fn below(&self, module: &ItemMod) -> Self {
        let modules = format!("{}{}/", self.modules, module.ident.unraw());
        Self {
            beside: modules.clone(),
            modules,
        }
    }

    /// The file of a module, without `.rs`.
    fn file_of(&self, module: &ItemMod) -> String {
        match module.attrs.iter().find_map(written_path) {
            Some(path) => format!("{}{}", self.beside, path.trim_end_matches(".rs")),
            None => format!("{}{}", self.modules, module.ident.unraw()),
        }
    }
}

fn collect(items: &[Item], folder: &Folder, is_below: bool, found: &mut Vec<String>) {
    for item in items {
        let Item::Mod(module) = item else {
            continue;
        };
        let is_test = is_below || is_test(&module.attrs);
        match &module.content {
            Some((_, items)) => collect(items, &folder.below(module), is_test, found),
            None if is_test => found.push(folder.file_of(module)),
            None => {}
        }
    }
}

/// `#[path = "…"]`.
fn written_path(attribute: &Attribute) -> Option<String> {
    let named = attribute.meta.require_name_value().ok()?;
    match &named.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(path),
            ..
        }) if named.path.is_ident("path") => Some(path.value()),
        _ => None,
    }
}
