//! A webhook marker that the user changed and the handler's path move apart: it is
//! said, with the mend, by the command that does it and by those that come after.

use crate::manifests::Project;

const VALIDATOR: &str = "src/webhook/v1/my_app/validator.rs";
const DEFAULTER: &str = "src/webhook/v1/my_app/defaulter.rs";
const CREATE: &str = "create webhook --group apps --version v1 --kind MyApp";
const USUAL: &str = "/validate-apps-example-com-v1-myapp";

/// The user's change to the line of a marker.
fn edit(project: &Project, file: &str) {
    let end = ",admissionReviewVersions=v1\n";
    let longer = ",admissionReviewVersions=v1,timeoutSeconds=5\n";
    project.sandbox.replace(file, end, longer);
    project.sandbox.ok(CREATE_AGAIN);
}

/// Brings what is computed up to date.
const CREATE_AGAIN: &str =
    "create api --group apps --version v1 --kind MyApp --resource --controller";

fn words(project: &Project, file: &str, path: &str, served: &str) -> String {
    format!(
        "{}: marker `+rustop:webhook`: no handler is reached under `{path}`, so what the API server asks there fails [unserved-path]\n\
         help: write `path={served}`: there the handler of this file is reached",
        project.place(file, "+rustop:webhook:")
    )
}

#[test]
fn a_marker_that_stays_behind_is_named_until_it_is_mended() {
    for (kind, file, usual) in [
        (
            "--programmatic-validation --validation-path",
            VALIDATOR,
            USUAL,
        ),
        (
            "--defaulting --defaulting-path",
            DEFAULTER,
            "/mutate-apps-example-com-v1-myapp",
        ),
    ] {
        let project = Project::new();
        let (flag, _) = kind.split_once(' ').unwrap();
        project.sandbox.ok(&format!("{CREATE} {flag}"));
        edit(&project, file);
        let run = project.sandbox.ok(&format!("{CREATE} {kind} /b --force"));
        let words = words(&project, file, usual, "/b");
        assert!(run.stderr.contains(&words), "{}", run.stderr);
        let configuration = project.sandbox.read("config/webhook/manifests.yaml");
        assert!(configuration.contains(&format!("path: {usual}\n")));
        project.check(CREATE_AGAIN, 0, &words);
        project.check("manifests", 0, &words);
        project.check("manifests --check", 4, &words);
        let allowed = project.run("manifests --check --allow unserved-path");
        assert_eq!((allowed.code, allowed.stderr.contains(&words)), (0, false));
        let marker = |path: &str| format!("webhook:path={path},");
        project.sandbox.replace(file, &marker(usual), &marker("/b"));
        let run = project.run("manifests");
        assert!(!run.stderr.contains("unserved-path"), "{}", run.stderr);
        project.check("manifests --check", 0, "nothing to do");
    }
}

/// The handler and its path come into the file together, or not at all.
#[test]
fn a_path_that_is_new_leaves_code_that_compiles() {
    let project = Project::new();
    let sandbox = &project.sandbox;
    sandbox.ok(&format!("{CREATE} --programmatic-validation"));
    edit(&project, VALIDATOR);
    let moved = format!("{CREATE} --programmatic-validation --validation-path");
    sandbox.ok(&format!("{moved} /b --force"));
    let both = "    const PATH: &str = \"/b\";\n    Webhook::new()\n        .validator(MyAppValidator)\n        .validation_path(PATH)\n";
    let text = sandbox.read(VALIDATOR);
    assert!(text.contains(both), "{text}");
    // The body is the user's, so the marker is what moved too far.
    let other = Project::new();
    let sandbox = &other.sandbox;
    sandbox.ok(&format!("{CREATE} --programmatic-validation"));
    let body = "    Webhook::new().validator(MyAppValidator)\n";
    let mine = "    Webhook::default().validator(MyAppValidator)\n";
    sandbox.replace(VALIDATOR, body, mine);
    let run = sandbox.ok(&format!("{moved} /b --force"));
    assert!(!sandbox.read(VALIDATOR).contains("PATH"));
    let words = words(&other, VALIDATOR, "/b", USUAL);
    assert!(run.stderr.contains(&words), "{}", run.stderr);
}

#[test]
fn handlers_by_hand_are_left_alone() {
    let project = Project::new();
    let sandbox = &project.sandbox;
    sandbox.ok(&format!("{CREATE} --programmatic-validation"));
    let rule = "mutating=false,failurePolicy=ignore,sideEffects=None,groups=core,resources=pods,verbs=create,versions=v1,admissionReviewVersions=v1";
    let handlers = format!(
        "// +rustop:webhook:{rule},name=a.example.com,path=/pods/a\n\
         // +rustop:webhook:{rule},name=b.example.com,path=/pods/b\n\
         // +rustop:webhook:{rule},name=c.example.com,url=\"https://c.example.com/c\"\n\
         const SECOND: &str = \"/pods/b\";\n\
         pub(crate) fn register(manager: &mut runtime::Manager) {{\n    \
         manager.admission_handler(\"/pods/a\", First);\n    \
         manager.admission_handler(SECOND, Second);\n}}\n"
    );
    sandbox.write("src/pods.rs", handlers);
    project.run("manifests");
    project.check("manifests --check", 0, "nothing to do");
    sandbox.replace("src/pods.rs", "path=/pods/b", "path=/pods/d");
    project.run("manifests");
    let place = project.place("src/pods.rs", "/pods/d");
    project.check("manifests --check", 4, &format!("{place}: marker"));
}
