//! Lets a user do what a role allows, and returns once the API server acts on it.

use std::path::Path;
use std::time::{Duration, Instant};

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::Client;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};

use super::EnvironmentError;
use super::manifests::{self, Manifest};

/// How long it may take; it takes some 10 ms.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Applies the roles in `file`, binds each to `user`, and waits until their first rule has effect.
pub(super) async fn grant(
    client: &Client,
    user: &str,
    file: &Path,
) -> Result<(), EnvironmentError> {
    let roles = manifests::read_file(file, &["ClusterRole", "Role"])?;
    if roles.is_empty() {
        return Err(EnvironmentError::Read {
            path: file.to_owned(),
            reason: "there is no ClusterRole and no Role".to_owned(),
        });
    }
    for mut role in roles {
        let (plural, binding) = place(&mut role, user);
        role.apply(client, plural).await?;
        let bindings = if plural == "roles" {
            "rolebindings"
        } else {
            "clusterrolebindings"
        };
        binding.apply(client, bindings).await?;
        wait_until_allowed(client, user, &role).await?;
    }
    Ok(())
}

/// What the role's collection is called, and the binding for it. A Role without a namespace gets `default`.
fn place(role: &mut Manifest, user: &str) -> (&'static str, Manifest) {
    let kind = role.kind().to_owned();
    let plural = if kind == "Role" {
        "roles"
    } else {
        "clusterroles"
    };
    let metadata = &mut role.content["metadata"];
    if kind == "Role" && metadata["namespace"].is_null() {
        metadata["namespace"] = json!("default");
    }
    let name = format!("{}-{user}", role.name);
    let mut content = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": format!("{kind}Binding"),
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role.name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    });
    if kind == "Role" {
        content["metadata"]["namespace"] = metadata["namespace"].clone();
    }
    (plural, Manifest { name, content })
}

async fn wait_until_allowed(
    client: &Client,
    user: &str,
    role: &Manifest,
) -> Result<(), EnvironmentError> {
    let Some(attributes) = first_rule(&role.content) else {
        return Ok(());
    };
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: Some(user.to_owned()),
            resource_attributes: Some(attributes),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    };
    let api: Api<SubjectAccessReview> = Api::all(client.clone());
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let status = api.create(&PostParams::default(), &review).await?.status;
        match status {
            Some(status) if status.allowed => return Ok(()),
            status if Instant::now() > deadline => {
                return Err(EnvironmentError::NoEffect {
                    what: format!("`{user}` may not do what the role `{}` allows", role.name),
                    seconds: TIMEOUT.as_secs(),
                    reason: status.and_then(|status| status.reason).unwrap_or_default(),
                });
            }
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// What the role's first rule about resources allows.
fn first_rule(role: &Value) -> Option<ResourceAttributes> {
    let first = |of: &Value, field: &str| of[field][0].as_str().map(str::to_owned);
    let rules = role["rules"].as_array()?;
    let granted = rules.iter().find(|each| each["resources"][0].is_string())?;
    let resource = first(granted, "resources")?;
    let (resource, subresource) = match resource.split_once('/') {
        Some((resource, subresource)) => (resource.to_owned(), Some(subresource.to_owned())),
        None => (resource, None),
    };
    Some(ResourceAttributes {
        group: first(granted, "apiGroups"),
        resource: Some(resource),
        subresource,
        verb: first(granted, "verbs"),
        name: first(granted, "resourceNames"),
        namespace: role["metadata"]["namespace"].as_str().map(str::to_owned),
        ..ResourceAttributes::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_about_resources_is_asked_for() {
        let role = json!({"metadata": {"namespace": "ns"}, "rules": [
            {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
            {"apiGroups": ["apps"], "resources": ["deployments/status"], "resourceNames": ["a"], "verbs": ["patch"]}]});
        let attributes = first_rule(&role).unwrap();
        let asked = [
            attributes.group,
            attributes.resource,
            attributes.subresource,
            attributes.name,
            attributes.verb,
            attributes.namespace,
        ];
        let expected = ["apps", "deployments", "status", "a", "patch", "ns"];
        assert_eq!(asked, expected.map(|text| Some(text.to_owned())));
        assert!(first_rule(&json!({"rules": []})).is_none());
    }

    #[test]
    fn a_role_is_bound_in_its_namespace_and_a_cluster_role_everywhere() {
        let check = |kind: &str, namespace: Value, expected: Value| {
            let content = json!({"kind": kind, "metadata": {"name": "r", "namespace": namespace}});
            let mut role = Manifest {
                name: "r".to_owned(),
                content,
            };
            let (_, binding) = place(&mut role, "jane");
            assert_eq!(binding.content["kind"], format!("{kind}Binding"));
            assert_eq!(binding.content["metadata"]["namespace"], expected);
            assert_eq!(binding.content["roleRef"]["kind"], kind);
        };
        check("Role", json!("ns"), json!("ns"));
        check("Role", Value::Null, json!("default"));
        check("ClusterRole", Value::Null, Value::Null);
    }
}
