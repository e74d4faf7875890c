//! A crate with a kind's type comes and goes; what the user has in Cargo.toml stays.

use crate::sandbox::Sandbox;

const CREATE: &str = "create api --group factory.example.org --version v1 --kind Widget --controller --external-api-path tool::v1 --external-api-module";
const DELETE: &str = "delete api --version v1 --kind Widget";
const SHARED: &str = "tool = { path = \"../tool\" }\n";
const INHERITED: &str = "tool.workspace = true\n";
const KEPT: &str = "Cargo.toml  (`tool` stays as you have it; the scaffold needs it no more)\n";

/// The crate goes from a Cargo.toml that the user has edited, and nothing stops.
fn check_deleted(from: &str, to: &str, report: &str) {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} tool@path=../tool"));
    sandbox.replace("Cargo.toml", from, to);
    let before = sandbox.read("Cargo.toml");
    let run = sandbox.ok(DELETE);
    assert!(run.stderr.contains(report), "{}", run.stderr);
    assert_eq!(sandbox.read("Cargo.toml"), before);
    let again = sandbox.ok(&format!("{CREATE} tool@path=../tool"));
    assert!(!again.stderr.contains("conflict"), "{}", again.stderr);
    assert_eq!(sandbox.read("Cargo.toml"), before);
}

#[test]
fn features_that_the_user_added_are_no_obstacle() {
    let keep = format!("keep  {KEPT}");
    let member = "tool = { workspace = true, features = [\"z\"] }\n";
    check_deleted(INHERITED, member, &keep);
    let shared = "tool = { path = \"../tool\", features = [\"z\"] }\n";
    check_deleted(SHARED, shared, &keep);
}

#[test]
fn a_dependency_of_the_users_stays_whole() {
    let check = |shared: &str, member: &str| {
        let sandbox = Sandbox::project();
        let (last, first) = ("features = [\"json\"] }\n", "\nanyhow.workspace = true\n");
        sandbox.replace("Cargo.toml", last, &format!("{last}{shared}"));
        sandbox.replace("Cargo.toml", first, &format!("{first}{member}"));
        let before = sandbox.read("Cargo.toml");
        let run = sandbox.ok(&format!("{CREATE} tool@1"));
        let report = "(your `tool` stands; the scaffold would have `tool";
        assert!(run.stderr.contains(report), "{}", run.stderr);
        let text = sandbox.read("Cargo.toml");
        assert!(text.contains(shared) && text.contains(member), "{text}");
        let run = sandbox.ok(DELETE);
        assert!(run.stderr.contains(KEPT), "{}", run.stderr);
        assert_eq!(sandbox.read("Cargo.toml"), before);
    };
    check("", "tool = { version = \"1.9\", features = [\"z\"] }\n");
    check("tool = \"1.9\"\n", INHERITED);
}

#[test]
fn an_empty_side_of_a_conflict_is_said() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} tool@path=../tool"));
    sandbox.replace("Cargo.toml", SHARED, &format!("# mine\n{SHARED}"));
    sandbox.fails(DELETE, 3, "rustop would have nothing there\n");
}
