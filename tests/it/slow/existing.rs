//! docs/existing-crate.md, followed to the letter: a crate on kube-rs alone becomes
//! a project, its types and its controller in both ways, on a real API server.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::generated::{rustop, target, turn};
use crate::documents::{Block, FOLLOWED, titled_blocks};
use crate::sandbox::{Run, Sandbox, files_below, slow};

const CRATE: &str = "tests/data/existing-crate";
const CRD: &str = "config/crd/bases/hello.example.com_greetings.yaml";

/// What `make test` comes to, without the runtime's own tests.
const TEST: &str = "export KUBEBUILDER_ASSETS=\"$(\"$RUSTOP\" envtest use -p path)\" && \
    cargo test --workspace --exclude greeter-operator-runtime";

/// Somebody at a shell, who reads the page.
struct Reader {
    home: Sandbox,
    folder: PathBuf,
}

impl Reader {
    /// In a folder with the crate, under the name that the page has for it.
    fn new() -> Self {
        let home = Sandbox::empty();
        for (path, (bytes, _)) in files_below(Path::new(CRATE)) {
            if !path.ends_with('/') {
                home.write(&format!("greeter/{path}"), bytes);
            }
        }
        let folder = home.path().to_owned();
        Self { home, folder }
    }

    /// Does what the blocks of a section say.
    fn follows(&mut self, section: &str) {
        let blocks = titled_blocks(FOLLOWED, section);
        assert!(
            !blocks.is_empty(),
            "{FOLLOWED} has nothing to do in `{section}`"
        );
        for block in blocks {
            match block {
                Block::Commands(lines) => lines.iter().for_each(|line| self.types(line)),
                Block::File { path, end, text } => self.edits(&path, end, &text),
            }
        }
    }

    /// Types a line, but for what needs a cluster of one's own. The runtime's tests
    /// are the same in all projects, and run with one of the snapshots.
    fn types(&mut self, line: &str) {
        if let Some(folder) = line.strip_prefix("cd ") {
            self.folder.push(folder);
        } else if !line.starts_with("kubectl ") {
            let line = if line == "make test" { TEST } else { line };
            let run = self.run(line);
            assert_eq!(run.code, 0, "`{line}`:\n{}\n{}", run.stdout, run.stderr);
        }
    }

    fn run(&self, line: &str) -> Run {
        let mut command = Command::new("sh");
        let line = line
            .strip_prefix("rustop ")
            .map_or(line.to_owned(), |rest| format!("\"$RUSTOP\" {rest}"));
        command.args(["-ec", &line]).current_dir(&self.folder);
        command
            .env("RUSTOP", rustop())
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_QUIET", "true")
            .env("ENVTEST_INSTALLED_ONLY", "1")
            .env_remove("MAKEFLAGS");
        Run::of(command.output().unwrap())
    }

    fn edits(&self, path: &str, end: bool, text: &str) {
        let path = self.folder.join(path);
        let before = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let before = if end { before } else { String::new() };
        std::fs::write(path, before + text).unwrap();
    }

    fn crd(&self) -> String {
        std::fs::read_to_string(self.folder.join(CRD)).unwrap()
    }
}

#[test]
fn a_crate_on_kube_alone_becomes_a_project() {
    if !slow("an existing crate") {
        return;
    }
    let _turn = turn();
    let ways = ["Use the crate as it is", "Or move the code in"];
    let crds = ways.map(|way| {
        let mut reader = Reader::new();
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
        reader.crd()
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
