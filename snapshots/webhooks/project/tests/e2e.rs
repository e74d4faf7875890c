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

//! The operator in a kind cluster, as its image: `make test-e2e`.
//!
//! The Makefile makes the cluster and sets the variables; by itself
//! `cargo test` passes this file over.

use std::process::Command;

const IMAGE: &str = "example.com/operator-e2e:test";
const NAMESPACE: &str = "webhooks-system";

/// Runs a command that must succeed, and gives what it printed.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn tool(variable: &str, default: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| default.to_owned())
}

#[test]
#[ignore = "needs a kind cluster: make test-e2e"]
fn the_deployed_manager_runs() {
    let cluster = std::env::var("KIND_CLUSTER").expect("`make test-e2e` sets KIND_CLUSTER");
    let image = format!("IMG={IMAGE}");
    run("make", &["docker-build", &image]);
    let load = ["load", "docker-image", IMAGE, "--name", &cluster];
    run(&tool("KIND", "kind"), &load);
    run("make", &["deploy", &image]);
    let rollout = ["rollout", "status", "deployment", "--timeout=180s"];
    let managers = ["-l", "control-plane=controller-manager", "-n", NAMESPACE];
    run("kubectl", &[rollout.as_slice(), &managers].concat());
    // Beside kustomization.yaml lies a sample for each kind.
    if std::fs::read_dir("config/samples").unwrap().count() > 1 {
        run("kubectl", &["apply", "-k", "config/samples"]);
        run("kubectl", &["delete", "-k", "config/samples"]);
    }
    run("make", &["undeploy", "ignore-not-found=true"]);
}
