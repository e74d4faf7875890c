//! Names of files, and the lines whose layout depends on the length of names.
//! Where things lie says [`Project`](crate::project::Project).

use crate::project::{Project, Resource, Types};
use crate::resource::{Kind, ResourceKey};

/// The sample of a version: kubebuilder's name for it.
pub(super) fn sample_file(resource: &Resource) -> String {
    let kind = resource.key.kind().lower();
    let parts = [
        resource.key.group().as_str(),
        resource.key.version().as_str(),
        &kind,
    ];
    let given: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}.yaml", given.join("_"))
}

/// The file of a CRD, as controller-gen names it.
pub(super) fn crd_file(resource: &Resource) -> String {
    format!(
        "{}_{}.yaml",
        resource.key.qualified_group(),
        resource.plural
    )
}

/// The patch that has the API server call a conversion, under kubebuilder's name.
pub(super) fn patch_file(project: &Project, resource: &Resource) -> String {
    let group = resource.key.group().as_str();
    let plural = &resource.plural;
    if project.multigroup && !group.is_empty() {
        format!("webhook_in_{group}_{plural}.yaml")
    } else {
        format!("webhook_in_{plural}.yaml")
    }
}

/// A function-like attribute as rustfmt lays it out: on one line while its
/// arguments fit (`attr_fn_like_width` is 70), else one argument a line.
pub(super) fn attribute(name: &str, arguments: &[String]) -> String {
    let line = arguments.join(", ");
    if line.chars().count() <= 70 {
        return format!("#[{name}({line})]");
    }
    format!("#[{name}(\n    {}\n)]", arguments.join(",\n    "))
}

/// The widest line that rustfmt leaves alone.
pub(super) const MAX_WIDTH: usize = 100;

/// A constant as rustfmt lays it out.
pub(super) fn constant(name: &str, value: &str) -> String {
    indented_constant("", name, value)
}

/// A constant within a function.
pub(super) fn inner_constant(name: &str, value: &str) -> String {
    indented_constant("    ", name, value)
}

fn indented_constant(indent: &str, name: &str, value: &str) -> String {
    let line = format!("{indent}const {name}: &str = {value};");
    let second = format!("{indent}    {value};");
    // A value that fits on no line stays where it is.
    if line.chars().count() <= MAX_WIDTH || second.chars().count() > MAX_WIDTH {
        return line;
    }
    format!("{indent}const {name}: &str =\n{second}")
}

/// A method's head as rustfmt lays it out, up to its brace.
pub(super) fn method(head: &str, parameters: &[&str], returns: &str) -> String {
    let line = format!("    {head}({}) -> {returns} {{", parameters.join(", "));
    if line.chars().count() <= MAX_WIDTH {
        return line;
    }
    let lines: String = parameters
        .iter()
        .map(|parameter| format!("        {parameter},\n"))
        .collect();
    format!("    {head}(\n{lines}    ) -> {returns} {{")
}

/// The last part of a `use` that renames; rustfmt takes `A as A` for `A`.
pub(super) fn renamed(name: &str, new: &str) -> String {
    if name == new {
        name.to_owned()
    } else {
        format!("{name} as {new}")
    }
}

/// The Rust module of a version's types, in the types crate.
pub(super) fn api_module(key: &ResourceKey) -> String {
    format!("api::{}::{}", key.group().module(), key.version().module())
}

/// The Rust module that holds the type of a resource, wherever it comes from.
pub(super) fn type_module(resource: &Resource) -> String {
    match (&resource.types, resource.builtin()) {
        (_, Some(builtin)) => builtin.rust_module().to_owned(),
        (Types::Crate(external), _) => external.path.to_string(),
        _ => api_module(&resource.key),
    }
}

/// A kind's type under a name whose length is fixed.
pub(super) fn import_as_object(resource: &Resource) -> String {
    let key = &resource.key;
    import_as(&api_module(key), key.kind(), "Object")
}

/// `use <module>::<Kind> as <name>;`
pub(super) fn import_as(module: &str, kind: &Kind, name: &str) -> String {
    let lint = if says_unsafe(kind.as_str()) {
        "#[expect(clippy::unsafe_removed_from_name, reason = \"a kind\")]\n"
    } else {
        ""
    };
    format!("{lint}use {module}::{};", renamed(&kind.type_name(), name))
}

/// The widest chain of calls that rustfmt leaves on one line, unless it is a single call.
const CHAIN_WIDTH: usize = 60;

/// Calls of methods with a name each, as the one expression of a function:
/// `Webhook::new().defaulter(MyAppDefaulter)`.
pub(super) fn chain(start: &str, calls: &[(&str, &str)]) -> String {
    let call = |(name, argument): &(&str, &str)| format!(".{name}({argument})");
    let line = start.to_owned() + &calls.iter().map(call).collect::<String>();
    let room = MAX_WIDTH - 4;
    let widest = if calls.len() == 1 { room } else { CHAIN_WIDTH };
    if line.chars().count() <= widest {
        return format!("    {line}");
    }
    let lines = calls.iter().map(|one| format!("\n        {}", call(one)));
    format!("    {start}{}", lines.collect::<String>())
}

