//! The manager as a process: in the place of its pod, or on somebody's machine.

use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::cluster::{Cluster, of_kind};
use super::super::generated::rustop;
use crate::sandbox::Sandbox;

const DEADLINE: Duration = Duration::from_secs(60);

/// A manager that runs; it ends when this is dropped.
pub(super) struct Manager {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Where its webhooks are.
    pub(super) address: SocketAddr,
    _kubeconfig: tempfile::TempDir,
}

impl Manager {
    /// Runs with the rights of the account of the Deployment, behind its service.
    pub(super) fn deployed(
        cluster: &Cluster,
        all: &[Value],
        binary: &Path,
        flags: &[&str],
    ) -> Self {
        let deployment = of_kind(all, "Deployment");
        let namespace = deployment["metadata"]["namespace"].as_str().unwrap();
        let account = &deployment["spec"]["template"]["spec"]["serviceAccountName"];
        let user = format!(
            "system:serviceaccount:{namespace}:{}",
            account.as_str().unwrap()
        );
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = cluster.kubeconfig_of(&user);
        assert!(kubeconfig.contains("namespace: default"));
        let kubeconfig =
            kubeconfig.replace("namespace: default", &format!("namespace: {namespace}"));
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, kubeconfig).unwrap();
        let port = free_port();
        lead_to(cluster, all, port);
        let mut command = Command::new(binary);
        command.arg("--kubeconfig").arg(&path).args(flags);
        command.arg(format!("--webhook-port={port}"));
        Self::start(command, port, folder)
    }

    /// Runs as `make run WEBHOOKS=true` does it, with the user's own rights.
    pub(super) fn local(cluster: &Cluster, binary: &Path, project: &Sandbox) -> Self {
        let port = free_port();
        let mut command = Command::new(rustop());
        command.args(["webhook", "local", "--host", "127.0.0.1"]);
        command.arg(format!("--port={port}")).arg("--").arg(binary);
        command.current_dir(project.path());
        command.env("KUBECONFIG", cluster.kubeconfig_path());
        Self::start(command, port, tempfile::tempdir().unwrap())
    }

    /// Takes back what one left that was killed.
    pub(super) fn clean(cluster: &Cluster, project: &Sandbox) {
        let mut command = Command::new(rustop());
        command.args(["webhook", "local", "--clean"]);
        command.current_dir(project.path());
        command.env("KUBECONFIG", cluster.kubeconfig_path());
        assert!(command.status().unwrap().success());
    }

    fn start(mut command: Command, port: u16, kubeconfig: tempfile::TempDir) -> Self {
        command.arg("--health-probe-bind-address=0");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::<Mutex<String>>::default();
        let (lines, kept) = (
            BufReader::new(child.stderr.take().unwrap()),
            Arc::clone(&log),
        );
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self {
            child,
            log,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            _kubeconfig: kubeconfig,
        }
    }

    /// Returns once it has said so as often in its log.
    #[track_caller]
    pub(super) fn says(&self, words: &str, times: usize) {
        eventually(words, || {
            let log = self.log.lock().unwrap();
            let said = log.matches(words).count() == times;
            said.then_some(()).ok_or_else(|| log.clone())
        });
    }

    /// Tells it to end, and gives what it said.
    pub(super) fn stop(mut self) -> String {
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        let log = self.log.lock().unwrap().clone();
        assert!(status.success(), "{status}:\n{log}");
        log
    }

    /// Ends it, and what it started, without a chance to clean up.
    pub(super) fn kill(mut self) {
        eventually("the registration", || {
            let log = self.log.lock().unwrap().clone();
            if log.contains("the API server calls") {
                Ok(())
            } else {
                Err(log)
            }
        });
        let id = self.child.id().to_string();
        let below = Command::new("pgrep").args(["-P", &id]).output().unwrap();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        for id in String::from_utf8(below.stdout).unwrap().split_whitespace() {
            let _ = Command::new("kill").args(["-KILL", id]).status();
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-TERM");
            let _ = self.child.wait();
        }
    }
}

/// The pod's readiness, as the endpoint controller would write it down.
fn lead_to(cluster: &Cluster, all: &[Value], port: u16) {
    let is_it = |one: &&Value| one["kind"] == "Service" && one["spec"]["ports"][0]["port"] == 443;
    let service = all.iter().find(is_it).unwrap();
    let (name, namespace) = (
        &service["metadata"]["name"],
        &service["metadata"]["namespace"],
    );
    let port_name = &service["spec"]["ports"][0]["name"];
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {
            "name": "webhooks", "namespace": namespace,
            "labels": {"kubernetes.io/service-name": name}},
        "endpoints": [{"addresses": [own_address().to_string()], "conditions": {"ready": true}}],
        "ports": [{"name": port_name, "port": port, "protocol": "TCP"}]});
    cluster.silent("apply -f -", &slice.to_string(), "the endpoints");
}

/// An address of this machine that is not the loopback's, which endpoints may not have.
fn own_address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    // Nothing is sent: it only chooses the way.
    socket.connect("192.0.2.1:9").unwrap();
    socket.local_addr().unwrap().ip()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The Secret of the Deployment's volume.
pub(super) fn mounted_secret(all: &[Value]) -> String {
    let deployment = of_kind(all, "Deployment");
    let volume = &deployment["spec"]["template"]["spec"]["volumes"][0];
    let name = volume["secret"]["secretName"].as_str().unwrap();
    let namespace = deployment["metadata"]["namespace"].as_str().unwrap();
    format!("secret {name} -n {namespace}")
}

/// As the kubelet does it: the files are links through `..data`, which is a link to a
/// folder, and is replaced at once.
pub(super) fn mount(cluster: &Cluster, secret: &str, volume: &Path) {
    let read = cluster.silent(&format!("get {secret} -o json"), "", secret);
    let secret: Value = serde_json::from_str(&read).unwrap();
    let version = secret["metadata"]["resourceVersion"].as_str().unwrap();
    let (folder, data) = (format!("..version_{version}"), volume.join("..data"));
    std::fs::create_dir(volume.join(&folder)).unwrap();
    for key in ["tls.key", "tls.crt"] {
        let text = decoded(secret["data"][key].as_str().unwrap());
        std::fs::write(volume.join(&folder).join(key), text).unwrap();
        let link = volume.join(key);
        if !link.is_symlink() {
            symlink(Path::new("..data").join(key), link).unwrap();
        }
    }
    let old = std::fs::read_link(&data);
    let new = volume.join("..data_tmp");
    symlink(&folder, &new).unwrap();
    std::fs::rename(new, data).unwrap();
    if let Ok(old) = old {
        std::fs::remove_dir_all(volume.join(old)).unwrap();
    }
}

/// What base64 stands for (RFC 4648 §4).
pub(super) fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=').chars();
    let digits = digits.map(|digit| ALPHABET.find(digit).unwrap());
    let (mut bits, mut count, mut bytes) = (0, 0, Vec::new());
    for digit in digits {
        (bits, count) = ((bits << 6 | digit) & 0xffff, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// Returns once `question` is answered with yes.
#[track_caller]
pub(super) fn eventually<T>(what: &str, mut question: impl FnMut() -> Result<T, String>) -> T {
    let began = Instant::now();
    loop {
        match question() {
            Ok(answer) => return answer,
            Err(why) => assert!(began.elapsed() < DEADLINE, "{what}: {why}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
