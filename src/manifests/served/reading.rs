//! What one source says of handlers and the paths where they are reached.
//!
//! The names are the runtime's: `Webhook::defaulter`, `validator`, `defaulting_path`
//! and `validation_path`, and `Manager::admission_handler`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, ExprMethodCall, ItemFn, ItemMod, Lit, LitStr};

use super::super::test_modules::is_test;

/// What a source says.
#[derive(Default)]
pub(super) struct Reading {
    /// Whether it gives a handler to the manager.
    pub(super) registers: bool,
    /// Every text of it: wherever a path comes from, it is mostly one of them.
    pub(super) texts: BTreeSet<String>,
    /// Its constants by name; `None` where the value is no text.
    pub(super) constants: BTreeMap<String, Option<String>>,
    /// What is given as a path.
    pub(super) arguments: Vec<Argument>,
    /// The arguments of defaulters and of validators alone.
    of_role: [Vec<Argument>; 2],
    /// How many defaulters and validators are given no path.
    usual: [usize; 2],
}

/// What is given as a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Text(String),
    Constant(String),
    /// Something that is computed.
    Unknown,
}

/// The methods that take a handler and its path: of defaulters, of validators.
const ROLES: [[&str; 2]; 2] = [
    ["defaulter", "defaulting_path"],
    ["validator", "validation_path"],
];

/// The method that takes both at once.
const BOTH: &str = "admission_handler";

impl Reading {
    /// Reads what is no test's.
    pub(super) fn of(syntax: &syn::File) -> Self {
        let mut reading = Self::default();
        reading.visit_file(syntax);
        reading
    }

    /// How many handlers are reached under their kind's usual path.
    pub(super) fn under_usual_path(&self, mutating: bool) -> usize {
        self.usual[usize::from(!mutating)]
    }

    /// Whether a handler of this kind of webhook is given a path.
    pub(super) fn gives_paths(&self, mutating: bool) -> bool {
        !self.of_role[usize::from(!mutating)].is_empty()
    }

    /// The paths that the handlers of a kind of webhook are given, where they are known here.
    pub(super) fn paths(&self, mutating: bool) -> Vec<String> {
        let arguments = self.of_role[usize::from(!mutating)].iter();
        let known = arguments.filter_map(|argument| match argument {
            Argument::Text(text) => Some(text.clone()),
            Argument::Constant(name) => self.constants.get(name).cloned().flatten(),
            Argument::Unknown => None,
        });
        known.collect()
    }

    /// `Webhook::new().validator(…).validation_path(…)`, as the calls of one expression.
    fn chain(&mut self, calls: &[&ExprMethodCall]) {
        let called = |name: &str| calls.iter().find(|call| call.method == name);
        for (role, [handler, path]) in ROLES.into_iter().enumerate() {
            let (handler, path) = (called(handler), called(path));
            self.registers |= handler.is_some();
            match path {
                Some(call) => self.of_role[role].push(first_argument(call)),
                None => self.usual[role] += usize::from(handler.is_some()),
            }
            self.arguments.extend(path.map(|call| first_argument(call)));
        }
        let both = called(BOTH).map(|call| first_argument(call));
        self.registers |= both.is_some();
        self.arguments.extend(both);
    }

    /// What a macro gets: texts, and maybe handlers.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = syn::parse_str::<LitStr>(&literal.to_string());
                    self.texts.extend(text.ok().map(|text| text.value()));
                }
                TokenTree::Ident(name) if is_of_runtime(&name.to_string()) => {
                    self.arguments.push(Argument::Unknown);
                }
                _ => {}
            }
        }
    }

    fn constant(&mut self, name: &syn::Ident, value: &Expr) {
        let text = match argument(value) {
            Argument::Text(text) => Some(text),
            _ => None,
        };
        let here = self.constants.entry(name.to_string());
        let same =
            |old: &mut Option<String>| *old = old.take().filter(|it| Some(it) == text.as_ref());
        here.and_modify(same).or_insert(text);
    }
}

fn is_of_runtime(name: &str) -> bool {
    name == BOTH || ROLES.as_flattened().contains(&name)
}

fn first_argument(call: &ExprMethodCall) -> Argument {
    call.args.first().map_or(Argument::Unknown, argument)
}

/// `"/a"`, `PATH`, `paths::PATH`, each maybe borrowed or made a `String`.
fn argument(value: &Expr) -> Argument {
    const SAME: [&str; 5] = ["into", "to_owned", "to_string", "clone", "as_str"];
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Argument::Text(text.value()),
        Expr::Path(path) => {
            let last = path.path.segments.last();
            last.map_or(Argument::Unknown, |last| {
                Argument::Constant(last.ident.to_string())
            })
        }
        Expr::Reference(reference) => argument(&reference.expr),
        Expr::MethodCall(call) if SAME.iter().any(|name| call.method == name) => {
            argument(&call.receiver)
        }
        _ => Argument::Unknown,
    }
}

impl<'ast> Visit<'ast> for Reading {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    /// Documentation is an attribute, too.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.texts.insert(text.value());
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.tokens(called.tokens.clone());
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.constant(&item.ident, &item.expr);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.constant(&item.ident, &item.expr);
        visit::visit_item_static(self, item);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.constant(&item.ident, &item.expr);
        visit::visit_impl_item_const(self, item);
    }

    /// `Webhook::validation_path(webhook, path)`.
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        let last = path.path.segments.last();
        if path.path.segments.len() > 1
            && last.is_some_and(|last| is_of_runtime(&last.ident.to_string()))
        {
            self.arguments.push(Argument::Unknown);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let mut calls = vec![call];
        let mut root = call.receiver.as_ref();
        while let Expr::MethodCall(call) = root {
            calls.push(call);
            root = &call.receiver;
        }
        self.chain(&calls);
        for argument in calls.iter().flat_map(|call| &call.args) {
            self.visit_expr(argument);
        }
        self.visit_expr(root);
    }
}
