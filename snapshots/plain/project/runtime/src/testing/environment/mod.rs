//! A real API server with your CRDs and webhooks for the length of a test.
//!
//! What controller-runtime calls envtest. A reconciler that passes here has met
//! defaulting, validation, optimistic concurrency and RBAC as a cluster has them.
//! There are no kubelets and no controllers: a Deployment stays as it is applied,
//! unless the test writes its status, and nothing collects garbage.

mod canary;
mod crds;
mod error;
mod install_options;
mod manifests;
mod operator;
mod roles;

mod webhooks;

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

pub use super::control_plane::{OPERATOR, OPERATOR_NAMESPACE};

use super::control_plane::{Access, ControlPlane, Settings, StartError};

pub use error::EnvironmentError;
pub use install_options::WebhookInstallOptions;

/// Where the binaries are: the variable that every tool around envtest knows.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// A control plane, a client of its administrator, and your CRDs and webhooks in it.
///
/// Dropping it stops the control plane, which blocks for some milliseconds; a
/// killed test takes it along. Tests may run in parallel, each with its own.
///
/// ```no_run
/// # async fn test() -> Result<(), rustop_runtime::testing::environment::EnvironmentError> {
/// use rustop_runtime::testing::environment::TestEnvironment;
///
/// let environment = TestEnvironment::builder().crd_directory("config/crd/bases").start().await?;
/// let client = environment.client();
/// // create objects, run the reconciler, look at what became of them
/// environment.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestEnvironment {
    plane: ControlPlane,
    access: Access,
    config: Config,
    client: ClientHandle,
    operator_kubeconfig: PathBuf,
    webhook_options: WebhookInstallOptions,
}

/// What to start; see [`TestEnvironment::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct TestEnvironmentBuilder {
    assets: Option<PathBuf>,
    crd_directories: Vec<PathBuf>,
    crd_patch_directories: Vec<PathBuf>,
    webhook_directories: Vec<PathBuf>,
    audit_log: Option<PathBuf>,
    api_server_arguments: Vec<String>,
    controller_manager: Option<PathBuf>,
    start_timeout: Duration,
}

impl TestEnvironment {
    /// An environment that can be told more before it starts.
    pub fn builder() -> TestEnvironmentBuilder {
        TestEnvironmentBuilder {
            assets: None,
            crd_directories: Vec::new(),
            crd_patch_directories: Vec::new(),
            webhook_directories: Vec::new(),
            audit_log: None,
            api_server_arguments: Vec::new(),
            controller_manager: None,
            start_timeout: Duration::from_secs(60),
        }
    }

    /// Starts an environment without CRDs.
    pub async fn start() -> Result<Self, EnvironmentError> {
        Self::builder().start().await
    }

    /// A client that may do everything.
    pub fn client(&self) -> Client {
        self.client.0.clone()
    }

    /// The configuration of [`client`](Self::client), to make others from.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// A client of `user`, a member of `groups`: it may do what RBAC grants it, so at first next to nothing. See
    /// [`grant`](Self::grant). A service account is the user `system:serviceaccount:<namespace>:<name>`.
    pub async fn client_as(&self, user: &str, groups: &[&str]) -> Result<Client, EnvironmentError> {
        // A certificate has room for two; the administrator may speak for anybody.
        if groups.len() > 2 {
            return self.impersonate(user, groups);
        }
        let access = self.plane.access_as(user, groups)?;
        Ok(Client::try_from(config(&access).await?)?)
    }

    fn impersonate(&self, user: &str, groups: &[&str]) -> Result<Client, EnvironmentError> {
        let mut config = self.config();
        config.auth_info.impersonate = Some(user.to_owned());
        config.auth_info.impersonate_groups =
            Some(groups.iter().map(ToString::to_string).collect());
        Ok(Client::try_from(config)?)
    }

    /// Lets `user` do what the roles in a YAML file allow, `config/rbac/role.yaml` for example: applies each Role and
    /// ClusterRole in it and binds them to the user. A Role without a namespace goes into `default`. Returns once the
    /// API server acts on it.
    ///
    /// ```no_run
    /// # async fn test() -> Result<(), rustop_runtime::testing::environment::EnvironmentError> {
    /// # let environment = rustop_runtime::testing::environment::TestEnvironment::start().await?;
    /// environment.grant("operator", "config/rbac/role.yaml").await?;
    /// let client = environment.client_as("operator", &[]).await?;
    /// // reconcile with this client: a right that the role lacks is an error now, not in the cluster
    /// # Ok(())
    /// # }
    /// ```
    pub async fn grant(&self, user: &str, file: impl AsRef<Path>) -> Result<(), EnvironmentError> {
        roles::grant(&self.client.0, user, file.as_ref()).await
    }

    /// What a webhook server has to be started with, to be called by this API server.
    pub fn webhook_options(&self) -> &WebhookInstallOptions {
        &self.webhook_options
    }

    /// A kubeconfig of the administrator, readable by its owner only, for tools
    /// that want a file. It goes with the environment.
    pub fn kubeconfig_path(&self) -> &Path {
        self.plane.kubeconfig_path()
    }

    /// A kubeconfig for the operator under test. It may do everything as well, but is a user of its own, [`OPERATOR`],
    /// in a namespace of its own, [`OPERATOR_NAMESPACE`]: so `rustop rbac audit` knows what the operator asked for.
    pub fn operator_kubeconfig_path(&self) -> &Path {
        &self.operator_kubeconfig
    }

