//! Where the binaries lie between two runs: `<folder>/<version>-<os>-<arch>/`.
//!
//! Whole files only: a binary is made in a staging folder beside its place and
//! renamed into it, under a lock, so that an interrupted or second rustop never
//! leaves or sees half of one. A folder counts once it holds both servers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use etcetera::BaseStrategy as _;
use etcetera::base_strategy::Xdg;
use tempfile::TempDir;

use super::platform::Platform;
use super::version::{Selector, Version};

/// What a folder must hold to be used, in the order in which they are put there.
pub const SERVERS: [&str; 2] = ["etcd", "kube-apiserver"];

const STAGING: &str = ".staging-";

/// The folder with all installed control planes.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// One installed control plane.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Installed {
    /// The release of Kubernetes.
    pub version: Version,
    /// The machine it runs on.
    pub platform: Platform,
    /// What `KUBEBUILDER_ASSETS` may be set to.
    pub folder: PathBuf,
}

/// Held while something is put into the store; a second rustop waits for it.
#[derive(Debug)]
pub(super) struct Turn {
    _lock: File,
}

impl Store {
    /// The store in `bin_dir/k8s`, where kubebuilder's projects look for it, or
    /// in the user's cache folder, shared by all projects.
    pub fn new(bin_dir: Option<&Path>) -> Result<Self> {
        let folder = match bin_dir {
            Some(folder) => std::path::absolute(folder)
                .context("failed to find the current folder")?
                .join("k8s"),
            None => Xdg::new()
                .map_err(|error| {
                    anyhow!(
                        "failed to find the home folder: {error}
\
                         help: name a folder with `--bin-dir`"
                    )
                })?
                .cache_dir()
                .join("rustop/controlplane"),
        };
        Ok(Self { folder })
    }

    /// Everything installed, the newest first.
    pub fn list(&self) -> Result<Vec<Installed>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(error).context(format!("failed to read `{}`", self.folder.display()));
            }
        };
        let mut installed: Vec<Installed> = entries
            .filter_map(|entry| installed(&entry.ok()?.path()))
            .collect();
        installed.sort();
        installed.reverse();
        Ok(installed)
    }

    /// The newest installed control plane that will do.
    pub fn newest(&self, selector: &Selector, platform: &Platform) -> Result<Option<Installed>> {
        let mut all = self.list()?.into_iter();
        Ok(all.find(|one| one.platform == *platform && selector.matches(one.version)))
    }

    /// Removes one installed control plane.
    pub fn remove(&self, installed: &Installed) -> Result<()> {
        let _turn = self.take_turn(|| ())?;
        let folder = &installed.folder;
        fs::remove_dir_all(folder)
            .with_context(|| format!("failed to remove `{}`", folder.display()))
    }

    /// Where `version` for `platform` is, or would be.
    pub(super) fn place(&self, version: Version, platform: &Platform) -> PathBuf {
        self.folder.join(format!("{version}-{platform}"))
    }

    /// Waits until no other rustop installs, calling `waiting` when there is one,
    /// and clears away what an interrupted one left.
    pub(super) fn take_turn(&self, waiting: impl FnOnce()) -> Result<Turn> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("failed to create `{}`", self.folder.display()))?;
        let path = self.folder.join(".lock");
        let failed = || format!("failed to lock `{}`", path.display());
        let lock = File::create(&path).with_context(failed)?;
        if lock.try_lock().is_err() {
            waiting();
            lock.lock().with_context(failed)?;
        }
        self.remove_leftovers();
        Ok(Turn { _lock: lock })
    }

    /// A folder beside the final place, on the same file system; gone when dropped.
    pub(super) fn staging(&self) -> Result<TempDir> {
        let staging = tempfile::Builder::new()
            .prefix(STAGING)
            .tempdir_in(&self.folder);
        staging.with_context(|| format!("failed to write to `{}`", self.folder.display()))
    }

    /// Moves the files of `staging` to their place, the servers last.
    pub(super) fn install(
        &self,
        staging: &Path,
        version: Version,
        platform: &Platform,
    ) -> Result<Installed> {
        let place = self.place(version, platform);
        fs::create_dir_all(&place)
            .with_context(|| format!("failed to create `{}`", place.display()))?;
        let mut files: Vec<PathBuf> = fs::read_dir(staging)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        files.sort_by_key(|file| SERVERS.iter().position(|server| file.ends_with(server)));
        for file in files {
            let target = place.join(file.file_name().unwrap_or_default());
            fs::rename(&file, &target)
                .with_context(|| format!("failed to write `{}`", target.display()))?;
        }
        Ok(Installed {
            version,
            platform: platform.clone(),
            folder: place,
        })
    }

    fn remove_leftovers(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(STAGING) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// The servers that `folder` lacks.
pub(super) fn missing(folder: &Path) -> Vec<&'static str> {
    SERVERS
        .into_iter()
        .filter(|name| !folder.join(name).is_file())
        .collect()
}

fn installed(folder: &Path) -> Option<Installed> {
    let (version, platform) = folder.file_name()?.to_str()?.split_once('-')?;
    let (version, platform) = (Version::parse(version)?, Platform::parse(platform)?);
    missing(folder).is_empty().then(|| Installed {
        version,
        platform,
        folder: folder.to_owned(),
    })
}
