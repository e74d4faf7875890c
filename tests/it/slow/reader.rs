//! Somebody at a shell who reads a page of the documentation, and does what it says.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::generated::builds_here;
use crate::documents::{Block, titled_blocks};
use crate::sandbox::{Run, Sandbox};

/// What `make test` comes to, without the runtime's own tests: they are the same in all
/// projects, and run with one of the snapshots.
const TEST: &str = "export KUBEBUILDER_ASSETS=\"$(\"$RUSTOP\" envtest use -p path)\" && \
    cargo test --workspace --exclude";

/// The reader, in a folder of his own.
pub(super) struct Reader {
    document: &'static str,
    package: &'static str,
    /// Where `kubectl` goes; without, its lines are passed over.
    pub(super) kubeconfig: Option<PathBuf>,
    pub(super) home: Sandbox,
    pub(super) folder: PathBuf,
}

impl Reader {
    /// Of a document in which the project `package` comes about.
    pub(super) fn new(document: &'static str, package: &'static str) -> Self {
        let home = Sandbox::empty();
        let folder = home.path().to_owned();
        Self {
            document,
            package,
            kubeconfig: None,
            home,
            folder,
        }
    }

    /// Does what the blocks of a section say.
    pub(super) fn follows(&mut self, section: &str) {
        for block in self.blocks(section) {
            match block {
                Block::Commands(lines) => lines.iter().for_each(|line| drop(self.types(line))),
                Block::File { path, end, text } => self.edits(&path, end, &text),
                Block::Output(_) => {}
            }
        }
    }

    /// What there is to do in a section.
    pub(super) fn blocks(&self, section: &str) -> Vec<Block> {
        let blocks = titled_blocks(self.document, section);
        let document = self.document;
        assert!(
            !blocks.is_empty(),
            "{document} has nothing to do in `{section}`"
        );
        blocks
    }

    /// Types a line that must succeed, but for what needs a cluster where there is none.
    pub(super) fn types(&mut self, line: &str) -> String {
        if let Some(folder) = line.strip_prefix("cd ") {
            self.folder.push(folder);
        } else if self.kubeconfig.is_some() || !line.starts_with("kubectl ") {
            let run = self.run(line);
            assert_eq!(run.code, 0, "`{line}`:\n{}\n{}", run.stdout, run.stderr);
            return run.stdout;
        }
        String::new()
    }

    /// Types a line; the caller judges.
    pub(super) fn run(&self, line: &str) -> Run {
        let line = match line.strip_prefix("rustop ") {
            Some(rest) => format!("\"$RUSTOP\" {rest}"),
            None if line == "make test" => format!("{TEST} {}-runtime", self.package),
            None => line.to_owned(),
        };
        let mut command = Command::new("sh");
        command.args(["-ec", &line]).current_dir(&self.folder);
        builds_here(&mut command);
        if let Some(kubeconfig) = &self.kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        Run::of(command.output().unwrap())
    }

    fn edits(&self, path: &str, end: bool, text: &str) {
        let path = self.folder.join(path);
        let before = self.read(&path);
        let before = if end { before } else { String::new() };
        std::fs::write(path, before + text).unwrap();
    }

    /// Adds `text` to the end of a file.
    pub(super) fn appends(&self, path: &str, text: &str) {
        self.edits(path, true, text);
    }

    /// Puts `to` in the place of `from`, which must be there.
    pub(super) fn replaces(&self, path: &str, from: &str, to: &str) {
        let path = self.folder.join(path);
        let text = self.read(&path);
        assert!(text.contains(from), "`{from}` is not in:\n{text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A file of the project.
    pub(super) fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.folder.join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
