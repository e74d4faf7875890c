//! `rustop envtest`: a real etcd and kube-apiserver for tests and for people.
//!
//! The options of `use`, `list` and `cleanup` are setup-envtest's, because
//! Makefiles and people know them.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::exit::{self, Exit};
use super::global::GlobalArgs;
use crate::controlplane::control_plane::{ControlPlane, Settings};
use crate::controlplane::{self, DEFAULT_INDEX, Ending, Found, Platform, Request, Selector, Store};
use crate::report::Reporter;

/// A real API server for tests: get the binaries, run them
#[derive(Debug, Subcommand)]
pub(super) enum Envtest {
    Use(UseArgs),
    Path(BinariesArgs),
    List(BinariesArgs),
    Cleanup(CleanupArgs),
    Run(RunArgs),
}

/// Which binaries, and where they come from.
#[derive(Clone, Debug, ClapArgs)]
pub(super) struct BinariesArgs {
    /// The release of Kubernetes: `1.35.4`, `1.35`, `~1.35.2`, `latest`; with `!` the newest there is
    #[arg(default_value = default_version(), value_name = "VERSION")]
    version: Selector,
    /// Keep binaries in this folder's `k8s` [default: rustop's cache folder]
    #[arg(long, value_name = "FOLDER")]
    bin_dir: Option<PathBuf>,
    /// Use only what is installed: no network, no building
    #[arg(short, long)]
    installed_only: bool,
    /// Get the binaries again, even when they are there
    #[arg(long, conflicts_with = "installed_only")]
    force: bool,
    /// The operating system the binaries are for, as Go names it
    #[arg(long, default_value_t = Platform::current().os)]
    os: String,
    /// The processor the binaries are for, as Go names it
    #[arg(long, default_value_t = Platform::current().arch)]
    arch: String,
    /// The list of envtest archives
    #[arg(long, value_name = "URL", env = "ENVTEST_INDEX", default_value = DEFAULT_INDEX)]
    index: String,
}

/// Get etcd and kube-apiserver, and say where they are
///
/// Looked for in KUBEBUILDER_ASSETS, then among the installed, then downloaded
/// (checksum verified), then built from Go modules, which takes some minutes once.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop envtest use
  export KUBEBUILDER_ASSETS=\"$(rustop envtest use 1.35 -p path)\"
  rustop envtest use --installed-only --bin-dir bin -p path

Environment variables:
  KUBEBUILDER_ASSETS      a folder that holds both binaries: nothing else is looked at
  ENVTEST_INSTALLED_ONLY  when set, the same as --installed-only")]
pub(super) struct UseArgs {
    #[command(flatten)]
    binaries: BinariesArgs,
    /// What to print
    #[arg(short, long, value_name = "FORM", default_value = "overview")]
    print: Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Print {
    /// For people
    Overview,
    /// The folder, by itself
    Path,
    /// A line that a shell can source
    Env,
}

/// Remove installed binaries of the given release
#[derive(Debug, ClapArgs)]
pub(super) struct CleanupArgs {
    /// The releases to remove: `1.34.0`, `1.34`, `latest` for all
    version: Selector,
    /// The folder given to `use`
    #[arg(long, value_name = "FOLDER")]
    bin_dir: Option<PathBuf>,
}

/// Run a control plane until Ctrl-C, or as long as a command runs against it
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop envtest run --kubeconfig /tmp/kubeconfig
  rustop envtest run -- kubectl get namespaces
  rustop envtest run --controller-manager -- make run")]
pub(super) struct RunArgs {
    #[command(flatten)]
    binaries: BinariesArgs,
    /// Write the kubeconfig to this new file; it is removed at the end
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Run kube-controller-manager as well: Deployments get Pods, garbage is collected
    #[arg(long)]
    controller_manager: bool,
    /// Write one line of JSON for each request to this file
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
    /// What to run, with KUBECONFIG set; its exit code becomes rustop's
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(super) fn run(command: &Envtest, global: &GlobalArgs) -> Result<Exit> {
    let reporter = global.reporter();
    match command {
        Envtest::Use(args) => use_binaries(&args.binaries, args.print, reporter),
        Envtest::Path(args) => use_binaries(args, Print::Path, reporter),
        Envtest::List(args) => list(args, reporter),
        Envtest::Cleanup(args) => cleanup(args, reporter),
        Envtest::Run(args) => run_control_plane(args, reporter),
    }
}

/// The minor release that the generated projects are built for.
fn default_version() -> &'static str {
    controlplane::KUBERNETES
        .rsplit_once('.')
        .map_or("latest", |(minor, _)| minor)
}

fn request(args: &BinariesArgs) -> Result<Request> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    Ok(Request {
        assets: set("KUBEBUILDER_ASSETS").map(PathBuf::from),
        selector: args.version.clone(),
        platform: Platform {
            os: args.os.clone(),
            arch: args.arch.clone(),
        },
        store: Store::new(args.bin_dir.as_deref())?,
        index: args.index.clone(),
        installed_only: args.installed_only || set("ENVTEST_INSTALLED_ONLY").is_some(),
        force: args.force,
        go: OsString::from("go"),
    })
}

