//! etcd and kube-apiserver as child processes, for tests and demonstrations.
//!
//! A mock API server answers what its author believed; this one validates,
//! defaults, authorises and watches as every cluster does. The module starts
//! the binaries it is given and gets rid of them in every case, also when the
//! process that started them is killed. It knows nothing of Kubernetes clients:
//! the caller hands in how to ask, so that the same source serves rustop and the
//! runtime crate. Only the standard library and rcgen are used.
//!
//! It must not look for binaries (rustop does that) and must not reach for
//! anything outside its own temporary folder.
#![allow(
    clippy::disallowed_methods,
    reason = "a control plane has a temporary folder of its own"
)]

mod arguments;
mod certificates;
mod error;
mod folder;
mod kubeconfig;
mod supervised;

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use certificates::{Authority, Identity};
pub use error::StartError;
pub use kubeconfig::{Access, OPERATOR, OPERATOR_NAMESPACE};

use folder::Folder;
use supervised::Supervised;

/// What to start, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that holds `etcd` and `kube-apiserver`, as `KUBEBUILDER_ASSETS` does.
    pub binaries: PathBuf,
    /// Write one line of JSON for each request to this file (level `Metadata`).
    pub audit_log: Option<PathBuf>,
    /// Write the administrator's kubeconfig to this new file as well; it is
    /// removed with the control plane.
    pub kubeconfig: Option<PathBuf>,
    /// Further arguments for kube-apiserver; they come last and so win.
    pub api_server_arguments: Vec<OsString>,
    /// The `kube-controller-manager` to run as well: Deployments then get their
    /// ReplicaSets and Pods, and garbage is collected. Nothing schedules the Pods.
    pub controller_manager: Option<PathBuf>,
    /// How long the API server may take until it is ready.
    pub start_timeout: Duration,
}

impl Settings {
    /// etcd and kube-apiserver from `binaries`, ready within a minute.
    pub fn new(binaries: impl Into<PathBuf>) -> Self {
        Self {
            binaries: binaries.into(),
            audit_log: None,
            kubeconfig: None,
            api_server_arguments: Vec::new(),
            controller_manager: None,
            start_timeout: Duration::from_secs(60),
        }
    }
}

/// A running control plane. Dropping it stops the processes and removes their data.
#[derive(Debug)]
pub struct ControlPlane {
    // Dropped in this order: those that ask before the one that answers, data last.
    controller_manager: Option<Supervised>,
    api_server: Supervised,
    etcd: Supervised,
    access: Access,
    authority: Authority,
    kubeconfig: PathBuf,
    folder: Folder,
}

/// Paths that must answer 200 before tests begin. The server is "ready" some
/// milliseconds before its controllers have created the first namespace.
const READY_PATHS: [&str; 2] = ["/readyz", "/api/v1/namespaces/default"];

/// How often a port that someone else took in the meantime is replaced by another.
const PORT_ATTEMPTS: usize = 5;

impl ControlPlane {
    /// Starts the processes and returns once `get` has seen the server ready.
    ///
    /// `get` sends one GET request for the path as the identity of the [`Access`]
    /// and is content only with status 200; its error text is shown when time runs out.
    pub fn start(
        settings: &Settings,
        get: impl Fn(&Access, &str) -> Result<(), String>,
    ) -> Result<Self, StartError> {
        let deadline = Instant::now() + settings.start_timeout;
        check_binaries(settings)?;
        let folder = Folder::create(settings.kubeconfig.as_deref())?;
        let authority = Authority::new()?;
        write_credentials(&folder, &authority)?;
        let etcd = start_etcd(settings, &folder, deadline)?;
        let (api_server, access) = start_api_server(settings, &folder, &authority, deadline, get)?;
        let kubeconfig = folder.write_private("kubeconfig", &access.kubeconfig())?;
        folder.write_outside(&access.kubeconfig())?;
        let mut started = Self {
            controller_manager: None,
            api_server,
            etcd,
            access,
            authority,
            kubeconfig,
            folder,
        };
        started.start_controller_manager(settings)?;
        Ok(started)
    }

    /// How the administrator (group `system:masters`) reaches the API server.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// A kubeconfig of the administrator with mode 0600; it goes with the control plane.
    pub fn kubeconfig_path(&self) -> &Path {
        &self.kubeconfig
    }

    /// How `user`, a member of `groups`, reaches the API server. It may do what
    /// RBAC grants it, so at first next to nothing.
    pub fn access_as(&self, user: &str, groups: &[&str]) -> Result<Access, StartError> {
        let identity = self.authority.client(user, groups)?;
        Ok(Access {
            identity,
            ..self.access.clone()
        })
    }

