//! Has the API server of the kubeconfig call this machine, and takes that back.
//!
//! The webhook configurations are the run's own, and go. A CRD is shared: its
//! `spec.conversion` is replaced and put back, together with the record of whose field
//! it is, so that the next `make install` meets no conflict.

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};

use crate::cli::kubectl::Kubectl;
use crate::manifests::local_webhooks::LOCAL_LABEL;

/// In whose name CRDs are changed.
const FIELD_MANAGER: &str = "rustop-webhook-local";

const CONFIGURATIONS: &str = "mutatingwebhookconfigurations,validatingwebhookconfigurations";

/// What is registered, and what was there before.
pub(super) struct Registration<'a> {
    kubectl: &'a Kubectl,
    prefix: &'a str,
    /// Names of CRDs, and what they were.
    before: Vec<(&'a str, Value)>,
}

impl<'a> Registration<'a> {
    pub(super) fn new(kubectl: &'a Kubectl, prefix: &'a str) -> Self {
        Self {
            kubectl,
            prefix,
            before: Vec::new(),
        }
    }

    /// Registers `configurations`, and `conversion` in the CRDs.
    ///
    /// # Errors
    /// When a CRD is missing or is served by a deployed manager (then nothing is
    /// changed), or when the API server refuses. What was changed is for
    /// [`take_back`](Self::take_back).
    pub(super) fn register(
        &mut self,
        configurations: &[Value],
        crds: &'a [String],
        conversion: &Value,
    ) -> Result<()> {
        for name in crds {
            let crd = self.crd(name)?;
            let crd = crd.ok_or_else(|| {
                anyhow!("the CRD `{name}` is not in the cluster\nhelp: run `make install`")
            })?;
            refuse_deployed(name, &crd)?;
            self.before.push((name, crd));
        }
        for (name, _) in &self.before {
            self.patch(name, &replace("/spec/conversion", conversion))?;
        }
        self.apply(configurations)
    }

    /// Takes everything back that was registered; all of it is tried.
    ///
    /// # Errors
    /// The first of what went wrong.
    pub(super) fn take_back(&self) -> Result<()> {
        let mut results = vec![self.delete()];
        let restore = |(name, crd): &(&str, Value)| self.restore(name, crd);
        results.extend(self.before.iter().map(restore));
        let result: Result<()> = results.into_iter().collect();
        result.with_context(|| {
            "failed to take the webhooks out of the cluster again\nhelp: run `rustop webhook local --clean`"
        })
    }

    /// The CRDs that a run had left here that was killed: nobody knows what they were.
    pub(super) fn unconverted(&self) -> Vec<&'a str> {
        let local = self.before.iter().filter(|(_, crd)| is_local(crd));
        local.map(|(name, _)| *name).collect()
    }

    /// Takes back what a run has left that was killed. Gives the CRDs whose objects
    /// nobody converts now.
    pub(super) fn clean(&self, crds: &'a [String]) -> Result<Vec<&'a str>> {
        self.delete()?;
        let mut unconverted = Vec::new();
        for name in crds {
            let crd = self.crd(name)?.unwrap_or_default();
            if is_local(&crd) {
                self.unconvert(name)?;
                unconverted.push(name.as_str());
            }
        }
        Ok(unconverted)
    }

    fn crd(&self, name: &str) -> Result<Option<Value>> {
        let get = [
            "get",
            "crd",
            name,
            "--ignore-not-found",
            "--show-managed-fields",
            "--output=json",
        ];
        let text = self.kubectl.run(&get, "")?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("failed to read the CRD `{name}`"))
    }

    fn restore(&self, name: &str, crd: &Value) -> Result<()> {
        if is_local(crd) {
            return self.unconvert(name);
        }
        self.patch(
            name,
            &replace("/spec/conversion", &crd["spec"]["conversion"]),
        )?;
        self.own(name, &crd["metadata"]["managedFields"])
    }

    /// What was there before a run that was killed nobody knows: no conversion, so that
    /// whoever applies the CRD again meets nobody who wanted another.
    fn unconvert(&self, name: &str) -> Result<()> {
        let none = json!({"strategy": "None"});
        self.patch(name, &replace("/spec/conversion", &none))?;
        let crd = self.crd(name)?.unwrap_or_default();
        let managers = crd["metadata"]["managedFields"].as_array();
        let others = managers.into_iter().flatten();
        let others = others.filter(|entry| entry["manager"] != FIELD_MANAGER);
        let others: Vec<&Value> = others.collect();
        self.own(name, &json!(others))
    }

    /// Says whose the fields are. By itself: together with a change of a field it would
    /// be said that this field is ours.
    fn own(&self, name: &str, managers: &Value) -> Result<()> {
        self.patch(name, &replace("/metadata/managedFields", managers))
    }

    fn patch(&self, name: &str, patch: &Value) -> Result<()> {
        let patch = patch.to_string();
        let manager = format!("--field-manager={FIELD_MANAGER}");
        let arguments = [
            "patch",
            "crd",
            name,
            "--type=json",
            &manager,
            "--patch",
            &patch,
        ];
        self.kubectl.run(&arguments, "").map(drop)
    }

    fn apply(&self, configurations: &[Value]) -> Result<()> {
        if configurations.is_empty() {
            return Ok(());
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": configurations});
        let arguments = [
            "apply",
            "--server-side",
            "--force-conflicts",
            "--filename=-",
        ];
        self.kubectl.run(&arguments, &list.to_string()).map(drop)
    }

    fn delete(&self) -> Result<()> {
        let selector = format!("--selector={LOCAL_LABEL}={}", self.prefix);
        let arguments = ["delete", CONFIGURATIONS, "--ignore-not-found", &selector];
        self.kubectl.run(&arguments, "").map(drop)
    }
}

fn replace(path: &str, value: &Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

/// Whether a run on somebody's machine converts its objects, or was killed while it did.
fn is_local(crd: &Value) -> bool {
    !client(crd)["url"].is_null()
}

/// A bundle beside a service is that of a deployed manager: whoever keeps it there
/// would put it into ours, too.
fn refuse_deployed(name: &str, crd: &Value) -> Result<()> {
    let client = client(crd);
    if client["service"].is_null() || client["caBundle"].is_null() {
        return Ok(());
    }
    bail!(
        "the objects of the CRD `{name}` are converted by a deployed manager\nhelp: take it away with `make undeploy`, then run `make install`; or use another cluster"
    )
}

fn client(crd: &Value) -> &Value {
    &crd["spec"]["conversion"]["webhook"]["clientConfig"]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(client: &Value, deployed: bool, local: bool) {
        let crd = json!({"spec": {"conversion": {"webhook": {"clientConfig": client}}}});
        assert_eq!(refuse_deployed("a", &crd).is_err(), deployed, "{client}");
        assert_eq!(is_local(&crd), local, "{client}");
    }

    #[test]
    fn a_deployed_manager_is_told_from_one_on_somebodys_machine() {
        check(&json!(null), false, false);
        check(&json!({"service": {"name": "a"}}), false, false);
        check(
            &json!({"service": {"name": "a"}, "caBundle": "Q0E="}),
            true,
            false,
        );
        check(
            &json!({"url": "https://a", "caBundle": "Q0E="}),
            false,
            true,
        );
    }
}