/// The binaries that tests are run with; what `rustop envtest use` finds.
pub(super) fn assets(reporter: Reporter) -> Result<PathBuf> {
    usual(reporter, false)
}

/// The same, of those that are installed: nothing is downloaded or built.
pub(super) fn installed(reporter: Reporter) -> Result<PathBuf> {
    usual(reporter, true)
}

fn usual(reporter: Reporter, installed_only: bool) -> Result<PathBuf> {
    let platform = Platform::current();
    let index = std::env::var("ENVTEST_INDEX");
    let args = BinariesArgs {
        version: default_version().parse()?,
        bin_dir: None,
        installed_only,
        force: false,
        os: platform.os,
        arch: platform.arch,
        index: index.unwrap_or_else(|_| DEFAULT_INDEX.to_owned()),
    };
    let found = controlplane::find(&request(&args)?, &|line| reporter.progress(line))?;
    Ok(found.folder)
}

fn use_binaries(args: &BinariesArgs, print: Print, reporter: Reporter) -> Result<Exit> {
    let found = controlplane::find(&request(args)?, &|line| reporter.progress(line))?;
    reporter.data(&printed(&found, args, print));
    Ok(Exit::Done)
}

fn printed(found: &Found, args: &BinariesArgs, print: Print) -> String {
    let path = found.folder.display();
    match print {
        Print::Path => path.to_string(),
        Print::Env => format!("export KUBEBUILDER_ASSETS={}", quoted(&path.to_string())),
        Print::Overview => {
            let version = found
                .version
                .map_or("unknown".to_owned(), |version| version.to_string());
            format!(
                "Version: {version}\nOS/Arch: {}/{}\nPath: {path}",
                args.os, args.arch
            )
        }
    }
}

/// One word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn list(args: &BinariesArgs, reporter: Reporter) -> Result<Exit> {
    for installed in request(args)?.store.list()? {
        let platform = &installed.platform;
        reporter.data(&format!(
            "(installed)  v{}  {}/{}",
            installed.version, platform.os, platform.arch
        ));
    }
    Ok(Exit::Done)
}

fn cleanup(args: &CleanupArgs, reporter: Reporter) -> Result<Exit> {
    let store = Store::new(args.bin_dir.as_deref())?;
    for installed in store.list()? {
        if args.version.matches(installed.version) {
            store.remove(&installed)?;
            reporter.data(&format!("removed {}", installed.folder.display()));
        }
    }
    Ok(Exit::Done)
}

fn run_control_plane(args: &RunArgs, reporter: Reporter) -> Result<Exit> {
    let plane = start(args, reporter)?;
    if args.command.is_empty() {
        let shown = args
            .kubeconfig
            .as_deref()
            .unwrap_or(plane.kubeconfig_path());
        let config = shown.display().to_string();
        reporter.progress(&format!(
            "the API server is ready at {}; Ctrl-C stops it",
            plane.access().server
        ));
        reporter.data(&format!("export KUBECONFIG={}", quoted(&config)));
    }
    let ending = controlplane::run(&plane, &args.command);
    plane.stop();
    match ending? {
        Ending::Stopped => Ok(Exit::Done),
        Ending::Command(status) => exit::like(status),
    }
}

fn start(args: &RunArgs, reporter: Reporter) -> Result<ControlPlane> {
    let progress = |line: &str| reporter.progress(line);
    let request = request(&args.binaries)?;
    let binaries = controlplane::find(&request, &progress)?.folder;
    let mut settings = Settings::new(binaries);
    if args.controller_manager {
        let binary = controlplane::controller_manager(&request, &settings.binaries, &progress)?;
        settings.controller_manager = Some(binary);
    }
    settings.kubeconfig.clone_from(&args.kubeconfig);
    settings.audit_log.clone_from(&args.audit_log);
    ControlPlane::start(&settings, controlplane::get).context("failed to start the control plane")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_for_a_shell() {
        let check = |text: &str, expected: &str| assert_eq!(quoted(text), expected);
        check("/a/b", "'/a/b'");
        check("/a b/$c", "'/a b/$c'");
        check("/it's", r"'/it'\''s'");
    }
}
