//! `create webhook` and `delete webhook`: any order, nothing lost, wrong wishes refused.

use crate::sandbox::{Files, Sandbox, assert_same};

const KIND: &str = "--group apps --version v1 --kind MyApp";
const LAYOUTS: [&str; 2] = ["", "--multigroup"];

/// A project with three versions of a kind.
fn project(flags: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    let init = "init --domain example.com --project-name demo --license none";
    sandbox.ok(&format!("{init} {flags}"));
    for (version, controller) in [("v1", true), ("v2", false), ("v3", false)] {
        sandbox.ok(&format!(
            "create api --group apps --version {version} --kind MyApp --resource --controller={controller}"
        ));
    }
    sandbox
}

fn create(flags: &str) -> String {
    format!("create webhook {KIND} {flags}")
}

/// The files of handlers and conversions, which are the user's.
fn handlers(multigroup: bool) -> [String; 3] {
    let group = if multigroup { "apps/" } else { "" };
    [
        format!("src/webhook/{group}v1/my_app/defaulter.rs"),
        format!("src/webhook/{group}v1/my_app/validator.rs"),
        format!("api/src/{group}v2/my_app_conversion.rs"),
    ]
}

fn permutations(of: &[&'static str]) -> Vec<Vec<&'static str>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (position, first) in of.iter().enumerate() {
        let rest = [&of[..position], &of[position + 1..]].concat();
        for mut tail in permutations(&rest) {
            tail.insert(0, first);
            all.push(tail);
        }
    }
    all
}

#[test]
fn the_order_makes_no_difference_and_each_is_added_beside_what_was_written() {
    let wishes = [
        "--defaulting",
        "--programmatic-validation",
        "--conversion --spoke v2",
    ];
    for flags in LAYOUTS {
        let whole = project(flags);
        whole.ok(&create(&wishes.join(" ")));
        for order in permutations(&wishes) {
            let sandbox = project(flags);
            for wish in &order {
                sandbox.ok(&create(wish));
            }
            assert_same(&whole.files(), &sandbox.files(), &format!("{order:?}"));
        }
    }
}

/// The same for kinds whose types are somebody else's, with a controller in between.
#[test]
fn the_order_makes_no_difference_for_kinds_from_elsewhere() {
    let pod = "--group core --version v1 --kind Pod";
    let certificate =
        "--group cert-manager --version v1 --kind Certificate --external-api-domain io";
    let of_crate = "--external-api-path cert_manager::v1 --external-api-module cert-manager@1.2";
    for (kind, from) in [(pod, ""), (certificate, of_crate)] {
        let wishes = [
            format!("create webhook {kind} {from} --defaulting"),
            format!("create webhook {kind} {from} --programmatic-validation"),
            format!("create api {kind} {from} --resource=false --controller"),
        ];
        let mut first: Option<Files> = None;
        for order in permutations(&["0", "1", "2"]) {
            let sandbox = Sandbox::empty();
            sandbox.ok("init --domain example.com --project-name demo --license none");
            for wish in &order {
                sandbox.ok(&wishes[wish.parse::<usize>().unwrap()]);
            }
            let files = sandbox.files();
            let whole = first.get_or_insert_with(|| files.clone());
            assert_same(whole, &files, &format!("{kind}: {order:?}"));
        }
    }
}

/// Lists as people type them.
#[test]
fn spaces_around_versions_are_no_part_of_them() {
    let sandbox = project("");
    let plain = project("");
    plain.ok(&create("--conversion --spoke v2,v3"));
    sandbox.ok(&create("--conversion --spoke 'v2, v3 '"));
    assert_same(&plain.files(), &sandbox.files(), "create");
    plain.ok(&format!("delete webhook {KIND} --spoke v2,v3"));
    sandbox.ok(&format!("delete webhook {KIND} --spoke ' v2, v3'"));
    assert_same(&plain.files(), &sandbox.files(), "delete");
}

/// What stands in a handler stays byte for byte, whatever is added later, `--force` or not.
#[test]
fn what_was_written_stays() {
    let sandbox = project("");
    let [defaulter, validator, conversion] = handlers(false);
    let mine = "// all mine\npub(crate) fn register(_: &mut runtime::Manager) {}\n";
    sandbox.ok(&create("--defaulting"));
    sandbox.write(&defaulter, mine);
    sandbox.ok(&create("--programmatic-validation --force"));
    sandbox.write(&validator, mine);
    sandbox.ok(&create("--conversion --spoke v2"));
    sandbox.ok(&create("--spoke v3"));
    sandbox.ok(&create("--defaulting --programmatic-validation --force"));
    assert_eq!(sandbox.read(&defaulter), mine);
    assert_eq!(sandbox.read(&validator), mine);
    assert!(sandbox.exists(&conversion));
    let project = sandbox.read("PROJECT");
    let webhooks = "  webhooks:\n    conversion: true\n    defaulting: true\n    spoke:\n    - v2\n    - v3\n    validation: true\n    webhookVersion: v1\n";
    assert!(project.contains(webhooks), "{project}");
    let run = sandbox.ok("delete webhook --group apps --version v1 --kind MyApp");
    assert_eq!(sandbox.read(&defaulter), mine, "{}", run.stderr);
    assert!(run.stderr.contains(&defaulter), "{}", run.stderr);
    assert!(!sandbox.exists(&conversion));
}

#[test]
fn each_goes_as_it_came() {
    for flags in LAYOUTS {
        let sandbox = project(flags);
        let mut states: Vec<(&str, Files)> = vec![("", sandbox.files())];
        for wish in [
            "--defaulting",
            "--programmatic-validation",
            "--spoke v2 --conversion",
            "--spoke v3",
        ] {
            sandbox.ok(&create(wish));
            let after = sandbox.files();
            let run = sandbox.ok(&create(wish));
            assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
            states.push((wish, after));
        }
        while let Some((wish, after)) = states.pop() {
            assert_same(&after, &sandbox.files(), wish);
            // The hub stays where objects are stored, so that all versions were equal before.
            let wish = wish.replace("--spoke v2 ", "");
            if !wish.is_empty() {
                sandbox.ok(&format!("delete webhook {KIND} {wish}"));
            }
        }
    }
}

#[test]
fn kinds_from_elsewhere_have_handlers_too() {
    let sandbox = project("--multigroup");
    let before = sandbox.files();
    let pod = "--group core --version v1 --kind Pod";
    let run = sandbox.ok(&format!("create webhook {pod} --defaulting"));
    assert!(run.stderr.contains("namespaceSelector"), "{}", run.stderr);
    let text = sandbox.read("src/webhook/core_/v1/pod/defaulter.rs");
    let marker = "+rustop:webhook:path=/mutate--v1-pod,mutating=true,failurePolicy=fail,sideEffects=None,groups=core,resources=pods,verbs=create;update,versions=v1,name=mpod-v1.core.k8s.io,admissionReviewVersions=v1";
    assert!(text.contains(marker), "{text}");
    sandbox.ok(&format!("delete webhook {pod}"));
    assert_same(&before, &sandbox.files(), "Pod");
    let widget = "--group factory --external-api-domain example.org --version v1 --kind Widget --external-api-path widgets::v1 --external-api-module widgets@path=../widgets";
    sandbox.ok(&format!(
        "create webhook {widget} --programmatic-validation"
    ));
    let text = sandbox.read("src/webhook/factory/v1/widget/validator.rs");
    assert!(text.contains("use widgets::v1::Widget;"), "{text}");
    assert!(
        text.contains("path=/validate-factory-example-org-v1-widget"),
        "{text}"
    );
    sandbox.ok("delete webhook --group factory --domain example.org --version v1 --kind Widget");
    assert_same(&before, &sandbox.files(), "Widget");
}

#[test]
fn a_path_of_ones_own_moves_with_force_only() {
    let sandbox = project("");
    let [defaulter, ..] = handlers(false);
    sandbox.ok(&create("--defaulting --defaulting-path /a"));
    assert!(sandbox.read(&defaulter).contains("webhook:path=/a,"));
    sandbox.ok(&create("--defaulting"));
    assert!(sandbox.read(&defaulter).contains("webhook:path=/a,"));
    let moved = create("--defaulting --defaulting-path /b");
    sandbox.fails(&moved, 2, "is reached under `/a`");
    sandbox.ok(&format!("{moved} --force"));
    assert!(sandbox.read(&defaulter).contains("webhook:path=/b,"));
    let same = create("--programmatic-validation --validation-path /b");
    sandbox.fails(&same, 2, "would both be `/b`");
}

#[test]
fn the_hub_stores() {
    let sandbox = project("");
    let v2 = "create webhook --group apps --version v2 --kind MyApp --conversion --spoke v1";
    let run = sandbox.ok(v2);
    assert!(
        run.stderr.contains("stored as `v2` from now on"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("`v3` of `MyApp` is neither hub nor spoke"),
        "{}",
        run.stderr
    );
    let crd = || sandbox.read("config/crd/bases/apps.example.com_myapps.yaml");
    let storage = |version: &str| crd().contains(&format!("    name: {version}\n"));
    assert!(storage("v2"));
    let stored = |version: &str| {
        let of = |text: String| {
            let parsed: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
            let versions = parsed["spec"]["versions"].as_sequence().unwrap().clone();
            versions
                .into_iter()
                .find(|one| one["name"] == version)
                .unwrap()
        };
        of(crd())["storage"] == true
    };
    assert!(stored("v2") && !stored("v1") && !stored("v3"));
    sandbox.ok("delete api --group apps --version v1 --kind MyApp");
    assert!(!sandbox.read("PROJECT").contains("spoke"));
    assert!(!sandbox.exists("api/src/v1/my_app_conversion.rs"));
    let store =
        "create api --group apps --version v3 --kind MyApp --resource --controller=false --storage";
    sandbox.fails(store, 2, "--force");
    sandbox.ok(&format!("{store} --force"));
    assert!(stored("v3") && !stored("v2"));
}

#[test]
fn a_version_is_hidden_or_deprecated() {
    let sandbox = project("");
    let before = sandbox.files();
    let v2 = "create api --group apps --version v2 --kind MyApp --resource --controller=false";
    sandbox.fails(&format!("{v2} --served=false"), 2, "--force");
    sandbox.ok(&format!(
        "{v2} --served=false '--deprecated=use \"v3\": it is new' --force"
    ));
    let crd = sandbox.read("config/crd/bases/apps.example.com_myapps.yaml");
    let parsed: serde_yaml::Value = serde_yaml::from_str(&crd).unwrap();
    let second = &parsed["spec"]["versions"][1];
    assert_eq!(second["served"], false);
    assert_eq!(second["deprecated"], true);
    assert_eq!(second["deprecationWarning"], "use \"v3\": it is new");
    sandbox.ok(&format!("{v2} --deprecated --force"));
    assert!(sandbox.read("PROJECT").contains("    deprecated: true\n"));
    sandbox.ok(&format!("{v2} --deprecated=false --served --force"));
    assert_same(&before, &sandbox.files(), "as before");
}

#[test]
fn wrong_wishes_are_refused_with_nothing_written() {
    let sandbox = project("");
    let before = sandbox.files();
    let long = format!(
        "{} --deprecated={} --force",
        create("").replace("webhook", "api"),
        "a".repeat(257)
    );
    for (command, words) in [
        (create(""), "no kind of webhook is asked for"),
        (create("--spoke v2"), "`v1` is no hub"),
        (create("--conversion --spoke v1"), "`v1` is the hub itself"),
        (create("--conversion --spoke v9"), "has no version `v9`"),
        (create("--conversion --spoke v2,v2"), "names `v2` twice"),
        (create("--conversion --spoke V2"), "`V2` is no version"),
        (create("--conversion --spoke v2,"), "is no version"),
        (create("--defaulting-path /a"), "--defaulting"),
        (
            create("--programmatic-validation --defaulting-path /a"),
            "--defaulting",
        ),
        (
            create("--defaulting --defaulting-path a"),
            "must begin with a slash",
        ),
        (
            create("--defaulting --defaulting-path /convert"),
            "is where objects are converted",
        ),
        (create("--defaulting --plural others"), "the plural of"),
        (create("--defaulting --certificates mine"), "cert-manager"),
        (
            "create webhook --group apps --version v7 --kind MyApp --defaulting".to_owned(),
            "create it first",
        ),
        (
            "create webhook --group x --version v1 --kind Nothing --defaulting".to_owned(),
            "create it first",
        ),
        (
            "create webhook --group core --version v1 --kind Pod --conversion".to_owned(),
            "its types are from elsewhere",
        ),
        (format!("delete webhook {KIND}"), "has no webhooks"),
        (long, "256 printable characters"),
    ] {
        sandbox.fails(&command, 2, words);
        assert_same(&before, &sandbox.files(), &command);
    }
    sandbox.ok(&create("--defaulting --conversion --spoke v2"));
    let second = "create webhook --group apps --version v3 --kind MyApp --conversion --spoke v2";
    sandbox.fails(second, 2, "`v1` is the hub of this kind");
    sandbox.fails(
        &format!("delete webhook {KIND} --programmatic-validation"),
        2,
        "has no validating webhook",
    );
    sandbox.fails(
        &format!("delete webhook {KIND} --spoke v3"),
        2,
        "has no spoke `v3`",
    );
}

/// A file that two kinds' handlers would share would hold one of them only.
#[test]
fn no_two_kinds_share_a_file() {
    let sandbox = Sandbox::project();
    sandbox
        .ok("create api --group apps --version v1 --kind Deployment --resource --controller=false");
    sandbox.ok("create webhook --group apps --version v1 --kind Deployment --defaulting");
    let before = sandbox.files();
    let core = "create webhook --group apps --domain= --version v1 --kind Deployment --defaulting";
    sandbox.fails(core, 2, "src/webhook/v1/deployment/defaulter.rs");
    assert_same(&before, &sandbox.files(), core);
    sandbox.ok(&core.replace("--defaulting", "--programmatic-validation"));
}

#[test]
fn how_a_version_is_served_is_said_with_its_types() {
    let sandbox = project("");
    let before = sandbox.files();
    let named = "create api --group apps --version v2 --kind MyApp --resource=false --controller-name backup";
    let core = "create api --group core --version v1 --kind Pod --resource=false --controller";
    for flag in ["--storage", "--served=false", "--deprecated"] {
        for command in [named, core] {
            sandbox.fails(&format!("{command} {flag}"), 2, "say `--resource`");
        }
    }
    assert_same(&before, &sandbox.files(), "refused");
    let hidden = "create api --group apps --version v1 --kind MyApp --resource --controller=false --served=false --force";
    let run = sandbox.ok(hidden);
    let controller = "src/controller/my_app.rs";
    let text = sandbox.read(controller);
    let line = text.lines().position(|line| line.contains("Store<MyApp>"));
    let place = format!("{controller}:{}: ", line.unwrap() + 1);
    let words = format!(
        "{place}`MyApp` is followed here in `v1`, which nobody serves [unserved-version]\nhelp: move it to a version that is served (`v2`, `v3`), or serve this one: `rustop create api --group apps --version v1 --kind MyApp --resource --controller=false --served --force`"
    );
    assert!(run.stderr.contains(&words), "{}", run.stderr);
    sandbox.replace(controller, "use api::apps::v1::", "use api::apps::v2::");
    let run = sandbox.ok(hidden);
    assert!(!run.stderr.contains("nobody serves"), "{}", run.stderr);
    let other = "create api --group apps --version v1 --kind Other --resource --controller=false --served=false";
    sandbox.fails(other, 2, "no version of `Other` would be served");
}

/// The certificates are the project's, and the last word counts.
#[test]
fn certificates_are_for_the_whole_project() {
    let sandbox = project("");
    sandbox.ok(&create("--defaulting"));
    let before = sandbox.files();
    assert!(!sandbox.read("PROJECT").contains("certificates"));
    sandbox.ok(&create("--defaulting --certificates builtin"));
    assert!(
        sandbox
            .read("PROJECT")
            .contains("    certificates: builtin\n")
    );
    sandbox.ok(&create("--programmatic-validation"));
    assert!(
        sandbox
            .read("PROJECT")
            .contains("    certificates: builtin\n")
    );
    sandbox.ok(&format!("delete webhook {KIND} --programmatic-validation"));
    sandbox.ok(&create("--defaulting --certificates cert-manager"));
    assert_same(&before, &sandbox.files(), "as before");
}

/// `MyApp` is converted in `my_app_conversion.rs`, and `MyAppConversion` would have its types there.
#[test]
fn a_conversion_and_types_of_another_kind_never_share_a_file() {
    let conversion = create("--conversion --spoke v2");
    let kind = |version: &str| {
        format!(
            "create api --group apps --version {version} --kind MyAppConversion --resource --controller=false"
        )
    };
    let words = "would both be `api/src/v2/my_app_conversion.rs`";
    let sandbox = project("");
    sandbox.ok(&kind("v1"));
    sandbox.ok(&conversion);
    sandbox.fails(&kind("v2"), 2, words);
    let sandbox = project("");
    sandbox.ok(&kind("v2"));
    sandbox.fails(&conversion, 2, words);
}
