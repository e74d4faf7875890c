//! The note of what an apply is about to do, for the command after a crash.
//!
//! It is written once. Its name says how far the apply has come, so that a
//! rename, which needs no space and is atomic, is all it takes to go on.
//!
//! The file is taken for hostile when it is read back: every path must lie in
//! the project and be free of links, and the names of temporaries are computed,
//! never read, so that a journal cannot have a user's file removed.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::obstacle::EntryKind;
use super::resolve::{locate, resolve};
use super::{file, mutate};
use crate::tree::{Digest, RelativePath};

/// The folder that holds it.
pub(super) const HOME: &str = ".rustop";
const VERSION: u32 = 1;

/// How far an apply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No file has been replaced: temporaries go, nothing else.
    Staging,
    /// Everything is written: renames are to be finished.
    Committed,
    /// A failure after the commit: renames are to be undone.
    Undoing,
}

impl Stage {
    const ALL: [Self; 3] = [Self::Staging, Self::Committed, Self::Undoing];

    pub(super) fn path(self) -> Result<RelativePath> {
        own(match self {
            Self::Staging => "journal",
            Self::Committed => "journal.committed",
            Self::Undoing => "journal.undoing",
        })
    }
}

/// What an apply is about to do. All paths are free of links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Journal {
    /// Tells the temporaries of this apply from whatever else is there.
    pub(super) tag: u32,
    /// Whether [`HOME`] was created for it.
    pub(super) made_home: bool,
    /// Folders to create, outermost first.
    pub(super) folders: Vec<RelativePath>,
    /// Files to write or delete, in order.
    pub(super) steps: Vec<Step>,
}

/// One file to write or delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) path: RelativePath,
    pub(super) before: Option<Digest>,
    pub(super) after: Option<Digest>,
    /// Where the new text waits.
    pub(super) staged: RelativePath,
    /// Where the old text is kept.
    pub(super) backup: RelativePath,
}

impl Step {
    pub(super) fn new(
        path: RelativePath,
        before: Option<Digest>,
        after: Option<Digest>,
        tag: u32,
        index: usize,
    ) -> Result<Self> {
        Ok(Self {
            staged: sibling(&path, &format!(".rustop-new-{tag}-{index}"))?,
            backup: sibling(&path, &format!(".rustop-old-{tag}-{index}"))?,
            path,
            before,
            after,
        })
    }
}

/// The path of `name` beside `path`.
pub(super) fn sibling(path: &RelativePath, name: &str) -> Result<RelativePath> {
    Ok(match path.parent() {
        Some(parent) => RelativePath::new(format!("{parent}/{name}"))?,
        None => RelativePath::new(name)?,
    })
}

/// A path in [`HOME`].
fn own(name: &str) -> Result<RelativePath> {
    Ok(RelativePath::new(format!("{HOME}/{name}"))?)
}

/// [`HOME`] itself.
pub(super) fn home() -> Result<RelativePath> {
    Ok(RelativePath::new(HOME)?)
}

/// The journal's name before it is complete.
pub(super) fn draft() -> Result<RelativePath> {
    own("journal.new")
}

/// How far an apply came that left its journal; `None` when there is none.
pub(super) fn find(root: &Path) -> Result<Option<Stage>> {
    for stage in Stage::ALL {
        if locate(root, &stage.path()?)?.kind.is_some() {
            return Ok(Some(stage));
        }
    }
    Ok(None)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u32,
    tag: u32,
    made_home: bool,
    folders: Vec<String>,
    steps: Vec<StepText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

impl Journal {
    /// Writes it, complete or not at all.
    pub(super) fn store(&self, root: &Path) -> Result<()> {
        let draft = draft()?;
        mutate::remove(root, &draft)?;
        let bytes = serde_json::to_vec(&self.text()).context("failed to write the journal")?;
        mutate::write_new(root, &draft, &bytes, mutate::Mode::default(), &draft)?;
        mutate::rename(root, &draft, &Stage::Staging.path()?)
    }

    fn text(&self) -> Text {
        let digest = |digest: &Option<Digest>| digest.as_ref().map(ToString::to_string);
        let step = |step: &Step| StepText {
            path: step.path.to_string(),
            before: digest(&step.before),
            after: digest(&step.after),
        };
        Text {
            version: VERSION,
            tag: self.tag,
            made_home: self.made_home,
            folders: self.folders.iter().map(ToString::to_string).collect(),
            steps: self.steps.iter().map(step).collect(),
        }
    }

    /// Reads the journal of `stage` and judges every path in it.
    pub(super) fn load(root: &Path, stage: Stage) -> Result<Self> {
        let path = stage.path()?;
        let file = file::read(resolve(root, &path)?, &path)?.context("the journal has gone")?;
        Self::parse(&file.bytes)
            .and_then(|journal| journal.check(root).map(|()| journal))
            .with_context(|| unusable(&path))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let text: Text = serde_json::from_slice(bytes)?;
        ensure!(
            text.version == VERSION,
            "it is of version {}, this rustop knows {VERSION}",
            text.version
        );
        let folders = text.folders.into_iter().map(RelativePath::new);
        let steps = text.steps.into_iter().enumerate();
        Ok(Self {
            tag: text.tag,
            made_home: text.made_home,
            folders: folders.collect::<Result<_, _>>()?,
            steps: steps
                .map(|(index, step)| step.parse(text.tag, index))
                .collect::<Result<_>>()?,
        })
    }

    fn check(&self, root: &Path) -> Result<()> {
        let paths = self.steps.iter().map(|step| &step.path);
        for path in self.folders.iter().chain(paths) {
            let place = locate(root, path)?;
            let linked = matches!(
                place.kind,
                Some(EntryKind::Link { .. } | EntryKind::DanglingLink { .. })
            );
            if linked || place.absolute != root.join(path.as_str()) {
                bail!("`{path}` leads over a link");
            }
        }
        Ok(())
    }
}

impl StepText {
    fn parse(self, tag: u32, index: usize) -> Result<Step> {
        let path = RelativePath::new(self.path)?;
        Step::new(path, digest(self.before)?, digest(self.after)?, tag, index)
    }
}

fn digest(text: Option<String>) -> Result<Option<Digest>> {
    let parse =
        |text: String| Digest::parse(&text).with_context(|| format!("`{text}` is no digest"));
    text.map(parse).transpose()
}

fn unusable(path: &RelativePath) -> String {
    format!(
        "the journal of an interrupted command, `{path}`, cannot be used, and nothing was touched\n\
         help: look at `git status`, put right what is half done, remove files named `.rustop-new-*` and `.rustop-old-*`, then remove `{path}`"
    )
}
