//! `rustop webhook local`: the manager on this machine, called by the API server of the
//! kubeconfig. `make run WEBHOOKS=true` is this.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::registration::Registration;
use crate::cli::exit::{self, Exit};
use crate::cli::global::GlobalArgs;
use crate::cli::kubectl::Kubectl;
use crate::cli::session::Session;
use crate::controlplane::Signals;
use crate::controlplane::control_plane::Authority;
use crate::disk::PrivateFolder;
use crate::manifests::local_webhooks::LocalWebhooks;
use crate::manifests::webhook::WEBHOOKS;
use crate::manifests::yaml;
use crate::project::Resource;
use crate::tree::RelativePath;

/// Run the manager here, and have the cluster of your kubeconfig call its webhooks
///
/// Makes a certificate, starts the command with --webhook-port and --webhook-cert-path behind its own
/// arguments, and registers the webhooks of config/webhook and the conversions under a URL, once the manager
/// listens. When the command ends all of it is taken back.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop webhook local -- cargo run --
  rustop webhook local --host host.docker.internal -- cargo run --
  rustop webhook local --dry-run -- cargo run --
  rustop webhook local --clean")]
pub(in crate::cli) struct Args {
    /// The name or the IP address under which the API server reaches this machine
    #[arg(long, default_value = "localhost", value_parser = host)]
    host: String,
    /// The port that the manager serves its webhooks on
    #[arg(long, default_value_t = 9443, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// kubectl, and options that it always gets
    #[arg(long, env = "KUBECTL", default_value = "kubectl")]
    kubectl: String,
    /// Take back what a run has left in the cluster that was killed, and run nothing
    #[arg(long, conflicts_with = "command")]
    clean: bool,
    /// What to run; its exit code becomes rustop's
    #[arg(last = true, required_unless_present = "clean", value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// What the project has webhooks for.
struct Served {
    prefix: String,
    /// The text of `config/webhook/manifests.yaml`.
    manifests: String,
    /// The CRDs with a conversion, by name.
    crds: Vec<String>,
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let served = served(global)?;
    if args.clean {
        return clean(&served, &Kubectl::new(&args.kubectl), global);
    }
    let authority = Authority::new()?;
    let webhooks = LocalWebhooks {
        prefix: served.prefix.clone(),
        url: url(&args.host, args.port),
        ca_bundle: authority.ca_bundle(),
    };
    if global.dry_run {
        return show(&served, &webhooks, global);
    }
    let status = with_webhooks(args, global, &served, &webhooks, &authority)?;
    exit::like(status)
}

/// Runs the command, called by the API server as long as it runs.
fn with_webhooks(
    args: &Args,
    global: &GlobalArgs,
    served: &Served,
    webhooks: &LocalWebhooks,
    authority: &Authority,
) -> Result<ExitStatus> {
    let kubectl = Kubectl::new(&args.kubectl);
    let configurations = webhooks.configurations(&served.manifests)?;
    let folder = certificate(authority, &args.host)?;
    let signals = Signals::catch()?;
    let mut child = start(args, folder.path())?;
    let mut registration = Registration::new(&kubectl, &served.prefix);
    let mut registered = false;
    let ended = signals.wait(&mut child, || {
        if registered || !listens(args.port) {
            return Ok(());
        }
        registered = true;
        registration.register(&configurations, &served.crds, &webhooks.conversion())?;
        say(&webhooks.url, served, configurations.len(), global);
        Ok(())
    });
    let taken_back = if registered {
        registration.take_back()
    } else {
        Ok(())
    };
    say_unconverted(&registration.unconverted(), global);
    let ended = ended?;
    taken_back.map(|()| ended)
}

/// Reads the project; it is not locked while the manager runs.
fn served(global: &GlobalArgs) -> Result<Served> {
    let session = Session::open(Path::new("."), global)?;
    let project = session.project()?.project;
    let manifests = session.root.read(&RelativePath::literal(WEBHOOKS))?;
    let manifests = manifests.map(|file| file.bytes).unwrap_or_default();
    Ok(Served {
        prefix: project.name.prefix(),
        manifests: String::from_utf8_lossy(&manifests).into_owned(),
        crds: project.converted().map(Resource::crd_name).collect(),
    })
}

fn clean(served: &Served, kubectl: &Kubectl, global: &GlobalArgs) -> Result<Exit> {
    let registration = Registration::new(kubectl, &served.prefix);
    say_unconverted(&registration.clean(&served.crds)?, global);
    Ok(Exit::Done)
}

fn say_unconverted(crds: &[&str], global: &GlobalArgs) {
    for name in crds {
        let line = format!("`{name}` has no conversion now: run `make install` or `make deploy`");
        global.reporter().progress(&line);
    }
}

/// A pair for this run only. Its folder goes with it.
fn certificate(authority: &Authority, host: &str) -> Result<PrivateFolder> {
    let identity = authority.serving("webhook-server", &[host])?;
    let folder = PrivateFolder::new()?;
    folder.write("tls.crt", &identity.certificate)?;
    folder.write("tls.key", &identity.key)?;
    Ok(folder)
}

fn start(args: &Args, certificate: &Path) -> Result<Child> {
    let port = args.port;
    if listens(port) {
        bail!(
            "something listens on port {port} already\nhelp: end it, or choose another port with `--port`"
        );
    }
    let Some((program, arguments)) = args.command.split_first() else {
        bail!("there is nothing to run\nhelp: say what, for example `-- cargo run --`");
    };
    let mut path = OsString::from("--webhook-cert-path=");
    path.push(certificate);
    Command::new(program)
        .args(arguments)
        .arg(format!("--webhook-port={port}"))
        .arg(path)
        .env("ENABLE_WEBHOOKS", "true")
        .spawn()
        .with_context(|| format!("failed to run `{}`", program.display()))
}

fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(100)).is_ok()
}

