//! `create api --field`: what is written, what is merged, what is refused.

use crate::sandbox::{Sandbox, assert_same};

const API: &str = "create api --group apps --version v1 --kind MyApp --controller";
const TYPES: &str = "api/src/v1/my_app.rs";
const CRD: &str = "config/crd/bases/apps.example.com_myapps.yaml";
const SAMPLE: &str = "config/samples/apps_v1_myapp.yaml";
const MORE: &str = "create api --group apps --version v1 --kind MyApp --controller=false";

/// A project with a kind that has a field.
fn project() -> Sandbox {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{API} --field replicas:int32=1,min=0"));
    sandbox
}

fn holds(sandbox: &Sandbox, path: &str, part: &str) {
    let text = sandbox.read(path);
    assert!(text.contains(part), "`{part}` is not in {path}:\n{text}");
}

#[test]
fn a_field_stands_in_types_crd_sample_and_project() {
    let sandbox = project();
    holds(&sandbox, TYPES, "    pub replicas: i32,\n");
    holds(
        &sandbox,
        CRD,
        "              replicas:\n                default: 1\n",
    );
    holds(&sandbox, SAMPLE, "spec:\n  replicas: 1\n");
    holds(&sandbox, "PROJECT", "    - replicas:int32=1,min=0\n");
    assert!(!sandbox.read(TYPES).contains("foo"));
}

/// What the API server would take and the Rust type would not.
#[test]
fn the_schema_takes_what_the_type_reads() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!(
        "{API} --field size:quantity=1Gi --field 'max:int-or-string?' --field 'port:int-or-string=\"\"' --field 'mode:string?,enum=a|b' --field 'span:duration?' --field 'data:byte?' --field 'names:[]string?'"
    ));
    let crd = sandbox.read(CRD);
    let spec = crd.split("\n          status:").next().unwrap();
    assert!(!spec.contains("null"), "{spec}");
    holds(
        &sandbox,
        CRD,
        "                maximum: 2147483647\n                minimum: -2147483648\n                x-kubernetes-int-or-string: true\n",
    );
    holds(
        &sandbox,
        CRD,
        "{1,12}(\\.[0-9]{1,9})?(ns|us|µs|ms|s|m|h)){1,10}$",
    );
    holds(&sandbox, CRD, "[AQgw]==");
    holds(&sandbox, CRD, "x-kubernetes-list-type: atomic\n");
    holds(&sandbox, TYPES, "default = \"MyAppSpec::default_port\"");
    holds(&sandbox, TYPES, "IntOrString::String(\"\".to_owned())");
}

#[test]
fn the_same_again_changes_nothing() {
    let sandbox = project();
    for again in [
        "",
        "--field replicas:int32=1,min=0",
        "--field 'replicas : int32? = 1, min=0'",
    ] {
        let before = sandbox.files();
        sandbox.ok(&format!("{API} --resource {again}"));
        assert_same(&before, &sandbox.files(), again);
    }
}

#[test]
fn a_later_field_joins_what_the_user_wrote() {
    let sandbox = project();
    sandbox.replace(
        TYPES,
        "/// What the user asks for.",
        "/// What the user wants.",
    );
    sandbox.replace(SAMPLE, "name: myapp-sample", "name: mine");
    sandbox.ok(&format!("{MORE} --field image:string,example=nginx"));
    holds(&sandbox, TYPES, "/// What the user wants.");
    holds(&sandbox, TYPES, "    pub image: String,\n");
    holds(&sandbox, SAMPLE, "name: mine");
    holds(&sandbox, SAMPLE, "  image: nginx\n");
    holds(&sandbox, CRD, "            - image\n");
    holds(
        &sandbox,
        "tests/integration/my_app.rs",
        "\"image\": \"nginx\",",
    );
    holds(
        &sandbox,
        "src/controller/my_app.rs",
        "\"image\": \"nginx\",",
    );
}

#[test]
fn fields_by_hand_in_project_are_as_good() {
    let sandbox = project();
    sandbox.ok(&format!("{MORE} --field 'size:quantity?'"));
    let other = project();
    other.replace(
        "PROJECT",
        "    - replicas:int32=1,min=0\n",
        "    - replicas:int32=1,min=0\n    - size:quantity?\n",
    );
    other.ok(&format!("{API} --resource"));
    assert_same(&sandbox.files(), &other.files(), "by hand");
}

#[test]
fn create_then_delete_gives_the_tree_back() {
    let sandbox = Sandbox::project();
    let before = sandbox.files();
    sandbox.ok(&format!(
        "{API} --field 'a[].b:quantity' --field c:secret-key-selector"
    ));
    sandbox.ok("delete api --group apps --version v1 --kind MyApp");
    assert_same(&before, &sandbox.files(), "delete");
}

#[test]
fn the_dry_run_is_exact() {
    let sandbox = project();
    let dry = sandbox
        .ok(&format!("{MORE} --field at:date-time --dry-run"))
        .stderr;
    let real = sandbox.ok(&format!("{MORE} --field at:date-time")).stderr;
    let files = |text: &str| -> Vec<String> {
        let line = |line: &&str| line.starts_with("   ");
        text.lines().filter(line).map(str::to_owned).collect()
    };
    assert_eq!(files(&dry), files(&real));
}

