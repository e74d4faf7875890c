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
        let managers = self.other_managers(name)?;
        let before = &crd["metadata"]["managedFields"];
        self.own(name, &with_conversion_of(managers, before))
    }

    /// What was there before a run that was killed nobody knows: no conversion, so that
    /// whoever applies the CRD again meets nobody who wanted another.
    fn unconvert(&self, name: &str) -> Result<()> {
        let none = json!({"strategy": "None"});
        self.patch(name, &replace("/spec/conversion", &none))?;
        let others = self.other_managers(name)?;
        self.own(name, &json!(others))
    }

    /// Who has fields of the CRD as it is now, but for this command.
    fn other_managers(&self, name: &str) -> Result<Vec<Value>> {
        let crd = self.crd(name)?.unwrap_or_default();
        let managers = crd["metadata"]["managedFields"].as_array().cloned();
        let mut managers = managers.unwrap_or_default();
        managers.retain(|entry| entry["manager"] != FIELD_MANAGER);
        Ok(managers)
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

/// Gives the conversion back to those who had it before: the rest is as it is now, which
/// others may have changed meanwhile.
fn with_conversion_of(mut managers: Vec<Value>, before: &Value) -> Value {
    let identity = |entry: &Value| {
        ["manager", "operation", "subresource", "apiVersion"].map(|key| entry[key].clone())
    };
    for owner in before.as_array().into_iter().flatten() {
        let conversion = &owner["fieldsV1"]["f:spec"]["f:conversion"];
        if conversion.is_null() {
            continue;
        }
        let mut entries = managers.iter_mut();
        match entries.find(|entry| identity(entry) == identity(owner)) {
            Some(entry) => entry["fieldsV1"]["f:spec"]["f:conversion"] = conversion.clone(),
            None => managers.push(owner.clone()),
        }
    }
    json!(managers)
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

    /// Somebody applied the CRD while the run went on: what it has now stays its own.
    #[test]
    fn the_conversion_alone_goes_back_to_whoever_had_it() {
        let entry = |manager: &str, spec: Value| json!({"manager": manager, "operation": "Apply", "fieldsV1": {"f:spec": spec}});
        let before = json!([
            entry(
                "kubectl",
                json!({"f:conversion": {"f:strategy": {}}, "f:old": {}})
            ),
            entry("gone", json!({"f:conversion": {}})),
            entry("other", json!({"f:names": {}})),
        ]);
        let now = vec![entry("kubectl", json!({"f:new": {}}))];
        let expected = json!([
            entry(
                "kubectl",
                json!({"f:conversion": {"f:strategy": {}}, "f:new": {}})
            ),
            entry("gone", json!({"f:conversion": {}})),
        ]);
        assert_eq!(with_conversion_of(now, &before), expected);
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