    /// Where the API server listens, as `https://127.0.0.1:<port>`.
    pub fn server(&self) -> &str {
        &self.access.server
    }

    /// The end of what the API server wrote, to be shown when a test fails.
    pub fn api_server_log(&self) -> String {
        self.plane.api_server_log()
    }

    /// Stops the control plane and removes its data, without blocking the runtime.
    pub async fn stop(self) {
        let _ = spawn_blocking(move || drop(self.plane)).await;
    }
}

impl TestEnvironmentBuilder {
    /// Installs each CRD in the YAML files of `directory`; relative to the package's root.
    pub fn crd_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.crd_directories.push(directory.into());
        self
    }

    /// Merges what the YAML files of `directory` say of CRDs into those of the same name: `config/crd/patches`, where
    /// the conversion webhooks are. They call [`webhook_options`](TestEnvironment::webhook_options).
    pub fn crd_patch_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.crd_patch_directories.push(directory.into());
        self
    }

    /// Installs each webhook configuration in the YAML files of `directory`, `config/webhook`. What calls a service
    /// there calls [`webhook_options`](TestEnvironment::webhook_options) here.
    pub fn webhook_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.webhook_directories.push(directory.into());
        self
    }

    /// Takes the binaries from `directory` instead of `KUBEBUILDER_ASSETS`.
    pub fn assets(mut self, directory: impl Into<PathBuf>) -> Self {
        self.assets = Some(directory.into());
        self
    }

    /// Has the API server write one line of JSON for each request to `file`. Without it the log goes into the folder
    /// that the variable `RUSTOP_AUDIT_DIRECTORY` names, if it is set; `rustop rbac audit` sets it.
    pub fn audit_log(mut self, file: impl Into<PathBuf>) -> Self {
        self.audit_log = Some(file.into());
        self
    }

    /// A further argument for kube-apiserver, for example `--feature-gates=…`.
    pub fn api_server_argument(mut self, argument: impl Into<String>) -> Self {
        self.api_server_arguments.push(argument.into());
        self
    }

    /// Runs this `kube-controller-manager` as well.
    pub fn controller_manager(mut self, binary: impl Into<PathBuf>) -> Self {
        self.controller_manager = Some(binary.into());
        self
    }

    /// How long the API server may take until it is ready; a minute unless told.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = timeout;
        self
    }

    /// Starts the control plane, installs the CRDs and webhooks, and returns once the API server acts on them.
    pub async fn start(self) -> Result<TestEnvironment, EnvironmentError> {
        let mut crds = crds::read(&self.crd_directories, &self.crd_patch_directories)?;
        let mut webhooks = webhooks::read(&self.webhook_directories)?;
        let plane = start(self.settings()?).await?;
        let webhook_options = WebhookInstallOptions::create(plane.data_folder())?;
        for manifest in crds.iter_mut().chain(&mut webhooks) {
            webhooks::redirect(&mut manifest.content, &webhook_options);
        }
        let access = plane.access().clone();
        let config = config(&access).await?;
        let client = Client::try_from(config.clone())?;
        let operator_kubeconfig = operator::admit(&plane, &client).await?;
        crds::install(&client, &crds).await?;
        webhooks::install(&client, &webhooks).await?;
        Ok(TestEnvironment {
            plane,
            access,
            config,
            client: ClientHandle(client),
            operator_kubeconfig,
            webhook_options,
        })
    }

    fn settings(&self) -> Result<Settings, EnvironmentError> {
        let set = || {
            std::env::var_os(ASSETS)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let assets = self
            .assets
            .clone()
            .or_else(set)
            .ok_or(EnvironmentError::NoBinaries)?;
        let mut settings = Settings::new(assets);
        settings.audit_log = match &self.audit_log {
            Some(log) => Some(log.clone()),
            None => operator::record()?,
        };
        settings.api_server_arguments = self.api_server_arguments.iter().map(Into::into).collect();
        settings
            .controller_manager
            .clone_from(&self.controller_manager);
        settings.start_timeout = self.start_timeout;
        Ok(settings)
    }
}

/// `Client` has no `Debug`, and tests like to print what failed.
struct ClientHandle(Client);

impl std::fmt::Debug for ClientHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Client")
    }
}

/// Starting waits for processes, so it has a thread of its own.
async fn start(settings: Settings) -> Result<ControlPlane, EnvironmentError> {
    let handle = Handle::current();
    let started = spawn_blocking(move || {
        ControlPlane::start(&settings, |access, path| handle.block_on(get(access, path)))
    });
    Ok(started.await.map_err(|_| EnvironmentError::Cancelled)??)
}

async fn get(access: &Access, path: &str) -> Result<(), String> {
    let config = config(access).await.map_err(|error| error.to_string())?;
    let client = Client::try_from(config).map_err(|error| error.to_string())?;
    let request = http::Request::get(path)
        .body(Vec::new())
        .map_err(|error| error.to_string())?;
    client
        .request_text(request)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

/// A proxy of the machine stays out of it: the server is on loopback.
async fn config(access: &Access) -> Result<Config, EnvironmentError> {
    let kubeconfig = Kubeconfig::from_yaml(&access.kubeconfig())?;
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    config.proxy_url = None;
    Ok(config)
}

impl From<StartError> for EnvironmentError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::MissingBinary { path } => Self::MissingBinary { path },
            error => Self::Start(error),
        }
    }
}
