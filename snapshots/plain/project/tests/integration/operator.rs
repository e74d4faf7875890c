// Copyright 2026.
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

//! The manager as it is deployed, but for its Pod: its own process against a
//! real API server with the CRDs and webhooks of this project.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use kube::Client;
use runtime::testing::environment::TestEnvironment;

const MANAGER: &str = env!("CARGO_BIN_EXE_plain");
const DEADLINE: Duration = Duration::from_secs(60);

/// An operator that runs. It stops, and its API server with it, when this is dropped.
pub(crate) struct Operator {
    process: Child,
    environment: TestEnvironment,
    probes: String,
}

impl Operator {
    /// Starts an API server and the manager, and waits until the manager is ready.
    pub(crate) async fn start() -> Self {
        let environment = TestEnvironment::builder()
            .crd_directory("config/crd/bases")
            .crd_directory("config/crd/external")
            .crd_patch_directory("config/crd/patches")
            .webhook_directory("config/webhook")
            .start()
            .await
            .unwrap();
        let probes = free_address();
        let process = Command::new(MANAGER)
            .arg("--health-probe-bind-address")
            .arg(&probes)
            .arg("--kubeconfig")
            .arg(environment.operator_kubeconfig_path())
            .args(environment.webhook_options().flags())
            .spawn()
            .unwrap();
        let operator = Self {
            process,
            environment,
            probes,
        };
        operator.wait_for("/readyz").await;
        operator
    }

    /// Waits until a check of the manager passes: `/readyz`, or one by its name, `/readyz/<name>`.
    pub(crate) async fn wait_for(&self, check: &str) {
        let start = Instant::now();
        while !passes(&self.probes, check).unwrap_or(false) {
            assert!(start.elapsed() < DEADLINE, "`{check}` does not pass");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A client with all rights.
    pub(crate) fn client(&self) -> Client {
        self.environment.client()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address on this machine that nobody listens on.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn passes(probes: &str, check: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(probes)?;
    let head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close";
    write!(stream, "GET {check} {head}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.starts_with("HTTP/1.1 200"))
}

#[tokio::test]
async fn the_manager_ends_well_when_it_is_told_to() {
    let mut operator = Operator::start().await;
    assert!(operator.client().apiserver_version().await.is_ok());
    let pid = operator.process.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(told.success());
    assert!(operator.process.wait().unwrap().success());
}
