//! docs/existing-crate.md, followed to the letter: a crate on kube-rs alone becomes
//! a project, its types and its controller in both ways, on a real API server.

use std::path::Path;

use super::generated::turn;
use super::reader::Reader;
use crate::sandbox::{files_below, slow};

const CRATE: &str = "tests/data/existing-crate";
const CRD: &str = "config/crd/bases/hello.example.com_greetings.yaml";

/// In a folder with the crate, under the name that the page has for it.
fn reader() -> Reader {
    let reader = Reader::new("docs/existing-crate.md", "greeter-operator");
    for (path, (bytes, _)) in files_below(Path::new(CRATE)) {
        if !path.ends_with('/') {
            reader.home.write(&format!("greeter/{path}"), bytes);
        }
    }
    reader
}

#[test]
fn a_crate_on_kube_alone_becomes_a_project() {
    if !slow("an existing crate") {
        return;
    }
    let _turn = turn();
    let ways = ["Use the crate as it is", "Or move the code in"];
    let crds = ways.map(|way| {
        let mut reader = reader();
        for section in ["Start beside it", way, "Keep what is stored", "Test it"] {
            reader.follows(section);
        }
        let again = reader.run("rustop manifests --check");
        assert_eq!(again.code, 0, "{way}: {}", again.stderr);
        let before = reader.home.files();
        reader.types(
            "rustop create api --group hello --version v1 --kind Greeting --resource --controller",
        );
        crate::sandbox::assert_same(&before, &reader.home.files(), way);
        reader.read(CRD)
    });
    for words in [
        "name: greetings.hello.example.com",
        "- hi\n",
        "plural: greetings",
    ] {
        assert!(crds[0].contains(words), "`{words}` is not in:\n{}", crds[0]);
    }
    assert_eq!(crds[0], crds[1], "either way, the CRD is the same");
}