    /// Writes a file of mode 0600 that goes with the control plane, a further
    /// kubeconfig for example.
    pub fn write_private(&self, name: &str, content: &str) -> Result<PathBuf, StartError> {
        self.folder.write_private(name, content)
    }

    /// The end of what the API server wrote, to be shown when a test fails.
    pub fn api_server_log(&self) -> String {
        self.api_server.log_tail()
    }

    /// The process groups of the servers; each holds one server and what watches over it.
    pub fn process_groups(&self) -> Vec<u32> {
        let manager = self.controller_manager.as_ref();
        let servers = [&self.etcd, &self.api_server];
        servers
            .into_iter()
            .chain(manager)
            .map(Supervised::group)
            .collect()
    }

    /// Where the processes keep their data, until they are stopped.
    pub fn data_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops the processes and removes their data; the same as dropping.
    pub fn stop(self) {
        drop(self);
    }

    fn start_controller_manager(&mut self, settings: &Settings) -> Result<(), StartError> {
        let Some(binary) = &settings.controller_manager else {
            return Ok(());
        };
        let arguments = arguments::controller_manager();
        self.controller_manager = Some(Supervised::start(binary, arguments, self.folder.path())?);
        Ok(())
    }
}

fn check_binaries(settings: &Settings) -> Result<(), StartError> {
    let servers = ["etcd", "kube-apiserver"].map(|name| settings.binaries.join(name));
    for path in servers
        .into_iter()
        .chain(settings.controller_manager.clone())
    {
        if !path.is_file() {
            return Err(StartError::MissingBinary { path });
        }
    }
    Ok(())
}

fn write_credentials(folder: &Folder, authority: &Authority) -> Result<(), StartError> {
    let server = authority.server()?;
    let tokens = certificates::token_keys()?;
    folder.write_private("ca.crt", authority.certificate())?;
    folder.write_private("apiserver.crt", &server.certificate)?;
    folder.write_private("apiserver.key", &server.key)?;
    folder.write_private("service-account.key", &tokens.private)?;
    folder.write_private("service-account.pub", &tokens.public)?;
    folder.write_private("audit-policy.yaml", arguments::AUDIT_POLICY)?;
    Ok(())
}

/// Starts etcd and waits for its socket: an API server that finds none backs off for a second.
fn start_etcd(
    settings: &Settings,
    folder: &Folder,
    deadline: Instant,
) -> Result<Supervised, StartError> {
    let binary = settings.binaries.join("etcd");
    let mut etcd = Supervised::start(&binary, arguments::etcd(), folder.path())?;
    let socket = folder.path().join(arguments::ETCD_SOCKET);
    while !socket.exists() {
        etcd.check_running()?;
        if Instant::now() > deadline {
            return Err(etcd.not_ready("it has not opened its socket".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(etcd)
}

fn start_api_server(
    settings: &Settings,
    folder: &Folder,
    authority: &Authority,
    deadline: Instant,
    get: impl Fn(&Access, &str) -> Result<(), String>,
) -> Result<(Supervised, Access), StartError> {
    let mut access = Access {
        server: String::new(),
        authority: authority.certificate().to_owned(),
        identity: authority.client("rustop-admin", &["system:masters"])?,
    };
    let mut attempt = 1;
    loop {
        let port = free_port()?;
        access.server = format!("https://127.0.0.1:{port}");
        let arguments = arguments::api_server(settings, port);
        let binary = settings.binaries.join("kube-apiserver");
        let mut api_server = Supervised::start(&binary, arguments, folder.path())?;
        match wait_until_ready(&mut api_server, deadline, |path| get(&access, path)) {
            Ok(()) => return Ok((api_server, access)),
            Err(error) if error.is_taken_port() && attempt < PORT_ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

fn wait_until_ready(
    server: &mut Supervised,
    deadline: Instant,
    get: impl Fn(&str) -> Result<(), String>,
) -> Result<(), StartError> {
    for path in READY_PATHS {
        while let Err(answer) = get(path) {
            server.check_running()?;
            if Instant::now() > deadline {
                return Err(server.not_ready(format!("`{path}`: {answer}")));
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }
    Ok(())
}

/// A port that was free a moment ago. Another process may take it before the
/// server does: the server then ends, and the caller tries another.
fn free_port() -> Result<u16, StartError> {
    let address = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
    address
        .map(|address| address.port())
        .map_err(StartError::io("find a free port"))
}