/// An API group as RBAC markers write it: the one without a name is `core`.
pub(super) fn or_core(group: &str) -> String {
    if group.is_empty() { "core" } else { group }.to_owned()
}

/// clippy wants to see the word wherever a type is that has it in its name.
pub(super) fn says_unsafe(kind: &str) -> bool {
    kind.contains("Unsafe")
}

/// Types that the stub of a controller names, sorted.
const NEEDED_BY_CONTROLLERS: [&str; 15] = [
    "Action",
    "Api",
    "Client",
    "Controller",
    "Error",
    "Event",
    "FakeApiServer",
    "Manager",
    "Object",
    "Reconciler",
    "Request",
    "Result",
    "Status",
    "Store",
    "World",
];

/// What the stub of a controller calls the type of its objects.
pub(super) fn object_type(kind: &str, reconciler: &str) -> String {
    let is_reconciler = kind.strip_suffix("Reconciler") == Some(reconciler);
    if is_reconciler || NEEDED_BY_CONTROLLERS.contains(&kind) {
        format!("{kind}Object")
    } else {
        kind.to_owned()
    }
}

/// What the stub of a handler calls the type of its objects: the kind, unless it needs that name.
pub(super) fn handled_type(kind: &str, handler: &str) -> String {
    if kind == handler || NEEDED_BY_HANDLERS.contains(&kind) {
        format!("{kind}Object")
    } else {
        kind.to_owned()
    }
}

/// Types that the stubs of handlers name, sorted.
const NEEDED_BY_HANDLERS: [&str; 12] = [
    "AdmissionRequest",
    "Defaulter",
    "Denied",
    "Error",
    "ErrorList",
    "Manager",
    "Operation",
    "Path",
    "Result",
    "Validator",
    "Warnings",
    "Webhook",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_makes_room_for_what_its_controller_needs() {
        assert_eq!(object_type("MyApp", "MyApp"), "MyApp");
        assert_eq!(object_type("Client", "Client"), "ClientObject");
        assert_eq!(object_type("AReconciler", "A"), "AReconcilerObject");
        assert_eq!(object_type("AReconciler", "AReconciler"), "AReconciler");
        assert!(NEEDED_BY_CONTROLLERS.is_sorted());
    }

    #[test]
    fn every_name_that_a_handler_imports_is_listed() {
        let files = crate::render::embedded_files();
        for name in ["defaulter", "validator"] {
            let path = format!("{name}/src/webhook/__webhook_folder__/__module__/{name}.rs.tera");
            let text = String::from_utf8_lossy(files[path.as_str()]);
            let uses = text.lines().filter(|line| line.trim().starts_with("use "));
            let names = uses.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
            for name in names.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase())) {
                assert!(NEEDED_BY_HANDLERS.contains(&name), "{name}");
            }
        }
        assert!(NEEDED_BY_HANDLERS.is_sorted());
    }

    #[test]
    fn chains_are_broken_where_rustfmt_breaks_them() {
        let lines = |length: usize, more: &[(&str, &str)]| {
            let handler = "H".repeat(length);
            let calls = [&[("defaulter", handler.as_str())], more].concat();
            chain("Webhook::new()", &calls).lines().count()
        };
        assert_eq!([lines(70, &[]), lines(71, &[])], [1, 2]);
        let path = [("path", "PATH")];
        assert_eq!([lines(23, &path), lines(24, &path)], [1, 3]);
    }

    #[test]
    fn every_name_that_the_controller_imports_is_listed() {
        let files = crate::render::embedded_files();
        let path = "src/controller/__controller_folder__/__module__.rs.tera";
        let text = |set| String::from_utf8_lossy(files[format!("{set}/{path}").as_str()]);
        let text = [text("controller"), text("watched")].concat();
        let uses = text.lines().filter(|line| line.trim().starts_with("use "));
        let names = uses.filter(|line| !line.contains("<{")).flat_map(|line| {
            line.split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        for name in names {
            assert!(NEEDED_BY_CONTROLLERS.contains(&name), "{name}");
        }
    }

    #[test]
    fn long_lines_are_broken_where_rustfmt_breaks_them() {
        assert_eq!(constant("A", "b"), "const A: &str = b;");
        let long = "b".repeat(95);
        let expected = format!("const A: &str =\n    {long};");
        assert_eq!(constant("A", &long), expected);
        let longer = "b".repeat(96);
        let expected = format!("const A: &str = {longer};");
        assert_eq!(constant("A", &longer), expected);
        assert_eq!(
            method("fn a", &["&self", "b: &B"], "C"),
            "    fn a(&self, b: &B) -> C {"
        );
        let long = "b".repeat(100);
        let expected = format!("    fn a(\n        &self,\n        {long},\n    ) -> C {{");
        assert_eq!(method("fn a", &["&self", &long], "C"), expected);
    }
}
