//! Where the binaries come from: what the user names, what is installed, what
//! can be downloaded, what can be built, in this order.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};

use super::build;
use super::download::{self, Failure};
use super::platform::Platform;
use super::store::{Installed, Store, missing};
use super::version::{Selector, Version};

/// What is wanted and where it may come from.
#[derive(Clone, Debug)]
pub struct Request {
    /// The value of `KUBEBUILDER_ASSETS`: used as it is, whatever the selector says.
    pub assets: Option<PathBuf>,
    /// Which releases will do.
    pub selector: Selector,
    /// For which machine.
    pub platform: Platform,
    /// Where binaries are kept.
    pub store: Store,
    /// Where the list of archives is.
    pub index: String,
    /// Neither download nor build.
    pub installed_only: bool,
    /// Download or build even what is installed.
    pub force: bool,
    /// The Go tool, `go` unless a test says otherwise.
    pub go: OsString,
}

/// A folder with both servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What to set `KUBEBUILDER_ASSETS` to.
    pub folder: PathBuf,
    /// Which release it is, unless the user brought it.
    pub version: Option<Version>,
    /// Where it came from.
    pub origin: Origin,
}

/// Where binaries came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `KUBEBUILDER_ASSETS`.
    Environment,
    /// The store.
    Installed,
    /// An envtest archive.
    Downloaded,
    /// Go modules.
    Built,
}

/// Returns a folder that holds etcd and kube-apiserver, made when there is none.
///
/// `progress` is told what takes long, in words for people.
pub fn find(request: &Request, progress: &dyn Fn(&str)) -> Result<Found> {
    if let Some(folder) = &request.assets {
        return assets(folder.clone());
    }
    let only_installed = request.installed_only;
    let newest_wanted = request.force || request.selector.wants_newest();
    let installed = request.store.newest(&request.selector, &request.platform)?;
    match installed {
        Some(installed) if only_installed || !newest_wanted => {
            Ok(found(installed, Origin::Installed))
        }
        None if only_installed => Err(not_installed(request)),
        _ => install(request, progress),
    }
}

fn assets(folder: PathBuf) -> Result<Found> {
    match missing(&folder).as_slice() {
        [] => Ok(Found {
            folder,
            version: None,
            origin: Origin::Environment,
        }),
        missing => bail!(
            "`KUBEBUILDER_ASSETS` names `{}`, which holds no `{}`\n\
             help: unset KUBEBUILDER_ASSETS, and rustop gets both",
            folder.display(),
            missing.join("` and no `"),
        ),
    }
}

fn not_installed(request: &Request) -> anyhow::Error {
    anyhow!(
        "no control plane `{selector}` for {platform} is installed\n\
         help: run `rustop envtest use {selector}` without `--installed-only`",
        selector = request.selector,
        platform = request.platform,
    )
}

/// Takes turns with other rustops; what one of them installed meanwhile is taken.
fn install(request: &Request, progress: &dyn Fn(&str)) -> Result<Found> {
    let before = request.store.newest(&request.selector, &request.platform)?;
    let _turn = request
        .store
        .take_turn(|| progress("waiting for another rustop that installs a control plane"))?;
    let installed = request.store.newest(&request.selector, &request.platform)?;
    if let Some(installed) = installed.clone().filter(|_| before.is_none()) {
        return Ok(found(installed, Origin::Installed));
    }
    let unavailable = match download(request, installed.as_ref(), progress) {
        Ok(found) => return Ok(found),
        Err(Failure::Refused(error)) => return Err(error),
        Err(Failure::Unavailable(error)) => error,
    };
    if let Some(installed) = installed.filter(|_| !request.force) {
        progress(&format!("{unavailable:#}; using what is installed"));
        return Ok(found(installed, Origin::Installed));
    }
    progress(&format!("{unavailable:#}"));
    build(request, progress).map_err(|error| nothing_works(request, &unavailable, &error))
}

fn download(
    request: &Request,
    installed: Option<&Installed>,
    progress: &dyn Fn(&str),
) -> Result<Found, Failure> {
    let archive = download::look_up(&request.index, &request.selector, &request.platform)
        .map_err(Failure::Unavailable)?;
    if let Some(installed) =
        installed.filter(|one| one.version >= archive.version && !request.force)
    {
        return Ok(found(installed.clone(), Origin::Installed));
    }
    progress(&format!("downloading `{}`", archive.url));
    let staging = request.store.staging().map_err(Failure::Refused)?;
    download::download(&archive, staging.path())?;
    let installed = request
        .store
        .install(staging.path(), archive.version, &request.platform);
    installed
        .map(|installed| found(installed, Origin::Downloaded))
        .map_err(Failure::Refused)
}

fn build(request: &Request, progress: &dyn Fn(&str)) -> Result<Found> {
    let version = build::version().filter(|version| request.selector.matches(*version));
    let version = version.ok_or_else(|| anyhow!("only {} can be built", build::KUBERNETES))?;
    let staging = request.store.staging()?;
    let binaries = [build::ETCD, build::API_SERVER];
    build::build(
        &request.go,
        &binaries,
        &request.platform,
        staging.path(),
        progress,
    )?;
    let installed = request
        .store
        .install(staging.path(), version, &request.platform)?;
    Ok(found(installed, Origin::Built))
}

/// Why neither way works, and each way that would.
fn nothing_works(
    request: &Request,
    download: &anyhow::Error,
    build: &anyhow::Error,
) -> anyhow::Error {
    anyhow!(
        "control plane `{}` for {} cannot be had\ndownload: {download:#}\nbuild: {build:#}\n\
         help: name a mirror of the index with `--index`, or install Go 1.25 or newer, \
         or set KUBEBUILDER_ASSETS to a folder that holds etcd and kube-apiserver",
        request.selector,
        request.platform,
    )
}

fn found(installed: Installed, origin: Origin) -> Found {
    Found {
        folder: installed.folder,
        version: Some(installed.version),
        origin,
    }
}

/// The `kube-controller-manager` beside the servers, built when it is not there:
/// envtest archives have none. `folder` is where the servers are.
pub fn controller_manager(
    request: &Request,
    folder: &std::path::Path,
    progress: &dyn Fn(&str),
) -> Result<PathBuf> {
    const NAME: &str = "kube-controller-manager";
    let version = build::version().context("rustop carries no module of Kubernetes")?;
    let built = request.store.place(version, &request.platform).join(NAME);
    if let Some(path) = [folder.join(NAME), built.clone()]
        .into_iter()
        .find(|path| path.is_file())
    {
        return Ok(path);
    }
    let _turn = request
        .store
        .take_turn(|| progress("waiting for another rustop that installs a control plane"))?;
    let staging = request.store.staging()?;
    build::build(
        &request.go,
        &[build::CONTROLLER_MANAGER],
        &request.platform,
        staging.path(),
        progress,
    )
    .map_err(|error| {
        anyhow!(
            "kube-controller-manager is in no envtest archive and cannot be built: {error:#}
\
             help: install Go 1.25 or newer"
        )
    })?;
    request
        .store
        .install(staging.path(), version, &request.platform)?;
    Ok(built)
}
