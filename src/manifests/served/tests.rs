//! Which markers lead somewhere, by the text of a handler's file alone.

use super::*;

const FILE: &str = "src/webhook/v1/my_app/validator.rs";
const USUAL: &str = "/validate-apps-example-com-v1-myapp";

const RULE: &str = "mutating=false,failurePolicy=fail,sideEffects=None,groups=a,resources=b,verbs=create,\
    versions=v1,name=a.example.com,admissionReviewVersions=v1";

fn marker(path: &str) -> String {
    format!("// +rustop:webhook:{RULE},{path}\n")
}

/// What is said of files with these texts; the first is PROJECT's validator.
fn found(files: &[&str]) -> Vec<String> {
    let names = [FILE, "src/hooks.rs", "src/more.rs"].into_iter();
    let sources: Vec<_> = names
        .zip(files)
        .map(|(name, text)| (RelativePath::literal(name), (*text).to_owned()))
        .collect();
    let handler = KnownHandler {
        file: RelativePath::literal(FILE),
        mutating: false,
        usual_path: USUAL.to_owned(),
    };
    let findings = unserved(&sources, &[handler]);
    findings.iter().map(ToString::to_string).collect()
}

/// One file with a marker for `path`, and this body of `fn webhook()`.
fn one(path: &str, body: &str) -> Vec<String> {
    let marker = marker(&format!("path={path}"));
    found(&[&format!(
        "{marker}fn webhook() -> Webhook<MyApp> {{ {body} }}"
    )])
}

const UNDER_CONSTANT: &str =
    "const PATH: &str = \"/b\"; Webhook::new().validator(V).validation_path(PATH)";

#[test]
fn a_marker_that_stayed_behind_is_named_with_the_path_to_write() {
    let expected = format!(
        "{FILE}:1: marker `+rustop:webhook`: no handler is reached under `{USUAL}`, so what the API server asks there fails [unserved-path]\n\
         help: write `path=/b`: there the handler of this file is reached"
    );
    assert_eq!(one(USUAL, UNDER_CONSTANT), [expected]);
    let back = one("/b", "Webhook::new().validator(V)");
    assert!(
        back[0].contains(&format!("help: write `path={USUAL}`")),
        "{back:?}"
    );
    assert_eq!(
        one("/c", "Webhook::new().validator(V).validation_path(\"/b\")").len(),
        1
    );
}

#[test]
fn a_path_that_is_served_is_not() {
    for (path, body) in [
        (USUAL, "Webhook::new().validator(V)"),
        ("/b", UNDER_CONSTANT),
        ("/b", "Webhook::new().validator(V).validation_path(\"/b\")"),
        (
            "/b",
            "Webhook::new().validation_path(&PATHS.b.to_owned()).validator(V)",
        ),
    ] {
        assert_eq!(one(path, body), [""; 0], "{path}: {body}");
    }
}

/// What the text does not say may be served.
#[test]
fn what_is_in_doubt_is_passed_over() {
    for body in [
        "Webhook::new().validator(V).validation_path(path)",
        "Webhook::new().validator(V).validation_path(format!(\"/{}\", name))",
        "Webhook::new().validator(V).validation_path(concat!(\"/\", \"c\"))",
        "const PATH: &str = env!(\"P\"); Webhook::new().validator(V).validation_path(PATH)",
        "Webhook::validation_path(Webhook::new().validator(V), path)",
        "declare! { Webhook::new().validator(V).validation_path(\"/a\") }",
        "for path in [\"/c\", \"/d\"] { manager.admission_handler(path, V); }",
        "elsewhere::register(manager)",
        "not Rust",
    ] {
        assert_eq!(one("/c", body), [""; 0], "{body}");
    }
    let other = marker("url=\"https://a.example.com/c\"");
    let service = marker("path=/c,serviceName=other");
    let patched = marker("path=/c,patch=`{\"clientConfig\": {\"url\": \"https://a.b/c\"}}`");
    for marker in [other, service, patched] {
        assert_eq!(
            found(&[&format!("{marker}fn webhook() {{ {UNDER_CONSTANT} }}")]),
            [""; 0]
        );
    }
}

#[test]
fn several_handlers_in_one_file_are_told_apart() {
    let two = format!(
        "{}{}fn webhook() {{ {UNDER_CONSTANT} }}\nfn other() {{ Webhook::<Pod>::new().validator(P); }}",
        marker("path=/b"),
        marker("path=/validate--v1-pod").replace("a.example.com", "b.example.com"),
    );
    assert_eq!(found(&[&two]), [""; 0]);
    assert_eq!(found(&[&two.replace("path=/b", "path=/a")]).len(), 1);
    assert_eq!(
        found(&[&two.replace("path=/validate-", "path=/valid-")]).len(),
        1
    );
}

#[test]
fn handlers_of_ones_own_are_judged_by_their_own_file() {
    let scaffold = format!(
        "{}fn webhook() {{ Webhook::new().validator(V) }}",
        marker(&format!("path={USUAL}"))
    );
    let own = |path: &str| {
        format!(
            "{}fn register() {{ manager.admission_handler(PATH, H) }}",
            marker(&format!("path={path}"))
        )
    };
    let constants = "pub(crate) const PATH: &str = \"/mine\";";
    assert_eq!(found(&[&scaffold, &own("/mine"), constants]), [""; 0]);
    let wrong = found(&[&scaffold, &own("/yours"), constants]);
    assert!(wrong[0].starts_with("src/hooks.rs:1: "), "{wrong:?}");
    // Who serves it is said nowhere here: a crate, perhaps.
    let alone = marker("path=/nowhere");
    assert_eq!(found(&[&scaffold, &alone]), [""; 0]);
}

#[test]
fn tests_serve_nothing() {
    let module = "#[cfg(test)] mod tests { const P: &str = \"/c\"; }";
    let text = format!(
        "{}fn webhook() {{ {UNDER_CONSTANT} }}\n{module}",
        marker("path=/c")
    );
    assert_eq!(found(&[&text]).len(), 1);
}
