//! What a scaffold is made of: paths inside the project, file contents, owners.
//!
//! Plain values without behaviour, shared by `scaffold` (which makes them),
//! `change` (which compares them) and `disk` (which writes them). Nothing here
//! touches the file system.

use std::collections::BTreeMap;
use std::fmt;

/// A path below the project's root: `/` between the parts, never absolute,
/// never with `.` or `..`, so that it cannot lead out of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativePath(String);

/// Why a text is no [`RelativePath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath(String);

impl RelativePath {
    /// Takes `path` when each of its parts is a plain name.
    pub fn new(path: impl Into<String>) -> Result<Self, InvalidPath> {
        let path = path.into();
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        if path.split('/').all(plain) {
            Ok(Self(path))
        } else {
            Err(InvalidPath(path))
        }
    }

    /// A path that the program itself spells out.
    pub fn literal(path: &'static str) -> Self {
        debug_assert!(
            Self::new(path).is_ok(),
            "`{path}` is no path inside a project"
        );
        Self(path.to_owned())
    }

    /// The path as text, with `/` between the parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that holds this path, unless that is the root.
    pub fn parent(&self) -> Option<Self> {
        let (folder, _) = self.0.rsplit_once('/')?;
        Some(Self(folder.to_owned()))
    }

    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is not a path inside the project", self.0)
    }
}

impl std::error::Error for InvalidPath {}

/// The BLAKE3 digest of a file's bytes, as 64 lower-case hexadecimal digits.
///
/// Every command hashes the whole scaffold; SHA-256 took half of its time on a
/// processor without instructions for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    /// Takes a digest that was written down earlier.
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        (text.len() == 64 && text.chars().all(hexadecimal)).then(|| Self(text.to_owned()))
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A regular file: its bytes and whether it may be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The content.
    pub bytes: Vec<u8>,
    /// Mode 0755 when true, 0644 when false.
    pub executable: bool,
}

impl File {
    /// A file that is only read.
    pub fn plain(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            executable: false,
        }
    }
}

/// Whether two texts differ in nothing but line ends, which git may change on checkout.
pub fn equal_but_line_ends(one: &[u8], other: &[u8]) -> bool {
    one == other || without_carriage_returns(one) == without_carriage_returns(other)
}

/// The text with `\n` for each `\r\n`.
pub fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut text = bytes.to_vec();
    let mut position = 0;
    text.retain(|byte| {
        position += 1;
        *byte != b'\r' || bytes.get(position) != Some(&b'\n')
    });
    text
}

/// Who decides what a file says. `ARCHITECTURE.md` has the rules of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Rendered whole on each command: lists, and the vendored runtime.
    Rustop,
    /// Merged; a conflict stops the command before anything is written.
    Shared,
    /// Merged where clean; elsewhere the user's side stays.
    Yours,
    /// Computed from the user's Rust and PROJECT; never merged.
    Derived,
}

impl Owner {
    /// The word for it, in `.rustop/digests` and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rustop => "rustop",
            Self::Shared => "shared",
            Self::Yours => "yours",
            Self::Derived => "derived",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Rustop, Self::Shared, Self::Yours, Self::Derived]
            .into_iter()
            .find(|owner| owner.as_str() == word)
    }
}

/// One file of the scaffold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Who decides what it says.
    pub owner: Owner,
    /// What the scaffold would write.
    pub file: File,
    /// What this file *is*, independent of where it lies: the template and the
    /// resource. Two trees that hold one identity at two paths have moved it.
    pub identity: String,
    /// Where earlier versions of rustop wrote it.
    pub formerly: Vec<RelativePath>,
}

/// A whole scaffold, by path.
pub type Tree = BTreeMap<RelativePath, Output>;

/// One step of an apply: what must be on disk before, what is there after.
///
/// `None` stands for "no such file". The disk refuses the whole apply when
/// `before` is not what it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The file to write or delete.
    pub path: RelativePath,
    /// Digest of what the plan was made on.
    pub before: Option<Digest>,
    /// What to leave behind.
    pub after: Option<File>,
}