fn say(url: &str, served: &Served, configurations: usize, global: &GlobalArgs) {
    let reporter = global.reporter();
    if configurations + served.crds.len() == 0 {
        reporter.progress("this project has no webhooks that the API server could call");
    } else {
        let line = format!("the API server calls {url} until this ends");
        reporter.progress(&line);
    }
}

/// What would be registered, but for the certificate, which is another each time.
fn show(served: &Served, webhooks: &LocalWebhooks, global: &GlobalArgs) -> Result<Exit> {
    let configurations = webhooks.configurations(&served.manifests)?;
    let crds = served.crds.iter().map(|name| {
        serde_json::json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": name}, "spec": {"conversion": webhooks.conversion()},
        })
    });
    for document in configurations.into_iter().chain(crds) {
        let text = yaml::to_string(&document);
        global.reporter().data(&format!("---\n{}", text.trim_end()));
    }
    Ok(Exit::Done)
}

fn url(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("https://[{address}]:{port}"),
        _ => format!("https://{host}:{port}"),
    }
}

fn host(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if text.parse::<IpAddr>().is_ok() || (!text.is_empty() && text.chars().all(plain)) {
        return Ok(text.to_owned());
    }
    Err("write a name or an IP address, without `https://` and without a port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        let check = |text: &str, expected: Option<&str>| {
            let url = host(text).ok().map(|host| url(&host, 9443));
            assert_eq!(url.as_deref(), expected, "{text}");
        };
        check("localhost", Some("https://localhost:9443"));
        check(
            "host.docker.internal",
            Some("https://host.docker.internal:9443"),
        );
        check("192.0.2.7", Some("https://192.0.2.7:9443"));
        check("2001:db8::1", Some("https://[2001:db8::1]:9443"));
        check("https://localhost", None);
        check("localhost:9443", None);
        check("[::1]", None);
        check("", None);
    }
}