#[test]
fn fields_of_one_kind_touch_no_file_of_another() {
    let sandbox = project();
    let files = [
        TYPES,
        CRD,
        SAMPLE,
        "src/controller/my_app.rs",
        "src/main.rs",
        "Cargo.toml",
        "api/Cargo.toml",
    ];
    let before = files.map(|path| sandbox.read(path));
    sandbox.ok("create api --group apps --version v1 --kind Other --controller --field 'a:any' --field 'b:map[string]duration'");
    assert_eq!(before, files.map(|path| sandbox.read(path)));
    holds(&sandbox, "api/src/schema.rs", "pub fn duration_map(");
    sandbox.ok("delete api --group apps --version v1 --kind Other");
    assert!(!sandbox.read("api/src/schema.rs").contains("duration_map"));
}

#[test]
fn what_has_no_legal_schema_is_refused_before_anything_is_written() {
    let sandbox = project();
    let check = |fields: &str, words: &str| sandbox.fails(&format!("{MORE} {fields}"), 2, words);
    check("--field size", "it has no type");
    check("--field size:float64", "use `quantity`");
    check("--field my_size:int32", "call it `mySize`");
    check("--field a:int32,min=5,max=1", "`min` is greater than `max`");
    check("--field a:string=x,enum=a|b", "not in its own enum");
    check("--field a:string,pattern=(?=x)", "is not RE2");
    check("--field a:bool,enum=true|false", "an enum lists texts");
    check("--field a:object", "an object has fields");
    check(
        "--field a:int32 --field a:int64",
        "it is there already, as `a:int32`",
    );
    check("--field replicas:int64", "`--force` changes it");
    check(
        "--field userID:string --field userId:string",
        "would both be `user_id` in Rust",
    );
    check(
        "--field 'a:[]object,key=b' --field a[].b:string?",
        "a key is required",
    );
    check(
        "--field a:string --resource=false",
        "leave one of the two out",
    );
    check("--field spec.a:string", "`<Kind>Spec`");
    check("--field 'a:string,pattern=^rare$'", "add `example=…`");
}

#[test]
fn force_changes_a_field() {
    let sandbox = project();
    sandbox.ok(&format!("{MORE} --field replicas:int64=2 --force"));
    holds(&sandbox, TYPES, "    pub replicas: i64,\n");
    holds(&sandbox, CRD, "                default: 2\n");
}

#[test]
fn names_of_kinds_and_of_the_types_of_fields_do_not_meet() {
    let sandbox = Sandbox::project();
    let create = |kind: &str, field: &str| {
        format!(
            "create api --group apps --version v1 --kind {kind} --controller=false --field '{field}'"
        )
    };
    sandbox.fails(
        &create("Quantity", "size:quantity"),
        2,
        "need the name `Quantity`",
    );
    sandbox.fails(
        &create("Secret", "keySelector.a:secret-key-selector"),
        2,
        "need the name `SecretKeySelector`",
    );
    sandbox.fails(
        &create(&format!("K{}", "k".repeat(60)), "aMuchLongerName.b:int32"),
        2,
        "too long",
    );
    sandbox.ok(&create("Welcome", "port.number:int32"));
    sandbox.fails(
        &create("WelcomePort", "a:int32"),
        2,
        "would both be `apps::v1::WelcomePort` in Rust",
    );
    sandbox.ok(&create("Other", "size:quantity"));
}

#[test]
fn a_project_with_an_illegal_field_says_which() {
    let sandbox = project();
    let check = |from: &str, to: &str, words: &str| {
        let before = sandbox.read("PROJECT");
        sandbox.replace("PROJECT", from, to);
        sandbox.fails(&format!("{API} --resource"), 1, words);
        sandbox.write("PROJECT", before);
    };
    let line = "    - replicas:int32=1,min=0\n";
    check(
        line,
        "    - replicas:float\n",
        "`resources[0].api.fields` in `PROJECT`: the field `replicas:float`",
    );
    check(
        line,
        "    - 5\n",
        "`resources[0].api.fields` in `PROJECT` is not a list of texts",
    );
    check(
        line,
        "    - a:int32\n    - a:int32\n",
        "`a` is declared twice",
    );
}

#[test]
fn the_first_field_takes_the_place_of_the_example() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{API} --resource"));
    holds(&sandbox, TYPES, "pub foo: Option<String>");
    sandbox.ok(&format!("{MORE} --field size:int32?"));
    for path in [TYPES, CRD, SAMPLE] {
        assert!(!sandbox.read(path).contains("foo"), "{path}");
    }
    holds(&sandbox, SAMPLE, "spec: {}\n");
}

#[test]
fn fields_of_the_users_own_stay_and_the_new_ones_are_shown() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{API} --resource"));
    sandbox.replace(TYPES, "pub foo: Option<String>", "pub mine: Option<String>");
    let said = sandbox.ok(&format!("{MORE} --field size:int32?")).stderr;
    assert!(said.contains("rustop would have:"), "{said}");
    assert!(said.contains("pub size: Option<i32>"), "{said}");
    holds(&sandbox, TYPES, "pub mine: Option<String>");
}
